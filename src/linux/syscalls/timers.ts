import { EAGAIN, EINVAL, SyscallError } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../process.ts';
import { SIGALRM, SIGPROF, SIGVTALRM, SI_KERNEL, SI_TIMER } from '../signal.ts';
import { syscall } from '../syscall-table.ts';
import type { Syscall, SyscallContext } from '../syscall-table.ts';
import { readTimespec, readTimeval, writeTimespec, writeTimeval } from '../time-structs.ts';
import type { Timer } from '../timers.ts';
import { clockOf, isRealtime, monotonicOf } from './time.ts';

const ITIMER_REAL = 0;
const ITIMER_SIGNALS = [SIGALRM, SIGVTALRM, SIGPROF];
const SIGEV_SIGNAL = 0;
const SIGEV_NONE = 1;
const SIGEV_THREAD_ID = 4;
const TIMER_ABSTIME = 1;
/** Timers of one process. */
const TIMER_LIMIT = 1024;

/** Interval timers and POSIX timers. */
export const TIMER_SYSCALLS: readonly Syscall[] = [
  syscall(27, 'alarm', 'int', ({ kernel, process }, seconds) => {
    const timer = intervalTimer(kernel, process, ITIMER_REAL);
    const left = remaining(kernel, timer);
    set(kernel, timer, (seconds >>> 0) * 1e9, 0);
    return Math.ceil(left / 1e9);
  }),
  syscall(104, 'setitimer', 'int address address', (context, which, value, old) => {
    const { kernel, memory, process } = context;
    const timer = intervalTimer(kernel, process, which);
    const interval = value === 0 ? 0 : readTimeval(memory, value);
    const first = value === 0 ? 0 : readTimeval(memory, value + 16);
    if (old !== 0) writeInterval(context, timer, old);
    set(kernel, timer, first, interval);
    return 0;
  }),
  syscall(105, 'getitimer', 'int address', (context, which, value) => {
    writeInterval(context, intervalTimer(context.kernel, context.process, which), value);
    return 0;
  }),
  syscall(254, 'timer_create', 'int address address', timerCreate),
  syscall(255, 'timer_settime', 'int int address address', timerSettime),
  syscall(256, 'timer_gettime', 'int address', (context, id, value) => {
    writeTimer(context, posixTimer(context.process, id), value);
    return 0;
  }),
  syscall(257, 'timer_getoverrun', 'int', ({ process }, id) => posixTimer(process, id).overrun),
  syscall(258, 'timer_delete', 'int', ({ kernel, process }, id) => {
    kernel.timers.stop(posixTimer(process, id));
    timersOf(process).delete(id);
    return 0;
  }),
];

interface PosixTimer extends Timer {
  readonly clockId: number;
  overrun: number;
}

/** Timers by process: what execve and exit end. */
interface ProcessTimers {
  readonly interval: (Timer | undefined)[];
  readonly posix: Map<number, PosixTimer>;
}

const byProcess = new WeakMap<Process, ProcessTimers>();

function allTimers(process: Process): ProcessTimers {
  let timers = byProcess.get(process);
  if (!timers) byProcess.set(process, (timers = { interval: [], posix: new Map() }));
  return timers;
}

function timersOf(process: Process): Map<number, PosixTimer> {
  return allTimers(process).posix;
}

/** execve deletes POSIX timers; interval timers go on. */
export function deletePosixTimers(kernel: Kernel, process: Process): void {
  const timers = timersOf(process);
  for (const timer of timers.values()) kernel.timers.stop(timer);
  timers.clear();
}

function intervalTimer(kernel: Kernel, process: Process, which: number): Timer {
  const signal = ITIMER_SIGNALS[which];
  if (signal === undefined) throw new SyscallError(EINVAL);
  const { interval } = allTimers(process);
  return (interval[which] ??= {
    clock: which === ITIMER_REAL ? () => kernel.now() : () => kernel.cpuTime(process),
    wakes: which === ITIMER_REAL,
    deadline: 0,
    interval: 0,
    expire: () => kernel.signalProcess(process, { signal, code: SI_KERNEL }),
  });
}

/** Starts a timer `first` nanoseconds from now; 0 stops it. */
function set(kernel: Kernel, timer: Timer, first: number, interval: number): void {
  kernel.timers.stop(timer);
  timer.interval = interval;
  if (first === 0) return;
  timer.deadline = timer.clock() + first;
  kernel.timers.start(timer);
}

function remaining(kernel: Kernel, timer: Timer): number {
  return kernel.timers.has(timer) ? Math.max(timer.deadline - timer.clock(), 1000) : 0;
}

function writeInterval({ kernel, memory }: SyscallContext, timer: Timer, at: number): void {
  writeTimeval(memory, at, kernel.timers.has(timer) ? timer.interval : 0);
  writeTimeval(memory, at + 16, remaining(kernel, timer));
}

function writeTimer({ kernel, memory }: SyscallContext, timer: Timer, at: number): void {
  writeTimespec(memory, at, kernel.timers.has(timer) ? timer.interval : 0);
  writeTimespec(memory, at + 16, remaining(kernel, timer));
}

function posixTimer(process: Process, id: number): PosixTimer {
  const timer = timersOf(process).get(id);
  if (!timer) throw new SyscallError(EINVAL);
  return timer;
}

function timerCreate(
  context: SyscallContext,
  clockId: number,
  event: number,
  idAt: number,
): number {
  const { kernel, memory, process } = context;
  const timers = timersOf(process);
  if (timers.size >= TIMER_LIMIT) return -EAGAIN;
  let id = 0;
  while (timers.has(id)) id++;
  // struct sigevent: value, signal, how to notify, thread.
  const value = event === 0 ? BigInt(id) : memory.u64(event);
  const signal = event === 0 ? SIGALRM : memory.i32(event + 8);
  const notify = event === 0 ? SIGEV_SIGNAL : memory.i32(event + 12);
  const tid = notify === SIGEV_THREAD_ID ? memory.i32(event + 16) : 0;
  if (notify !== SIGEV_NONE && (signal < 1 || signal > 64)) return -EINVAL;
  if (notify === SIGEV_THREAD_ID && !process.threads.has(tid)) return -EINVAL;
  const clock = isRealtime(clockId) ? () => kernel.now() : clockOf(context, clockId);
  const timer: PosixTimer = {
    clockId,
    clock,
    wakes: isRealtime(clockId) || clockId === 1 || clockId === 7,
    deadline: 0,
    interval: 0,
    overrun: 0,
    expire(missed) {
      timer.overrun = missed;
      if (notify === SIGEV_NONE) return;
      const info = { signal, code: SI_TIMER, timerId: id, overrun: missed, value };
      const target = process.threads.get(tid);
      if (target) kernel.signalThread(target, info);
      else kernel.signalProcess(process, info);
    },
  };
  timers.set(id, timer);
  memory.set32(idAt, id);
  return 0;
}

function timerSettime(
  context: SyscallContext,
  id: number,
  flags: number,
  value: number,
  old: number,
): number {
  const { kernel, memory, process } = context;
  const timer = posixTimer(process, id);
  const interval = readTimespec(memory, value);
  const first = readTimespec(memory, value + 16);
  if (old !== 0) writeTimer(context, timer, old);
  set(kernel, timer, first, interval);
  if (first !== 0 && flags & TIMER_ABSTIME) {
    timer.deadline = isRealtime(timer.clockId) ? monotonicOf(kernel, first) : first;
  }
  return 0;
}

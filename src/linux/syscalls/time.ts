import type { SyscallResult } from '../block.ts';
import { EINTR, EINVAL, EPERM, SyscallError } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../process.ts';
import { syscall } from '../syscall-table.ts';
import type { Syscall, SyscallContext } from '../syscall-table.ts';
import { readTimespec, writeExactTimespec, writeRusage, writeTimespec } from '../time-structs.ts';

const CLOCK_REALTIME = 0;
const CLOCK_PROCESS_CPUTIME_ID = 2;
const CLOCK_THREAD_CPUTIME_ID = 3;
const REALTIME_CLOCKS = [CLOCK_REALTIME, 5, 8, 11];
const MONOTONIC_CLOCKS = [1, 4, 6, 7, 9];
const TIMER_ABSTIME = 1;
const RUSAGE_SELF = 0;
const RUSAGE_CHILDREN = -1;
const RUSAGE_THREAD = 1;

/** Clocks, sleeping and CPU time. */
export const TIME_SYSCALLS: readonly Syscall[] = [
  syscall(43, 'times', 'address', times),
  syscall(77, 'getrusage', 'int address', getrusage),
  syscall(78, 'gettimeofday', 'address address', ({ kernel, memory }, time, zone) => {
    if (time !== 0) {
      const now = kernel.host.realtime();
      memory.set64(time, now / 1_000_000_000n);
      memory.set64(time + 8, (now % 1_000_000_000n) / 1000n);
    }
    if (zone !== 0) memory.set64(zone, 0);
    return 0;
  }),
  syscall(79, 'settimeofday', 'address address', () => -EPERM),
  syscall(124, 'adjtimex', 'address', () => -EPERM),
  syscall(162, 'nanosleep', 'address address', ({ kernel, memory }, request, remaining) =>
    sleepUntil(kernel, kernel.now() + readTimespec(memory, request), (left) => {
      if (remaining !== 0) writeTimespec(memory, remaining, left);
    }),
  ),
  syscall(259, 'clock_settime', 'int address', () => -EPERM),
  syscall(260, 'clock_gettime', 'int address', (context, clock, time) => {
    const { kernel, memory } = context;
    if (REALTIME_CLOCKS.includes(clock)) {
      writeExactTimespec(memory, time, kernel.host.realtime());
    } else {
      writeTimespec(memory, time, clockOf(context, clock)());
    }
    return 0;
  }),
  syscall(261, 'clock_getres', 'int address', (context, clock, resolution) => {
    if (!REALTIME_CLOCKS.includes(clock)) clockOf(context, clock);
    if (resolution !== 0) writeTimespec(context.memory, resolution, 1);
    return 0;
  }),
  syscall(262, 'clock_nanosleep', 'int int address address', clockNanosleep),
];

/**
 * A clock by its number, in nanoseconds; not for the real-time clocks, which no number holds.
 * @throws SyscallError EINVAL
 */
export function clockOf(context: SyscallContext, id: number): () => number {
  const { kernel, process, thread } = context;
  if (MONOTONIC_CLOCKS.includes(id)) return () => kernel.now();
  if (id === CLOCK_PROCESS_CPUTIME_ID) return () => kernel.cpuTime(process);
  if (id === CLOCK_THREAD_CPUTIME_ID) return () => kernel.cpuTimeOf(thread);
  if (id < 0) return cpuClock(context, id);
  throw new SyscallError(EINVAL);
}

/** Whether times of the clock are absolute on the calendar. */
export function isRealtime(id: number): boolean {
  return REALTIME_CLOCKS.includes(id);
}

/** Monotonic time at which the real-time clock shows `nanoseconds`. */
export function monotonicOf(kernel: Kernel, nanoseconds: number): number {
  return kernel.now() + Number(BigInt(nanoseconds) - kernel.host.realtime());
}

/** Clocks of pthread_getcpuclockid and clock_getcpuclockid: the complement of the id, and a kind. */
function cpuClock({ kernel, process, thread }: SyscallContext, id: number): () => number {
  const pid = ~(id >> 3);
  const perThread = (id & 4) !== 0;
  if (perThread) {
    const target = pid === 0 ? thread : process.threads.get(pid);
    if (!target) throw new SyscallError(EINVAL);
    return () => kernel.cpuTimeOf(target);
  }
  const target = pid === 0 ? process : kernel.processes.get(pid);
  if (!target) throw new SyscallError(EINVAL);
  return () => kernel.cpuTime(target);
}

function sleepUntil(
  kernel: Kernel,
  deadline: number,
  interrupted: (left: number) => void,
): SyscallResult {
  const poll = (): number | undefined => (kernel.now() >= deadline ? 0 : undefined);
  return (
    poll() ?? {
      poll,
      deadline,
      interrupted: () => {
        interrupted(Math.max(deadline - kernel.now(), 0));
        return -EINTR;
      },
    }
  );
}

function clockNanosleep(
  context: SyscallContext,
  clock: number,
  flags: number,
  request: number,
  remaining: number,
): SyscallResult {
  const { kernel, memory } = context;
  const time = readTimespec(memory, request);
  const absolute = (flags & TIMER_ABSTIME) !== 0;
  if (isRealtime(clock)) {
    const deadline = absolute ? monotonicOf(kernel, time) : kernel.now() + time;
    return sleepUntil(kernel, deadline, report);
  }
  const now = clockOf(context, clock);
  if (!MONOTONIC_CLOCKS.includes(clock)) {
    if (clock === CLOCK_THREAD_CPUTIME_ID) return -EINVAL;
    // A CPU clock goes on only while other threads run, so it is looked at after each turn.
    const end = absolute ? time : now() + time;
    return { poll: () => (now() >= end ? 0 : undefined), interrupted: () => -EINTR };
  }
  return sleepUntil(kernel, absolute ? time : now() + time, report);

  function report(left: number): void {
    if (!absolute && remaining !== 0) writeTimespec(memory, remaining, left);
  }
}

/** Clock ticks of 10 ms. */
function ticks(nanoseconds: number): number {
  return Math.floor(nanoseconds / 1e7);
}

function times({ kernel, memory, process }: SyscallContext, buffer: number): number {
  if (buffer !== 0) {
    memory.writable(buffer, 32).fill(0);
    memory.set64(buffer, ticks(kernel.cpuTime(process)));
    memory.set64(buffer + 16, ticks(process.childrenTime));
  }
  return ticks(kernel.now());
}

function getrusage(
  { kernel, memory, process, thread }: SyscallContext,
  who: number,
  usage: number,
): number {
  const time = cpuTimeFor(who);
  if (time === undefined) return -EINVAL;
  writeRusage(memory, usage, time, peakStorage(process));
  return 0;

  function cpuTimeFor(which: number): number | undefined {
    if (which === RUSAGE_SELF) return kernel.cpuTime(process);
    if (which === RUSAGE_CHILDREN) return process.childrenTime;
    return which === RUSAGE_THREAD ? kernel.cpuTimeOf(thread) : undefined;
  }
}

/** Accessible storage in KiB, for want of a count of touched pages. */
export function peakStorage(process: Process): number {
  let bytes = 0;
  if (process.alive) {
    for (const { start, end, prot } of process.mm.areas()) if (prot !== 0) bytes += end - start;
  }
  return bytes / 1024;
}

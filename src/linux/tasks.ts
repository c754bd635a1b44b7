import { CpuState } from '../cpu/state.ts';
import type { Kernel } from './kernel.ts';
import { Process } from './process.ts';
import type { ProcessParts } from './process.ts';
import {
  SA_NOCLDSTOP,
  SA_NOCLDWAIT,
  SIGCHLD,
  SIGCONT,
  SIGHUP,
  SIG_IGN,
  SI_KERNEL,
} from './signal.ts';
import { Thread } from './thread.ts';

/** si_code of SIGCHLD. */
export const CLD_EXITED = 1;
export const CLD_KILLED = 2;
export const CLD_DUMPED = 3;
export const CLD_STOPPED = 5;
export const CLD_CONTINUED = 6;

/** Bit of a wait status: a core dump was (would have been) written. */
export const CORE_DUMPED = 0x80;

const FUTEX_WAITERS = 0x8000_0000;
const FUTEX_OWNER_DIED = 0x4000_0000;
const FUTEX_TID_MASK = 0x3fff_ffff;
/** Longest robust list followed, as in Linux: it may be circular. */
const ROBUST_LIST_LIMIT = 2048;

/** Registers a process with one thread, which starts in the state that it is then given. */
export function createProcess(kernel: Kernel, parts: ProcessParts): Process {
  const process = new Process(parts);
  process.startTime = kernel.now();
  kernel.processes.set(process.pid, process);
  return process;
}

/** Adds a thread to the round. */
export function createThread(kernel: Kernel, process: Process, tid: number): Thread {
  const thread = new Thread(tid, process.pid, new CpuState());
  thread.name = process.name;
  process.threads.set(tid, thread);
  kernel.threads.push(thread);
  return thread;
}

/** Ends one thread; with the last one its process. `status` as wait4 shows it. */
export function endThread(kernel: Kernel, process: Process, thread: Thread, status: number): void {
  if (process.threads.size === 1) kernel.processEnds?.(process, thread, status);
  removeThread(kernel, process, thread);
  if (process.threads.size === 0) endProcess(kernel, process, status);
}

/** Ends a process with all its threads, because of what `thread` did or was sent. */
export function endGroup(kernel: Kernel, process: Process, thread: Thread, status: number): void {
  if (!process.alive) return;
  kernel.processEnds?.(process, thread, status);
  for (const thread of [...process.threads.values()]) removeThread(kernel, process, thread);
  endProcess(kernel, process, status);
}

/** Ends every thread but one, as execve does. */
export function endOtherThreads(kernel: Kernel, process: Process, survivor: Thread): void {
  for (const thread of [...process.threads.values()]) {
    if (thread !== survivor) removeThread(kernel, process, thread);
  }
}

/** Stops a process until SIGCONT. */
export function stopProcess(kernel: Kernel, process: Process, signal: number): void {
  process.state = { kind: 'stopped', signal, reported: false };
  process.continuedUnreported = false;
  notifyParent(kernel, process, CLD_STOPPED, signal);
}

/** Tells the parent what happened to a child. */
export function notifyParent(kernel: Kernel, process: Process, code: number, status: number): void {
  const { parent } = process;
  if (!parent || process.exitSignal === 0) return;
  const stopping = code === CLD_STOPPED || code === CLD_CONTINUED;
  if (stopping && parent.actions.get(SIGCHLD).flags & SA_NOCLDSTOP) return;
  kernel.signalProcess(parent, {
    signal: stopping ? SIGCHLD : process.exitSignal,
    code,
    pid: process.pid,
    uid: process.credentials.uid,
    status,
  });
}

/** Forgets a zombie. */
export function reap(kernel: Kernel, process: Process): void {
  const { parent } = process;
  if (parent) {
    parent.childrenTime += process.endedThreadsTime + process.childrenTime;
    parent.children.delete(process);
  }
  kernel.processes.delete(process.pid);
}

function removeThread(kernel: Kernel, process: Process, thread: Thread): void {
  thread.ended = true;
  thread.block = undefined;
  process.threads.delete(thread.tid);
  process.endedThreadsTime += kernel.cpuTimeOf(thread);
  const at = kernel.threads.indexOf(thread);
  if (at >= 0) kernel.threads.splice(at, 1);
  const { mm } = process;
  if (mm.loaded === thread) mm.loaded = undefined;
  releaseRobustList(kernel, process, thread);
  if (thread.clearChildTid !== 0 && mm.references + process.threads.size > 1) {
    const address = thread.clearChildTid;
    attempt(() => mm.memory.set32(address, 0));
    kernel.futexes.wake(mm.futexKey(address), 1);
  }
}

/** Marks the mutexes that an ending thread holds as orphaned (set_robust_list(2)). */
function releaseRobustList(kernel: Kernel, process: Process, thread: Thread): void {
  const head = thread.robustList;
  if (head === 0) return;
  const { mm } = process;
  const { memory } = mm;
  attempt(() => {
    const offset = memory.i64(head + 8);
    const pending = memory.pointer(head + 16);
    const release = (entry: number): void => {
      // Bit 0 marks priority-inheriting mutexes.
      const word = entry - (entry % 2) + offset;
      const value = memory.u32(word);
      if ((value & FUTEX_TID_MASK) !== thread.tid) return;
      memory.set32(word, (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED);
      if (value & FUTEX_WAITERS) kernel.futexes.wake(mm.futexKey(word), 1);
    };
    let entry = memory.pointer(head);
    for (let i = 0; i < ROBUST_LIST_LIMIT && entry !== head && entry !== 0; i++) {
      const next = memory.pointer(entry - (entry % 2));
      if (entry !== pending) release(entry);
      entry = next;
    }
    if (pending !== 0) release(pending);
  });
}

/** Runs `action`; storage that a dying thread names need not exist. */
function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // Nobody is left to be told.
  }
}

function endProcess(kernel: Kernel, process: Process, status: number): void {
  process.state = { kind: 'zombie', status };
  process.mm.release();
  process.files.release();
  for (const child of process.children) {
    // Orphans are init's; it waits for everything, so a zombie is forgotten at once.
    child.parent = undefined;
    if (child.parentDeathSignal) {
      kernel.signalProcess(child, { signal: child.parentDeathSignal, code: SI_KERNEL });
    }
    if (!child.alive) kernel.processes.delete(child.pid);
  }
  process.children.clear();
  hangUp(kernel, process);
  const signal = status & 0x7f;
  const code = signal === 0 ? CLD_EXITED : status & CORE_DUMPED ? CLD_DUMPED : CLD_KILLED;
  const { parent } = process;
  notifyParent(kernel, process, code, signal === 0 ? status >> 8 : signal);
  const action = parent?.actions.get(SIGCHLD);
  if (!parent) {
    if (kernel.processes.get(process.pid) === process) kernel.processes.delete(process.pid);
  } else if (action!.handler === SIG_IGN || action!.flags & SA_NOCLDWAIT) {
    reap(kernel, process);
  }
}

/** The end of a session's leader hangs up its terminal. */
function hangUp(kernel: Kernel, process: Process): void {
  const { session } = process;
  if (session.id !== process.pid || !session.terminal) return;
  const { foreground } = session.terminal;
  session.terminal = undefined;
  kernel.signalGroup(foreground, { signal: SIGHUP, code: SI_KERNEL });
  kernel.signalGroup(foreground, { signal: SIGCONT, code: SI_KERNEL });
}

import type { FileSystem } from './file.ts';
import type { Host } from './host.ts';
import type { Process, Session } from './process.ts';
import { SIGCONT, SIGKILL, UNBLOCKABLE, defaultAction, signalBit } from './signal.ts';
import type { SignalInfo, SignalSet } from './signal.ts';
import type { Thread } from './thread.ts';

export interface KernelOptions {
  readonly host: Host;
  readonly fileSystem: FileSystem;
}

const STOP_SIGNALS: SignalSet = [19, 20, 21, 22].reduce((set, n) => set | signalBit(n), 0n);

/**
 * What all guest processes share: who exists, time, signals between them. Running them is the
 * scheduler's job, and system calls are groups of rows (syscalls/, fs/), both above this file.
 */
export class Kernel {
  readonly host: Host;
  readonly fileSystem: FileSystem;
  readonly processes = new Map<number, Process>();
  /** Every thread that can run or waits, in the order of the round. */
  readonly threads: Thread[] = [];
  readonly sessions = new Map<number, Session>();
  #lastPid: number;

  constructor(options: KernelOptions, firstPid = 1000) {
    this.host = options.host;
    this.fileSystem = options.fileSystem;
    this.#lastPid = firstPid - 1;
  }

  /** Monotonic nanoseconds. */
  now(): number {
    return this.host.monotonic();
  }

  /** A pid or tid not in use. */
  allocatePid(): number {
    return ++this.#lastPid;
  }

  processOf(thread: Thread): Process {
    return this.processes.get(thread.pid)!;
  }

  thread(tid: number): Thread | undefined {
    return this.threads.find((thread) => thread.tid === tid);
  }

  /** Sends a signal to a process: any thread that does not block it takes it. */
  signalProcess(process: Process, info: SignalInfo): void {
    if (!this.#accept(process, info)) return;
    process.pending.add(info);
  }

  /** Sends a signal to one thread. */
  signalThread(thread: Thread, info: SignalInfo): void {
    const process = this.processes.get(thread.pid);
    if (!process || thread.ended || !this.#accept(process, info, thread)) return;
    thread.pending.add(info);
  }

  /** Sends a signal to every process of a group; whether there was one. */
  signalGroup(pgid: number, info: SignalInfo): boolean {
    let found = false;
    for (const process of this.processes.values()) {
      if (process.pgid !== pgid || !process.alive) continue;
      found = true;
      this.signalProcess(process, info);
    }
    return found;
  }

  /** Signals that thread would take now, of its own and its process's. */
  deliverable(thread: Thread): SignalSet {
    const process = this.processOf(thread);
    return (thread.pending.set | process.pending.set) & ~(thread.blocked & ~UNBLOCKABLE);
  }

  /** Side effects of sending; false when the signal is ignored and so not even queued. */
  #accept(process: Process, info: SignalInfo, only?: Thread): boolean {
    if (!process.alive) return false;
    const { signal } = info;
    if (signal === SIGCONT || signal === SIGKILL) {
      process.pending.discard(STOP_SIGNALS);
      for (const thread of process.threads.values()) thread.pending.discard(STOP_SIGNALS);
      if (process.state.kind === 'stopped') process.state = { kind: 'continued' };
    } else if (defaultAction(signal) === 'stop') {
      process.pending.discard(signalBit(SIGCONT));
      for (const thread of process.threads.values()) thread.pending.discard(signalBit(SIGCONT));
    }
    // An ignored signal is dropped, unless blocked: it may be wanted by sigwait or unblocked later.
    const takers = only ? [only] : [...process.threads.values()];
    const blocked = takers.every((thread) => thread.blocked & signalBit(signal));
    return blocked || !process.actions.ignores(signal);
  }
}

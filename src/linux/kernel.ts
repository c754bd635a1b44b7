import type { CpuState } from '../cpu/state.ts';
import type { FileSystem } from './file.ts';
import { FutexQueue } from './futex-queue.ts';
import type { EngineFactory } from './guest-engine.ts';
import type { Host } from './host.ts';
import { MemoryMap } from './memory-map.ts';
import type { Process, Session } from './process.ts';
import {
  SIGCONT,
  SIGKILL,
  SIGSTOP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
  UNBLOCKABLE,
  defaultAction,
  signalBit,
} from './signal.ts';
import type { SignalInfo, SignalSet } from './signal.ts';
import { AddressSpacePool } from './space-pool.ts';
import type { Thread } from './thread.ts';
import { Timers } from './timers.ts';

/** What the guest is told about its machine. */
export interface Machine {
  readonly hwcap: number;
  /** AT_PLATFORM. */
  readonly platform: string;
  /** uname(2). */
  readonly hostName: string;
  /** Storage in bytes, as sysinfo shows it. */
  readonly storage: number;
}

export interface KernelOptions {
  readonly host: Host;
  readonly fileSystem: FileSystem;
  readonly makeEngine: EngineFactory;
  readonly machine: Machine;
  /** Fills `into` with random bytes; the default is the host's source. */
  readonly random?: (into: Uint8Array) => void;
  /** Called when a process is about to end, while its registers and storage are still there. */
  readonly processEnds?: (process: Process, thread: Thread, status: number) => void;
}

/** First process id given; small ones look like system daemons. */
const FIRST_PID = 1000;

/** For all kernels there are: a library user may run one program after another. */
const SPACES = new AddressSpacePool();

const STOP_SIGNALS: SignalSet = [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU].reduce(
  (set, signal) => set | signalBit(signal),
  0n,
);

/**
 * What all guest processes share: who exists, time, signals between them. Running them is the
 * scheduler's job, and system calls are groups of rows (syscalls/, fs/), both above this file.
 */
export class Kernel {
  readonly host: Host;
  readonly fileSystem: FileSystem;
  readonly machine: Machine;
  readonly processes = new Map<number, Process>();
  /** Every thread that can run or waits, in the order of the round. */
  readonly threads: Thread[] = [];
  readonly sessions = new Map<number, Session>();
  readonly timers = new Timers();
  readonly futexes = new FutexQueue();
  readonly random: (into: Uint8Array) => void;
  readonly processEnds: KernelOptions['processEnds'];
  /** When the system started, on the monotonic clock. */
  readonly bootTime: number;
  /** The thread whose turn it is, and since when. */
  turn: { readonly thread: Thread; readonly since: number } | undefined;
  readonly #makeEngine: EngineFactory;
  #lastPid = FIRST_PID - 1;

  constructor(options: KernelOptions) {
    this.host = options.host;
    this.fileSystem = options.fileSystem;
    this.machine = options.machine;
    this.#makeEngine = options.makeEngine;
    this.random = options.random ?? ((into) => options.host.random(into));
    this.processEnds = options.processEnds;
    this.bootTime = this.host.monotonic();
  }

  /** Monotonic nanoseconds. */
  now(): number {
    return this.host.monotonic();
  }

  /** CPU time of a thread in nanoseconds, up to now. */
  cpuTimeOf(thread: Thread): number {
    const current = this.turn?.thread === thread ? this.now() - this.turn.since : 0;
    return thread.cpuTime + current;
  }

  /** CPU time of a process in nanoseconds, up to now. */
  cpuTime(process: Process): number {
    let time = process.endedThreadsTime;
    for (const thread of process.threads.values()) time += this.cpuTimeOf(thread);
    return time;
  }

  /** A pid or tid not in use. */
  allocatePid(): number {
    return ++this.#lastPid;
  }

  /** Empty memory with an engine of its own. */
  createMemory(): MemoryMap {
    const space = SPACES.take();
    return new MemoryMap(space, this.#makeEngine(space), SPACES);
  }

  processOf(thread: Thread): Process {
    return this.processes.get(thread.pid)!;
  }

  thread(tid: number): Thread | undefined {
    return this.threads.find((thread) => thread.tid === tid);
  }

  /** Where the registers of a thread are now. */
  registers(thread: Thread): CpuState {
    const mm = this.processes.get(thread.pid)?.mm;
    return mm && mm.loaded === thread ? mm.engine.state : thread.state;
  }

  /** Sends a signal to a process: any thread that does not block it takes it. */
  signalProcess(process: Process, info: SignalInfo): void {
    if (this.#accept(process, info)) process.pending.add(info);
  }

  /** Sends a signal to one thread. */
  signalThread(thread: Thread, info: SignalInfo): void {
    const process = this.processes.get(thread.pid);
    if (!process || thread.ended) return;
    if (this.#accept(process, info, thread)) thread.pending.add(info);
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

  /** Signals that `thread` would take now, of its own and its process's. */
  deliverable(thread: Thread): SignalSet {
    const pending = thread.pending.set | this.processOf(thread).pending.set;
    return pending === 0n ? 0n : pending & ~(thread.blocked & ~UNBLOCKABLE);
  }

  /** Side effects of sending; false when the signal is ignored and so not even queued. */
  #accept(process: Process, info: SignalInfo, only?: Thread): boolean {
    if (!process.alive) return false;
    const { signal } = info;
    if (signal === SIGCONT || signal === SIGKILL) {
      process.pending.discard(STOP_SIGNALS);
      for (const thread of process.threads.values()) thread.pending.discard(STOP_SIGNALS);
      if (process.stopped) {
        process.state = { kind: 'continued' };
        process.continuedUnreported = true;
      }
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

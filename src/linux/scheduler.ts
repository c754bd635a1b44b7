import { EINTR, ERESTARTNOHAND, ERESTARTSYS } from './errno.ts';
import { REGISTERS_SET } from './block.ts';
import { deliverSignals, finishCall, forceSignal, reportContinued } from './delivery.ts';
import { callAddress, dispatch, failure } from './dispatch.ts';
import type { CallTracer } from './dispatch.ts';
import { faultSignal } from './faults.ts';
import type { Kernel } from './kernel.ts';
import type { MemoryMap } from './memory-map.ts';
import type { Process } from './process.ts';
import { SIGCONT, SIGTERM, SI_KERNEL } from './signal.ts';
import type { SyscallTable } from './syscall-table.ts';
import type { Thread } from './thread.ts';

/** How long a thread may run before the next one's turn, in the engine's units of work. */
const SLICE = 50_000;
/** What a system call costs of a slice, so that a thread that only makes calls loses its turn too. */
const CALL_COST = 50;
/** How long the host's event loop may be kept waiting, in nanoseconds. */
const HOST_TURN = 25e6;
/** Longest sleep in milliseconds; timers of the host take no more. */
const LONGEST_WAIT = 0x7fff_ffff;

/**
 * Runs the threads of all processes in turn, on one host thread. A turn ends when the thread sleeps
 * or has used its slice, which is counted in guest work and not in time: the same program makes the
 * same switches in every run.
 */
export class Scheduler {
  readonly #kernel: Kernel;
  readonly #table: SyscallTable;
  readonly #tracer: CallTracer | undefined;
  #current: MemoryMap | undefined;
  /** Something happened in this round that may let others go on. */
  #progress = false;
  #hostTurn = 0;

  constructor(kernel: Kernel, table: SyscallTable, tracer?: CallTracer) {
    this.#kernel = kernel;
    this.#table = table;
    this.#tracer = tracer;
  }

  /** Runs until `initial` has ended; returns its wait status. Other processes end with it. */
  async run(initial: Process): Promise<number> {
    const kernel = this.#kernel;
    this.#hostTurn = kernel.now();
    while (initial.state.kind !== 'zombie') {
      if ((await this.#round(initial)) || !initial.alive) continue;
      await this.#idle(initial);
    }
    return initial.state.status;
  }

  /** One turn for every thread that can run; whether anything happened. */
  async #round(initial: Process): Promise<boolean> {
    const kernel = this.#kernel;
    this.#progress = false;
    for (const thread of [...kernel.threads]) {
      if (thread.ended) continue;
      const process = kernel.processOf(thread);
      reportContinued(kernel, process);
      if (this.#ready(process, thread)) {
        this.#progress = true;
        const since = kernel.now();
        kernel.turn = { thread, since };
        this.#turn(process, thread);
        kernel.turn = undefined;
        const now = kernel.now();
        thread.cpuTime += now - since;
        if (now - this.#hostTurn > HOST_TURN) await this.#yield(initial, 0);
      }
      if (!initial.alive) break;
    }
    kernel.timers.expire();
    return this.#progress;
  }

  /** Whether the thread can go on in user mode; polls what it waits for, and takes its signals. */
  #ready(process: Process, thread: Thread): boolean {
    const kernel = this.#kernel;
    // Only SIGKILL and SIGCONT reach a stopped process; both set it going when they are sent.
    if (process.stopped) return false;
    if (thread.block) {
      let result: number | undefined;
      try {
        result = thread.block.poll();
      } catch (error) {
        result = failure(error);
      }
      if (result !== undefined) {
        thread.block = undefined;
        this.#finish(process, thread, result);
      }
    }
    if (kernel.deliverable(thread) !== 0n || thread.restart !== undefined) {
      deliverSignals(kernel, process, thread);
      this.#progress = true;
    }
    return !thread.ended && !thread.block && !process.stopped;
  }

  /** Runs a thread until it sleeps, ends, or has used its slice. */
  #turn(process: Process, thread: Thread): void {
    let left = SLICE;
    while (left > 0) {
      const { mm } = process;
      this.#load(mm, thread);
      const { engine } = mm;
      const exit = engine.run(left);
      switch (exit.kind) {
        case 'budget':
          return;
        case 'supervisorCall':
          left -= CALL_COST;
          this.#call(process, thread, exit.number);
          break;
        case 'interruption': {
          left -= CALL_COST;
          const info = faultSignal(exit.interruption, engine.state, mm);
          if (info) forceSignal(this.#kernel, process, thread, info);
        }
      }
      if (thread.ended) return;
      if (this.#kernel.deliverable(thread) !== 0n || thread.restart !== undefined) {
        deliverSignals(this.#kernel, process, thread);
      }
      if (thread.ended || thread.block || process.stopped) return;
    }
  }

  #call(process: Process, thread: Thread, svc: number): void {
    const { state } = process.mm.engine;
    const number = svc === 0 ? state.gr32(1) : svc;
    const address = callAddress(process.mm.space.bytes, state.ia);
    const pending = { number, firstArgument: state.gr(2), address };
    const { result, call } = dispatch(
      this.#kernel,
      this.#table,
      process,
      thread,
      pending,
      this.#tracer,
    );
    if (result === REGISTERS_SET || thread.ended) return;
    thread.call = call;
    if (typeof result === 'number') this.#finish(process, thread, result);
    else thread.block = result;
  }

  #finish(process: Process, thread: Thread, result: number): void {
    if (!Number.isFinite(result)) return;
    if (result === -ERESTARTSYS || result === -ERESTARTNOHAND) {
      thread.restart = result;
      return;
    }
    finishCall(this.#kernel, thread, result);
    // A mask for the duration of the call ends with it, unless a handler is to see it.
    if (thread.savedMask !== undefined && result !== -EINTR) {
      thread.blocked = thread.savedMask;
      thread.savedMask = undefined;
    }
  }

  /** Makes `thread` the one whose registers the engine works on. */
  #load(mm: MemoryMap, thread: Thread): void {
    if (this.#current !== mm) {
      if (this.#current?.sharesStores) this.#current.flushShared();
      if (mm.sharesStores) mm.refreshShared();
      this.#current = mm;
    }
    if (mm.loaded === thread) return;
    const { state } = mm.engine;
    if (mm.loaded) mm.loaded.state.copyFrom(state);
    state.copyFrom(thread.state);
    mm.loaded = thread;
  }

  /** Nobody can run: sleeps until the host has something or a deadline passes. */
  async #idle(initial: Process): Promise<void> {
    const kernel = this.#kernel;
    if (this.#isSuspended(initial)) {
      kernel.host.suspend?.();
      kernel.signalGroup(initial.pgid, { signal: SIGCONT, code: SI_KERNEL });
      return;
    }
    let deadline = kernel.timers.nearest();
    for (const { block } of kernel.threads) {
      if (block?.deadline !== undefined) deadline = Math.min(deadline, block.deadline);
    }
    const wait = (deadline - kernel.now()) / 1e6;
    await this.#yield(initial, Math.min(Math.max(Math.ceil(wait), 0), LONGEST_WAIT));
    kernel.timers.expire();
  }

  /** On a terminal, with nobody left to continue them, stopped guests mean a stopped js390. */
  #isSuspended({ session }: Process): boolean {
    if (!session.terminal || !this.#kernel.host.suspend) return false;
    return [...this.#kernel.processes.values()].every(({ alive, stopped }) => !alive || stopped);
  }

  /** Lets the host's events happen, and passes its signals on. */
  async #yield(initial: Process, milliseconds: number): Promise<void> {
    const kernel = this.#kernel;
    await kernel.host.wait(milliseconds);
    for (const signal of kernel.host.takeSignals()) {
      const info = { signal, code: SI_KERNEL };
      const group = initial.session.terminal?.foreground ?? initial.pgid;
      const forGroup = signal !== SIGTERM && kernel.signalGroup(group, info);
      if (!forGroup) kernel.signalProcess(initial, info);
    }
    this.#hostTurn = kernel.now();
  }
}

/** Exit status for a shell: the program's, or 128 + N for signal N. */
export function exitStatus(waitStatus: number): number {
  const signal = waitStatus & 0x7f;
  return signal === 0 ? (waitStatus >> 8) & 0xff : 128 + signal;
}

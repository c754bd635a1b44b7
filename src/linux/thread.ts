import type { CpuState } from '../cpu/state.ts';
import type { Block } from './block.ts';
import { PendingSignals } from './signal.ts';
import type { SignalSet } from './signal.ts';

export interface AlternateStack {
  address: number;
  size: number;
  /** SS_DISABLE, SS_ONSTACK (computed when asked), SS_AUTODISARM. */
  flags: number;
}

export const SS_ONSTACK = 1;
export const SS_DISABLE = 2;

/** A system call in progress: to restart it, r2 and the instruction address are put back. */
export interface PendingCall {
  readonly number: number;
  /** For --strace: called with the result. */
  readonly done?: (result: number) => void;
  /** r2 before the result overwrote it. */
  readonly firstArgument: bigint;
  /** Address of the SVC (or of the EXECUTE of it). */
  readonly address: number;
}

/** One thread (a Linux task): what is saved while another one runs. */
export class Thread {
  readonly tid: number;
  /** Thread group, that is the pid of its process. */
  readonly pid: number;
  /** The registers while the thread is not the one loaded into its engine. */
  readonly state: CpuState;
  name = '';
  blocked: SignalSet = 0n;
  readonly pending = new PendingSignals();
  /** The mask to return to once a handler has run in sigsuspend, ppoll, pselect, epoll_pwait. */
  savedMask: SignalSet | undefined;
  alternateStack: AlternateStack = { address: 0, size: 0, flags: SS_DISABLE };
  robustList = 0;
  clearChildTid = 0;
  /** What the thread waits for; undefined when it can run. */
  block: Block | undefined;
  /** The call that blocks, or that was interrupted and is to be restarted. */
  call: PendingCall | undefined;
  /** A handler is about to run, or not: what becomes of the interrupted call (ERESTART codes). */
  restart: number | undefined;
  ended = false;
  /** CPU time used, in nanoseconds. */
  cpuTime = 0;

  constructor(tid: number, pid: number, state: CpuState) {
    this.tid = tid;
    this.pid = pid;
    this.state = state;
  }
}

import type { FdTable, FsContext } from './file.ts';
import type { MemoryMap } from './memory-map.ts';
import { PendingSignals } from './signal.ts';
import type { SignalActions } from './signal.ts';
import type { Thread } from './thread.ts';

/** The ids of a process; real, effective and saved are kept apart, though nothing checks them. */
export interface Credentials {
  uid: number;
  euid: number;
  suid: number;
  gid: number;
  egid: number;
  sgid: number;
  groups: number[];
}

/** The terminal a session is attached to; implemented in fs/. */
export interface ControllingTerminal {
  /** Foreground process group. */
  foreground: number;
}

export interface Session {
  readonly id: number;
  terminal: ControllingTerminal | undefined;
}

/** Soft and hard limit; Infinity is RLIM_INFINITY. */
export interface Limit {
  soft: number;
  hard: number;
}

export type ProcessState =
  | { readonly kind: 'running' }
  | { readonly kind: 'stopped'; readonly signal: number; reported: boolean }
  | { readonly kind: 'continued' }
  /** Ended, not yet waited for; `status` as wait4 shows it. */
  | { readonly kind: 'zombie'; readonly status: number };

export interface ProcessParts {
  readonly pid: number;
  readonly parent: Process | undefined;
  readonly mm: MemoryMap;
  readonly files: FdTable;
  readonly fs: FsContext;
  readonly actions: SignalActions;
  readonly credentials: Credentials;
  readonly session: Session;
  readonly pgid: number;
}

/** One guest process (a Linux thread group). */
export class Process {
  readonly pid: number;
  parent: Process | undefined;
  readonly children = new Set<Process>();
  readonly threads = new Map<number, Thread>();
  /** Replaced by execve. */
  mm: MemoryMap;
  files: FdTable;
  fs: FsContext;
  actions: SignalActions;
  credentials: Credentials;
  session: Session;
  pgid: number;
  readonly pending = new PendingSignals();
  state: ProcessState = { kind: 'running' };
  /** SIGCONT set it going, and its parent has not been told. */
  continuedUnreported = false;
  /** Guest path of the running program (/proc/self/exe). */
  executable = '';
  /** First 15 bytes of the program's name (/proc/self/comm). */
  name = '';
  arguments: string[] = [];
  environment: string[] = [];
  limits = new Map<number, Limit>();
  personality = 0;
  /** Signal sent to the parent at exit; SIGCHLD but for odd clones. */
  exitSignal = 17;
  /** Signal sent when the parent ends (prctl PR_SET_PDEATHSIG). */
  parentDeathSignal = 0;
  /** Monotonic nanoseconds. */
  startTime = 0;
  /** Nanoseconds used by ended threads, and by waited-for children. */
  endedThreadsTime = 0;
  childrenTime = 0;

  constructor(parts: ProcessParts) {
    this.pid = parts.pid;
    this.parent = parts.parent;
    this.mm = parts.mm;
    this.files = parts.files;
    this.fs = parts.fs;
    this.actions = parts.actions;
    this.credentials = parts.credentials;
    this.session = parts.session;
    this.pgid = parts.pgid;
    parts.parent?.children.add(this);
  }

  get alive(): boolean {
    return this.state.kind !== 'zombie';
  }

  get stopped(): boolean {
    return this.state.kind === 'stopped';
  }
}

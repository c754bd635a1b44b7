/** Signal numbers of Linux on s390x. */
export const SIGHUP = 1;
export const SIGINT = 2;
export const SIGQUIT = 3;
export const SIGILL = 4;
export const SIGTRAP = 5;
export const SIGABRT = 6;
export const SIGBUS = 7;
export const SIGFPE = 8;
export const SIGKILL = 9;
export const SIGUSR1 = 10;
export const SIGSEGV = 11;
export const SIGUSR2 = 12;
export const SIGPIPE = 13;
export const SIGALRM = 14;
export const SIGTERM = 15;
export const SIGCHLD = 17;
export const SIGCONT = 18;
export const SIGSTOP = 19;
export const SIGTSTP = 20;
export const SIGTTIN = 21;
export const SIGTTOU = 22;
export const SIGURG = 23;
export const SIGXCPU = 24;
export const SIGXFSZ = 25;
export const SIGVTALRM = 26;
export const SIGPROF = 27;
export const SIGWINCH = 28;
export const SIGIO = 29;
export const SIGPWR = 30;
export const SIGSYS = 31;
/** Signals are numbered 1 to this. */
export const SIGNALS = 64;

/** Where a signal came from (si_code). */
export const SI_USER = 0;
export const SI_KERNEL = 0x80;
export const SI_TIMER = -2;
export const SI_TKILL = -6;

export const SIG_DFL = 0;
export const SIG_IGN = 1;

export const SA_NOCLDSTOP = 1;
export const SA_NOCLDWAIT = 2;
export const SA_SIGINFO = 4;
export const SA_RESTORER = 0x0400_0000;
export const SA_ONSTACK = 0x0800_0000;
export const SA_RESTART = 0x1000_0000;
export const SA_NODEFER = 0x4000_0000;
export const SA_RESETHAND = 0x8000_0000;

const NAMES =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP ' +
  'TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS';
const SHORT = NAMES.split(' ');

/** `SIGSEGV`, or `SIG33` for real-time signals. */
export function signalName(signal: number): string {
  return `SIG${SHORT[signal - 1] ?? signal}`;
}

/** The number of a name with or without `SIG`; undefined when unknown. */
export function signalNumber(name: string): number | undefined {
  const at = SHORT.indexOf(name.replace(/^SIG/, ''));
  return at < 0 ? undefined : at + 1;
}

/** What siginfo_t says; which members are present depends on `code`. */
export interface SignalInfo {
  readonly signal: number;
  readonly code: number;
  readonly errno?: number;
  /** Sender (SI_USER, SI_TKILL) or child (SIGCHLD). */
  readonly pid?: number;
  readonly uid?: number;
  /** Exit status or signal of a child. */
  readonly status?: number;
  /** si_addr of a fault. */
  readonly address?: bigint;
  /** si_value of sigqueue and timers. */
  readonly value?: bigint;
  readonly timerId?: number;
  readonly overrun?: number;
}

/** A set of signals; bit `signal - 1`. */
export type SignalSet = bigint;

export function signalBit(signal: number): SignalSet {
  return 1n << BigInt(signal - 1);
}

/** Signals that can be neither blocked, caught nor ignored. */
export const UNBLOCKABLE = signalBit(SIGKILL) | signalBit(SIGSTOP);

export interface SignalAction {
  /** Address of the handler, SIG_DFL or SIG_IGN. */
  readonly handler: number;
  readonly flags: number;
  readonly mask: SignalSet;
  readonly restorer: number;
}

export const DEFAULT_ACTION: SignalAction = { handler: SIG_DFL, flags: 0, mask: 0n, restorer: 0 };

/** What the default action of a signal does. */
export function defaultAction(signal: number): 'ignore' | 'stop' | 'continue' | 'core' | 'end' {
  switch (signal) {
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
      return 'ignore';
    case SIGCONT:
      return 'continue';
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
      return 'stop';
    case SIGQUIT:
    case SIGILL:
    case SIGTRAP:
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGSEGV:
    case SIGXCPU:
    case SIGXFSZ:
    case SIGSYS:
      return 'core';
    default:
      return 'end';
  }
}

/** The actions of a process; shared by CLONE_SIGHAND. */
export class SignalActions {
  readonly #actions: SignalAction[] = [];
  /** Processes using this table. */
  references = 1;

  get(signal: number): SignalAction {
    return this.#actions[signal] ?? DEFAULT_ACTION;
  }

  set(signal: number, action: SignalAction): void {
    this.#actions[signal] = action;
  }

  ignores(signal: number): boolean {
    const { handler } = this.get(signal);
    return handler === SIG_IGN || (handler === SIG_DFL && defaultAction(signal) === 'ignore');
  }

  copy(): SignalActions {
    const actions = new SignalActions();
    actions.#actions.push(...this.#actions);
    return actions;
  }

  /** A table of one's own, for a process that leaves a shared one. */
  unshare(): SignalActions {
    this.references--;
    return this.copy();
  }

  /** What execve does: handlers are gone, ignored signals stay ignored. */
  resetHandlers(): void {
    this.#actions.forEach((action, signal) => {
      // Copies hold undefined for signals that were never given an action.
      if (action?.handler !== SIG_IGN) this.#actions[signal] = DEFAULT_ACTION;
    });
  }
}

/** Signals sent and not yet delivered, to one thread or to a whole process. */
export class PendingSignals {
  set: SignalSet = 0n;
  readonly #queue: SignalInfo[] = [];

  /** A standard signal that is already pending is lost, as in Linux; real-time ones queue. */
  add(info: SignalInfo): void {
    const bit = signalBit(info.signal);
    if (this.set & bit && info.signal < 32) return;
    this.set |= bit;
    this.#queue.push(info);
  }

  /** Takes out the first signal of `wanted`: faults first, then the lowest number. */
  take(wanted: SignalSet): SignalInfo | undefined {
    const candidates = this.set & wanted;
    if (candidates === 0n) return undefined;
    let best = -1;
    this.#queue.forEach((info, i) => {
      if (!(candidates & signalBit(info.signal))) return;
      if (best < 0 || rank(info.signal) < rank(this.#queue[best]!.signal)) best = i;
    });
    const [info] = this.#queue.splice(best, 1);
    if (!this.#queue.some(({ signal }) => signal === info!.signal)) {
      this.set &= ~signalBit(info!.signal);
    }
    return info;
  }

  /** Drops the signals in `set`, as SIGCONT does with stop signals. */
  discard(set: SignalSet): void {
    this.set &= ~set;
    for (let i = this.#queue.length - 1; i >= 0; i--) {
      if (set & signalBit(this.#queue[i]!.signal)) this.#queue.splice(i, 1);
    }
  }
}

const SYNCHRONOUS = new Set([SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS]);

function rank(signal: number): number {
  return SYNCHRONOUS.has(signal) ? signal : signal + SIGNALS;
}

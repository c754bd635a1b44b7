/**
 * A system call that cannot finish yet. The thread sleeps; the scheduler polls it whenever something
 * may have changed (another thread ran, the host woke us, the deadline passed).
 */
export interface Block {
  /** The call's result once there is one. May throw SyscallError. */
  poll(): number | undefined;
  /** Monotonic time in nanoseconds (`kernel.now()`) at which `poll` must be called at the latest. */
  readonly deadline?: number;
  /**
   * The result when a signal handler is about to run; default `-ERESTARTSYS`. Calls that Linux never
   * restarts (poll, select, epoll_wait, nanosleep...) return `-EINTR` or `-ERESTARTNOHAND`.
   */
  interrupted?(): number;
  /** Handlers wait until the call is finished; only death ends it early. */
  readonly uninterruptible?: boolean;
}

/** Result of a call that set the caller's registers itself (execve, sigreturn) or ended it. */
export const REGISTERS_SET = Number.NEGATIVE_INFINITY;

/** A result (negative: `-errno`), or a reason to wait. */
export type SyscallResult = number | Block;

/** The result of `attempt` now, or a Block that goes on trying. */
export function blockUntil(
  attempt: () => number | undefined,
  options: { readonly deadline?: number; readonly interrupted?: () => number } = {},
): SyscallResult {
  return attempt() ?? { poll: attempt, ...options };
}

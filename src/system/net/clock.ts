/** Time as the network sees it: the host's, or a test's that it moves itself. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /**
   * Calls `callback` once, from the event loop, `milliseconds` later or after that; with 0 as soon
   * as what runs now has returned.
   */
  after(milliseconds: number, callback: () => void): Timer;
}

export interface Timer {
  /** Does nothing once the callback was called. */
  cancel(): void;
}

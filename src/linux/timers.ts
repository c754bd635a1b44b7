/** Something that happens at a time. All times in nanoseconds of `clock`. */
export interface Timer {
  /** What the time is compared with: the monotonic clock, or a CPU-time clock. */
  readonly clock: () => number;
  /** Whether an idle system must be woken for it: not for CPU time, which then stands still. */
  readonly wakes: boolean;
  deadline: number;
  /** 0: once. */
  interval: number;
  /** `missed`: how many more periods have passed unnoticed. */
  readonly expire: (missed: number) => void;
}

/** Running timers, few at a time. */
export class Timers {
  readonly #running = new Set<Timer>();

  start(timer: Timer): void {
    this.#running.add(timer);
  }

  stop(timer: Timer): void {
    this.#running.delete(timer);
  }

  has(timer: Timer): boolean {
    return this.#running.has(timer);
  }

  /** Lets what is due happen. */
  expire(): void {
    for (const timer of this.#running) {
      const late = timer.clock() - timer.deadline;
      if (late < 0) continue;
      let missed = 0;
      if (timer.interval > 0) {
        missed = Math.floor(late / timer.interval);
        timer.deadline += (missed + 1) * timer.interval;
      } else {
        this.#running.delete(timer);
      }
      timer.expire(missed);
    }
  }

  /** The nearest deadline on the monotonic clock. */
  nearest(): number {
    let nearest = Infinity;
    for (const { wakes, deadline } of this.#running) {
      if (wakes && deadline < nearest) nearest = deadline;
    }
    return nearest;
  }
}

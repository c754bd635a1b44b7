/** Segments that may be under way at first: what every receive queue of a device holds. */
const INITIAL_SEGMENTS = 64;

/**
 * How many bytes may be under way: slow start, congestion avoidance and fast recovery (RFC 5681,
 * RFC 6582). Nothing is lost on the cable; the guest's receive queue is what overflows.
 */
export class Congestion {
  readonly #segment: number;
  /** Bytes that may be under way. */
  window: number;
  #threshold = Infinity;
  /** From a loss until all that was sent before it was found has arrived. */
  recovering = false;
  /** Where sending had got to when the last loss was found: older ones are the same loss. */
  #recover = -1;

  constructor(segment: number) {
    this.#segment = segment;
    this.window = INITIAL_SEGMENTS * segment;
  }

  /** `acknowledged` more bytes have arrived, up to `position`. */
  advanced(acknowledged: number, position: number): void {
    if (this.recovering) {
      if (position < this.#recover) return;
      this.recovering = false;
      this.window = this.#threshold;
    } else if (this.window < this.#threshold) {
      this.window += acknowledged;
    } else {
      this.window += Math.ceil((this.#segment * acknowledged) / this.window);
    }
  }

  /** What is at `position` was lost, of all up to `sent`; that may be known already. */
  lost(position: number, sent: number): void {
    if (this.recovering || position < this.#recover) return;
    this.#reduce(position, sent);
    this.window = this.#threshold;
    this.recovering = true;
  }

  /** Nothing beyond `position` has been acknowledged for a while, of all up to `sent`. */
  timedOut(position: number, sent: number): void {
    this.#reduce(position, sent);
    this.window = this.#segment;
    this.recovering = false;
  }

  #reduce(position: number, sent: number): void {
    this.#threshold = Math.max((sent - position) / 2, 2 * this.#segment);
    this.#recover = sent;
  }
}

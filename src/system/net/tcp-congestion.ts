/** Segments that may be under way at first (RFC 6928). */
const INITIAL_SEGMENTS = 10;
/** Duplicate acknowledgments that tell of a loss (RFC 5681). */
export const DUPLICATES = 3;

/**
 * How many bytes may be under way: slow start, congestion avoidance and fast recovery (RFC 5681,
 * RFC 6582). Nothing is lost on the cable; the guest's receive queue is what overflows.
 */
export class Congestion {
  readonly #segment: number;
  /** Bytes that may be under way. */
  window: number;
  #threshold = Infinity;
  #recovering = false;
  /** Where sending had got to when the last loss was found: older ones are the same loss. */
  #recover = -1;
  #duplicates = 0;

  constructor(segment: number) {
    this.#segment = segment;
    this.window = INITIAL_SEGMENTS * segment;
  }

  /** `acknowledged` more bytes have arrived, up to `position`; true to send the next again. */
  advanced(acknowledged: number, position: number): boolean {
    this.#duplicates = 0;
    if (this.#recovering) {
      if (position < this.#recover) {
        this.window = Math.max(this.window - acknowledged, 0) + this.#segment;
        return true;
      }
      this.#recovering = false;
      this.window = this.#threshold;
    } else if (this.window < this.#threshold) {
      this.window += acknowledged;
    } else {
      this.window += Math.ceil((this.#segment * acknowledged) / this.window);
    }
    return false;
  }

  /** The guest has something after a gap at `position`; true to send what is missing again. */
  duplicated(position: number, sent: number): boolean {
    if (this.#recovering) {
      this.window += this.#segment;
      return false;
    }
    if (++this.#duplicates !== DUPLICATES || position <= this.#recover) return false;
    this.#lost(position, sent);
    this.window = this.#threshold + DUPLICATES * this.#segment;
    this.#recovering = true;
    return true;
  }

  /** Nothing has been acknowledged for a while beyond `position`. */
  timedOut(position: number, sent: number): void {
    this.#lost(position, sent);
    this.window = this.#segment;
    this.#recovering = false;
  }

  #lost(position: number, sent: number): void {
    this.#threshold = Math.max((sent - position) / 2, 2 * this.#segment);
    this.#recover = sent;
    this.#duplicates = 0;
  }
}

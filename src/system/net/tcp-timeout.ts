/** Milliseconds before the first measurement. */
const INITIAL = 1000;
/** Guests are slow and irregular, so this is not less. */
const LEAST = 300;
const MOST = 60_000;

/** How long to wait for an acknowledgment (RFC 6298). Milliseconds. */
export class RetransmissionTimeout {
  #smoothed: number | undefined;
  #variation = 0;
  #timeout = INITIAL;

  get milliseconds(): number {
    return this.#timeout;
  }

  /** An acknowledgment came `roundTrip` after what it acknowledges was sent, once. */
  measured(roundTrip: number): void {
    if (this.#smoothed === undefined) {
      this.#smoothed = roundTrip;
      this.#variation = roundTrip / 2;
    } else {
      this.#variation += (Math.abs(this.#smoothed - roundTrip) - this.#variation) / 4;
      this.#smoothed += (roundTrip - this.#smoothed) / 8;
    }
    this.settle();
  }

  /** Forgets {@link backOff}: something came through. */
  settle(): void {
    const measured = this.#smoothed === undefined ? INITIAL : this.#smoothed + 4 * this.#variation;
    this.#timeout = Math.min(Math.max(measured, LEAST), MOST);
  }

  backOff(): void {
    this.#timeout = Math.min(this.#timeout * 2, MOST);
  }
}

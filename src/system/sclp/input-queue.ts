import type { Saved } from '../services.ts';

/** Bytes that wait for the guest. */
export class InputQueue {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes.slice());
    this.#length += bytes.length;
  }

  /** The first bytes, at most `max`. */
  take(max: number): Uint8Array {
    const taken = new Uint8Array(Math.min(max, this.#length));
    let filled = 0;
    while (filled < taken.length) {
      const chunk = this.#chunks[0]!;
      const part = chunk.subarray(0, taken.length - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#length -= filled;
    return taken;
  }

  save(): Saved {
    const bytes = this.take(this.#length);
    this.add(bytes);
    return bytes;
  }

  load(saved: Saved): void {
    this.take(this.#length);
    this.add(saved as Uint8Array);
  }
}

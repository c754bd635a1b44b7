/** Bytes in one allocation. */
const BLOCK = 0x8000;

/** Bytes that wait: added at the end, read anywhere, removed at the beginning. */
export class ByteQueue {
  #blocks: Uint8Array[] = [];
  /** Where the first byte is in the first block. */
  #start = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Copies `bytes` to the end. */
  push(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      const end = this.#start + this.#length;
      if (end === this.#blocks.length * BLOCK) this.#blocks.push(new Uint8Array(BLOCK));
      const at = end % BLOCK;
      const piece = bytes.subarray(done, done + BLOCK - at);
      this.#blocks[(end - at) / BLOCK].set(piece, at);
      this.#length += piece.length;
      done += piece.length;
    }
  }

  /** Copies `length` bytes, the first of which is `offset` behind the beginning. */
  copy(offset: number, length: number, target: Uint8Array, targetOffset: number): void {
    let from = this.#start + offset;
    const end = from + length;
    while (from < end) {
      const at = from % BLOCK;
      const piece = this.#blocks[(from - at) / BLOCK].subarray(at, at + end - from);
      target.set(piece, targetOffset);
      targetOffset += piece.length;
      from += piece.length;
    }
  }

  /** Removes the first `count` bytes. */
  drop(count: number): void {
    this.#start += count;
    this.#length -= count;
    const whole = Math.floor(this.#start / BLOCK);
    this.#blocks.splice(0, whole);
    this.#start -= whole * BLOCK;
    if (this.#length === 0) this.clear();
  }

  clear(): void {
    this.#blocks = [];
    this.#start = 0;
    this.#length = 0;
  }
}

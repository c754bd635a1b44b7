/** What stores overwrite, so that they can be undone. */
export class StoreLog {
  readonly #storage: Uint8Array;
  /** Offset and size of each store. */
  #stores = new Int32Array(1024);
  #count = 0;
  /** The bytes that were there, one store after the other. */
  #old = new Uint8Array(16_384);
  #size = 0;

  constructor(storage: Uint8Array) {
    this.#storage = storage;
  }

  /** Bytes noted; a byte that is stored into twice counts twice. */
  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#count = 0;
    this.#size = 0;
  }

  /** To be called before `size` bytes at `offset` change. */
  note(offset: number, size: number): void {
    const at = offset >>> 0;
    if (2 * this.#count + 2 > this.#stores.length) this.#stores = grown(this.#stores, Int32Array);
    while (this.#size + size > this.#old.length) this.#old = grown(this.#old, Uint8Array);
    this.#stores[2 * this.#count] = at;
    this.#stores[2 * this.#count++ + 1] = size;
    for (let i = 0; i < size; i++) this.#old[this.#size++] = this.#storage[at + i]!;
  }

  /** What is there now at each place noted, in order. */
  present(): Uint8Array {
    const bytes = new Uint8Array(this.#size);
    this.#each((at, size, from) => bytes.set(this.#storage.subarray(at, at + size), from));
    return bytes;
  }

  /** Puts `bytes`, as {@link present} gave them, back. */
  restore(bytes: Uint8Array): void {
    this.#each((at, size, from) => this.#storage.set(bytes.subarray(from, from + size), at));
  }

  /** Puts back what was there before the first store. */
  undo(): void {
    let from = this.#size;
    for (let i = this.#count - 1; i >= 0; i--) {
      const at = this.#stores[2 * i]!;
      const size = this.#stores[2 * i + 1]!;
      from -= size;
      this.#storage.set(this.#old.subarray(from, from + size), at);
    }
  }

  /** Whether the same places were noted in the same order. */
  sameStores(other: StoreLog): boolean {
    if (this.#count !== other.#count) return false;
    for (let i = 0; i < 2 * this.#count; i++) {
      if (this.#stores[i] !== other.#stores[i]) return false;
    }
    return true;
  }

  /** Addresses noted at which `bytes` and `others`, as {@link present} gives them, differ. */
  differences(bytes: Uint8Array, others: Uint8Array): Map<number, [number, number]> {
    const found = new Map<number, [number, number]>();
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] === others[i]) continue;
      this.#each((at, size, from) => {
        if (from <= i && i < from + size) found.set(at + i - from, [bytes[i]!, others[i]!]);
      });
      if (found.size === 16) break;
    }
    return found;
  }

  #each(visit: (at: number, size: number, from: number) => void): void {
    let from = 0;
    for (let i = 0; i < this.#count; i++) {
      const size = this.#stores[2 * i + 1]!;
      visit(this.#stores[2 * i]!, size, from);
      from += size;
    }
  }
}

function grown<T extends Int32Array | Uint8Array>(array: T, make: new (length: number) => T): T {
  const larger = new make(2 * array.length);
  larger.set(array);
  return larger;
}

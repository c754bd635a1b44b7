import type { AbsoluteStorage } from '../../../src/memory/absolute-storage.ts';

/** Bits of entries (PoP, "Dynamic Address Translation", "Translation Tables"). */
export const REGION_OR_SEGMENT_INVALID = 0x20n;
export const PAGE_INVALID = 0x400n;
export const PAGE_PROTECTED = 0x200n;
export const PAGE_NO_EXECUTE = 0x100n;
export const SEGMENT_PROTECTED = 0x200n;
export const SEGMENT_LARGE = 0x400n;
export const SEGMENT_COMMON = 0x10n;

/** Designation types of tables. */
export const SEGMENT = 0;
export const REGION_THIRD = 1;
export const REGION_SECOND = 2;
export const REGION_FIRST = 3;
export type TableType = 0 | 1 | 2 | 3;

/** How far right the index into a table of a type is in an address. */
const INDEX_SHIFT = [20n, 31n, 42n, 53n] as const;
const TABLE_SIZE = 0x4000;
const PAGE_TABLE_SIZE = 0x800;
const PAGE_SIZE = 0x1000;

/** Translation tables that a test builds in a guest's storage, full-sized, all entries invalid. */
export class Tables {
  readonly #storage: AbsoluteStorage;
  readonly #type: TableType;
  readonly #origin: number;
  /** Where the next table goes. */
  #free: number;

  /** `at`: where the tables are, one behind the other, a multiple of 16 KiB. */
  constructor(storage: AbsoluteStorage, at: number, type: TableType = SEGMENT) {
    this.#storage = storage;
    this.#type = type;
    this.#free = at;
    this.#origin = this.#allocate(type);
  }

  /** The address-space-control element. */
  get asce(): bigint {
    return BigInt(this.#origin) | (BigInt(this.#type) << 2n) | 3n;
  }

  #allocate(type: TableType): number {
    const at = this.#free;
    this.#free += TABLE_SIZE;
    const empty = REGION_OR_SEGMENT_INVALID | (BigInt(type) << 2n);
    for (let i = 0; i < TABLE_SIZE; i += 8) this.#storage.write64(at + i, empty);
    return at;
  }

  #allocatePageTable(): number {
    const at = this.#free;
    this.#free += PAGE_SIZE;
    for (let i = 0; i < PAGE_TABLE_SIZE; i += 8) this.#storage.write64(at + i, PAGE_INVALID);
    return at;
  }

  /** Where the entry of a table of a type for an address is; tables above it are made. */
  entry(address: bigint | number, type: TableType): number {
    const va = BigInt(address);
    let at = this.#origin;
    for (let t = this.#type; ; t = (t - 1) as TableType) {
      const place = at + 8 * Number((va >> INDEX_SHIFT[t]) & 0x7ffn);
      if (t === type) return place;
      const entry = this.#storage.read64(place);
      if (entry & REGION_OR_SEGMENT_INVALID) {
        at = this.#allocate((t - 1) as TableType);
        this.#storage.write64(place, BigInt(at) | (BigInt(t) << 2n) | 3n);
      } else at = Number(entry & ~0xfffn);
    }
  }

  /** Where the page-table entry for an address is. */
  page(address: bigint | number): number {
    const place = this.entry(address, SEGMENT);
    let entry = this.#storage.read64(place);
    if (entry & REGION_OR_SEGMENT_INVALID) {
      entry = BigInt(this.#allocatePageTable());
      this.#storage.write64(place, entry);
    }
    return Number(entry & ~0x7ffn) + 8 * Number((BigInt(address) >> 12n) & 0xffn);
  }

  /** Maps `pages` pages to real addresses; `flags` are bits of page-table entries. */
  map(address: bigint | number, real: number, { pages = 1, flags = 0n } = {}): this {
    for (let i = 0; i < pages; i++) {
      const entry = BigInt(real + PAGE_SIZE * i) | flags;
      this.#storage.write64(this.page(BigInt(address) + BigInt(PAGE_SIZE * i)), entry);
    }
    return this;
  }
}

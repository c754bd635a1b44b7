import {
  ASCE_TYPE_SHIFT,
  ENTRY_INVALID,
  ENTRY_TYPE_SHIFT,
  PAGE_INVALID,
  TABLE_LENGTH,
} from '../../src/arch/dat-format.ts';
import type { AbsoluteStorage } from '../../src/memory/absolute-storage.ts';

/** 3 the region-first table is the highest ... 0 the segment table. */
export type Designation = 0 | 1 | 2 | 3;

/** The tables of an address space, in storage from an absolute address on. */
export class Tables {
  readonly #storage: AbsoluteStorage;
  readonly #designation: Designation;
  readonly #top: number;
  #next: number;

  constructor(storage: AbsoluteStorage, at: number, designation: Designation) {
    this.#storage = storage;
    this.#designation = designation;
    this.#next = at;
    this.#top = this.#newTable(designation);
  }

  /** The address-space-control element. */
  get asce(): bigint {
    return BigInt(this.#top | (this.#designation << ASCE_TYPE_SHIFT) | TABLE_LENGTH);
  }

  /** Sets the page-table entry of an address; makes the tables on the way to it. */
  enter(address: bigint, entry: number): void {
    const { view } = this.#storage;
    let table = this.#top;
    for (let type: number = this.#designation; type >= 0; type--) {
      const at = table + 8 * Number((address >> BigInt(20 + 11 * type)) & 0x7ffn);
      if (view.getUint32(at + 4) & ENTRY_INVALID) {
        const low = type === 0 ? 0 : (type << ENTRY_TYPE_SHIFT) | TABLE_LENGTH;
        view.setUint32(at + 4, this.#newTable(type - 1) | low);
      }
      table = view.getUint32(at + 4) & (type === 0 ? ~0x7ff : ~0xfff);
    }
    view.setBigUint64(table + 8 * Number((address >> 12n) & 0xffn), BigInt(entry));
  }

  /** A table of a type, a page table for -1, with entries that are all invalid. */
  #newTable(type: number): number {
    const at = this.#next;
    const size = type < 0 ? 0x800 : 0x4000;
    this.#next += 0x4000;
    const invalid = BigInt(type < 0 ? PAGE_INVALID : ENTRY_INVALID | (type << ENTRY_TYPE_SHIFT));
    for (let i = 0; i < size; i += 8) this.#storage.view.setBigUint64(at + i, invalid);
    return at;
  }
}

import { WINDOW_SIZE, type AbsoluteStorage } from './absolute-storage.ts';
import { PAGE_SHIFT, PAGE_SIZE } from './page.ts';

const SLOTS = WINDOW_SIZE / PAGE_SIZE;
/** Operands of an instruction that can have a window each. */
const AREAS = 2;
const AREA_SLOTS = SLOTS / AREAS;
const MIDDLE = AREA_SLOTS / 2;

/** Finds the offset in storage of a page (by its number in the address space), to be read or written. */
export type FindPage = (page: number, isStore: boolean) => number;

/**
 * Operands that cross a page boundary need not be contiguous in storage. Their pages are copied
 * side by side behind storage, where instructions work on them as on any others, and what was
 * written goes home when the instruction ends. Operands that lie close together share an area, so
 * that they overlap there as they do in the address space.
 */
export class Windows {
  /** How many pages are in windows now. */
  open = 0;
  readonly #storage: AbsoluteStorage;
  /** Address space and page of each area's middle slot. */
  readonly #spaces: number[] = [-1, -1];
  readonly #anchors: number[] = [0, 0];
  /** For each slot: the offset of its page in storage or -1, and the range that was written. */
  readonly #homes = new Int32Array(SLOTS).fill(-1);
  readonly #from = new Int32Array(SLOTS);
  readonly #to = new Int32Array(SLOTS);

  constructor(storage: AbsoluteStorage) {
    this.#storage = storage;
  }

  /**
   * The offset of an operand in an area, whose pages `find` gives. `page` is that of the first
   * byte, `at` its offset there. Undefined when the operand needs no window and touches none.
   */
  place(
    space: number,
    page: number,
    at: number,
    size: number,
    isStore: boolean,
    find: FindPage,
  ): number | undefined {
    const last = page + ((at + size - 1) >>> PAGE_SHIFT);
    let area = this.#near(space, page, last);
    if (area < 0) {
      if (last === page) return undefined;
      const first = find(page, isStore);
      if (find(last, isStore) === first + PAGE_SIZE) return first + at;
      area = this.#spaces[0] === -1 ? 0 : 1;
      if (this.#spaces[area] !== -1) this.#settleArea(area);
      this.#spaces[area] = space;
      this.#anchors[area] = page;
    } else if (last === page && this.#homes[this.#slot(area, page)] === -1) {
      return undefined;
    }
    // All accesses are checked before anything is copied.
    const homes = [];
    for (let p = page; p <= last; p++) homes.push(find(p, isStore));
    homes.forEach((home, i) => {
      const slot = this.#slot(area, page + i);
      if (this.#homes[slot] === -1) {
        this.#homes[slot] = home;
        this.#from[slot] = PAGE_SIZE;
        this.#to[slot] = 0;
        this.#storage.bytes.copyWithin(this.#offset(slot), home, home + PAGE_SIZE);
        this.open++;
      }
      if (isStore) {
        const start = i === 0 ? at : 0;
        const end = i === homes.length - 1 ? at + size - i * PAGE_SIZE : PAGE_SIZE;
        this.#from[slot] = Math.min(this.#from[slot]!, start);
        this.#to[slot] = Math.max(this.#to[slot]!, end);
      }
    });
    return this.#offset(this.#slot(area, page)) + at;
  }

  /** Brings everything home. */
  settle(): void {
    for (let area = 0; area < AREAS; area++) if (this.#spaces[area] !== -1) this.#settleArea(area);
  }

  #near(space: number, page: number, last: number): number {
    for (let area = 0; area < AREAS; area++) {
      if (this.#spaces[area] !== space) continue;
      const anchor = this.#anchors[area]!;
      if (page >= anchor - MIDDLE && last < anchor + MIDDLE) return area;
    }
    return -1;
  }

  #slot(area: number, page: number): number {
    return area * AREA_SLOTS + MIDDLE + (page - this.#anchors[area]!);
  }

  #offset(slot: number): number {
    return this.#storage.size + slot * PAGE_SIZE;
  }

  #settleArea(area: number): void {
    const { bytes } = this.#storage;
    for (let slot = area * AREA_SLOTS; slot < (area + 1) * AREA_SLOTS; slot++) {
      const home = this.#homes[slot]!;
      if (home === -1) continue;
      const [from, to] = [this.#from[slot]!, this.#to[slot]!];
      if (from < to)
        bytes.copyWithin(home + from, this.#offset(slot) + from, this.#offset(slot) + to);
      this.#homes[slot] = -1;
      this.open--;
    }
    this.#spaces[area] = -1;
  }
}

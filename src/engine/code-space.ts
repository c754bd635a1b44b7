import { PAGE_SIZE } from '../memory/page.ts';
import type { CodePages } from '../frontend/translate-block.ts';
import type { Mode } from '../ir/builder.ts';
import type { CodeSource } from '../memory/code-source.ts';
import { CodeHistory } from './code-history.ts';
import type { BlockEntry } from './entry.ts';
import type { RegionCache } from './region-cache.ts';

const LOOKUP_SIZE = 4096;

/** What a space's translations belong to: mode bits, and the ASCE that instructions come from. */
export interface SpaceKey {
  readonly mode: number;
  /** Of a machine; 0 in a process. */
  readonly asceHigh: number;
  readonly asceLow: number;
}

/**
 * Translated code of one address space in one mode: blocks by address, what is known of them, and
 * the regions made of them.
 *
 * A block is found by its address as long as the pages that it was made from are where they were.
 * When translations are purged, `epoch` goes up: an entry of an older epoch is looked at again
 * (its pages are translated anew) before it runs.
 */
export class CodeSpace {
  readonly key: SpaceKey;
  readonly mode: Mode;
  readonly history = new CodeHistory();
  readonly regions: RegionCache;
  readonly blocks = new Map<number, BlockEntry>();
  /** Blocks at which a region is to be made. */
  readonly planned = new Set<BlockEntry>();
  epoch = 0;
  /**
   * A page with code is another than before: the tables are another program's now, and what is known
   * of the old one's code is worth nothing.
   */
  isOutdated = false;
  /** Blocks of instructions that EXECUTE runs, by everything that decides about them. */
  readonly executed = new Map<string, BlockEntry>();
  /** When it was last entered. */
  used = 0;
  readonly #lookup: (BlockEntry | undefined)[] = new Array<undefined>(LOOKUP_SIZE).fill(undefined);
  readonly #byPage = new Map<number, Set<BlockEntry>>();
  readonly #code: CodeSource;
  /** Pages of the address space with code, and the epoch in which each was last seen in its place. */
  readonly #pages = new Map<number, { home: number; epoch: number }>();
  /** What `#isReplaced` found last. */
  #replaced: { readonly epoch: number; readonly answer: boolean } | undefined;

  constructor(
    key: SpaceKey,
    mode: Mode,
    code: CodeSource,
    makeRegions: (space: CodeSpace) => RegionCache,
  ) {
    this.key = key;
    this.mode = mode;
    this.#code = code;
    this.regions = makeRegions(this);
  }

  /** The block at an address, if it was translated and its bytes are still where they were. */
  find(address: number): BlockEntry | undefined {
    const index = (address >>> 1) & (LOOKUP_SIZE - 1);
    const cached = this.#lookup[index];
    if (cached !== undefined && cached.address === address && cached.epoch === this.epoch) {
      return cached;
    }
    const entry = this.blocks.get(address);
    if (!entry || !this.#verify(entry)) return undefined;
    if (entry.bytes === null) this.#lookup[index] = entry;
    return entry;
  }

  add(entry: BlockEntry): void {
    const { address, pages } = entry;
    entry.epoch = this.epoch;
    if (entry.bytes) {
      this.blocks.set(address, entry);
      return;
    }
    for (const [page, home] of pages) {
      const entries = this.#byPage.get(home);
      if (entries) entries.add(entry);
      else this.#byPage.set(home, new Set([entry]));
      this.#pages.set(page, { home, epoch: this.epoch });
    }
    // A block that could not be fetched has no pages: it must be tried again each time.
    if (pages.size === 0) return;
    this.blocks.set(address, entry);
    this.#lookup[(address >>> 1) & (LOOKUP_SIZE - 1)] = entry;
  }

  /** Something was made from these pages just now. */
  see(pages: CodePages): void {
    for (const [page, home] of pages) {
      if (this.#pages.get(page)?.home === home) continue;
      this.#pages.set(page, { home, epoch: this.epoch });
    }
  }

  /** Whether pages are where they were when something was made from them. */
  isInPlace(pages: CodePages): boolean {
    for (const [page, home] of pages) {
      const known = this.#pages.get(page);
      if (!known) return false;
      if (known.epoch !== this.epoch) {
        const now = this.#code.codePage(page * PAGE_SIZE);
        // Not there at the moment: it may come back.
        if (now < 0) return false;
        if (now !== known.home && this.#isReplaced()) this.isOutdated = true;
        known.home = now;
        known.epoch = this.epoch;
      }
      if (known.home !== home) return false;
    }
    return true;
  }

  /** Whether code on these pages was found in other places before, with most other code. */
  contradicts(pages: CodePages): boolean {
    for (const [page, home] of pages) {
      const known = this.#pages.get(page);
      if (known && known.home !== home) return this.#isReplaced();
    }
    return false;
  }

  /**
   * Whether more pages with code have moved than are in place: the tables are another program's now.
   * A kernel that gives the pages of one module to the next has moved a few.
   */
  #isReplaced(): boolean {
    if (this.#replaced?.epoch === this.epoch) return this.#replaced.answer;
    let balance = 0;
    for (const [page, { home }] of this.#pages) {
      const now = this.#code.codePage(page * PAGE_SIZE);
      if (now >= 0) balance += now === home ? 1 : -1;
    }
    this.#replaced = { epoch: this.epoch, answer: balance <= 0 };
    return balance <= 0;
  }

  /** Translations may have changed: everything is to be verified before it runs again. */
  suspect(): void {
    this.epoch++;
    this.regions.suspend();
  }

  /** The same, of one page of the address space. */
  suspectPage(page: number): void {
    if (this.#pages.has(page)) this.suspect();
  }

  /** The bytes of a page of storage are about to change: what was made from it goes. */
  codePageChanged(page: number): boolean {
    const entries = this.#byPage.get(page);
    if (entries) {
      for (const entry of entries) this.#remove(entry, page);
      this.#byPage.delete(page);
      this.#lookup.fill(undefined);
    }
    this.regions.codePageChanged(page, (address) => {
      const entry = this.blocks.get(address);
      if (entry) {
        entry.region = null;
        entry.hits = 0;
      }
    });
    for (const entry of this.planned) {
      if (![...entry.planned!.pages.values()].includes(page)) continue;
      entry.planned = null;
      this.planned.delete(entry);
    }
    return entries !== undefined;
  }

  #verify(entry: BlockEntry): boolean {
    if (entry.bytes) return this.#isSame(entry.address, entry.bytes);
    if (entry.epoch === this.epoch) return true;
    if (entry.epoch >= 0 && this.isInPlace(entry.pages)) {
      entry.epoch = this.epoch;
      if (entry.region !== null && !this.regions.resume(entry.region, this)) entry.region = null;
      return true;
    }
    if (entry.epoch < 0 || this.isOutdated) this.#remove(entry);
    return false;
  }

  #isSame(address: number, bytes: Uint8Array): boolean {
    const now = bytesAt(this.#code, address, bytes.length);
    return now !== undefined && now.every((byte, i) => byte === bytes[i]);
  }

  #remove(entry: BlockEntry, except = -1): void {
    entry.invalidate();
    if (this.blocks.get(entry.address) === entry) this.blocks.delete(entry.address);
    for (const home of entry.pages.values()) {
      if (home !== except) this.#byPage.get(home)?.delete(entry);
    }
  }
}

/** The bytes of an instruction; undefined where it cannot be fetched. */
export function bytesAt(code: CodeSource, address: number, length: number): Uint8Array | undefined {
  const found = new Uint8Array(length);
  for (let i = 0; i < length; i += 2) {
    const offset = code.codeOffset(address + i);
    if (offset < 0) return undefined;
    found[i] = code.bytes[offset]!;
    found[i + 1] = code.bytes[offset + 1]!;
  }
  return found;
}

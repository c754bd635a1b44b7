import { assert } from '../base/assert.ts';
import { clearBytes } from '../base/clear-bytes.ts';
import { toBigUint } from '../base/int64.ts';
import type { CodePageListener, CodeSource } from './code-source.ts';
import type { GuestStorage } from './guest-storage.ts';
import { PAGE_SHIFT, PAGE_SIZE } from './page.ts';
import { PIC_PAGE_TRANSLATION, PIC_PROTECTION, ProgramInterruption } from '../cpu/interruption.ts';

/** Page permissions, with Linux's PROT_ values; a mapped page also has PAGE_MAPPED. */
export const PAGE_READ = 1;
export const PAGE_WRITE = 2;
export const PAGE_EXEC = 4;
export const PAGE_MAPPED = 8;

/** Addresses below this and in the last MiB below 4 GiB are never mapped: see `AddressSpace`. */
export const LOWEST_ADDRESS = 0x10_0000;

/** Default size of a process's address space in bytes. */
export const USER_SPACE_SIZE = 0x8000_0000;

/** Pages of a MiB, and how many MiB the 4 GiB of the tables are. */
const CHUNK_SHIFT = 8;
const CHUNK_PAGES = 1 << CHUNK_SHIFT;
const CHUNKS = 4096;

/** The one thing used of the global, which no `lib` without `dom` declares. */
declare const WebAssembly: {
  Memory: new (pages: { initial: number; maximum: number; shared: boolean }) => {
    readonly buffer: ArrayBuffer;
  };
};

/**
 * The storage of one Linux process: guest address = offset into one flat buffer.
 *
 * `noRead[page]` and `noWrite[page]` are 0 where a fetch or store may go straight to the buffer;
 * an access may, when `addressHigh | noRead[lo >>> 12] | noRead[lo + size - 1 >>> 12]` is 0. The
 * `Span` tables are 0 where that holds for the page and the next one, so that one look-up nearly
 * always does for an access that might cross. All cover 4 GiB: any low word indexes them. A page with translated code has
 * `noWrite` set, which sends stores to {@link store} and so to the listener. The first MiB and the
 * last MiB of the 4 GiB stay unmapped, so a base plus a 20-bit displacement that wraps around
 * 2**32 always meets a closed page, and generated code need not compute that carry.
 */
export class AddressSpace implements GuestStorage, CodeSource {
  readonly size: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  readonly noRead = new Uint8Array(1 << 20).fill(1);
  readonly noWrite = new Uint8Array(1 << 20).fill(1);
  readonly noReadSpan = new Uint8Array(1 << 20).fill(1);
  readonly noWriteSpan = new Uint8Array(1 << 20).fill(1);
  /** PAGE_ flags per page. */
  readonly flags = new Uint8Array(1 << 20);
  /** 1 where translated code was made from the page. */
  readonly codePages = new Uint8Array(1 << 20);
  readonly codeListeners = new Set<CodePageListener>();
  /**
   * Told of stores before they happen, offset and size, by generated code that was made so, and by
   * {@link writable}: there up to the end of the page, to which a helper may go on.
   */
  onStore: ((offset: number, size: number) => void) | undefined;
  /** 1 where a page was ever accessible, so that it may hold something besides zeros. */
  readonly #used = new Uint8Array(1 << 20);
  /** 1 where something was mapped in a MiB since the last reset: what reset and fork look at. */
  readonly #touched = new Uint8Array(CHUNKS);

  constructor(size = USER_SPACE_SIZE) {
    assert(size % PAGE_SIZE === 0 && size <= USER_SPACE_SIZE, 'address space size');
    this.size = size;
    // Shared: V8 counts no external memory for it. Reserving 2 GiB otherwise starts a full collection,
    // 70-250 ms for every process of a shell pipeline; access is as fast.
    const pages = size / 65536;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.bytes = new Uint8Array(memory.buffer);
    this.view = new DataView(memory.buffer);
  }

  /**
   * Maps `[start, start + length)` (page multiples), zero-filled, over whatever was there. Pages
   * never accessible before are zero already and not touched, so reserving address space is free.
   */
  map(start: number, length: number, prot: number): void {
    this.#announce(start, length);
    this.#clear(start >>> PAGE_SHIFT, (start + length) / PAGE_SIZE);
    this.#setFlags(start, length, PAGE_MAPPED | (prot & 7));
  }

  unmap(start: number, length: number): void {
    this.#announce(start, length);
    this.#setFlags(start, length, 0);
  }

  /** Changes permissions of pages that are all mapped. */
  protect(start: number, length: number, prot: number): void {
    this.#announce(start, length);
    this.#setFlags(start, length, PAGE_MAPPED | (prot & 7));
  }

  /** Makes this a copy of `parent`, as fork does; only accessible pages are copied. */
  copyFrom(parent: AddressSpace): void {
    this.reset();
    for (const { first: start, end } of parent.#touchedRuns()) {
      let page = start;
      while (page < end) {
        const flags = parent.flags[page]!;
        const first = page;
        while (page < end && parent.flags[page] === flags) page++;
        if (flags === 0) continue;
        this.#setFlags(first * PAGE_SIZE, (page - first) * PAGE_SIZE, flags);
        this.#copyUsed(parent, first, page);
      }
    }
  }

  /** Unmaps everything and zeroes what was used: a fresh address space. */
  reset(): void {
    for (const { first, end } of this.#touchedRuns()) {
      for (let page = nextSet(this.codePages, first, end); page < end;) {
        this.#announcePage(page);
        page = nextSet(this.codePages, page + 1, end);
      }
      this.#clear(first, end);
      this.flags.fill(0, first, end);
      for (const table of [this.noRead, this.noWrite, this.noReadSpan, this.noWriteSpan]) {
        table.fill(1, first, end);
      }
    }
    this.#touched.fill(0);
  }

  isMapped(start: number, length: number): boolean {
    for (
      let page = start >>> PAGE_SHIFT;
      page < (start + length + PAGE_SIZE - 1) / PAGE_SIZE;
      page++
    ) {
      if (!this.flags[page]) return false;
    }
    return true;
  }

  /**
   * Offset into `bytes` at which the `size` bytes at `hi:lo` may be read.
   * @throws ProgramInterruption page-translation (not mapped) or protection.
   */
  readable(hi: number, lo: number, size: number): number {
    const start = lo >>> 0;
    const last = start + size - 1;
    if (hi !== 0 || last >= this.size) this.#fault(hi, lo, 0, false);
    for (let page = start >>> PAGE_SHIFT; page <= last >>> PAGE_SHIFT; page++) {
      if (this.noRead[page]) this.#fault(hi, lo, Math.max(start, page << PAGE_SHIFT), false);
    }
    return start;
  }

  /** As {@link readable} for a store; announces the change first when the page holds code. */
  writable(hi: number, lo: number, size: number): number {
    const start = lo >>> 0;
    const last = start + size - 1;
    if (hi !== 0 || last >= this.size) this.#fault(hi, lo, 0, true);
    for (let page = start >>> PAGE_SHIFT; page <= last >>> PAGE_SHIFT; page++) {
      if (this.noWrite[page]) {
        if ((this.flags[page]! & PAGE_WRITE) === 0) {
          this.#fault(hi, lo, Math.max(start, page << PAGE_SHIFT), true);
        }
      }
    }
    for (let page = start >>> PAGE_SHIFT; page <= last >>> PAGE_SHIFT; page++) {
      if (this.noWrite[page]) this.#announcePage(page);
    }
    this.onStore?.(start, (last | (PAGE_SIZE - 1)) - start + 1);
    return start;
  }

  load8(hi: number, lo: number): number {
    return this.bytes[this.readable(hi, lo, 1)]!;
  }

  store8(hi: number, lo: number, value: number): void {
    this.bytes[this.writable(hi, lo, 1)] = value;
  }

  /** Whether instructions may be fetched from `[address, address + size)`. */
  isExecutable(address: number, size: number): boolean {
    if (address < 0 || address + size > this.size) return false;
    for (let page = address >>> PAGE_SHIFT; page <= (address + size - 1) >>> PAGE_SHIFT; page++) {
      if ((this.flags[page]! & PAGE_EXEC) === 0) return false;
    }
    return true;
  }

  /** See `CodeSource`. */
  codeOffset(address: number): number {
    if (this.isExecutable(address, 2)) return address;
    const isMapped = address >= 0 && address < this.size && this.isMapped(address, 1);
    return -(isMapped ? PIC_PROTECTION : PIC_PAGE_TRANSLATION);
  }

  codePage(address: number): number {
    return address >>> PAGE_SHIFT;
  }

  isVolatile(): boolean {
    return false;
  }

  /** There is one space only: see `GuestStorage`. */
  accessRegister = 0;

  operand(): void {
    // All operands are in it.
  }

  /** Nothing is ever in a window: see `GuestStorage`. */
  readonly open = 0;

  settle(): void {
    // Operands are where their addresses say.
  }

  /** Whether `size` bytes (at most a page) may be read, without raising an interruption. */
  isReadable(hi: number, lo: number, size: number): boolean {
    const start = lo >>> 0;
    const last = start + size - 1;
    return (
      hi === 0 &&
      last < this.size &&
      (this.noRead[start >>> PAGE_SHIFT]! | this.noRead[last >>> PAGE_SHIFT]!) === 0
    );
  }

  /** Marks the page as the source of a translation: stores into it are announced from now on. */
  markCode(page: number): void {
    this.codePages[page] = 1;
    this.#setNoWrite(page, 1);
  }

  #announce(start: number, length: number): void {
    assert(start % PAGE_SIZE === 0 && length % PAGE_SIZE === 0, 'page alignment');
    for (let page = start >>> PAGE_SHIFT; page < (start + length) / PAGE_SIZE; page++) {
      if (this.codePages[page]) this.#announcePage(page);
    }
  }

  #announcePage(page: number): void {
    if (!this.codePages[page]) return;
    this.codePages[page] = 0;
    this.#setNoWrite(page, this.flags[page]! & PAGE_WRITE ? 0 : 1);
    for (const listener of this.codeListeners) listener.codePageChanged(page);
  }

  /** Ranges of pages, in whole MiB, outside of which nothing was mapped since the last reset. */
  *#touchedRuns(): Generator<{ readonly first: number; readonly end: number }> {
    const touched = this.#touched;
    for (let chunk = nextSet(touched, 0, CHUNKS); chunk < CHUNKS;) {
      const run = chunk;
      while (chunk < CHUNKS && touched[chunk]) chunk++;
      yield { first: run * CHUNK_PAGES, end: chunk * CHUNK_PAGES };
      chunk = nextSet(touched, chunk, CHUNKS);
    }
  }

  /** Zeroes the pages of `[first, end)` that may hold something else. */
  #clear(first: number, end: number): void {
    for (let page = nextSet(this.#used, first, end); page < end;) {
      const run = page;
      while (page < end && this.#used[page]) page++;
      clearBytes(this.bytes.subarray(run * PAGE_SIZE, page * PAGE_SIZE));
      this.#used.fill(0, run, page);
      page = nextSet(this.#used, page, end);
    }
  }

  #copyUsed(parent: AddressSpace, first: number, end: number): void {
    const used = parent.#used;
    for (let page = nextSet(used, first, end); page < end;) {
      const run = page;
      while (page < end && used[page]) page++;
      const start = run * PAGE_SIZE;
      this.bytes.set(parent.bytes.subarray(start, page * PAGE_SIZE), start);
      this.#used.fill(1, run, page);
      page = nextSet(used, page, end);
    }
  }

  #setFlags(start: number, length: number, flags: number): void {
    const first = start >>> PAGE_SHIFT;
    const end = first + length / PAGE_SIZE;
    assert(
      flags === 0 || (start >= LOWEST_ADDRESS && start + length <= this.size),
      'mapping range',
    );
    this.flags.fill(flags, first, end);
    if (flags !== 0) this.#touched.fill(1, first >>> CHUNK_SHIFT, ((end - 1) >>> CHUNK_SHIFT) + 1);
    const accessible = (flags & (PAGE_READ | PAGE_WRITE | PAGE_EXEC)) !== 0;
    if (accessible) this.#used.fill(1, first, end);
    // The hardware has no write-only and no execute-only pages.
    fillSpan(this.noRead, this.noReadSpan, accessible ? 0 : 1, first, end);
    fillSpan(this.noWrite, this.noWriteSpan, flags & PAGE_WRITE ? 0 : 1, first, end);
  }

  #setNoWrite(page: number, closed: number): void {
    fillSpan(this.noWrite, this.noWriteSpan, closed, page, page + 1);
  }

  #fault(hi: number, lo: number, failing: number, isStore: boolean): never {
    const mapped = hi === 0 && failing !== 0 && this.flags[failing >>> PAGE_SHIFT]! !== 0;
    throw new ProgramInterruption(mapped ? PIC_PROTECTION : PIC_PAGE_TRANSLATION, {
      address: hi === 0 && failing !== 0 ? BigInt(failing) : toBigUint(hi, lo),
      isStore,
    });
  }
}

/** Sets a table for pages `[first, end)`, and the table of pages that are open with their next. */
function fillSpan(
  table: Uint8Array,
  span: Uint8Array,
  closed: number,
  first: number,
  end: number,
): void {
  if (first >= end) return;
  table.fill(closed, first, end);
  span.fill(closed, first, end - 1);
  span[end - 1] = closed | (table[end] ?? 1);
  if (first > 0) span[first - 1] = table[first - 1]! | closed;
}

/** The first index in `[from, end)` at which `table` is 1, else `end`. */
function nextSet(table: Uint8Array, from: number, end: number): number {
  const found = table.subarray(from, end).indexOf(1);
  return found < 0 ? end : from + found;
}

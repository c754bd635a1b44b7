import type { RegionSource } from '../backend/js/compile.ts';
import type { RegionGraph } from '../frontend/region.ts';
import type { CodePages } from '../frontend/translate-block.ts';
import type { CodeRange } from '../ir/block.ts';
import type { CodeSource } from '../memory/code-source.ts';
import { PAGE_SIZE } from '../memory/page.ts';

/** A region's source, and all that decides whether it may run somewhere. */
export interface KeptRegion {
  /** See `modeKey`. */
  readonly mode: number;
  readonly entry: number;
  readonly blocks: readonly number[];
  readonly insnCount: number;
  /** What it was made from, in order of address, and the bytes that were there, one after another. */
  readonly ranges: readonly CodeRange[];
  readonly bytes: Uint8Array;
  /** See `Region`. */
  readonly narrow: number;
  /** The entry is behind a call. */
  readonly isReturnPoint: boolean;
  readonly source: RegionSource;
}

/** Characters of source that are kept: ten boots of Debian's kernel have a third of it. */
const SIZE_LIMIT = 48 * 1024 * 1024;
/** Regions kept of different code at one address. */
const VARIANTS = 4;

/**
 * Sources of regions, found again by what they were made from: the mode, the address and the bytes of
 * the guest's code. A program that is started again, another process of it, and, where a host keeps
 * the store in a file, the next run of a kernel need not be interpreted first, nor translated.
 *
 * What depends on anything else does not go in: `translationKey` says which engines may share.
 */
export class TranslationStore {
  /** By mode and entry; what was used last comes last. */
  readonly #kept = new Map<string, readonly KeptRegion[]>();
  #size = 0;
  /** Whether anything came in that was just made. */
  hasNew = false;

  *[Symbol.iterator](): Iterator<KeptRegion> {
    for (const variants of this.#kept.values()) yield* variants;
  }

  /** Whether anything is known that is entered there. */
  has(mode: number, entry: number): boolean {
    return this.#kept.has(keyOf(mode, entry));
  }

  /** A region whose code is at its place, and the pages that it is on. */
  find(
    mode: number,
    entry: number,
    code: CodeSource,
  ): { readonly kept: KeptRegion; readonly pages: CodePages } | undefined {
    const key = keyOf(mode, entry);
    const variants = this.#kept.get(key);
    const kept = variants?.find(({ ranges, bytes }) => isThere(code, ranges, bytes));
    if (!variants || !kept) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, [kept, ...variants.filter((variant) => variant !== kept)]);
    return { kept, pages: pagesOf(code, kept.ranges) };
  }

  /** What is known of a region before it is written; undefined when its code may change unnoticed. */
  describe(
    mode: number,
    graph: RegionGraph,
    isReturnPoint: boolean,
    code: CodeSource,
  ): Omit<KeptRegion, 'source' | 'narrow'> | undefined {
    const { entry, insnCount } = graph;
    const ranges = rangesOf(graph).filter(({ at, length }) => isFetchable(code, at, length));
    if (ranges.some(({ at }) => code.isVolatile(at))) return undefined;
    const blocks = [...graph.blocks.keys()];
    return { mode, entry, blocks, insnCount, ranges, bytes: bytesOf(code, ranges), isReturnPoint };
  }

  /** Keeps what was just made, in the place of what was made from the same bytes. */
  keep(region: KeptRegion): void {
    this.hasNew = true;
    this.add(region);
  }

  add(region: KeptRegion): void {
    const key = keyOf(region.mode, region.entry);
    const before = this.#kept.get(key) ?? [];
    const others = before.filter(({ bytes }) => !isEqual(bytes, region.bytes));
    const variants = [region, ...others].slice(0, VARIANTS);
    this.#kept.delete(key);
    this.#kept.set(key, variants);
    this.#size += sizeOf(variants) - sizeOf(before);
    for (const [oldest, { length }] of this.#kept) {
      if (this.#size <= SIZE_LIMIT || length === 0) break;
      this.#size -= sizeOf(this.#kept.get(oldest)!);
      this.#kept.delete(oldest);
    }
  }
}

const keyOf = (mode: number, entry: number): string => `${mode} ${entry}`;

const sizeOf = (variants: readonly KeptRegion[]): number =>
  variants.reduce((sum, { source }) => sum + source.text.length, 0);

const isEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

/** The instructions of a region, joined where they are next to each other. */
function rangesOf({ blocks }: RegionGraph): CodeRange[] {
  const parts = [...blocks.values()].flatMap(({ insns, executed }) => [...insns, ...executed]);
  parts.sort((a, b) => a.at - b.at);
  const ranges: { at: number; length: number }[] = [];
  for (const { at, length } of parts) {
    const last = ranges.at(-1);
    if (last && at <= last.at + last.length) {
      last.length = Math.max(last.length, at + length - last.at);
    } else ranges.push({ at, length });
  }
  return ranges;
}

/** Addresses and lengths of a range's parts that are each on one page. */
function* partsOf({ at, length }: CodeRange): Generator<CodeRange> {
  const end = at + length;
  for (let start = at; start < end;) {
    const next = Math.min(end, (Math.floor(start / PAGE_SIZE) + 1) * PAGE_SIZE);
    yield { at: start, length: next - start };
    start = next;
  }
}

function isFetchable(code: CodeSource, at: number, length: number): boolean {
  if (at % 2 !== 0) return false;
  return [...partsOf({ at, length })].every((part) => code.codeOffset(part.at) >= 0);
}

function bytesOf(code: CodeSource, ranges: readonly CodeRange[]): Uint8Array {
  const bytes = new Uint8Array(ranges.reduce((sum, { length }) => sum + length, 0));
  let i = 0;
  for (const range of ranges) {
    for (const { at, length } of partsOf(range)) {
      const offset = code.codeOffset(at);
      bytes.set(code.bytes.subarray(offset, offset + length), i);
      i += length;
    }
  }
  return bytes;
}

function isThere(code: CodeSource, ranges: readonly CodeRange[], bytes: Uint8Array): boolean {
  let i = 0;
  for (const range of ranges) {
    for (const { at, length } of partsOf(range)) {
      const offset = code.codeOffset(at);
      if (offset < 0 || code.isVolatile(at)) return false;
      for (let k = 0; k < length; k++, i++) if (code.bytes[offset + k] !== bytes[i]) return false;
    }
  }
  return true;
}

function pagesOf(code: CodeSource, ranges: readonly CodeRange[]): CodePages {
  const pages = new Map<number, number>();
  for (const range of ranges) {
    for (const { at } of partsOf(range)) pages.set(Math.floor(at / PAGE_SIZE), code.codePage(at));
  }
  return pages;
}

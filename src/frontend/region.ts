import { addressOf, CALL_SITES, siteOf, startOf, type Block, type Terminal } from '../ir/block.ts';
import { highWord } from '../base/int64.ts';
import type { Mode } from '../ir/builder.ts';
import { successors } from '../ir/terminal.ts';
import type { CodeSource } from '../memory/code-source.ts';
import { translateBlock, type CodePages, type TranslateOptions } from './translate-block.ts';

/** Guest instructions in one region. V8 stops optimising functions of more than 60 KB of bytecode. */
export const REGION_LIMIT = 500;
/** How far from its entry a region follows direct branches: beyond, it is another function. */
const REGION_REACH = 0x8000;

/** A piece of one guest function: blocks by address, entered only at `entry`. */
export interface RegionGraph {
  readonly entry: number;
  readonly blocks: ReadonlyMap<number, Block>;
  readonly pages: CodePages;
  readonly insnCount: number;
}

/** What the interpreter knows of the code. */
export interface CodeProfile {
  /** Whether a block was ever executed. */
  executed(address: number): boolean;
  /** Where the indirect branch at an address has gone. */
  targets(at: number): readonly number[];
  /** Whether an address is that behind a call. */
  isReturnPoint(address: number): boolean;
}

export interface RegionOptions extends TranslateOptions {
  readonly regionLimit?: number;
  /** What was never executed stays out of the region. Without a profile, all of it is wanted. */
  readonly profile?: CodeProfile;
  /** Switches call inlining off. */
  readonly noInlining?: boolean;
}

/** Most targets of an indirect branch that a region distinguishes. */
const TARGET_LIMIT = 32;
/** Guest instructions of a function that is worth having in the place of a call. */
const INLINE_LIMIT = 50;
/** Guest instructions of a region up to which calls in it are inlined. */
const INLINE_TOTAL = 200;
/** Addresses that have room for the number of a call: see `startOf`. */
const INLINE_BELOW = 2 ** 42;
/** Calls inlined within each other, and how many of these may be of one function. */
const INLINE_DEPTH = 4;
const INLINE_RECURSION = 2;

/** A function within the region: the one that it belongs to, or one in the place of a call. */
interface Site {
  readonly number: number;
  readonly entry: number;
  readonly caller: Site | undefined;
  /** The block behind the call. */
  readonly returnsTo: number | undefined;
  readonly leaders: Set<number>;
}

/**
 * Grows a region over direct branches, call continuations, targets of indirect branches and small
 * functions that are called, breadth first from `entry`.
 */
export function growRegion(
  code: CodeSource,
  entry: number,
  mode: Mode,
  options: RegionOptions = {},
): RegionGraph {
  return new RegionGrower(code, mode, options).grow(entry);
}

class RegionGrower {
  readonly #code: CodeSource;
  readonly #mode: Mode;
  readonly #options: RegionOptions;
  readonly #blocks = new Map<number, Block>();
  readonly #pages = new Map<number, number>();
  /** The block of each instruction, by site. */
  readonly #containing = new Map<number, number>();
  readonly #sites: Site[] = [];
  readonly #queue: number[] = [];
  /** The first block of the function in the place of a call, by the block behind the call. */
  readonly #inlined = new Map<number, number>();
  /** Sizes of functions, as far as a small one's. */
  readonly #sizes = new Map<number, number>();
  #insnCount = 0;

  constructor(code: CodeSource, mode: Mode, options: RegionOptions) {
    this.#code = code;
    this.#mode = mode;
    this.#options = options;
  }

  grow(entry: number): RegionGraph {
    const { regionLimit = REGION_LIMIT } = this.#options;
    this.#newSite(entry, undefined, undefined);
    for (let start = this.#queue.shift(); start !== undefined; start = this.#queue.shift()) {
      if (this.#blocks.has(start)) continue;
      if (this.#insnCount >= regionLimit) break;
      this.#add(start);
    }
    return { entry, blocks: this.#blocks, pages: this.#pages, insnCount: insnsIn(this.#blocks) };
  }

  /** Begins a function; returns the start of its first block, which is queued. */
  #newSite(entry: number, caller: Site | undefined, returnsTo: number | undefined): number {
    const number = this.#sites.length;
    this.#sites.push({ number, entry, caller, returnsTo, leaders: new Set([entry]) });
    const start = startOf(entry, number);
    this.#queue.push(start);
    return start;
  }

  #add(start: number): void {
    const { hasFacility } = this.#options;
    const site = this.#sites[siteOf(start)]!;
    const { block, pages } = translateBlock(this.#code, addressOf(start), this.#mode, {
      leaders: site.leaders,
      limit: 256,
      ...(hasFacility ? { hasFacility } : {}),
    });
    const placed: Block = { ...block, start, terminal: this.#placeTerminal(block, site) };
    this.#blocks.set(start, placed);
    for (const [page, home] of pages) this.#pages.set(page, home);
    for (const { at } of block.insns) this.#containing.set(startOf(at, site.number), start);
    this.#insnCount += block.insns.length;
    for (const next of successors(placed.terminal)) this.#want(next, placed);
  }

  /** Queues a successor of a block, unless it was never executed or is too far away. */
  #want(next: number, { terminal }: Block): void {
    const site = this.#sites[siteOf(next)]!;
    const address = addressOf(next);
    const { profile } = this.#options;
    if (site.leaders.has(address)) return;
    if (Math.abs(address - site.entry) > REGION_REACH || !isNear(address, site.entry)) return;
    if (this.#code.isVolatile(address)) return;
    // What a block runs into has been executed with it.
    if (
      terminal.kind !== 'link' &&
      terminal.kind !== 'modeChange' &&
      profile &&
      !profile.executed(address)
    )
      return;
    site.leaders.add(address);
    const around = this.#containing.get(next);
    if (around !== undefined) {
      // A branch into the middle of a block: split it there.
      this.#insnCount -= this.#blocks.get(around)!.insns.length;
      this.#blocks.delete(around);
      this.#add(around);
    }
    this.#queue.push(next);
  }

  /** The terminal with the starts of blocks instead of addresses. */
  #placeTerminal(block: Block, site: Site): Terminal {
    const { terminal } = block;
    const place = (address: number): number => startOf(address, site.number);
    switch (terminal.kind) {
      case 'link':
        return { ...terminal, target: place(terminal.target) };
      case 'branch':
        return { ...terminal, taken: place(terminal.taken), next: place(terminal.next) };
      case 'call': {
        const next = place(terminal.next);
        const { target } = terminal;
        if (typeof target !== 'number') return { ...terminal, next };
        let inlined = this.#inlined.get(next);
        if (inlined === undefined && this.#mayInline(target, site)) {
          inlined = this.#newSite(target, site, next);
          this.#inlined.set(next, inlined);
        }
        return inlined === undefined ? { ...terminal, next } : { kind: 'link', target: inlined };
      }
      case 'modeChange':
        return terminal.condition
          ? { ...terminal, next: place(terminal.next as number) }
          : terminal;
      case 'indirect':
        return { ...terminal, ...this.#targets(block, terminal.hint, site) };
      case 'branchIndirect': {
        const { hint, targets } = this.#targets(block, terminal.hint, site);
        return { ...terminal, next: place(terminal.next), hint, targets };
      }
      default:
        return terminal;
    }
  }

  #targets(
    { insns }: Block,
    hint: 'return' | 'jump',
    { number, returnsTo }: Site,
  ): { hint: 'return' | 'jump'; targets: number[] } {
    const { profile } = this.#options;
    const found = profile?.targets(insns.at(-1)!.at) ?? [];
    // GCC returns by other registers than %r14 too.
    if (hint === 'return' || found.some((at) => profile!.isReturnPoint(at))) {
      return { hint: 'return', targets: returnsTo === undefined ? [] : [returnsTo] };
    }
    const near = found.filter((at) => isNear(at, insns.at(-1)!.at));
    const targets = near.length > TARGET_LIMIT ? [] : near.map((at) => startOf(at, number));
    return { hint, targets };
  }

  #mayInline(target: number, site: Site): boolean {
    const { profile, noInlining } = this.#options;
    if (!isNear(target, site.entry) || target >= INLINE_BELOW) return false;
    if (noInlining || this.#sites.length === CALL_SITES || !profile?.executed(target)) return false;
    let depth = 0;
    let same = 0;
    for (let s: Site | undefined = site; s; s = s.caller) {
      depth++;
      if (s.entry === target) same++;
    }
    if (depth > INLINE_DEPTH || same > INLINE_RECURSION) return false;
    let size = this.#sizes.get(target);
    if (size === undefined) {
      const options = { ...this.#options, noInlining: true, regionLimit: INLINE_LIMIT + 1 };
      size = growRegion(this.#code, target, this.#mode, options).insnCount;
      this.#sizes.set(target, size);
    }
    return size <= INLINE_LIMIT && this.#insnCount + size <= INLINE_TOTAL;
  }
}

/** Generated code returns low words: all addresses of a region are in the same 4 GiB. */
const isNear = (a: number, b: number): boolean => highWord(a) === highWord(b);

const insnsIn = (blocks: ReadonlyMap<number, Block>): number =>
  [...blocks.values()].reduce((sum, { insns }) => sum + insns.length, 0);

/** Whether generated code can do the first instruction of a region. */
export function canBegin({ entry, blocks }: RegionGraph): boolean {
  const { terminal, insns } = blocks.get(entry)!;
  const isInterpreted = ['supervisorCall', 'intercept', 'interrupt', 'execute'];
  return insns.length > 1 || !isInterpreted.includes(terminal.kind);
}

/** The part of a region that is entered at another of its blocks and stays within some of them. */
export function restrictRegion(
  whole: RegionGraph,
  entry: number,
  within: ReadonlySet<number>,
): RegionGraph {
  const blocks = new Map([...whole.blocks].filter(([start]) => within.has(start)));
  return { entry, blocks, pages: whole.pages, insnCount: insnsIn(blocks) };
}

/** The successors of each block that are inside the region. */
export function regionEdges({ blocks }: RegionGraph): Map<number, number[]> {
  const edges = new Map<number, number[]>();
  for (const [start, { terminal }] of blocks) {
    edges.set(
      start,
      successors(terminal).filter((next) => blocks.has(next)),
    );
  }
  return edges;
}

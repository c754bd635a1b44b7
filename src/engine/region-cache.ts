import { compileRegion, type RegionLink, type RegionSource } from '../backend/js/compile.ts';
import { highWord } from '../base/int64.ts';
import { TRAINING, TRAINING_ROUNDS } from '../backend/js/cold-exits.ts';
import { emitOptions } from '../backend/js/emit-options.ts';
import { createNames } from '../backend/js/runtime-names.ts';
import { writeRegion, type RegionJob } from '../backend/js/write-region.ts';
import { FAR, LEFT } from '../cpu/exit-reason.ts';
import { BUDGET, IA, STALE } from '../cpu/state.ts';
import type { RegionGraph } from '../frontend/region.ts';
import type { CodePages } from '../frontend/translate-block.ts';
import type { ProgramStorage } from '../memory/code-source.ts';
import { DatStorage } from '../memory/dat-storage.ts';
import type { HelperContext } from '../runtime/context.ts';
import type { EngineOptions } from './options.ts';
import type { Statistics } from './statistics.ts';
import type { KeptRegion } from './translation-store.ts';

/** Translated guest code, ready to run. */
export interface Region {
  readonly entry: number;
  /** Starts of its blocks. (The IR is not kept: there is ten times as much of it as of code.) */
  readonly blocks: ReadonlySet<number>;
  readonly pages: CodePages;
  readonly source: RegionSource;
  /** Runs from the entry; returns the next address, or -1 with the reason in the register file. */
  readonly run: (stack: number) => number;
  /** General registers (bit r) that the code takes to be narrow at the entry. */
  readonly narrow: number;
}

/** What is known of the registers at an entry from regions that took them to be narrow. */
interface Experience {
  /** How often a register was not. */
  misses: number;
  /** General registers (bit r) that may be taken to be narrow. */
  allowed: number;
  /** How often a guard failed, and whether guards look at pages one by one for that reason. */
  closed: number;
  exactGuards: boolean;
}

const JUMP_SIZE = 4096;
/** Wrong assumptions about narrow registers before a region is made anew. */
const MISSES = 8;

/** The regions of one address space, the links between them, and their invalidation. */
export class RegionCache {
  readonly #context: HelperContext;
  readonly #memory: ProgramStorage;
  readonly #options: EngineOptions;
  readonly #statistics: Statistics;
  readonly #names: Record<string, unknown>;
  readonly #regions = new Map<number, Region>();
  readonly #links = new Map<number, RegionLink>();
  readonly #byPage = new Map<number, Set<Region>>();
  /** Targets of indirect branches, direct-mapped. */
  readonly #jumpAddresses = new Int32Array(JUMP_SIZE).fill(-1);
  readonly #jumpHighs = new Int32Array(JUMP_SIZE);
  readonly #jumpLinks: RegionLink[];

  readonly #experience = new Map<number, Experience>();
  readonly #returnPoints: ReadonlySet<number>;
  /** Told when a region is dropped because the code for it should be made anew. */
  readonly #dropped: (entry: number) => void;

  constructor(
    context: HelperContext,
    memory: ProgramStorage,
    options: EngineOptions,
    statistics: Statistics,
    returnPoints: ReadonlySet<number>,
    dropped: (entry: number) => void,
  ) {
    this.#returnPoints = returnPoints;
    this.#dropped = dropped;
    this.#context = context;
    this.#memory = memory;
    this.#options = options;
    this.#statistics = statistics;
    const addresses = this.#jumpAddresses;
    const nowhere: RegionLink = { run: () => -1 };
    const links: RegionLink[] = new Array(JUMP_SIZE).fill(nowhere) as RegionLink[];
    this.#jumpLinks = links;
    const { words } = context.state;
    const highs = this.#jumpHighs;
    const flatJump = (hi: number, lo: number, stack: number): number => {
      if ((hi | (lo >> 31)) !== 0) return leaveFar(hi, lo);
      const index = (lo >>> 1) & (JUMP_SIZE - 1);
      return addresses[index] === lo ? links[index]!.run(stack) : lo;
    };
    /** What a region returns belongs to its own 4 GiB; `from` is the high word of the caller's. */
    const datJump = (hi: number, lo: number, stack: number, from = 0): number => {
      const index = (lo >>> 1) & (JUMP_SIZE - 1);
      let next = lo;
      if (addresses[index] === lo && highs[index] === hi) next = links[index]!.run(stack);
      else if (lo & 1) return leaveFar(hi, lo);
      if (hi === from || next === LEFT || next === FAR) return next;
      words[IA] = next;
      words[IA + 1] = hi;
      return FAR;
    };
    const jump = memory instanceof DatStorage ? datJump : flatJump;
    this.#names = createNames(
      context,
      jump,
      (entry) => this.#notNarrow(entry),
      (entry) => this.#guardFailed(entry),
    );
    const leaveFar = this.#names['leaveFar'] as (hi: number, lo: number) => number;
    words[STALE] = 0;
  }

  /** The region entered at `address`, if there is one. */
  find(address: number): Region | undefined {
    return this.#regions.get(address);
  }

  /** Every region, in order of translation. */
  all(): Iterable<Region> {
    return this.#regions.values();
  }

  codePageChanged(page: number, removed: (address: number) => void): void {
    const regions = this.#byPage.get(page);
    if (!regions) return;
    for (const { entry } of [...regions]) {
      this.remove(entry);
      removed(entry);
    }
    this.#context.state.words[STALE] = 1;
  }

  /** Forgets the region entered at `address`: whoever goes there comes to the dispatcher. */
  remove(address: number): void {
    const region = this.#regions.get(address);
    if (!region) return;
    this.#regions.delete(address);
    this.#link(address).run = stub(address);
    for (const page of region.pages.values()) {
      const regions = this.#byPage.get(page);
      regions?.delete(region);
      if (regions?.size === 0) this.#byPage.delete(page);
    }
  }

  /** Cuts all links: whoever goes to a region comes to the dispatcher, which verifies it first. */
  suspend(): void {
    for (const [target, link] of this.#links) link.run = stub(target);
  }

  /** Links a region again whose pages are in their places; otherwise forgets it. */
  resume(region: Region, places: { isInPlace(pages: CodePages): boolean }): boolean {
    if (this.#regions.get(region.entry) !== region) return false;
    if (places.isInPlace(region.pages)) {
      this.#link(region.entry).run = region.run;
      return true;
    }
    this.remove(region.entry);
    return false;
  }

  /** What the source of a region is to be made of, as things are now. */
  job(graph: RegionGraph): RegionJob {
    const { comments, countInstructions, logStores, disabledPasses } = this.#options;
    const experience = this.#experience.get(graph.entry);
    const allowed = disabledPasses?.has('narrow-registers') ? 0 : (experience?.allowed ?? -1);
    return {
      graph,
      emit: {
        ...emitOptions(disabledPasses),
        dat: this.#memory instanceof DatStorage,
        comments: comments ?? false,
        countInstructions: countInstructions ?? false,
        logStores: logStores ?? false,
        ...(experience?.exactGuards ? { exactGuards: true } : {}),
      },
      disabledPasses: disabledPasses ?? new Set(),
      mayBeNarrow: allowed && this.#narrowNow() & allowed,
    };
  }

  /** Whether the region entered at an address has been wrong, so that the next is made otherwise. */
  hasExperience(entry: number): boolean {
    return this.#experience.has(entry);
  }

  /** Makes a region. */
  make(graph: RegionGraph): Region {
    const { source, narrow } = writeRegion(this.job(graph));
    const { entry, pages } = graph;
    const blocks = new Set(graph.blocks.keys());
    const run = compileRegion(source, this.#names, (target) => this.#link(target));
    const region: Region = { entry, blocks, pages, narrow, source, run };
    this.#enter(region, this.#returnPoints.has(entry));
    return region;
  }

  /**
   * Makes a region of a source that is known to be right where it is; undefined when something has
   * been wrong with one here before, so that it is to be made anew.
   */
  restore(
    { entry, blocks, narrow, source, isReturnPoint }: KeptRegion,
    pages: CodePages,
  ): Region | undefined {
    const isKnown = source.helpers.every((name) => name in this.#names);
    if (!isKnown || this.#experience.has(entry)) return undefined;
    const run = compileRegion(source, this.#names, (target) => this.#link(target));
    const region: Region = { entry, blocks: new Set(blocks), pages, narrow, source, run };
    this.#enter(region, isReturnPoint || this.#returnPoints.has(entry));
    return region;
  }

  /** A region is there from now on. */
  #enter(region: Region, isReturnPoint: boolean): void {
    const address = region.entry;
    this.#statistics.sourceSize += region.source.text.length;
    if (!this.#options.disabledPasses?.has('exit-training')) this.#train(region);
    this.#regions.set(address, region);
    this.#link(address).run = region.run;
    // A branch to behind a call is a return: to the caller, who expects it.
    if (!isReturnPoint) {
      const index = (address >>> 1) & (JUMP_SIZE - 1);
      this.#jumpAddresses[index] = address;
      this.#jumpHighs[index] = highWord(address);
      this.#jumpLinks[index] = this.#link(address);
    }
    for (const page of region.pages.values()) {
      this.#memory.markCode(page);
      const regions = this.#byPage.get(page);
      if (regions) regions.add(region);
      else this.#byPage.set(page, new Set([region]));
    }
  }

  /** The general registers that hold sign extensions of their low words at this moment. */
  #narrowNow(): number {
    const { words } = this.#context.state;
    let found = 0;
    for (let r = 0; r < 16; r++) if (words[2 * r + 1] === words[2 * r]! >> 31) found |= 1 << r;
    return found;
  }

  /**
   * A region has met a wide value in a register that it takes to be narrow. When that happens
   * again and again it is made anew, first without the registers that are wide now, and, if it
   * was a result that did not fit, without assuming anything.
   */
  #notNarrow(entry: number): void {
    const region = this.#regions.get(entry);
    if (!region) return;
    const experience = this.#experienceOf(entry);
    if (++experience.misses % MISSES !== 0) return;
    const still = region.narrow & this.#narrowNow();
    experience.allowed = still === region.narrow || experience.misses > 4 * MISSES ? 0 : still;
    this.remove(entry);
    this.#dropped(entry);
  }

  /**
   * A guard has found something closed. When that happens again and again, it may be only next to
   * what is accessed, and the region is made anew with exact guards.
   */
  #guardFailed(entry: number): void {
    if (!this.#regions.has(entry)) return;
    const experience = this.#experienceOf(entry);
    if (++experience.closed < MISSES || experience.exactGuards) return;
    experience.exactGuards = true;
    this.remove(entry);
    this.#dropped(entry);
  }

  #experienceOf(entry: number): Experience {
    let found = this.#experience.get(entry);
    if (!found) {
      found = { misses: 0, allowed: -1, closed: 0, exactGuards: false };
      this.#experience.set(entry, found);
    }
    return found;
  }

  /** Runs every cold exit of a new region (see cold-exits.ts), and undoes what that does. */
  #train({ run, source }: Region): void {
    const { words } = this.#context.state;
    const saved = words.slice();
    for (let i = 0; i < TRAINING_ROUNDS * source.coldExits; i++) {
      words[BUDGET] = 1;
      run(TRAINING - (i % source.coldExits));
    }
    run(-1);
    words.set(saved);
  }

  #link(target: number): RegionLink {
    let link = this.#links.get(target);
    if (!link) this.#links.set(target, (link = { run: stub(target) }));
    return link;
  }
}

/** Stands for a region that is not there: back to the dispatcher. */
function stub(address: number): (stack: number) => number {
  const low = address | 0;
  return () => low;
}

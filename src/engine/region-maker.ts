import {
  canBegin,
  growRegion,
  restrictRegion,
  type RegionGraph,
  type RegionOptions,
} from '../frontend/region.ts';
import type { CodeSource } from '../memory/code-source.ts';
import type { CodeSpace } from './code-space.ts';
import { NEVER, type BlockEntry } from './entry.ts';
import type { EngineOptions } from './options.ts';
import { planRegion } from './region-plan.ts';
import type { Statistics } from './statistics.ts';

/** Executions of a block before the region that is kept for it is taken. */
const RESTORE_THRESHOLD = 100;

/** The block at an address of the current space, translated if need be. */
type FindBlock = (address: number) => BlockEntry;

/** Decides where hot code gets regions, and has them made, or takes them from the store. */
export class RegionMaker {
  readonly #memory: CodeSource;
  readonly #options: EngineOptions;
  readonly #statistics: Statistics;
  /** Executions of a block before a region is made. */
  readonly #threshold: number;

  constructor(
    memory: CodeSource,
    options: EngineOptions,
    statistics: Statistics,
    threshold: number,
  ) {
    this.#memory = memory;
    this.#options = options;
    this.#statistics = statistics;
    this.#threshold = threshold;
  }

  /**
   * Makes the region that a hot block begins, and returns true; or finds that it had better begin
   * elsewhere, which then happens when execution comes by there.
   */
  grow(space: CodeSpace, entry: BlockEntry, find: FindBlock): boolean {
    const { regions, planned } = space;
    const known = regions.find(entry.address);
    entry.region = known && regions.resume(known, space) ? known : null;
    if (entry.region) return true;
    const started = performance.now();
    const isPlanned = entry.planned !== null;
    if (isPlanned || !this.#restore(space, entry)) {
      if (entry.hasEarly && !isPlanned) {
        // What is kept is of other code.
        entry.hasEarly = false;
        entry.hits -= this.#threshold - RESTORE_THRESHOLD;
      } else {
        const graph = entry.planned ?? this.#plan(space, entry);
        entry.planned = null;
        planned.delete(entry);
        if (graph.entry === entry.address) this.#make(space, entry, graph);
        else this.#beginElsewhere(space, entry, graph, find);
      }
    }
    this.#statistics.translationTime += performance.now() - started;
    return entry.region !== null;
  }

  #beginElsewhere(
    { regions, planned }: CodeSpace,
    entry: BlockEntry,
    graph: RegionGraph,
    find: FindBlock,
  ): void {
    entry.hits = this.#threshold >> 1;
    const other = find(graph.entry);
    regions.remove(graph.entry);
    other.region = null;
    other.planned = graph;
    planned.add(other);
    other.hits = this.#threshold;
  }

  /** Makes the region of `graph`, if generated code can do its first instruction. */
  #make(space: CodeSpace, entry: BlockEntry, graph: RegionGraph): void {
    const { regions, key, history } = space;
    const { translations } = this.#options;
    entry.runs = 0;
    if (!canBegin(graph)) {
      entry.hits = NEVER;
      return;
    }
    const described = translations?.describe(
      key.mode,
      graph,
      history.returnPoints.has(graph.entry),
      this.#memory,
    );
    space.see(graph.pages);
    entry.region = regions.make(graph);
    this.#statistics.regions++;
    this.#statistics.regionInsns += graph.insnCount;
    const { source, narrow } = entry.region;
    if (described) translations!.keep({ ...described, source, narrow });
  }

  /** There may be a region for a new block: no need to wait long. */
  expect(entry: BlockEntry): void {
    const early = this.#threshold - RESTORE_THRESHOLD;
    if (early <= 0 || early === Infinity) return;
    entry.hits = early;
    entry.hasEarly = true;
  }

  /** Takes the region that is kept from another time for this code, if there is one. */
  #restore(space: CodeSpace, entry: BlockEntry): boolean {
    const { translations } = this.#options;
    const { key, regions } = space;
    const found = translations?.find(key.mode, entry.address, this.#memory);
    if (!found || space.contradicts(found.pages)) return false;
    space.see(found.pages);
    entry.region = regions.restore(found.kept, found.pages) ?? null;
    entry.runs = 0;
    if (entry.region) this.#statistics.restored++;
    return entry.region !== null;
  }

  #plan(space: CodeSpace, { address }: BlockEntry): RegionGraph {
    const { regions, mode, history, blocks } = space;
    const options = this.#regionOptions(space);
    if (!options.profile) return growRegion(this.#memory, address, mode, options);
    return planRegion(
      this.#memory,
      address,
      mode,
      {
        hits: (at) => blocks.get(at)?.hits ?? 0,
        functions: history.functions(),
      },
      options,
      (region, block) => regions.find(region)?.blocks.has(block) ?? false,
    );
  }

  #regionOptions({ blocks, history }: CodeSpace): RegionOptions {
    const { hasFacility, disabledPasses } = this.#options;
    const options = {
      ...(hasFacility ? { hasFacility } : {}),
      noInlining: disabledPasses?.has('call-inlining') ?? false,
    };
    // What is translated at its first execution has no past.
    if (this.#threshold === 0 || disabledPasses?.has('region-planning')) return options;
    const distinguishes = !disabledPasses?.has('branch-targets');
    return {
      ...options,
      profile: history.profile((at) => blocks.has(at), distinguishes),
    };
  }

  /** The blocks of the region entered at an address, or of the one that would be grown there. */
  graph(space: CodeSpace, address: number): RegionGraph {
    const options = space.blocks.has(address) ? this.#regionOptions(space) : {};
    const graph = growRegion(this.#memory, address, space.mode, options);
    const made = space.regions.find(address)?.blocks;
    const isPart = made && [...made].every((start) => graph.blocks.has(start));
    return isPart ? restrictRegion(graph, address, made) : graph;
  }
}

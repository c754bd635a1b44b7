import { createEnvironment, type Environment } from '../backend/interpreter/environment.ts';
import { lowerBlock, type Stop } from '../backend/interpreter/lower.ts';
import { toNumber } from '../base/int64.ts';
import { ProgramInterruption } from '../cpu/interruption.ts';
import { EXIT_BUDGET, EXIT_INTERPRET } from '../cpu/exit-reason.ts';
import { BUDGET, CpuState, EXIT_REASON, INSN_COUNT, STALE } from '../cpu/state.ts';
import { modeKey, modeOf, MODE_64 } from '../frontend/tb-key.ts';
import { translateBlock, translateExecuted } from '../frontend/translate-block.ts';
import {
  growRegion,
  restrictRegion,
  type RegionGraph,
  type RegionOptions,
} from '../frontend/region.ts';
import { USER_MODE } from '../ir/builder.ts';
import { runPasses } from '../ir/passes/index.ts';
import type { AddressSpace, CodePageListener } from '../memory/user-space.ts';
import type { HelperContext } from '../runtime/context.ts';
import { CodeHistory } from './code-history.ts';
import { BlockEntry, PLAIN_ENDING, STALE_BLOCK } from './entry.ts';
import type { EngineExit } from './exit.ts';
import { hostTod, type EngineOptions, type RegionWatcher } from './options.ts';
import { planRegion } from './region-plan.ts';
import { RegionCache } from './region-cache.ts';
import { Statistics } from './statistics.ts';

const LOOKUP_SIZE = 4096;
/** Hit count of a block that generated code cannot begin with. */
const NEVER = -(2 ** 30);
/** Words of host stack, in a unit of generated local variables, that nested calls may use. */
const HOST_STACK = 60_000;
/** Calls and loop iterations that generated code makes before it comes back to the dispatcher. */
const BUDGET_UNIT = 20_000;
/**
 * The same for a region's first runs. V8 replaces a function by its optimised code only when it is
 * entered, and the code that it makes for a running loop keeps every local as a tagged value.
 */
const WARM_UP_UNIT = 3_000;
const WARM_UP_RUNS = 2_000;
/** What running out of budget counts for the block where it happens. */
const BUDGET_HITS = 100;

/** The run loop of one VCPU over one address space: interprets, and runs regions where they are. */
export class Engine implements CodePageListener {
  readonly memory: AddressSpace;
  readonly state: CpuState;
  readonly options: EngineOptions;
  readonly context: HelperContext;
  readonly statistics = new Statistics();
  readonly regions: RegionCache;
  readonly #env: Environment;
  readonly #watcher: RegionWatcher | undefined;
  /** Blocks by address, one map per mode key. */
  readonly #blocks = new Map<number, Map<number, BlockEntry>>();
  readonly #lookup: (BlockEntry | undefined)[] = new Array(LOOKUP_SIZE).fill(undefined);
  readonly #byPage = new Map<number, Set<BlockEntry>>();
  readonly #threshold: number;
  /** Mode key that #lookup and the chains belong to. */
  #mode = MODE_64;
  readonly #history = new CodeHistory();
  /** Blocks at which a region is to be made. */
  readonly #planned = new Set<BlockEntry>();

  constructor(memory: AddressSpace, state: CpuState, options: EngineOptions = {}) {
    this.memory = memory;
    this.state = state;
    this.options = options;
    this.context = {
      state,
      memory,
      clock: options.clock ?? hostTod,
      facilities: options.facilities ?? new Uint8Array(32),
    };
    this.#env = createEnvironment(this.context);
    const { returnPoints } = this.#history;
    this.regions = new RegionCache(
      this.context,
      options,
      this.statistics,
      returnPoints,
      (address) => {
        const entry = this.block(address);
        if (entry) entry.region = null;
      },
    );
    this.#watcher = options.watchRegions?.(this.context, options);
    const { backend = 'tiered' } = options;
    this.#threshold =
      backend === 'interpreter' ? Infinity : backend === 'jit' ? 0 : (options.threshold ?? 5_000);
    memory.codeListeners.add(this);
  }

  /** An engine with the same options for a copy of the address space, as after fork. */
  fork(memory: AddressSpace): Engine {
    const state = new CpuState();
    state.copyFrom(this.state);
    return new Engine(memory, state, this.options);
  }

  /** Stops listening to the address space: for an engine that will not run again. */
  dispose(): void {
    this.memory.codeListeners.delete(this);
  }

  /** The block translated for the interpreter at `address`, if there is one. */
  block(address: number): BlockEntry | undefined {
    return this.#blocks.get(MODE_64)?.get(address);
  }

  /** Runs until something other than plain execution happens; about `budget` blocks or loops. */
  run(budget = Number.MAX_SAFE_INTEGER): EngineExit {
    for (;;) {
      const exit = this.#runMode(budget);
      if (exit) {
        this.statistics.exit(exit.kind);
        return exit;
      }
    }
  }

  codePageChanged(page: number): void {
    this.#watcher?.codePageChanged?.(page);
    const entries = this.#byPage.get(page);
    if (entries) {
      this.statistics.invalidations++;
      for (const entry of entries) {
        entry.invalidate();
        for (const blocks of this.#blocks.values()) {
          if (blocks.get(entry.address) === entry) blocks.delete(entry.address);
        }
        for (const other of entry.pages) if (other !== page) this.#byPage.get(other)?.delete(entry);
      }
      this.#byPage.delete(page);
      this.#lookup.fill(undefined);
    }
    this.regions.codePageChanged(page, (address) => {
      const entry = this.#blocks.get(MODE_64)?.get(address);
      if (entry) {
        entry.region = null;
        entry.hits = 0;
      }
    });
    for (const entry of this.#planned) {
      if (!entry.planned?.pages.has(page)) continue;
      entry.planned = null;
      this.#planned.delete(entry);
    }
  }

  /** Runs in one mode; undefined when the mode has changed. */
  #runMode(budget: number): EngineExit | undefined {
    const { state } = this;
    const mode = modeKey(state);
    if (mode !== this.#mode) {
      this.#mode = mode;
      this.#lookup.fill(undefined);
    }
    const threshold = mode === MODE_64 ? this.#threshold : Infinity;
    let left = budget;
    let entry = this.#find(state.ia);
    let interpretOnly = false;
    for (;;) {
      if (--left < 0) {
        state.ia = entry.address;
        return { kind: 'budget' };
      }
      // Generated code, where there is some.
      if (entry.region !== null && !interpretOnly) {
        let next: number;
        try {
          state.words[STALE] = 0;
          const { region } = entry;
          state.words[BUDGET] = ++entry.runs > WARM_UP_RUNS ? BUDGET_UNIT : WARM_UP_UNIT;
          next = this.#watcher
            ? this.#watcher.run(entry.address, () => region.run(HOST_STACK))
            : region.run(HOST_STACK);
        } catch (error) {
          this.#collectCount();
          if (error instanceof ProgramInterruption)
            return { kind: 'interruption', interruption: error };
          throw error;
        }
        this.#collectCount();
        if (next < 0) {
          // The exit wrote the instruction address home and says what to do there.
          next = state.ia;
          // SET PROGRAM MASK and the like: what follows belongs to another mode.
          if (modeKey(state) !== mode) return undefined;
          const reason = state.words[EXIT_REASON]!;
          if (reason === EXIT_INTERPRET) interpretOnly = true;
          else if (reason === EXIT_BUDGET) {
            left -= 100;
            entry = this.#find(next);
            entry.hits += BUDGET_HITS;
            continue;
          }
        }
        entry = this.#find(next);
        continue;
      }
      if (!interpretOnly && entry.hits >= threshold) {
        if (this.#grow(entry)) continue;
      }
      interpretOnly = false;
      this.#left = left;
      const exit = this.#interpret(entry, threshold);
      left = this.#left;
      if (exit !== undefined) return exit;
      if (modeKey(state) !== mode) return undefined;
      entry = this.#find(state.ia);
    }
  }

  /** Blocks that may still run before the run's budget is used up, for {@link #interpret}. */
  #left = 0;

  /**
   * Interprets blocks along their chains. Stops, with the instruction address in the register
   * file, where there is generated code, a block hot enough to make some, or no chain.
   */
  #interpret(first: BlockEntry, threshold: number): EngineExit | undefined {
    const { state, statistics } = this;
    let entry = first;
    let left = this.#left;
    let executed = 0;
    let i = 0;
    first.hits++;
    try {
      for (;;) {
        const { steps } = entry;
        for (i = 0; i < steps.length; i++) steps[i]!();
        executed += entry.insnCount;
        const next = entry.finish();
        if (next < 0) {
          const exit = this.#stopped(entry.stop!);
          if (exit) return exit;
          break;
        }
        let following: BlockEntry;
        if (next === entry.nextAddress) following = entry.next!;
        else if (next === entry.otherAddress) following = entry.other!;
        else {
          state.ia = next;
          if (entry.chains && modeKey(state) === this.#mode) {
            if (entry.calls) this.#history.noteFunction(next);
            if (entry.jumpsAt >= 0) this.#history.noteTarget(entry.jumpsAt, next);
            entry.chain(this.#find(next));
          }
          break;
        }
        if (
          !following.valid ||
          following.region !== null ||
          --left < 0 ||
          ++following.hits >= threshold
        ) {
          state.ia = next;
          break;
        }
        entry = following;
      }
    } catch (error) {
      return this.#interrupted(entry, i, error);
    } finally {
      statistics.interpreted += executed;
      this.#left = left;
    }
    return undefined;
  }

  /**
   * Makes the region that a hot block begins, and returns true; or finds that it had better begin
   * elsewhere, which then happens when execution comes by there.
   */
  #grow(entry: BlockEntry): boolean {
    const { regions } = this;
    entry.region = regions.find(entry.address) ?? null;
    if (entry.region) return true;
    const started = performance.now();
    const graph = entry.planned ?? this.#plan(entry);
    entry.planned = null;
    this.#planned.delete(entry);
    if (graph.entry === entry.address) {
      entry.region = regions.make(graph) ?? null;
      entry.runs = 0;
      if (!entry.region) entry.hits = NEVER;
    } else {
      const other = this.#find(graph.entry);
      regions.remove(graph.entry);
      other.region = null;
      other.planned = graph;
      this.#planned.add(other);
      other.hits = this.#threshold;
      entry.hits = this.#threshold >> 1;
    }
    this.statistics.translationTime += performance.now() - started;
    return entry.region !== null;
  }

  #plan({ address }: BlockEntry): RegionGraph {
    const { regions } = this;
    const options = this.#regionOptions();
    if (!options.profile) return growRegion(this.memory, address, USER_MODE, options);
    return planRegion(
      this.memory,
      address,
      {
        hits: (at) => this.block(at)?.hits ?? 0,
        functions: this.#history.functions(),
      },
      options,
      (region, block) => regions.find(region)?.blocks.has(block) ?? false,
    );
  }

  #regionOptions(): RegionOptions {
    const { hasFacility, disabledPasses } = this.options;
    const options = {
      ...(hasFacility ? { hasFacility } : {}),
      noInlining: disabledPasses?.has('call-inlining') ?? false,
    };
    // What is translated at its first execution has no past.
    if (this.#threshold === 0 || disabledPasses?.has('region-planning')) return options;
    const blocks = this.#blocks.get(MODE_64) ?? new Map<number, BlockEntry>();
    const distinguishes = !disabledPasses?.has('branch-targets');
    return {
      ...options,
      profile: this.#history.profile((at) => blocks.has(at), distinguishes),
    };
  }

  /** The blocks of the region entered at an address, or of the one that would be grown there. */
  regionGraph(address: number): RegionGraph {
    const options = this.block(address) ? this.#regionOptions() : {};
    const graph = growRegion(this.memory, address, USER_MODE, options);
    const made = this.regions.find(address)?.blocks;
    const isPart = made && [...made].every((start) => graph.blocks.has(start));
    return isPart ? restrictRegion(graph, address, made) : graph;
  }

  #collectCount(): void {
    const { doubles } = this.state;
    this.statistics.compiled += doubles[INSN_COUNT >> 1]!;
    doubles[INSN_COUNT >> 1] = 0;
  }

  #find(address: number): BlockEntry {
    const index = (address >>> 1) & (LOOKUP_SIZE - 1);
    const cached = this.#lookup[index];
    if (cached !== undefined && cached.address === address && cached.valid) return cached;
    let blocks = this.#blocks.get(this.#mode);
    if (!blocks) this.#blocks.set(this.#mode, (blocks = new Map<number, BlockEntry>()));
    const entry = blocks.get(address) ?? this.#translate(address, blocks);
    this.#lookup[index] = entry;
    return entry;
  }

  #translate(address: number, blocks: Map<number, BlockEntry>): BlockEntry {
    const started = performance.now();
    const { hasFacility, disabledPasses } = this.options;
    const mode = modeOf(this.#mode);
    const { block, pages } = translateBlock(
      this.memory,
      address,
      mode,
      hasFacility ? { hasFacility } : {},
    );
    runPasses(block, 'interpreter', disabledPasses);
    const { terminal } = block;
    this.#history.noteTerminal(terminal);
    const entry = new BlockEntry(address, lowerBlock(this.#env, block, mode), pages, {
      chains: terminal.kind !== 'modeChange',
      calls: terminal.kind === 'call',
      jumpsAt: 'hint' in terminal && terminal.hint === 'jump' ? block.insns.at(-1)!.at : -1,
    });
    for (const page of pages) {
      this.memory.markCode(page);
      const entries = this.#byPage.get(page);
      if (entries) entries.add(entry);
      else this.#byPage.set(page, new Set([entry]));
    }
    // A block that could not be fetched has no pages: it must be tried again each time.
    if (pages.size > 0) blocks.set(address, entry);
    this.statistics.blocks++;
    this.statistics.translationTime += performance.now() - started;
    return entry;
  }

  /** Step `i` of the block threw. Leaves exact state; undefined when execution just goes on. */
  #interrupted(entry: BlockEntry, i: number, error: unknown): EngineExit | undefined {
    const { state, statistics } = this;
    const { insns, insnOf, steps } = entry.lowered;
    if (error === STALE_BLOCK) {
      // The instruction before this step overwrote the block: go on behind it, decoding anew.
      const behind = insns[i === 0 ? 0 : insnOf[i - 1]!]!;
      statistics.interpreted += i === 0 ? 0 : insnOf[i - 1]! + 1;
      state.ia = i === 0 ? behind.at : behind.at + behind.length;
      return undefined;
    }
    if (!(error instanceof ProgramInterruption)) throw error;
    const index = insnOf[i]!;
    const insn = insns[index]!;
    statistics.interpreted += index + 1;
    if (error.completed) {
      for (let k = i + 1; k < steps.length && insnOf[k] === index; k++) steps[k]!();
      state.ia = insn.at + insn.length;
    } else {
      state.ia = insn.at;
    }
    return { kind: 'interruption', interruption: error };
  }

  /** The block ended in something that only the engine does. */
  #stopped(stop: Stop): EngineExit | undefined {
    const { state } = this;
    switch (stop.kind) {
      case 'supervisorCall':
        state.ia = stop.next;
        return { kind: 'supervisorCall', number: stop.number };
      case 'interrupt':
        state.ia = stop.at;
        return {
          kind: 'interruption',
          interruption: new ProgramInterruption(stop.code, {
            dxc: stop.dxc,
            address: state.iaBits,
            isFetch: true,
          }),
        };
      case 'execute':
        return this.#execute(stop);
    }
  }

  /** Runs the target of EXECUTE, whose address or modifier is known only now. */
  #execute({ at, next, target, modifier }: Stop & { kind: 'execute' }): EngineExit | undefined {
    const { words } = this.state;
    const { hasFacility } = this.options;
    const address = toNumber(words[target + 1]!, words[target]!);
    const bits = modifier < 0 ? 0 : words[modifier]! & 0xff;
    const mode = modeOf(this.#mode);
    const block = translateExecuted(this.memory, at, next, address, bits, mode, hasFacility);
    runPasses(block, 'interpreter', this.options.disabledPasses);
    const entry = new BlockEntry(at, lowerBlock(this.#env, block, mode), new Set(), PLAIN_ENDING);
    const { steps } = entry.lowered;
    let i = 0;
    try {
      for (; i < steps.length; i++) steps[i]!();
    } catch (error) {
      return this.#interrupted(entry, i, error);
    }
    const after = entry.lowered.finish();
    if (after < 0) return this.#stopped(entry.stop!);
    this.state.ia = after;
    return undefined;
  }
}

import { createEnvironment, type Environment } from '../backend/interpreter/environment.ts';
import { lowerBlock, type Stop } from '../backend/interpreter/lower.ts';
import { toNumber } from '../base/int64.ts';
import { ProgramInterruption } from '../cpu/interruption.ts';
import { EXIT_BUDGET, EXIT_CHANGED, EXIT_INTERPRET, FAR, LEFT } from '../cpu/exit-reason.ts';
import { BUDGET, CpuState, EXIT_REASON, INSN_COUNT, STALE } from '../cpu/state.ts';
import { fetchInsn } from '../frontend/fetch.ts';
import { modeKey, modeOf, MODE_USER, translates } from '../frontend/tb-key.ts';
import { translateBlock, translateExecuted } from '../frontend/translate-block.ts';
import type { RegionGraph } from '../frontend/region.ts';
import { runPasses } from '../ir/passes/index.ts';
import type { CodePageListener, ProgramStorage } from '../memory/code-source.ts';
import { AddressSpace } from '../memory/user-space.ts';
import type { HelperContext } from '../runtime/context.ts';
import { bytesAt, CodeSpace, type SpaceKey } from './code-space.ts';
import { BlockEntry, NEVER, PLAIN_ENDING, STALE_BLOCK } from './entry.ts';
import type { EngineExit } from './exit.ts';
import { hostTod, type EngineOptions, type RegionWatcher } from './options.ts';
import { RegionCache } from './region-cache.ts';
import { RegionMaker } from './region-maker.ts';
import { Statistics } from './statistics.ts';

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

/** Blocks of executed instructions that a space keeps. */
const EXECUTED_LIMIT = 2_000;
/** Spaces that are kept; what was entered longest ago is dropped. */
const SPACES = 32;

/** The run loop of one CPU: interprets, and runs regions where there are some. */
export class Engine<Storage extends ProgramStorage = AddressSpace> implements CodePageListener {
  readonly memory: Storage;
  readonly state: CpuState;
  readonly options: EngineOptions;
  readonly context: HelperContext;
  readonly statistics = new Statistics();
  readonly #env: Environment;
  readonly #watcher: RegionWatcher | undefined;
  readonly #spaces: CodeSpace[] = [];
  /** That of the PSW and the ASCE. */
  #space: CodeSpace;
  #time = 0;
  readonly #threshold: number;
  readonly #maker: RegionMaker;
  /** The last block has changed what may run next, or how. */
  #changed = false;

  constructor(memory: Storage, state: CpuState, options: EngineOptions = {}) {
    this.memory = memory;
    this.state = state;
    this.options = options;
    const { system } = options;
    this.context = {
      state,
      memory,
      clock: options.clock ?? hostTod,
      facilities: options.facilities ?? new Uint8Array(32),
      ...(system ? { system: system.context } : {}),
    };
    this.#env = createEnvironment(this.context);
    if (options.watchRegions && memory instanceof AddressSpace) {
      this.#watcher = options.watchRegions({ ...this.context, memory }, options);
    }
    const { backend = 'tiered' } = options;
    this.#threshold =
      backend === 'interpreter' ? Infinity : backend === 'jit' ? 0 : (options.threshold ?? 5_000);
    this.#maker = new RegionMaker(memory, options, this.statistics, this.#threshold);
    memory.codeListeners.add(this);
    this.#space = this.#newSpace({ mode: MODE_USER, asceHigh: 0, asceLow: 0 });
  }

  /** An engine with the same options for a copy of the address space, as after fork. */
  fork(memory: Storage): Engine<Storage> {
    const state = new CpuState();
    state.copyFrom(this.state);
    return new Engine(memory, state, this.options);
  }

  /** Stops listening to the address space: for an engine that will not run again. */
  dispose(): void {
    this.memory.codeListeners.delete(this);
  }

  /** The regions of the current space. */
  get regions(): RegionCache {
    return this.#space.regions;
  }

  /** The block translated for the interpreter at `address` in the current space. */
  block(address: number): BlockEntry | undefined {
    return this.#space.blocks.get(address);
  }

  /** Runs until something other than plain execution happens; about `budget` blocks or loops. */
  run(budget = Number.MAX_SAFE_INTEGER): EngineExit {
    this.#left = budget;
    const { system } = this.options;
    for (;;) {
      const exit = system?.enter() ?? this.#runMode();
      if (exit) {
        this.statistics.exit(exit.kind);
        return exit;
      }
    }
  }

  codePageChanged(page: number): void {
    this.#watcher?.codePageChanged?.(page);
    for (const space of this.#spaces) {
      if (space.codePageChanged(page)) this.statistics.invalidations++;
    }
  }

  /** Translations of an ASCE, or all, may hold no longer. */
  purged(asce: { readonly hi: number; readonly lo: number } | undefined): void {
    for (const space of this.#spaces) {
      const { asceHigh, asceLow } = space.key;
      if (!asce || (asceHigh === asce.hi && (asceLow & ~0xfff) === (asce.lo & ~0xfff))) {
        space.suspect();
      }
    }
  }

  /** Those of one page, in all address spaces. */
  pagePurged(page: number): void {
    for (const space of this.#spaces) space.suspectPage(page);
  }

  /** The space for the PSW and the ASCE that instructions are fetched with. */
  #enterSpace(mode: number): CodeSpace {
    const asce = this.options.system?.codeSpace();
    const asceHigh = asce?.hi ?? 0;
    const asceLow = asce?.lo ?? 0;
    const current = this.#space.key;
    if (current.mode === mode && current.asceLow === asceLow && current.asceHigh === asceHigh) {
      return this.#space;
    }
    const found = this.#spaces.find(
      ({ key }) => key.mode === mode && key.asceLow === asceLow && key.asceHigh === asceHigh,
    );
    this.#space = found ?? this.#newSpace({ mode, asceHigh, asceLow });
    this.#space.used = ++this.#time;
    return this.#space;
  }

  #newSpace(key: SpaceKey): CodeSpace {
    if (this.#spaces.length === SPACES) {
      let oldest = 0;
      this.#spaces.forEach(({ used }, i) => {
        if (used < this.#spaces[oldest]!.used) oldest = i;
      });
      this.#spaces.splice(oldest, 1);
    }
    const space = new CodeSpace(key, modeOf(key.mode), this.memory, (made) => {
      const { returnPoints } = made.history;
      return new RegionCache(
        this.context,
        this.memory,
        this.options,
        this.statistics,
        returnPoints,
        (address) => {
          const entry = made.blocks.get(address);
          if (entry) entry.region = null;
        },
      );
    });
    this.#spaces.push(space);
    return space;
  }

  /** Runs in one mode; undefined when the mode has changed. */
  #runMode(): EngineExit | undefined {
    const { state } = this;
    const mode = modeKey(state);
    const space = this.#enterSpace(mode);
    const threshold = translates(mode) ? this.#threshold : Infinity;
    this.#changed = false;
    let entry = this.#find(state.ia);
    let interpretOnly = false;
    for (;;) {
      if (--this.#left < 0) {
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
          if (!(error instanceof ProgramInterruption)) throw error;
          this.memory.settle();
          return { kind: 'interruption', interruption: error };
        }
        this.#collectCount();
        if (next === FAR) next = state.ia;
        else if (next === LEFT) {
          // The exit wrote the instruction address home and says what to do there.
          next = state.ia;
          // SET PROGRAM MASK and the like: what follows belongs to another mode.
          if (modeKey(state) !== mode) return undefined;
          const reason = state.words[EXIT_REASON]!;
          if (reason === EXIT_CHANGED && this.options.system) return undefined;
          if (reason === EXIT_INTERPRET || reason === EXIT_CHANGED) interpretOnly = true;
          else if (reason === EXIT_BUDGET) {
            this.#left -= 100;
            entry = this.#find(next);
            entry.hits += BUDGET_HITS;
            continue;
          }
        } else {
          const high = Math.floor(entry.address / 0x1_0000_0000);
          next = high * 0x1_0000_0000 + (next >>> 0);
        }
        entry = this.#find(next);
        continue;
      }
      if (!interpretOnly && entry.hits >= threshold) {
        if (this.#maker.grow(space, entry, (address) => this.#find(address))) continue;
      }
      interpretOnly = false;
      let exit = this.#interpret(entry, threshold);
      if (space.mode.per) exit = this.#afterInstruction(entry.address, exit);
      if (exit !== undefined) return exit;
      if (this.#changed || modeKey(state) !== mode) return undefined;
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
    const { epoch, history } = this.#space;
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
          if (entry.chains) {
            if (entry.calls) history.noteFunction(next);
            if (entry.jumpsAt >= 0) history.noteTarget(entry.jumpsAt, next);
            const found = this.#find(next);
            // One that could not be fetched has no pages, and is not to be met again.
            if (found.bytes === null && found.pages.size > 0) entry.chain(found);
          } else this.#changed = this.options.system !== undefined;
          break;
        }
        if (
          following.epoch !== epoch ||
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

  /** The blocks of the region entered at an address, or of the one that would be grown there. */
  regionGraph(address: number): RegionGraph {
    return this.#maker.graph(this.#space, address);
  }

  #collectCount(): void {
    const { doubles } = this.state;
    this.statistics.compiled += doubles[INSN_COUNT >> 1]!;
    doubles[INSN_COUNT >> 1] = 0;
  }

  #find(address: number): BlockEntry {
    const found = this.#space.find(address);
    if (found) return found;
    if (this.#space.isOutdated) this.#renewSpace();
    return this.#translate(address);
  }

  /** Begins the current space anew. */
  #renewSpace(): void {
    const old = this.#space;
    this.#spaces.splice(this.#spaces.indexOf(old), 1);
    this.#space = this.#newSpace(old.key);
    this.#changed = this.options.system !== undefined;
  }

  #translate(address: number): BlockEntry {
    const started = performance.now();
    const { hasFacility, disabledPasses } = this.options;
    const { mode } = this.#space;
    const { block, pages, isVolatile } = translateBlock(this.memory, address, mode, {
      ...(hasFacility ? { hasFacility } : {}),
      ...(mode.per ? { limit: 1 } : {}),
    });
    if (!isVolatile && this.#space.contradicts(pages)) this.#renewSpace();
    const space = this.#space;
    runPasses(block, 'interpreter', disabledPasses);
    const { terminal } = block;
    space.history.noteTerminal(terminal);
    const entry = new BlockEntry(address, lowerBlock(this.#env, block, mode), pages, {
      chains: (terminal.kind !== 'modeChange' || terminal.condition !== undefined) && !mode.per,
      calls: terminal.kind === 'call',
      jumpsAt: 'hint' in terminal && terminal.hint === 'jump' ? block.insns.at(-1)!.at : -1,
    });
    if (isVolatile) {
      entry.bytes = bytesAt(this.memory, address, block.insns[0]!.length) ?? null;
      entry.hits = NEVER;
    } else for (const page of pages.values()) this.memory.markCode(page);
    space.add(entry);
    if (this.options.translations?.has(space.key.mode, address) && !isVolatile)
      this.#maker.expect(entry);
    this.statistics.blocks++;
    this.statistics.translationTime += performance.now() - started;
    return entry;
  }

  /** With PER on. */
  #afterInstruction(at: number, exit: EngineExit | undefined): EngineExit | undefined {
    const { system } = this.options;
    return system?.afterInstruction ? system.afterInstruction(at, exit) : exit;
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
    this.memory.settle();
    const index = insnOf[i]!;
    const insn = insns[index]!;
    statistics.interpreted += index + 1;
    if (error.completed) {
      for (let k = i + 1; k < steps.length && insnOf[k] === index; k++) steps[k]!();
      state.ia = insn.at + insn.length;
    } else {
      state.ia = insn.at;
    }
    return { kind: 'interruption', interruption: error, length: insn.length };
  }

  /** The block ended in something that only the engine does. */
  #stopped(stop: Stop): EngineExit | undefined {
    const { state } = this;
    switch (stop.kind) {
      case 'supervisorCall':
        state.ia = stop.next;
        return { kind: 'supervisorCall', number: stop.number };
      case 'changed':
        state.ia = stop.next;
        this.#changed = this.options.system !== undefined;
        return undefined;
      case 'intercept': {
        state.ia = stop.next;
        const { mnemonic, fields, at } = stop;
        return { kind: 'intercept', mnemonic, fields, at };
      }
      case 'interrupt':
        state.ia = stop.at;
        return {
          kind: 'interruption',
          interruption:
            this.options.system?.interruption(stop.code, stop.at) ??
            new ProgramInterruption(stop.code, {
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
    const address = toNumber(words[target + 1]!, words[target]!);
    const bits = modifier < 0 ? 0 : words[modifier]! & 0xff;
    const entry = this.#executed(at, next, address, bits);
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
    if (!entry.chains) this.#changed = this.options.system !== undefined;
    return undefined;
  }

  /** The block of an instruction that is executed: made once for its bytes and the modifier. */
  #executed(at: number, next: number, address: number, modifier: number): BlockEntry {
    const { hasFacility, disabledPasses } = this.options;
    const { executed, mode } = this.#space;
    const fetched = address % 2 === 0 ? fetchInsn(this.memory, address) : 0;
    const key =
      typeof fetched === 'number'
        ? undefined
        : `${at} ${next} ${address} ${modifier} ${fetched.bits.first} ${fetched.bits.last}`;
    const known = key === undefined ? undefined : executed.get(key);
    if (known) return known;
    const block = translateExecuted(this.memory, at, next, address, modifier, mode, hasFacility);
    runPasses(block, 'interpreter', disabledPasses);
    const lowered = lowerBlock(this.#env, block, mode);
    const chains = block.terminal.kind !== 'modeChange';
    const entry = new BlockEntry(at, lowered, new Map(), { ...PLAIN_ENDING, chains });
    if (executed.size >= EXECUTED_LIMIT) executed.clear();
    if (key !== undefined) executed.set(key, entry);
    return entry;
  }
}

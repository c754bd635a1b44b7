import { createEnvironment, type Environment } from '../backend/interpreter/environment.ts';
import { lowerBlock, type Stop } from '../backend/interpreter/lower.ts';
import { toNumber } from '../base/int64.ts';
import { ProgramInterruption } from '../cpu/interruption.ts';
import { CpuState } from '../cpu/state.ts';
import { translateBlock, translateExecuted, type CodePages } from '../frontend/translate-block.ts';
import type { Block } from '../ir/block.ts';
import { USER_MODE } from '../ir/builder.ts';
import { runPasses } from '../ir/passes/index.ts';
import type { AddressSpace } from '../memory/user-space.ts';
import { BlockEntry, PLAIN_ENDING, STALE_BLOCK } from './entry.ts';
import type { EngineOptions, ProcessContext } from './options.ts';

/** How many of the last blocks are remembered, to show where a difference arose. */
const TRAIL = 6;

/**
 * An interpreter with registers of its own over somebody else's storage, which can stop behind any
 * instruction. Every store is told to `AddressSpace.onStore`, before it happens.
 */
export class ReferenceInterpreter {
  readonly state = new CpuState();
  /** Addresses of the last blocks executed. */
  readonly trail: number[] = [];
  readonly #memory: AddressSpace;
  readonly #options: EngineOptions;
  readonly #env: Environment;
  readonly #blocks = new Map<number, BlockEntry>();
  /** Blocks of one instruction. */
  readonly #single = new Map<number, BlockEntry>();

  constructor(context: ProcessContext, options: EngineOptions) {
    this.#memory = context.memory;
    this.#options = options;
    this.#env = {
      ...createEnvironment({ ...context, state: this.state }),
      memory: observed(context.memory),
    };
  }

  /**
   * Runs `count` instructions from the state's instruction address. Ends early, with exact state,
   * at an interruption (returned), or before an instruction that only the engine does.
   */
  run(count: number): ProgramInterruption | undefined {
    const { state, trail } = this;
    for (let left = count; left > 0;) {
      const address = state.ia;
      trail.push(address);
      if (trail.length > TRAIL) trail.shift();
      let entry = this.#find(this.#blocks, address);
      if (entry.insnCount > left) entry = this.#find(this.#single, address);
      const done = this.#execute(entry);
      if (typeof done !== 'number') return done;
      if (done === 0) return undefined;
      left -= done;
    }
    return undefined;
  }

  codePageChanged(page: number): void {
    for (const blocks of [this.#blocks, this.#single]) {
      for (const [address, entry] of blocks) {
        if (!entry.pages.has(page)) continue;
        entry.invalidate();
        blocks.delete(address);
      }
    }
  }

  /** Runs a block; returns the instructions done, 0 when the engine must do the first. */
  #execute(entry: BlockEntry): number | ProgramInterruption {
    const { state } = this;
    const { steps, insns, insnOf } = entry.lowered;
    let i = 0;
    try {
      for (; i < steps.length; i++) steps[i]!();
    } catch (error) {
      if (error === STALE_BLOCK) {
        // The instruction before this step overwrote the block: go on behind it.
        const index = insnOf[i - 1]!;
        state.ia = insns[index]!.at + insns[index]!.length;
        return index + 1;
      }
      if (!(error instanceof ProgramInterruption)) throw error;
      const index = insnOf[i]!;
      const insn = insns[index]!;
      if (error.completed) {
        for (let k = i + 1; k < steps.length && insnOf[k] === index; k++) steps[k]!();
      }
      state.ia = error.completed ? insn.at + insn.length : insn.at;
      return error;
    }
    const next = entry.finish();
    if (next >= 0) {
      state.ia = next;
      return entry.insnCount;
    }
    const stop = entry.stop!;
    if (stop.kind !== 'execute') {
      state.ia = insns.at(-1)!.at;
      return entry.insnCount - 1;
    }
    const executed = this.#execute(this.#executed(stop));
    return typeof executed === 'number' ? entry.insnCount - 1 + executed : executed;
  }

  /** The block that is the target of EXECUTE, made from the registers. */
  #executed({ at, next, target, modifier }: Stop & { kind: 'execute' }): BlockEntry {
    const { words } = this.state;
    const address = toNumber(words[target + 1]!, words[target]!);
    const bits = modifier < 0 ? 0 : words[modifier]! & 0xff;
    const { hasFacility } = this.#options;
    const block = translateExecuted(this.#memory, at, next, address, bits, USER_MODE, hasFacility);
    return this.#lower(at, block, new Map());
  }

  #find(blocks: Map<number, BlockEntry>, address: number): BlockEntry {
    const found = blocks.get(address);
    if (found) return found;
    const { hasFacility } = this.#options;
    const { block, pages } = translateBlock(this.#memory, address, USER_MODE, {
      ...(hasFacility ? { hasFacility } : {}),
      ...(blocks === this.#single ? { limit: 1 } : {}),
    });
    const entry = this.#lower(address, block, pages);
    for (const page of pages.values()) this.#memory.markCode(page);
    if (pages.size > 0) blocks.set(address, entry);
    return entry;
  }

  #lower(address: number, block: Block, pages: CodePages): BlockEntry {
    runPasses(block, 'interpreter', this.#options.disabledPasses);
    return new BlockEntry(address, lowerBlock(this.#env, block, USER_MODE), pages, PLAIN_ENDING);
  }
}

/** The address space with every page closed to direct stores, so that all of them are told. */
function observed(space: AddressSpace): AddressSpace {
  const writable: AddressSpace['writable'] = (hi, lo, size) => {
    // The exact size is told here, not that of a helper.
    const { onStore } = space;
    space.onStore = undefined;
    try {
      const at = space.writable(hi, lo, size);
      onStore?.(at, size);
      return at;
    } finally {
      space.onStore = onStore;
    }
  };
  const readable: AddressSpace['readable'] = (hi, lo, size) => space.readable(hi, lo, size);
  return Object.create(space, {
    noWrite: { value: new Uint8Array(space.noWrite.length).fill(1) },
    writable: { value: writable },
    readable: { value: readable },
  }) as AddressSpace;
}

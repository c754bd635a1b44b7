import { hex } from '../base/hex.ts';
import { ProgramInterruption } from '../cpu/interruption.ts';
import { INSN_COUNT } from '../cpu/state.ts';
import { translateBlock } from '../frontend/translate-block.ts';
import { USER_MODE } from '../ir/builder.ts';
import { hostTod, type EngineOptions, type ProcessContext, type RegionWatcher } from './options.ts';
import { ReferenceInterpreter } from './reference.ts';
import { StoreLog } from './store-log.ts';

/** How much was compared. */
export interface LockstepCounts {
  /** Times that the dispatcher entered generated code, and how many of these were compared. */
  executions: number;
  compared: number;
  /** Guest instructions and bytes of stores in the executions that were compared. */
  instructions: number;
  storedBytes: number;
}

/** Generated code and the interpreter do not agree. The message is for people, many lines. */
export class LockstepDifference extends Error {}

/**
 * Engine options that compare generated code with the interpreter: each execution of a region (of
 * `sample`, one) runs twice over the same storage, and the registers and all bytes that either
 * stored must be the same. Engines throw {@link LockstepDifference}.
 */
export function lockstepOptions(
  sample: number,
  counts: LockstepCounts,
  clock: () => bigint = hostTod,
): EngineOptions {
  // Both runs see the same time.
  const shared: { frozen: bigint | undefined } = { frozen: undefined };
  return {
    countInstructions: true,
    logStores: true,
    clock: () => shared.frozen ?? clock(),
    watchRegions: (context, options) => {
      const lockstep = new Lockstep(context, options, sample, counts);
      return {
        run: (entry, run) => {
          shared.frozen = clock();
          try {
            return lockstep.run(entry, run);
          } finally {
            shared.frozen = undefined;
          }
        },
        codePageChanged: (page) => lockstep.codePageChanged(page),
      };
    },
  };
}

class Lockstep implements RegionWatcher {
  readonly #context: ProcessContext;
  readonly #reference: ReferenceInterpreter;
  readonly #sample: number;
  readonly #counts: LockstepCounts;
  readonly #compiledStores: StoreLog;
  readonly #referenceStores: StoreLog;

  constructor(
    context: ProcessContext,
    options: EngineOptions,
    sample: number,
    counts: LockstepCounts,
  ) {
    this.#context = context;
    this.#reference = new ReferenceInterpreter(context, options);
    this.#sample = sample;
    this.#counts = counts;
    this.#compiledStores = new StoreLog(context.memory.bytes);
    this.#referenceStores = new StoreLog(context.memory.bytes);
  }

  codePageChanged(page: number): void {
    this.#reference.codePageChanged(page);
  }

  run(entry: number, run: () => number): number {
    const counts = this.#counts;
    if (++counts.executions % this.#sample !== 0) return run();
    const { state } = this.#context;
    const reference = this.#reference;
    reference.state.copyFrom(state);
    reference.state.ia = entry;
    state.ia = entry;
    const before = state.doubles[INSN_COUNT >> 1]!;
    const compiled = this.#compiled(run);
    const instructions = state.doubles[INSN_COUNT >> 1]! - before;
    const bytes = this.#compiledStores.present();
    this.#compiledStores.undo();
    reference.trail.length = 0;
    const expected = this.#logged(this.#referenceStores, () => reference.run(instructions));
    const problems = [
      ...interruptionDifference(compiled.interruption, expected),
      ...state.difference(reference.state),
      ...this.#storeDifferences(bytes),
    ];
    if (problems.length > 0) throw this.#difference(entry, instructions, problems);
    counts.compared++;
    counts.instructions += instructions;
    counts.storedBytes += this.#compiledStores.size;
    if (compiled.interruption) throw compiled.interruption;
    return compiled.next;
  }

  /** Runs generated code; -1 with an interruption. */
  #compiled(run: () => number): { next: number; interruption?: ProgramInterruption } {
    const { state } = this.#context;
    try {
      const next = this.#logged(this.#compiledStores, run);
      if (next >= 0) state.ia = next;
      return { next };
    } catch (error) {
      if (!(error instanceof ProgramInterruption)) throw error;
      return { next: -1, interruption: error };
    }
  }

  /** Runs `work` with its stores in `log`. */
  #logged<T>(log: StoreLog, work: () => T): T {
    const { memory } = this.#context;
    log.clear();
    memory.onStore = (offset, size) => log.note(offset, size);
    try {
      return work();
    } finally {
      memory.onStore = undefined;
    }
  }

  /**
   * Compares storage at every place that either stored into. Storage is as the interpreter left
   * it, before and after; `bytes` is what generated code left at its places.
   */
  #storeDifferences(bytes: Uint8Array): string[] {
    const compiled = this.#compiledStores;
    const reference = this.#referenceStores;
    const found = compiled.differences(bytes, compiled.present());
    if (!compiled.sameStores(reference)) {
      const expected = reference.present();
      reference.undo();
      compiled.restore(bytes);
      for (const [at, pair] of reference.differences(reference.present(), expected)) {
        found.set(at, pair);
      }
      compiled.undo();
      reference.restore(expected);
    }
    return [...found]
      .sort(([a], [b]) => a - b)
      .map(([at, [ours, theirs]]) => `storage ${hex(at)}: ${hex(ours, 2)} != ${hex(theirs, 2)}`);
  }

  #difference(entry: number, instructions: number, problems: string[]): LockstepDifference {
    const { trail, state } = this.#reference;
    return new LockstepDifference(
      [
        `generated code and interpreter differ after ${instructions} instructions from ${hex(entry)}`,
        ...problems.map((problem) => `  ${problem}`),
        `generated code: s390x/tb_${hex(entry)}.js, and what it calls`,
        'the last blocks executed:',
        ...[...trail, state.ia].flatMap((address) => this.#listing(address)),
      ].join('\n'),
    );
  }

  /** The instructions of the block at `address`. */
  #listing(address: number): string[] {
    const { block } = translateBlock(this.#context.memory, address, USER_MODE, { limit: 24 });
    return [`${hex(address)}:`, ...block.insns.map(({ at, text }) => `  ${hex(at)}  ${text()}`)];
  }
}

/** How two interruptions differ; undefined stands for none. */
function interruptionDifference(
  compiled: ProgramInterruption | undefined,
  expected: ProgramInterruption | undefined,
): string[] {
  const show = (one: ProgramInterruption | undefined): string =>
    one
      ? `program interruption ${hex(one.code)}, dxc ${hex(one.dxc)}, address ${hex(one.address)}` +
        (one.completed ? ', completed' : '')
      : 'none';
  const [ours, theirs] = [show(compiled), show(expected)];
  return ours === theirs ? [] : [`interruption: ${ours} != ${theirs}`];
}

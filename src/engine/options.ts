import { OPTIMISATION_NAMES, type OptimisationName } from '../backend/js/optimisations.ts';
import { PASS_NAMES, type PassName } from '../ir/passes/index.ts';
import type { ProgramInterruption } from '../cpu/interruption.ts';
import type { AddressSpace } from '../memory/user-space.ts';
import type { HelperContext } from '../runtime/context.ts';
import type { SystemContext } from '../runtime/system/context.ts';
import type { EngineExit } from './exit.ts';
import type { TranslationStore } from './translation-store.ts';

export type Backend = 'tiered' | 'jit' | 'interpreter';

/** The context of a process: its storage is flat. */
export interface ProcessContext extends HelperContext {
  readonly memory: AddressSpace;
}

/** What can be switched off, to find the one that breaks something: a pass or an optimisation. */
export type SwitchName = PassName | OptimisationName;

export const SWITCH_NAMES: readonly SwitchName[] = [...PASS_NAMES, ...OPTIMISATION_NAMES];

/**
 * Stands between the dispatcher and regions. `run` runs the region once and does nothing else that
 * the guest could see; its result and what it throws are handed on.
 */
export interface RegionWatcher {
  run(entry: number, run: () => number): number;
  /** See `CodePageListener`. */
  codePageChanged?(page: number): void;
}

/** What an engine asks of the machine that it is the CPU of. */
export interface SystemHooks {
  readonly context: SystemContext;
  /**
   * Called where the PSW, control registers or translations may have changed, before anything
   * runs: brings translation up to date; an exit when the CPU shall not run on as it is.
   */
  enter(): EngineExit | undefined;
  /** The ASCE of the instruction space; zeros when DAT is off. */
  codeSpace(): { readonly hi: number; readonly lo: number };
  /**
   * With PER on, called behind each instruction with what ends the run, if anything does; returns
   * what shall end it.
   */
  afterInstruction?(at: number, exit: EngineExit | undefined): EngineExit | undefined;
  /** The whole interruption for a code that decoding at an address gave, where there is more. */
  interruption(code: number, at: number): ProgramInterruption | undefined;
}

export interface EngineOptions {
  /** Of a machine's CPU; undefined for a process. */
  readonly system?: SystemHooks;
  /** `tiered`: interpret, translate what is hot. `jit`: translate everything at first execution. */
  readonly backend?: Backend;
  /** Whether a facility is installed (STFLE bit); default: every declared one. */
  readonly hasFacility?: (bit: number) => boolean;
  /** STFLE's list, for the instruction itself. */
  readonly facilities?: Uint8Array;
  /** TOD clock; default: the host's time. */
  readonly clock?: () => bigint;
  /** Count guest instructions in generated code too (a few per cent slower). */
  readonly countInstructions?: boolean;
  /** Passes and optimisations switched off. */
  readonly disabledPasses?: ReadonlySet<SwitchName>;
  /** Comments with the disassembly in generated code. */
  readonly comments?: boolean;
  /** Makes the watcher of one engine: see {@link RegionWatcher}. */
  readonly watchRegions?: (context: ProcessContext, options: EngineOptions) => RegionWatcher;
  /** Generated code reports each store to `AddressSpace.onStore` before it happens. */
  readonly logStores?: boolean;
  /** Block executions before a region is grown from it. */
  readonly threshold?: number;
  /** Where the sources of regions are kept for the next time that their code is met. */
  readonly translations?: TranslationStore;
}

/** TOD clock value of the host's time: bit 51 is a microsecond, epoch 1900-01-01. */
export function hostTod(): bigint {
  const microseconds = BigInt(Math.floor((performance.timeOrigin + performance.now()) * 1000));
  return (microseconds + 2_208_988_800_000_000n) << 12n;
}

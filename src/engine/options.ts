import { OPTIMISATION_NAMES, type OptimisationName } from '../backend/js/optimisations.ts';
import { PASS_NAMES, type PassName } from '../ir/passes/index.ts';
import type { HelperContext } from '../runtime/context.ts';

export type Backend = 'tiered' | 'jit' | 'interpreter';

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

export interface EngineOptions {
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
  readonly watchRegions?: (context: HelperContext, options: EngineOptions) => RegionWatcher;
  /** Generated code reports each store to `AddressSpace.onStore` before it happens. */
  readonly logStores?: boolean;
  /** Block executions before a region is grown from it. */
  readonly threshold?: number;
}

/** TOD clock value of the host's time: bit 51 is a microsecond, epoch 1900-01-01. */
export function hostTod(): bigint {
  const microseconds = BigInt(Math.floor((performance.timeOrigin + performance.now()) * 1000));
  return (microseconds + 2_208_988_800_000_000n) << 12n;
}

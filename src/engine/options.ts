import type { PassName } from '../ir/passes/index.ts';

export type Backend = 'tiered' | 'jit' | 'interpreter';

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
  /** Passes switched off. */
  readonly disabledPasses?: ReadonlySet<PassName>;
  /** Comments with the disassembly in generated code. */
  readonly comments?: boolean;
  /** Block executions before a region is grown from it. */
  readonly threshold?: number;
}

/** TOD clock value of the host's time: bit 51 is a microsecond, epoch 1900-01-01. */
export function hostTod(): bigint {
  const microseconds = BigInt(Math.floor((performance.timeOrigin + performance.now()) * 1000));
  return (microseconds + 2_208_988_800_000_000n) << 12n;
}

/**
 * What an operation leaves behind once the FPC's mask bits are considered.
 * Source: PoP, chapter 9 "IEEE Exceptions", chapter 6 "Data-Exception Code (DXC)".
 */
import type { BfpFormat } from './format.ts';
import type { BfpResult } from './round.ts';
import { DIVIDE_BY_ZERO, INEXACT, INVALID, OVERFLOW, UNDERFLOW } from './round.ts';

/** Data-exception codes of IEEE traps that are not built from the rounding itself. */
export const DXC_INEXACT_TRUNCATED = 0x08;
export const DXC_INEXACT_INCREMENTED = 0x0c;
export const DXC_DIVIDE_BY_ZERO = 0x40;
export const DXC_INVALID = 0x80;

export interface Outcome {
  /** Data-exception code of the program interruption to present; 0: none. */
  readonly dxc: number;
  /** The operation is suppressed: no result, no condition code, no flags. */
  readonly suppressed: boolean;
  readonly bits: bigint;
  /** Format of `bits` when a trapped LOAD ROUNDED leaves its result in the source format. */
  readonly format: BfpFormat | undefined;
  /** FPC flag byte to OR in. */
  readonly flags: number;
  readonly cc: number | undefined;
}

/**
 * Applies the FPC mask byte to a result. Invalid operation and division by zero suppress; overflow
 * and underflow complete with the scaled result and set no flag; inexact completes with the usual
 * result, after the flags of exceptions that were not trapped.
 * @param masks FPC byte 0 (bits as in the flag byte; others are ignored)
 */
export function applyExceptions(result: BfpResult, masks: number): Outcome {
  const { bits, flags, cc, incremented, scaled } = result;
  const trapped = flags & masks;
  if ((trapped & INVALID) !== 0) return suppression(DXC_INVALID);
  if ((trapped & DIVIDE_BY_ZERO) !== 0) return suppression(DXC_DIVIDE_BY_ZERO);
  if (scaled !== undefined && (scaled.dxc & masks & (OVERFLOW | UNDERFLOW)) !== 0) {
    const { dxc, format } = scaled;
    return { dxc, suppressed: false, bits: scaled.bits, format, flags: 0, cc: scaled.cc ?? cc };
  }
  if ((trapped & INEXACT) !== 0) {
    const dxc = incremented ? DXC_INEXACT_INCREMENTED : DXC_INEXACT_TRUNCATED;
    return { dxc, suppressed: false, bits, format: undefined, flags: flags & ~INEXACT, cc };
  }
  return { dxc: 0, suppressed: false, bits, format: undefined, flags, cc };
}

function suppression(dxc: number): Outcome {
  return { dxc, suppressed: true, bits: 0n, format: undefined, flags: 0, cc: undefined };
}

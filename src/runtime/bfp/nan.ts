/**
 * Results that need no arithmetic because an operand is a NaN.
 * Source: PoP, chapter 9 "NaNs" and the result figures of chapter 19.
 */
import type { BfpFormat, Unpacked } from './format.ts';
import { QNAN, SNAN } from './format.ts';
import type { BfpResult } from './round.ts';
import { INVALID, plainResult } from './round.ts';

/** An invalid operation's result when it is not trapped. */
export function invalid(format: BfpFormat): BfpResult {
  return plainResult(format.defaultNan, INVALID);
}

/**
 * The NaN among two operands that becomes the result, or undefined when both are numbers. A
 * signalling NaN goes first and becomes quiet, a quiet one second, the first operand before the
 * second.
 */
export function propagateNan(
  format: BfpFormat,
  aBits: bigint,
  a: Unpacked,
  bBits: bigint,
  b: Unpacked,
): BfpResult | undefined {
  if (a.kind < QNAN && b.kind < QNAN) return undefined;
  if (a.kind === SNAN) return plainResult(aBits | format.quietBit, INVALID);
  if (b.kind === SNAN) return plainResult(bBits | format.quietBit, INVALID);
  return plainResult(a.kind === QNAN ? aBits : bBits);
}

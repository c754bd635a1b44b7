/**
 * Comparing and classifying: COMPARE, COMPARE AND SIGNAL, LOAD AND TEST, TEST DATA CLASS, and the
 * three loads that only touch the sign. Source: PoP, chapter 19.
 */
import type { BfpFormat } from './format.ts';
import { FINITE, INFINITY, QNAN, ZERO, isNan, isSignallingNan, unpack } from './format.ts';
import type { BfpResult } from './round.ts';
import { INVALID, plainResult } from './round.ts';

/** CC of a result: 0 zero, 1 less than zero, 2 greater, 3 NaN. */
export function resultCc(format: BfpFormat, bits: bigint): number {
  const magnitude = bits & format.magnitudeMask;
  if (magnitude === 0n) return 0;
  if (magnitude > format.infinity) return 3;
  return magnitude === bits ? 2 : 1;
}

/**
 * COMPARE (CEB, CDB, CXBR): only the condition code and the flags of the result mean something.
 * CC 0 equal, 1 first operand low, 2 high, 3 unordered; a signalling NaN is invalid.
 */
export function compare(format: BfpFormat, a: bigint, b: bigint): BfpResult {
  const signals = isSignallingNan(format, a) || isSignallingNan(format, b);
  return plainResult(0n, signals ? INVALID : 0, order(format, a, b));
}

/** COMPARE AND SIGNAL (KEB, KDB, KXBR): any NaN is invalid. */
export function compareAndSignal(format: BfpFormat, a: bigint, b: bigint): BfpResult {
  const cc = order(format, a, b);
  return plainResult(0n, cc === 3 ? INVALID : 0, cc);
}

function order(format: BfpFormat, a: bigint, b: bigint): number {
  if (isNan(format, a) || isNan(format, b)) return 3;
  const x = signedMagnitude(format, a);
  const y = signedMagnitude(format, b);
  return x === y ? 0 : x < y ? 1 : 2;
}

/** The bits as an integer that sorts as the numbers do; both zeros become 0. */
function signedMagnitude(format: BfpFormat, bits: bigint): bigint {
  return (bits & format.signBit) === 0n ? bits : -(bits & format.magnitudeMask);
}

/** LOAD AND TEST (LTEBR, LTDBR, LTXBR): a signalling NaN is invalid and becomes quiet. */
export function loadAndTest(format: BfpFormat, bits: bigint): BfpResult {
  const cc = resultCc(format, bits);
  if (!isSignallingNan(format, bits)) return plainResult(bits, 0, cc);
  return plainResult(bits | format.quietBit, INVALID, cc);
}

/** LOAD COMPLEMENT (LCEBR, LCDBR, LCXBR): no exception, not even for a signalling NaN. */
export function loadComplement(format: BfpFormat, bits: bigint): BfpResult {
  return signResult(format, bits ^ format.signBit);
}

/** LOAD NEGATIVE (LNEBR, LNDBR, LNXBR). */
export function loadNegative(format: BfpFormat, bits: bigint): BfpResult {
  return signResult(format, bits | format.signBit);
}

/** LOAD POSITIVE (LPEBR, LPDBR, LPXBR). */
export function loadPositive(format: BfpFormat, bits: bigint): BfpResult {
  return signResult(format, bits & format.magnitudeMask);
}

function signResult(format: BfpFormat, bits: bigint): BfpResult {
  return plainResult(bits, 0, resultCc(format, bits));
}

/**
 * TEST DATA CLASS (TCEB, TCDB, TCXB): CC 1 when the operand's class and sign are chosen.
 * @param mask the rightmost 12 bits of the second-operand address: zero, normal, subnormal,
 *   infinity, quiet NaN, signalling NaN, plus and minus of each, from left to right
 */
export function testDataClass(format: BfpFormat, bits: bigint, mask: number): number {
  const { kind, negative, significand } = unpack(format, bits);
  let position: number;
  switch (kind) {
    case ZERO:
      position = 0;
      break;
    case FINITE:
      position = significand > format.fractionMask ? 2 : 4;
      break;
    case INFINITY:
      position = 6;
      break;
    default:
      position = kind === QNAN ? 8 : 10;
  }
  return (mask >> (11 - position - (negative ? 1 : 0))) & 1;
}

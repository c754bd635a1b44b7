/**
 * ADD, SUBTRACT, MULTIPLY, DIVIDE, SQUARE ROOT and the fused MULTIPLY AND ADD and SUBTRACT.
 * Source: PoP, chapter 19, the result figure of each instruction.
 */
import type { BfpFormat, Unpacked } from './format.ts';
import { FINITE, INFINITY, QNAN, SNAN, ZERO, bitLength, unpack, withSign } from './format.ts';
import { loadLengthened } from './convert.ts';
import { resultCc } from './compare.ts';
import { invalid, propagateNan } from './nan.ts';
import type { BfpResult, RoundingMode } from './round.ts';
import { DIVIDE_BY_ZERO, INVALID, TOWARD_MINUS, TOWARD_ZERO } from './round.ts';
import { plainResult, roundToFormat } from './round.ts';

/** ADD (AEB, ADB, AXBR). Sets the condition code. */
export function add(format: BfpFormat, a: bigint, b: bigint, mode: RoundingMode): BfpResult {
  return withCc(format, sum(format, a, b, false, mode));
}

/** SUBTRACT (SEB, SDB, SXBR): ADD with the sign of a second operand that is not a NaN inverted. */
export function subtract(format: BfpFormat, a: bigint, b: bigint, mode: RoundingMode): BfpResult {
  return withCc(format, sum(format, a, b, true, mode));
}

/** CC comes from what is placed in the register, so a scaled result has its own. */
function withCc(format: BfpFormat, result: BfpResult): BfpResult {
  const { bits, scaled } = result;
  const cc = resultCc(format, bits);
  if (scaled === undefined) return { ...result, cc };
  return { ...result, cc, scaled: { ...scaled, cc: resultCc(format, scaled.bits) } };
}

function sum(
  format: BfpFormat,
  aBits: bigint,
  bBits: bigint,
  invertSecond: boolean,
  mode: RoundingMode,
): BfpResult {
  const a = unpack(format, aBits);
  const b = unpack(format, bBits);
  const nan = propagateNan(format, aBits, a, bBits, b);
  if (nan !== undefined) return nan;
  return sumOfNumbers(format, a, invertSecond ? negated(b) : b, mode);
}

function negated(operand: Unpacked): Unpacked {
  const { kind, negative, significand, exponent } = operand;
  return { kind, negative: !negative, significand, exponent };
}

/** The exact sum of two operands that are not NaNs, rounded once. */
function sumOfNumbers(format: BfpFormat, a: Unpacked, b: Unpacked, mode: RoundingMode): BfpResult {
  if (a.kind === INFINITY || b.kind === INFINITY) {
    if (a.kind === b.kind && a.negative !== b.negative) return invalid(format);
    const negative = a.kind === INFINITY ? a.negative : b.negative;
    return plainResult(withSign(format, format.infinity, negative));
  }
  if (a.kind === ZERO && b.kind === ZERO && a.negative === b.negative) {
    return plainResult(withSign(format, 0n, a.negative));
  }
  const total = exactSum(format.precision, a, b);
  // An exact difference of zero is minus only when rounding toward minus infinity.
  if (total.value === 0n) return plainResult(withSign(format, 0n, mode === TOWARD_MINUS));
  const negative = total.value < 0n;
  const magnitude = negative ? -total.value : total.value;
  return roundToFormat(format, negative, magnitude, total.exponent, mode);
}

interface SignedValue {
  readonly value: bigint;
  readonly exponent: number;
}

/**
 * a + b as an integer times a power of two. An addend that lies wholly below what rounding to
 * `precision` bits looks at is replaced by a single low bit: exponents of extended numbers differ
 * by up to 32,000, and so would the length of the exact sum.
 */
function exactSum(precision: number, a: Unpacked, b: Unpacked): SignedValue {
  const [high, low] =
    a.significand === 0n || (b.significand !== 0n && a.exponent < b.exponent) ? [b, a] : [a, b];
  const top = high.negative ? -high.significand : high.significand;
  if (low.significand === 0n) return { value: top, exponent: high.exponent };
  const bottom = low.negative ? -low.significand : low.significand;
  const shift = high.exponent - low.exponent;
  const lowLength = bitLength(low.significand);
  const room = Math.max(0, precision + 3 - bitLength(high.significand));
  if (shift > lowLength + room + 1) {
    const value = (top << BigInt(room + 1)) + (low.negative ? -1n : 1n);
    return { value, exponent: high.exponent - room - 1 };
  }
  return { value: (top << BigInt(shift)) + bottom, exponent: low.exponent };
}

/** MULTIPLY (MEEB, MDB, MXBR). */
export function multiply(
  format: BfpFormat,
  aBits: bigint,
  bBits: bigint,
  mode: RoundingMode,
): BfpResult {
  const a = unpack(format, aBits);
  const b = unpack(format, bBits);
  const nan = propagateNan(format, aBits, a, bBits, b);
  if (nan !== undefined) return nan;
  const product = exactProduct(a, b);
  if (product === undefined) return invalid(format);
  const { kind, negative, significand, exponent } = product;
  if (kind === INFINITY) return plainResult(withSign(format, format.infinity, negative));
  return roundToFormat(format, negative, significand, exponent, mode);
}

/** Product of two operands that are not NaNs; undefined for infinity times zero. */
function exactProduct(a: Unpacked, b: Unpacked): Unpacked | undefined {
  const negative = a.negative !== b.negative;
  if (a.kind === INFINITY || b.kind === INFINITY) {
    if (a.kind === ZERO || b.kind === ZERO) return undefined;
    return { kind: INFINITY, negative, significand: 0n, exponent: 0 };
  }
  const significand = a.significand * b.significand;
  const kind = significand === 0n ? ZERO : FINITE;
  return { kind, negative, significand, exponent: a.exponent + b.exponent };
}

/**
 * MULTIPLY to a longer format (MDEB short to long, MXDB long to extended). The product is exact;
 * only an invalid operation can be recognised.
 */
export function multiplyLengthened(
  from: BfpFormat,
  to: BfpFormat,
  aBits: bigint,
  bBits: bigint,
): BfpResult {
  const a = unpack(from, aBits);
  const b = unpack(from, bBits);
  const nan = propagateNan(from, aBits, a, bBits, b);
  if (nan !== undefined) {
    return plainResult(loadLengthened(from, to, nan.bits).bits, nan.flags);
  }
  const wideA = loadLengthened(from, to, aBits).bits;
  return multiply(to, wideA, loadLengthened(from, to, bBits).bits, TOWARD_ZERO);
}

/** DIVIDE (DEB, DDB, DXBR). */
export function divide(
  format: BfpFormat,
  aBits: bigint,
  bBits: bigint,
  mode: RoundingMode,
): BfpResult {
  const a = unpack(format, aBits);
  const b = unpack(format, bBits);
  const nan = propagateNan(format, aBits, a, bBits, b);
  if (nan !== undefined) return nan;
  const negative = a.negative !== b.negative;
  if (a.kind === INFINITY) {
    if (b.kind === INFINITY) return invalid(format);
    return plainResult(withSign(format, format.infinity, negative));
  }
  if (b.kind === INFINITY) return plainResult(withSign(format, 0n, negative));
  if (b.kind === ZERO) {
    if (a.kind === ZERO) return invalid(format);
    return plainResult(withSign(format, format.infinity, negative), DIVIDE_BY_ZERO);
  }
  if (a.kind === ZERO) return plainResult(withSign(format, 0n, negative));
  const wanted = format.precision + 3 + bitLength(b.significand) - bitLength(a.significand);
  const shift = Math.max(0, wanted);
  const dividend = a.significand << BigInt(shift);
  const quotient = dividend / b.significand;
  const sticky = quotient * b.significand === dividend ? 0n : 1n;
  const significand = (quotient << 1n) | sticky;
  return roundToFormat(format, negative, significand, a.exponent - b.exponent - shift - 1, mode);
}

/** SQUARE ROOT (SQEB, SQDB, SQXBR). The root of minus zero is minus zero. */
export function squareRoot(format: BfpFormat, bits: bigint, mode: RoundingMode): BfpResult {
  const a = unpack(format, bits);
  if (a.kind === SNAN) return plainResult(bits | format.quietBit, INVALID);
  if (a.kind === QNAN || a.kind === ZERO) return plainResult(bits);
  if (a.negative) return invalid(format);
  if (a.kind === INFINITY) return plainResult(bits);
  // An even exponent, and a radicand long enough for precision + 3 bits of root.
  let shift = Math.max(0, 2 * (format.precision + 3) - bitLength(a.significand));
  if (((a.exponent - shift) & 1) !== 0) shift++;
  const radicand = a.significand << BigInt(shift);
  const root = integerSquareRoot(radicand);
  const sticky = root * root === radicand ? 0n : 1n;
  const significand = (root << 1n) | sticky;
  return roundToFormat(format, false, significand, (a.exponent - shift) / 2 - 1, mode);
}

/** Largest integer whose square is not above `n`, which is positive. */
function integerSquareRoot(n: bigint): bigint {
  // Newton's iteration falls from any start that is not below the root, doubling the right bits.
  const length = bitLength(n);
  const drop = Math.max(0, length - 1000) + (length & 1);
  const estimate = Math.ceil(Math.sqrt(Number(n >> BigInt(drop))) * (1 + 2 ** -50)) + 1;
  let root = BigInt(estimate) << BigInt((drop + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/**
 * MULTIPLY AND ADD (MAEB, MADB): op3 * op2 + op1 with one rounding. NaNs have the order third,
 * second, first operand, signalling before quiet; infinity times zero goes before a quiet NaN
 * and before any NaN in the first operand.
 */
export function multiplyAndAdd(
  format: BfpFormat,
  op1: bigint,
  op2: bigint,
  op3: bigint,
  mode: RoundingMode,
): BfpResult {
  return fused(format, op1, op2, op3, false, mode);
}

/** MULTIPLY AND SUBTRACT (MSEB, MSDB): op3 * op2 - op1; a NaN in op1 keeps its sign. */
export function multiplyAndSubtract(
  format: BfpFormat,
  op1: bigint,
  op2: bigint,
  op3: bigint,
  mode: RoundingMode,
): BfpResult {
  return fused(format, op1, op2, op3, true, mode);
}

function fused(
  format: BfpFormat,
  op1: bigint,
  op2: bigint,
  op3: bigint,
  invertFirst: boolean,
  mode: RoundingMode,
): BfpResult {
  const a = unpack(format, op3);
  const b = unpack(format, op2);
  const c = unpack(format, op1);
  // A NaN product takes part in the addition as its first operand.
  const productNan = propagateNan(format, op3, a, op2, b);
  if (productNan !== undefined) {
    if (productNan.flags !== 0) return productNan;
    return c.kind === SNAN ? plainResult(op1 | format.quietBit, INVALID) : productNan;
  }
  const product = exactProduct(a, b);
  if (product === undefined) return invalid(format);
  if (c.kind === SNAN) return plainResult(op1 | format.quietBit, INVALID);
  if (c.kind === QNAN) return plainResult(op1);
  return sumOfNumbers(format, product, invertFirst ? negated(c) : c, mode);
}

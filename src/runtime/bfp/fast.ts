/**
 * The quick way for long numbers: the host's own arithmetic, which rounds to nearest with ties to
 * even, plus the one thing it does not tell, whether it rounded at all.
 *
 * Use only while the FPC's rounding mode is nearest-even and its masks are zero. Each `...Flags`
 * function takes the operands and the host's result, and returns the FPC flag byte, 0 or INEXACT,
 * or -1: "not for me", to be answered by `softfloat.ts` from register bits (NaN, infinity, division
 * by zero, and magnitudes where the error term could itself overflow or underflow). Flags are
 * sticky: a caller whose FPC already shows inexact need only ask whether the answer is -1.
 *
 * Method: error-free transformations (Knuth's sum, Veltkamp's split, Dekker's product). The error
 * of one operation is itself a number of the format, so it is zero exactly when nothing was lost.
 */
import { LONG } from './format.ts';
import { multiplyAndAdd } from './arithmetic.ts';
import { INEXACT, TIES_EVEN } from './round.ts';
import { f64FromBigint, f64ToBigint, towardOdd } from './scratch.ts';

/** 2 ** 27 + 1 splits 53 bits into 26 and 27. */
const SPLITTER = 134217729;
/** Beyond these, a partial product or sum might overflow. */
const MAX_FACTOR = 2 ** 995;
const MAX_SUM = 2 ** 1020;
/** Below this, the error of a product might underflow: 2 ** -1074 * 2 ** 105. */
const MIN_PRODUCT = 2 ** -969;

/** Flags of r = a + b; for a difference pass -b. */
export function addFlags(a: number, b: number, r: number): number {
  if (!(Math.abs(r) < MAX_SUM)) return -1;
  const d = r - a;
  const error = a - (r - d) + (b - d);
  // An infinite operand has made r infinite or NaN, and a sum that is tiny is exact.
  return error === 0 ? 0 : INEXACT;
}

/** Error of p = a * b, exact within the limits above. */
function productError(a: number, b: number, p: number): number {
  const aBig = a * SPLITTER;
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = b * SPLITTER;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  return aLow * bLow - (p - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** Flags of r = a * b. */
export function mulFlags(a: number, b: number, r: number): number {
  const magnitude = Math.abs(r);
  if (magnitude >= MIN_PRODUCT && magnitude < MAX_SUM) {
    if (Math.abs(a) < MAX_FACTOR && Math.abs(b) < MAX_FACTOR) {
      return productError(a, b, r) === 0 ? 0 : INEXACT;
    }
    return -1;
  }
  // Zero times a number, and not an underflow to zero.
  return r === 0 && (a === 0 || b === 0) ? 0 : -1;
}

/** Flags of r = a / b. */
export function divFlags(a: number, b: number, r: number): number {
  const magnitude = Math.abs(r);
  const dividend = Math.abs(a);
  if (
    magnitude > 2 ** -1022 && // at Nmin the precise quotient may have been tiny
    magnitude < MAX_FACTOR &&
    dividend >= MIN_PRODUCT &&
    dividend < MAX_SUM &&
    Math.abs(b) < MAX_FACTOR
  ) {
    // Exact when the quotient times the divisor gives the dividend back without an error.
    const p = r * b;
    return p === a && productError(r, b, p) === 0 ? 0 : INEXACT;
  }
  // 0 / b; a NaN or zero divisor gives NaN, an infinite one is left to the slow path.
  return a === 0 && r === 0 && Math.abs(b) < Infinity ? 0 : -1;
}

/** Flags of r = Math.sqrt(a). */
export function sqrtFlags(a: number, r: number): number {
  if (a >= MIN_PRODUCT && a < MAX_SUM) {
    const p = r * r;
    return p === a && productError(r, r, p) === 0 ? 0 : INEXACT;
  }
  return a === 0 ? 0 : -1;
}

let fusedFlags = 0;

/** Flags of the last `fma64`, as of the other functions here; -1 when an operand was not finite. */
export function fma64Flags(): number {
  return fusedFlags;
}

/**
 * a * b + c rounded once (MULTIPLY AND ADD; for MULTIPLY AND SUBTRACT pass -c), then see
 * `fma64Flags`. Method: Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums: proved
 * algorithms using rounding to odd", 2008.
 */
export function fma64(a: number, b: number, c: number): number {
  const p = a * b;
  const magnitude = Math.abs(p);
  if (
    magnitude >= MIN_PRODUCT &&
    magnitude < MAX_SUM &&
    Math.abs(a) < MAX_FACTOR &&
    Math.abs(b) < MAX_FACTOR &&
    Math.abs(c) < MAX_SUM
  ) {
    const e = productError(a, b, p);
    // c + e, then p + (c + e): three terms that do not overlap, high to low v, w, low.
    const s = c + e;
    const sd = s - c;
    const low = c - (s - sd) + (e - sd);
    const v = p + s;
    const vd = v - p;
    const w = p - (v - vd) + (s - vd);
    const t = w + low;
    const td = t - w;
    const lost = w - (t - td) + (low - td);
    const odd = lost === 0 ? t : towardOdd(t, lost);
    const r = v + odd;
    const rd = r - v;
    const error = v - (r - rd) + (odd - rd);
    fusedFlags = lost === 0 && error === 0 ? 0 : INEXACT;
    return r;
  }
  return fma64Rest(a, b, c, p);
}

/**
 * a * b + c rounded once, or NaN when that is not sure; for where only the value is wanted. The sum
 * of p + c, its error and the product's error is known to within two units in the last place of its
 * small part `t`; where that leaves no doubt about the rounding, `t` is as good as exact. Overflows
 * on the way become NaN, and what is lost below the least number is excluded by `MIN_PRODUCT`.
 */
export function fma64Quick(a: number, b: number, c: number): number {
  const p = a * b;
  const v = p + c;
  const vd = v - p;
  const t = p - (v - vd) + (c - vd) + productError(a, b, p);
  const r = v + t * (1 + 2 ** -51);
  return Math.abs(p) >= MIN_PRODUCT && r === v + t * (1 - 2 ** -51) && Math.abs(r) < MAX_SUM
    ? r
    : NaN;
}

/** Zeros, numbers near the limits of the exponent range, and everything that is not finite. */
function fma64Rest(a: number, b: number, c: number, p: number): number {
  if (!(Math.abs(a) < Infinity && Math.abs(b) < Infinity && Math.abs(c) < Infinity)) {
    fusedFlags = -1;
    return p + c;
  }
  if (a === 0 || b === 0) {
    fusedFlags = 0;
    return p + c;
  }
  const bits = multiplyAndAdd(LONG, f64ToBigint(c), f64ToBigint(b), f64ToBigint(a), TIES_EVEN);
  fusedFlags = bits.flags;
  return f64FromBigint(bits.bits);
}

/**
 * The 64-bit integer high * 2 ** 32 + low, rounded once (CDGBR: `high` an int32; CDLGBR: `high` an
 * uint32); flags as from `addFlags` with the same two terms.
 * @param low right word; its sign bit counts as a bit
 */
export function longFromInteger(high: number, low: number): number {
  return high * 4294967296 + (low >>> 0);
}

/** Flags of `longFromInteger`. */
export function longFromIntegerFlags(high: number, low: number, r: number): number {
  return addFlags(high * 4294967296, low >>> 0, r);
}

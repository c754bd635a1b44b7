import { high, mulHigh32u, toNumber } from './int64.ts';

/**
 * Division of 64-bit integers as pairs of int32 halves, without BigInt: most dividends fit in the
 * 53 bits that a double holds, and the rest takes two or three divisions of doubles.
 */

/** Where the divide functions leave their results, as int32 halves. */
export const quotient = { high: 0, low: 0 };
export const remainder = { high: 0, low: 0 };

const WORD = 0x1_0000_0000;
const EXACT = 2 ** 53;

function leave(q: number, r: number): void {
  quotient.high = (q * 2 ** -32) | 0;
  quotient.low = q | 0;
  remainder.high = (r * 2 ** -32) | 0;
  remainder.low = r | 0;
}

/** Unsigned `ah:al / bh:bl`; the divisor is not zero. */
export function divide64u(ah: number, al: number, bh: number, bl: number): void {
  const a = toNumber(ah, al);
  const b = toNumber(bh, bl);
  if (a < EXACT) {
    // For integers below 2**53 the rounded quotient never reaches the next integer.
    const q = Math.floor(a / b);
    leave(q, a - q * b);
  } else if (bh === 0) divideByWord(ah >>> 0, al >>> 0, bl >>> 0);
  else divideByDoubleword(ah, al, bh, bl, a, b);
}

/** Long division by a word in digits of 32, 16 and 16 bits: each partial dividend is exact. */
function divideByWord(hi: number, lo: number, b: number): void {
  const q2 = Math.floor(hi / b);
  const rest1 = (hi - q2 * b) * 0x1_0000 + (lo >>> 16);
  const q1 = Math.floor(rest1 / b);
  const rest0 = (rest1 - q1 * b) * 0x1_0000 + (lo & 0xffff);
  const q0 = Math.floor(rest0 / b);
  quotient.high = q2 | 0;
  quotient.low = (q1 << 16) | q0;
  remainder.high = 0;
  remainder.low = (rest0 - q0 * b) | 0;
}

/**
 * The quotient is a word, and that of the doubles nearest to the operands is off by one at most.
 * The remainder tells: it must be less than the divisor, and an excess of one makes it negative.
 */
function divideByDoubleword(
  ah: number,
  al: number,
  bh: number,
  bl: number,
  a: number,
  b: number,
): void {
  let q = Math.min(Math.floor(a / b), WORD - 1);
  // The product q * b, 96 bits of it: `top` is what lies above 64 bits.
  const productLow = Math.imul(q, bl);
  const middle = (mulHigh32u(q, bl) >>> 0) + (Math.imul(q, bh) >>> 0);
  const top = (mulHigh32u(q, bh) >>> 0) + (middle >= WORD ? 1 : 0);
  const productHigh = middle | 0;
  let rl = (al - productLow) | 0;
  let rh = (ah - productHigh - (al >>> 0 < productLow >>> 0 ? 1 : 0)) | 0;
  const excess =
    top !== 0 ||
    productHigh >>> 0 > ah >>> 0 ||
    (productHigh === (ah | 0) && productLow >>> 0 > al >>> 0);
  if (excess) {
    q -= 1;
    const sum = (rl >>> 0) + (bl >>> 0);
    rl = sum | 0;
    rh = (rh + bh + (sum >= WORD ? 1 : 0)) | 0;
  } else if (rh >>> 0 > bh >>> 0 || (rh === (bh | 0) && rl >>> 0 >= bl >>> 0)) {
    q += 1;
    rh = (rh - bh - (rl >>> 0 < bl >>> 0 ? 1 : 0)) | 0;
    rl = (rl - bl) | 0;
  }
  quotient.high = 0;
  quotient.low = q | 0;
  remainder.high = rh;
  remainder.low = rl;
}

/** Signed, truncated toward zero; the quotient fits (not -2**63 / -1). */
export function divide64s(ah: number, al: number, bh: number, bl: number): void {
  const negativeA = ah < 0;
  const negativeB = bh < 0;
  divide64u(
    negativeA ? (~ah + (al === 0 ? 1 : 0)) | 0 : ah,
    negativeA ? -al | 0 : al,
    negativeB ? (~bh + (bl === 0 ? 1 : 0)) | 0 : bh,
    negativeB ? -bl | 0 : bl,
  );
  if (negativeA !== negativeB) negate(quotient);
  if (negativeA) negate(remainder);
}

function negate(pair: { high: number; low: number }): void {
  pair.high = (~pair.high + (pair.low === 0 ? 1 : 0)) | 0;
  pair.low = -pair.low | 0;
}

/** Whether the unsigned integer with this high word is below 2**53, a double. */
const isSmall = (hi: number): boolean => hi >>> 0 < 0x20_0000;
/** The same for the magnitude of a signed one. */
const isSmallSigned = (hi: number): boolean => (hi + 0x20_0000) >>> 0 < 0x40_0000;

function fromNumber(value: number): number {
  high.word = Math.floor(value / WORD) | 0;
  return value | 0;
}

/** A signed integer of which {@link isSmallSigned} is true. */
const toSigned = (hi: number, lo: number): number => hi * WORD + (lo >>> 0);

// One result at a time, as ops want it: `rem64u` after `div64u` of small numbers costs less than
// carrying both.

/** Unsigned quotient; the divisor is not zero. */
export function div64u(ah: number, al: number, bh: number, bl: number): number {
  if (isSmall(ah) && isSmall(bh)) {
    return fromNumber(Math.floor(toNumber(ah, al) / toNumber(bh, bl)));
  }
  divide64u(ah, al, bh, bl);
  high.word = quotient.high;
  return quotient.low;
}

/** Unsigned remainder; the divisor is not zero. */
export function rem64u(ah: number, al: number, bh: number, bl: number): number {
  if (isSmall(ah) && isSmall(bh)) return fromNumber(toNumber(ah, al) % toNumber(bh, bl));
  divide64u(ah, al, bh, bl);
  high.word = remainder.high;
  return remainder.low;
}

/** Signed quotient, truncated; the divisor is not zero and the quotient fits. */
export function div64s(ah: number, al: number, bh: number, bl: number): number {
  if (isSmallSigned(ah) && isSmallSigned(bh)) {
    return fromNumber(Math.trunc(toSigned(ah, al) / toSigned(bh, bl)));
  }
  divide64s(ah, al, bh, bl);
  high.word = quotient.high;
  return quotient.low;
}

/** Signed remainder with the dividend's sign; the divisor is not zero. */
export function rem64s(ah: number, al: number, bh: number, bl: number): number {
  if (isSmallSigned(ah) && isSmallSigned(bh)) {
    return fromNumber(toSigned(ah, al) % toSigned(bh, bl));
  }
  divide64s(ah, al, bh, bl);
  high.word = remainder.high;
  return remainder.low;
}

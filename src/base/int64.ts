/**
 * 64-bit integers as pairs of int32 halves.
 *
 * A function that yields 64 bits returns the low half and leaves the high half in `high.word`
 * until the next such call: no allocation, and V8 keeps both in registers once inlined.
 */
export const high = { word: 0 };

/** The address or count `hi:lo` as a JavaScript number; exact below 2**53. */
export function toNumber(hi: number, lo: number): number {
  return (hi >>> 0) * 0x1_0000_0000 + (lo >>> 0);
}

/** The low half (int32) of a non-negative safe integer. */
export function lowWord(value: number): number {
  return value | 0;
}

/** The high half (int32) of a non-negative safe integer. */
export function highWord(value: number): number {
  return Math.floor(value / 0x1_0000_0000) | 0;
}

export function toBigInt(hi: number, lo: number): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo >>> 0);
}

export function toBigUint(hi: number, lo: number): bigint {
  return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
}

/** Leaves `value` modulo 2**64 as a pair: returns the low half, high half in `high.word`. */
export function fromBigInt(value: bigint): number {
  high.word = Number(BigInt.asIntN(32, value >> 32n));
  return Number(BigInt.asIntN(32, value));
}

/** Carry out of the unsigned 32-bit addition whose truncated result is `sum` and one addend `addend`. */
export function carry(sum: number, addend: number): number {
  return sum >>> 0 < addend >>> 0 ? 1 : 0;
}

/**
 * High word of the unsigned 64-bit product of two 32-bit words, from 16-bit limbs. No partial sum
 * exceeds 32 bits: 0xffff * 0xffff + 0xffff < 2**32.
 */
export function mulHigh32u(a: number, b: number): number {
  const al = a & 0xffff;
  const ah = a >>> 16;
  const bl = b & 0xffff;
  const bh = b >>> 16;
  const middle = (Math.imul(ah, bl) + (Math.imul(al, bl) >>> 16)) | 0;
  const cross = (Math.imul(al, bh) + (middle & 0xffff)) | 0;
  return (Math.imul(ah, bh) + (middle >>> 16) + (cross >>> 16)) | 0;
}

/** Low 64 bits of the product. */
export function mul64(ah: number, al: number, bh: number, bl: number): number {
  high.word = (mulHigh32u(al, bl) + Math.imul(ah, bl) + Math.imul(al, bh)) | 0;
  return Math.imul(al, bl);
}

/** Shift left by `n` (0-63). */
export function shl64(hi: number, lo: number, n: number): number {
  if (n >= 32) {
    high.word = lo << (n - 32);
    return 0;
  }
  high.word = n === 0 ? hi : (hi << n) | (lo >>> (32 - n));
  return lo << n;
}

/** Logical shift right by `n` (0-63). */
export function shr64(hi: number, lo: number, n: number): number {
  if (n >= 32) {
    high.word = 0;
    return (hi >>> (n - 32)) | 0;
  }
  high.word = (hi >>> n) | 0;
  return n === 0 ? lo : (lo >>> n) | (hi << (32 - n));
}

/** Arithmetic shift right by `n` (0-63). */
export function sar64(hi: number, lo: number, n: number): number {
  if (n >= 32) {
    high.word = hi >> 31;
    return hi >> (n - 32);
  }
  high.word = hi >> n;
  return n === 0 ? lo : (lo >>> n) | (hi << (32 - n));
}

/** Rotate left by `n` (0-63). */
export function rotl64(hi: number, lo: number, n: number): number {
  let h = hi;
  let l = lo;
  if (n >= 32) {
    h = lo;
    l = hi;
    n -= 32;
  }
  if (n === 0) {
    high.word = h;
    return l;
  }
  high.word = (h << n) | (l >>> (32 - n));
  return (l << n) | (h >>> (32 - n));
}

/** Signed a < b. */
export function lt64s(ah: number, al: number, bh: number, bl: number): boolean {
  return ah === bh ? al >>> 0 < bl >>> 0 : ah < bh;
}

/** Unsigned a < b. */
export function lt64u(ah: number, al: number, bh: number, bl: number): boolean {
  return ah === bh ? al >>> 0 < bl >>> 0 : ah >>> 0 < bh >>> 0;
}

/** High word of the signed 64-bit product of two 32-bit words. */
export function mulHigh32s(a: number, b: number): number {
  return (mulHigh32u(a, b) - (a < 0 ? b : 0) - (b < 0 ? a : 0)) | 0;
}

/** High 64 bits of the unsigned 128-bit product: schoolbook on words, carries by comparison. */
export function mulHigh64u(ah: number, al: number, bh: number, bl: number): number {
  const cross1 = Math.imul(ah, bl);
  const cross2 = Math.imul(al, bh);
  const low = mulHigh32u(al, bl);
  const middle = (low + cross1) | 0;
  const sum = (middle + cross2) | 0;
  const carryIn = (middle >>> 0 < cross1 >>> 0 ? 1 : 0) + (sum >>> 0 < cross2 >>> 0 ? 1 : 0);
  const top = Math.imul(ah, bh);
  const high1 = mulHigh32u(ah, bl);
  const high2 = mulHigh32u(al, bh);
  const t1 = (top + high1) | 0;
  const t2 = (t1 + high2) | 0;
  const t3 = (t2 + carryIn) | 0;
  high.word =
    (mulHigh32u(ah, bh) +
      (t1 >>> 0 < high1 >>> 0 ? 1 : 0) +
      (t2 >>> 0 < high2 >>> 0 ? 1 : 0) +
      (t3 >>> 0 < carryIn ? 1 : 0)) |
    0;
  return t3;
}

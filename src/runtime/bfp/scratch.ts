/**
 * Bits of host floating-point numbers, through one shared buffer.
 *
 * A host number must not be trusted with a NaN's payload: conversion between short and long makes
 * a signalling NaN quiet, and the engine may replace any NaN by its own. Whoever needs NaNs exact
 * works on register bits (`softfloat.ts`).
 */
const buffer = new ArrayBuffer(8);
const f64 = new Float64Array(buffer);
const f32 = new Float32Array(buffer);
const i32 = new Int32Array(buffer);
const u64 = new BigUint64Array(buffer);

f64[0] = 1;
/** Index of the word with sign and exponent. */
const HIGH = i32[1] === 0x3ff00000 ? 1 : 0;
const LOW = 1 - HIGH;

/** Long number from its left and right word. */
export function f64FromBits(high: number, low: number): number {
  i32[HIGH] = high;
  i32[LOW] = low;
  return f64[0];
}

/** Left word of a long number, as an int32. */
export function f64High(value: number): number {
  f64[0] = value;
  return i32[HIGH];
}

/** Right word of a long number, as an int32. */
export function f64Low(value: number): number {
  f64[0] = value;
  return i32[LOW];
}

export function f64FromBigint(bits: bigint): number {
  u64[0] = bits;
  return f64[0];
}

export function f64ToBigint(value: number): bigint {
  f64[0] = value;
  return u64[0];
}

/** Short number from its word. */
export function f32FromBits(word: number): number {
  i32[0] = word;
  return f32[0];
}

/** Word of a number that is a short one, as an int32. */
export function f32Bits(value: number): number {
  f32[0] = value;
  return i32[0];
}

/**
 * The neighbour of `value` with an odd last bit, in the direction of `error`, when its own last bit
 * is even: `value` is a sum rounded to nearest and `error` (not zero) what rounding lost. The
 * result is the same sum rounded to odd, which a later rounding to fewer bits cannot mistake.
 */
export function towardOdd(value: number, error: number): number {
  f64[0] = value;
  const low = i32[LOW];
  if ((low & 1) !== 0) return value;
  if (error > 0 === value > 0) {
    i32[LOW] = low | 1;
  } else {
    // Downward in magnitude, past a power of two if need be.
    i32[LOW] = low - 1;
    if (low === 0) i32[HIGH] -= 1;
  }
  return f64[0];
}

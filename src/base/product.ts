/**
 * Products of more than 53 bits, through `BigInt`.
 *
 * V8 (13 and newer) computes `BigInt.asUintN(64, ...)` of products, sums and shifts in one host
 * register each, without a BigInt ever being made, as long as the value comes from int32 numbers
 * and goes into a `BigUint64Array`: 2.5 ns for 128 bits, where sixteen products of 16-bit limbs
 * take 10. Before the function is optimised it costs about 3 us.
 */

/** Doublewords of scratch storage, of which generated code may use those from `FIRST_FREE` on. */
export const DOUBLEWORDS = 16;
export const FIRST_FREE = 1;

/** The scratch doublewords, and their words (the host is little-endian). */
export const scratch64 = new BigUint64Array(DOUBLEWORDS);
export const scratch32 = new Int32Array(scratch64.buffer);

const { asUintN } = BigInt;

/** Leaves the low 64 bits of the product in `scratch32[0]` and `scratch32[1]`. */
export function multiply64(ah: number, al: number, bh: number, bl: number): void {
  scratch64[0] = asUintN(
    64,
    asUintN(64, asUintN(64, BigInt(ah >>> 0) << 32n) | BigInt(al >>> 0)) *
      asUintN(64, asUintN(64, BigInt(bh >>> 0) << 32n) | BigInt(bl >>> 0)),
  );
}

/**
 * Products of more than 53 bits, through `BigInt`.
 *
 * V8 (13 and newer) computes `BigInt.asUintN(64, ...)` of products, sums and shifts in one host
 * register each, without a BigInt ever being made, as long as the value comes from int32 numbers
 * and goes into a `BigUint64Array`: 2.5 ns for 128 bits, where sixteen products of 16-bit limbs
 * take 10. Before the function is optimised it costs about 3 us.
 */

/** The last product, least significant word first (the host is little-endian). */
export const product = new Int32Array(4);
const doublewords = new BigUint64Array(product.buffer);

const { asUintN } = BigInt;
/** Leaves the low 64 bits of the product in `product[0]` and `[1]`. */
export function multiply64(ah: number, al: number, bh: number, bl: number): void {
  doublewords[0] = asUintN(
    64,
    asUintN(64, asUintN(64, BigInt(ah >>> 0) << 32n) | BigInt(al >>> 0)) *
      asUintN(64, asUintN(64, BigInt(bh >>> 0) << 32n) | BigInt(bl >>> 0)),
  );
}
/** Leaves the unsigned 128-bit product in `product`. */
export function multiply128(ah: number, al: number, bh: number, bl: number): void {
  const a0 = BigInt(al >>> 0);
  const a1 = BigInt(ah >>> 0);
  const b0 = BigInt(bl >>> 0);
  const b1 = BigInt(bh >>> 0);
  const low = asUintN(64, a0 * b0);
  // Neither sum overflows: (2**32 - 1)**2 + 2**32 - 1 < 2**64.
  const middle = asUintN(64, asUintN(64, a1 * b0) + asUintN(64, low >> 32n));
  const cross = asUintN(64, asUintN(64, a0 * b1) + asUintN(64, middle & 0xffff_ffffn));
  doublewords[0] = asUintN(64, asUintN(64, cross << 32n) | asUintN(64, low & 0xffff_ffffn));
  doublewords[1] = asUintN(
    64,
    asUintN(64, asUintN(64, a1 * b1) + asUintN(64, middle >> 32n)) + asUintN(64, cross >> 32n),
  );
}

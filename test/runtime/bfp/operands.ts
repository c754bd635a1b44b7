/** Operands for BFP tests: every kind of edge, and reproducible random ones. */
import type { BfpFormat } from '../../../src/runtime/bfp/softfloat.ts';

/** A reproducible source of bigints (xorshift64*). */
export function random(seed: number): (width: number) => bigint {
  let state = BigInt(seed) * 0x9e3779b97f4a7c15n + 1n;
  const next = (): bigint => {
    state ^= state >> 12n;
    state = BigInt.asUintN(64, state ^ (state << 25n));
    state ^= state >> 27n;
    return BigInt.asUintN(64, state * 0x2545f4914f6cdd1dn) >> 32n;
  };
  return (width) => {
    let bits = 0n;
    for (let have = 0; have < width; have += 32) bits = (bits << 32n) | next();
    return bits & ((1n << BigInt(width)) - 1n);
  };
}

/** Zeros, subnormal and normal limits, 1 and its neighbours, halves, infinities, NaNs; both signs. */
export function edges(format: BfpFormat, nans = true): bigint[] {
  const { fractionBits, fractionMask, infinity, quietBit, signBit, bias } = format;
  const one = BigInt(bias) << fractionBits;
  const unit = 1n << fractionBits;
  const positive = [
    0n,
    1n,
    2n,
    3n,
    fractionMask >> 1n,
    fractionMask - 1n,
    fractionMask,
    unit,
    unit + 1n,
    2n * unit - 1n,
    one / 2n,
    one - unit,
    one - 1n,
    one,
    one + 1n,
    one + 2n,
    one + (unit >> 1n),
    one + fractionMask,
    one + unit,
    one + unit + 1n,
    one + unit + (unit >> 1n),
    one - BigInt(format.precision) * unit, // half a unit in the last place of 1
    one - BigInt(format.precision) * unit + 1n,
    one + BigInt(format.precision - 1) * unit,
    one + BigInt(format.precision) * unit + 3n,
    one + 30n * unit + fractionMask,
    one + 62n * unit + fractionMask,
    infinity - unit,
    infinity - 2n,
    infinity - 1n,
    infinity,
  ];
  if (nans) {
    positive.push(infinity | 1n, infinity | (quietBit >> 1n), infinity | quietBit);
    positive.push(infinity | quietBit | 5n);
  }
  return [...positive, ...positive.map((bits) => bits | signBit)];
}

/** Random bits, half of them with exponents close enough together to interact. */
export function randomOperands(format: BfpFormat, seed: number, count: number): bigint[] {
  const draw = random(seed);
  return Array.from({ length: count }, (_, i) => {
    const bits = draw(format.width);
    if (i % 2 === 0) return bits;
    const exponent = BigInt(format.bias) + (draw(8) % BigInt(2 * format.precision)) - 8n;
    return (bits & ~format.infinity) | (exponent << format.fractionBits);
  });
}

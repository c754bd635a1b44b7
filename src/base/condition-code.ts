import { carry, lt64u } from './int64.ts';

/*
 * How each family of instructions computes its condition code from operands and result.
 * Shared by the interpreter, the generated code's helper table, and run-time helpers. They do not
 * call each other: V8 would look the other up, and check what it found, each time.
 */
export function ccSign32(x: number): number {
  return x === 0 ? 0 : x < 0 ? 1 : 2;
}

export function ccSign64(hi: number, lo: number): number {
  return hi < 0 ? 1 : (hi | lo) === 0 ? 0 : 2;
}

export function ccZero32(x: number): number {
  return x === 0 ? 0 : 1;
}

export function ccZero64(hi: number, lo: number): number {
  return (hi | lo) === 0 ? 0 : 1;
}

export function ccAdd32(a: number, b: number, sum: number): number {
  return ((a ^ sum) & (b ^ sum)) < 0 ? 3 : sum === 0 ? 0 : sum < 0 ? 1 : 2;
}

export function ccSub32(a: number, b: number, difference: number): number {
  return ((a ^ b) & (a ^ difference)) < 0 ? 3 : difference === 0 ? 0 : difference < 0 ? 1 : 2;
}

/** The low words do not matter for overflow, only for zero. */
export function ccAdd64(ah: number, bh: number, sumHigh: number, sumLow: number): number {
  return ((ah ^ sumHigh) & (bh ^ sumHigh)) < 0
    ? 3
    : sumHigh < 0
      ? 1
      : (sumHigh | sumLow) === 0
        ? 0
        : 2;
}

export function ccSub64(ah: number, bh: number, hi: number, lo: number): number {
  return ((ah ^ bh) & (ah ^ hi)) < 0 ? 3 : hi < 0 ? 1 : (hi | lo) === 0 ? 0 : 2;
}

export function ccAddLogical32(sum: number, addend: number): number {
  return (sum === 0 ? 0 : 1) + 2 * carry(sum, addend);
}

export function ccAddLogical64(sumHigh: number, sumLow: number, bh: number, bl: number): number {
  return ((sumHigh | sumLow) === 0 ? 0 : 1) + (lt64u(sumHigh, sumLow, bh, bl) ? 2 : 0);
}

export function ccSubLogical32(a: number, b: number): number {
  return a === b ? 2 : a >>> 0 < b >>> 0 ? 1 : 3;
}

export function ccSubLogical64(ah: number, al: number, bh: number, bl: number): number {
  return ah === bh && al === bl ? 2 : lt64u(ah, al, bh, bl) ? 1 : 3;
}

/** ADD LOGICAL WITH CARRY: carry out when sum < b, or sum == b with a carry in. */
export function ccAddCarry32(_a: number, b: number, carryIn: number, sum: number): number {
  const out = sum >>> 0 < b >>> 0 || (carryIn !== 0 && sum === b);
  return (sum === 0 ? 0 : 1) + (out ? 2 : 0);
}

export function ccAddCarry64(
  bh: number,
  bl: number,
  carryIn: number,
  sumHigh: number,
  sumLow: number,
): number {
  const out = lt64u(sumHigh, sumLow, bh, bl) || (carryIn !== 0 && sumHigh === bh && sumLow === bl);
  return ((sumHigh | sumLow) === 0 ? 0 : 1) + (out ? 2 : 0);
}

/** SUBTRACT LOGICAL WITH BORROW: `noBorrow` is 1 when no borrow comes in. */
export function ccSubBorrow32(a: number, b: number, noBorrow: number, result: number): number {
  const borrows = noBorrow ? a >>> 0 < b >>> 0 : a >>> 0 <= b >>> 0;
  return (result === 0 ? 0 : 1) + (borrows ? 0 : 2);
}

export function ccSubBorrow64(
  ah: number,
  al: number,
  bh: number,
  bl: number,
  noBorrow: number,
  hi: number,
  lo: number,
): number {
  const borrows = noBorrow ? lt64u(ah, al, bh, bl) : !lt64u(bh, bl, ah, al);
  return ((hi | lo) === 0 ? 0 : 1) + (borrows ? 0 : 2);
}

export function ccCompare32s(a: number, b: number): number {
  return a === b ? 0 : a < b ? 1 : 2;
}

export function ccCompare32u(a: number, b: number): number {
  return a === b ? 0 : a >>> 0 < b >>> 0 ? 1 : 2;
}

export function ccCompare64s(ah: number, al: number, bh: number, bl: number): number {
  return ah === bh ? ccCompare32u(al, bl) : ah < bh ? 1 : 2;
}

export function ccCompare64u(ah: number, al: number, bh: number, bl: number): number {
  return ah === bh ? ccCompare32u(al, bl) : ah >>> 0 < bh >>> 0 ? 1 : 2;
}

/** TEST UNDER MASK HIGH/LOW: mixed bits give 1, or 2 when the leftmost selected bit is one. */
export function ccTestMask(value: number, mask: number): number {
  const selected = value & mask;
  if (selected === 0) return 0;
  if (selected === mask) return 3;
  return Math.clz32(selected) === Math.clz32(mask) ? 2 : 1;
}

/** TEST UNDER MASK. */
export function ccTestMaskByte(value: number, mask: number): number {
  const selected = value & mask;
  return selected === 0 ? 0 : selected === mask ? 3 : 1;
}

/** INSERT CHARACTERS UNDER MASK: `mask` has ones where bytes were inserted. */
export function ccInsert(inserted: number, mask: number): number {
  const selected = inserted & mask;
  if (selected === 0) return 0;
  return Math.clz32(selected) === Math.clz32(mask) ? 1 : 2;
}

/** Sign of a floating-point number: 3 for NaN. */
export function ccSignFloat(x: number): number {
  return x === 0 ? 0 : x < 0 ? 1 : x > 0 ? 2 : 3;
}

export function ccCompareFloat(a: number, b: number): number {
  return a === b ? 0 : a < b ? 1 : a > b ? 2 : 3;
}

/** CONVERT TO FIXED toward zero, 32 bits: the sign of the source, 3 for a NaN or out of range. */
export function ccToI32(x: number): number {
  return x > -0x8000_0001 && x < 0x8000_0000 ? ccSignFloat(x) : 3;
}

/** CONVERT TO FIXED toward zero, 64 bits. */
export function ccToI64(x: number): number {
  return x >= -(2 ** 63) && x < 2 ** 63 ? ccSignFloat(x) : 3;
}

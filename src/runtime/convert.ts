import { PIC_FIXED_POINT_DIVIDE, ProgramInterruption } from '../cpu/interruption.ts';
import { toBigInt } from '../base/int64.ts';
import type { HelperContext } from './context.ts';
import { readPacked, readShortPacked, writePacked, writeShortPacked } from './packed.ts';

/**
 * CVB, CVBY: a packed number of 8 bytes becomes 32 bits. One that is too large completes: the
 * rightmost bits are placed and a fixed-point-divide exception follows.
 * @returns 1 if it was too large
 */
export function convertToBinary32(
  { state, memory }: HelperContext,
  r1: number,
  hi: number,
  lo: number,
): number {
  const value = readShortPacked(memory.bytes, memory.readable(hi, lo, 8), 8);
  state.words[2 * r1] = value;
  return state.words[2 * r1] === value ? 0 : 1;
}

/** CVBG: a packed number of 16 bytes becomes 64 bits. One that is too large is suppressed. */
export function convertToBinary64(
  { state, memory }: HelperContext,
  r1: number,
  hi: number,
  lo: number,
): void {
  const { magnitude, negative } = readPacked(memory.bytes, memory.readable(hi, lo, 16), 16);
  const value = negative ? -magnitude : magnitude;
  if (BigInt.asIntN(64, value) !== value) throw new ProgramInterruption(PIC_FIXED_POINT_DIVIDE);
  state.i64[r1] = value;
}

/** CVD, CVDY. */
export function convertToDecimal32(
  { memory }: HelperContext,
  hi: number,
  lo: number,
  value: number,
): void {
  writeShortPacked(memory.bytes, memory.writable(hi, lo, 8), 8, Math.abs(value), value < 0);
}

/** CVDG. */
export function convertToDecimal64(
  { memory }: HelperContext,
  hi: number,
  lo: number,
  valueHigh: number,
  valueLow: number,
): void {
  const value = toBigInt(valueHigh, valueLow);
  const magnitude = value < 0n ? -value : value;
  writePacked(memory.bytes, memory.writable(hi, lo, 16), 16, magnitude, value < 0n);
}

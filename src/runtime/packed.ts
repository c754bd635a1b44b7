import { PIC_DATA, ProgramInterruption } from '../cpu/interruption.ts';

/**
 * Packed decimal numbers: digits of four bits from the left, a sign code in the rightmost four
 * (PoP, chapter 8 "Decimal Instructions"). Values are bigints; minus zero needs its own sign.
 */
export interface Packed {
  magnitude: bigint;
  negative: boolean;
}

/** Data exception; DXC 0 says "decimal operand". */
export function decimalData(): never {
  throw new ProgramInterruption(PIC_DATA);
}

/** Whether a sign code, 10-15, means minus. */
export function isMinus(sign: number): boolean {
  return sign === 0xb || sign === 0xd;
}

/** 10 to the powers 0-64. */
export const POWERS: readonly bigint[] = Array.from({ length: 65 }, (_, n) => 10n ** BigInt(n));
const TEN_TO_14 = POWERS[14]!;

/** The packed number in `size` bytes. @throws a data exception for an invalid digit or sign. */
export function readPacked(bytes: Uint8Array, at: number, size: number): Packed {
  const sign = bytes[at + size - 1]! & 15;
  if (sign < 10) decimalData();
  const magnitude = readDigits(bytes, at, 2 * size - 1);
  return { magnitude, negative: isMinus(sign) };
}

/** `count` decimal digits. @throws a data exception for an invalid one. */
export function readDigits(bytes: Uint8Array, at: number, count: number): bigint {
  let magnitude = 0n;
  for (let start = 0; start < count; start += 15) {
    const end = Math.min(start + 15, count);
    let part = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[at + (i >> 1)]!;
      const digit = i & 1 ? byte & 15 : byte >> 4;
      if (digit > 9) decimalData();
      part = part * 10 + digit;
    }
    magnitude = magnitude * POWERS[end - start]! + BigInt(part);
  }
  return magnitude;
}

/**
 * Stores a packed number with the preferred sign codes, C and D, in `size` bytes; digits that do
 * not fit are lost on the left.
 */
export function writePacked(
  bytes: Uint8Array,
  at: number,
  size: number,
  magnitude: bigint,
  negative: boolean,
): void {
  bytes[at + size - 1] = (Number(magnitude % 10n) << 4) | (negative ? 0xd : 0xc);
  let rest = magnitude / 10n;
  for (let right = size - 2; right >= 0;) {
    // Seven bytes' digits make an exact number.
    let part = Number(rest % TEN_TO_14);
    rest /= TEN_TO_14;
    for (let i = 0; i < 7 && right >= 0; i++) {
      const pair = part % 100;
      part = (part - pair) / 100;
      bytes[at + right--] = (Math.floor(pair / 10) << 4) | (pair % 10);
    }
  }
}

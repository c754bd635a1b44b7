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
    const part = BigInt(readSome(bytes, at, start, end));
    magnitude = start === 0 ? part : magnitude * POWERS[end - start]! + part;
  }
  return magnitude;
}

/** Digits `start` to `end - 1`, at most 15: an exact number. */
function readSome(bytes: Uint8Array, at: number, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[at + (i >> 1)]!;
    const digit = i & 1 ? byte & 15 : byte >> 4;
    if (digit > 9) decimalData();
    value = value * 10 + digit;
  }
  return value;
}

/** As {@link readPacked} for at most 8 bytes; minus zero is -0. */
export function readShortPacked(bytes: Uint8Array, at: number, size: number): number {
  const sign = bytes[at + size - 1]! & 15;
  if (sign < 10) decimalData();
  const magnitude = readSome(bytes, at, 0, 2 * size - 1);
  return isMinus(sign) ? -magnitude : magnitude;
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
  bytes[at + size - 1] = (Number(magnitude % 10n) << 4) | signCode(negative);
  let rest = magnitude / 10n;
  for (let right = size - 1; right > 0; right -= 7) {
    // Seven bytes' digits make an exact number.
    writePairs(bytes, at + Math.max(right - 7, 0), at + right, Number(rest % TEN_TO_14));
    rest /= TEN_TO_14;
  }
}

/** As {@link writePacked} for a magnitude below 2**53. */
export function writeShortPacked(
  bytes: Uint8Array,
  at: number,
  size: number,
  magnitude: number,
  negative: boolean,
): void {
  const digit = magnitude % 10;
  bytes[at + size - 1] = (digit << 4) | signCode(negative);
  writePairs(bytes, at, at + size - 1, (magnitude - digit) / 10);
}

function signCode(negative: boolean): number {
  return negative ? 0xd : 0xc;
}

/** Fills `[start, end)` with the digits of `value` from the right, two a byte. */
function writePairs(bytes: Uint8Array, start: number, end: number, value: number): void {
  let rest = value;
  for (let i = end - 1; i >= start; i--) {
    const pair = rest % 100;
    rest = (rest - pair) / 100;
    const left = Math.floor(pair / 10);
    bytes[i] = (left << 4) | (pair - 10 * left);
  }
}

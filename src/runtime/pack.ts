import type { HelperContext } from './context.ts';
import { specification } from './operand.ts';
import { isMinus } from './packed.ts';
import { findOperands, second } from './storage-bytes.ts';

/**
 * Conversions between zoned, ASCII, Unicode and packed decimal numbers. Digits are not checked.
 * SS-b length codes come in one number, L1 on the left.
 */

/** PACK: from right to left, so that overlapping operands give what the manual says. */
export function pack(
  { memory }: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCodes: number,
): void {
  const { bytes } = memory;
  const l1 = lengthCodes >> 4;
  const l2 = lengthCodes & 15;
  const first = findOperands(memory, ah, al, l1 + 1, bh, bl, l2 + 1);
  const from = second.at;
  const last = bytes[from + l2]!;
  bytes[first + l1] = (last << 4) | (last >> 4);
  for (let i = l1 - 1, j = l2 - 1; i >= 0; i--, j -= 2) {
    const low = j >= 0 ? bytes[from + j]! & 15 : 0;
    const high = j >= 1 ? bytes[from + j - 1]! << 4 : 0;
    bytes[first + i] = high | low;
  }
}

/** UNPK: the zones become F; from right to left. */
export function unpack(
  { memory }: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCodes: number,
): void {
  const { bytes } = memory;
  const l1 = lengthCodes >> 4;
  const l2 = lengthCodes & 15;
  const first = findOperands(memory, ah, al, l1 + 1, bh, bl, l2 + 1);
  const from = second.at;
  const last = bytes[from + l2]!;
  bytes[first + l1] = (last << 4) | (last >> 4);
  for (let i = l1 - 1, j = l2 - 1; i >= 0; j--) {
    const byte = j >= 0 ? bytes[from + j]! : 0;
    bytes[first + i--] = 0xf0 | byte;
    if (i >= 0) bytes[first + i--] = 0xf0 | (byte >> 4);
  }
}

/** The 16-byte result of PKA and PKU: digits from the right halves of characters, plus sign. */
function packCharacters(
  { memory }: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  size: number,
  step: number,
): void {
  const { bytes } = memory;
  const first = findOperands(memory, ah, al, 16, bh, bl, size);
  const from = second.at;
  const result = new Uint8Array(16);
  result[15] = 0xc;
  // Nibble 30 is the rightmost digit; characters beyond 31 digits are ignored.
  for (let i = size - 1, nibble = 30; i >= 0 && nibble >= 0; i -= step, nibble--) {
    const digit = bytes[from + i]! & 15;
    result[nibble >> 1]! |= nibble & 1 ? digit : digit << 4;
  }
  bytes.set(result, first);
}

/** PKA. `lengthCode` is L2: at most 32 bytes. */
export function packAscii(
  context: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCode: number,
): void {
  if (lengthCode > 31) specification();
  packCharacters(context, ah, al, bh, bl, lengthCode + 1, 1);
}

/** PKU. `lengthCode` is L2: an even number of bytes, at most 64. */
export function packUnicode(
  context: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCode: number,
): void {
  if (lengthCode > 63 || (lengthCode & 1) === 0) specification();
  packCharacters(context, ah, al, bh, bl, lengthCode + 1, 2);
}

/** UNPKA and UNPKU: 30 followed by a digit, after a zero byte for Unicode. Returns the CC. */
function unpackCharacters(
  { memory }: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  size: number,
  step: number,
): number {
  const { bytes } = memory;
  const first = findOperands(memory, ah, al, size, bh, bl, 16);
  const source = bytes.slice(second.at, second.at + 16);
  const sign = source[15]! & 15;
  for (let i = size - 1, nibble = 30; i >= 0; i -= step, nibble--) {
    const byte = nibble >= 0 ? source[nibble >> 1]! : 0;
    bytes[first + i] = 0x30 | (nibble & 1 ? byte & 15 : byte >> 4);
    if (step === 2) bytes[first + i - 1] = 0;
  }
  return sign < 10 ? 3 : isMinus(sign) ? 1 : 0;
}

/** UNPKA. `lengthCode` is L1: at most 32 bytes. CC 0 plus, 1 minus, 3 invalid sign. */
export function unpackAscii(
  context: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCode: number,
): number {
  if (lengthCode > 31) specification();
  return unpackCharacters(context, ah, al, bh, bl, lengthCode + 1, 1);
}

/** UNPKU. `lengthCode` is L1: an even number of bytes, at most 64. CC as {@link unpackAscii}. */
export function unpackUnicode(
  context: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCode: number,
): number {
  if (lengthCode > 63 || (lengthCode & 1) === 0) specification();
  return unpackCharacters(context, ah, al, bh, bl, lengthCode + 1, 2);
}

/** TP. CC 0 valid, 1 invalid sign, 2 an invalid digit, 3 both. */
export function testDecimal(
  { memory }: HelperContext,
  ah: number,
  al: number,
  lengthCode: number,
): number {
  const { bytes } = memory;
  const first = memory.readable(ah, al, lengthCode + 1);
  const last = bytes[first + lengthCode]!;
  let cc = (last & 15) < 10 ? 1 : 0;
  if (last >> 4 > 9) cc |= 2;
  for (let i = 0; i < lengthCode; i++) {
    const byte = bytes[first + i]!;
    if (byte >> 4 > 9 || (byte & 15) > 9) cc |= 2;
  }
  return cc;
}

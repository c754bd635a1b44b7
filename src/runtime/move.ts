import type { HelperContext } from './context.ts';
import { highAfter } from './operand.ts';
import { findOperands, second } from './storage-bytes.ts';

/**
 * Storage-to-storage moves of at most 256 bytes. A length code is the length less one; the two
 * 4-bit codes of SS-b come in one number, first operand's left.
 */

/** MVCIN: the second operand's address is that of its rightmost byte. */
export function moveInverse(
  { memory }: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCode: number,
): void {
  const { bytes } = memory;
  const size = lengthCode + 1;
  const leftHigh = highAfter(bh, bl, -lengthCode, 64);
  const to = findOperands(memory, ah, al, size, leftHigh, (bl - lengthCode) | 0, size);
  const from = second.at + lengthCode;
  for (let i = 0; i <= lengthCode; i++) bytes[to + i] = bytes[from - i]!;
}

/** Moves the bits in `mask` of each byte, from left to right. */
function moveMasked(
  { memory }: HelperContext,
  mask: number,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCode: number,
): void {
  const { bytes } = memory;
  const to = findOperands(memory, ah, al, lengthCode + 1, bh, bl, lengthCode + 1);
  const from = second.at;
  for (let i = 0; i <= lengthCode; i++) {
    bytes[to + i] = (bytes[to + i]! & ~mask) | (bytes[from + i]! & mask);
  }
}

/** MVN: the right halves of bytes. */
export function moveNumerics(
  context: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCode: number,
): void {
  moveMasked(context, 0x0f, ah, al, bh, bl, lengthCode);
}

/** MVZ: the left halves of bytes. */
export function moveZones(
  context: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCode: number,
): void {
  moveMasked(context, 0xf0, ah, al, bh, bl, lengthCode);
}

/** MVO: the second operand is placed left of the first operand's rightmost four bits. */
export function moveWithOffset(
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
  const to = findOperands(memory, ah, al, l1 + 1, bh, bl, l2 + 1);
  const fromEnd = second.at;
  let from = fromEnd + l2;
  let right = bytes[to + l1]! & 15;
  for (let i = l1; i >= 0; i--) {
    const byte = from >= fromEnd ? bytes[from--]! : 0;
    bytes[to + i] = (byte << 4) | right;
    right = byte >> 4;
  }
}

/** MVCRL: from right to left; the length less one is in bits 56-63 of GR0. */
export function moveRightToLeft(
  { state, memory }: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
): void {
  const { bytes } = memory;
  const length = (state.words[0]! & 0xff) + 1;
  const to = findOperands(memory, ah, al, length, bh, bl, length);
  const from = second.at;
  if (to >= from || to + length <= from) bytes.copyWithin(to, from, from + length);
  else for (let i = length - 1; i >= 0; i--) bytes[to + i] = bytes[from + i]!;
}

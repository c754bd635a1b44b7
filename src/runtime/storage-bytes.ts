import type { GuestStorage } from '../memory/guest-storage.ts';

/**
 * The storage-to-storage operations on up to 256 bytes. Both operands are checked before anything
 * changes; `lengthCode` is the length less one.
 */

/** The offset of the second operand that {@link findOperands} found last. */
export const second = { at: 0 };

/**
 * Finds a first operand of `size1` bytes, to be written (and so it may be read), and a second one
 * of `size2` bytes, to be read: their offsets overlap as their addresses do. Returns the first
 * one's, and leaves the other in `second.at`.
 */
export function findOperands(
  memory: GuestStorage,
  ah: number,
  al: number,
  size1: number,
  bh: number,
  bl: number,
  size2: number,
): number {
  memory.operand(1);
  second.at = memory.readable(bh, bl, size2);
  memory.operand(0);
  const first = memory.writable(ah, al, size1);
  if (memory.open === 0) return first;
  // Opening a window for one operand may have moved a page that the other one lies on.
  const moved = memory.writable(ah, al, size1);
  memory.operand(1);
  second.at = memory.readable(bh, bl, size2);
  return moved;
}

/** MOVE (character): byte by byte from left to right, so an overlap to the right repeats bytes. */
export function moveBytes(
  memory: GuestStorage,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCode: number,
): void {
  const length = lengthCode + 1;
  const to = findOperands(memory, ah, al, length, bh, bl, length);
  copyForward(memory.bytes, to, second.at, length);
}

/** Copies as a left-to-right byte loop would. */
export function copyForward(bytes: Uint8Array, to: number, from: number, length: number): void {
  const distance = to - from;
  if (distance <= 0 || distance >= length) {
    bytes.copyWithin(to, from, from + length);
  } else if (distance === 1) {
    bytes.fill(bytes[from]!, to, to + length);
  } else {
    for (let i = 0; i < length; i++) bytes[to + i] = bytes[from + i]!;
  }
}

/** AND, OR, EXCLUSIVE OR (character). Returns the condition code. */
export function combineBytes(
  memory: GuestStorage,
  op: 'and' | 'or' | 'xor',
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCode: number,
): number {
  const length = lengthCode + 1;
  const to = findOperands(memory, ah, al, length, bh, bl, length);
  const from = second.at;
  const { bytes } = memory;
  if (op === 'xor' && to === from) {
    bytes.fill(0, to, to + length);
    return 0;
  }
  let any = 0;
  for (let i = 0; i < length; i++) {
    const a = bytes[to + i]!;
    const b = bytes[from + i]!;
    const result = op === 'and' ? a & b : op === 'or' ? a | b : a ^ b;
    bytes[to + i] = result;
    any |= result;
  }
  return any === 0 ? 0 : 1;
}

/** COMPARE LOGICAL (character). Returns the condition code. */
export function compareBytes(
  memory: GuestStorage,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCode: number,
): number {
  const length = lengthCode + 1;
  memory.operand(0);
  const a = memory.readable(ah, al, length);
  memory.operand(1);
  const b = memory.readable(bh, bl, length);
  const { bytes } = memory;
  for (let i = 0; i < length; i++) {
    const x = bytes[a + i]!;
    const y = bytes[b + i]!;
    if (x !== y) return x < y ? 1 : 2;
  }
  return 0;
}

/** The same operations on offsets whose accesses have been checked, for generated code. */
export function createStorageHelpers(bytes: Uint8Array): Record<string, unknown> {
  const combine =
    (op: (a: number, b: number) => number) =>
    (to: number, from: number, lengthCode: number): number => {
      let any = 0;
      for (let i = 0; i <= lengthCode; i++) {
        const result = op(bytes[to + i]!, bytes[from + i]!);
        bytes[to + i] = result;
        any |= result;
      }
      return any === 0 ? 0 : 1;
    };
  return {
    moveForward(to: number, from: number, lengthCode: number): void {
      const distance = (to - from) >>> 0;
      if (lengthCode < 32 || (distance !== 1 && distance <= lengthCode)) {
        for (let i = 0; i <= lengthCode; i++) bytes[to + i] = bytes[from + i]!;
      } else if (distance === 1) bytes.fill(bytes[from]!, to, to + lengthCode + 1);
      else bytes.copyWithin(to, from, from + lengthCode + 1);
    },
    xorForward(to: number, from: number, lengthCode: number): number {
      if (to === from) {
        if (lengthCode < 16) for (let i = 0; i <= lengthCode; i++) bytes[to + i] = 0;
        else bytes.fill(0, to, to + lengthCode + 1);
        return 0;
      }
      return xor(to, from, lengthCode);
    },
    andForward: combine((a, b) => a & b),
    orForward: combine((a, b) => a | b),
    compareForward(a: number, b: number, lengthCode: number): number {
      for (let i = 0; i <= lengthCode; i++) {
        const x = bytes[a + i]!;
        const y = bytes[b + i]!;
        if (x !== y) return x < y ? 1 : 2;
      }
      return 0;
    },
  };

  function xor(to: number, from: number, lengthCode: number): number {
    let any = 0;
    for (let i = 0; i <= lengthCode; i++) {
      const result = bytes[to + i]! ^ bytes[from + i]!;
      bytes[to + i] = result;
      any |= result;
    }
    return any === 0 ? 0 : 1;
  }
}

import type { AddressSpace } from '../../memory/user-space.ts';

/**
 * Checked offsets of a base in words `a`, `a + 1` plus a displacement below 2**20. The sum's carry
 * is not looked at: a base and displacement that wrap meet a closed page (see `AddressSpace`), and
 * the exact address is computed only to report it.
 */
export function readAt(
  w: Int32Array,
  closed: Uint8Array,
  memory: AddressSpace,
  a: number,
  displacement: number,
  size: number,
): number {
  const lo = (w[a]! + displacement) | 0;
  return (w[a + 1]! | closed[lo >>> 12]! | closed[(lo + size - 1) >>> 12]!) === 0
    ? lo
    : memory.readable(exactHigh(w, a, displacement), lo, size);
}

/** As {@link readAt} for a store. */
export function writeAt(
  w: Int32Array,
  closed: Uint8Array,
  memory: AddressSpace,
  a: number,
  displacement: number,
  size: number,
): number {
  const lo = (w[a]! + displacement) | 0;
  return (w[a + 1]! | closed[lo >>> 12]! | closed[(lo + size - 1) >>> 12]!) === 0
    ? lo
    : memory.writable(exactHigh(w, a, displacement), lo, size);
}

function exactHigh(w: Int32Array, a: number, displacement: number): number {
  const lo = (w[a]! + displacement) | 0;
  const carry = lo >>> 0 < displacement >>> 0 ? 1 : 0;
  return (w[a + 1]! + (displacement >> 31) + carry) | 0;
}

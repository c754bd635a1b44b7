import type { DatStorage } from '../../memory/dat-storage.ts';
import { INDEX_MASK, INDEX_SHIFT, STORE_WORDS } from '../../memory/tlb.ts';

/** High word of the address `w[a]`, `w[a + 1]` plus a displacement; `lo` is the sum's low word. */
function highOf(w: Int32Array, a: number, displacement: number, lo: number): number {
  const carry = lo >>> 0 < displacement >>> 0 ? 1 : 0;
  return (w[a + 1]! + (displacement >> 31) + carry) | 0;
}

/** Offset of an operand that is loaded now: by the TLB, or by translating its address. */
export function readAt(
  w: Int32Array,
  memory: DatStorage,
  a: number,
  displacement: number,
  size: number,
): number {
  const lo = (w[a]! + displacement) | 0;
  const hi = displacement === 0 ? w[a + 1]! : highOf(w, a, displacement, lo);
  const { words } = memory.tlb;
  const e = memory.base + ((lo >>> INDEX_SHIFT) & INDEX_MASK);
  return ((words[e]! ^ ((lo + size - 1) & ~0xfff)) | (words[e + 1]! ^ hi)) === 0
    ? (lo + words[e + 2]!) | 0
    : memory.loadable(hi, lo, size);
}

/** As {@link readAt} for a store; `memory.settle()` must follow it if a window was opened. */
export function writeAt(
  w: Int32Array,
  memory: DatStorage,
  a: number,
  displacement: number,
  size: number,
): number {
  const lo = (w[a]! + displacement) | 0;
  const hi = displacement === 0 ? w[a + 1]! : highOf(w, a, displacement, lo);
  const { words } = memory.tlb;
  const e = memory.base + ((lo >>> INDEX_SHIFT) & INDEX_MASK) + STORE_WORDS;
  return ((words[e]! ^ ((lo + size - 1) & ~0xfff)) | (words[e + 1]! ^ hi)) === 0
    ? (lo + words[e + 2]!) | 0
    : memory.writable(hi, lo, size);
}

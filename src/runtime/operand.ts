import { PIC_SPECIFICATION, ProgramInterruption } from '../cpu/interruption.ts';
import type { CpuState } from '../cpu/state.ts';
import { PAGE_SIZE } from '../memory/page.ts';
import type { GuestStorage } from '../memory/guest-storage.ts';
import type { HelperContext } from './context.ts';

/**
 * Operands whose address and length are in general registers, as the interruptible instructions
 * have them. `amode` is the addressing mode: 24, 31 or 64.
 *
 * Addresses are two words, high and low. Where an operand lies in storage (an *offset*) says
 * nothing about its address but the place within the page; bytes up to the end of the page follow.
 * A chunk that ends at a page boundary never wraps in any addressing mode.
 */

/** High word of the address in general register `r`. */
export function addressHigh(state: CpuState, r: number, amode: number): number {
  return amode === 64 ? state.words[2 * r + 1]! : 0;
}

/** Low word of the address in general register `r`, wrapped to the addressing mode. */
export function addressLow(state: CpuState, r: number, amode: number): number {
  return state.words[2 * r]! & lowMask(amode);
}

/** Mask of the low address word. */
export function lowMask(amode: number): number {
  return amode === 64 ? -1 : amode === 31 ? 0x7fffffff : 0xffffff;
}

/** High word of the address `hi:lo` plus `count` (|count| below 2**31); the low one is their sum. */
export function highAfter(hi: number, lo: number, count: number, amode: number): number {
  if (amode !== 64) return hi;
  const low = (lo >>> 0) + count;
  return low < 0 ? (hi - 1) | 0 : low > 0xffff_ffff ? (hi + 1) | 0 : hi;
}

/**
 * Places the address `hi:lo` plus `count` in general register `r`: bits 0-31 only change in 64-bit
 * mode.
 */
export function setAddress(
  state: CpuState,
  r: number,
  amode: number,
  hi: number,
  lo: number,
  count: number,
): void {
  const { words } = state;
  words[2 * r] = (lo + count) & lowMask(amode);
  if (amode === 64) words[2 * r + 1] = highAfter(hi, lo, count, amode);
}

/**
 * As {@link setAddress}, but as TRANSLATE AND TEST and EDIT AND MARK do it: in the 24-bit mode bits
 * 0-39 stay.
 */
export function insertAddress(
  state: CpuState,
  r: number,
  amode: number,
  hi: number,
  lo: number,
  count: number,
): void {
  const { words } = state;
  if (amode !== 24) setAddress(state, r, amode, hi, lo, count);
  else words[2 * r] = (words[2 * r]! & 0xff000000) | ((lo + count) & 0xffffff);
}

/** Adds `count` (below 2**31, may be negative) to the address in general register `r`. */
export function advance(state: CpuState, r: number, amode: number, count: number): void {
  const { words } = state;
  const low = (words[2 * r]! >>> 0) + count;
  words[2 * r] = low & lowMask(amode);
  if (amode !== 64) return;
  if (low < 0) words[2 * r + 1] = words[2 * r + 1]! - 1;
  else if (low > 0xffff_ffff) words[2 * r + 1] = words[2 * r + 1]! + 1;
}

/**
 * The length in general register `r`: 64 bits in 64-bit mode, else 32. It is a double, exact below
 * 2**53, and more than any storage has above.
 */
export function operandLength(state: CpuState, r: number, amode: number): number {
  const low = state.words[2 * r]! >>> 0;
  return amode === 64 ? (state.words[2 * r + 1]! >>> 0) * 0x1_0000_0000 + low : low;
}

/** Subtracts `count` (below 2**31) from the length in general register `r`. */
export function reduce(state: CpuState, r: number, amode: number, count: number): void {
  const { words } = state;
  const low = words[2 * r]! >>> 0;
  words[2 * r] = low - count;
  if (amode === 64 && low < count) words[2 * r + 1] = words[2 * r + 1]! - 1;
}

/** Offset of the operand at general register `r`, of which `size` bytes may be read. */
export function readableAt(
  { state, memory }: HelperContext,
  r: number,
  amode: number,
  size = 1,
): number {
  memory.accessRegister = r;
  return memory.readable(addressHigh(state, r, amode), addressLow(state, r, amode), size);
}

/** As {@link readableAt} for a store. */
export function writableAt(
  { state, memory }: HelperContext,
  r: number,
  amode: number,
  size = 1,
): number {
  memory.accessRegister = r;
  return memory.writable(addressHigh(state, r, amode), addressLow(state, r, amode), size);
}

/** The byte `ahead` bytes behind the address in general register `r`. */
export function byteAhead(
  { state, memory }: HelperContext,
  r: number,
  amode: number,
  ahead: number,
): number {
  const lo = addressLow(state, r, amode);
  const hi = highAfter(addressHigh(state, r, amode), lo, ahead, amode);
  memory.accessRegister = r;
  return memory.load8(hi, (lo + ahead) & lowMask(amode));
}

/**
 * To be called by loops between units of operation that may cross a page boundary: the next ones,
 * within a page, need no window.
 */
export function settle(memory: GuestStorage): void {
  if (memory.open !== 0) memory.settle();
}

/** Bytes from `address`, or from an offset, to the end of its page. */
export function pageRest(address: number): number {
  return PAGE_SIZE - (address & (PAGE_SIZE - 1));
}

/** Bytes down from and including `address`, or an offset, to the start of its page. */
export function pageRestBackward(address: number): number {
  return (address & (PAGE_SIZE - 1)) + 1;
}

/**
 * Copies to the left or to a place apart; a short copy is quicker without the built-in function.
 * What an overlap to the right gives is unpredictable.
 */
export function copyBytes(bytes: Uint8Array, to: number, from: number, count: number): void {
  if (count < 32) for (let i = 0; i < count; i++) bytes[to + i] = bytes[from + i]!;
  else bytes.copyWithin(to, from, from + count);
}

export function specification(): never {
  throw new ProgramInterruption(PIC_SPECIFICATION);
}

import type { CpuState } from '../cpu/state.ts';
import type { HelperContext } from './context.ts';
import {
  addressHigh,
  addressLow,
  advance,
  byteAhead,
  copyBytes,
  highAfter,
  lowMask,
  operandLength,
  pageRest,
  readableAt,
  reduce,
  setAddress,
  settle,
  specification,
  writableAt,
} from './operand.ts';
import { copyForward } from './storage-bytes.ts';

/** More bytes than any storage has. */
const UNBOUNDED = 2 ** 40;

/** The storage searched last, as words too: there is one per address space. */
let searched = new Uint8Array(0);
let searchedWords = new Int32Array(0);

/** Index of the first `byte` in `[start, end)` of `bytes`, or -1. Four bytes a step. */
function findByte(
  bytes: Uint8Array<ArrayBuffer>,
  byte: number,
  start: number,
  end: number,
): number {
  // Reading `bytes.buffer` every time would cost more than a short search.
  if (bytes !== searched) {
    searched = bytes;
    searchedWords = new Int32Array(bytes.buffer);
  }
  const words = searchedWords;
  let i = start;
  for (; i < end && (i & 3) !== 0; i++) if (bytes[i] === byte) return i;
  const pattern = Math.imul(byte, 0x01010101);
  for (; i + 4 <= end; i += 4) {
    const x = words[i >> 2]! ^ pattern;
    if (((x - 0x01010101) & ~x & 0x80808080) !== 0) break;
  }
  for (; i < end; i++) if (bytes[i] === byte) return i;
  return -1;
}

/** The byte in general register 0 that ends a string; the three bytes left of it must be zero. */
function endingCharacter(words: Int32Array): number {
  if ((words[0]! & 0xffffff00) !== 0) specification();
  return words[0]! & 0xff;
}

/** Bytes from the address in `from` up to the one in `to`, counted upward with wraparound. */
function distance(context: HelperContext, from: number, to: number, amode: number): number {
  const { state } = context;
  const high = (addressHigh(state, to, amode) >>> 0) - (addressHigh(state, from, amode) >>> 0);
  const low = (addressLow(state, to, amode) >>> 0) - (addressLow(state, from, amode) >>> 0);
  if (amode !== 64) return (low & lowMask(amode)) >>> 0;
  const difference = high * 0x1_0000_0000 + low;
  return difference < 0 ? UNBOUNDED : difference;
}

/** SRST. CC 1: character found, its address is in R1; 2: not found, registers unchanged. */
export function searchString(
  context: HelperContext,
  r1: number,
  r2: number,
  amode: number,
): number {
  const { state, memory } = context;
  const byte = endingCharacter(state.words);
  let remaining = distance(context, r2, r1, amode);
  let hi = addressHigh(state, r2, amode);
  let lo = addressLow(state, r2, amode);
  memory.accessRegister = r2;
  while (remaining > 0) {
    const at = memory.readable(hi, lo, 1);
    const count = Math.min(remaining, pageRest(at));
    const found = findByte(memory.bytes, byte, at, at + count);
    if (found >= 0) {
      setAddress(state, r1, amode, hi, lo, found - at);
      return 1;
    }
    remaining -= count;
    hi = highAfter(hi, lo, count, amode);
    lo = (lo + count) & lowMask(amode);
  }
  return 2;
}

/** SRSTU: as {@link searchString} for two-byte characters; bits 32-47 of GR0 must be zero. */
export function searchStringUnicode(
  context: HelperContext,
  r1: number,
  r2: number,
  amode: number,
): number {
  const { state, memory } = context;
  if ((state.words[0]! & 0xffff0000) !== 0) specification();
  const character = state.words[0]! & 0xffff;
  const apart = distance(context, r2, r1, amode);
  // The end is reached in the middle of a character when the addresses differ by an odd number.
  let remaining = apart + (apart & 1);
  let hi = addressHigh(state, r2, amode);
  let lo = addressLow(state, r2, amode);
  memory.accessRegister = r2;
  while (remaining > 0) {
    const at = memory.readable(hi, lo, 2);
    if (memory.view.getUint16(at) === character) {
      setAddress(state, r1, amode, hi, lo, 0);
      return 1;
    }
    settle(memory);
    remaining -= 2;
    hi = highAfter(hi, lo, 2, amode);
    lo = (lo + 2) & lowMask(amode);
  }
  return 2;
}

/** MVST. CC 1: moved with its ending character, whose address in the first operand is in R1. */
export function moveString(context: HelperContext, r1: number, r2: number, amode: number): number {
  const { state, memory } = context;
  const { bytes } = memory;
  const byte = endingCharacter(state.words);
  for (;;) {
    const from = readableAt(context, r2, amode);
    const to = writableAt(context, r1, amode);
    let count = Math.min(pageRest(from), pageRest(to));
    const found = findByte(bytes, byte, from, from + count);
    if (found >= 0) count = found - from + 1;
    if (to <= from || to >= from + count) {
      copyBytes(bytes, to, from, count);
    } else {
      // A destructive overlap may overwrite the ending character before it is reached.
      copyForward(bytes, to, from, count);
      if (found >= 0 && bytes[to + count - 1] !== byte) {
        advance(state, r1, amode, count);
        if (r2 !== r1) advance(state, r2, amode, count);
        continue;
      }
    }
    if (found >= 0) {
      advance(state, r1, amode, count - 1);
      return 1;
    }
    advance(state, r1, amode, count);
    // R1 and R2 may be the same register: it advances once.
    if (r2 !== r1) advance(state, r2, amode, count);
  }
}

/**
 * CLST. CC 0 equal, 1 first low, 2 first high; a string that ends first is low. When not equal,
 * R1 and R2 get the addresses of the last bytes compared.
 */
export function compareString(
  context: HelperContext,
  r1: number,
  r2: number,
  amode: number,
): number {
  const { state, memory } = context;
  const { bytes, view } = memory;
  const byte = endingCharacter(state.words);
  const pattern = Math.imul(byte, 0x01010101);
  let firstHigh = addressHigh(state, r1, amode);
  let secondHigh = addressHigh(state, r2, amode);
  let firstLow = addressLow(state, r1, amode);
  let secondLow = addressLow(state, r2, amode);
  for (;;) {
    memory.accessRegister = r1;
    const a = memory.readable(firstHigh, firstLow, 1);
    memory.accessRegister = r2;
    const b = memory.readable(secondHigh, secondLow, 1);
    const count = Math.min(pageRest(a), pageRest(b));
    let i = 0;
    for (; i + 4 <= count; i += 4) {
      const word = view.getInt32(a + i);
      if (word !== view.getInt32(b + i)) break;
      const x = word ^ pattern;
      if (((x - 0x01010101) & ~x & 0x80808080) !== 0) break;
    }
    for (; i < count; i++) {
      const x = bytes[a + i]!;
      const y = bytes[b + i]!;
      if (x !== y) {
        setAddress(state, r1, amode, firstHigh, firstLow, i);
        setAddress(state, r2, amode, secondHigh, secondLow, i);
        return x === byte || (x < y && y !== byte) ? 1 : 2;
      }
      if (x === byte) return 0;
    }
    firstHigh = highAfter(firstHigh, firstLow, count, amode);
    firstLow = (firstLow + count) & lowMask(amode);
    secondHigh = highAfter(secondHigh, secondLow, count, amode);
    secondLow = (secondLow + count) & lowMask(amode);
  }
}

/** The length in general register `r`, a signed number; a negative one counts as zero. */
function signedLength(state: CpuState, r: number, amode: number): number {
  const top = state.words[amode === 64 ? 2 * r + 1 : 2 * r]!;
  return top < 0 ? 0 : operandLength(state, r, amode);
}

/**
 * CUSE. The operands are compared byte by byte, the shorter one extended with the padding byte in
 * GR1. CC 0: as many equal bytes in a row as GR0 asks for, the registers designate the first; 1:
 * the operands ended within equal bytes, likewise; 2: they ended with unequal bytes.
 */
export function compareUntilSubstringEqual(
  context: HelperContext,
  r1: number,
  r2: number,
  amode: number,
): number {
  const { state } = context;
  const wanted = state.words[0]! & 0xff;
  const pad = state.words[2]! & 0xff;
  const length1 = signedLength(state, r1 + 1, amode);
  const length2 = signedLength(state, r2 + 1, amode);
  if (wanted === 0) return 0;
  if (r1 === r2 && length1 > 0) return length1 < wanted ? 1 : 0;
  /** Bytes that the registers have moved over. */
  let done = 0;
  const moveOver = (r: number, length: number, index: number): void => {
    const count = Math.min(index, length) - Math.min(done, length);
    advance(state, r, amode, count);
    reduce(state, r + 1, amode, count);
  };
  const commit = (index: number): void => {
    moveOver(r1, length1, index);
    moveOver(r2, length2, index);
    done = index;
  };
  const total = Math.max(length1, length2);
  /** Where the current run of equal bytes starts. */
  let start = 0;
  for (let i = 0; i < total; i++) {
    const a = i < length1 ? byteAhead(context, r1, amode, i - done) : pad;
    const b = i < length2 ? byteAhead(context, r2, amode, i - done) : pad;
    if (a !== b) commit((start = i + 1));
    else if (i + 1 - start === wanted) break;
  }
  commit(start);
  if (total - start >= wanted) return 0;
  return start < total ? 1 : 2;
}

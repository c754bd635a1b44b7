import type { CpuState } from '../cpu/state.ts';
import type { GuestStorage } from '../memory/guest-storage.ts';
import type { HelperContext } from './context.ts';
import {
  addressHigh,
  addressLow,
  advance,
  highAfter,
  insertAddress,
  lowMask,
  operandLength,
  pageRest,
  pageRestBackward,
  readableAt,
  reduce,
  settle,
  specification,
  writableAt,
} from './operand.ts';
import { findOperands, second } from './storage-bytes.ts';

/** Bytes of a table of function bytes. */
const TABLE_SIZE = 256;

/**
 * The function byte for `argument` in the table at `hi:lo`. Only the bytes of a table that are
 * used are accessed: part of it may be missing.
 */
function functionByte(memory: GuestStorage, hi: number, lo: number, argument: number): number {
  memory.operand(1);
  return memory.load8(highAfter(hi, lo, argument, 64), (lo + argument) | 0);
}

/** Offset of the table at `hi:lo`, or -1 when part of it cannot be read. */
function wholeTable(memory: GuestStorage, hi: number, lo: number): number {
  memory.operand(1);
  return memory.isReadable(hi, lo, TABLE_SIZE) ? memory.readable(hi, lo, TABLE_SIZE) : -1;
}

/** TR: replaces each byte of the first operand by the one it selects in the table at `bh:bl`. */
export function translate(
  { memory }: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCode: number,
): void {
  const { bytes } = memory;
  const size = lengthCode + 1;
  memory.operand(1);
  if (!memory.isReadable(bh, bl, TABLE_SIZE)) {
    translateByParts(memory, ah, al, bh, bl, size);
    return;
  }
  const to = findOperands(memory, ah, al, size, bh, bl, TABLE_SIZE);
  const table = second.at;
  for (let i = to; i < to + size; i++) bytes[i] = bytes[table + bytes[i]!]!;
}

/** As {@link translate} with a table of which a part is missing. */
function translateByParts(
  memory: GuestStorage,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  size: number,
): void {
  const { bytes } = memory;
  memory.operand(0);
  const to = memory.writable(ah, al, size);
  const before = bytes.slice(to, to + size);
  try {
    for (let i = to; i < to + size; i++) bytes[i] = functionByte(memory, bh, bl, bytes[i]!);
  } catch (interruption) {
    bytes.set(before, to);
    throw interruption;
  }
}

/** Ends TRT and TRTR, for the byte at `hi:lo` plus `count`, whose function byte is not zero. */
function endTest(
  { state }: HelperContext,
  amode: number,
  hi: number,
  lo: number,
  count: number,
  found: number,
  isLast: boolean,
): number {
  insertAddress(state, 1, amode, hi, lo, count);
  state.words[4] = (state.words[4]! & ~0xff) | found;
  return isLast ? 2 : 1;
}

/**
 * TRT. CC 0: all function bytes zero; 1: one found, its argument's address in GR1 and it in bits
 * 56-63 of GR2; 2: found for the last byte.
 */
export function translateAndTest(
  context: HelperContext,
  amode: number,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCode: number,
): number {
  const { memory } = context;
  const { bytes } = memory;
  const table = wholeTable(memory, bh, bl);
  for (let done = 0; done <= lengthCode;) {
    memory.operand(0);
    const at = memory.readable(highAfter(ah, al, done, amode), (al + done) & lowMask(amode), 1);
    const end = at + Math.min(pageRest(at), lengthCode + 1 - done);
    for (let i = at; i < end; i++, done++) {
      const argument = bytes[i]!;
      const found = table < 0 ? functionByte(memory, bh, bl, argument) : bytes[table + argument]!;
      if (found !== 0) return endTest(context, amode, ah, al, done, found, done === lengthCode);
    }
  }
  return 0;
}

/** TRTR: as {@link translateAndTest} from the address `ah:al` leftward. */
export function translateAndTestReverse(
  context: HelperContext,
  amode: number,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCode: number,
): number {
  const { memory } = context;
  const { bytes } = memory;
  const table = wholeTable(memory, bh, bl);
  for (let done = 0; done <= lengthCode;) {
    memory.operand(0);
    const at = memory.readable(highAfter(ah, al, -done, amode), (al - done) & lowMask(amode), 1);
    const end = at - Math.min(pageRestBackward(at), lengthCode + 1 - done);
    for (let i = at; i > end; i--, done++) {
      const argument = bytes[i]!;
      const found = table < 0 ? functionByte(memory, bh, bl, argument) : bytes[table + argument]!;
      if (found !== 0) return endTest(context, amode, ah, al, -done, found, done === lengthCode);
    }
  }
  return 0;
}

/** TRE. CC 0: all bytes translated; 1: the test byte in GR0 found, R1 and R1 + 1 stand there. */
export function translateExtended(
  context: HelperContext,
  r1: number,
  r2: number,
  amode: number,
): number {
  const { state, memory } = context;
  const { bytes } = memory;
  const test = state.words[0]! & 0xff;
  const tableHigh = addressHigh(state, r2, amode);
  const tableLow = addressLow(state, r2, amode);
  let remaining = operandLength(state, r1 + 1, amode);
  while (remaining > 0) {
    let at = readableAt(context, r1, amode);
    if (bytes[at] === test) return 1;
    const count = Math.min(remaining, pageRest(at));
    at = writableAt(context, r1, amode, count);
    memory.accessRegister = r2;
    const table = memory.readable(tableHigh, tableLow, TABLE_SIZE);
    // The table's window may have taken in the page with the operand.
    if (memory.open !== 0) at = writableAt(context, r1, amode, count);
    let i = 0;
    for (; i < count && bytes[at + i] !== test; i++) bytes[at + i] = bytes[table + bytes[at + i]!]!;
    advance(state, r1, amode, i);
    reduce(state, r1 + 1, amode, i);
    remaining -= i;
  }
  return 0;
}

function setFunctionCode(state: CpuState, r: number, amode: number, code: number): void {
  state.words[2 * r] = code;
  if (amode === 64) state.words[2 * r + 1] = 0;
}

/**
 * TRTE and, with `step` -1, TRTRE. M3: 8 two-byte arguments, 4 two-byte function codes, 2
 * arguments above 255 have function code 0. CC 0: all zero; 1: a function code found, in R2.
 */
export function translateAndTestExtended(
  context: HelperContext,
  r1: number,
  r2: number,
  m3: number,
  step: number,
  amode: number,
): number {
  const { state, memory } = context;
  const size = m3 & 8 ? 2 : 1;
  const codeSize = m3 & 4 ? 2 : 1;
  const tableHigh = addressHigh(state, 1, amode);
  const tableLow = addressLow(state, 1, amode);
  let remaining = operandLength(state, r1 + 1, amode);
  if (size === 2 && state.words[2 * (r1 + 1)]! & 1) specification();
  const fetch = (offset: number, bytes: number): number =>
    bytes === 2 ? memory.view.getUint16(offset) : memory.bytes[offset]!;
  for (; remaining > 0; remaining -= size) {
    const argument = fetch(readableAt(context, r1, amode, size), size);
    if (!(m3 & 2 && argument > 255)) {
      const ahead = argument * codeSize;
      const entryHigh = highAfter(tableHigh, tableLow, ahead, amode);
      const entry = (tableLow + ahead) & lowMask(amode);
      memory.accessRegister = 1;
      const code = fetch(memory.readable(entryHigh, entry, codeSize), codeSize);
      if (code !== 0) {
        setFunctionCode(state, r2, amode, code);
        return 1;
      }
    }
    advance(state, r1, amode, step * size);
    reduce(state, r1 + 1, amode, size);
    settle(memory);
  }
  if (r2 !== r1 && r2 !== r1 + 1) setFunctionCode(state, r2, amode, 0);
  return 0;
}

/**
 * TROO, TROT, TRTO, TRTT: characters of `fromSize` bytes at R2 become characters of `toSize` bytes
 * at R1; R1 + 1 counts source bytes. `m3` 1 means no test. CC 0: all translated; 1: the test
 * character in GR0 came out, it is not stored.
 */
export function translateCharacters(
  context: HelperContext,
  r1: number,
  r2: number,
  m3: number,
  fromSize: number,
  toSize: number,
  amode: number,
): number {
  const { state, memory } = context;
  const { bytes, view } = memory;
  const test = m3 & 1 ? -1 : state.words[0]! & (toSize === 2 ? 0xffff : 0xff);
  const tableHigh = addressHigh(state, 1, amode);
  const tableLow = addressLow(state, 1, amode) & ~7;
  let remaining = operandLength(state, r1 + 1, amode);
  if (fromSize === 2 && state.words[2 * (r1 + 1)]! & 1) specification();
  for (; remaining > 0; remaining -= fromSize) {
    const from = readableAt(context, r2, amode, fromSize);
    const argument = fromSize === 2 ? view.getUint16(from) : bytes[from]!;
    const ahead = argument * toSize;
    const entry = (tableLow + ahead) & lowMask(amode);
    memory.accessRegister = 1;
    const table = memory.readable(highAfter(tableHigh, tableLow, ahead, amode), entry, toSize);
    const result = toSize === 2 ? view.getUint16(table) : bytes[table]!;
    if (result === test) return 1;
    const to = writableAt(context, r1, amode, toSize);
    if (toSize === 2) view.setUint16(to, result);
    else bytes[to] = result;
    advance(state, r1, amode, toSize);
    advance(state, r2, amode, fromSize);
    reduce(state, r1 + 1, amode, fromSize);
    settle(memory);
  }
  return 0;
}

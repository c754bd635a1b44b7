import { AS_ACCESS_REGISTER, HIGH_DAT } from '../arch/psw.ts';
import { AR, PSW_MASK, type CpuState } from '../cpu/state.ts';
import type { HelperContext } from './context.ts';
import {
  addressHigh,
  addressLow,
  advance,
  copyBytes,
  lowMask,
  operandLength,
  pageRest,
  readableAt,
  reduce,
  settle,
  specification,
  writableAt,
} from './operand.ts';

/** CC of the moves with padding: how the lengths in two general registers compare. */
function lengthCc(state: CpuState, r1: number, r2: number, amode: number): number {
  const { words } = state;
  const high = amode === 64 ? (words[2 * r1 + 1]! >>> 0) - (words[2 * r2 + 1]! >>> 0) : 0;
  const difference = high || (words[2 * r1]! >>> 0) - (words[2 * r2]! >>> 0);
  return difference === 0 ? 0 : difference < 0 ? 1 : 2;
}

/** The 24-bit count in general register `r` of MOVE LONG and COMPARE LOGICAL LONG. */
function count24({ state }: HelperContext, r: number): number {
  return state.words[2 * r]! & 0xffffff;
}

/** Subtracts from the 24-bit count; the byte left of it stays. */
function reduce24({ state }: HelperContext, r: number, count: number): void {
  const word = state.words[2 * r]!;
  state.words[2 * r] = (word & 0xff000000) | ((word - count) & 0xffffff);
}

/** In the access-register mode: whether general registers designate different spaces. */
function areInDifferentSpaces({ words }: CpuState, r1: number, r2: number): boolean {
  const high = words[PSW_MASK + 1]!;
  if ((high & HIGH_DAT) === 0 || ((high >>> 14) & 3) !== AS_ACCESS_REGISTER) return false;
  const alet = (r: number): number => (r === 0 ? 0 : words[AR + r]!);
  return alet(r1) !== alet(r2);
}

/** Whether the first operand starts within the second, behind its first byte. */
function overlapsDestructively(
  { state }: HelperContext,
  r1: number,
  r2: number,
  amode: number,
  length: number,
): boolean {
  if (areInDifferentSpaces(state, r1, r2)) return false;
  const low = addressLow(state, r1, amode);
  const from = addressLow(state, r2, amode);
  const borrow = low >>> 0 < from >>> 0 ? 1 : 0;
  const high = addressHigh(state, r1, amode) - addressHigh(state, r2, amode) - borrow;
  const apart = ((low - from) & lowMask(amode)) >>> 0;
  return (amode !== 64 || (high | 0) === 0) && apart > 0 && apart < length;
}

/** MVCL. CC 0-2: how the lengths compare; 3: destructive overlap, nothing was moved. */
export function moveLong(context: HelperContext, r1: number, r2: number, amode: number): number {
  const { state, memory } = context;
  let first = count24(context, r1 + 1);
  let second = count24(context, r2 + 1);
  const pad = state.words[2 * (r2 + 1)]! >>> 24;
  const cc = first === second ? 0 : first < second ? 1 : 2;
  if (overlapsDestructively(context, r1, r2, amode, Math.min(first, second))) return 3;
  while (first > 0 && second > 0) {
    const from = readableAt(context, r2, amode);
    const to = writableAt(context, r1, amode);
    const count = Math.min(first, second, pageRest(from), pageRest(to));
    copyBytes(memory.bytes, to, from, count);
    advance(state, r1, amode, count);
    reduce24(context, r1 + 1, count);
    if (r1 !== r2) {
      advance(state, r2, amode, count);
      reduce24(context, r2 + 1, count);
    }
    first -= count;
    second -= count;
  }
  while (first > 0) {
    const to = writableAt(context, r1, amode);
    const count = Math.min(first, pageRest(to));
    memory.bytes.fill(pad, to, to + count);
    advance(state, r1, amode, count);
    reduce24(context, r1 + 1, count);
    first -= count;
  }
  // Wrapping an address that did not move is visible too; bits 32 and 32-39 become zero.
  advance(state, r1, amode, 0);
  advance(state, r2, amode, 0);
  return cc;
}

/** MVCLE. CC 0-2: how the lengths compare. `pad` comes from the low byte of the address D2(B2). */
export function moveLongExtended(
  context: HelperContext,
  r1: number,
  r3: number,
  amode: number,
  pad: number,
): number {
  const { state, memory } = context;
  let first = operandLength(state, r1 + 1, amode);
  let second = operandLength(state, r3 + 1, amode);
  const cc = lengthCc(state, r1 + 1, r3 + 1, amode);
  while (first > 0 && second > 0) {
    const from = readableAt(context, r3, amode);
    const to = writableAt(context, r1, amode);
    const count = Math.min(first, second, pageRest(from), pageRest(to));
    copyBytes(memory.bytes, to, from, count);
    advance(state, r1, amode, count);
    reduce(state, r1 + 1, amode, count);
    if (r1 !== r3) {
      advance(state, r3, amode, count);
      reduce(state, r3 + 1, amode, count);
    }
    first -= count;
    second -= count;
  }
  while (first > 0) {
    const to = writableAt(context, r1, amode);
    const count = Math.min(first, pageRest(to));
    memory.bytes.fill(pad & 0xff, to, to + count);
    advance(state, r1, amode, count);
    reduce(state, r1 + 1, amode, count);
    first -= count;
  }
  return cc;
}

/** MVCLU: as {@link moveLongExtended} with two-byte characters; odd lengths are not allowed. */
export function moveLongUnicode(
  context: HelperContext,
  r1: number,
  r3: number,
  amode: number,
  pad: number,
): number {
  const { state, memory } = context;
  let first = operandLength(state, r1 + 1, amode);
  let second = operandLength(state, r3 + 1, amode);
  if ((state.words[2 * (r1 + 1)]! | state.words[2 * (r3 + 1)]!) & 1) specification();
  const cc = lengthCc(state, r1 + 1, r3 + 1, amode);
  while (first > 0) {
    const fetched = second > 0;
    const character = fetched ? memory.view.getUint16(readableAt(context, r3, amode, 2)) : pad;
    memory.view.setUint16(writableAt(context, r1, amode, 2), character);
    advance(state, r1, amode, 2);
    reduce(state, r1 + 1, amode, 2);
    first -= 2;
    if (fetched && r1 !== r3) {
      advance(state, r3, amode, 2);
      reduce(state, r3 + 1, amode, 2);
    }
    if (fetched) second -= 2;
    settle(memory);
  }
  return cc;
}

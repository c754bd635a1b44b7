import type { HelperContext } from './context.ts';
import {
  advance,
  operandLength,
  pageRest,
  readableAt,
  reduce,
  settle,
  specification,
} from './operand.ts';

/** Bytes before the first difference of `[a, a + count)` and `[b, b + count)`; `count` if none. */
function equalBytes(context: HelperContext, a: number, b: number, count: number): number {
  const { bytes, view } = context.memory;
  let i = 0;
  for (; i + 4 <= count; i += 4) if (view.getInt32(a + i) !== view.getInt32(b + i)) break;
  for (; i < count; i++) if (bytes[a + i] !== bytes[b + i]) return i;
  return count;
}

/** Bytes before the first of `[a, a + count)` that is not `pad`; `count` if none. */
function paddingBytes(context: HelperContext, a: number, count: number, pad: number): number {
  const { bytes } = context.memory;
  let i = 0;
  while (i < count && bytes[a + i] === pad) i++;
  return i;
}

/** What moves over compared bytes: addresses and the two kinds of lengths. */
interface Operands {
  first: number;
  second: number;
  /** Moves the first, the second operand over `count` bytes. */
  skipFirst(count: number): void;
  skipSecond(count: number): void;
}

/** Compares, the shorter operand extended with `pad`; leaves the operands at the difference. */
function compare(
  context: HelperContext,
  r1: number,
  r2: number,
  amode: number,
  pad: number,
  operands: Operands,
): number {
  const { bytes } = context.memory;
  while (operands.first > 0 && operands.second > 0) {
    const a = readableAt(context, r1, amode);
    const b = readableAt(context, r2, amode);
    const count = Math.min(operands.first, operands.second, pageRest(a), pageRest(b));
    const equal = equalBytes(context, a, b, count);
    operands.skipFirst(equal);
    operands.skipSecond(equal);
    if (equal < count) return bytes[a + equal]! < bytes[b + equal]! ? 1 : 2;
  }
  while (operands.first > 0) {
    const a = readableAt(context, r1, amode);
    const count = Math.min(operands.first, pageRest(a));
    const equal = paddingBytes(context, a, count, pad);
    operands.skipFirst(equal);
    if (equal < count) return bytes[a + equal]! < pad ? 1 : 2;
  }
  while (operands.second > 0) {
    const b = readableAt(context, r2, amode);
    const count = Math.min(operands.second, pageRest(b));
    const equal = paddingBytes(context, b, count, pad);
    operands.skipSecond(equal);
    if (equal < count) return pad < bytes[b + equal]! ? 1 : 2;
  }
  return 0;
}

/** CLCL: 24-bit lengths, the padding byte left of the second. CC 0 equal, 1 first low, 2 high. */
export function compareLogicalLong(
  context: HelperContext,
  r1: number,
  r2: number,
  amode: number,
): number {
  const { words } = context.state;
  const pad = words[2 * (r2 + 1)]! >>> 24;
  const skip = (r: number, count: number): void => {
    const word = words[2 * (r + 1)]!;
    advance(context.state, r, amode, count);
    words[2 * (r + 1)] = (word & 0xff000000) | ((word - count) & 0xffffff);
  };
  return compare(context, r1, r2, amode, pad, {
    first: words[2 * (r1 + 1)]! & 0xffffff,
    second: words[2 * (r2 + 1)]! & 0xffffff,
    skipFirst(count) {
      skip(r1, count);
      this.first -= count;
    },
    skipSecond(count) {
      if (r1 !== r2) skip(r2, count);
      this.second -= count;
    },
  });
}

/** CLCLE: CC 0 equal, 1 first low, 2 first high. `pad` comes from the address D2(B2). */
export function compareLogicalLongExtended(
  context: HelperContext,
  r1: number,
  r3: number,
  amode: number,
  pad: number,
): number {
  const { state } = context;
  const skip = (r: number, count: number): void => {
    advance(state, r, amode, count);
    reduce(state, r + 1, amode, count);
  };
  return compare(context, r1, r3, amode, pad & 0xff, {
    first: operandLength(state, r1 + 1, amode),
    second: operandLength(state, r3 + 1, amode),
    skipFirst(count) {
      skip(r1, count);
      this.first -= count;
    },
    skipSecond(count) {
      if (r1 !== r3) skip(r3, count);
      this.second -= count;
    },
  });
}

/** CLCLU: two-byte characters; odd lengths are not allowed. CC as {@link compareLogicalLong}. */
export function compareLogicalLongUnicode(
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
  while (first > 0 || second > 0) {
    const a = first > 0 ? memory.view.getUint16(readableAt(context, r1, amode, 2)) : pad;
    const b = second > 0 ? memory.view.getUint16(readableAt(context, r3, amode, 2)) : pad;
    if (a !== b) return a < b ? 1 : 2;
    if (first > 0) {
      advance(state, r1, amode, 2);
      reduce(state, r1 + 1, amode, 2);
      first -= 2;
    }
    if (second > 0) {
      if (r1 !== r3) {
        advance(state, r3, amode, 2);
        reduce(state, r3 + 1, amode, 2);
      }
      second -= 2;
    }
    settle(memory);
  }
  return 0;
}

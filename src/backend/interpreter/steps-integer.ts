import { div64s, div64u, rem64s, rem64u } from '../../base/divide64.ts';
import {
  high,
  lt64s,
  lt64u,
  mul64,
  mulHigh32u,
  mulHigh64u,
  rotl64,
  sar64,
  shl64,
  shr64,
} from '../../base/int64.ts';
import { bswap32, popcountBytes } from '../../base/bits.ts';
import type { Environment, Step, StepMaker } from './environment.ts';

/** A step of two i64 arguments whose result is two words. */
function pair(compute: (ah: number, al: number, bh: number, bl: number) => number): StepMaker {
  return ({ words: w }, d, a, b) =>
    () => {
      const low = compute(w[a + 1]!, w[a]!, w[b + 1]!, w[b]!);
      w[d] = low;
      w[d + 1] = high.word;
    };
}

/** A step of an i64 and a shift amount. */
function shift(compute: (hi: number, lo: number, n: number) => number): StepMaker {
  return ({ words: w }, d, a, b) =>
    () => {
      const low = compute(w[a + 1]!, w[a]!, w[b]!);
      w[d] = low;
      w[d + 1] = high.word;
    };
}

/** Integer ops of ir/ops.ts, in the same order. */
export const INTEGER_STEPS = {
  add64:
    ({ words: w }, d, a, b) =>
    () => {
      const al = w[a]!;
      const sum = (al + w[b]!) | 0;
      w[d + 1] = w[a + 1]! + w[b + 1]! + (sum >>> 0 < al >>> 0 ? 1 : 0);
      w[d] = sum;
    },
  sub64:
    ({ words: w }, d, a, b) =>
    () => {
      const al = w[a]!;
      const bl = w[b]!;
      w[d + 1] = w[a + 1]! - w[b + 1]! - (al >>> 0 < bl >>> 0 ? 1 : 0);
      w[d] = al - bl;
    },
  mul64: pair(mul64),
  mulHigh64u: pair(mulHigh64u),
  mulWide32u:
    ({ words: w }, d, a, b) =>
    () => {
      const x = w[a]!;
      const y = w[b]!;
      w[d] = Math.imul(x, y);
      w[d + 1] = mulHigh32u(x, y);
    },
  mulWide32s:
    ({ words: w }, d, a, b) =>
    () => {
      const x = w[a]!;
      const y = w[b]!;
      w[d] = Math.imul(x, y);
      w[d + 1] = mulHigh32u(x, y) - (x < 0 ? y : 0) - (y < 0 ? x : 0);
    },
  and64:
    ({ words: w }, d, a, b) =>
    () => {
      w[d] = w[a]! & w[b]!;
      w[d + 1] = w[a + 1]! & w[b + 1]!;
    },
  or64:
    ({ words: w }, d, a, b) =>
    () => {
      w[d] = w[a]! | w[b]!;
      w[d + 1] = w[a + 1]! | w[b + 1]!;
    },
  xor64:
    ({ words: w }, d, a, b) =>
    () => {
      w[d] = w[a]! ^ w[b]!;
      w[d + 1] = w[a + 1]! ^ w[b + 1]!;
    },
  shl64: shift(shl64),
  shr64: shift(shr64),
  sar64: shift(sar64),
  rotl64: shift(rotl64),
  div64s: pair(div64s),
  rem64s: pair(rem64s),
  div64u: pair(div64u),
  rem64u: pair(rem64u),

  add32:
    ({ words: w }, d, a, b) =>
    () => {
      w[d] = w[a]! + w[b]!;
    },
  sub32:
    ({ words: w }, d, a, b) =>
    () => {
      w[d] = w[a]! - w[b]!;
    },
  mul32: word((x, y) => Math.imul(x, y)),
  and32:
    ({ words: w }, d, a, b) =>
    () => {
      w[d] = w[a]! & w[b]!;
    },
  or32:
    ({ words: w }, d, a, b) =>
    () => {
      w[d] = w[a]! | w[b]!;
    },
  xor32:
    ({ words: w }, d, a, b) =>
    () => {
      w[d] = w[a]! ^ w[b]!;
    },
  shl32: word((x, n) => (n > 31 ? 0 : x << n)),
  shr32: word((x, n) => (n > 31 ? 0 : x >>> n)),
  sar32: word((x, n) => x >> (n > 31 ? 31 : n)),
  rotl32: word((x, n) => (x << n) | (x >>> (32 - n))),

  make64:
    ({ words: w }, d, a, b) =>
    () => {
      const hi = w[a]!;
      w[d] = w[b]!;
      w[d + 1] = hi;
    },
  sext64:
    ({ words: w }, d, a) =>
    () => {
      const x = w[a]!;
      w[d] = x;
      w[d + 1] = x >> 31;
    },
  zext64:
    ({ words: w }, d, a) =>
    () => {
      w[d] = w[a]!;
      w[d + 1] = 0;
    },
  sext8: unary((x) => (x << 24) >> 24),
  sext16: unary((x) => (x << 16) >> 16),
  bswap32: unary(bswap32),
  bswap64:
    ({ words: w }, d, a) =>
    () => {
      const lo = w[a]!;
      w[d] = bswap32(w[a + 1]!);
      w[d + 1] = bswap32(lo);
    },
  clz64:
    ({ words: w }, d, a) =>
    () => {
      const hi = w[a + 1]!;
      w[d] = hi === 0 ? 32 + Math.clz32(w[a]!) : Math.clz32(hi);
    },
  popcount8:
    ({ words: w }, d, a) =>
    () => {
      w[d] = popcountBytes(w[a]!);
      w[d + 1] = popcountBytes(w[a + 1]!);
    },

  eq32:
    ({ words: w }, d, a, b) =>
    () => {
      w[d] = w[a] === w[b] ? 1 : 0;
    },
  lt32s:
    ({ words: w }, d, a, b) =>
    () => {
      w[d] = w[a]! < w[b]! ? 1 : 0;
    },
  lt32u:
    ({ words: w }, d, a, b) =>
    () => {
      w[d] = w[a]! >>> 0 < w[b]! >>> 0 ? 1 : 0;
    },
  eq64:
    ({ words: w }, d, a, b) =>
    () => {
      w[d] = w[a] === w[b] && w[a + 1] === w[b + 1] ? 1 : 0;
    },
  lt64s:
    ({ words: w }, d, a, b) =>
    () => {
      w[d] = lt64s(w[a + 1]!, w[a]!, w[b + 1]!, w[b]!) ? 1 : 0;
    },
  lt64u:
    ({ words: w }, d, a, b) =>
    () => {
      w[d] = lt64u(w[a + 1]!, w[a]!, w[b + 1]!, w[b]!) ? 1 : 0;
    },
  not:
    ({ words: w }, d, a) =>
    () => {
      w[d] = w[a]! ^ 1;
    },
  select32:
    ({ words: w }, d, a, b, c) =>
    () => {
      w[d] = w[a] ? w[b]! : w[c]!;
    },
  select64:
    ({ words: w }, d, a, b, c) =>
    () => {
      const from = w[a] ? b : c;
      const lo = w[from]!;
      w[d + 1] = w[from + 1]!;
      w[d] = lo;
    },
} satisfies Record<string, StepMaker>;

/** A step of two i32 arguments. The closure is written out per op by the caller's `compute`. */
function word(compute: (x: number, y: number) => number): StepMaker {
  return ({ words: w }: Environment, d: number, a: number, b: number): Step =>
    () => {
      w[d] = compute(w[a]!, w[b]!);
    };
}

function unary(compute: (x: number) => number): StepMaker {
  return ({ words: w }, d, a) =>
    () => {
      w[d] = compute(w[a]!);
    };
}

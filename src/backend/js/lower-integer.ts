import type { Expression } from 'estree';
import type { Value } from '../../ir/block.ts';
import type { OpName } from '../../ir/ops.ts';
import { literal, ZERO, type BlockContext } from './context.ts';
import { expr, int, js, name } from './quote.ts';

export type Lower = (c: BlockContext, value: Value) => void;
type Pair = { hi: Expression; lo: Expression };

/** An i32 op of two i32 arguments. */
const word =
  (make: (a: Expression, b: Expression) => Expression): Lower =>
  (c, v) =>
    c.bindI32(v, make(c.i32(v.args[0]!), c.i32(v.args[1]!)));

/** A boolean of two i32 arguments. */
const test =
  (make: (a: Expression, b: Expression) => Expression): Lower =>
  (c, v) =>
    c.bindBool(v, make(c.i32(v.args[0]!), c.i32(v.args[1]!)));

const testWide =
  (make: (a: Pair, b: Pair) => Expression): Lower =>
  (c, v) =>
    c.bindBool(v, make(c.pair(v.args[0]!), c.pair(v.args[1]!)));

/** A 64-bit op that works on each word by itself. */
const each =
  (make: (a: Expression, b: Expression) => Expression): Lower =>
  (c, v) => {
    const a = c.pair(v.args[0]!);
    const b = c.pair(v.args[1]!);
    c.bindI64(v, make(a.lo, b.lo), make(a.hi, b.hi));
  };

const and = (a: Expression, b: Expression): Expression => {
  if (literal(a) === -1) return b;
  if (literal(b) === -1) return a;
  return literal(a) === 0 || literal(b) === 0 ? ZERO : expr`${a} & ${b}`;
};
const or = (a: Expression, b: Expression): Expression =>
  literal(a) === 0 ? b : literal(b) === 0 ? a : expr`${a} | ${b}`;
const xor = (a: Expression, b: Expression): Expression =>
  literal(a) === 0 ? b : literal(b) === 0 ? a : expr`${a} ^ ${b}`;

/** The sum of high words and a carry; constants that are zero are left out. */
function addHigh(a: Expression, b: Expression, carry: Expression): Expression {
  if (literal(a) === 0 && literal(b) === 0) return carry;
  if (literal(b) === 0) return expr`${a} + ${carry} | 0`;
  if (literal(a) === 0) return expr`${b} + ${carry} | 0`;
  return expr`${a} + ${b} + ${carry} | 0`;
}

/** The constant amount of a shift, if it is one. */
const amount = (c: BlockContext, v: Value): number | undefined => literal(c.i32(v.args[1]!));

/** A call of a 64-bit function of base/int64.ts. */
const wide =
  (helper: string): Lower =>
  (c, v) => {
    const a = c.pair(v.args[0]!);
    const b = c.pair(v.args[1]!);
    c.bindWide(v, expr`${c.use(helper)}(${a.hi}, ${a.lo}, ${b.hi}, ${b.lo})`);
  };

export const lessUnsigned = (a: Expression, b: Expression): Expression =>
  literal(b) === undefined
    ? expr`${a} >>> 0 < ${b} >>> 0`
    : expr`${a} >>> 0 < ${int(literal(b)! >>> 0)}`;

function equalWide(a: Pair, b: Pair): Expression {
  if (literal(b.hi) === 0 && literal(b.lo) === 0) return expr`(${a.hi} | ${a.lo}) === 0`;
  return expr`${a.lo} === ${b.lo} && ${a.hi} === ${b.hi}`;
}

function lowWide(a: Pair, b: Pair): Expression {
  if (literal(b.hi) === 0 && literal(b.lo) === 0) return expr`${a.hi} < 0`;
  if (literal(a.hi) === 0 && literal(a.lo) === 0) {
    return expr`${b.hi} > 0 || ${b.hi} === 0 && ${b.lo} !== 0`;
  }
  return expr`${a.hi} < ${b.hi} || ${a.hi} === ${b.hi} && ${lessUnsigned(a.lo, b.lo)}`;
}

function lowWideUnsigned(a: Pair, b: Pair): Expression {
  if (literal(a.hi) === 0 && literal(b.hi) === 0) return lessUnsigned(a.lo, b.lo);
  return expr`${lessUnsigned(a.hi, b.hi)} || ${a.hi} === ${b.hi} && ${lessUnsigned(a.lo, b.lo)}`;
}

/**
 * High word of the unsigned product of two words, from 16-bit limbs, written out: V8 inlines only
 * so many calls in one function. No partial sum exceeds 32 bits.
 */
function mulHigh(c: BlockContext, v: Value, tag: string, a: Expression, b: Expression): Expression {
  const id = `${c.idOf(v)}${tag}`;
  const [m, x, h] = [`m${id}`, `x${id}`, `h${id}`].map(name) as [
    Expression,
    Expression,
    Expression,
  ];
  c.emit(js`const ${m} = Math.imul(${a} >>> 16, ${b} & 0xffff) + (Math.imul(${a} & 0xffff, ${b} & 0xffff) >>> 16) | 0;
    const ${x} = Math.imul(${a} & 0xffff, ${b} >>> 16) + (${m} & 0xffff) | 0;
    const ${h} = Math.imul(${a} >>> 16, ${b} >>> 16) + (${m} >>> 16) + (${x} >>> 16) | 0;`);
  return h;
}

/** Calls a helper with two 64-bit values. */
function callWith(c: BlockContext, helper: string, x: Value, y: Value): Expression {
  const a = c.pair(x);
  const b = c.pair(y);
  return expr`${c.use(helper)}(${a.hi}, ${a.lo}, ${b.hi}, ${b.lo})`;
}

/**
 * Carry out of the unsigned sum of `a` and `b`, from sign bits: a comparison would become a branch,
 * and carries of hashes and products cannot be predicted.
 */
export function carryOf(sum: Expression, a: Expression, b: Expression): Expression {
  const constant = literal(b);
  if (constant === undefined) return expr`((${a} & ${b} | (${a} | ${b}) & ~${sum}) >>> 31)`;
  return constant < 0 ? expr`((${a} | ~${sum}) >>> 31)` : expr`((${a} & ~${sum}) >>> 31)`;
}

/** Borrow of the unsigned difference `a - b`. */
function borrowOf(difference: Expression, a: Expression, b: Expression): Expression {
  const constant = literal(b);
  if (constant === undefined) return expr`((~${a} & ${b} | (~${a} | ${b}) & ${difference}) >>> 31)`;
  return constant < 0
    ? expr`((~${a} | ${difference}) >>> 31)`
    : expr`((~${a} & ${difference}) >>> 31)`;
}

/** Integer ops of ir/ops.ts, in the same order. */
export const LOWER_INTEGER: Partial<Record<OpName, Lower>> = {
  const32: (c, v) => c.bindI32(v, int(v.imm)),
  const64: (c, v) => c.set(v, { kind: 'i64', hi: int(v.immHigh), lo: int(v.imm) }),

  add64: (c, v) => {
    const [x, y] = v.args as [Value, Value];
    const swap = literal(c.lo(x)) !== undefined;
    const a = c.pair(swap ? y : x);
    const b = c.pair(swap ? x : y);
    c.bindI64(v, expr`${a.lo} + ${b.lo} | 0`, (lo) => addHigh(a.hi, b.hi, carryOf(lo, a.lo, b.lo)));
  },
  sub64: (c, v) => {
    const a = c.pair(v.args[0]!);
    const b = c.pair(v.args[1]!);
    c.bindI64(v, expr`${a.lo} - ${b.lo} | 0`, (lo) => {
      const borrow = borrowOf(lo, a.lo, b.lo);
      return literal(b.hi) === 0
        ? expr`${a.hi} - ${borrow} | 0`
        : expr`${a.hi} - ${b.hi} - ${borrow} | 0`;
    });
  },
  mul64: (c, v) => {
    const [x, y] = v.args as [Value, Value];
    if (!c.wideProducts) {
      c.bindWide(v, callWith(c, 'mul64', x, y));
      return;
    }
    c.emit(js`${callWith(c, 'multiply64', x, y)};`);
    c.bindI64(v, expr`scratch32[0]`, expr`scratch32[1]`);
  },
  mulHigh64u: (c, v) => {
    const [x, y] = v.args as [Value, Value];
    c.bindWide(v, callWith(c, 'mulHigh64u', x, y));
  },
  mulWide32u: (c, v) => {
    const a = c.i32(v.args[0]!);
    const b = c.i32(v.args[1]!);
    c.bindI64(v, expr`Math.imul(${a}, ${b})`, mulHigh(c, v, '', a, b));
  },
  mulWide32s: (c, v) => {
    const a = c.i32(v.args[0]!);
    const b = c.i32(v.args[1]!);
    const high = mulHigh(c, v, '', a, b);
    c.bindI64(
      v,
      expr`Math.imul(${a}, ${b})`,
      expr`${high} - (${a} >> 31 & ${b}) - (${b} >> 31 & ${a}) | 0`,
    );
  },
  and64: each(and),
  or64: each(or),
  xor64: each(xor),
  shl64: (c, v) => {
    const { hi, lo } = c.pair(v.args[0]!);
    const n = amount(c, v);
    if (n === undefined) {
      const s = c.i32(v.args[1]!);
      c.bindI64(
        v,
        expr`(${s} & 32) !== 0 ? 0 : ${lo} << ${s}`,
        expr`(${s} & 32) !== 0 ? ${lo} << ${s} : ${hi} << ${s} | ${lo} >>> 1 >>> ~${s}`,
      );
    } else if (n >= 32) c.bindI64(v, ZERO, n === 32 ? lo : expr`${lo} << ${n - 32}`);
    else c.bindI64(v, expr`${lo} << ${n}`, expr`${hi} << ${n} | ${lo} >>> ${32 - n}`);
  },
  shr64: (c, v) => {
    const { hi, lo } = c.pair(v.args[0]!);
    const n = amount(c, v);
    if (n === undefined) {
      const s = c.i32(v.args[1]!);
      c.bindI64(
        v,
        expr`(${s} & 32) !== 0 ? ${hi} >>> ${s} | 0 : ${lo} >>> ${s} | ${hi} << 1 << ~${s}`,
        expr`(${s} & 32) !== 0 ? 0 : ${hi} >>> ${s} | 0`,
      );
    } else if (n >= 32) c.bindI64(v, n === 32 ? hi : expr`${hi} >>> ${n - 32} | 0`, ZERO);
    else c.bindI64(v, expr`${lo} >>> ${n} | ${hi} << ${32 - n}`, expr`${hi} >>> ${n} | 0`);
  },
  sar64: (c, v) => {
    const { hi, lo } = c.pair(v.args[0]!);
    const n = amount(c, v);
    if (n === undefined) {
      const s = c.i32(v.args[1]!);
      c.bindI64(
        v,
        expr`(${s} & 32) !== 0 ? ${hi} >> ${s} : ${lo} >>> ${s} | ${hi} << 1 << ~${s}`,
        expr`(${s} & 32) !== 0 ? ${hi} >> 31 : ${hi} >> ${s}`,
      );
    } else if (n >= 32) c.bindI64(v, n === 32 ? hi : expr`${hi} >> ${n - 32}`, expr`${hi} >> 31`);
    else c.bindI64(v, expr`${lo} >>> ${n} | ${hi} << ${32 - n}`, expr`${hi} >> ${n}`);
  },
  rotl64: (c, v) => {
    const { hi, lo } = c.pair(v.args[0]!);
    const n = amount(c, v);
    if (n === undefined) {
      const s = c.i32(v.args[1]!);
      c.bindI64(
        v,
        expr`(${s} & 32) !== 0 ? ${hi} << ${s} | ${lo} >>> 1 >>> ~${s} : ${lo} << ${s} | ${hi} >>> 1 >>> ~${s}`,
        expr`(${s} & 32) !== 0 ? ${lo} << ${s} | ${hi} >>> 1 >>> ~${s} : ${hi} << ${s} | ${lo} >>> 1 >>> ~${s}`,
      );
      return;
    }
    const [h, l] = n >= 32 ? [lo, hi] : [hi, lo];
    const m = n & 31;
    if (m === 0) c.set(v, { kind: 'i64', hi: h, lo: l });
    else
      c.bindI64(
        v,
        expr`${l} << ${m} | ${h} >>> ${32 - m}`,
        expr`${h} << ${m} | ${l} >>> ${32 - m}`,
      );
  },
  div64s: wide('div64s'),
  rem64s: wide('rem64s'),
  div64u: wide('div64u'),
  rem64u: wide('rem64u'),

  add32: word((a, b) => expr`${a} + ${b} | 0`),
  sub32: word((a, b) => expr`${a} - ${b} | 0`),
  mul32: word((a, b) => expr`Math.imul(${a}, ${b})`),
  and32: word(and),
  or32: word(or),
  xor32: word(xor),
  shl32: (c, v) => {
    const n = amount(c, v);
    const a = c.i32(v.args[0]!);
    if (n !== undefined) c.bindI32(v, n > 31 ? ZERO : expr`${a} << ${n}`);
    else {
      const s = c.i32(v.args[1]!);
      c.bindI32(v, expr`${s} > 31 ? 0 : ${a} << ${s}`);
    }
  },
  shr32: (c, v) => {
    const n = amount(c, v);
    const a = c.i32(v.args[0]!);
    if (n !== undefined) c.bindI32(v, n > 31 ? ZERO : expr`${a} >>> ${n} | 0`);
    else {
      const s = c.i32(v.args[1]!);
      c.bindI32(v, expr`${s} > 31 ? 0 : ${a} >>> ${s} | 0`);
    }
  },
  sar32: (c, v) => {
    const n = amount(c, v);
    const a = c.i32(v.args[0]!);
    if (n !== undefined) c.bindI32(v, expr`${a} >> ${Math.min(n, 31)}`);
    else {
      const s = c.i32(v.args[1]!);
      c.bindI32(v, expr`${a} >> (${s} > 31 ? 31 : ${s})`);
    }
  },
  rotl32: (c, v) => {
    const n = amount(c, v);
    const a = c.i32(v.args[0]!);
    if (n !== undefined)
      c.bindI32(v, (n & 31) === 0 ? a : expr`${a} << ${n & 31} | ${a} >>> ${32 - (n & 31)}`);
    else {
      const s = c.i32(v.args[1]!);
      c.bindI32(v, expr`${a} << ${s} | ${a} >>> (32 - ${s})`);
    }
  },

  low32: (c, v) => c.set(v, { kind: 'i32', expr: c.lo(v.args[0]!) }),
  high32: (c, v) => c.set(v, { kind: 'i32', expr: c.hi(v.args[0]!) }),
  make64: (c, v) => c.bindI64(v, c.i32(v.args[1]!), c.i32(v.args[0]!)),
  sext64: (c, v) => {
    const x = c.i32(v.args[0]!);
    const known = literal(x);
    c.bindI64(v, x, (lo) => (known === undefined ? expr`${lo} >> 31` : int(known >> 31)));
  },
  zext64: (c, v) => c.bindI64(v, c.i32(v.args[0]!), ZERO),
  sext8: (c, v) => c.bindI32(v, expr`${c.i32(v.args[0]!)} << 24 >> 24`),
  sext16: (c, v) => c.bindI32(v, expr`${c.i32(v.args[0]!)} << 16 >> 16`),
  bswap32: (c, v) => c.bindI32(v, expr`${c.use('bswap32')}(${c.i32(v.args[0]!)})`),
  bswap64: (c, v) => {
    const { hi, lo } = c.pair(v.args[0]!);
    c.bindI64(v, expr`${c.use('bswap32')}(${hi})`, expr`${c.use('bswap32')}(${lo})`);
  },
  clz64: (c, v) => {
    const { hi, lo } = c.pair(v.args[0]!);
    c.bindI32(v, expr`${hi} === 0 ? 32 + Math.clz32(${lo}) : Math.clz32(${hi})`);
  },
  popcount8: (c, v) => {
    const { hi, lo } = c.pair(v.args[0]!);
    c.bindI64(v, expr`${c.use('popcountBytes')}(${lo})`, expr`${c.use('popcountBytes')}(${hi})`);
  },

  eq32: test((a, b) => expr`${a} === ${b}`),
  lt32s: test((a, b) => expr`${a} < ${b}`),
  lt32u: test(lessUnsigned),
  eq64: testWide(equalWide),
  lt64s: testWide(lowWide),
  lt64u: testWide(lowWideUnsigned),
  not: (c, v) => {
    const rep = c.rep(v.args[0]!);
    c.bindBool(v, rep.kind === 'bool' ? expr`!${rep.expr}` : expr`${c.i32(v.args[0]!)} === 0`);
  },
  select32: (c, v) => {
    const [condition, a, b] = v.args as [Value, Value, Value];
    c.bindI32(v, expr`${c.bool(condition)} ? ${c.i32(a)} : ${c.i32(b)}`);
  },
  select64: (c, v) => {
    const [condition, first, second] = v.args as [Value, Value, Value];
    const a = c.pair(first);
    const b = c.pair(second);
    const chosen = c.bool(condition);
    c.bindI64(v, expr`${chosen} ? ${a.lo} : ${b.lo}`, expr`${chosen} ? ${a.hi} : ${b.hi}`);
  },
};

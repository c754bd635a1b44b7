import type { Expression, Statement } from 'estree';
import type { Value } from '../../ir/block.ts';
import type { OpName } from '../../ir/ops.ts';
import { literal, type BlockContext } from './context.ts';
import { lessUnsigned } from './lower-integer.ts';
import { expr, js, name } from './quote.ts';

/** Leaves the region before the instruction: a result does not fit in a narrow register. */
type Overflow = () => Statement[];

/**
 * 64-bit ops whose operands and result are the sign extensions of their low words (narrow.ts).
 * V8 turns a sum that has never left the int32 range into an addition with an overflow check.
 */
type LowerNarrow = (c: BlockContext, value: Value, overflow: Overflow) => void;

/** Binds a sum, difference or product after checking that it is an int32. */
export function bindChecked(
  c: BlockContext,
  value: Value,
  exact: Expression,
  overflow: Overflow,
): void {
  const known = literal(exact);
  if (known !== undefined && known === (known | 0)) {
    c.bindNarrow(value, exact);
    return;
  }
  const t = name(`n${c.idOf(value)}`);
  c.emit(js`const ${t} = ${exact};
    if (${t} !== (${t} | 0)) { ${overflow()}; }`);
  c.bindNarrow(value, t);
}

const bitwise =
  (make: (a: Expression, b: Expression) => Expression): LowerNarrow =>
  (c, v) =>
    c.bindNarrow(v, make(c.lo(v.args[0]!), c.lo(v.args[1]!)));

const sum =
  (make: (a: Expression, b: Expression) => Expression): LowerNarrow =>
  (c, v, overflow) =>
    bindChecked(c, v, make(c.lo(v.args[0]!), c.lo(v.args[1]!)), overflow);

export const LOWER_NARROW: Partial<Record<OpName, LowerNarrow>> = {
  add64: (c, v, overflow) => {
    const [x, y] = v.args as [Value, Value];
    const step = literal(c.lo(y));
    if (step !== 1 && step !== -1) {
      bindChecked(c, v, expr`${c.lo(x)} + ${c.lo(y)}`, overflow);
      return;
    }
    // A counter: for V8, comparing is cheaper than the overflow of a sum that is compared next.
    const t = name(`n${c.idOf(v)}`);
    const last = step === 1 ? 0x7fff_ffff : -0x8000_0000;
    c.emit(js`if (${c.lo(x)} === ${last}) { ${overflow()}; }
      const ${t} = ${c.lo(x)} + ${step} | 0;`);
    c.bindNarrow(v, t);
  },
  sub64: sum((a, b) => expr`${a} - ${b}`),
  mul64: (c, v, overflow) => {
    const a = c.lo(v.args[0]!);
    const b = c.lo(v.args[1]!);
    const t = name(`n${c.idOf(v)}`);
    // The product of two int32 may round as a double, but not to an int32.
    c.emit(js`const ${t} = Math.imul(${a}, ${b});
      if (${a} * ${b} !== ${t}) { ${overflow()}; }`);
    c.bindNarrow(v, t);
  },
  and64: bitwise((a, b) => expr`${a} & ${b}`),
  or64: bitwise((a, b) => expr`${a} | ${b}`),
  xor64: bitwise((a, b) => expr`${a} ^ ${b}`),
  shl64: (c, v, overflow) => {
    const a = c.lo(v.args[0]!);
    const n = v.args[1]!.imm;
    const t = name(`n${c.idOf(v)}`);
    c.emit(js`const ${t} = ${a} << ${n};
      if (${t} >> ${n} !== ${a}) { ${overflow()}; }`);
    c.bindNarrow(v, t);
  },
  sar64: (c, v) => {
    const a = c.lo(v.args[0]!);
    const n = c.i32(v.args[1]!);
    const known = literal(n);
    c.bindNarrow(
      v,
      known === undefined
        ? expr`${a} >> (${n} > 31 ? 31 : ${n})`
        : expr`${a} >> ${Math.min(known, 31)}`,
    );
  },
  shr64: (c, v, overflow) => {
    const { hi, lo } = c.pair(v.args[0]!);
    const n = v.args[1]!.imm;
    if (n > 32) {
      c.bindNarrow(v, expr`${hi} >>> ${n - 32}`);
      return;
    }
    c.emit(js`if (${lo} < 0) { ${overflow()}; }`);
    c.bindNarrow(v, n === 32 ? expr`0` : expr`${lo} >>> ${n}`);
  },
  sext64: (c, v) => c.bindNarrow(v, c.i32(v.args[0]!)),
  zext64: (c, v) => c.bindNarrow(v, c.i32(v.args[0]!)),
  const64: (c, v) => c.set(v, { kind: 'i64', hi: expr`0`, lo: literalOf(v), narrow: true }),
  select64: (c, v) => {
    const [condition, a, b] = v.args as [Value, Value, Value];
    c.bindNarrow(v, expr`${c.bool(condition)} ? ${c.lo(a)} : ${c.lo(b)}`);
  },
};

function literalOf(value: Value): Expression {
  return expr`${value.imm}`;
}

type Compare = (a: Expression, b: Expression) => Expression;

/** Comparisons of narrow operands are those of their low words, unsigned ones too. */
export const COMPARE_NARROW: Partial<Record<OpName, Compare>> = {
  eq64: (a, b) => expr`${a} === ${b}`,
  lt64s: (a, b) => expr`${a} < ${b}`,
  lt64u: lessUnsigned,
};

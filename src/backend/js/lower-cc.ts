import type { Expression } from 'estree';
import type { Block, Value } from '../../ir/block.ts';
import type { OpName } from '../../ir/ops.ts';
import type { BlockContext } from './context.ts';
import type { Lower } from './lower-integer.ts';
import type { Kind } from './narrow.ts';
import { expr, int } from './quote.ts';

type CcExpression = (c: BlockContext, args: Value[]) => Expression;

const words =
  (helper: string): CcExpression =>
  (c, args) => {
    const [x, y, z] = args.map((arg) => c.i32(arg)) as [Expression, Expression, Expression];
    const f = c.use(helper);
    if (args.length === 1) return expr`${f}(${x})`;
    return args.length === 2 ? expr`${f}(${x}, ${y})` : expr`${f}(${x}, ${y}, ${z})`;
  };

const pair1 =
  (helper: string): CcExpression =>
  (c, [a]) => {
    const { hi, lo } = c.pair(a!);
    return expr`${c.use(helper)}(${hi}, ${lo})`;
  };

const pair2 =
  (helper: string): CcExpression =>
  (c, [a, b]) => {
    const x = c.pair(a!);
    const y = c.pair(b!);
    return expr`${c.use(helper)}(${x.hi}, ${x.lo}, ${y.hi}, ${y.lo})`;
  };

/** Overflow shows in the high words; zero in the whole result. */
const signed64 =
  (helper: string): CcExpression =>
  (c, [a, b, r]) => {
    const { hi, lo } = c.pair(r!);
    return expr`${c.use(helper)}(${c.hi(a!)}, ${c.hi(b!)}, ${hi}, ${lo})`;
  };

/** Condition-code ops as expressions: written only where somebody wants the code. */
export const CC_EXPRESSIONS: Partial<Record<OpName, CcExpression>> = {
  ccSign32: words('ccSign32'),
  ccSign64: (c, [x]) => {
    if (c.isNarrow(x!)) return expr`${c.use('ccSign32')}(${c.lo(x!)})`;
    return pair1('ccSign64')(c, [x!]);
  },
  ccZero32: words('ccZero32'),
  ccZero64: pair1('ccZero64'),
  ccAdd32: words('ccAdd32'),
  ccAdd64: signed64('ccAdd64'),
  ccSub32: words('ccSub32'),
  ccSub64: signed64('ccSub64'),
  ccAddLogical32: words('ccAddLogical32'),
  ccAddLogical64: pair2('ccAddLogical64'),
  ccSubLogical32: words('ccSubLogical32'),
  ccSubLogical64: pair2('ccSubLogical64'),
  ccAddCarry32: (c, [a, b, carry, sum]) =>
    expr`${c.use('ccAddCarry32')}(${c.i32(a!)}, ${c.i32(b!)}, ${c.i32(carry!)}, ${c.i32(sum!)})`,
  ccAddCarry64: (c, [, b, carry, sum]) => {
    const y = c.pair(b!);
    const r = c.pair(sum!);
    return expr`${c.use('ccAddCarry64')}(${y.hi}, ${y.lo}, ${c.i32(carry!)}, ${r.hi}, ${r.lo})`;
  },
  ccSubBorrow32: (c, [a, b, carry, result]) =>
    expr`${c.use('ccSubBorrow32')}(${c.i32(a!)}, ${c.i32(b!)}, ${c.i32(carry!)}, ${c.i32(result!)})`,
  ccSubBorrow64: (c, [a, b, carry, result]) => {
    const x = c.pair(a!);
    const y = c.pair(b!);
    const r = c.pair(result!);
    return expr`${c.use('ccSubBorrow64')}(${x.hi}, ${x.lo}, ${y.hi}, ${y.lo}, ${c.i32(carry!)}, ${r.hi}, ${r.lo})`;
  },
  ccCompare32s: words('ccCompare32s'),
  ccCompare32u: words('ccCompare32u'),
  ccCompare64s: pair2('ccCompare64s'),
  ccCompare64u: pair2('ccCompare64u'),
  ccTestMask: words('ccTestMask'),
  ccTestMaskByte: words('ccTestMaskByte'),
  ccInsert: words('ccInsert'),
  ccSignF64: (c, [x]) => expr`${c.use('ccSignFloat')}(${c.f64(x!)})`,
  ccSignF32: (c, [x]) => expr`${c.use('ccSignFloat')}(${c.use('f32FromBits')}(${c.i32(x!)}))`,
  ccCompareF64: (c, [a, b]) => expr`${c.use('ccCompareFloat')}(${c.f64(a!)}, ${c.f64(b!)})`,
  ccCompareF32: (c, [a, b]) =>
    expr`${c.use('ccCompareFloat')}(${c.use('f32FromBits')}(${c.i32(a!)}), ${c.use('f32FromBits')}(${c.i32(b!)}))`,
};

/** Operands that follow from the others, by op and position. */
export const RECOVERABLE: Partial<
  Record<OpName, (((others: readonly Expression[]) => Expression) | undefined)[]>
> = {
  ccAdd32: [
    ([, b, sum]) => expr`${sum!} - ${b!} | 0`,
    ([a, , sum]) => expr`${sum!} - ${a!} | 0`,
    undefined,
  ],
  ccSub32: [
    ([, b, difference]) => expr`${difference!} + ${b!} | 0`,
    ([a, , difference]) => expr`${a!} - ${difference!} | 0`,
    undefined,
  ],
};

/** What is special about a code that a block inherits. */
interface Inherited {
  /** `known` holds it when it is not negative. */
  readonly mixed: boolean;
  /** Position of an operand to be recovered, or -1. */
  readonly recover: number;
}

const INHERITED = new WeakMap<Value, Inherited>();

/** A value that stands for a deferred code from before the block. */
export function inheritedCc(op: OpName, args: Value[], how: Inherited): Value {
  const value: Value = { id: -1, op, type: 'i32', args, imm: 0, immHigh: 0 };
  INHERITED.set(value, how);
  return value;
}

/** The same deferred code with its operands replaced. */
export function movedCc(
  cc: Value,
  replace: (arg: Value, i: number) => Value,
): { value: Value; isMixed: boolean } {
  const value = { ...cc, args: cc.args.map(replace) };
  const how = INHERITED.get(cc);
  if (how) INHERITED.set(value, how);
  return { value, isMixed: how?.mixed ?? false };
}

/** A 32-bit operand of a deferred code. */
export function ccOperand(c: BlockContext, { op, args }: Value, i: number): Expression {
  if (c.has(args[i]!)) return c.i32(args[i]!);
  const others = args.map((arg, k) => (k === i ? int(0) : c.i32(arg)));
  return RECOVERABLE[op]![i]!(others);
}

/** The same code, of fewer operands where their kinds (narrow.ts) make it simpler. */
export function canonicalCc(value: Value, kinds: ReadonlyMap<Value, Kind>): Value {
  const { op, args } = value;
  // A checked narrow sum or difference has not overflowed: its sign is the code.
  if ((op === 'ccAdd64' || op === 'ccSub64') && args.every((arg) => kinds.get(arg) === 's')) {
    return { ...value, op: 'ccSign64', args: [args[2]!] };
  }
  return value;
}

/** The code of a deferred condition code, or of any i32 value that stands for one. */
export function ccExpression(c: BlockContext, value: Value): Expression {
  if (c.has(value)) return c.i32(value);
  const how = INHERITED.get(value);
  const computed =
    how !== undefined && how.recover >= 0
      ? expr`${c.use(value.op)}(${ccOperand(c, value, 0)}, ${ccOperand(c, value, 1)}, ${ccOperand(c, value, 2)})`
      : CC_EXPRESSIONS[value.op]!(c, value.args);
  return how?.mixed ? expr`known < 0 ? ${computed} : known` : computed;
}

/** Whether the value can be computed later, from its arguments, where it is wanted. */
export function isDeferrable(value: Value): boolean {
  return CC_EXPRESSIONS[value.op] !== undefined;
}

/** Whether something besides setCc and a test of the code uses the value. */
export function isUsedAsNumber(block: Block, value: Value): boolean {
  return block.values.some((v) => v.op !== 'setCc' && v.op !== 'ccTest' && v.args.includes(value));
}

export const LOWER_CC: Partial<Record<OpName, Lower>> = {
  ccTest: (c, v) => {
    const cc = ccExpression(c, v.args[0]!);
    const mask = v.imm;
    // One code or all but one: compare; otherwise select the mask bit.
    const single = [8, 4, 2, 1].indexOf(mask);
    const but = [7, 11, 13, 14].indexOf(mask);
    if (single >= 0) c.bindBool(v, expr`${cc} === ${single}`);
    else if (but >= 0) c.bindBool(v, expr`${cc} !== ${but}`);
    else c.bindBool(v, expr`(${mask} << ${cc} & 8) !== 0`);
  },
};

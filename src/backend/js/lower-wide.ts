import type { Expression } from 'estree';
import type { Block, Value } from '../../ir/block.ts';
import { OPS, type OpName } from '../../ir/ops.ts';
import type { BlockContext } from './context.ts';
import type { Kind } from './narrow.ts';
import { bigLiteral, expr, js, name } from './quote.ts';
import { mayExit } from './registers.ts';

/**
 * Blocks with 128-bit products compute them, and what leads to them and follows from them, on
 * BigInts modulo 2**64, which V8 keeps in one host register each (see base/product.ts).
 */
export interface WidePlan {
  /** Values that are BigInts. */
  readonly values: ReadonlySet<Value>;
  /** Reads of a register, and the value that the block has read there before or put there. */
  readonly forwarded: ReadonlyMap<Value, Value>;
  /** Register writes that nothing sees before the next. */
  readonly unseen: ReadonlySet<Value>;
  /** Last writes of registers with BigInts: these go straight to the register file. */
  readonly last: ReadonlySet<Value>;
  /** Reads of registers that are wanted as BigInts. */
  readonly bigReads: ReadonlySet<Value>;
}

type LowerWide = (c: BlockContext, v: Value) => Expression;

const U64 = (c: BlockContext, e: Expression): Expression => expr`${c.use('asUintN')}(64, ${e})`;

/** The low and the high word of a BigInt, as BigInts. */
const lowOf = (c: BlockContext, e: Expression): Expression => U64(c, expr`${e} & 0xffffffffn`);
const highOf = (c: BlockContext, e: Expression): Expression => U64(c, expr`${e} >> 32n`);

const binary =
  (make: (a: Expression, b: Expression) => Expression): LowerWide =>
  (c, v) =>
    U64(c, make(c.wide(v.args[0]!), c.wide(v.args[1]!)));

const shift =
  (make: (a: Expression, n: number) => Expression): LowerWide =>
  (c, v) => {
    const a = c.wide(v.args[0]!);
    const n = v.args[1]!.imm & 63;
    return n === 0 ? a : make(a, n);
  };

const LOWER_WIDE: Partial<Record<OpName, LowerWide>> = {
  add64: binary((a, b) => expr`${a} + ${b}`),
  sub64: binary((a, b) => expr`${a} - ${b}`),
  mul64: binary((a, b) => expr`${a} * ${b}`),
  and64: binary((a, b) => expr`${a} & ${b}`),
  or64: binary((a, b) => expr`${a} | ${b}`),
  xor64: binary((a, b) => expr`${a} ^ ${b}`),
  shl64: (c, v) => shift((a, n) => U64(c, expr`${a} << ${bigLiteral(n)}`))(c, v),
  shr64: (c, v) => shift((a, n) => U64(c, expr`${a} >> ${bigLiteral(n)}`))(c, v),
  rotl64: (c, v) =>
    shift((a, n) => {
      const left = U64(c, expr`${a} << ${bigLiteral(n)}`);
      return U64(c, expr`${left} | ${U64(c, expr`${a} >> ${bigLiteral(64 - n)}`)}`);
    })(c, v),
  mulHigh64u: (c, v) => {
    const a = c.wide(v.args[0]!);
    const b = c.wide(v.args[1]!);
    const id = c.idOf(v);
    const [a0, a1, b0, b1, middle, cross] = ['pl', 'ph', 'ql', 'qh', 'pm', 'pc'].map((stem) =>
      name(`${stem}${id}`),
    ) as [Expression, Expression, Expression, Expression, Expression, Expression];
    const carried = highOf(c, U64(c, expr`${a0} * ${b0}`));
    // Neither sum overflows: (2**32 - 1)**2 + 2**32 - 1 < 2**64.
    c.emit(js`const ${a0} = ${lowOf(c, a)};
      const ${a1} = ${highOf(c, a)};
      const ${b0} = ${lowOf(c, b)};
      const ${b1} = ${highOf(c, b)};
      const ${middle} = ${U64(c, expr`${U64(c, expr`${a1} * ${b0}`)} + ${carried}`)};
      const ${cross} = ${U64(c, expr`${U64(c, expr`${a0} * ${b1}`)} + ${lowOf(c, middle)}`)};`);
    const sum = U64(c, expr`${U64(c, expr`${a1} * ${b1}`)} + ${highOf(c, middle)}`);
    return U64(c, expr`${sum} + ${highOf(c, cross)}`);
  },
};

/** Computes a value of the plan. */
export function lowerWide(c: BlockContext, v: Value): void {
  c.bindBig(v, LOWER_WIDE[v.op]!(c, v));
}

const SHIFTS: ReadonlySet<OpName> = new Set(['shl64', 'shr64', 'rotl64']);

/** The plan of a block, if it has 128-bit products. */
export function planWide(block: Block, kindOf: ReadonlyMap<Value, Kind>): WidePlan | undefined {
  const { values } = block;
  if (!values.some(({ op }) => op === 'mulHigh64u')) return undefined;
  const isWide = (v: Value): boolean => (kindOf.get(v) ?? 'w') === 'w';
  const able = (v: Value): boolean =>
    LOWER_WIDE[v.op] !== undefined &&
    isWide(v) &&
    (!SHIFTS.has(v.op) || v.args[1]!.op === 'const32');
  const forwarded = forwardedReads(block, isWide);
  const origin = (v: Value): Value => forwarded.get(v) ?? v;
  const wide = new Set<Value>();
  const add = (v: Value): boolean => able(v) && !wide.has(v) && wide.add(v) !== undefined;
  for (const v of values) if (v.op === 'mulHigh64u') add(v);
  // Everything able that is connected to a product.
  for (let grows = true; grows;) {
    grows = false;
    for (const v of values) {
      const args = v.args.map(origin);
      if (!wide.has(v) && args.some((arg) => wide.has(arg)) && add(v)) grows = true;
      if (wide.has(v)) for (const arg of args) if (add(arg)) grows = true;
    }
  }
  const unseen = unseenWrites(block, forwarded, wide);
  const bigReads = new Set([...wide].flatMap((v) => v.args.map(origin)));
  const last = new Set(lastWrites(block, forwarded, wide).values());
  return { values: wide, forwarded, unseen, last, bigReads };
}

function lastWrites(
  { values }: Block,
  forwarded: ReadonlyMap<Value, Value>,
  wide: ReadonlySet<Value>,
): Map<number, Value> {
  const last = new Map<number, Value>();
  for (const v of values) {
    const source = v.args[0];
    if (v.op === 'setGr64' && wide.has(forwarded.get(source!) ?? source!)) last.set(v.imm, v);
    else if (v.op === 'call') last.clear();
    else if (USES_WORDS.has(v.op)) last.delete(v.imm);
  }
  return last;
}

/** Ops that read or write the words of a register where they are. */
const USES_WORDS: ReadonlySet<OpName> = new Set([
  'setGr64',
  'setGr32',
  'setGrHigh',
  'getGr32',
  'getGrHigh',
]);

/** Reads of whole registers that the block has read or written as a whole. */
function forwardedReads(block: Block, isWide: (v: Value) => boolean): Map<Value, Value> {
  const forwarded = new Map<Value, Value>();
  const held = new Map<number, Value>();
  for (const v of block.values) {
    const r = v.imm;
    if (v.op === 'getGr64') {
      const source = held.get(r);
      if (source) forwarded.set(v, source);
      else if (isWide(v)) held.set(r, v);
    } else if (v.op === 'setGr64') {
      const source = v.args[0]!;
      if (isWide(source)) held.set(r, forwarded.get(source) ?? source);
      else held.delete(r);
    } else if (v.op === 'setGr32' || v.op === 'setGrHigh') held.delete(r);
    else if (v.op === 'call') held.clear();
  }
  return forwarded;
}

/** Writes of registers that are written again before anything reads them or may leave the region. */
function unseenWrites(
  block: Block,
  forwarded: ReadonlyMap<Value, Value>,
  wide: ReadonlySet<Value>,
): Set<Value> {
  const unseen = new Set<Value>();
  /** Registers that are written before they are seen, looking from the end. */
  const written = new Set<number>();
  for (let i = block.values.length - 1; i >= 0; i--) {
    const v = block.values[i]!;
    const r = v.imm;
    if (v.op === 'setGr64') {
      if (written.has(r)) unseen.add(v);
      written.add(r);
    } else if (v.op === 'setGr32' || v.op === 'setGrHigh') written.delete(r);
    else if (v.op === 'getGr64') {
      if (!forwarded.has(v)) written.delete(r);
    } else if (v.op === 'getGr32' || v.op === 'getGrHigh') written.delete(r);
    else if (v.op === 'insn' || (mayExit(v) && !wide.has(v))) {
      if (v.op !== 'insn' || hasStore(block, i)) written.clear();
    }
  }
  return unseen;
}

const STORES: ReadonlySet<string | undefined> = new Set(['store', 'call']);

/** Whether something before `end` stores: the next instruction may find its code stale. */
function hasStore({ values }: Block, end: number): boolean {
  return values.some((v, i) => i < end && STORES.has(OPS[v.op].effect));
}

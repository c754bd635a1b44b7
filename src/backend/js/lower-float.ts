import type { Expression } from 'estree';
import { FPC } from '../../cpu/state.ts';
import type { OpName } from '../../ir/ops.ts';
import type { Lower } from './lower-integer.ts';
import { expr, hexLiteral, js, name } from './quote.ts';

/** FPC flag byte: inexact has been seen, so arithmetic need not report it again. */
const INEXACT = 0x80000;

/**
 * A double op: the machine's own result when it is surely what the PoP asks for and the inexact
 * flag is on already, otherwise the run-time library's (`addF64` and so on), which does the flags.
 */
const binary =
  (
    helper: string,
    fast: (a: Expression, b: Expression) => Expression,
    unsure: (t: Expression) => Expression,
  ): Lower =>
  (c, v) => {
    const a = c.f64(v.args[0]!);
    const b = c.f64(v.args[1]!);
    const t = name(`t${c.idOf(v)}`);
    c.emit(js`let ${t} = ${fast(a, b)};
      if ((state[${FPC}] & ${INEXACT}) === 0 || ${unsure(t)}) ${t} = ${c.use(helper)}(${a}, ${b});`);
    c.set(v, { kind: 'f64', expr: t });
  };

/** Sums are exact in the subnormal range: only infinities and NaNs are in doubt. */
const notFinite = (t: Expression): Expression => expr`${t} - ${t} !== 0`;
/** Products and quotients may underflow too. */
const notOrdinary = (t: Expression): Expression =>
  expr`!(Math.abs(${t}) > 2.2250738585072014e-308 && ${t} - ${t} === 0)`;

const fused =
  (helper: string): Lower =>
  (c, v) => {
    const [x, y, z] = v.args.map((arg) => c.f64(arg)) as [Expression, Expression, Expression];
    c.bindF64(v, expr`${c.use(helper)}(${x}, ${y}, ${z})`);
  };

/** JavaScript does not promise the sign of a NaN; the helper works on bits. */
const sign =
  (helper: string, fast: (a: Expression) => Expression): Lower =>
  (c, v) => {
    const a = c.f64(v.args[0]!);
    c.bindF64(v, expr`${a} === ${a} ? ${fast(a)} : ${c.use(helper)}(${a})`);
  };

const compare =
  (helper: string): Lower =>
  (c, v) => {
    const a = c.f64(v.args[0]!);
    const b = c.f64(v.args[1]!);
    c.bindI32(
      v,
      expr`${a} < ${b} ? 1 : ${a} === ${b} ? 0 : ${a} > ${b} ? 2 : ${c.use(helper)}(${a}, ${b})`,
    );
  };

/** Short numbers are passed and returned as bits. */
const short =
  (helper: string): Lower =>
  (c, v) => {
    const [a, b] = v.args.map((arg) => c.i32(arg)) as [Expression, Expression];
    const f = c.use(helper);
    c.bindF32(v, v.args.length === 1 ? expr`${f}(${a})` : expr`${f}(${a}, ${b})`);
  };

const shortCompare =
  (helper: string): Lower =>
  (c, v) => {
    const [a, b] = v.args.map((arg) => c.i32(arg)) as [Expression, Expression];
    c.bindI32(v, expr`${c.use(helper)}(${a}, ${b})`);
  };

/** Floating-point ops of ir/ops.ts, in the same order. */
export const LOWER_FLOAT: Partial<Record<OpName, Lower>> = {
  addF64: binary('addF64', (a, b) => expr`${a} + ${b}`, notFinite),
  subF64: binary('subF64', (a, b) => expr`${a} - ${b}`, notFinite),
  mulF64: binary('mulF64', (a, b) => expr`${a} * ${b}`, notOrdinary),
  divF64: binary('divF64', (a, b) => expr`${a} / ${b}`, notOrdinary),
  sqrtF64: (c, v) => {
    const a = c.f64(v.args[0]!);
    const t = name(`t${c.idOf(v)}`);
    c.emit(js`let ${t} = Math.sqrt(${a});
      if ((state[${FPC}] & ${INEXACT}) === 0 || ${t} - ${t} !== 0) ${t} = ${c.use('sqrtF64')}(${a});`);
    c.set(v, { kind: 'f64', expr: t });
  },
  fmaF64: fused('fmaF64'),
  fmsF64: fused('fmsF64'),
  addF32: short('addF32'),
  subF32: short('subF32'),
  mulF32: short('mulF32'),
  divF32: short('divF32'),
  sqrtF32: short('sqrtF32'),
  compareF64: compare('compareF64'),
  compareF32: shortCompare('compareF32'),
  compareSignalF64: compare('compareSignalF64'),
  compareSignalF32: shortCompare('compareSignalF32'),
  quietF64: (c, v) => {
    const a = c.f64(v.args[0]!);
    c.bindF64(v, expr`${a} === ${a} ? ${a} : ${c.use('quietF64')}(${a})`);
  },
  quietF32: short('quietF32'),
  extendF32: (c, v) => c.bindF64(v, expr`${c.use('extendF32')}(${c.i32(v.args[0]!)})`),
  fromI32F64: (c, v) => c.bindF64(v, expr`+${c.i32(v.args[0]!)}`),
  fromI64F64: (c, v) => {
    const { hi, lo } = c.pair(v.args[0]!);
    c.bindF64(v, expr`${c.use('fromI64F64')}(${hi}, ${lo})`);
  },
  toI32F64: (c, v) => c.bindI32(v, expr`${c.use('toI32F64')}(${c.f64(v.args[0]!)})`),
  toI64F64: (c, v) => c.bindWide(v, expr`${c.use('toI64F64')}(${c.f64(v.args[0]!)})`),
  negF64: sign('negF64', (a) => expr`-${a}`),
  absF64: sign('absF64', (a) => expr`Math.abs(${a})`),
  negAbsF64: sign('negAbsF64', (a) => expr`-Math.abs(${a})`),
  negF32: (c, v) => c.bindF32(v, expr`${c.i32(v.args[0]!)} ^ ${hexLiteral(0x80000000)}`),
  absF32: (c, v) => c.bindF32(v, expr`${c.i32(v.args[0]!)} & ${hexLiteral(0x7fffffff)}`),
  negAbsF32: (c, v) => c.bindF32(v, expr`${c.i32(v.args[0]!)} | ${hexLiteral(0x80000000)}`),
  bitsFromF64: (c, v) => c.bindWide(v, expr`${c.use('bitsFromF64')}(${c.f64(v.args[0]!)})`),
  f64FromBits: (c, v) => {
    const { hi, lo } = c.pair(v.args[0]!);
    c.bindF64(v, expr`${c.use('f64FromBits')}(${hi}, ${lo})`);
  },
};

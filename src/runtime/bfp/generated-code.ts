import { high } from '../../base/int64.ts';
import { FPC, type CpuState } from '../../cpu/state.ts';
import { ccSignFloat } from '../../base/condition-code.ts';
import { FPC_INEXACT } from './deliver.ts';
import { fma64Quick } from './fast.ts';
import { FLOAT_OPS, type FloatOpName } from './operations.ts';

/** Words of the register file, behind the interpreter's, where generated code passes operands. */
const RESULT = 4080;
const FIRST = 4084;
const SECOND = 4086;
const THIRD = 4088;

/**
 * The floating-point ops for generated code, which keeps doubles in locals and short numbers as
 * bits: operands go through words of the register file to the ops that the interpreter uses.
 */
export function createFloatHelpers(state: CpuState): Record<string, unknown> {
  const { words, doubles } = state;
  const floats = new Float32Array(words.buffer);
  const long = (op: FloatOpName) => {
    const run = FLOAT_OPS[op];
    return (a: number, b: number, c: number): number => {
      doubles[FIRST >> 1] = a;
      doubles[SECOND >> 1] = b;
      doubles[THIRD >> 1] = c;
      run(state, RESULT, FIRST, SECOND, THIRD);
      return doubles[RESULT >> 1]!;
    };
  };
  const fmaF64 = long('fmaF64');
  const fmsF64 = long('fmsF64');
  /** The quick way while inexact results need not be reported any more; `sign` is the addend's. */
  const fused =
    (exact: typeof fmaF64, sign: 1 | -1) =>
    (a: number, b: number, c: number): number => {
      const r = (words[FPC]! & FPC_INEXACT) === 0 ? NaN : fma64Quick(a, b, sign * c);
      return r === r ? r : exact(a, b, c);
    };
  const longToWord = (op: FloatOpName) => {
    const run = FLOAT_OPS[op];
    return (a: number, b: number): number => {
      doubles[FIRST >> 1] = a;
      doubles[SECOND >> 1] = b;
      run(state, RESULT, FIRST, SECOND, 0);
      return words[RESULT]!;
    };
  };
  const short = (op: FloatOpName) => {
    const run = FLOAT_OPS[op];
    return (a: number, b: number): number => {
      words[FIRST] = a;
      words[SECOND] = b;
      run(state, RESULT, FIRST, SECOND, 0);
      return words[RESULT]!;
    };
  };
  const onBits =
    (change: (high: number) => number) =>
    (a: number): number => {
      doubles[FIRST >> 1] = a;
      words[FIRST + 1] = change(words[FIRST + 1]!);
      return doubles[FIRST >> 1]!;
    };
  /** As CONVERT TO FIXED sets it: 3 when the integer does not fit. */
  const ccToInteger =
    (limit: number) =>
    (a: number): number => {
      const whole = Math.trunc(a);
      return whole >= -limit && whole < limit ? ccSignFloat(a) : 3;
    };
  return {
    addF64: long('addF64'),
    subF64: long('subF64'),
    mulF64: long('mulF64'),
    divF64: long('divF64'),
    sqrtF64: long('sqrtF64'),
    fmaF64: fused(fmaF64, 1),
    fmsF64: fused(fmsF64, -1),
    quietF64: long('quietF64'),
    compareF64: longToWord('compareF64'),
    compareSignalF64: longToWord('compareSignalF64'),
    addF32: short('addF32'),
    subF32: short('subF32'),
    mulF32: short('mulF32'),
    divF32: short('divF32'),
    sqrtF32: short('sqrtF32'),
    quietF32: short('quietF32'),
    compareF32: short('compareF32'),
    compareSignalF32: short('compareSignalF32'),
    roundF64: longToWord('roundF64'),
    toI32F64: longToWord('toI32F64'),
    extendF32(bits: number): number {
      words[FIRST] = bits;
      FLOAT_OPS.extendF32(state, RESULT, FIRST, 0, 0);
      return doubles[RESULT >> 1]!;
    },
    fromI64F64(hi: number, lo: number): number {
      words[FIRST] = lo;
      words[FIRST + 1] = hi;
      FLOAT_OPS.fromI64F64(state, RESULT, FIRST, 0, 0);
      return doubles[RESULT >> 1]!;
    },
    toI64F64(a: number): number {
      doubles[FIRST >> 1] = a;
      FLOAT_OPS.toI64F64(state, RESULT, FIRST, 0, 0);
      high.word = words[RESULT + 1]!;
      return words[RESULT]!;
    },
    ccToI32F64: ccToInteger(2 ** 31),
    ccToI64F64: ccToInteger(2 ** 63),
    negF64: onBits((h) => h ^ 0x80000000),
    absF64: onBits((h) => h & 0x7fffffff),
    negAbsF64: onBits((h) => h | 0x80000000),
    f64FromBits(hi: number, lo: number): number {
      words[FIRST] = lo;
      words[FIRST + 1] = hi;
      return doubles[FIRST >> 1]!;
    },
    bitsFromF64(a: number): number {
      doubles[FIRST >> 1] = a;
      high.word = words[FIRST + 1]!;
      return words[FIRST]!;
    },
    f32FromBits(bits: number): number {
      words[FIRST] = bits;
      return floats[FIRST]!;
    },
  };
}

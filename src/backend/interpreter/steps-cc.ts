import * as cc from '../../base/condition-code.ts';
import type { StepMaker } from './environment.ts';

type Compute = (...words: number[]) => number;

/** CC of i32 arguments. */
const of1 =
  (f: (x: number) => number): StepMaker =>
  ({ words: w }, d, a) =>
  () => {
    w[d] = f(w[a]!);
  };
const of2 =
  (f: (x: number, y: number) => number): StepMaker =>
  ({ words: w }, d, a, b) =>
  () => {
    w[d] = f(w[a]!, w[b]!);
  };
const of3 =
  (f: (x: number, y: number, z: number) => number): StepMaker =>
  ({ words: w }, d, a, b, c) =>
  () => {
    w[d] = f(w[a]!, w[b]!, w[c]!);
  };
/** CC of one or two i64 arguments, as high and low words. */
const pair1 =
  (f: (h: number, l: number) => number): StepMaker =>
  ({ words: w }, d, a) =>
  () => {
    w[d] = f(w[a + 1]!, w[a]!);
  };
const pair2 =
  (f: Compute): StepMaker =>
  ({ words: w }, d, a, b) =>
  () => {
    w[d] = f(w[a + 1]!, w[a]!, w[b + 1]!, w[b]!);
  };

/** Condition-code ops of ir/ops.ts, in the same order; `imm` carries a fourth argument's slot. */
export const CC_STEPS = {
  ccSign32: of1(cc.ccSign32),
  ccSign64: pair1(cc.ccSign64),
  ccZero32: of1(cc.ccZero32),
  ccZero64: pair1(cc.ccZero64),
  ccAdd32: of3(cc.ccAdd32),
  ccAdd64:
    ({ words: w }, d, a, b, c) =>
    () => {
      w[d] = cc.ccAdd64(w[a + 1]!, w[b + 1]!, w[c + 1]!, w[c]!);
    },
  ccSub32: of3(cc.ccSub32),
  ccSub64:
    ({ words: w }, d, a, b, c) =>
    () => {
      w[d] = cc.ccSub64(w[a + 1]!, w[b + 1]!, w[c + 1]!, w[c]!);
    },
  ccAddLogical32: of2(cc.ccAddLogical32),
  ccAddLogical64: pair2(cc.ccAddLogical64 as Compute),
  ccSubLogical32: of2(cc.ccSubLogical32),
  ccSubLogical64: pair2(cc.ccSubLogical64 as Compute),
  ccAddCarry32:
    ({ words: w }, d, a, b, c, fourth) =>
    () => {
      w[d] = cc.ccAddCarry32(w[a]!, w[b]!, w[c]!, w[fourth]!);
    },
  ccAddCarry64:
    ({ words: w }, d, _a, b, c, fourth) =>
    () => {
      w[d] = cc.ccAddCarry64(w[b + 1]!, w[b]!, w[c]!, w[fourth + 1]!, w[fourth]!);
    },
  ccSubBorrow32:
    ({ words: w }, d, a, b, c, fourth) =>
    () => {
      w[d] = cc.ccSubBorrow32(w[a]!, w[b]!, w[c]!, w[fourth]!);
    },
  ccSubBorrow64:
    ({ words: w }, d, a, b, c, fourth) =>
    () => {
      w[d] = cc.ccSubBorrow64(
        w[a + 1]!,
        w[a]!,
        w[b + 1]!,
        w[b]!,
        w[c]!,
        w[fourth + 1]!,
        w[fourth]!,
      );
    },
  ccCompare32s: of2(cc.ccCompare32s),
  ccCompare32u: of2(cc.ccCompare32u),
  ccCompare64s: pair2(cc.ccCompare64s as Compute),
  ccCompare64u: pair2(cc.ccCompare64u as Compute),
  ccTestMask: of2(cc.ccTestMask),
  ccTestMaskByte: of2(cc.ccTestMaskByte),
  ccInsert: of2(cc.ccInsert),
  ccSignF64:
    ({ words: w, doubles: f }, d, a) =>
    () => {
      w[d] = cc.ccSignFloat(f[a >> 1]!);
    },
  ccSignF32:
    ({ words: w, floats: f }, d, a) =>
    () => {
      w[d] = cc.ccSignFloat(f[a]!);
    },
  ccCompareF64:
    ({ words: w, doubles: f }, d, a, b) =>
    () => {
      w[d] = cc.ccCompareFloat(f[a >> 1]!, f[b >> 1]!);
    },
  ccCompareF32:
    ({ words: w, floats: f }, d, a, b) =>
    () => {
      w[d] = cc.ccCompareFloat(f[a]!, f[b]!);
    },
  ccToI32F64:
    ({ words: w, doubles: f }, d, a) =>
    () => {
      w[d] = cc.ccToI32(f[a >> 1]!);
    },
  ccToI64F64:
    ({ words: w, doubles: f }, d, a) =>
    () => {
      w[d] = cc.ccToI64(f[a >> 1]!);
    },
  ccTest:
    ({ words: w }, d, a, _b, _c, mask) =>
    () => {
      w[d] = (mask >> (3 - w[a]!)) & 1;
    },
} satisfies Record<string, StepMaker>;

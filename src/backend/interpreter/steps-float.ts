import { FLOAT_OPS } from '../../runtime/bfp/operations.ts';
import type { FloatOpName } from '../../runtime/bfp/operations.ts';
import type { StepMaker } from './environment.ts';

/** Floating-point ops run on slots: FPC rules and the quick paths are in the run-time library. */
const floatStep =
  (op: FloatOpName): StepMaker =>
  ({ state }, d, a, b, c) => {
    const run = FLOAT_OPS[op];
    return () => {
      run(state, d, a, b, c);
    };
  };

const arithmetic = Object.fromEntries(
  (Object.keys(FLOAT_OPS) as FloatOpName[]).map((op) => [op, floatStep(op)]),
) as Record<FloatOpName, StepMaker>;

export const FLOAT_STEPS = {
  ...arithmetic,
  // `imm` names the register that takes the right word of a trapped, long result.
  roundF64:
    ({ state }, d, a, _b, _c, imm) =>
    () => {
      FLOAT_OPS.roundF64(state, d, a, imm, 0);
    },
  fromI32F64:
    ({ words: w, doubles: f }, d, a) =>
    () => {
      f[d >> 1] = w[a]!;
    },
  negF64:
    ({ words: w }, d, a) =>
    () => {
      w[d] = w[a]!;
      w[d + 1] = w[a + 1]! ^ 0x80000000;
    },
  absF64:
    ({ words: w }, d, a) =>
    () => {
      w[d] = w[a]!;
      w[d + 1] = w[a + 1]! & 0x7fffffff;
    },
  negAbsF64:
    ({ words: w }, d, a) =>
    () => {
      w[d] = w[a]!;
      w[d + 1] = w[a + 1]! | 0x80000000;
    },
  negF32:
    ({ words: w }, d, a) =>
    () => {
      w[d] = w[a]! ^ 0x80000000;
    },
  absF32:
    ({ words: w }, d, a) =>
    () => {
      w[d] = w[a]! & 0x7fffffff;
    },
  negAbsF32:
    ({ words: w }, d, a) =>
    () => {
      w[d] = w[a]! | 0x80000000;
    },
} satisfies Record<string, StepMaker>;

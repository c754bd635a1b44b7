import type { StepMaker } from './environment.ts';
import { CC_STEPS } from './steps-cc.ts';
import { FLOAT_STEPS } from './steps-float.ts';
import { INTEGER_STEPS } from './steps-integer.ts';
import { ACCESS_STEPS, FLOAT_ACCESS_STEPS, MEMORY_STEPS } from './steps-memory.ts';

/** How the steps of ops are made, by op. */
export const STEPS: Partial<Record<string, StepMaker>> = {
  ...INTEGER_STEPS,
  ...CC_STEPS,
  ...MEMORY_STEPS,
  ...FLOAT_STEPS,
};

/** Loads and stores, which take base and displacement apart. */
export const ACCESSES: Partial<Record<string, StepMaker>> = {
  ...ACCESS_STEPS,
  ...FLOAT_ACCESS_STEPS,
};

import type { StepMaker } from './environment.ts';
import { CC_STEPS } from './steps-cc.ts';
import { DAT_ACCESS_STEPS, DAT_FLOAT_ACCESS_STEPS, DAT_MEMORY_STEPS } from './steps-dat.ts';
import { FLOAT_STEPS } from './steps-float.ts';
import { INTEGER_STEPS } from './steps-integer.ts';
import { ACCESS_STEPS, FLOAT_ACCESS_STEPS, MEMORY_STEPS } from './steps-memory.ts';

export type StepTable = Readonly<Partial<Record<string, StepMaker>>>;

/** How the steps of ops are made, by op: for flat storage. */
export const STEPS: StepTable = {
  ...INTEGER_STEPS,
  ...CC_STEPS,
  ...MEMORY_STEPS,
  ...FLOAT_STEPS,
};

/** Loads and stores, which take base and displacement apart. */
export const ACCESSES: StepTable = {
  ...ACCESS_STEPS,
  ...FLOAT_ACCESS_STEPS,
};

/** The same for storage behind DAT. */
export const DAT_STEPS: StepTable = { ...STEPS, ...DAT_MEMORY_STEPS };

export const DAT_ACCESSES: StepTable = { ...DAT_ACCESS_STEPS, ...DAT_FLOAT_ACCESS_STEPS };

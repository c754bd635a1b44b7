import type { CpuState } from '../../cpu/state.ts';
import { DatStorage } from '../../memory/dat-storage.ts';
import type { GuestStorage } from '../../memory/guest-storage.ts';
import type { HelperContext } from '../../runtime/context.ts';
import { ConstantPool } from './constants.ts';

/**
 * What steps are closed over. IR values live in the words of the register file behind the
 * architected fields, so one set of typed arrays holds both registers and temporaries: a `slot` is
 * an even word index, low word first; an f32 keeps its bits in the slot's first word.
 */
export interface Environment {
  readonly state: CpuState;
  readonly memory: GuestStorage;
  /** Whether storage is behind DAT. */
  readonly dat: boolean;
  readonly context: HelperContext;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly floats: Float32Array;
  readonly doublewords: BigUint64Array;
  readonly constants: ConstantPool;
}

/** One IR op made ready to run. */
export type Step = () => void;

/** Makes the step of one op: destination slot, argument slots, `imm`. */
export type StepMaker = (
  env: Environment,
  d: number,
  a: number,
  b: number,
  c: number,
  imm: number,
) => Step;

export function createEnvironment(context: HelperContext): Environment {
  const { state, memory } = context;
  return {
    state,
    memory,
    dat: memory instanceof DatStorage,
    context,
    words: state.words,
    doubles: state.doubles,
    floats: new Float32Array(state.words.buffer),
    doublewords: state.u64,
    constants: new ConstantPool(state.words),
  };
}

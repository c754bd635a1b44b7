import type { Instruction } from '../../src/isa/section.ts';
import { findMnemonic } from '../../src/isa/table.ts';
import { type MachineState, TARGET_AT } from '../drivers/state.ts';
import { IMPLICIT } from './implicit.ts';
import type { FuzzProgram, Step } from './program.ts';
import type { Random } from './random.ts';
import {
  ADDRESS_BRANCH,
  alignmentOf,
  isBranch,
  NUMBER_OPERAND,
  REGISTER_BRANCH,
  RELATIVE_BRANCH,
  RESUMED,
} from './traits.ts';
import { pointer } from './values.ts';

type Fields = Readonly<Record<string, number>>;

export interface Single {
  readonly program: FuzzProgram;
  /** Sets the registers (and storage) that the instruction takes as addresses and lengths. */
  readonly prepare: (state: MachineState) => void;
}

export function storageTarget(mnemonic: string, random: Random): number {
  const address = pointer(random);
  const unit = alignmentOf(mnemonic);
  const aligned = unit > 4 ? !random.oneIn(12) : random.oneIn(3);
  return aligned ? address - (address % unit) : address;
}

/** Makes the address operand D(X,B) come out at `target` by setting a register. */
function place(state: MachineState, fields: Fields, n: string, target: number): void {
  const base = fields[`b${n}`]!;
  const index = fields[`x${n}`] ?? 0;
  const distance = BigInt(target) - BigInt(fields[`d${n}`]!);
  if (base !== 0 && base !== index) {
    state.setGr(base, distance - (index !== 0 ? state.gr(index) : 0n));
  } else if (base !== 0) {
    state.setGr(base, distance >> 1n);
  } else if (index !== 0) {
    state.setGr(index, distance);
  }
}

/** Puts the storage operands and implied addresses of a step where storage is. */
function placeAll(state: MachineState, { instruction, fields }: Step, random: Random): void {
  const { mnemonic } = instruction;
  IMPLICIT[mnemonic]?.(state, fields, random);
  if (NUMBER_OPERAND.test(mnemonic)) return;
  for (const n of ['1', '2', '3', '4']) {
    if (`b${n}` in fields && `d${n}` in fields) {
      place(state, fields, n, storageTarget(mnemonic, random));
    }
  }
}

function relativeStep(instruction: Instruction, fields: Fields, random: Random): Step {
  const { mnemonic } = instruction;
  if (RELATIVE_BRANCH.test(mnemonic)) {
    const field = 'ri4' in fields ? 'ri4' : 'ri2';
    return { instruction, fields, relative: { field, skip: true } };
  }
  if (mnemonic === 'EXRL') return { instruction, fields, relative: { field: 'ri2', target: true } };
  if ('ri2' in fields && !/^BPR?P$/.test(mnemonic)) {
    const address = storageTarget(mnemonic, random) & (random.oneIn(10) ? ~1 : ~7);
    return { instruction, fields, relative: { field: 'ri2', address } };
  }
  return { instruction, fields };
}

/**
 * A program around one instruction, for `at`: a marker that a taken branch jumps over, a branch back
 * for instructions that stop early, the target of EXECUTE.
 */
export function singleProgram(
  instruction: Instruction,
  fields: Fields,
  at: number,
  random: Random,
  target?: Step,
): Single {
  const { mnemonic, format } = instruction;
  const step = relativeStep(instruction, fields, random);
  const steps: Step[] = [step];
  const marker = findMnemonic('SAR')!;
  if (isBranch(mnemonic)) steps.push({ instruction: marker, fields: { r1: 7, r2: 7 } });
  if (RESUMED.test(mnemonic)) {
    const back = findMnemonic('BRC')!;
    steps.push({ instruction: back, fields: { m1: 1 }, relative: { field: 'ri2', step: 0 } });
  }
  const label = at + format.length + marker.format.length;
  const prepare = (state: MachineState): void => {
    if (target) placeAll(state, target, random);
    if (REGISTER_BRANCH.test(mnemonic)) {
      if (fields.r2 !== 0) state.setGr(fields.r2!, BigInt(label));
    } else if (ADDRESS_BRANCH.test(mnemonic)) {
      place(state, fields, 'd4' in fields ? '4' : '2', label);
    } else if (mnemonic === 'EX') {
      place(state, fields, '2', at + TARGET_AT);
    } else if (mnemonic === 'BIC') {
      // The address is in storage: every doubleword of the windows holds it.
      const view = new DataView(state.memory.buffer, state.memory.byteOffset);
      for (let i = 0; i < state.memory.length; i += 8) view.setBigUint64(i, BigInt(label));
      place(state, fields, '2', pointer(random) & ~7);
    } else placeAll(state, step, random);
  };
  return { program: { steps, target }, prepare };
}

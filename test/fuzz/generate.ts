import type { Instruction } from '../../src/isa/section.ts';
import { registerKind } from '../../src/isa/syntax.ts';
import { findMnemonic, INSTRUCTIONS } from '../../src/isa/table.ts';
import { CODE_AREA, CODE_STRIDE, type MachineState } from '../drivers/state.ts';
import { randomFields } from './encoding.ts';
import { IMPLICIT } from './implicit.ts';
import type { FuzzProgram, Step } from './program.ts';
import type { Random } from './random.ts';
import { singleProgram, storageTarget } from './single.ts';
import {
  floatFormat,
  isBranch,
  isFloat,
  NOT_GENERATED,
  NUMBER_OPERAND,
  PAIRS,
  RESUMED,
  SINGLE_REGISTERS,
} from './traits.ts';
import { fillFloats, fillFpr, pointer, randomState } from './values.ts';

type Fields = Record<string, number>;

export interface Candidate {
  readonly program: FuzzProgram;
  /** Starting states; the program's code is the same for all. */
  readonly states: MachineState[];
}

/** Draws programs and states from the declared table. */
export class Generator {
  readonly #random: Random;
  readonly #pool: readonly Instruction[];
  readonly #sequencePool: readonly Instruction[];

  constructor(random: Random, only?: RegExp) {
    this.#random = random;
    const wanted = INSTRUCTIONS.filter(
      ({ mnemonic, privileged }) => !privileged && !(mnemonic in NOT_GENERATED),
    );
    const chosen = only ? wanted.filter(({ mnemonic }) => only.test(mnemonic)) : wanted;
    if (chosen.length === 0) throw new Error(`no declared instruction matches ${only}`);
    this.#pool = chosen;
    const simple = (i: Instruction): boolean =>
      !(i.mnemonic in IMPLICIT) &&
      !isBranch(i.mnemonic) &&
      !/^(EX|EXRL|SAM..|BPR?P|LMD|LPDG?|EPSW|MC|ECAG)$/.test(i.mnemonic);
    const sequence = chosen.filter(simple);
    this.#sequencePool = sequence.length > 0 ? sequence : wanted.filter(simple);
  }

  /** A single instruction, a sequence or a loop, with `states` starting states. */
  candidate(slot: number, states: number, mode: 'single' | 'sequence' | 'loop'): Candidate {
    const at = CODE_AREA + slot * CODE_STRIDE;
    switch (mode) {
      case 'single':
        return this.#single(at, states);
      case 'sequence':
        return this.#sequence(states);
      case 'loop':
        return this.#loop(states);
    }
  }

  // ---- one instruction, all of its operands ----

  #fields(instruction: Instruction): Fields {
    const random = this.#random;
    const { mnemonic } = instruction;
    const fields = randomFields(instruction, random);
    const even = PAIRS.test(mnemonic) && !random.oneIn(10);
    const extended = isFloat(instruction) && /X/.test(mnemonic) && !random.oneIn(10);
    for (const name of ['r1', 'r2', 'r3']) {
      if (fields[name] === undefined) continue;
      if (even) fields[name]! &= 14;
      if (extended) fields[name]! &= 13;
    }
    // The same pair twice is unpredictable.
    if (RESUMED.test(mnemonic) && 'r2' in fields && !SINGLE_REGISTERS.test(mnemonic)) {
      if ((fields.r1! & 14) === (fields.r2! & 14)) fields.r2! ^= 2 << random.below(3);
    }
    if (mnemonic === 'CKSM' && (fields.r1! & 14) === (fields.r2! & 14)) fields.r1! ^= 2;
    if (isFloat(instruction)) {
      if (fields.m3 !== undefined && !random.oneIn(8))
        fields.m3 = random.pick([0, 1, 3, 4, 5, 6, 7]);
      if (fields.m4 !== undefined && !random.oneIn(8)) fields.m4 = random.pick([0, 4]);
    }
    return fields;
  }

  #state(instruction: Instruction): MachineState {
    const random = this.#random;
    const state = randomState(random);
    if (isFloat(instruction) && !random.oneIn(5)) {
      fillFpr(state, random, floatFormat(instruction.mnemonic));
      if (instruction.format.fields.some(({ name }) => name === 'd2') && !random.oneIn(4)) {
        fillFloats(state.memory, random, floatFormat(instruction.mnemonic));
      }
    }
    return state;
  }

  #single(at: number, count: number): Candidate {
    const random = this.#random;
    const instruction = random.pick(this.#pool);
    const fields = this.#fields(instruction);
    let target: Step | undefined;
    if (/^EX(RL)?$/.test(instruction.mnemonic)) {
      target = this.#executed(fields);
      // Another opcode than the drawn one would be executed if bits 8-15 belonged to it.
      const [first] = target.instruction.format.opcode;
      if (first!.width > 8 || random.oneIn(3)) fields.r1 = 0;
    }
    const { program, prepare } = singleProgram(instruction, fields, at, random, target);
    const states = Array.from({ length: count }, () => {
      const state = this.#state(target?.instruction ?? instruction);
      prepare(state);
      return state;
    });
    return { program, states };
  }

  /** A target for EXECUTE: mostly what is executed in practice. */
  #executed(execute: Fields): Step {
    const random = this.#random;
    const usual = ['MVC', 'CLC', 'XC', 'NC', 'OC', 'TR', 'TRT', 'MVI', 'TM', 'CLI', 'PACK', 'UNPK'];
    const found = findMnemonic(random.pick(usual));
    const instruction = found && !random.oneIn(4) ? found : random.pick(this.#sequencePool);
    const fields = this.#fields(instruction);
    // Registers of EXECUTE's own address point to code, where drivers differ.
    const taken = [execute.b2, execute.x2];
    for (const name of ['b1', 'b2', 'x2']) {
      while (fields[name] && taken.includes(fields[name])) fields[name] = random.below(16);
    }
    return { instruction, fields };
  }

  // ---- sequences: registers 10-13 point to storage and 9 is a small index ----

  #sequenceStep(): Step {
    const random = this.#random;
    for (;;) {
      const instruction = random.pick(this.#sequencePool);
      const { mnemonic } = instruction;
      const fields = this.#fields(instruction);
      for (const name of ['r1', 'r2', 'r3']) {
        if (fields[name] === undefined) continue;
        if (name === 'r2' && random.oneIn(6)) fields[name] = 8 + random.below(6);
        else if (registerKind(instruction, name) === 'r') fields[name]! &= 7;
      }
      // LOAD MULTIPLE must not reach the pointers.
      if ('r3' in fields && fields.r3! < fields.r1!) {
        [fields.r1, fields.r3] = [fields.r3!, fields.r1!];
      }
      if (!NUMBER_OPERAND.test(mnemonic)) {
        for (const n of ['1', '2', '3', '4']) {
          if (!(`b${n}` in fields)) continue;
          fields[`b${n}`] = 10 + random.below(4);
          fields[`d${n}`] = random.below(random.oneIn(3) ? 64 : 200) & (random.oneIn(2) ? ~7 : ~0);
        }
        if ('x2' in fields) fields.x2 = random.oneIn(4) ? 9 : 0;
      } else if (/^LA/.test(mnemonic)) fields.r1 = random.below(8);
      if ('ri2' in fields) {
        const address = storageTarget(mnemonic, random) & ~15;
        return { instruction, fields, relative: { field: 'ri2', address } };
      }
      return { instruction, fields };
    }
  }

  #sequenceState(): MachineState {
    const random = this.#random;
    const state = randomState(random);
    // Generated code expects registers to hold sign-extended words and leaves where they do not.
    if (random.oneIn(2)) {
      for (let r = 0; r < 16; r++) state.setGr(r, BigInt.asIntN(32, state.gr(r)));
    }
    for (let r = 10; r < 14; r++) state.setGr(r, BigInt(pointer(random)));
    if (!random.oneIn(6)) state.setGr(13, BigInt(pointer(random) & ~7));
    state.setGr(9, BigInt(random.below(100)));
    return state;
  }

  #sequence(count: number): Candidate {
    const random = this.#random;
    const length = 2 + random.below(random.oneIn(4) ? 8 : 5);
    const steps = Array.from({ length }, () => this.#sequenceStep());
    // Sometimes a branch over the next step, on what the steps before left as condition code.
    for (let n = random.below(6); n < 2; n++) {
      steps.splice(1 + random.below(steps.length - 1), 0, this.#skip());
    }
    return {
      program: { steps },
      states: Array.from({ length: count }, () => this.#sequenceState()),
    };
  }

  #skip(): Step {
    const random = this.#random;
    const mnemonic = random.pick(['BRC', 'BRC', 'CGRJ', 'CLRJ', 'CIJ']);
    const instruction = findMnemonic(mnemonic)!;
    const fields = this.#fields(instruction);
    const field = mnemonic === 'BRC' ? 'ri2' : 'ri4';
    return { instruction, fields, relative: { field, skip: true } };
  }

  /** Counts register 14 down; pointers may move along. */
  #loop(count: number): Candidate {
    const random = this.#random;
    const body = Array.from({ length: 1 + random.below(4) }, () => this.#sequenceStep());
    if (random.oneIn(3)) body.splice(random.below(body.length), 0, this.#skip());
    if (random.oneIn(2)) {
      const fields = { r1: 10 + random.below(4), i2: random.pick([1, 4, 8, 16, -8]) };
      body.push({ instruction: findMnemonic('AGHI')!, fields });
    }
    const steps: Step[] = [
      {
        instruction: findMnemonic('LGHI')!,
        fields: { r1: 14, i2: random.oneIn(4) ? 1 : 2 + random.below(12) },
      },
      ...body,
      {
        instruction: findMnemonic(random.pick(['BRCTG', 'BRCT']))!,
        fields: { r1: 14 },
        relative: { field: 'ri2', step: 1 },
      },
    ];
    return {
      program: { steps },
      states: Array.from({ length: count }, () => this.#sequenceState()),
    };
  }
}

import type { Instruction } from '../../src/isa/section.ts';
import { registerKind } from '../../src/isa/syntax.ts';
import { findMnemonic, INSTRUCTIONS } from '../../src/isa/table.ts';
import { CODE_AREA, CODE_STRIDE, type MachineState, TARGET_AT } from '../drivers/state.ts';
import { randomFields } from './encoding.ts';
import { IMPLICIT } from './implicit.ts';
import type { FuzzProgram, Step } from './program.ts';
import type { Random } from './random.ts';
import { fillFpr, fillFloats, pointer, randomState } from './values.ts';

type Fields = Record<string, number>;

/** Never generated. */
const NOT_GENERATED: Readonly<Record<string, string>> = {
  SVC: 'ends a case',
};

/** D2(B2) is a number, not an address. */
const NUMBER_OPERAND = /^(S[LR](D?[AL])[KG]?|RLLG?|SRNM[BT]?|LAE?Y?|ECAG|MVCL[EU]|CLCL[EU])$/;
/** Relative branches. */
const RELATIVE_BRANCH = /^(BRC.?|BRCT.|BRASL?|BRX.*|C[GL]*[RI]J)$/;
/** Branches to an address operand, or to the address in R2. */
const ADDRESS_BRANCH = /^(BC|BAL|BAS|BCTG?|BXHG?|BXLEG?|C[GL]*[RI]B)$/;
const REGISTER_BRANCH = /^(BCR|BALR|BASR|BCTR|BCTGR|BASSM|BSM)$/;
/** CC 3 says that they are not done: a branch back makes every driver finish. */
const RESUMED =
  /^(MVCLE|MVCLU|CLCLE|CLCLU|MVST|CLST|SRSTU?|CKSM|TRE|TR[OT][OT]|TRTR?E|CU\d\d|CUSE|KM.*|K[IL]MD|PRNO|PCC)$/;
/** Their registers should mostly be even. */
const PAIRS =
  /^(DR?|DL.*|DS.*|MR?|MFY|ML.*|MG|MGRK|S[LR]D[AL]|LPQ|STPQ|CDS.*|MVCL.*|CLCL.*|LPDG?|CKSM|TRE|TR[OT][OT]|TRTR?E|CU\d\d|CUSE|PLO|FLOGR|K.*|PRNO)$/;
/** Storage operands that must be aligned, with the alignment. */
const ALIGNMENT: readonly (readonly [RegExp, number])[] = [
  [/^(CDSG|LPQ|STPQ|CSST|PLO)$/, 16],
  [/^(CSG|CDSY?|LA(A|AL|N|O|X)G|LPDG|STFLE|LGRL|CGRL|CLGRL|STGRL|LGFRL)$/, 8],
  [/./, 4],
];

function alignmentOf(mnemonic: string): number {
  return ALIGNMENT.find(([pattern]) => pattern.test(mnemonic))![1];
}

/** Works on BFP numbers: opcodes B3xx and EDxx. */
function isFloat({ opcode, format }: Instruction): boolean {
  const width = format.opcode.reduce((sum, slot) => sum + slot.width, 0);
  const first = Math.floor(opcode / 2 ** (width - 8));
  return first === 0xb3 || first === 0xed;
}

/** Format of the numbers an FP instruction reads: the letter before B or BR. */
function floatFormat(mnemonic: string): 'short' | 'long' | 'extended' {
  const letter = /([EDX])BR?A?$/.exec(mnemonic)?.[1];
  return letter === 'E' ? 'short' : letter === 'X' ? 'extended' : 'long';
}

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
  readonly #marker = findMnemonic('SAR')!;

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
      !RELATIVE_BRANCH.test(i.mnemonic) &&
      !ADDRESS_BRANCH.test(i.mnemonic) &&
      !REGISTER_BRANCH.test(i.mnemonic) &&
      !/^(EX|EXRL|BIC|SAM..|BPR?P|LMD|LPDG?|EPSW|MC|ECAG)$/.test(i.mnemonic);
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
    if (RESUMED.test(mnemonic) && 'r2' in fields && !/^(CKSM|SRSTU?|CLST|MVST)$/.test(mnemonic)) {
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
      if ('d2' in instruction.format && !random.oneIn(4)) {
        fillFloats(state.memory, random, floatFormat(instruction.mnemonic));
      }
    }
    return state;
  }

  #storageTarget(mnemonic: string): number {
    const address = pointer(this.#random);
    const unit = alignmentOf(mnemonic);
    const aligned = unit > 4 ? !this.#random.oneIn(12) : this.#random.oneIn(3);
    return aligned ? address - (address % unit) : address;
  }

  /** Makes the address operand D(X,B) come out at `target` by setting a register. */
  #place(state: MachineState, fields: Fields, n: string, target: number): void {
    const base = fields[`b${n}`]!;
    const index = fields[`x${n}`] ?? 0;
    const displacement = BigInt(fields[`d${n}`]!);
    if (base !== 0 && base !== index) {
      const indexed = index !== 0 ? state.gr(index) : 0n;
      state.setGr(base, BigInt(target) - displacement - indexed);
    } else if (base === 0 && index !== 0) {
      state.setGr(index, BigInt(target) - displacement);
    } else if (base !== 0) {
      const half = (BigInt(target) - displacement) >> 1n;
      state.setGr(base, half);
    }
  }

  #single(at: number, count: number): Candidate {
    const random = this.#random;
    const instruction = random.pick(this.#pool);
    const { mnemonic, format } = instruction;
    const fields = this.#fields(instruction);
    const marker: Step = { instruction: this.#marker, fields: { r1: 7, r2: 7 } };
    const label = at + format.length + this.#marker.format.length;
    let step: Step = { instruction, fields };
    const steps: Step[] = [];
    let target: Step | undefined;
    if (RELATIVE_BRANCH.test(mnemonic)) {
      const field = 'ri4' in fields ? 'ri4' : 'ri2';
      step = { instruction, fields, relative: { field, skip: true } };
    } else if (mnemonic === 'EXRL') {
      step = { instruction, fields, relative: { field: 'ri2', target: true } };
    } else if ('ri2' in fields && !/^BPR?P$/.test(mnemonic)) {
      const address = this.#storageTarget(mnemonic) & (random.oneIn(10) ? ~1 : ~7);
      step = { instruction, fields, relative: { field: 'ri2', address } };
    }
    steps.push(step);
    const branches =
      RELATIVE_BRANCH.test(mnemonic) ||
      ADDRESS_BRANCH.test(mnemonic) ||
      REGISTER_BRANCH.test(mnemonic) ||
      mnemonic === 'BIC';
    if (branches) steps.push(marker);
    if (RESUMED.test(mnemonic)) {
      const back = findMnemonic('BRC')!;
      steps.push({ instruction: back, fields: { m1: 1 }, relative: { field: 'ri2', step: 0 } });
    }
    if (/^EX(RL)?$/.test(mnemonic)) {
      target = this.#executed();
      if (target.instruction.format.length > 2) fields.r1 = random.oneIn(3) ? 0 : fields.r1!;
    }
    const states = Array.from({ length: count }, () => {
      const state = this.#state(target?.instruction ?? instruction);
      if (target) this.#placeAll(state, target);
      if (REGISTER_BRANCH.test(mnemonic)) {
        if (fields.r2 !== 0) state.setGr(fields.r2!, BigInt(label));
      } else if (ADDRESS_BRANCH.test(mnemonic)) {
        this.#place(state, fields, 'd4' in fields ? '4' : '2', label);
      } else if (mnemonic === 'EX') {
        this.#place(state, fields, '2', at + TARGET_AT);
      } else this.#placeAll(state, step);
      if (mnemonic === 'BIC') {
        // The address is in storage: every doubleword of the windows holds it.
        const view = new DataView(state.memory.buffer, state.memory.byteOffset);
        for (let i = 0; i < state.memory.length; i += 8) view.setBigUint64(i, BigInt(label));
        this.#place(state, fields, '2', pointer(random) & ~7);
      }
      return state;
    });
    return { program: { steps, target }, states };
  }

  /** A target for EXECUTE: mostly what is executed in practice. */
  #executed(): Step {
    const random = this.#random;
    const usual = ['MVC', 'CLC', 'XC', 'NC', 'OC', 'TR', 'TRT', 'MVI', 'TM', 'CLI', 'PACK', 'UNPK'];
    const found = findMnemonic(random.pick(usual));
    const instruction = found && !random.oneIn(4) ? found : random.pick(this.#sequencePool);
    return { instruction, fields: this.#fields(instruction) };
  }

  /** Puts the storage operands and implied addresses of a step where storage is. */
  #placeAll(state: MachineState, { instruction, fields }: Step): void {
    const { mnemonic } = instruction;
    IMPLICIT[mnemonic]?.(state, fields, this.#random);
    if (NUMBER_OPERAND.test(mnemonic)) return;
    for (const n of ['1', '2', '3', '4']) {
      if (`b${n}` in fields && `d${n}` in fields) {
        this.#place(state, fields, n, this.#storageTarget(mnemonic));
      }
    }
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
        const address = this.#storageTarget(mnemonic) & ~15;
        return { instruction, fields, relative: { field: 'ri2', address } };
      }
      return { instruction, fields };
    }
  }

  #sequenceState(): MachineState {
    const random = this.#random;
    const state = randomState(random);
    for (let r = 10; r < 14; r++) state.setGr(r, BigInt(pointer(random)));
    if (!random.oneIn(6)) state.setGr(13, BigInt(pointer(random) & ~7));
    state.setGr(9, BigInt(random.below(100)));
    return state;
  }

  #sequence(count: number): Candidate {
    const random = this.#random;
    const steps = Array.from({ length: 2 + random.below(5) }, () => this.#sequenceStep());
    // Sometimes a branch over the next step, on what the steps before left as condition code.
    if (random.oneIn(3)) steps.splice(1 + random.below(steps.length - 1), 0, this.#skip());
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

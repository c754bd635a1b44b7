import type { MachineState } from '../drivers/state.ts';
import type { Random } from './random.ts';
import { pointer } from './values.ts';

type Fields = Readonly<Record<string, number>>;
type Setup = (state: MachineState, fields: Fields, random: Random) => void;

/** A length that mostly stays in a window. */
function length(random: Random): number {
  return random.oneIn(8) ? random.below(700) : random.oneIn(6) ? 0 : random.below(96);
}

function setPointer(state: MachineState, r: number, random: Random, align = 1): void {
  const address = pointer(random);
  state.setGr(r & 15, BigInt(address - (address % align)));
}

/** Address in r, length in r + 1. */
function setPair(state: MachineState, r: number, random: Random, unit = 1): void {
  setPointer(state, r, random);
  const bytes = length(random);
  state.setGr((r + 1) & 15, BigInt(random.oneIn(8) ? bytes : bytes - (bytes % unit)));
}

/** A byte or halfword to search for: often one that is there. */
function character(state: MachineState, random: Random): bigint {
  return BigInt(random.oneIn(3) ? random.below(256) : state.memory[random.below(768)]!);
}

const moveLong: Setup = (state, { r1, r2 }, random) => {
  for (const r of [r1!, r2!]) {
    setPointer(state, r, random);
    const noise = random.oneIn(2) ? BigInt(random.next()) << 32n : 0n;
    const pad = BigInt(random.below(256)) << 24n;
    state.setGr((r + 1) & 15, noise | pad | BigInt(length(random)));
  }
};

const longExtended: Setup = (state, { r1, r3 }, random) => {
  setPair(state, r1!, random, 2);
  setPair(state, r3!, random, 2);
};

const string: Setup = (state, { r1, r2 }, random) => {
  setPointer(state, r1!, random);
  setPointer(state, r2!, random);
  state.setGr(0, character(state, random) | (random.oneIn(12) ? 0x100n : 0n));
};

const search: Setup = (state, { r1, r2 }, random) => {
  setPointer(state, r2!, random);
  state.setGr(r1!, state.gr(r2!) + BigInt(length(random)));
  state.setGr(0, character(state, random) | (random.oneIn(12) ? 0x1_0000n : 0n));
};

const convert: Setup = (state, { r1, r2 }, random) => {
  setPair(state, r1!, random, 4);
  setPair(state, r2!, random, 4);
};

const translate: Setup = (state, { r1, r2 }, random) => {
  setPair(state, r1!, random, 2);
  setPointer(state, r2!, random);
  setPointer(state, 1, random, 8);
  state.setGr(0, character(state, random));
};

const interlocked: Setup = (state, { r1, r3 }, random) => {
  // Half of the comparisons should find what they expect.
  if (random.oneIn(2)) return;
  const value = new DataView(state.memory.buffer, state.memory.byteOffset).getBigUint64(0);
  for (let i = 8; i < state.memory.length; i++) state.memory[i] = state.memory[i & 7]!;
  const low = value & 0xffff_ffffn;
  state.setGr(r1!, random.oneIn(2) ? value : (state.gr(r1!) & ~0xffff_ffffn) | low);
  if ((r1! & 1) === 0) state.setGr(r1! + 1, random.oneIn(2) ? value : low);
  state.setGr(r3!, random.next64());
};

const crypto: Setup = (state, { r1, r2 }, random) => {
  state.setGr(0, BigInt(random.oneIn(2) ? 0 : random.below(256)));
  setPointer(state, 1, random);
  setPair(state, r1!, random, 8);
  setPair(state, r2!, random, 8);
};

/** Registers that an instruction uses as addresses and lengths without an operand saying so. */
export const IMPLICIT: Readonly<Record<string, Setup>> = {
  MVCL: moveLong,
  CLCL: moveLong,
  MVCLE: longExtended,
  CLCLE: longExtended,
  MVCLU: longExtended,
  CLCLU: longExtended,
  MVST: string,
  CLST: string,
  SRST: search,
  SRSTU: search,
  CUSE: (state, fields, random) => {
    convert(state, fields, random);
    state.setGr(0, BigInt(random.below(24)));
    state.setGr(1, BigInt(random.below(256)));
  },
  CKSM: (state, { r2 }, random) => setPair(state, r2!, random),
  TRE: (state, fields, random) => {
    translate(state, fields, random);
    setPointer(state, fields.r2!, random);
  },
  TRTE: translate,
  TRTRE: translate,
  TROO: translate,
  TROT: translate,
  TRTO: translate,
  TRTT: translate,
  CU12: convert,
  CU14: convert,
  CU21: convert,
  CU24: convert,
  CU41: convert,
  CU42: convert,
  CS: interlocked,
  CSY: interlocked,
  CSG: interlocked,
  CDS: interlocked,
  CDSY: interlocked,
  CDSG: interlocked,
  STFLE: (state, _fields, random) => state.setGr(0, BigInt(random.below(5))),
  PLO: (state, _fields, random) => {
    state.setGr(0, BigInt(random.oneIn(4) ? 0x100 | random.below(40) : random.below(24)));
    setPointer(state, 1, random, 8);
  },
  CSST: (state, _fields, random) => {
    state.setGr(0, BigInt(random.pick([0, 1, 2, 0x100, 0x201, 0x302, random.next()])));
    setPointer(state, 1, random, 16);
  },
  KM: crypto,
  KMC: crypto,
  KMF: crypto,
  KMO: crypto,
  KMAC: crypto,
  KIMD: crypto,
  KLMD: crypto,
  PRNO: crypto,
  KDSA: crypto,
  KMA: crypto,
  KMCTR: crypto,
  PCC: (state, _fields, random) => crypto(state, { r1: 2, r2: 4 }, random),
};

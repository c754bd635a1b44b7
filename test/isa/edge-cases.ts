import type { Instruction } from '../../src/isa/section.ts';
import { registerKind } from '../../src/isa/syntax.ts';
import { findMnemonic } from '../../src/isa/table.ts';
import { CODE_AREA, CODE_STRIDE, MachineState, WINDOWS } from '../drivers/state.ts';
import type { Trial } from '../fuzz/compare.ts';
import { Random } from '../fuzz/random.ts';
import { singleProgram } from '../fuzz/single.ts';
import { floatFormat, isFloat, RESUMED, SINGLE_REGISTERS } from '../fuzz/traits.ts';
import type { Step } from '../fuzz/program.ts';

/** Integers at which results, overflow and condition codes change. */
const INTEGERS: readonly bigint[] = [
  ...[0n, 1n, -1n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 1n << 63n, (1n << 63n) - 1n],
  ...[0x1_0000_0000n, 0x0123_4567_89ab_cdefn],
];

/** Sign, exponent and fraction at which BFP arithmetic changes: as bits of each format. */
const FLOATS: Readonly<Record<'short' | 'long' | 'extended', readonly bigint[]>> = {
  short: [
    ...[0n, 0x8000_0000n, 1n, 0x007f_ffffn, 0x0080_0000n, 0x3f80_0000n, 0xbf80_0001n, 0x4f00_0000n],
    ...[0xcf00_0000n, 0x7f7f_ffffn, 0x7f80_0000n, 0xff80_0000n, 0x7fc0_0000n, 0x7f80_0001n],
  ],
  long: [
    ...[0n, 1n << 63n, 1n, 0x000f_ffff_ffff_ffffn, 0x0010_0000_0000_0000n, 0x3ff0_0000_0000_0000n],
    ...[0xbff0_0000_0000_0001n, 0x41df_ffff_ffe0_0000n, 0xc3e0_0000_0000_0000n],
    ...[0x7fef_ffff_ffff_ffffn, 0x7ff0_0000_0000_0000n, 0xfff0_0000_0000_0000n],
    ...[0x7ff8_0000_0000_0000n, 0x7ff0_0000_0000_0001n],
  ],
  extended: [
    ...[0n, 1n << 127n, 1n, (1n << 112n) - 1n, 1n << 112n, 0x3fffn << 112n],
    ...[(0xbfffn << 112n) | 1n, 0x401dn << 112n, 0xc03en << 112n, (0x7fffn << 112n) - 1n],
    ...[0x7fffn << 112n, 0xffffn << 112n, (0x7fffn << 112n) | (1n << 111n), (0x7fffn << 112n) | 1n],
  ],
};

/** Registers that do not meet: even pairs, and FP pairs for extended operands. */
const GENERAL = { r1: 2, r2: 4, r3: 6 };
const FLOATING = { r1: 0, r2: 4, r3: 8 };
const OTHERS: Readonly<Record<string, number>> = {
  ...{ b1: 10, b2: 11, b3: 12, b4: 12, x2: 0, d1: 0, d2: 0, d3: 0, d4: 0, l1: 7, l2: 7 },
  ...{ m1: 8, m3: 0, m4: 0, i1: 0, i2: 1, i3: 8, i4: 55, i5: 4 },
};

/** Values that a field takes besides its usual one. */
function fieldValues(name: string, width: number, signed: boolean, float: boolean): number[] {
  const top = 2 ** (width - 1);
  if (name === 'm4' && float) return [4];
  if (name.startsWith('m') && float) return [1, 3, 4, 5, 6, 7];
  if (name.startsWith('m')) return Array.from({ length: 16 }, (_, m) => m);
  if (name.startsWith('l')) return [0, 1, 2 * top - 1];
  if (name === 'i3') return [0, 32, 63];
  if (name === 'i4') return [0, 31, 63, 128 + 63, 128 + 40];
  if (name === 'i5') return [0, 1, 32, 63];
  if (name.startsWith('i')) {
    return signed ? [0, -1, top - 1, -top] : [0, top - 1, top, 2 * top - 1];
  }
  // Shift amounts: for storage operands the base register makes up for it.
  if (name === 'd2') return [1, 31, 32, 63];
  return [];
}

/** The instruction with each field at several values, one field at a time. */
function variants(instruction: Instruction): Record<string, number>[] {
  const float = isFloat(instruction);
  const base: Record<string, number> = {};
  for (const { name } of instruction.format.fields) {
    const registers = registerKind(instruction, name) === 'f' ? FLOATING : GENERAL;
    base[name] = (registers as Record<string, number>)[name] ?? OTHERS[name] ?? 0;
  }
  const list = [base];
  for (const { name, width, signed } of instruction.format.fields) {
    for (const value of fieldValues(name, width, signed, float)) {
      if (value !== base[name]) list.push({ ...base, [name]: value });
    }
  }
  // The same register for both operands, where that is not a pair moving twice.
  const { mnemonic } = instruction;
  const pairTwice =
    RESUMED.test(mnemonic) && (mnemonic === 'CKSM' || !SINGLE_REGISTERS.test(mnemonic));
  if ('r2' in base && !float && !pairTwice) list.push({ ...base, r2: base.r1! });
  return list;
}

function integerState(a: bigint, b: bigint, index: number): MachineState {
  const state = new MachineState();
  const { memory } = state;
  for (let r = 0; r < 16; r++) {
    state.setGr(r, r & 4 ? b : a);
    state.setFpr(r, r & 4 ? b : a);
    state.setAr(r, Number(BigInt.asUintN(32, a)) ^ r);
  }
  state.setGr(3, b);
  state.setGr(5, a);
  const view = new DataView(memory.buffer, memory.byteOffset);
  for (let i = 0; i < memory.length; i += 8) {
    view.setBigUint64(i, BigInt.asUintN(64, (i & 8) !== 0 ? a : b));
  }
  state.cc = index & 3;
  return state;
}

function floatState(
  a: bigint,
  b: bigint,
  index: number,
  format: 'short' | 'long' | 'extended',
): MachineState {
  const state = integerState(a, b, index);
  const { memory } = state;
  const view = new DataView(memory.buffer, memory.byteOffset);
  const words = (bits: bigint): [bigint, bigint] =>
    format === 'extended' ? [bits >> 64n, bits] : [format === 'short' ? bits << 32n : bits, 7n];
  for (let r = 0; r < 16; r++) {
    const [left, right] = words(r & 4 ? b : a);
    state.setFpr(r, (r & 2) === 0 || format !== 'extended' ? left : right);
  }
  const [left, right] = words(b);
  for (let i = 0; i < memory.length; i += 16) {
    view.setBigUint64(i, BigInt.asUintN(64, left));
    view.setBigUint64(i + 8, BigInt.asUintN(64, right));
  }
  state.fpc = [0, 1, 2, 3][(index >> 2) & 3]!;
  return state;
}

/** Instructions whose operands are packed decimal numbers, with the length where no field has it. */
const PACKED: Readonly<Record<string, number>> = {
  ...{ CVB: 8, CVBY: 8, CVBG: 16, AP: 0, SP: 0, ZAP: 0, CP: 0, MP: 0, DP: 0, SRP: 0, TP: 0 },
};

/** Puts a packed number of `length` bytes where it fits a window. */
function putPacked(state: MachineState, address: bigint, length: number, value: bigint): void {
  const digits = (value < 0n ? -value : value).toString().padStart(2 * length - 1, '0');
  const text = digits.slice(1 - 2 * length) + (value < 0n ? 'd' : 'c');
  for (const [start, at, size] of WINDOWS) {
    const offset = Number(address) - start;
    if (offset < 0 || offset + length > size) continue;
    state.memory.set(Buffer.from(text, 'hex'), at + offset);
  }
}

/** States for {@link PACKED} instructions: two numbers of both signs. */
function packedStates(
  instruction: Instruction,
  fields: Readonly<Record<string, number>>,
  prepare: (state: MachineState) => void,
): MachineState[] {
  const length = PACKED[instruction.mnemonic];
  if (length === undefined) return [];
  const numbers = [0n, 1n, -7n, 99n, -12345n, 2147483647n];
  return numbers.map((number, i) => {
    const state = integerState(0n, 0n, i);
    prepare(state);
    if ('b1' in fields) putPacked(state, state.gr(fields.b1!), (fields.l1 ?? 0) + 1, number);
    const second = length || (fields.l2 ?? 0) + 1;
    putPacked(state, state.gr(fields.b2 ?? 0) + BigInt(fields.d2 ?? 0), second, 3n - number);
    return state;
  });
}

/** Trials of one instruction over its edge values; `slot` is the first free one and moves on. */
export function edgeTrials(instruction: Instruction, firstSlot: number): Trial[] {
  const { mnemonic } = instruction;
  const random = new Random(1);
  const float = isFloat(instruction);
  const format = floatFormat(mnemonic);
  const values = float ? FLOATS[format] : INTEGERS;
  const trials: Trial[] = [];
  const moveCharacters: Step | undefined = /^EX(RL)?$/.test(mnemonic)
    ? {
        instruction: findMnemonic('MVC')!,
        fields: { l1: 0, b1: 10, d1: 0, b2: 12, d2: 0 },
      }
    : undefined;
  variants(instruction).forEach((fields, i) => {
    const slot = firstSlot + i;
    const at = CODE_AREA + slot * CODE_STRIDE;
    const { program, prepare } = singleProgram(instruction, fields, at, random, moveCharacters);
    for (const before of packedStates(instruction, fields, prepare)) {
      trials.push({ program, before, slot });
    }
    values.forEach((a, k) => {
      values.forEach((b, l) => {
        // The first variant meets every pair, the others every value once on each side.
        if (i > 0 && l !== (k * 3 + i) % values.length) return;
        const index = k * values.length + l;
        const before = float ? floatState(a, b, index, format) : integerState(a, b, index);
        prepare(before);
        trials.push({ program, before, slot });
      });
    });
  });
  return trials;
}

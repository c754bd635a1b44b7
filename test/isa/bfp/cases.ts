/** Random cases for the BFP instructions: registers, storage and FPC full of edge values. */
import type { BfpFormat } from '../../../src/runtime/bfp/softfloat.ts';
import { EXTENDED, LONG, SHORT } from '../../../src/runtime/bfp/softfloat.ts';
import * as add from '../../../src/isa/bfp/add.ts';
import * as compare from '../../../src/isa/bfp/compare.ts';
import * as control from '../../../src/isa/bfp/control.ts';
import * as convert from '../../../src/isa/bfp/convert.ts';
import * as divide from '../../../src/isa/bfp/divide.ts';
import * as lengthen from '../../../src/isa/bfp/lengthen.ts';
import * as load from '../../../src/isa/bfp/load.ts';
import * as multiply from '../../../src/isa/bfp/multiply.ts';
import * as sign from '../../../src/isa/bfp/sign.ts';
import { encode } from '../../../src/isa/encode.ts';
import type { Instruction, Section } from '../../../src/isa/section.ts';
import type { Case } from '../../drivers/driver.ts';
import { CODE_AREA, CODE_STRIDE, MachineState, WINDOW_A } from '../../drivers/state.ts';
import { randomFields } from '../../fuzz/encoding.ts';
import type { Random } from '../../fuzz/random.ts';
import { edges } from '../../runtime/bfp/operands.ts';

const chapters = { add, compare, control, convert, divide, lengthen, load, multiply, sign };

/** What src/isa/bfp declares, by file. */
export const BFP_CHAPTERS: readonly (readonly [string, readonly Instruction[]])[] = Object.entries(
  chapters,
).map(([name, chapter]) => [
  name,
  Object.values(chapter as Record<string, Section>).flatMap((section) => section.instructions),
]);

const EDGES = new Map<BfpFormat, bigint[]>(
  [SHORT, LONG, EXTENDED].map((format) => [format, edges(format)]),
);

const INTEGERS = [
  ...[0n, 1n, 2n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 1n << 24n, (1n << 24n) + 1n],
  ...[(1n << 53n) - 1n, (1n << 53n) + 1n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n],
  ...[(1n << 64n) - 1025n, (1n << 62n) + 513n, 0xffff_ffff_ffdf_ffffn],
];

export const ROUNDING_MODES = [0, 1, 2, 3, 7];

function number(format: BfpFormat, random: Random): bigint {
  if (random.oneIn(3)) {
    // Exponents near each other, so that operands interact; few bits, so that some are exact.
    let fraction = (random.next64() << 64n) | random.next64();
    if (random.oneIn(2)) fraction &= ~0n << BigInt(random.below(format.width));
    const exponent = BigInt(format.bias - 40 + random.below(80));
    const sign = random.oneIn(2) ? format.signBit : 0n;
    return sign | (exponent << format.fractionBits) | (fraction & format.fractionMask);
  }
  return random.pick(EDGES.get(format)!);
}

/** Operands of one format in the floating-point registers and at the start of window A. */
function fillOperands(state: MachineState, format: BfpFormat, random: Random): void {
  const put = [0, 1, 4, 5, 8, 9, 12, 13];
  for (const r of put) {
    if (format === EXTENDED) {
      const bits = number(format, random);
      state.setFpr(r, bits >> 64n);
      state.setFpr(r + 2, bits);
      continue;
    }
    for (const one of [r, r + 2]) {
      const bits = number(format, random);
      state.setFpr(one, format === LONG ? bits : (bits << 32n) | BigInt(random.next()));
    }
  }
  const view = new DataView(state.memory.buffer, state.memory.byteOffset);
  for (let at = 0; at < 64; at += 8) {
    const bits = number(format === EXTENDED ? LONG : format, random);
    view.setBigUint64(at, format === SHORT ? (bits << 32n) | BigInt(random.next()) : bits);
  }
}

function randomState(random: Random, masks: boolean): MachineState {
  const state = new MachineState();
  fillOperands(state, random.pick([SHORT, LONG, LONG, EXTENDED]), random);
  for (let r = 0; r < 16; r++) {
    state.setGr(
      r,
      random.oneIn(2) ? random.pick(INTEGERS) : random.next64() >> BigInt(random.below(64)),
    );
  }
  state.setGr(2, BigInt(WINDOW_A + 8 * random.below(7)));
  state.setGr(3, BigInt(random.below(8)));
  state.cc = random.below(4);
  const flags = random.pick([0, 0, 0x08, 0x08, 0xf8, random.below(32) << 3]);
  const enabled = masks
    ? random.pick([0x80, 0x40, 0x20, 0x10, 0x08, 0xf8, random.below(32) << 3])
    : 0;
  state.fpc = ((enabled << 24) | (flags << 16) | random.pick(ROUNDING_MODES)) >>> 0;
  return state;
}

/** Fields with which the instruction mostly does something: storage operands in window A. */
function usefulFields(instruction: Instruction, random: Random): Record<string, number> {
  const fields = randomFields(instruction, random);
  if ('b2' in fields && !/^(TC|SRNM)/.test(instruction.mnemonic)) {
    fields.b2 = 2;
    fields.d2 = random.below(4);
    if ('x2' in fields) fields.x2 = random.pick([0, 3]);
  }
  for (const name of ['m3', 'm4']) {
    if (name in fields && !random.oneIn(20)) {
      fields[name] = name === 'm3' ? random.pick([0, 0, 1, 3, 4, 5, 5, 6, 7]) : random.pick([0, 4]);
    }
  }
  if (instruction.mnemonic.includes('X') && !random.oneIn(20)) {
    for (const name of ['r1', 'r2']) if (name in fields) fields[name] &= ~2;
  }
  if (fields.r1 === 2 || fields.r1 === 3) fields.r1 = 1;
  return fields;
}

export interface BfpCase extends Case {
  readonly instruction: Instruction;
  readonly fields: Readonly<Record<string, number>>;
}

/**
 * Cases for each of `instructions`: `count` encodings, each with `states` states.
 * @param masks whether IEEE exceptions may be enabled
 */
export function bfpCases(
  instructions: readonly Instruction[],
  random: Random,
  { count, states, masks }: { count: number; states: number; masks: boolean },
): BfpCase[] {
  let at = CODE_AREA - CODE_STRIDE;
  return instructions.flatMap((instruction) =>
    Array.from({ length: count }, () => {
      const fields = usefulFields(instruction, random);
      const code = encode(instruction, fields);
      at += CODE_STRIDE;
      return Array.from({ length: states }, (): BfpCase => {
        return { instruction, fields, code, at, before: randomState(random, masks) };
      });
    }).flat(),
  );
}

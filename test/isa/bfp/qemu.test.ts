/**
 * Every BFP instruction against qemu-s390x, on both backends: edge values and random ones, all
 * rounding modes. What QEMU 7.2 does not do as the PoP says is listed here with its reason, and
 * tested in trap.test.ts and pop.test.ts.
 */
import { describe, expect, test } from 'vitest';
import {
  isNan,
  isSignallingNan,
  LONG,
  SHORT,
  EXTENDED,
} from '../../../src/runtime/bfp/softfloat.ts';
import type { BfpFormat } from '../../../src/runtime/bfp/softfloat.ts';
import { disassemble } from '../../../src/isa/disassembler.ts';
import type { Instruction } from '../../../src/isa/section.ts';
import type { Result } from '../../drivers/driver.ts';
import { resultDifference } from '../../drivers/driver.ts';
import { EngineDriver } from '../../drivers/engine.ts';
import { hasQemu, OracleDriver } from '../../drivers/oracle.ts';
import type { MachineState } from '../../drivers/state.ts';
import { Random } from '../../fuzz/random.ts';
import { BFP_CHAPTERS, bfpCases, type BfpCase } from './cases.ts';

const SEED = 390;
const TIMEOUT = 120_000;
const INEXACT_FLAG = 0x0008_0000;

/** Not asked: DIEBR and DIDBR do not exist there, MDEB and MXDB multiply wrongly. */
const NOT_IN_QEMU = /^(DI[ED]BR|M(DE|XD)BR?)$/;

function asked(instructions: readonly Instruction[]): Instruction[] {
  return instructions.filter(({ mnemonic }) => !NOT_IN_QEMU.test(mnemonic));
}

/** The format of an instruction's numbers, by the letter that its mnemonic has for it. */
function formatOf(mnemonic: string): BfpFormat {
  const letter = /^(?:CL?[FG]|LT|MA|MS)([EDX])BR?$/.exec(mnemonic)?.[1];
  return letter === 'E' ? SHORT : letter === 'X' ? EXTENDED : LONG;
}

function operand(state: MachineState, format: BfpFormat, r: number): bigint {
  if (format === SHORT) return state.fpr(r) >> 32n;
  return format === LONG ? state.fpr(r) : (state.fpr(r) << 64n) | state.fpr(r + 2);
}

/** Puts into `theirs` what the PoP asks for; false when QEMU's answer says nothing. */
function correct({ instruction, fields, before }: BfpCase, ours: Result, theirs: Result): boolean {
  const { mnemonic } = instruction;
  const format = formatOf(mnemonic);
  // A signalling NaN is not invalid in QEMU's LOAD AND TEST.
  if (mnemonic.startsWith('LT'))
    return !isSignallingNan(format, operand(before, format, fields.r2));
  // The invalid conversion of a NaN is inexact as well.
  if (/^CL?[FG][EDX]BR$/.test(mnemonic) && isNan(format, operand(before, format, fields.r2))) {
    if ((fields.m4 & 4) === 0) theirs.after.fpc |= INEXACT_FLAG;
  }
  // Which of several NaNs a fused operation takes: see pop.test.ts.
  if (/^M[AS]/.test(mnemonic) && isNan(format, operand(theirs.after, format, fields.r1))) {
    const result = operand(ours.after, format, fields.r1);
    if (isNan(format, result)) theirs.after.setFpr(fields.r1, ours.after.fpr(fields.r1));
  }
  // R1 must designate a pair, because a trapped result is extended.
  return !/^L[DE]XBR$/.test(mnemonic) || (fields.r1 & 2) === 0;
}

function text({ instruction, fields, at, before }: BfpCase): string {
  const bits = { first: 0, last: 0 };
  const insn = { at, instruction, fields, bits, length: instruction.format.length };
  const fpr = (name: string): string =>
    name in fields ? ` ${name} ${before.fpr(fields[name]).toString(16)}` : '';
  return `${disassemble(insn)} fpc ${before.fpc.toString(16)}${fpr('r1')}${fpr('r2')}`;
}

function simulated({ interruption }: Result): Result['interruption'] {
  if (!interruption || (interruption.dxc ?? 0) % 4 !== 3) return undefined;
  return { ...interruption, siCode: 0 };
}

/** Format of a result that may be tiny. */
function targetFormat(mnemonic: string): BfpFormat | undefined {
  const letter = /^(?:[ASD]|M[AS]|ME?|L)([EDX])(?:B|DB|XB)R?$/.exec(mnemonic)?.[1];
  return { E: SHORT, D: LONG, X: EXTENDED }[letter ?? ''];
}

function isSubnormal(format: BfpFormat, bits: bigint): boolean {
  const magnitude = bits & format.magnitudeMask;
  return magnitude !== 0n && magnitude <= format.fractionMask;
}

/**
 * What the PoP asks of a case with IEEE exceptions enabled, from QEMU's answer to the same case
 * with none enabled and no flags. QEMU's own traps do not complete. The scaled results of overflow
 * and underflow are taken from `ours`; trap.test.ts has those.
 * @returns the expected state and DXC, or a string that says what is wrong
 */
function trapped(
  { instruction, fields, before }: BfpCase,
  ours: Result,
  theirs: Result,
): { after: MachineState; dxc: number } | string {
  const { mnemonic } = instruction;
  const masks = before.fpc >>> 24;
  const raised = (theirs.after.fpc >>> 16) & 0xff;
  const target = targetFormat(mnemonic);
  const isTiny =
    target !== undefined &&
    ((raised & 0x10) !== 0 || isSubnormal(target, operand(theirs.after, target, fields.r1)));
  const dxc = ours.interruption?.dxc ?? 0;
  const withFpc = (state: MachineState, flags: number, code: number): MachineState => {
    const after = state.copy();
    after.fpc = (before.fpc | (flags << 16) | (code << 8)) >>> 0;
    return after;
  };
  const suppressing = raised & masks & 0xc0;
  if (suppressing !== 0) return { after: withFpc(before, 0, suppressing), dxc: suppressing };
  const scaling = (raised & 0x20) !== 0 ? 0x20 : isTiny ? 0x10 : 0;
  if ((scaling & masks) !== 0) {
    if ((dxc & ~0x0c) !== scaling) return `DXC ${dxc.toString(16)} for ${scaling.toString(16)}`;
    return { after: withFpc(ours.after, 0, dxc), dxc };
  }
  if ((raised & masks & 0x08) === 0) return { after: withFpc(theirs.after, raised, 0), dxc: 0 };
  if (dxc !== 0x08 && dxc !== 0x0c) return `DXC ${dxc.toString(16)} for inexact`;
  return { after: withFpc(theirs.after, raised & ~0x08, dxc), dxc };
}

describe.skipIf(!hasQemu)('BFP instructions agree with qemu-s390x (needs it)', () => {
  const oracle = new OracleDriver();

  describe.each(['interpreter', 'jit'] as const)('%s', (backend) => {
    test.each(BFP_CHAPTERS)(
      '%s',
      (name, instructions) => {
        const options = { count: 24, states: 16, masks: false };
        const cases = bfpCases(asked(instructions), new Random(SEED + name.length), options);
        const expected = oracle.run(cases);
        const differences: string[] = [];
        new EngineDriver(backend).run(cases).forEach((ours, i) => {
          const theirs = expected[i];
          if (!ours || !theirs) differences.push(`${text(cases[i])}: did not end`);
          else if (correct(cases[i], ours, theirs)) {
            // Simulated exceptions have si_code 0 in Linux.
            const same = { ...ours, interruption: simulated(ours) ?? ours.interruption };
            const found = resultDifference(same, theirs);
            if (found.length > 0) differences.push(`${text(cases[i])}: ${found.join(', ')}`);
          }
        });
        expect(differences.slice(0, 5)).toEqual([]);
      },
      TIMEOUT,
    );
  });

  test.each(BFP_CHAPTERS.filter(([name]) => name !== 'control' && name !== 'load'))(
    '%s with IEEE exceptions enabled',
    (name, instructions) => {
      const options = { count: 24, states: 16, masks: true };
      const cases = bfpCases(asked(instructions), new Random(SEED + name.length), options);
      const untrapped = cases.map((one) => {
        const before = one.before.copy();
        before.fpc &= 7;
        return { ...one, before };
      });
      const expected = oracle.run(untrapped);
      const differences: string[] = [];
      new EngineDriver('interpreter').run(cases).forEach((ours, i) => {
        const theirs = expected[i];
        if (!ours || !theirs) {
          differences.push(`${text(cases[i])}: did not end`);
          return;
        }
        if (theirs.interruption || !correct(cases[i], ours, theirs)) return;
        const wanted = trapped(cases[i], ours, theirs);
        const found = typeof wanted === 'string' ? [wanted] : ours.after.difference(wanted.after);
        const dxc = ours.interruption?.dxc ?? 0;
        if (typeof wanted !== 'string' && wanted.dxc !== dxc) found.push(`DXC ${dxc}`);
        if (found.length > 0) differences.push(`${text(cases[i])}: ${found.join(', ')}`);
      });
      expect(differences.slice(0, 5)).toEqual([]);
    },
    TIMEOUT,
  );
});

import { type Case, type Result, SIGFPE, SIGILL, SIGSEGV } from '../drivers/driver.ts';
import { HARNESS } from '../drivers/harness.ts';
import { sameBytes } from '../drivers/state.ts';
import type { FuzzProgram, Step } from './program.ts';

/** Programs with these instructions are not given to qemu-s390x 7.2 at all. */
type NotRun = readonly [
  mnemonics: RegExp,
  reason: string,
  when?: (program: FuzzProgram, step: Step) => boolean,
];
const NOT_RUN: readonly NotRun[] = [
  [/^(MVCRL|CSST)$/, 'end the emulator'],
  [
    /^R[NOX]SBG$/,
    'ends the emulator when the result is only tested',
    (_, step) => step.fields.i3! >= 128,
  ],
  [/^(SFASR|LFAS)$/, 'end the emulator when flags have been raised before'],
  [/^(SAM24|SAM31|BSM|BASSM)$/, 'the addressing mode would stay on in the harness'],
  [/^(STCK|STCKF|STCKE)$/, 'stores the time'],
];

/** A difference from qemu-s390x 7.2 that is known, with the reason. */
export interface Hole {
  readonly mnemonics: RegExp;
  readonly reason: string;
  /** Narrows the hole to what is really known. */
  readonly when?: (context: HoleContext) => boolean;
}

export interface HoleContext {
  readonly step: Step;
  /** The program has no other step. */
  readonly alone: boolean;
  readonly one: Case;
  readonly ours: Result;
  readonly theirs: Result;
}

const FLOAT = /[EDXFG]BR?A?$/;
const isOperation = ({ interruption }: Result): boolean =>
  interruption?.signal === SIGILL && interruption.siCode === 1;
const isAccess = ({ interruption }: Result): boolean => interruption?.signal === SIGSEGV;
const isSpecification = ({ interruption }: Result): boolean =>
  interruption?.signal === SIGILL && interruption.siCode === 2;

function isNan({ after }: Result, r: number, short: boolean): boolean {
  const bits = after.fpr(r) & 0x7fff_ffff_ffff_ffffn;
  return short ? bits >> 32n > 0x7f80_0000n : bits > 0x7ff0_0000_0000_0000n;
}

const HOLES: readonly Hole[] = [
  {
    mnemonics:
      /^(CVB[YG]?|CVDG|DI[ED]BR|AP|SP|ZAP|CP|MP|DP|SRP|ED|EDMK|PLO|LMD|CPYA|TRTR?E|CUSE|KDSA)$/,
    reason: 'qemu lacks it: an operation exception',
    when: ({ theirs }) => isOperation(theirs),
  },
  {
    mnemonics: /^(K.*|PCC|PRNO)$/,
    reason: 'other cryptographic functions are installed',
  },
  { mnemonics: /^STFLE$/, reason: 'other facilities are installed' },
  { mnemonics: /^ECAG$/, reason: 'other caches are reported' },
  { mnemonics: /^EPSW$/, reason: 'shows only the condition code of the mask' },
  {
    mnemonics: FLOAT,
    reason: 'IEEE traps that complete the operation do not store its result, nor their exact DXC',
    when: ({ ours }) =>
      (ours.after.fpc & 0xf800_0000) !== 0 && ours.interruption?.signal === SIGFPE,
  },
  { mnemonics: /^M[DX][ED]BR?$/, reason: 'the first operand is taken as long or extended already' },
  {
    mnemonics: /./,
    reason: 'the operand is accessed before registers are checked, or after: PoP leaves it open',
    when: ({ ours, theirs }) =>
      (isAccess(ours) && isSpecification(theirs)) || (isSpecification(ours) && isAccess(theirs)),
  },
  {
    mnemonics: /^C(L?[FG])([EDX])BR$/,
    reason: 'a NaN converted to an integer does not set the inexact flag (PoP figure "Results")',
    when: ({ one, ours, theirs, alone }) =>
      // (In a sequence, an instruction before it may have set the mask.)
      (!alone || (one.before.fpc & 0x8000_0000) === 0) &&
      ours.after.fpc === (theirs.after.fpc | 0x8_0000),
  },
  { mnemonics: /^LT[EDX]BR$/, reason: 'signalling NaNs are not made quiet' },
  {
    mnemonics: /^CU1[24]$/,
    reason: 'three-byte characters from 800 to FFF are taken for ill-formed',
    when: ({ ours, theirs }) => theirs.after.cc === 2 && ours.after.cc !== 2,
  },
  {
    mnemonics: /^M[AS][ED]BR?$/,
    reason: 'of several NaN operands another one is taken',
    when: ({ alone, step, ours }) =>
      !alone || isNan(ours, step.fields.r1!, /E/.test(step.instruction.mnemonic)),
  },
  {
    mnemonics: /^(CLST|MVST|SRST|SRSTU)$/,
    reason: 'nonzero bits of register 0 are not refused',
    when: ({ ours }) => isSpecification(ours),
  },
  {
    mnemonics: /RL$|^L[PN]Q$/,
    reason: 'relative operands that are not aligned are not refused',
    when: ({ ours }) => isSpecification(ours),
  },
  {
    mnemonics: /^(MVCLU|CLCLU)$/,
    reason: 'odd lengths are not refused',
    when: ({ ours }) => isSpecification(ours),
  },
  {
    mnemonics: /^(MVCLE|MVCLU)$/,
    reason: 'the pad is computed again from a register that the instruction has changed',
    when: ({ step: { fields: f } }) => [f.r1! & 14, f.r3! & 14].includes(f.b2! & 14),
  },
  {
    mnemonics: /^PK[AU]$/,
    reason: 'the leftmost character of the second operand is dropped',
  },
  {
    mnemonics: /^UNPK$/,
    reason: 'the leftmost byte of the second operand is taken as zero',
  },
  {
    mnemonics: /^STMH$/,
    reason: 'stores zeros',
    when: ({ alone, theirs }) => !alone || theirs.after.memory.some((byte) => byte === 0),
  },
  {
    mnemonics: /^TR[OT][OT]$/,
    reason: 'the first element is translated even where the length is zero',
    when: ({ one, step }) => one.before.gr(step.fields.r1! + 1) === 0n,
  },
  {
    mnemonics: /./,
    reason: 'of two pages that an operand crosses, the other one is reported',
    when: ({ ours, theirs }) =>
      isAccess(ours) &&
      isAccess(theirs) &&
      Math.abs(ours.interruption!.page - theirs.interruption!.page) === 4096 &&
      sameBytes(ours.after.bytes, theirs.after.bytes),
  },
  {
    mnemonics: /^TR$/,
    reason: 'a condition code that an instruction before it set is lost',
    when: ({ alone }) => !alone,
  },
  {
    mnemonics: /^TM[HL]?[HL]?Y?$/,
    reason: 'a mask of zero selects as CC 3 in the next instruction',
    when: ({ alone, step }) => !alone && step.fields.i2 === 0,
  },
  {
    mnemonics: /^[CK][EDX]BR?$/,
    reason: 'a comparison whose condition code nobody uses raises no flag',
    when: ({ alone }) => !alone,
  },
  {
    mnemonics: /./,
    reason: 'the address belongs to the harness',
    when: ({ ours: { interruption } }) =>
      interruption !== undefined && interruption.page >= HARNESS && interruption.page < 0x4000_0000,
  },
  {
    mnemonics: /./,
    reason: 'an address outside the host address space is reported as zero',
    when: ({ ours, theirs }) =>
      isAccess(ours) && isAccess(theirs) && theirs.interruption!.page === 0,
  },
  {
    mnemonics: /./,
    reason: 'branches to odd addresses',
    when: ({ ours }) => isSpecification(ours) && (ours.interruption!.ia & 1) === 1,
  },
  {
    mnemonics: /^TS$/,
    reason: 'bits 8-15, which EXECUTE may set, are taken as part of the opcode',
    when: ({ alone, theirs }) => alone && isOperation(theirs),
  },
  {
    mnemonics: /^EX$/,
    reason: 'the address of the target may be odd',
    when: ({ ours, step: { fields: f } }) => isSpecification(ours) && f.b2 === f.x2,
  },
  {
    mnemonics: /^(MVCLE|MVCLU)$/,
    reason: 'overlapping operands: PoP leaves the result open',
    when: ({ one: { before }, step: { fields } }) => {
      const distance = before.gr(fields.r1!) - before.gr(fields.r3!);
      const length = before.gr(fields.r1! + 1) + before.gr(fields.r3! + 1);
      return distance < length && -distance < length;
    },
  },
  {
    mnemonics: /^(UNPK[AU]|PK[AU])$/,
    reason: 'overlapping operands: PoP leaves the result open',
    when: ({ one: { before }, step: { fields: f } }) => {
      const address = (b: number, d: number): bigint => (b === 0 ? 0n : before.gr(b)) + BigInt(d);
      const distance = address(f.b1!, f.d1!) - address(f.b2!, f.d2!);
      return distance < 32n && distance > -64n;
    },
  },
  {
    mnemonics: /^L[DE]XBR$/,
    reason: 'R1 may be any register, though a trapped result needs a pair',
    when: ({ ours }) => isSpecification(ours),
  },
  {
    mnemonics: /./,
    reason: 'the program mask has no effect',
    when: ({ ours: { interruption } }) =>
      interruption?.signal === SIGFPE && interruption.siCode === 2,
  },
  {
    mnemonics: /^(STOC(G|FH)?|CLC)$/,
    reason: 'shows another condition code when the access fails',
    when: ({ ours, theirs, alone }) => !alone && isAccess(ours) && isAccess(theirs),
  },
  {
    mnemonics: /^CLC$/,
    reason: 'of two operands that cannot be accessed, the other is reported: PoP leaves it open',
    when: ({ ours, theirs }) =>
      isAccess(ours) &&
      isAccess(theirs) &&
      ours.interruption!.ia === theirs.interruption!.ia &&
      ours.interruption!.page !== theirs.interruption!.page &&
      sameBytes(ours.after.bytes, theirs.after.bytes),
  },
  {
    mnemonics: /^(CLC|CLM[HY]?)$/,
    reason: 'bytes behind the first unequal pair are not fetched: PoP leaves it open',
    when: ({ ours, theirs }) =>
      isAccess(ours) && ours.interruption!.ia !== (theirs.interruption?.ia ?? 0),
  },
  {
    mnemonics: /^TRE$/,
    reason: 'bytes of the table that nothing selects are not fetched: PoP leaves it open',
    when: ({ one, step, ours }) => {
      const table = one.before.gr(step.fields.r2!);
      return isAccess(ours) && BigInt(ours.interruption!.page) === ((table + 255n) & ~0xfffn);
    },
  },
  {
    mnemonics: /^(LAMY?|ICM[HY]?)$/,
    reason: 'loads up to the page that cannot be accessed',
    when: ({ ours, theirs }) => isAccess(ours) && isAccess(theirs),
  },
  {
    mnemonics: /^(ST.?M[HY]?|STMG|STAMY?|STCM[HY]?|TR|[NOX]C|MV(C|CIN|N|Z|O)|PACK|UNPK)$/,
    reason: 'stores up to the page that cannot be accessed',
    when: ({ ours, theirs }) => isAccess(ours) && isAccess(theirs),
  },
  {
    mnemonics: /^(CDSG|LPQ|STPQ|TR[OT][OT])$/,
    reason: 'odd registers are not refused',
    when: ({ ours }) => isSpecification(ours),
  },
  {
    mnemonics: /^(MVCL.?|CLCL.?|MVST|CLST|SRSTU?|CKSM|TRE|TR[OT][OT]|CU\d\d)$/,
    reason: 'interrupted at another unit of operation',
    when: ({ ours, theirs }) => isAccess(ours) && isAccess(theirs),
  },
];

function allSteps({ steps, target }: FuzzProgram): readonly Step[] {
  return target ? [...steps, target] : steps;
}

/** Why the oracle is not asked about a program; undefined when it is. */
export function notRunReason(program: FuzzProgram): string | undefined {
  for (const step of allSteps(program)) {
    const found = NOT_RUN.find(
      ([pattern, , when]) =>
        pattern.test(step.instruction.mnemonic) && (!when || when(program, step)),
    );
    if (found) return found[1];
  }
  return undefined;
}

/** The reason for which the oracle's answer may differ, if there is one. */
export function holeReason(
  program: FuzzProgram,
  one: Case,
  ours: Result,
  theirs: Result,
): string | undefined {
  for (const step of allSteps(program)) {
    const context = { step, alone: program.steps.length === 1, one, ours, theirs };
    const hole = HOLES.find(
      ({ mnemonics, when }) =>
        mnemonics.test(step.instruction.mnemonic) && (!when || when(context)),
    );
    if (hole) return hole.reason;
  }
  return undefined;
}

/** Why the emulator may have ended itself on this program; undefined when it should not. */
export function endReason(program: FuzzProgram, ours: Result): string | undefined {
  const has = (pattern: RegExp): boolean =>
    allSteps(program).some(({ instruction }) => pattern.test(instruction.mnemonic));
  if (isAccess(ours) && program.steps.length > 1 && has(/^STOC(G|FH)?$/)) {
    return 'ends when a conditional store fails while a condition code is deferred';
  }
  // A short CLC puts its operands where the deferred code's are, before the second can fail.
  if (isAccess(ours) && has(/^CLC$/) && has(/^(AL|SL)/)) {
    return 'ends when CLC fails while the code of a logical sum or difference is deferred';
  }
  if (program.steps.length > 1 && has(/^TR$/)) {
    return 'ends when it has lost a deferred condition code at TRANSLATE';
  }
  if (ours.interruption?.signal === SIGFPE && has(/^D(R|S.*)?$/)) {
    return 'ends when the least number is divided by -1';
  }
  return undefined;
}

import type { Instruction } from '../../src/isa/section.ts';

/** What generators must know of instructions beyond their formats, by mnemonic. */

/** Semiprivileged instructions, and others that a process has no facility for. */
const CONTROL = [
  ...['SPKA', 'IPK', 'SAC', 'SACF', 'IAC', 'EPAR', 'EPAIR', 'ESAR', 'ESAIR', 'SSAR', 'SSAIR'],
  ...['MVCP', 'MVCS', 'MVCK', 'MVCDK', 'MVCSK', 'MVCOS', 'ECTG', 'PTFF'],
];

/** Never generated. */
export const NOT_GENERATED: Readonly<Record<string, string>> = {
  SVC: 'ends a case',
  ...Object.fromEntries(CONTROL.map((mnemonic) => [mnemonic, 'needs control registers'])),
};

/** D2(B2) is a number, not an address. */
export const NUMBER_OPERAND =
  /^(S[LR](D?[AL])[KG]?|RLLG?|SRNM[BT]?|LAE?Y?|ECAG|MVCL[EU]|CLCL[EU])$/;
export const RELATIVE_BRANCH = /^(BRC.?|BRCT.|BRASL?|BRX.*|C[GL]*[RI]J)$/;
/** Branches to an address operand, or to the address in R2. */
export const ADDRESS_BRANCH = /^(BC|BAL|BAS|BCTG?|BXHG?|BXLEG?|C[GL]*[RI]B)$/;
export const REGISTER_BRANCH = /^(BCR|BALR|BASR|BCTR|BCTGR|BASSM|BSM)$/;
/** CC 3 says that they are not done: a branch back makes every driver finish. */
export const RESUMED =
  /^(MVCLE|MVCLU|CLCLE|CLCLU|MVST|CLST|SRSTU?|CKSM|TRE|TR[OT][OT]|TRTR?E|CU\d\d|CUSE|KM.*|K[IL]MD|PRNO|PCC)$/;
/** Of these, one register may be named twice. */
export const SINGLE_REGISTERS = /^(CKSM|SRSTU?|CLST|MVST)$/;
/** Their registers should mostly be even. */
export const PAIRS =
  /^(DR?|DL.*|DS.*|MR?|MFY|ML.*|MG|MGRK|S[LR]D[AL]|LPQ|STPQ|CDS.*|MVCL.*|CLCL.*|LPDG?|CKSM|TRE|TR[OT][OT]|TRTR?E|CU\d\d|CUSE|PLO|FLOGR|K.*|PRNO)$/;
/** Storage operands that must be aligned, with the alignment. */
const ALIGNMENT: readonly (readonly [RegExp, number])[] = [
  [/^(CDSG|LPQ|STPQ|CSST|PLO)$/, 16],
  [/^(CSG|CDSY?|LA(A|AL|N|O|X)G|LPDG|STFLE|LGRL|CGRL|CLGRL|STGRL|LGFRL)$/, 8],
  [/./, 4],
];

export function alignmentOf(mnemonic: string): number {
  return ALIGNMENT.find(([pattern]) => pattern.test(mnemonic))![1];
}

/** Works on BFP numbers: opcodes B3xx and EDxx. */
export function isFloat({ opcode, format }: Instruction): boolean {
  const width = format.opcode.reduce((sum, slot) => sum + slot.width, 0);
  const first = Math.floor(opcode / 2 ** (width - 8));
  return first === 0xb3 || first === 0xed;
}

/** Format of the numbers an FP instruction reads: the letter before B or BR. */
export function floatFormat(mnemonic: string): 'short' | 'long' | 'extended' {
  const letter = /([EDX])BR?A?$/.exec(mnemonic)?.[1];
  return letter === 'E' ? 'short' : letter === 'X' ? 'extended' : 'long';
}

/** Control may go on elsewhere than behind it. */
export function isBranch(mnemonic: string): boolean {
  return (
    RELATIVE_BRANCH.test(mnemonic) ||
    ADDRESS_BRANCH.test(mnemonic) ||
    REGISTER_BRANCH.test(mnemonic) ||
    mnemonic === 'BIC'
  );
}

import type { Type } from './ops.ts';

/**
 * Run-time helpers: instructions too long for IR. A helper works on the register file and storage
 * directly; `runtime/` implements it under the same name. It may raise a program interruption:
 * then it must not have changed anything, or (interruptible instructions such as MOVE LONG) have
 * left the registers at a unit of operation.
 *
 * `numbers` names constant parameters (register numbers, masks), `args` IR value parameters;
 * an i64 argument is passed as two int32 parameters, high word first.
 * `result`: `void`, or `i32` which is the condition code in most helpers.
 */
export interface HelperInfo {
  readonly numbers: readonly string[];
  readonly args: readonly Type[];
  readonly result: 'void' | 'i32';
  /** `reads`: guest storage is read only; `writes`: may be written; `none`: not touched. */
  readonly storage: 'none' | 'reads' | 'writes';
}

function helper(
  numbers: string,
  args: string,
  result: 'void' | 'i32',
  storage: HelperInfo['storage'],
): HelperInfo {
  const words = (text: string): string[] => (text === '' ? [] : text.split(' '));
  return { numbers: words(numbers), args: words(args) as Type[], result, storage };
}

// One file of declarations, sorted by subject; the section that uses a helper names it.
export const HELPERS = {
  // General instructions, division: r1 names the even register of the pair.
  divideLogical64: helper('r1', 'i64', 'void', 'none'), // DLGR DLG: 128 by 64 bits

  // Strings; `amode` is the addressing mode, 24, 31 or 64. Results are condition codes.
  searchString: helper('r1 r2 amode', '', 'i32', 'reads'), // SRST
  searchStringUnicode: helper('r1 r2 amode', '', 'i32', 'reads'), // SRSTU
  moveString: helper('r1 r2 amode', '', 'i32', 'writes'), // MVST
  compareString: helper('r1 r2 amode', '', 'i32', 'reads'), // CLST
  compareUntilSubstringEqual: helper('r1 r2 amode', '', 'i32', 'reads'), // CUSE

  // Moves: addresses of the operands, then the length code (SS-b: L1 and L2 in one number).
  moveInverse: helper('', 'i64 i64 i32', 'void', 'writes'), // MVCIN
  moveNumerics: helper('', 'i64 i64 i32', 'void', 'writes'), // MVN
  moveZones: helper('', 'i64 i64 i32', 'void', 'writes'), // MVZ
  moveWithOffset: helper('', 'i64 i64 i32', 'void', 'writes'), // MVO
  moveRightToLeft: helper('', 'i64 i64', 'void', 'writes'), // MVCRL
  moveLong: helper('r1 r2 amode', '', 'i32', 'writes'), // MVCL
  moveLongExtended: helper('r1 r3 amode', 'i32', 'i32', 'writes'), // MVCLE: padding
  moveLongUnicode: helper('r1 r3 amode', 'i32', 'i32', 'writes'), // MVCLU
  compareLogicalLong: helper('r1 r2 amode', '', 'i32', 'reads'), // CLCL
  compareLogicalLongExtended: helper('r1 r3 amode', 'i32', 'i32', 'reads'), // CLCLE
  compareLogicalLongUnicode: helper('r1 r3 amode', 'i32', 'i32', 'reads'), // CLCLU
  checksum: helper('r1 r2 amode', '', 'void', 'reads'), // CKSM

  // Translation.
  translate: helper('', 'i64 i64 i32', 'void', 'writes'), // TR
  translateAndTest: helper('amode', 'i64 i64 i32', 'i32', 'reads'), // TRT
  translateAndTestReverse: helper('amode', 'i64 i64 i32', 'i32', 'reads'), // TRTR
  translateExtended: helper('r1 r2 amode', '', 'i32', 'writes'), // TRE
  translateAndTestExtended: helper('r1 r2 m3 step amode', '', 'i32', 'reads'), // TRTE TRTRE
  translateCharacters: helper('r1 r2 m3 fromSize toSize amode', '', 'i32', 'writes'), // TROO...
  convertUnicode: helper('from to r1 r2 check amode', '', 'i32', 'writes'), // CU12...

  // Decimal numbers: addresses and length codes as in the moves.
  pack: helper('', 'i64 i64 i32', 'void', 'writes'),
  unpack: helper('', 'i64 i64 i32', 'void', 'writes'),
  packAscii: helper('', 'i64 i64 i32', 'void', 'writes'), // PKA: the length code is L2
  packUnicode: helper('', 'i64 i64 i32', 'void', 'writes'), // PKU
  unpackAscii: helper('', 'i64 i64 i32', 'i32', 'writes'), // UNPKA
  unpackUnicode: helper('', 'i64 i64 i32', 'i32', 'writes'), // UNPKU
  testDecimal: helper('', 'i64 i32', 'i32', 'reads'), // TP
  addDecimal: helper('', 'i64 i64 i32', 'i32', 'writes'), // AP
  subtractDecimal: helper('', 'i64 i64 i32', 'i32', 'writes'), // SP
  zeroAndAdd: helper('', 'i64 i64 i32', 'i32', 'writes'), // ZAP
  compareDecimal: helper('', 'i64 i64 i32', 'i32', 'reads'), // CP
  multiplyDecimal: helper('', 'i64 i64 i32', 'void', 'writes'), // MP
  divideDecimal: helper('', 'i64 i64 i32', 'void', 'writes'), // DP
  shiftAndRoundDecimal: helper('', 'i64 i64 i32', 'i32', 'writes'), // SRP: L1 and I3
  edit: helper('mark amode', 'i64 i64 i32', 'i32', 'writes'), // ED EDMK
  convertToBinary32: helper('r1', 'i64', 'i32', 'reads'), // CVB CVBY: whether too large
  convertToBinary64: helper('r1', 'i64', 'void', 'reads'), // CVBG
  convertToDecimal32: helper('', 'i64 i32', 'void', 'writes'), // CVD CVDY
  convertToDecimal64: helper('', 'i64 i64', 'void', 'writes'), // CVDG

  // Interlocked updates.
  compareAndSwapAndStore: helper('r3 amode', 'i64 i64', 'i32', 'writes'), // CSST
  performLockedOperation: helper('r1 r3 amode', 'i64 i64', 'i32', 'writes'), // PLO

  // PSW, clock, facilities.
  setProgramMask: helper('', 'i32', 'void', 'none'), // SPM
  extractPsw: helper('r1 r2', 'i32', 'void', 'none'), // EPSW: condition code
  setAddressingMode: helper('', 'i32', 'void', 'none'), // SAM64 BSM...: PSW bits 31-32
  monitorCall: helper('monitorClass length', 'i64', 'void', 'none'), // MC: of the instruction
  extractCpuAttribute: helper('r1', 'i64', 'void', 'none'), // ECAG
  storeFacilityListExtended: helper('', 'i64', 'i32', 'writes'), // STFLE
  storeClock: helper('', 'i64', 'void', 'writes'), // STCK STCKF
  storeClockExtended: helper('', 'i64', 'void', 'writes'), // STCKE
  queryCryptography: helper('noModifier amode', '', 'void', 'writes'), // KM...

  // Control instructions: the PSW.
  loadPswMask: helper('', 'i64', 'void', 'none'), // LPSW LPSWE
  setSystemMask: helper('length', 'i64', 'i32', 'reads'), // SSM
  storeThenAndSystemMask: helper('mask', 'i64', 'void', 'writes'), // STNSM
  storeThenOrSystemMask: helper('mask length', 'i64', 'i32', 'writes'), // STOSM
  setPswKey: helper('', 'i64', 'void', 'none'), // SPKA
  insertPswKey: helper('', '', 'void', 'none'), // IPK
  setAddressSpaceControl: helper('length', 'i64', 'void', 'none'), // SAC SACF: of the instruction
  insertAddressSpaceControl: helper('r1', '', 'i32', 'none'), // IAC
  // ASNs: `control` is the control register, `instance` 1 with the instance number.
  extractAsn: helper('r1 control instance', '', 'void', 'none'), // EPAR EPAIR ESAR ESAIR
  setSecondaryAsn: helper('instance', 'i64', 'void', 'none'), // SSAR SSAIR

  // Control registers and the prefix; `size` 4 or 8 bytes of each register.
  loadControl: helper('r1 r3 size', 'i64', 'void', 'reads'), // LCTL LCTLG
  storeControl: helper('r1 r3 size', 'i64', 'void', 'writes'), // STCTL STCTG
  setPrefix: helper('', 'i32', 'void', 'none'), // SPX
  storePrefix: helper('', 'i64', 'void', 'writes'), // STPX

  // What the machine is called, and its clocks.
  storeCpuId: helper('', 'i64', 'void', 'writes'), // STIDP
  storeCpuAddress: helper('', 'i64', 'void', 'writes'), // STAP
  storeSystemInformation: helper('', 'i64', 'i32', 'writes'), // STSI
  storeFacilityList: helper('', '', 'void', 'writes'), // STFL
  setClockComparator: helper('', 'i64', 'void', 'none'), // SCKC
  storeClockComparator: helper('', 'i64', 'void', 'writes'), // STCKC
  setCpuTimer: helper('', 'i64', 'void', 'none'), // SPT
  storeCpuTimer: helper('', 'i64', 'void', 'writes'), // STPT
  setClockProgrammable: helper('', '', 'void', 'none'), // SCKPF
  extractCpuTime: helper('r3', 'i64 i64 i64', 'void', 'reads'), // ECTG
  performTimingFacility: helper('amode', '', 'i32', 'writes'), // PTFF
  loadProgramParameter: helper('', 'i64', 'void', 'none'), // LPP

  // Real addresses, translation and its tables.
  loadRealAddress: helper('r1 b2 wide', 'i64', 'i32', 'reads'), // LRA LRAY LRAG
  testProtection: helper('b1', 'i64 i32', 'i32', 'reads'), // TPROT
  loadUsingRealAddress: helper('r1 size', 'i64', 'void', 'reads'), // LURA LURAG
  storeUsingRealAddress: helper('r1 size', 'i64', 'void', 'writes'), // STURA STURG
  invalidatePageTableEntry: helper('', 'i64 i64 i32', 'void', 'writes'), // IPTE
  invalidateTableEntry: helper('', 'i64 i64 i64', 'void', 'writes'), // IDTE
  purgeTlb: helper('', '', 'void', 'none'), // PTLB
  purgeAfterSwap: helper('', 'i32 i32', 'void', 'none'), // CSP CSPG: equal, the address's low word

  // Storage keys: real addresses, of SSKE also the condition code.
  setStorageKey: helper('r1 r2 m3 amode', 'i64 i32', 'i32', 'none'), // SSKE
  insertStorageKey: helper('r1', 'i64', 'void', 'none'), // ISKE
  resetReferenceBit: helper('', 'i64', 'i32', 'none'), // RRBE
  resetReferenceBits: helper('r1', 'i64', 'void', 'none'), // RRBM
  performFrameManagement: helper('r1 r2 amode', 'i64', 'void', 'writes'), // PFMF

  // Moves between spaces and keys: operands, length, the word with the key.
  moveBetweenSpaces: helper('toPrimary', 'i64 i64 i64 i32', 'i32', 'writes'), // MVCP MVCS
  moveWithKey: helper('b1 b2', 'i64 i64 i64 i32', 'i32', 'writes'), // MVCK
  moveWithOneKey: helper('isSource b1 b2', 'i64 i64', 'void', 'writes'), // MVCDK MVCSK
  moveWithOptionalSpecifications: helper('b1 b2', 'i64 i64 i64', 'i32', 'writes'), // MVCOS

  // Binary floating point. Registers are floating-point ones (pairs for extended numbers) except
  // R1 of bfpTo...; `format` is 0 short, 1 long, 2 extended; a second operand is passed as its bits.
  // The result is `dxc << 8 | cc`: a data-exception code asks for an interruption at the end.
  bfpAddExtended: helper('r1 r2', '', 'i32', 'none'), // AXBR
  bfpSubtractExtended: helper('r1 r2', '', 'i32', 'none'), // SXBR
  bfpMultiplyExtended: helper('r1 r2', '', 'i32', 'none'), // MXBR
  bfpDivideExtended: helper('r1 r2', '', 'i32', 'none'), // DXBR
  bfpSquareRootExtended: helper('r1 r2', '', 'i32', 'none'), // SQXBR
  bfpLoadAndTestExtended: helper('r1 r2', '', 'i32', 'none'), // LTXBR
  bfpMultiplyShortToLong: helper('r1', 'i32', 'i32', 'none'), // MDEBR MDEB
  bfpMultiplyLongToExtended: helper('r1', 'i64', 'i32', 'none'), // MXDBR MXDB
  bfpMultiplyAndAddShort: helper('r1 r3', 'i32', 'i32', 'none'), // MAEBR MAEB
  bfpMultiplyAndSubtractShort: helper('r1 r3', 'i32', 'i32', 'none'), // MSEBR MSEB
  bfpDivideToInteger: helper('format r1 r2 r3 m4', '', 'i32', 'none'), // DIEBR DIDBR
  bfpLengthenShortToExtended: helper('r1', 'i32', 'i32', 'none'), // LXEBR LXEB
  bfpLengthenLongToExtended: helper('r1', 'i64', 'i32', 'none'), // LXDBR LXDB
  bfpRoundLongToShort: helper('r1 r2 m3 m4', '', 'i32', 'none'), // LEDBR
  bfpRoundExtendedToLong: helper('r1 r2 m3 m4', '', 'i32', 'none'), // LDXBR
  bfpRoundExtendedToShort: helper('r1 r2 m3 m4', '', 'i32', 'none'), // LEXBR
  bfpLoadInteger: helper('format r1 r2 m3 m4', '', 'i32', 'none'), // FIEBR FIDBR FIXBR
  bfpFromSigned: helper('format r1 m3 m4', 'i64', 'i32', 'none'), // CEGBR CXFBR...
  bfpFromUnsigned: helper('format r1 m3 m4', 'i64', 'i32', 'none'), // CDLGBR...
  bfpToSigned32: helper('format r1 r2 m3 m4', '', 'i32', 'none'), // CFDBR...
  bfpToSigned64: helper('format r1 r2 m3 m4', '', 'i32', 'none'), // CGDBR...
  bfpToUnsigned32: helper('format r1 r2 m3 m4', '', 'i32', 'none'), // CLFDBR...
  bfpToUnsigned64: helper('format r1 r2 m3 m4', '', 'i32', 'none'), // CLGDBR...
  bfpSetFpcAndSignal: helper('', 'i32', 'i32', 'none'), // SFASR LFAS
  // Only a condition code.
  bfpCompareExtended: helper('r1 r2', '', 'i32', 'none'), // CXBR
  bfpCompareAndSignalExtended: helper('r1 r2', '', 'i32', 'none'), // KXBR
  bfpSignExtended: helper('', 'i64 i64', 'i32', 'none'), // LCXBR LNXBR LPXBR: the result's halves
  // TCEB TCDB TCXB: the operand's left word, its other words ORed together, the mask.
  bfpTestDataClass: helper('format', 'i32 i32 i32', 'i32', 'none'),
  bfpSetFpc: helper('', 'i32', 'void', 'none'), // SFPC LFPC SRNM...
} as const satisfies Record<string, HelperInfo>;

export type HelperName = keyof typeof HELPERS;

import { Decoder } from './decoder.ts';
import type { Instruction, Section } from './section.ts';
import * as add from './general/add.ts';
import * as addLogical from './general/add-logical.ts';
import * as branch from './general/branch.ts';
import * as branchCount from './general/branch-count.ts';
import * as compare from './general/compare.ts';
import * as compareBranch from './general/compare-branch.ts';
import * as compareLogical from './general/compare-logical.ts';
import * as divide from './general/divide.ts';
import * as execute from './general/execute.ts';
import * as insert from './general/insert.ts';
import * as load from './general/load.ts';
import * as loadAddress from './general/load-address.ts';
import * as loadCondition from './general/load-condition.ts';
import * as loadMultiple from './general/load-multiple.ts';
import * as loadReversed from './general/load-reversed.ts';
import * as loadSign from './general/load-sign.ts';
import * as logical from './general/logical.ts';
import * as logicalComplement from './general/logical-complement.ts';
import * as multiply from './general/multiply.ts';
import * as rotate from './general/rotate.ts';
import * as shift from './general/shift.ts';
import * as store from './general/store.ts';
import * as subtract from './general/subtract.ts';
import * as testMask from './general/test-mask.ts';
import * as highWord from './general/high-word.ts';
import * as bitCount from './general/bit-count.ts';
import * as hint from './general/hint.ts';
import * as accessRegister from './general/access-register.ts';
import * as addressingMode from './general/addressing-mode.ts';
import * as checksum from './general/checksum.ts';
import * as clock from './general/clock.ts';
import * as compareAndSwap from './general/compare-and-swap.ts';
import * as compareCharacter from './general/compare-character.ts';
import * as convert from './general/convert.ts';
import * as convertUnicode from './general/convert-unicode.ts';
import * as cryptography from './general/cryptography.ts';
import * as facility from './general/facility.ts';
import * as interlocked from './general/interlocked.ts';
import * as logicalCharacter from './general/logical-character.ts';
import * as move from './general/move.ts';
import * as pack from './general/pack.ts';
import * as programMask from './general/program-mask.ts';
import * as string from './general/string.ts';
import * as translate from './general/translate.ts';
import * as decimalArithmetic from './decimal/arithmetic.ts';
import * as decimalEdit from './decimal/edit.ts';
import * as bfpAdd from './bfp/add.ts';
import * as bfpCompare from './bfp/compare.ts';
import * as bfpControl from './bfp/control.ts';
import * as bfpConvert from './bfp/convert.ts';
import * as bfpDivide from './bfp/divide.ts';
import * as bfpLengthen from './bfp/lengthen.ts';
import * as bfpLoad from './bfp/load.ts';
import * as bfpMultiply from './bfp/multiply.ts';
import * as bfpSign from './bfp/sign.ts';
import * as controlAddressSpace from './control/address-space.ts';
import * as controlRegister from './control/control-register.ts';
import * as controlCryptography from './control/cryptography.ts';
import * as controlIdentity from './control/identity.ts';
import * as controlMove from './control/move.ts';
import * as controlPsw from './control/psw.ts';
import * as controlRealAddress from './control/real-address.ts';
import * as controlStorageKey from './control/storage-key.ts';
import * as controlTiming from './control/timing.ts';
import * as controlTranslation from './control/translation.ts';
import * as ioChannel from './io/channel.ts';
import * as ioMachine from './io/machine.ts';

const chapters: Record<string, unknown>[] = [
  add,
  addLogical,
  branch,
  branchCount,
  compare,
  compareBranch,
  compareLogical,
  divide,
  execute,
  insert,
  load,
  loadAddress,
  loadCondition,
  loadMultiple,
  loadReversed,
  loadSign,
  logical,
  logicalComplement,
  multiply,
  rotate,
  shift,
  store,
  subtract,
  testMask,
  highWord,
  bitCount,
  hint,
  accessRegister,
  addressingMode,
  checksum,
  clock,
  compareAndSwap,
  compareCharacter,
  convert,
  convertUnicode,
  cryptography,
  facility,
  interlocked,
  logicalCharacter,
  move,
  pack,
  programMask,
  string,
  translate,
  decimalArithmetic,
  decimalEdit,
  bfpAdd,
  bfpCompare,
  bfpControl,
  bfpConvert,
  bfpDivide,
  bfpLengthen,
  bfpLoad,
  bfpMultiply,
  bfpSign,
  controlAddressSpace,
  controlRegister,
  controlCryptography,
  controlIdentity,
  controlMove,
  controlPsw,
  controlRealAddress,
  controlStorageKey,
  controlTiming,
  controlTranslation,
  ioChannel,
  ioMachine,
];

function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && 'instructions' in value;
}

/** Every declared section, in the order of the files that declare them. */
export const SECTIONS: readonly Section[] = chapters.flatMap((chapter) =>
  Object.values(chapter).filter(isSection),
);

export const INSTRUCTIONS: readonly Instruction[] = SECTIONS.flatMap((s) => s.instructions);

/** The decoder of all instructions; overlapping or duplicate opcodes fail here, at load. */
export const DECODER = new Decoder(INSTRUCTIONS);

const byMnemonic = new Map(INSTRUCTIONS.map((i) => [i.mnemonic, i]));

export function findMnemonic(mnemonic: string): Instruction | undefined {
  return byMnemonic.get(mnemonic);
}

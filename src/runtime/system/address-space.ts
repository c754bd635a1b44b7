import { ASCE_SPACE_SWITCH_EVENT } from '../../arch/control-registers.ts';
import { CR0_SECONDARY_SPACE } from '../../arch/dat-format.ts';
import { AS_ACCESS_REGISTER, AS_HOME, AS_PRIMARY, AS_SECONDARY } from '../../arch/psw.ts';
import { PIC_SPACE_SWITCH, ProgramInterruption } from '../../cpu/interruption.ts';
import { CR, IA, PSW_MASK } from '../../cpu/state.ts';
import type { HelperContext } from '../context.ts';
import { specification } from '../operand.ts';
import { setSecondary } from './asn.ts';
import {
  addressSpaceControl,
  isProblemState,
  privilegedOperation,
  requireDat,
  requireExtractionAuthority,
  specialOperation,
} from './authority.ts';

/** Codes of SAC and IAC by AS_ value, and the other way round: the two bits are exchanged. */
const EXCHANGED = [AS_PRIMARY, AS_SECONDARY, AS_ACCESS_REGISTER, AS_HOME];

/** SAC, SACF, of `length` bytes: bits 52-55 of the address. */
export function setAddressSpaceControl(
  { state }: HelperContext,
  length: number,
  _hi: number,
  lo: number,
): void {
  const { words } = state;
  const code = (lo >>> 8) & 15;
  requireDat(state);
  if ((words[CR]! & CR0_SECONDARY_SPACE) === 0) specialOperation();
  if (code > 3) specification();
  const space = EXCHANGED[code]!;
  if (space === AS_HOME && isProblemState(state)) privilegedOperation();
  const before = addressSpaceControl(state);
  words[PSW_MASK + 1] = (words[PSW_MASK + 1]! & ~0xc000) | (space << 14);
  const isSwitch = (space === AS_HOME) !== (before === AS_HOME);
  const asces = words[CR + 2 * 1]! | words[CR + 2 * 13]!;
  if (isSwitch && asces & ASCE_SPACE_SWITCH_EVENT) {
    state.u64[IA / 2]! += BigInt(length);
    throw new ProgramInterruption(PIC_SPACE_SWITCH, { completed: true, length });
  }
}

/** IAC: the code in bits 48-55 of R1, and as the condition code. */
export function insertAddressSpaceControl({ state }: HelperContext, r1: number): number {
  requireDat(state);
  requireExtractionAuthority(state);
  const code = EXCHANGED[addressSpaceControl(state)]!;
  state.words[2 * r1] = (state.words[2 * r1]! & ~0xff00) | (code << 8);
  return code;
}

/**
 * EPAR, EPAIR (`control` 4), ESAR, ESAIR (3): the ASN in bits 48-63 of a control register, to bits
 * 32-63 of R1; with its instance number (`instance` 1), bits 0-31, as well.
 */
export function extractAsn(
  { state }: HelperContext,
  r1: number,
  control: number,
  instance: number,
): void {
  requireDat(state);
  requireExtractionAuthority(state);
  const { words } = state;
  words[2 * r1] = words[CR + 2 * control]! & 0xffff;
  if (instance) words[2 * r1 + 1] = words[CR + 2 * control + 1]!;
}

/** SSAR, SSAIR: the ASN in `lo`, its instance number in `hi`. */
export function setSecondaryAsn(
  context: HelperContext,
  instance: number,
  hi: number,
  lo: number,
): void {
  setSecondary(context, lo & 0xffff, instance ? hi : undefined);
}

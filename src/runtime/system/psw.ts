import { CR0_SSM_SUPPRESSION } from '../../arch/control-registers.ts';
import { HIGH_DAT, HIGH_PER, HIGH_SYSTEM_MASK_UNASSIGNED } from '../../arch/psw.ts';
import { PIC_SPECIFICATION, ProgramInterruption } from '../../cpu/interruption.ts';
import { CR, IA, PSW_MASK, type CpuState } from '../../cpu/state.ts';
import type { HelperContext } from '../context.ts';
import type { SystemContext } from './context.ts';
import {
  pswKey,
  requireExtractionAuthority,
  requireKey,
  specialOperation,
  systemOf,
} from './authority.ts';

/** Bits 2-3 of the left word's second byte: the condition code, which is kept elsewhere. */
const HIGH_CC = 0x3000;

/** LPSW, LPSWE: the mask becomes `hi:lo`; its condition code is set by other ways. */
export function loadPswMask(context: HelperContext, hi: number, lo: number): void {
  const { words } = context.state;
  words[PSW_MASK + 1] = hi & ~HIGH_CC;
  words[PSW_MASK] = lo;
  systemOf(context).masksChanged();
}

/** SSM: PSW bits 0-7 are loaded, unless control register 0 suppresses that. Result as STOSM's. */
export function setSystemMask(
  context: HelperContext,
  length: number,
  hi: number,
  lo: number,
): number {
  const system = systemOf(context);
  const { words } = context.state;
  if (words[CR]! & CR0_SSM_SUPPRESSION) specialOperation();
  const mask = system.memory.load8(hi, lo);
  const high = (words[PSW_MASK + 1]! & 0xff_ffff) | (mask << 24);
  return replaceSystemMask(system, context.state, high, length);
}

/** STNSM: PSW bits 0-7 are stored, then ANDed with `mask`. */
export function storeThenAndSystemMask(
  context: HelperContext,
  mask: number,
  hi: number,
  lo: number,
): void {
  const { words } = context.state;
  systemOf(context).memory.store8(hi, lo, words[PSW_MASK + 1]! >>> 24);
  words[PSW_MASK + 1]! &= (mask << 24) | 0xff_ffff;
}

/** STOSM: PSW bits 0-7 are stored, then ORed with `mask`. Result: see {@link replaceSystemMask}. */
export function storeThenOrSystemMask(
  context: HelperContext,
  mask: number,
  length: number,
  hi: number,
  lo: number,
): number {
  const system = systemOf(context);
  const { words } = context.state;
  system.memory.store8(hi, lo, words[PSW_MASK + 1]! >>> 24);
  return replaceSystemMask(system, context.state, words[PSW_MASK + 1]! | (mask << 24), length);
}

/**
 * Returns 1 when the CPU has to look at everything anew: its mode, or what is pending. `length` is
 * the instruction's.
 */
function replaceSystemMask(
  system: SystemContext,
  state: CpuState,
  high: number,
  length: number,
): number {
  const { words } = state;
  const changed = words[PSW_MASK + 1]! ^ high;
  words[PSW_MASK + 1] = high;
  if (high & HIGH_SYSTEM_MASK_UNASSIGNED) {
    // PoP, "Early Exception Recognition": unlike behind LPSW, there is an instruction length.
    state.u64[IA / 2]! += BigInt(length);
    throw new ProgramInterruption(PIC_SPECIFICATION, { completed: true, length });
  }
  return changed & (HIGH_DAT | HIGH_PER) || system.masksChanged() ? 1 : 0;
}

/** SPKA: bits 56-59 of the address become the key. */
export function setPswKey({ state }: HelperContext, _hi: number, lo: number): void {
  const key = (lo >>> 4) & 15;
  requireKey(state, key);
  const { words } = state;
  words[PSW_MASK + 1] = (words[PSW_MASK + 1]! & ~0xf0_0000) | (key << 20);
}

/** IPK: the key in bits 56-59 of general register 2, zeros right of it. */
export function insertPswKey({ state }: HelperContext): void {
  requireExtractionAuthority(state);
  const { words } = state;
  words[4] = (words[4]! & ~0xff) | (pswKey(state) << 4);
}

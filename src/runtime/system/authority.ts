import { CR0_EXTRACTION_AUTHORITY } from '../../arch/dat-format.ts';
import { HIGH_DAT, HIGH_PROBLEM } from '../../arch/psw.ts';
import {
  PIC_PRIVILEGED_OPERATION,
  PIC_SPECIAL_OPERATION,
  ProgramInterruption,
} from '../../cpu/interruption.ts';
import { CR, PSW_MASK, type CpuState } from '../../cpu/state.ts';
import type { HelperContext } from '../context.ts';
import type { SystemContext } from './context.ts';

/** What control instructions need before they may do anything: a machine, and authority. */

/**
 * The machine. In a process there is none: instructions that get here then need an authority that
 * its control registers, all zeros, do not give.
 * @throws ProgramInterruption privileged-operation
 */
export function systemOf({ system }: HelperContext): SystemContext {
  if (!system) throw new ProgramInterruption(PIC_PRIVILEGED_OPERATION);
  return system;
}

/** Whether facility `bit` is installed. */
export function hasFacility({ facilities }: HelperContext, bit: number): boolean {
  return ((facilities[bit >>> 3] ?? 0) & (0x80 >>> (bit & 7))) !== 0;
}

// Conditions of semiprivileged instructions: PoP, "Authorization Mechanisms".

export function privilegedOperation(): never {
  throw new ProgramInterruption(PIC_PRIVILEGED_OPERATION);
}

export function specialOperation(): never {
  throw new ProgramInterruption(PIC_SPECIAL_OPERATION);
}

export function isProblemState({ words }: CpuState): boolean {
  return (words[PSW_MASK + 1]! & HIGH_PROBLEM) !== 0;
}

export function isDatOn({ words }: CpuState): boolean {
  return (words[PSW_MASK + 1]! & HIGH_DAT) !== 0;
}

/** PSW bits 16-17: an AS_ value. */
export function addressSpaceControl({ words }: CpuState): number {
  return (words[PSW_MASK + 1]! >>> 14) & 3;
}

/** The access key in the PSW. */
export function pswKey({ words }: CpuState): number {
  return (words[PSW_MASK + 1]! >>> 20) & 15;
}

/** In the problem state the PSW-key mask in control register 3 says which keys may be named. */
export function requireKey(state: CpuState, key: number): void {
  if (!isProblemState(state)) return;
  if (((state.words[CR + 2 * 3]! >>> (31 - key)) & 1) === 0) privilegedOperation();
}

export function requireExtractionAuthority(state: CpuState): void {
  if (isProblemState(state) && (state.words[CR]! & CR0_EXTRACTION_AUTHORITY) === 0) {
    privilegedOperation();
  }
}

export function requireDat(state: CpuState): void {
  if (!isDatOn(state)) specialOperation();
}

/**
 * Between the softfloat and a VCPU: what an operation's result makes of the FPC, and the program
 * interruption it may end in. Source: PoP, chapter 9 "IEEE Exceptions", chapter 6 "DXC".
 */
import { PIC_DATA, ProgramInterruption } from '../../cpu/interruption.ts';
import type { CpuState } from '../../cpu/state.ts';
import { FPC } from '../../cpu/state.ts';
import type { BfpResult, Outcome, RoundingMode } from './softfloat.ts';
import { applyExceptions, roundingMode } from './softfloat.ts';

/** FPC bits 0-4: masks of the five IEEE exceptions. */
export const FPC_MASKS = 0xf8000000 | 0;
/** FPC bit 12: the inexact flag. */
export const FPC_INEXACT = 0x00080000;
/** FPC bits 29-31: the BFP rounding mode. */
const FPC_ROUNDING = 7;

/** FPC bits that decide whether the host's arithmetic will do. */
const CONTROL = FPC_MASKS | FPC_ROUNDING;

/** The host will do, and there is no flag that it might hide: inexact is on. */
export function isEasy({ words }: CpuState): boolean {
  return (words[FPC] & (CONTROL | FPC_INEXACT)) === FPC_INEXACT;
}

/** The host will do, but flags must be known. */
export function isDefault({ words }: CpuState): boolean {
  return (words[FPC] & CONTROL) === 0;
}

/** Sets flags found by the quick way; false when it found none because it cannot answer. */
export function note({ words }: CpuState, flags: number): boolean {
  if (flags < 0) return false;
  words[FPC] |= flags << 16;
  return true;
}

/** Puts a data-exception code into FPC byte 2 (the AFP-register control is one under Linux). */
export function setDxc(state: CpuState, dxc: number): void {
  state.words[FPC] = (state.words[FPC] & ~0xff00) | (dxc << 8);
}

/**
 * Sets flags and DXC. The caller writes the outcome's bits and condition code, then calls
 * {@link interruptAfter}.
 * @throws ProgramInterruption when a trap suppresses the operation: only the DXC has changed
 */
export function deliver(state: CpuState, result: BfpResult): Outcome {
  const outcome = applyExceptions(result, state.words[FPC] >>> 24);
  if (outcome.suppressed) {
    setDxc(state, outcome.dxc);
    throw new ProgramInterruption(PIC_DATA, { dxc: outcome.dxc });
  }
  state.words[FPC] |= outcome.flags << 16;
  if (outcome.dxc !== 0) setDxc(state, outcome.dxc);
  return outcome;
}

/**
 * @throws ProgramInterruption when a trap completes the operation, whose results are written
 */
export function interruptAfter({ dxc }: Outcome): void {
  if (dxc !== 0) throw new ProgramInterruption(PIC_DATA, { dxc, completed: true });
}

/** Effective rounding mode for a rounding-mode modifier; 0 chooses the FPC's. */
export function effectiveMode(state: CpuState, m3 = 0): RoundingMode {
  return roundingMode(m3, state.words[FPC] & FPC_ROUNDING);
}

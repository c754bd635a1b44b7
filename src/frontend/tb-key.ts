import { HIGH_DAT, HIGH_PER, HIGH_PROBLEM } from '../arch/psw.ts';
import type { CpuState } from '../cpu/state.ts';
import { PSW_MASK } from '../cpu/state.ts';
import type { Mode } from '../ir/builder.ts';

const PROBLEM = 0x40;
const DAT = 0x80;
const PER = 0x100;
const SPACE_SHIFT = 9;
/** The access key: with another one, instructions may not be fetched. */
const KEY_SHIFT = 11;

/** The mode bits of the PSW that a translation depends on, as one small number. */
export function modeKey(state: CpuState): number {
  const high = state.words[PSW_MASK + 1]!;
  const low = state.words[PSW_MASK]!;
  // PSW bit 31 is extended addressing, bit 32 basic addressing; bits 20-23 the program mask, 16-17
  // the address-space control, 8-11 the key.
  return (
    (((high >>> 8) & 15) << 2) |
    ((high & 1) << 1) |
    (low >>> 31) |
    ((high & HIGH_PROBLEM) >>> 10) |
    ((high & HIGH_DAT) >>> 19) |
    ((high & HIGH_PER) >>> 22) |
    (((high >>> 14) & 3) << SPACE_SHIFT) |
    (((high >>> 20) & 15) << KEY_SHIFT)
  );
}

/** Mode key of a process: 64-bit addressing, an empty program mask, problem state, DAT. */
export const MODE_USER = 3 | PROBLEM | DAT;

/** Whether regions are made in a mode: where all addresses belong to one space. */
export function translates(key: number): boolean {
  const space = (key >> SPACE_SHIFT) & 3;
  return (key & ((1 << SPACE_SHIFT) - 1) & ~(PROBLEM | DAT)) === 3 && (space === 0 || space === 3);
}

export function modeOf(key: number): Mode {
  const addressing = key & 2 ? 64 : key & 1 ? 31 : 24;
  return {
    addressing,
    programMask: (key >> 2) & 15,
    problem: (key & PROBLEM) !== 0,
    dat: (key & DAT) !== 0,
    per: (key & PER) !== 0,
    space: (key >> SPACE_SHIFT) & 3,
  };
}

import type { CpuState } from '../cpu/state.ts';
import { PSW_MASK } from '../cpu/state.ts';
import type { Mode } from '../ir/builder.ts';

/** The mode bits of the PSW that a translation depends on, as one small number. */
export function modeKey(state: CpuState): number {
  const high = state.words[PSW_MASK + 1]!;
  const low = state.words[PSW_MASK]!;
  // PSW bit 31 is extended addressing, bit 32 basic addressing; bits 20-23 the program mask.
  return (((high >>> 8) & 15) << 2) | ((high & 1) << 1) | (low >>> 31);
}

/** Mode key of 64-bit addressing with an empty program mask: what almost all code runs in. */
export const MODE_64 = 3;

export function modeOf(key: number): Mode {
  const addressing = key & 2 ? 64 : key & 1 ? 31 : 24;
  return { addressing, programMask: key >> 2 };
}

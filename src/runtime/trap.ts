import { PIC_DATA, ProgramInterruption } from '../cpu/interruption.ts';
import { FPC, IA } from '../cpu/state.ts';

/**
 * The interruption of a trap op. A data-exception code goes into FPC byte 2; BFP helpers have put
 * theirs there already, and their trap says 0.
 */
export function trapInterruption(
  words: Int32Array,
  code: number,
  dxc: number,
  completed: boolean,
): ProgramInterruption {
  if (code !== PIC_DATA) return new ProgramInterruption(code, { completed });
  if (dxc === 0) dxc = (words[FPC]! >>> 8) & 0xff;
  else words[FPC] = (words[FPC]! & ~0xff00) | (dxc << 8);
  return new ProgramInterruption(code, { completed, dxc });
}

/** For generated code: interrupts behind an instruction whose results are in the register file. */
export function trapCompleted(words: Int32Array, code: number, dxc: number, next: number): never {
  words[IA] = next | 0;
  words[IA + 1] = Math.floor(next / 0x1_0000_0000);
  throw trapInterruption(words, code, dxc, true);
}

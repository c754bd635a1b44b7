import { CR, type CpuState } from '../cpu/state.ts';
import type { PerEvent } from './interruptions.ts';

/** Event masks of control register 9, in its low word; the PER code has the same bits in a byte. */
const SUCCESSFUL_BRANCHING = 0x8000_0000;
const INSTRUCTION_FETCHING = 0x4000_0000;
const BRANCH_ADDRESS_CONTROL = 0x0080_0000;

/** Control registers 9 to 11, as they are when an instruction begins: what is recorded. */
export interface PerControl {
  readonly mask: number;
  readonly start: bigint;
  readonly end: bigint;
}

export function perControl({ words, u64 }: CpuState): PerControl {
  return { mask: words[CR + 18]!, start: u64[CR / 2 + 10]!, end: u64[CR / 2 + 11]! };
}

/**
 * PoP, "Program-Event Recording", for the instruction at `at`: instruction fetching and successful
 * branching, which single-stepping uses. `target` is where it branched to, if it did. Undefined
 * when no event that is asked for happened.
 */
export function perEvents(
  { mask, start, end }: PerControl,
  at: number,
  target: number | undefined,
): PerEvent | undefined {
  let code = 0;
  if (mask & INSTRUCTION_FETCHING && isWithin(BigInt(at), start, end)) code |= 0x40;
  if (mask & SUCCESSFUL_BRANCHING && target !== undefined) {
    if (!(mask & BRANCH_ADDRESS_CONTROL) || isWithin(BigInt(target), start, end)) code |= 0x80;
  }
  return code === 0 ? undefined : { code, address: BigInt(at) };
}

/** The range wraps around where it ends before it starts. */
function isWithin(address: bigint, start: bigint, end: bigint): boolean {
  return start <= end ? address >= start && address <= end : address >= start || address <= end;
}

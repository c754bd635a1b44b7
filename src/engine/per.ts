import { CR, type CpuState } from '../cpu/state.ts';
import type { PerEvent } from './interruptions.ts';

/** Event masks of control register 9, in its low word; the PER code has the same bits in a byte. */
const SUCCESSFUL_BRANCHING = 0x8000_0000;
const INSTRUCTION_FETCHING = 0x4000_0000;
const BRANCH_ADDRESS_CONTROL = 0x0080_0000;

/**
 * PoP, "Program-Event Recording", for the instruction at `at`, behind which the CPU is at `next`:
 * instruction fetching and successful branching, which single-stepping uses. Undefined when no
 * event that is asked for happened.
 */
export function perEvents(state: CpuState, at: number, next: number): PerEvent | undefined {
  const { words, u64 } = state;
  const mask = words[CR + 18]!;
  const start = u64[CR / 2 + 10]!;
  const end = u64[CR / 2 + 11]!;
  let code = 0;
  if (mask & INSTRUCTION_FETCHING && isWithin(BigInt(at), start, end)) code |= 0x40;
  const branched = next < at || next > at + 6;
  if (mask & SUCCESSFUL_BRANCHING && branched) {
    if (!(mask & BRANCH_ADDRESS_CONTROL) || isWithin(BigInt(next), start, end)) code |= 0x80;
  }
  return code === 0 ? undefined : { code, address: BigInt(at) };
}

/** The range wraps around where it ends before it starts. */
function isWithin(address: bigint, start: bigint, end: bigint): boolean {
  return start <= end ? address >= start && address <= end : address >= start || address <= end;
}

import { divide64u, quotient, remainder } from '../base/divide64.ts';
import { fromBigInt, high, toBigUint } from '../base/int64.ts';
import { PIC_FIXED_POINT_DIVIDE, ProgramInterruption } from '../cpu/interruption.ts';
import type { HelperContext } from './context.ts';

/**
 * DIVIDE LOGICAL (64 from 128): the pair at `r1` divided by `hi:lo`; remainder in R1, quotient in
 * R1 + 1. Compilers divide 64-bit numbers with it, so a zero high doubleword is the usual case.
 * @throws ProgramInterruption fixed-point divide, for a zero divisor or a quotient above 64 bits.
 */
export function divideLogical64(
  { state }: HelperContext,
  r1: number,
  hi: number,
  lo: number,
): void {
  const { words } = state;
  const at = 2 * r1;
  const topLow = words[at]!;
  const topHigh = words[at + 1]!;
  if (topLow === 0 && topHigh === 0) {
    if (hi === 0 && lo === 0) throw new ProgramInterruption(PIC_FIXED_POINT_DIVIDE);
    divide64u(words[at + 3]!, words[at + 2]!, hi, lo);
    words[at] = remainder.low;
    words[at + 1] = remainder.high;
    words[at + 2] = quotient.low;
    words[at + 3] = quotient.high;
    return;
  }
  const divisor = toBigUint(hi, lo);
  const top = toBigUint(topHigh, topLow);
  if (top >= divisor) throw new ProgramInterruption(PIC_FIXED_POINT_DIVIDE);
  const dividend = (top << 64n) | toBigUint(words[at + 3]!, words[at + 2]!);
  words[at] = fromBigInt(dividend % divisor);
  words[at + 1] = high.word;
  words[at + 2] = fromBigInt(dividend / divisor);
  words[at + 3] = high.word;
}

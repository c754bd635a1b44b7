import type { HelperContext } from './context.ts';
import { highAfter, insertAddress } from './operand.ts';
import { decimalData, isMinus } from './packed.ts';

const DIGIT_SELECTOR = 0x20;
const SIGNIFICANCE_STARTER = 0x21;
const FIELD_SEPARATOR = 0x22;

/**
 * ED and, with `mark`, EDMK (PoP, "EDIT", figure "Summary of Editing Functions"). Digits of the
 * second operand are put into the pattern at the first. CC of the last field: 0 zero or empty,
 * 1 less than zero, 2 greater than zero. EDMK leaves the address of a field's first significant
 * digit in GR1 unless the pattern forced significance.
 */
export function edit(
  context: HelperContext,
  mark: number,
  amode: number,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCode: number,
): number {
  const { state, memory } = context;
  const size = lengthCode + 1;
  const at = memory.writable(ah, al, size);
  const pattern = memory.bytes.slice(at, at + size);
  const fill = pattern[0]!;
  let significance = false;
  let zero = true;
  /** Source byte in use, or -1 when the next digit is the left one of a new byte. */
  let source = -1;
  /** Source bytes fetched. */
  let fetched = 0;
  /** Index of the digit that EDMK marks, or -1. */
  let marked = -1;
  for (let i = 0; i < size; i++) {
    const byte = pattern[i]!;
    if (byte === FIELD_SEPARATOR) {
      pattern[i] = fill;
      significance = false;
      zero = true;
    } else if (byte === DIGIT_SELECTOR || byte === SIGNIFICANCE_STARTER) {
      const isLeft = source < 0;
      // Source bytes are accessed only as digits are called for.
      if (isLeft) {
        memory.operand(1);
        source = memory.load8(highAfter(bh, bl, fetched, 64), (bl + fetched) | 0);
        fetched++;
      }
      const digit = isLeft ? source >> 4 : source & 15;
      if (digit > 9) decimalData();
      const sign = isLeft && (source & 15) > 9 ? source & 15 : 0;
      if (digit !== 0) {
        zero = false;
        if (!significance) marked = i;
      }
      pattern[i] = significance || digit !== 0 ? 0xf0 | digit : fill;
      significance ||= digit !== 0 || byte === SIGNIFICANCE_STARTER;
      if (sign !== 0 && !isMinus(sign)) significance = false;
      if (!isLeft || sign !== 0) source = -1;
    } else if (!significance) pattern[i] = fill;
  }
  memory.bytes.set(pattern, at);
  if (mark && marked >= 0) insertAddress(state, 1, amode, ah, al, marked);
  return zero ? 0 : significance ? 1 : 2;
}

import type { HelperContext } from './context.ts';
import { advance, operandLength, pageRest, readableAt, reduce, settle } from './operand.ts';

/**
 * CKSM: adds four-byte elements to bits 32-63 of R1, the carry coming back on the right; missing
 * bytes of the last element are zeros. Always runs to the end, CC 0.
 */
export function checksum(context: HelperContext, r1: number, r2: number, amode: number): void {
  const { state, memory } = context;
  const { words } = state;
  let remaining = operandLength(state, r2 + 1, amode);
  while (remaining > 0) {
    const size = Math.min(remaining, 4);
    const at = readableAt(context, r2, amode, size);
    // Whole elements up to the end of the page; one that crosses it was checked just now.
    const count = Math.max(size, Math.min(remaining, pageRest(at)) & ~3);
    let sum = words[2 * r1]! >>> 0;
    for (let i = 0; i + 4 <= count; i += 4) sum += memory.view.getUint32(at + i);
    if (count < 4) {
      for (let i = 0; i < count; i++) sum += memory.bytes[at + i]! * 2 ** (24 - 8 * i);
    }
    while (sum > 0xffffffff) sum = (sum % 0x1_0000_0000) + Math.floor(sum / 0x1_0000_0000);
    words[2 * r1] = sum;
    advance(state, r2, amode, count);
    reduce(state, r2 + 1, amode, count);
    remaining -= count;
    settle(memory);
  }
}

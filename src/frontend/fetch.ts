import type { InsnBits } from '../isa/format.ts';
import { insnLength } from '../isa/decoder.ts';
import { PAGE_SIZE } from '../memory/page.ts';
import type { CodeSource } from '../memory/code-source.ts';

export interface Fetched {
  readonly bits: InsnBits;
  readonly length: number;
}

/**
 * The bytes of the instruction at an even address, and its length; or the program-interruption
 * code where fetching is not permitted.
 */
export function fetchInsn(code: CodeSource, at: number): Fetched | number {
  const { bytes } = code;
  const first = code.codeOffset(at);
  if (first < 0) return -first;
  const length = insnLength(bytes[first]!);
  const halfwords = [0, 0, 0];
  for (let i = 0, offset = first; i < length; i += 2, offset += 2) {
    if (i > 0 && (at + i) % PAGE_SIZE === 0) {
      offset = code.codeOffset(at + i);
      if (offset < 0) return -offset;
    }
    halfwords[i >> 1] = (bytes[offset]! << 8) | bytes[offset + 1]!;
  }
  const [a, b, c] = halfwords as [number, number, number];
  return { bits: { first: ((a << 16) | b) >>> 0, last: c }, length };
}

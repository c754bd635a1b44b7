import type { InsnBits } from '../isa/format.ts';
import { insnLength } from '../isa/decoder.ts';
import type { AddressSpace } from '../memory/user-space.ts';

/** The bytes of one instruction and its length, or undefined where fetching is not permitted. */
export function fetchInsn(
  memory: AddressSpace,
  at: number,
): { bits: InsnBits; length: number } | undefined {
  if (!memory.isExecutable(at, 2)) return undefined;
  const { bytes } = memory;
  const length = insnLength(bytes[at]!);
  if (length > 2 && !memory.isExecutable(at, length)) return undefined;
  const halfword = (i: number): number =>
    i < length ? (bytes[at + i]! << 8) | bytes[at + i + 1]! : 0;
  return { bits: { first: ((halfword(0) << 16) | halfword(2)) >>> 0, last: halfword(4) }, length };
}

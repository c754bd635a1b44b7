import { writeBits, writeField } from './format.ts';
import type { Instruction } from './section.ts';

/** The bytes of an instruction from its field values; fields that are not named are zero. */
export function encode(
  { format, opcode }: Instruction,
  fields: Readonly<Record<string, number>>,
): Uint8Array {
  const bytes = new Uint8Array(format.length);
  let below = format.opcode.reduce((sum, { width }) => sum + width, 0);
  for (const { at, width } of format.opcode) {
    below -= width;
    writeBits(bytes, at, width, Math.floor(opcode / 2 ** below) % 2 ** width);
  }
  for (const field of format.fields) writeField(field, fields[field.name] ?? 0, bytes);
  return bytes;
}

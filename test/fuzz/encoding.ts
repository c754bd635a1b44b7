import { encode } from '../../src/isa/encode.ts';
import type { Instruction } from '../../src/isa/section.ts';
import type { Random } from './random.ts';

/** Random values for every field, edge values more often than chance would. */
export function randomFields({ format }: Instruction, random: Random): Record<string, number> {
  const fields: Record<string, number> = {};
  for (const { name, width, signed } of format.fields) {
    const size = 2 ** width;
    let value = random.next() % size;
    if (random.oneIn(4)) value = random.pick([0, 1, size - 1, size / 2, size / 2 - 1]);
    fields[name] = signed && value >= size / 2 ? value - size : value;
  }
  return fields;
}

export function randomEncoding(instruction: Instruction, random: Random): Uint8Array {
  return encode(instruction, randomFields(instruction, random));
}

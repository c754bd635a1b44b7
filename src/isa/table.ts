import { Decoder } from './decoder.ts';
import type { Instruction, Section } from './section.ts';
import * as add from './general/add.ts';

const chapters: Record<string, unknown>[] = [add];

function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && 'instructions' in value;
}

/** Every declared section, in the order of the files that declare them. */
export const SECTIONS: readonly Section[] = chapters.flatMap((chapter) =>
  Object.values(chapter).filter(isSection),
);

export const INSTRUCTIONS: readonly Instruction[] = SECTIONS.flatMap((s) => s.instructions);

/** The decoder of all instructions; overlapping or duplicate opcodes fail here, at load. */
export const DECODER = new Decoder(INSTRUCTIONS);

const byMnemonic = new Map(INSTRUCTIONS.map((i) => [i.mnemonic, i]));

export function findMnemonic(mnemonic: string): Instruction | undefined {
  return byMnemonic.get(mnemonic);
}

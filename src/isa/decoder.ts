import { assert } from '../base/assert.ts';
import { hex } from '../base/hex.ts';
import { fieldReader, readBits, type FieldReader, type Format, type InsnBits } from './format.ts';
import type { Instruction } from './section.ts';

/** An instruction found at an address. Addresses are JavaScript numbers. */
export interface Insn {
  readonly at: number;
  readonly instruction: Instruction;
  readonly fields: Record<string, number>;
  readonly bits: InsnBits;
  /** Bytes: 2, 4 or 6. */
  readonly length: number;
}

/** Instruction length in bytes from its first byte (PoP, "Instruction Formats": bits 0-1). */
export function insnLength(firstByte: number): 2 | 4 | 6 {
  return firstByte < 0x40 ? 2 : firstByte < 0xc0 ? 4 : 6;
}

/** Width of the whole opcode in bits. */
export function opcodeWidth(instruction: Instruction): number {
  return instruction.format.opcode.reduce((sum, { width }) => sum + width, 0);
}

/** What selects among the instructions that share a first byte: one bit range. */
interface Level {
  readonly at: number;
  readonly width: number;
  readonly table: (Instruction | undefined)[];
}

/** Finds instructions by their bits; built once from declarations, rejecting overlaps. */
export class Decoder {
  readonly #readers = new Map<Format, FieldReader>();
  readonly #levels: (Level | Instruction | undefined)[] = new Array(256).fill(undefined);

  constructor(instructions: Iterable<Instruction>) {
    for (const instruction of instructions) this.#add(instruction);
  }

  #add(instruction: Instruction): void {
    const { format, opcode, mnemonic } = instruction;
    const width = opcodeWidth(instruction);
    assert(
      opcode < 2 ** width,
      `${mnemonic}: opcode ${hex(opcode)} is wider than its format's slots`,
    );
    const first = Math.floor(opcode / 2 ** (width - 8));
    assert(insnLength(first) === format.length, `${mnemonic}: length of ${hex(opcode)}`);
    const clash = (other: Instruction): never => {
      throw new Error(`${mnemonic} and ${other.mnemonic} have the same opcode ${hex(opcode)}`);
    };
    const found = this.#levels[first];
    if (width === 8) {
      if (found) clash('mnemonic' in found ? found : found.table.find((i) => i !== undefined)!);
      this.#levels[first] = instruction;
      return;
    }
    // The second part: bits 8-15 of a 16-bit opcode, or the format's second slot.
    const second = format.opcode[1] ?? { at: 8, width: 8 };
    if (found && 'mnemonic' in found) clash(found);
    const level = (found as Level | undefined) ?? {
      at: second.at,
      width: second.width,
      table: new Array(1 << second.width).fill(undefined),
    };
    this.#levels[first] = level;
    assert(
      level.at === second.at && level.width === second.width,
      `${mnemonic}: extended opcode of ${hex(first, 2)} is elsewhere`,
    );
    const index = opcode & ((1 << second.width) - 1);
    const other = level.table[index];
    if (other) clash(other);
    level.table[index] = instruction;
  }

  /** The declared instruction, or undefined: an operation exception. */
  find(bits: InsnBits): Instruction | undefined {
    const level = this.#levels[bits.first >>> 24];
    if (level === undefined || 'mnemonic' in level) return level;
    return level.table[readBits(bits, level.at, level.width)];
  }

  /** Decodes the instruction at `at`; undefined when no declaration has its opcode. */
  decode(bits: InsnBits, at: number): Insn | undefined {
    const instruction = this.find(bits);
    if (!instruction) return undefined;
    const { format } = instruction;
    let reader = this.#readers.get(format);
    if (!reader) this.#readers.set(format, (reader = fieldReader(format.fields)));
    const fields = reader(bits.first, bits.last);
    return { at, instruction, fields, bits, length: format.length };
  }
}

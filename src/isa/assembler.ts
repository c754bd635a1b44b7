import { encode } from './encode.ts';
import { AssemblerError, evaluate, splitOperands, type Symbols } from './expression.ts';
import { assemblerAliases, spellings, type Spelling } from './extended-mnemonics.ts';
import type { Field } from './format.ts';
import type { Instruction } from './section.ts';
import { parseSyntax, registerKind, type SyntaxOperand } from './syntax.ts';
import { INSTRUCTIONS } from './table.ts';

export { AssemblerError } from './expression.ts';

interface Named {
  readonly instruction: Instruction;
  readonly spelling: Spelling;
}

let names: Map<string, Named> | undefined;

function find(mnemonic: string): Named {
  if (!names) {
    names = new Map();
    // Aliases first: an instruction's own mnemonic wins over another one's extended spelling.
    for (const instruction of INSTRUCTIONS) {
      for (const [name, spelling] of assemblerAliases(instruction)) {
        names.set(name, { instruction, spelling });
      }
      for (const spelling of spellings(instruction)) {
        names.set(spelling.name, { instruction, spelling });
      }
    }
    for (const instruction of INSTRUCTIONS) {
      const own = instruction.mnemonic.toLowerCase();
      const all = spellings(instruction);
      const spelling = all.find(({ name }) => name === own) ?? all.at(-1)!;
      names.set(own, { instruction, spelling });
    }
  }
  const found = names.get(mnemonic.toLowerCase());
  if (!found) throw new AssemblerError(`unknown mnemonic "${mnemonic}"`);
  return found;
}

/** Field values under construction; every value is checked against its field's width. */
class Encoder {
  readonly #instruction: Instruction;
  readonly #spelling: Spelling;
  readonly #address: bigint;
  readonly #symbols: Symbols;
  readonly #values = new Map<string, number>();

  constructor({ instruction, spelling }: Named, address: bigint, symbols: Symbols) {
    this.#instruction = instruction;
    this.#spelling = spelling;
    this.#address = address;
    this.#symbols = symbols;
  }

  #field(name: string): Field {
    return this.#instruction.format.fields.find((field) => field.name === name)!;
  }

  #set(name: string, value: bigint, shown: string): void {
    const { width, signed } = this.#field(name);
    const implied = this.#spelling.implied.find((one) => one.field === name)?.mask ?? 0;
    const low = signed ? -(2n ** BigInt(width - 1)) : 0n;
    const high = signed ? -1n - low : (2n ** BigInt(width) - 1n) & ~BigInt(implied);
    if (value < low || value > high) {
      throw new AssemblerError(`operand "${shown}" is not in ${low}..${high}`);
    }
    this.#values.set(name, Number(value));
  }

  #register(name: string, text: string, kind: string): void {
    const match = /^(?:%?([rfacv]))?(\d+)$/i.exec(text);
    if (!match) throw new AssemblerError(`"${text}" is not a register`);
    const letter = match[1]?.toLowerCase();
    if (letter !== undefined && letter !== kind) {
      throw new AssemblerError(`"${text}" is not a %${kind} register`);
    }
    this.#set(name, BigInt(match[2]!), text);
  }

  #addressOperand(operand: SyntaxOperand & { kind: 'address' }, text: string): void {
    const match = /^([^()]*)(?:\(([^()]*)\))?$/.exec(text);
    if (!match) throw new AssemblerError(`bad address "${text}"`);
    const { displacement, inner, base } = operand;
    this.#set(displacement, evaluate(match[1]!.trim() || '0', this.#symbols), match[1]!);
    const parts = match[2] === undefined ? [] : match[2].split(',').map((part) => part.trim());
    // One register is the base, unless a length or register must stand there.
    const [first, second] = parts.length === 1 && inner?.kind === 'index' ? ['', parts[0]] : parts;
    if (parts.length > (inner ? 2 : 1)) throw new AssemblerError(`bad address "${text}"`);
    if (!inner) {
      if (first) this.#register(base, first, 'r');
      return;
    }
    if (inner.kind === 'length') {
      if (!first) throw new AssemblerError(`"${text}" lacks a length`);
      this.#set(inner.field, evaluate(first, this.#symbols) - 1n, first);
    } else if (first) this.#register(inner.field, first, 'r');
    if (second) this.#register(base, second, 'r');
  }

  operand(operand: SyntaxOperand, text: string): void {
    switch (operand.kind) {
      case 'register':
        return this.#register(operand.field, text, registerKind(this.#instruction, operand.field));
      case 'immediate':
        return this.#set(operand.field, evaluate(text, this.#symbols), text);
      case 'address':
        return this.#addressOperand(operand, text);
      case 'relative': {
        const distance = BigInt.asIntN(64, evaluate(text, this.#symbols) - this.#address);
        if (distance & 1n) throw new AssemblerError(`target "${text}" is at an odd distance`);
        return this.#set(operand.field, distance / 2n, text);
      }
    }
  }

  bytes(): Uint8Array {
    for (const { field, value } of this.#spelling.implied) {
      this.#values.set(field, (this.#values.get(field) ?? 0) | value);
    }
    return encode(this.#instruction, Object.fromEntries(this.#values));
  }
}

const STATEMENT = /^([\w.]+)(?:\s+(.*))?$/s;

/**
 * Assembles one instruction at `address`: what the disassembler prints, with or without the `%` of
 * registers. Targets of relative operands are addresses.
 * @throws AssemblerError
 */
export function assemble(
  text: string,
  address: number | bigint = 0,
  symbols: Symbols = () => undefined,
): Uint8Array {
  try {
    const match = STATEMENT.exec(text.trim());
    if (!match) throw new AssemblerError('not an instruction');
    const named = find(match[1]!);
    const { operands, optional } = parseSyntax(named.spelling.syntax);
    const texts = splitOperands(match[2] ?? '');
    const missing = operands.length - texts.length;
    if (missing < 0 || missing > optional) {
      const wanted = named.spelling.syntax || 'none';
      throw new AssemblerError(`${texts.length} operands, wants ${wanted}`);
    }
    const at = BigInt(address);
    const encoder = new Encoder(named, at, (name) => (name === '.' ? at : symbols(name)));
    operands.slice(0, texts.length).forEach((operand, i) => encoder.operand(operand, texts[i]!));
    return encoder.bytes();
  } catch (error) {
    if (!(error instanceof AssemblerError)) throw error;
    throw new AssemblerError(`${text.trim()}: ${error.message}`);
  }
}

/** The length in bytes of an instruction, from its mnemonic. @throws AssemblerError */
export function assembledLength(text: string): number {
  return find(STATEMENT.exec(text.trim())?.[1] ?? text).instruction.format.length;
}

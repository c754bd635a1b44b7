import { hex } from '../base/hex.ts';
import type { Insn } from './decoder.ts';
import { spellings, type Spelling } from './extended-mnemonics.ts';
import type { Instruction } from './section.ts';
import { parseSyntax, registerKind, type SyntaxOperand } from './syntax.ts';

type Fields = Readonly<Record<string, number>>;

const spellingsOf = new WeakMap<Instruction, Spelling[]>();

function fits({ implied }: Spelling, fields: Fields): boolean {
  return implied.every(({ field, mask, value }) => (fields[field]! & mask) === value);
}

function chooseSpelling(instruction: Instruction, fields: Fields): Spelling {
  let all = spellingsOf.get(instruction);
  if (!all) {
    all = spellings(instruction);
    spellingsOf.set(instruction, all);
  }
  return all.find((spelling) => fits(spelling, fields))!;
}

/** `D(X,B)`; a zero index is left out, and so is a zero base with nothing before it. */
function address(operand: SyntaxOperand & { kind: 'address' }, insn: Insn, fields: Fields): string {
  const { displacement, inner, base } = operand;
  const parts: string[] = [];
  if (inner) {
    const value = fields[inner.field]!;
    if (inner.kind === 'length') parts.push(String(value + 1));
    else if (inner.kind === 'register') parts.push(`%r${value}`);
    else if (value !== 0) parts.push(`%r${value}`);
  }
  if (parts.length > 0 || fields[base] !== 0) parts.push(`%r${fields[base]}`);
  return String(fields[displacement]) + (parts.length > 0 ? `(${parts.join(',')})` : '');
}

function operandText(
  operand: SyntaxOperand,
  insn: Insn,
  fields: Fields,
  { implied }: Spelling,
): string {
  switch (operand.kind) {
    case 'register':
      return `%${registerKind(insn.instruction, operand.field)}${fields[operand.field]}`;
    case 'relative': {
      const target = insn.at + 2 * fields[operand.field]!;
      return `0x${hex(target < 0 ? BigInt.asUintN(64, BigInt(target)) : target)}`;
    }
    case 'address':
      return address(operand, insn, fields);
    case 'immediate': {
      const hidden = implied.find(({ field }) => field === operand.field)?.mask ?? 0;
      const value = fields[operand.field]!;
      return String(hidden ? value & ~hidden : value);
    }
  }
}

/**
 * A decoded instruction in the syntax of GNU objdump, operands after one space: `lg %r1,0(%r2)`,
 * `jne 0x1005b64`, `br %r14`. The assembler reads it back.
 */
export function disassemble(insn: Insn): string {
  const { instruction, fields } = insn;
  const spelling = chooseSpelling(instruction, fields);
  const { operands, optional } = parseSyntax(spelling.syntax);
  const texts = operands.map((operand) => operandText(operand, insn, fields, spelling));
  while (texts.length > operands.length - optional) {
    const last = operands[texts.length - 1]!;
    // NOP's address may be left out when written, but objdump prints it.
    if (last.kind === 'address' || fields[last.field] !== 0) break;
    texts.pop();
  }
  return texts.length > 0 ? `${spelling.name} ${texts.join(',')}` : spelling.name;
}

/** Thrown for input the assembler does not understand; the message is one line. */
export class AssemblerError extends Error {}

/** What names mean: labels, and `.` for the current address. */
export type Symbols = (name: string) => bigint | undefined;

const TERM = /^\s*([-+]?)\s*(?:(0x[0-9a-f]+|0b[01]+|\d+)|'(\\?.)'|([A-Za-z_.$][\w.$]*))/i;

/** Evaluates sums of numbers (decimal, 0x, 0b, 'c') and names. */
export function evaluate(text: string, symbols: Symbols): bigint {
  let rest = text;
  let sum = 0n;
  let first = true;
  while (first || rest.trim() !== '') {
    const match = TERM.exec(rest);
    if (!match || (!first && match[1] === '')) throw new AssemblerError(`bad expression "${text}"`);
    const [all, sign, digits, character, name] = match;
    let value: bigint;
    if (digits !== undefined) value = BigInt(digits);
    else if (character !== undefined) value = BigInt(character.at(-1)!.charCodeAt(0));
    else {
      const found = symbols(name!);
      if (found === undefined) throw new AssemblerError(`undefined symbol "${name}"`);
      value = found;
    }
    sum += sign === '-' ? -value : value;
    rest = rest.slice(all.length);
    first = false;
  }
  return sum;
}

/** Splits at commas outside parentheses and quotes; an empty text has no operands. */
export function splitOperands(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quote !== '') {
      if (c === '\\') i++;
      else if (c === quote) quote = '';
    } else if (c === '"' || c === "'") quote = c;
    else if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (c === ',' && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  if (text.trim() !== '') parts.push(text.slice(from));
  return parts.map((part) => part.trim());
}

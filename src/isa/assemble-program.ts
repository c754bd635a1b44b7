import { assemble, assembledLength } from './assembler.ts';
import { AssemblerError, evaluate, splitOperands, type Symbols } from './expression.ts';

export interface Program {
  readonly address: number;
  readonly bytes: Uint8Array;
  /** Addresses of the labels. */
  readonly labels: ReadonlyMap<string, number>;
}

/** A directive: its size before symbols are known, then its bytes. */
interface Directive {
  readonly size: (operands: string[], at: number) => number;
  readonly bytes: (operands: string[], symbols: Symbols) => number[];
}

function data(width: number): Directive {
  return {
    size: (operands) => operands.length * width,
    bytes: (operands, symbols) =>
      operands.flatMap((operand) => {
        const value = evaluate(operand, symbols);
        if (value < -(2n ** BigInt(8 * width - 1)) || value >= 2n ** BigInt(8 * width)) {
          throw new AssemblerError(`"${operand}" does not fit ${width} bytes`);
        }
        return Array.from({ length: width }, (_, i) =>
          Number((value >> BigInt(8 * (width - 1 - i))) & 0xffn),
        );
      }),
  };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', 0: '\0' };

function stringBytes(operand: string): number[] {
  const match = /^"((?:[^"\\]|\\.)*)"$/s.exec(operand);
  if (!match) throw new AssemblerError(`${operand} is not a string`);
  const text = match[1]!.replace(/\\(.)/gs, (_, c: string) => ESCAPES[c] ?? c);
  return [...new TextEncoder().encode(text)];
}

function strings(end: number[]): Directive {
  const bytes = (operands: string[]): number[] =>
    operands.flatMap((operand) => [...stringBytes(operand), ...end]);
  return { size: (operands) => bytes(operands).length, bytes };
}

function count(operands: string[]): number {
  const value = Number(evaluate(operands[0] ?? '', () => undefined));
  if (operands.length !== 1 || value < 0 || value > 1 << 24) {
    throw new AssemblerError('wants one count');
  }
  return value;
}

const zeros: Directive = { size: count, bytes: (operands) => new Array(count(operands)).fill(0) };

const DIRECTIVES: Readonly<Record<string, Directive>> = {
  '.quad': data(8),
  '.long': data(4),
  '.short': data(2),
  '.byte': data(1),
  '.ascii': strings([]),
  '.asciz': strings([0]),
  '.skip': zeros,
  // To a multiple of so many bytes.
  '.align': {
    size: (operands, at) => {
      const unit = count(operands);
      if (unit === 0) throw new AssemblerError('wants a count above zero');
      return (unit - (at % unit)) % unit;
    },
    bytes: () => [],
  },
};

interface Statement {
  readonly line: number;
  readonly at: number;
  readonly size: number;
  readonly text: string;
  readonly directive: Directive | undefined;
  readonly operands: string[];
}

/** Removes a `#` comment that is not inside a string. */
function withoutComment(line: string): string {
  return line.replace(/^((?:[^"#]|"(?:[^"\\]|\\.)*")*)#.*$/s, '$1').trim();
}

/**
 * Assembles a small program at `address`: one instruction or directive a line, `name:` labels,
 * `#` comments. Directives: .quad .long .short .byte .ascii .asciz .skip .align (bytes).
 * @throws AssemblerError that names the line
 */
export function assembleProgram(source: string, address = 0): Program {
  const labels = new Map<string, number>();
  const statements: Statement[] = [];
  let at = address;
  const atLine = <T>(line: number, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof AssemblerError)) throw error;
      throw new AssemblerError(`line ${line}: ${error.message}`);
    }
  };
  source.split('\n').forEach((raw, index) => {
    const line = index + 1;
    let text = withoutComment(raw);
    for (let label; (label = /^([A-Za-z_.$][\w.$]*):\s*/.exec(text));) {
      if (labels.has(label[1]!)) {
        throw new AssemblerError(`line ${line}: label ${label[1]} is defined twice`);
      }
      labels.set(label[1]!, at);
      text = text.slice(label[0].length);
    }
    if (text === '') return;
    atLine(line, () => {
      const [, name, rest] = /^(\S+)\s*(.*)$/s.exec(text)!;
      const directive = DIRECTIVES[name!];
      if (!directive && name!.startsWith('.')) {
        throw new AssemblerError(`unknown directive "${name}"`);
      }
      const operands = directive ? splitOperands(rest!) : [];
      const size = directive ? directive.size(operands, at) : assembledLength(text);
      statements.push({ line, at, size, text, directive, operands });
      at += size;
    });
  });
  const bytes = new Uint8Array(at - address);
  for (const { line, at: here, text, directive, operands } of statements) {
    const symbols: Symbols = (name) => {
      const value = name === '.' ? here : labels.get(name);
      return value === undefined ? undefined : BigInt(value);
    };
    const made = atLine(line, () =>
      directive ? directive.bytes(operands, symbols) : assemble(text, here, symbols),
    );
    bytes.set(made, here - address);
  }
  return { address, bytes, labels };
}

import { unreachable } from '../base/assert.ts';
import type { Instruction } from './section.ts';

/**
 * Operand syntax, read by both the disassembler and the assembler: `R1,D2(X2,B2)` as a list of
 * operands. The syntax of a format may differ per mnemonic, see extended-mnemonics.ts.
 */
export type SyntaxOperand =
  | { readonly kind: 'register'; readonly field: string }
  /** I and M fields: signed or not as the format's field says. */
  | { readonly kind: 'immediate'; readonly field: string }
  | { readonly kind: 'relative'; readonly field: string }
  /** D(B), D(X,B), D(L,B) or D(R,B): `inner` is what stands before the base. */
  | {
      readonly kind: 'address';
      readonly displacement: string;
      readonly inner?: { readonly kind: 'index' | 'length' | 'register'; readonly field: string };
      readonly base: string;
    };

export interface Syntax {
  readonly operands: readonly SyntaxOperand[];
  /** How many operands at the end, in brackets, are left out when they are zero. */
  readonly optional: number;
}

const INNER = { x: 'index', l: 'length', r: 'register' } as const;

function parseOperand(text: string): SyntaxOperand {
  const address = /^(D\d)\((?:([XLR]\d),)?(B\d)\)$/.exec(text);
  if (address) {
    const [, displacement, inner, base] = address.map((part) => part?.toLowerCase());
    return inner
      ? {
          kind: 'address',
          displacement: displacement!,
          inner: { kind: INNER[inner[0] as keyof typeof INNER], field: inner },
          base: base!,
        }
      : { kind: 'address', displacement: displacement!, base: base! };
  }
  const field = text.toLowerCase();
  if (/^RI\d$/.test(text)) return { kind: 'relative', field };
  if (/^[IML]\d$/.test(text)) return { kind: 'immediate', field };
  if (/^[RV]\d$/.test(text)) return { kind: 'register', field };
  return unreachable(`operand syntax ${text}`);
}

const parsed = new Map<string, Syntax>();

const parts = (text: string): string[] => text.match(/[^,(]+(\([^)]*\))?/g) ?? [];

/** Parses a syntax such as `R1,D2(X2,B2)` or `R1,R2[,M3]`; results are shared. */
export function parseSyntax(text: string): Syntax {
  let syntax = parsed.get(text);
  if (!syntax) {
    const [required = [], optional = []] = text.replace(']', '').split('[').map(parts);
    const operands = [...required, ...optional].map(parseOperand);
    syntax = { operands, optional: optional.length };
    parsed.set(text, syntax);
  }
  return syntax;
}

/** Register files as assemblers name them: general, floating-point, access, control, vector. */
export type RegisterKind = 'r' | 'f' | 'a' | 'c' | 'v';

/** Low byte of the B3xx opcodes whose R1 is a general register: conversions to fixed and back. */
const B3_GENERAL_R1 = new Set([
  ...[0x84, 0x85, 0x8c, 0x98, 0x99, 0x9a, 0x9c, 0x9d, 0x9e, 0xa8, 0xa9, 0xaa, 0xac, 0xad, 0xae],
  ...[0xb8, 0xb9, 0xba, 0xc8, 0xc9, 0xca, 0xcd, 0xe1, 0xe2, 0xe3, 0xe5, 0xe7, 0xe9, 0xea, 0xeb],
  ...[0xed, 0xef],
]);
const B3_GENERAL_R2 = new Set([
  ...[0x84, 0x8c, 0x90, 0x91, 0x92, 0x94, 0x95, 0x96, 0xa0, 0xa1, 0xa2, 0xa4, 0xa5, 0xa6],
  ...[0xb4, 0xb5, 0xb6, 0xc1, 0xc4, 0xc5, 0xc6, 0xf1, 0xf2, 0xf3, 0xf6, 0xf7, 0xf9, 0xfa, 0xfb],
  ...[0xfe, 0xff],
]);
/** Low byte of the B9xx opcodes that convert between DFP and fixed. */
const B9_TO_FIXED = new Set([0x41, 0x42, 0x43, 0x49, 0x4a, 0x4b]);
const B9_FROM_FIXED = new Set([0x51, 0x52, 0x53, 0x59, 0x5a, 0x5b]);
/** RX opcodes of floating-point instructions: STD MXD LD CD AD ... STE LE CE AE ... */
const RX_FLOAT = (first: number): boolean =>
  first === 0x60 ||
  first === 0x70 ||
  (first >= 0x67 && first <= 0x6f) ||
  (first >= 0x78 && first <= 0x7f);

/**
 * Which register file field `field` of an instruction names. The opcode's chapter decides; the
 * formats do not say, because the manual uses the same format for all of them.
 */
export function registerKind({ opcode, format }: Instruction, field: string): RegisterKind {
  const width = format.opcode.reduce((sum, slot) => sum + slot.width, 0);
  const first = Math.floor(opcode / 2 ** (width - 8));
  const low = opcode & 0xff;
  if (field.startsWith('v')) return 'v';
  if (width === 8) {
    if ((first >= 0x20 && first <= 0x3f) || RX_FLOAT(first)) return 'f';
    if (first === 0x9a || first === 0x9b) return 'a';
    if (first === 0xb6 || first === 0xb7) return 'c';
    return 'r';
  }
  switch (first) {
    case 0xb2:
      if (low === 0x4d) return 'a';
      if (low === 0x4c || low === 0x4e) return field === 'r1' ? 'a' : 'r';
      if (low === 0x4f) return field === 'r2' ? 'a' : 'r';
      return low === 0x2d || low === 0x44 || low === 0x45 ? 'f' : 'r';
    case 0xb3:
      if (field === 'r1' && B3_GENERAL_R1.has(low)) return 'r';
      if (field === 'r2' && B3_GENERAL_R2.has(low)) return 'r';
      return 'f';
    case 0xb9:
      if (field === 'r2' && B9_TO_FIXED.has(low)) return 'f';
      if (field === 'r1' && B9_FROM_FIXED.has(low)) return 'f';
      return 'r';
    case 0xed:
      return 'f';
    case 0xeb:
      if (low === 0x9a || low === 0x9b) return 'a';
      return low === 0x25 || low === 0x2f ? 'c' : 'r';
    default:
      return 'r';
  }
}

import { assert } from '../base/assert.ts';

/**
 * Instruction formats are drawn, left to right, as the manual draws them:
 * `'op:8 r1:4 x2:4 b2:4 d2.lo:12 d2.hi:s8 op:8'`. A slot is `name:width`; `op` holds opcode bits,
 * `_` is ignored, `s` before the width means signed, and `d2.lo`/`d2.hi` are parts of one field.
 * The picture is also the type of the decoded fields.
 */
type Slot<S extends string> = S extends `op:${string}` | `_:${string}`
  ? unknown
  : S extends `${infer Name}.${string}:${string}`
    ? { readonly [K in Name]: number }
    : S extends `${infer Name}:${string}`
      ? { readonly [K in Name]: number }
      : unknown;

export type FieldsOf<P extends string> = P extends `${infer First} ${infer Rest}`
  ? Slot<First> & FieldsOf<Rest>
  : Slot<P>;

/** A contiguous bit range of the instruction, bit 0 leftmost. */
interface BitRange {
  readonly at: number;
  readonly width: number;
}

export interface FieldPart extends BitRange {
  readonly signed: boolean;
  /** Bits of the field below this part. */
  readonly shift: number;
}

export interface Field {
  readonly name: string;
  /** Total width in bits. */
  readonly width: number;
  readonly signed: boolean;
  readonly parts: readonly FieldPart[];
}

export interface Format<F = unknown> {
  readonly name: string;
  /** Bytes: 2, 4 or 6. */
  readonly length: 2 | 4 | 6;
  readonly opcode: readonly BitRange[];
  readonly fields: readonly Field[];
  /** Assembler operand syntax, such as `R1,D2(X2,B2)`. */
  readonly syntax: string;
  /** Only for the type checker. */
  readonly fieldsType?: F;
}

/** Declares a format from its picture and its operand syntax. */
export function format<const P extends string>(
  name: string,
  picture: P,
  syntax: string,
): Format<FieldsOf<P>> {
  const opcode: BitRange[] = [];
  const fields = new Map<string, { name: string; parts: FieldPart[] }>();
  let at = 0;
  for (const slot of picture.split(' ')) {
    const match = /^(\w+?)(?:\.(lo|hi))?:(s?)(\d+)$/.exec(slot);
    assert(match, `format ${name}: bad slot ${slot}`);
    const [, field, part, sign, digits] = match as unknown as [
      string,
      string,
      string,
      string,
      string,
    ];
    const width = Number(digits);
    if (field === 'op') opcode.push({ at, width });
    else if (field !== '_') {
      const entry = fields.get(field) ?? { name: field, parts: [] };
      fields.set(field, entry);
      entry.parts.push({ at, width, signed: sign === 's', shift: part === 'hi' ? -1 : 0 });
    }
    at += width;
  }
  assert(at === 16 || at === 32 || at === 48, `format ${name} has ${at} bits`);
  const finished = [...fields.values()].map(({ name: fieldName, parts }): Field => {
    const low = parts.find((p) => p.shift === 0);
    const all = parts.map((p) => (p.shift < 0 ? { ...p, shift: low!.width } : p));
    return {
      name: fieldName,
      width: all.reduce((sum, p) => sum + p.width, 0),
      signed: all.some((p) => p.signed),
      parts: all,
    };
  });
  return { name, length: (at / 8) as 2 | 4 | 6, opcode, fields: finished, syntax };
}

/** The first four bytes and the last two of an instruction, left-aligned, as unsigned numbers. */
export interface InsnBits {
  readonly first: number;
  readonly last: number;
}

/** Reads bits `[at, at + width)`; a field never crosses bit 32 except d/i fields that start below. */
export function readBits(bits: InsnBits, at: number, width: number): number {
  if (at + width <= 32) return (bits.first << at) >>> (32 - width);
  if (at >= 32) return (bits.last >>> (48 - at - width)) & ((1 << width) - 1);
  const left = 32 - at;
  const right = width - left;
  const high = left === 32 ? bits.first : bits.first & ((1 << left) - 1);
  return (high * 2 ** right + (bits.last >>> (16 - right))) >>> 0;
}

/** Reads all fields of an instruction; signed ones are sign-extended. */
export type FieldReader = (first: number, last: number) => Record<string, number>;

/**
 * Makes a format's reader: code with one object literal, since decoding is a good part of what
 * translating code that runs once costs.
 */
export function fieldReader(fields: readonly Field[]): FieldReader {
  const properties = fields.map(
    ({ name, parts }) => `${JSON.stringify(name)}: ${parts.map(partText).join(' + ')}`,
  );
  return new Function('first', 'last', `return {${properties.join(', ')}};`) as FieldReader;
}

/** An expression over `first` and `last` (see {@link InsnBits}) for a part of a field. */
function partText({ at, width, signed, shift }: FieldPart): string {
  const right = signed ? '>>' : '>>>';
  let piece: string;
  if (at + width <= 32) piece = `(first << ${at} ${right} ${32 - width})`;
  else if (at >= 32) piece = `(last << ${at - 16} ${right} ${32 - width})`;
  else {
    const below = at + width - 32;
    piece = `((first << ${below} | last >>> ${16 - below}) << ${32 - width} ${right} ${32 - width})`;
  }
  return shift === 0 ? piece : `${piece} * ${2 ** shift}`;
}

/** Puts `value` into the bits of `field` of `bytes` (the instruction's own, `length` long). */
export function writeField(field: Field, value: number, bytes: Uint8Array): void {
  for (const part of field.parts) {
    const piece = Math.floor(value / 2 ** part.shift);
    writeBits(bytes, part.at, part.width, piece);
  }
}

export function writeBits(bytes: Uint8Array, at: number, width: number, value: number): void {
  for (let i = 0; i < width; i++) {
    const bit = Math.floor(value / 2 ** (width - 1 - i)) & 1;
    const index = (at + i) >> 3;
    const mask = 0x80 >> ((at + i) & 7);
    bytes[index] = bit ? bytes[index]! | mask : bytes[index]! & ~mask;
  }
}

import { assert } from '../base/assert.ts';
import type { Value } from '../ir/block.ts';
import type { Builder } from '../ir/builder.ts';
import type { Format } from './format.ts';

/**
 * One description of the Principles of Operation is one `section`. Its rows say what differs
 * between mnemonics: format, opcode and where operands come from; its body says the one thing they
 * have in common. Decoder, disassembler, assembler, interpreter, translator, fuzzer and coverage
 * all derive from these declarations.
 *
 * 1. Register writes in a body are queued and committed when the instruction ends: reads see old
 *    values, and nothing changes before the last access that may fault.
 * 2. Bodies never mention JavaScript, DAT, or the TLB.
 */
export type Operand<F> = (ir: Builder, fields: F) => Value;
export type Body<F> = (ir: Builder, fields: F, ...operands: Value[]) => void;

export interface RowOptions {
  /** Facility bit (STFLE) that installs the instruction; 0 = base z/Architecture. */
  readonly facility?: number;
  readonly privileged?: boolean;
}

export interface Row<F> extends RowOptions {
  readonly mnemonic: string;
  readonly format: Format<F>;
  readonly opcode: number;
  /** Checked against the format in {@link row}. */
  readonly operands: readonly Operand<never>[];
}

/** A declared instruction: one mnemonic, one opcode. */
export interface Instruction {
  readonly mnemonic: string;
  /** PoP section title, in capitals. */
  readonly title: string;
  readonly format: Format;
  /** Opcode bits packed left to right, as the manual lists them: 0xa74, 0xb908, 0xe304. */
  readonly opcode: number;
  readonly facility: number;
  readonly privileged: boolean;
  readonly translate: (ir: Builder, fields: Record<string, number>) => void;
}

export interface Section {
  readonly title: string;
  readonly instructions: readonly Instruction[];
}

/** One mnemonic of a section. The operands' field types are checked against the format's picture. */
export function row<F>(
  mnemonic: string,
  format: Format<F>,
  opcode: number,
  ...operands: NoInfer<Operand<F>>[]
): Row<F> {
  return { mnemonic, format, opcode, operands };
}

/** A row with options: facility bit, privileged. */
export function rowWith<F>(
  options: RowOptions,
  mnemonic: string,
  format: Format<F>,
  opcode: number,
  ...operands: NoInfer<Operand<F>>[]
): Row<F> {
  return { mnemonic, format, opcode, operands, ...options };
}

/**
 * Declares a section. `F` is what the body wants of the fields; every row's format must have at
 * least those. The body takes one Value per operand column.
 */
export function section<F>(
  title: string,
  rows: readonly Row<NoInfer<F>>[],
  body: Body<F>,
): Section {
  const instructions = rows.map((r): Instruction => {
    const { mnemonic, format, opcode, facility = 0, privileged = false } = r;
    const operands = r.operands as readonly Operand<F>[];
    assert(
      body.length <= 2 + operands.length,
      `${mnemonic}: body takes ${body.length - 2} operands, row has ${operands.length}`,
    );
    return {
      mnemonic,
      title,
      format,
      opcode,
      facility,
      privileged,
      translate: (ir, fields) => {
        const f = fields as F;
        body(ir, f, ...operands.map((operand) => operand(ir, f)));
      },
    };
  });
  return { title, instructions };
}

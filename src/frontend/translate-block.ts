import {
  PIC_EXECUTE,
  PIC_OPERATION,
  PIC_PRIVILEGED_OPERATION,
  PIC_SPECIFICATION,
} from '../cpu/interruption.ts';
import type { Block, Value } from '../ir/block.ts';
import { Builder, type Mode } from '../ir/builder.ts';
import type { Insn } from '../isa/decoder.ts';
import { disassemble } from '../isa/disassembler.ts';
import { DECODER } from '../isa/table.ts';
import { PAGE_SIZE } from '../memory/page.ts';
import type { CodeSource } from '../memory/code-source.ts';
import { fetchInsn } from './fetch.ts';

/**
 * The pages that something was translated from: of the address space (address / 4096), and where
 * each was in storage.
 */
export type CodePages = ReadonlyMap<number, number>;

/** A block and the pages whose bytes it was made from. */
export interface TranslatedBlock {
  readonly block: Block;
  readonly pages: CodePages;
  /** Its bytes may change unannounced: see `CodeSource`. */
  readonly isVolatile: boolean;
}

export interface TranslateOptions {
  /** Most instructions in one block. */
  readonly limit?: number;
  /** Addresses before which the block must end: starts of other blocks of a region. */
  readonly leaders?: ReadonlySet<number>;
  /** Whether a facility is installed; an instruction of another is an operation exception. */
  readonly hasFacility?: (bit: number) => boolean;
}

export const BLOCK_LIMIT = 64;

/** Decodes from `start` until a terminal and makes IR. Never fails: bad code makes an interruption. */
export function translateBlock(
  code: CodeSource,
  start: number,
  mode: Mode,
  { limit = BLOCK_LIMIT, leaders, hasFacility }: TranslateOptions = {},
): TranslatedBlock {
  const ir = new Builder(mode);
  const pages = new Map<number, number>();
  const touch = (at: number, length: number): void => {
    for (const byte of [at, at + length - 1]) {
      const page = Math.floor(byte / PAGE_SIZE);
      if (!pages.has(page)) pages.set(page, code.codePage(byte));
    }
  };
  let at = start;
  // What may change unnoticed is compared before each instruction.
  const isVolatile = code.isVolatile(start);
  const most = isVolatile ? 1 : limit;
  for (let count = 0; count < most; count++) {
    if (at !== start && leaders?.has(at)) break;
    if (at !== start && at % PAGE_SIZE === 0 && code.isVolatile(at)) break;
    const insn = decodeAt(code, at, mode, hasFacility);
    if (typeof insn === 'number') {
      // The failing instruction gets a block of its own, so that what precedes it runs first.
      if (at === start) refuse(ir, at, insn);
      break;
    }
    touch(at, insn.length);
    if (isExecute(insn)) {
      const target = executeTarget(ir, insn);
      if (target === undefined) {
        runBody(ir, insn, at, undefined);
      } else if (!inlineExecute(code, ir, insn, target, touch, hasFacility)) {
        runBody(ir, insn, at, undefined);
      }
    } else {
      runBody(ir, insn, at, undefined);
    }
    at += insn.length;
    if (ir.end()) break;
  }
  return { block: ir.finish(start, at), pages, isVolatile };
}

/**
 * The block for one EXECUTE target whose address or modifier is known only now.
 * `modifier` (0-255) is ORed into the second byte of the target.
 */
export function translateExecuted(
  code: CodeSource,
  executedAt: number,
  next: number,
  target: number,
  modifier: number,
  mode: Mode,
  hasFacility?: (bit: number) => boolean,
): Block {
  const ir = new Builder(mode);
  ir.nextAfterExecute = next;
  const insn = decodeAt(code, target, mode, hasFacility, modifier);
  if (target & 1 || typeof insn === 'number') {
    refuse(ir, executedAt, target & 1 ? PIC_SPECIFICATION : (insn as number));
  } else if (isExecute(insn)) {
    refuse(ir, executedAt, PIC_EXECUTE);
  } else {
    runBody(ir, insn, executedAt, undefined);
    ir.end();
  }
  return ir.finish(executedAt, next);
}

/** The decoded instruction, or the program-interruption code that fetching or decoding it gives. */
function decodeAt(
  code: CodeSource,
  at: number,
  mode: Mode,
  hasFacility: ((bit: number) => boolean) | undefined,
  modifier = 0,
): Insn | number {
  if (at & 1) return PIC_SPECIFICATION;
  const fetched = fetchInsn(code, at);
  if (typeof fetched === 'number') return fetched;
  const bits = { ...fetched.bits, first: (fetched.bits.first | (modifier << 16)) >>> 0 };
  const insn = DECODER.decode(bits, at);
  if (!insn) return PIC_OPERATION;
  const { facility, privileged } = insn.instruction;
  if (facility !== 0 && hasFacility && !hasFacility(facility)) return PIC_OPERATION;
  if (privileged && mode.problem) return PIC_PRIVILEGED_OPERATION;
  return insn;
}

function refuse(ir: Builder, at: number, code: number): void {
  ir.begin({ at, executedAt: at, length: 2, text: () => '(no instruction)' });
  ir.raise(code);
  ir.end();
}

function runBody(ir: Builder, insn: Insn, executedAt: number, modifier: Value | undefined): void {
  const { at, length } = insn;
  const text = (): string => disassemble(insn);
  ir.begin({ at, executedAt, length, text, ...(modifier ? { modifier } : {}) });
  insn.instruction.translate(ir, insn.fields);
}

function isExecute(insn: Insn): boolean {
  return insn.instruction.mnemonic === 'EXRL' || insn.instruction.mnemonic === 'EX';
}

/** The target address of EXECUTE when translation can know it. */
function executeTarget(ir: Builder, { at, instruction, fields }: Insn): number | undefined {
  const { addressing } = ir.mode;
  if (instruction.mnemonic === 'EXRL') return wrapped(at + 2 * fields['ri2']!, addressing);
  const { b2, x2, d2 } = fields as { b2: number; x2: number; d2: number };
  if (x2 !== 0) return undefined;
  const base = b2 === 0 ? 0 : ir.knownRegister(b2);
  return base === undefined ? undefined : wrapped(base + d2, addressing);
}

/** An address in an addressing mode; one of 64 bits is what the number stands for. */
function wrapped(address: number, addressing: Mode['addressing']): number {
  if (addressing === 64) return address;
  return address & (addressing === 31 ? 0x7fff_ffff : 0xff_ffff);
}

/** Puts the target of EXECUTE in its place; false when only run-time operands decide. */
function inlineExecute(
  code: CodeSource,
  ir: Builder,
  insn: Insn,
  target: number,
  touch: (at: number, length: number) => void,
  hasFacility: ((bit: number) => boolean) | undefined,
): boolean {
  const executed = decodeAt(code, target, ir.mode, hasFacility);
  if (typeof executed === 'number' || isExecute(executed)) return false;
  touch(target, executed.length);
  ir.executed.push({ at: target, length: executed.length });
  const r1 = insn.fields['r1']!;
  ir.nextAfterExecute = insn.at + insn.length;
  ir.modifierUsed = false;
  if (r1 === 0) {
    runBody(ir, executed, insn.at, undefined);
    return true;
  }
  const text = (): string => `${disassemble(insn)}  # ${disassemble(executed)}`;
  const { length } = executed;
  const context = { at: target, executedAt: insn.at, length, text };
  ir.begin(context);
  const modifier = ir.and32(ir.getGr32(r1), ir.const32(0xff));
  ir.insn = { ...context, modifier };
  executed.instruction.translate(ir, executed.fields);
  if (ir.modifierUsed) return true;
  ir.abandon();
  return false;
}

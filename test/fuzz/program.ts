import { insnLength } from '../../src/isa/decoder.ts';
import { disassemble } from '../../src/isa/disassembler.ts';
import { encode } from '../../src/isa/encode.ts';
import type { Instruction } from '../../src/isa/section.ts';
import { DECODER } from '../../src/isa/table.ts';
import { hexBytes } from '../../src/base/hex.ts';
import type { Case } from '../drivers/driver.ts';
import { type MachineState, TARGET_AT } from '../drivers/state.ts';

/** One instruction; a relative operand is known only when its address is. */
export interface Step {
  readonly instruction: Instruction;
  readonly fields: Readonly<Record<string, number>>;
  readonly relative?:
    | { readonly field: string; readonly address: number }
    /** Over the next step. */
    | { readonly field: string; readonly skip: true }
    /** To the step with this index. */
    | { readonly field: string; readonly step: number }
    /** To the target of EXECUTE. */
    | { readonly field: string; readonly target: true };
}

export interface FuzzProgram {
  readonly steps: readonly Step[];
  /** What EXECUTE names. */
  readonly target?: Step | undefined;
}

function offsets(steps: readonly Step[]): number[] {
  const list: number[] = [];
  let at = 0;
  for (const { instruction } of steps) {
    list.push(at);
    at += instruction.format.length;
  }
  list.push(at);
  return list;
}

function encodeStep(step: Step, index: number, starts: readonly number[], at: number): Uint8Array {
  const { instruction, fields, relative } = step;
  if (!relative) return encode(instruction, fields);
  const here = at + starts[index]!;
  let address: number;
  if ('address' in relative) address = relative.address;
  else if ('target' in relative) address = at + TARGET_AT;
  else
    address =
      at + starts[Math.min('skip' in relative ? index + 2 : relative.step, starts.length - 1)]!;
  return encode(instruction, { ...fields, [relative.field]: (address - here) >> 1 });
}

/** The program's bytes at `at`, ready for a driver. */
export function makeCase({ steps, target }: FuzzProgram, at: number, before: MachineState): Case {
  const starts = offsets(steps);
  const code = new Uint8Array(starts.at(-1)!);
  steps.forEach((step, i) => code.set(encodeStep(step, i, starts, at), starts[i]));
  return {
    code,
    at,
    before,
    target: target && encodeStep(target, 0, [TARGET_AT], at),
  };
}

/** The instructions of a case as text. */
export function listing({ code, at, target }: Case): string[] {
  const lines: string[] = [];
  const decode = (bytes: Uint8Array, address: number): string => {
    const padded = new Uint8Array(6);
    padded.set(bytes);
    const view = new DataView(padded.buffer);
    const bits = { first: view.getUint32(0), last: view.getUint16(4) };
    const insn = DECODER.decode(bits, address);
    return `${hexBytes(bytes).padEnd(12)}  ${insn ? disassemble(insn) : '(not declared)'}`;
  };
  for (let i = 0; i < code.length;) {
    const length = insnLength(code[i]!);
    lines.push(decode(code.subarray(i, i + length), at + i));
    i += length;
  }
  if (target) lines.push(`target: ${decode(target, at + TARGET_AT)}`);
  return lines;
}

import { PIC_DATA, PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import type { HelperName } from '../../ir/helpers.ts';

/** What most bodies want of the fields. */
export interface R1 {
  readonly r1: number;
}
export interface R1R2 extends R1 {
  readonly r2: number;
}

/** An extended number is in registers r and r + 2: 0, 1, 4, 5, 8, 9, 12 and 13 designate one. */
export function requirePairs(ir: Builder, ...registers: number[]): boolean {
  if (registers.every((r) => (r & 2) === 0)) return true;
  ir.raise(PIC_SPECIFICATION);
  return false;
}

/** Both registers of a pair. */
export function pair(r: number): number[] {
  return [r, r + 2];
}

/**
 * Ends an instruction that a helper has carried out. BFP helpers return `dxc << 8 | cc`: a
 * data-exception code asks for an interruption behind the completed instruction.
 */
export function finishBfp(ir: Builder, outcome: Value, setsCc = false): void {
  if (setsCc) ir.setCc(ir.and32(outcome, ir.const32(3)));
  ir.completeTrapIf(ir.emit('lt32u', [ir.const32(0xff), outcome]), PIC_DATA);
}

/** An instruction on the pairs R1 and R2, whose result replaces R1. */
export function extended(ir: Builder, helper: HelperName, { r1, r2 }: R1R2, setsCc = false): void {
  if (!requirePairs(ir, r1, r2)) return;
  const effects = { readsFpr: [...pair(r1), ...pair(r2)], writesFpr: pair(r1) };
  finishBfp(ir, ir.call(helper, [r1, r2], [], effects), setsCc);
}

/** Places a long result and sets the CC: 0 zero, 1 negative, 2 positive, 3 NaN. */
export function setLongAndCc(ir: Builder, r1: number, result: Value): void {
  ir.setF64(r1, result);
  ir.setCc(ir.emit('ccSignF64', [result]));
}

/** As {@link setLongAndCc}; the right word of the register stays. */
export function setShortAndCc(ir: Builder, r1: number, result: Value): void {
  ir.setF32(r1, result);
  ir.setCc(ir.emit('ccSignF32', [result]));
}

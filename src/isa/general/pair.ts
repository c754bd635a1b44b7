import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';

/**
 * Even-odd register pairs. As columns these come before any storage operand, so that an odd R1 is
 * a specification exception even when the storage operand cannot be accessed. What follows the
 * exception in the block is never reached; `r1 | 1` keeps its register numbers in range.
 */
interface Pair {
  readonly r1: number;
}

/** Raises a specification exception for an odd `r`. */
export function requireEven(ir: Builder, r: number): void {
  if (r & 1) ir.trapIf(ir.const32(1), PIC_SPECIFICATION);
}

/** The odd register of the pair at R1, 64 bits. */
export function pairLow64(ir: Builder, { r1 }: Pair): Value {
  requireEven(ir, r1);
  return ir.getGr64(r1 | 1);
}

/** The low word of the odd register of the pair at R1. */
export function pairLow32(ir: Builder, { r1 }: Pair): Value {
  requireEven(ir, r1);
  return ir.getGr32(r1 | 1);
}

/** The low words of the pair at R1, as one 64-bit integer. */
export function pair32(ir: Builder, { r1 }: Pair): Value {
  requireEven(ir, r1);
  return ir.make64(ir.getGr32(r1), ir.getGr32(r1 | 1));
}

/** Places the halves of a 64-bit result in the low words of the pair at R1. */
export function setPair32(ir: Builder, r1: number, value: Value): void {
  ir.setGr32(r1, ir.high32(value));
  ir.setGr32(r1 | 1, ir.low32(value));
}

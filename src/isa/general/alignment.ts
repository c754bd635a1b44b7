import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';

/** Raises a specification exception unless `address` is a multiple of `size`, a power of two. */
export function requireAlignment(ir: Builder, address: Value, size: number): void {
  const rest = ir.and32(ir.low32(address), ir.const32(size - 1));
  ir.trapIf(ir.emit('lt32u', [ir.const32(0), rest]), PIC_SPECIFICATION);
}

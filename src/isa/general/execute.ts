import { RILb, RX } from '../formats.ts';
import { address2, relative2 } from '../operands.ts';
import { row, section } from '../section.ts';

/**
 * EXECUTE. The instruction at the second operand is executed, with bits 56-63 of R1 (unless R1 is
 * register 0) ORed into its bits 8-15.
 */
export const EXECUTE = section(
  'EXECUTE',
  [row('EX', RX, 0x44, address2), row('EXRL', RILb, 0xc60, relative2)],
  (ir, { r1 }: { r1: number }, target) => {
    const modifier = r1 === 0 ? undefined : ir.and32(ir.getGr32(r1), ir.const32(0xff));
    ir.executeAt(target, modifier);
  },
);

import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import { RRE } from '../formats.ts';
import { row, section } from '../section.ts';

/** CHECKSUM: 32-bit elements, the carry coming back on the right. CC 0: all of it was added. */
export const CHECKSUM = section(
  'CHECKSUM',
  [row('CKSM', RRE, 0xb241)],
  (ir, { r1, r2 }: { r1: number; r2: number }) => {
    if (r2 & 1) return ir.raise(PIC_SPECIFICATION);
    const registers = [r1, r2, r2 + 1];
    const effects = { reads: registers, writes: registers };
    ir.call('checksum', [r1, r2, ir.mode.addressing], [], effects);
    ir.setCc(ir.const32(0));
  },
);

import { RR_r1, RRE, RRE_r1 } from '../formats.ts';
import { gr32 } from '../operands.ts';
import { row, section } from '../section.ts';

/** INSERT PROGRAM MASK: 00, CC and program mask into bits 32-39; other bits stay. */
export const INSERT_PROGRAM_MASK = section(
  'INSERT PROGRAM MASK',
  [row('IPM', RRE_r1, 0xb222, gr32.r1)],
  (ir, { r1 }: { r1: number }, first) => {
    const cc = ir.emit('shl32', [ir.getCc(), ir.const32(28)]);
    const mask = ir.const32(ir.mode.programMask << 24);
    ir.setGr32(r1, ir.or32(ir.and32(first, ir.const32(0xff_ffff)), ir.or32(cc, mask)));
  },
);

/** SET PROGRAM MASK: bits 34-35 become the CC, 36-39 the program mask. */
export const SET_PROGRAM_MASK = section(
  'SET PROGRAM MASK',
  [row('SPM', RR_r1, 0x04, gr32.r1)],
  (ir, _fields: unknown, first) => {
    const nibble = (shift: number, mask: number) =>
      ir.and32(ir.emit('shr32', [first, ir.const32(shift)]), ir.const32(mask));
    ir.call('setProgramMask', [], [nibble(24, 15)]);
    ir.setCc(nibble(28, 3));
    ir.modeChange();
  },
);

/** EXTRACT PSW: bits 0-31 into R1, 32-63 into R2 unless that is register 0. CC unchanged. */
export const EXTRACT_PSW = section(
  'EXTRACT PSW',
  [row('EPSW', RRE, 0xb98d)],
  (ir, { r1, r2 }: { r1: number; r2: number }) => {
    const registers = r2 === 0 ? [r1] : [r1, r2];
    ir.call('extractPsw', [r1, r2], [ir.getCc()], { reads: registers, writes: registers });
  },
);

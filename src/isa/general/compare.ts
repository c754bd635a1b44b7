import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RIa, RILa, RILb, RR, RRE, RX, RXYa, SIL } from '../formats.ts';
import {
  gr32,
  gr32s,
  gr64,
  immediate32,
  immediate64,
  relative16s,
  relative16s32,
  relative32,
  relative32s,
  relative64,
  storage16s,
  storage16s32,
  storage32,
  storage32s,
  storage64,
} from '../operands.ts';
import { row, section } from '../section.ts';

interface Storage1 {
  readonly b1: number;
  readonly d1: number;
}

/** The storage operand D1(B1) of the immediate forms. */
const first16s32 = (ir: Builder, { b1, d1 }: Storage1): Value =>
  ir.emit('sext16', [ir.load16(ir.address(b1, d1))]);
const first32 = (ir: Builder, { b1, d1 }: Storage1): Value => ir.load32(ir.address(b1, d1));
const first64 = (ir: Builder, { b1, d1 }: Storage1): Value => ir.load64(ir.address(b1, d1));

/** COMPARE (32), signed. CC 0 equal, 1 first low, 2 first high. */
export const COMPARE_32 = section(
  'COMPARE',
  [
    row('CR', RR, 0x19, gr32.r1, gr32.r2),
    row('C', RX, 0x59, gr32.r1, storage32),
    row('CY', RXYa, 0xe359, gr32.r1, storage32),
    row('CFI', RILa, 0xc2d, gr32.r1, immediate32.i2),
    row('CRL', RILb, 0xc6d, gr32.r1, relative32),
    row('CH', RX, 0x49, gr32.r1, storage16s32),
    row('CHY', RXYa, 0xe379, gr32.r1, storage16s32),
    row('CHI', RIa, 0xa7e, gr32.r1, immediate32.i2),
    row('CHRL', RILb, 0xc65, gr32.r1, relative16s32),
    row('CHHSI', SIL, 0xe554, first16s32, immediate32.i2),
    row('CHSI', SIL, 0xe55c, first32, immediate32.i2),
  ],
  (ir, _fields: unknown, first, second) => {
    ir.setCc(ir.emit('ccCompare32s', [first, second]));
  },
);

/** COMPARE (64), signed. */
export const COMPARE_64 = section(
  'COMPARE',
  [
    row('CGR', RRE, 0xb920, gr64.r1, gr64.r2),
    row('CGFR', RRE, 0xb930, gr64.r1, gr32s.r2),
    row('CG', RXYa, 0xe320, gr64.r1, storage64),
    row('CGF', RXYa, 0xe330, gr64.r1, storage32s),
    row('CGFI', RILa, 0xc2c, gr64.r1, immediate64.i2),
    row('CGRL', RILb, 0xc68, gr64.r1, relative64),
    row('CGFRL', RILb, 0xc6c, gr64.r1, relative32s),
    row('CGH', RXYa, 0xe334, gr64.r1, storage16s),
    row('CGHI', RIa, 0xa7f, gr64.r1, immediate64.i2),
    row('CGHRL', RILb, 0xc64, gr64.r1, relative16s),
    row('CGHSI', SIL, 0xe558, first64, immediate64.i2),
  ],
  (ir, _fields: unknown, first, second) => {
    ir.setCc(ir.emit('ccCompare64s', [first, second]));
  },
);

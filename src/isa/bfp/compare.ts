import type { Builder } from '../../ir/builder.ts';
import type { HelperName } from '../../ir/helpers.ts';
import { RRE, RXE } from '../formats.ts';
import { address2, f32, f64, fpr, fprHigh, storageF32, storageF64 } from '../operands.ts';
import { row, section } from '../section.ts';
import { pair, requirePairs, type R1R2 } from './extended.ts';
import { EXTENDED, LONG, SHORT } from './modifiers.ts';

/** COMPARE (long). CC 0 equal, 1 first operand low, 2 high, 3 unordered. */
export const COMPARE_LONG = section(
  'COMPARE',
  [row('CDBR', RRE, 0xb319, f64.r1, f64.r2), row('CDB', RXE, 0xed19, f64.r1, storageF64)],
  (ir, _fields: unknown, first, second) => {
    ir.setCc(ir.emit('compareF64', [first, second]));
  },
);

/** COMPARE (short). */
export const COMPARE_SHORT = section(
  'COMPARE',
  [row('CEBR', RRE, 0xb309, f32.r1, f32.r2), row('CEB', RXE, 0xed09, f32.r1, storageF32)],
  (ir, _fields: unknown, first, second) => {
    ir.setCc(ir.emit('compareF32', [first, second]));
  },
);

function compareExtended(ir: Builder, helper: HelperName, { r1, r2 }: R1R2): void {
  if (!requirePairs(ir, r1, r2)) return;
  ir.setCc(ir.call(helper, [r1, r2], [], { readsFpr: [...pair(r1), ...pair(r2)] }));
}

/** COMPARE (extended). */
export const COMPARE_EXTENDED = section(
  'COMPARE',
  [row('CXBR', RRE, 0xb349)],
  (ir, fields: R1R2) => {
    compareExtended(ir, 'bfpCompareExtended', fields);
  },
);

/** COMPARE AND SIGNAL (long). Any NaN is an invalid operation. */
export const COMPARE_AND_SIGNAL_LONG = section(
  'COMPARE AND SIGNAL',
  [row('KDBR', RRE, 0xb318, f64.r1, f64.r2), row('KDB', RXE, 0xed18, f64.r1, storageF64)],
  (ir, _fields: unknown, first, second) => {
    ir.setCc(ir.emit('compareSignalF64', [first, second]));
  },
);

/** COMPARE AND SIGNAL (short). */
export const COMPARE_AND_SIGNAL_SHORT = section(
  'COMPARE AND SIGNAL',
  [row('KEBR', RRE, 0xb308, f32.r1, f32.r2), row('KEB', RXE, 0xed08, f32.r1, storageF32)],
  (ir, _fields: unknown, first, second) => {
    ir.setCc(ir.emit('compareSignalF32', [first, second]));
  },
);

/** COMPARE AND SIGNAL (extended). */
export const COMPARE_AND_SIGNAL_EXTENDED = section(
  'COMPARE AND SIGNAL',
  [row('KXBR', RRE, 0xb348)],
  (ir, fields: R1R2) => {
    compareExtended(ir, 'bfpCompareAndSignalExtended', fields);
  },
);

/** TEST DATA CLASS (long). The second operand's address is the mask. CC 1 when a bit selects. */
export const TEST_DATA_CLASS_LONG = section(
  'TEST DATA CLASS',
  [row('TCDB', RXE, 0xed11, fpr.r1, address2)],
  (ir, _fields: unknown, bits, mask) => {
    const words = [ir.high32(bits), ir.low32(bits), ir.low32(mask)];
    ir.setCc(ir.call('bfpTestDataClass', [LONG], words));
  },
);

/** TEST DATA CLASS (short). */
export const TEST_DATA_CLASS_SHORT = section(
  'TEST DATA CLASS',
  [row('TCEB', RXE, 0xed10, fprHigh.r1, address2)],
  (ir, _fields: unknown, bits, mask) => {
    ir.setCc(ir.call('bfpTestDataClass', [SHORT], [bits, ir.const32(0), ir.low32(mask)]));
  },
);

/** TEST DATA CLASS (extended). */
export const TEST_DATA_CLASS_EXTENDED = section(
  'TEST DATA CLASS',
  [row('TCXB', RXE, 0xed12, address2)],
  (ir, { r1 }: { r1: number }, mask) => {
    if (!requirePairs(ir, r1)) return;
    const high = ir.getFpr(r1);
    const low = ir.getFpr(r1 + 2);
    const rest = ir.or32(ir.low32(high), ir.or32(ir.high32(low), ir.low32(low)));
    ir.setCc(ir.call('bfpTestDataClass', [EXTENDED], [ir.high32(high), rest, ir.low32(mask)]));
  },
);

import { RRD, RRE, RXE, RXF } from '../formats.ts';
import {
  f32,
  f64,
  fpr,
  fprHigh,
  storage32,
  storage64,
  storageF32,
  storageF64,
} from '../operands.ts';
import { row, section } from '../section.ts';
import { extended, finishBfp, pair, requirePairs, type R1, type R1R2 } from './extended.ts';

/** MULTIPLY (long). */
export const MULTIPLY_LONG = section(
  'MULTIPLY',
  [row('MDBR', RRE, 0xb31c, f64.r1, f64.r2), row('MDB', RXE, 0xed1c, f64.r1, storageF64)],
  (ir, { r1 }: R1, first, second) => {
    ir.setF64(r1, ir.emit('mulF64', [first, second]));
  },
);

/** MULTIPLY (short). */
export const MULTIPLY_SHORT = section(
  'MULTIPLY',
  [row('MEEBR', RRE, 0xb317, f32.r1, f32.r2), row('MEEB', RXE, 0xed17, f32.r1, storageF32)],
  (ir, { r1 }: R1, first, second) => {
    ir.setF32(r1, ir.emit('mulF32', [first, second]));
  },
);

/** MULTIPLY (extended). */
export const MULTIPLY_EXTENDED = section(
  'MULTIPLY',
  [row('MXBR', RRE, 0xb34c)],
  (ir, fields: R1R2) => {
    extended(ir, 'bfpMultiplyExtended', fields);
  },
);

/** MULTIPLY (short to long). The product is exact. */
export const MULTIPLY_SHORT_TO_LONG = section(
  'MULTIPLY',
  [row('MDEBR', RRE, 0xb30c, fprHigh.r2), row('MDEB', RXE, 0xed0c, storage32)],
  (ir, { r1 }: R1, second) => {
    const effects = { readsFpr: [r1], writesFpr: [r1] };
    finishBfp(ir, ir.call('bfpMultiplyShortToLong', [r1], [second], effects));
  },
);

/** MULTIPLY (long to extended). The product is exact. */
export const MULTIPLY_LONG_TO_EXTENDED = section(
  'MULTIPLY',
  [row('MXDBR', RRE, 0xb307, fpr.r2), row('MXDB', RXE, 0xed07, storage64)],
  (ir, { r1 }: R1, second) => {
    if (!requirePairs(ir, r1)) return;
    const effects = { readsFpr: [r1], writesFpr: pair(r1) };
    finishBfp(ir, ir.call('bfpMultiplyLongToExtended', [r1], [second], effects));
  },
);

/** MULTIPLY AND ADD (long): the third operand times the second, plus the first, rounded once. */
export const MULTIPLY_AND_ADD_LONG = section(
  'MULTIPLY AND ADD',
  [
    row('MADBR', RRD, 0xb31e, f64.r1, f64.r2, f64.r3),
    row('MADB', RXF, 0xed1e, f64.r1, storageF64, f64.r3),
  ],
  (ir, { r1 }: R1, first, second, third) => {
    ir.setF64(r1, ir.emit('fmaF64', [third, second, first]));
  },
);

/** MULTIPLY AND SUBTRACT (long): the product less the first operand. */
export const MULTIPLY_AND_SUBTRACT_LONG = section(
  'MULTIPLY AND SUBTRACT',
  [
    row('MSDBR', RRD, 0xb31f, f64.r1, f64.r2, f64.r3),
    row('MSDB', RXF, 0xed1f, f64.r1, storageF64, f64.r3),
  ],
  (ir, { r1 }: R1, first, second, third) => {
    ir.setF64(r1, ir.emit('fmsF64', [third, second, first]));
  },
);

/** MULTIPLY AND ADD (short). */
export const MULTIPLY_AND_ADD_SHORT = section(
  'MULTIPLY AND ADD',
  [row('MAEBR', RRD, 0xb30e, fprHigh.r2), row('MAEB', RXF, 0xed0e, storage32)],
  (ir, { r1, r3 }: R1 & { r3: number }, second) => {
    const effects = { readsFpr: [r1, r3], writesFpr: [r1] };
    finishBfp(ir, ir.call('bfpMultiplyAndAddShort', [r1, r3], [second], effects));
  },
);

/** MULTIPLY AND SUBTRACT (short). */
export const MULTIPLY_AND_SUBTRACT_SHORT = section(
  'MULTIPLY AND SUBTRACT',
  [row('MSEBR', RRD, 0xb30f, fprHigh.r2), row('MSEB', RXF, 0xed0f, storage32)],
  (ir, { r1, r3 }: R1 & { r3: number }, second) => {
    const effects = { readsFpr: [r1, r3], writesFpr: [r1] };
    finishBfp(ir, ir.call('bfpMultiplyAndSubtractShort', [r1, r3], [second], effects));
  },
);

import { RRE, RXE } from '../formats.ts';
import { f32, f64, storageF32, storageF64 } from '../operands.ts';
import { row, section } from '../section.ts';
import { extended, setLongAndCc, setShortAndCc, type R1, type R1R2 } from './extended.ts';

/** ADD (long). CC 0 zero, 1 negative, 2 positive, 3 NaN. */
export const ADD_LONG = section(
  'ADD',
  [row('ADBR', RRE, 0xb31a, f64.r1, f64.r2), row('ADB', RXE, 0xed1a, f64.r1, storageF64)],
  (ir, { r1 }: R1, first, second) => {
    setLongAndCc(ir, r1, ir.emit('addF64', [first, second]));
  },
);

/** ADD (short). */
export const ADD_SHORT = section(
  'ADD',
  [row('AEBR', RRE, 0xb30a, f32.r1, f32.r2), row('AEB', RXE, 0xed0a, f32.r1, storageF32)],
  (ir, { r1 }: R1, first, second) => {
    setShortAndCc(ir, r1, ir.emit('addF32', [first, second]));
  },
);

/** ADD (extended). */
export const ADD_EXTENDED = section('ADD', [row('AXBR', RRE, 0xb34a)], (ir, fields: R1R2) => {
  extended(ir, 'bfpAddExtended', fields, true);
});

/** SUBTRACT (long). CC as for ADD. */
export const SUBTRACT_LONG = section(
  'SUBTRACT',
  [row('SDBR', RRE, 0xb31b, f64.r1, f64.r2), row('SDB', RXE, 0xed1b, f64.r1, storageF64)],
  (ir, { r1 }: R1, first, second) => {
    setLongAndCc(ir, r1, ir.emit('subF64', [first, second]));
  },
);

/** SUBTRACT (short). */
export const SUBTRACT_SHORT = section(
  'SUBTRACT',
  [row('SEBR', RRE, 0xb30b, f32.r1, f32.r2), row('SEB', RXE, 0xed0b, f32.r1, storageF32)],
  (ir, { r1 }: R1, first, second) => {
    setShortAndCc(ir, r1, ir.emit('subF32', [first, second]));
  },
);

/** SUBTRACT (extended). */
export const SUBTRACT_EXTENDED = section(
  'SUBTRACT',
  [row('SXBR', RRE, 0xb34b)],
  (ir, fields: R1R2) => {
    extended(ir, 'bfpSubtractExtended', fields, true);
  },
);

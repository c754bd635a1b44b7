import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import type { Builder } from '../../ir/builder.ts';
import { RRE, RRFb, RXE } from '../formats.ts';
import { f32, f64, storageF32, storageF64 } from '../operands.ts';
import { row, section } from '../section.ts';
import { extended, finishBfp, type R1, type R1R2 } from './extended.ts';
import { isRoundingModifier, LONG, SHORT, type FormatCode } from './modifiers.ts';

/** DIVIDE (long). */
export const DIVIDE_LONG = section(
  'DIVIDE',
  [row('DDBR', RRE, 0xb31d, f64.r1, f64.r2), row('DDB', RXE, 0xed1d, f64.r1, storageF64)],
  (ir, { r1 }: R1, first, second) => {
    ir.setF64(r1, ir.emit('divF64', [first, second]));
  },
);

/** DIVIDE (short). */
export const DIVIDE_SHORT = section(
  'DIVIDE',
  [row('DEBR', RRE, 0xb30d, f32.r1, f32.r2), row('DEB', RXE, 0xed0d, f32.r1, storageF32)],
  (ir, { r1 }: R1, first, second) => {
    ir.setF32(r1, ir.emit('divF32', [first, second]));
  },
);

/** DIVIDE (extended). */
export const DIVIDE_EXTENDED = section('DIVIDE', [row('DXBR', RRE, 0xb34d)], (ir, fields: R1R2) => {
  extended(ir, 'bfpDivideExtended', fields);
});

interface DivideFields extends R1R2 {
  readonly r3: number;
  readonly m4: number;
}

function divideToInteger(ir: Builder, format: FormatCode, { r1, r2, r3, m4 }: DivideFields): void {
  if (r1 === r2 || r1 === r3 || r2 === r3 || !isRoundingModifier(m4)) {
    return ir.raise(PIC_SPECIFICATION);
  }
  const effects = { readsFpr: [r1, r2, r3], writesFpr: [r1, r3] };
  finishBfp(ir, ir.call('bfpDivideToInteger', [format, r1, r2, r3, m4], [], effects), true);
}

/**
 * DIVIDE TO INTEGER (long): the remainder replaces the first operand, the integer quotient goes to
 * the third. CC 0 remainder complete, 2 incomplete; 1 and 3: the quotient overflowed or is a NaN.
 */
export const DIVIDE_TO_INTEGER_LONG = section(
  'DIVIDE TO INTEGER',
  [row('DIDBR', RRFb, 0xb35b)],
  (ir, fields: DivideFields) => {
    divideToInteger(ir, LONG, fields);
  },
);

/** DIVIDE TO INTEGER (short). */
export const DIVIDE_TO_INTEGER_SHORT = section(
  'DIVIDE TO INTEGER',
  [row('DIEBR', RRFb, 0xb353)],
  (ir, fields: DivideFields) => {
    divideToInteger(ir, SHORT, fields);
  },
);

/** SQUARE ROOT (long). */
export const SQUARE_ROOT_LONG = section(
  'SQUARE ROOT',
  [row('SQDBR', RRE, 0xb315, f64.r2), row('SQDB', RXE, 0xed15, storageF64)],
  (ir, { r1 }: R1, second) => {
    ir.setF64(r1, ir.emit('sqrtF64', [second]));
  },
);

/** SQUARE ROOT (short). */
export const SQUARE_ROOT_SHORT = section(
  'SQUARE ROOT',
  [row('SQEBR', RRE, 0xb314, f32.r2), row('SQEB', RXE, 0xed14, storageF32)],
  (ir, { r1 }: R1, second) => {
    ir.setF32(r1, ir.emit('sqrtF32', [second]));
  },
);

/** SQUARE ROOT (extended). */
export const SQUARE_ROOT_EXTENDED = section(
  'SQUARE ROOT',
  [row('SQXBR', RRE, 0xb316)],
  (ir, fields: R1R2) => {
    extended(ir, 'bfpSquareRootExtended', fields);
  },
);

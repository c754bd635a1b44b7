import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import type { HelperName } from '../../ir/helpers.ts';
import { RRFe } from '../formats.ts';
import { gr32, gr32s, gr32u, gr64 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';
import { finishBfp, pair, requirePairs, type R1, type R1R2 } from './extended.ts';
import { areDefaults, isRoundingModifier, SUPPRESS_INEXACT, TOWARD_ZERO } from './modifiers.ts';
import { EXTENDED, LONG, SHORT, type FormatCode, type Modifiers } from './modifiers.ts';

/** Unsigned conversions came with the floating-point-extension facility. */
const FPE = { facility: 37 };

type FromFields = R1 & Modifiers;
type ToFields = R1R2 & Modifiers;

function fromInteger(
  ir: Builder,
  helper: 'bfpFromSigned' | 'bfpFromUnsigned',
  format: FormatCode,
  { r1, m3, m4 }: FromFields,
  integer: Value,
): void {
  if (!isRoundingModifier(m3)) return ir.raise(PIC_SPECIFICATION);
  if (format === EXTENDED && !requirePairs(ir, r1)) return;
  // The right word of a short number's register stays, hence it is read.
  const effects = {
    readsFpr: format === SHORT ? [r1] : [],
    writesFpr: format === EXTENDED ? pair(r1) : [r1],
  };
  finishBfp(ir, ir.call(helper, [format, r1, m3, m4], [integer], effects));
}

/** CONVERT FROM FIXED (32 to long). Exact. */
export const CONVERT_FROM_FIXED_32_TO_LONG = section(
  'CONVERT FROM FIXED',
  [row('CDFBR', RRFe, 0xb395, gr32.r2)],
  (ir, { r1, m3 }: FromFields, second) => {
    if (!isRoundingModifier(m3)) return ir.raise(PIC_SPECIFICATION);
    ir.setF64(r1, ir.emit('fromI32F64', [second]));
  },
);

/** CONVERT FROM FIXED (64 to long). */
export const CONVERT_FROM_FIXED_64_TO_LONG = section(
  'CONVERT FROM FIXED',
  [row('CDGBR', RRFe, 0xb3a5, gr64.r2)],
  (ir, fields: FromFields, second) => {
    if (!areDefaults(fields)) return fromInteger(ir, 'bfpFromSigned', LONG, fields, second);
    ir.setF64(fields.r1, ir.emit('fromI64F64', [second]));
  },
);

/** CONVERT FROM FIXED (32 to short). The long number in between is exact. */
export const CONVERT_FROM_FIXED_32_TO_SHORT = section(
  'CONVERT FROM FIXED',
  [row('CEFBR', RRFe, 0xb394, gr32.r2)],
  (ir, fields: FromFields, second) => {
    if (!areDefaults(fields)) {
      return fromInteger(ir, 'bfpFromSigned', SHORT, fields, ir.sext64(second));
    }
    const exact = ir.emit('fromI32F64', [second]);
    ir.setF32(fields.r1, ir.emit('roundF64', [exact], fields.r1));
  },
);

/** CONVERT FROM FIXED (64 to short). */
export const CONVERT_FROM_FIXED_64_TO_SHORT = section(
  'CONVERT FROM FIXED',
  [row('CEGBR', RRFe, 0xb3a4, gr64.r2)],
  (ir, fields: FromFields, second) => {
    fromInteger(ir, 'bfpFromSigned', SHORT, fields, second);
  },
);

/** CONVERT FROM FIXED (to extended). Exact. */
export const CONVERT_FROM_FIXED_TO_EXTENDED = section(
  'CONVERT FROM FIXED',
  [row('CXFBR', RRFe, 0xb396, gr32s.r2), row('CXGBR', RRFe, 0xb3a6, gr64.r2)],
  (ir, fields: FromFields, second) => {
    fromInteger(ir, 'bfpFromSigned', EXTENDED, fields, second);
  },
);

/** CONVERT FROM LOGICAL (32 to long). Exact. */
export const CONVERT_FROM_LOGICAL_32_TO_LONG = section(
  'CONVERT FROM LOGICAL',
  [rowWith(FPE, 'CDLFBR', RRFe, 0xb391, gr32u.r2)],
  (ir, { r1, m3 }: FromFields, second) => {
    if (!isRoundingModifier(m3)) return ir.raise(PIC_SPECIFICATION);
    ir.setF64(r1, ir.emit('fromI64F64', [second]));
  },
);

/** CONVERT FROM LOGICAL (64 to long). */
export const CONVERT_FROM_LOGICAL_64_TO_LONG = section(
  'CONVERT FROM LOGICAL',
  [rowWith(FPE, 'CDLGBR', RRFe, 0xb3a1, gr64.r2)],
  (ir, fields: FromFields, second) => {
    fromInteger(ir, 'bfpFromUnsigned', LONG, fields, second);
  },
);

/** CONVERT FROM LOGICAL (to short). */
export const CONVERT_FROM_LOGICAL_TO_SHORT = section(
  'CONVERT FROM LOGICAL',
  [rowWith(FPE, 'CELFBR', RRFe, 0xb390, gr32u.r2), rowWith(FPE, 'CELGBR', RRFe, 0xb3a0, gr64.r2)],
  (ir, fields: FromFields, second) => {
    fromInteger(ir, 'bfpFromUnsigned', SHORT, fields, second);
  },
);

/** CONVERT FROM LOGICAL (to extended). Exact. */
export const CONVERT_FROM_LOGICAL_TO_EXTENDED = section(
  'CONVERT FROM LOGICAL',
  [rowWith(FPE, 'CXLFBR', RRFe, 0xb392, gr32u.r2), rowWith(FPE, 'CXLGBR', RRFe, 0xb3a2, gr64.r2)],
  (ir, fields: FromFields, second) => {
    fromInteger(ir, 'bfpFromUnsigned', EXTENDED, fields, second);
  },
);

function toInteger(
  ir: Builder,
  helper: HelperName,
  format: FormatCode,
  { r1, r2, m3, m4 }: ToFields,
): void {
  if (!isRoundingModifier(m3)) return ir.raise(PIC_SPECIFICATION);
  if (format === EXTENDED && !requirePairs(ir, r2)) return;
  const effects = {
    // The left half of R1 stays when the result has 32 bits.
    reads: helper.endsWith('32') ? [r1] : [],
    writes: [r1],
    readsFpr: format === EXTENDED ? pair(r2) : [r2],
  };
  finishBfp(ir, ir.call(helper, [format, r1, r2, m3, m4], [], effects), true);
}

/** What C's conversions are: toward zero, inexact recognised. */
function truncates({ m3, m4 }: Modifiers): boolean {
  return m3 === TOWARD_ZERO && (m4 & SUPPRESS_INEXACT) === 0;
}

function truncateTo32(ir: Builder, r1: number, number: Value): void {
  ir.setGr32(r1, ir.emit('toI32F64', [number]));
  ir.setCc(ir.emit('ccToI32F64', [number]));
}

function truncateTo64(ir: Builder, r1: number, number: Value): void {
  ir.setGr64(r1, ir.emit('toI64F64', [number]));
  ir.setCc(ir.emit('ccToI64F64', [number]));
}

/**
 * CONVERT TO FIXED (long to 32). CC 0 source zero, 1 less than zero, 2 greater, 3 NaN or out of
 * range, which gives the nearest integer that fits; a NaN gives the lowest.
 */
export const CONVERT_TO_FIXED_LONG_TO_32 = section(
  'CONVERT TO FIXED',
  [row('CFDBR', RRFe, 0xb399)],
  (ir, fields: ToFields) => {
    if (!truncates(fields)) return toInteger(ir, 'bfpToSigned32', LONG, fields);
    truncateTo32(ir, fields.r1, ir.getF64(fields.r2));
  },
);

/** CONVERT TO FIXED (long to 64). */
export const CONVERT_TO_FIXED_LONG_TO_64 = section(
  'CONVERT TO FIXED',
  [row('CGDBR', RRFe, 0xb3a9)],
  (ir, fields: ToFields) => {
    if (!truncates(fields)) return toInteger(ir, 'bfpToSigned64', LONG, fields);
    truncateTo64(ir, fields.r1, ir.getF64(fields.r2));
  },
);

/** CONVERT TO FIXED (short to 32). Any NaN is invalid here, so lengthening may come first. */
export const CONVERT_TO_FIXED_SHORT_TO_32 = section(
  'CONVERT TO FIXED',
  [row('CFEBR', RRFe, 0xb398)],
  (ir, fields: ToFields) => {
    if (!truncates(fields)) return toInteger(ir, 'bfpToSigned32', SHORT, fields);
    truncateTo32(ir, fields.r1, ir.emit('extendF32', [ir.getF32(fields.r2)]));
  },
);

/** CONVERT TO FIXED (short to 64). */
export const CONVERT_TO_FIXED_SHORT_TO_64 = section(
  'CONVERT TO FIXED',
  [row('CGEBR', RRFe, 0xb3a8)],
  (ir, fields: ToFields) => {
    if (!truncates(fields)) return toInteger(ir, 'bfpToSigned64', SHORT, fields);
    truncateTo64(ir, fields.r1, ir.emit('extendF32', [ir.getF32(fields.r2)]));
  },
);

/** CONVERT TO FIXED (extended to 32). */
export const CONVERT_TO_FIXED_EXTENDED_TO_32 = section(
  'CONVERT TO FIXED',
  [row('CFXBR', RRFe, 0xb39a)],
  (ir, fields: ToFields) => {
    toInteger(ir, 'bfpToSigned32', EXTENDED, fields);
  },
);

/** CONVERT TO FIXED (extended to 64). */
export const CONVERT_TO_FIXED_EXTENDED_TO_64 = section(
  'CONVERT TO FIXED',
  [row('CGXBR', RRFe, 0xb3aa)],
  (ir, fields: ToFields) => {
    toInteger(ir, 'bfpToSigned64', EXTENDED, fields);
  },
);

/** CONVERT TO LOGICAL (short to 32). CC as for CONVERT TO FIXED. */
export const CONVERT_TO_LOGICAL_SHORT_TO_32 = section(
  'CONVERT TO LOGICAL',
  [rowWith(FPE, 'CLFEBR', RRFe, 0xb39c)],
  (ir, fields: ToFields) => {
    toInteger(ir, 'bfpToUnsigned32', SHORT, fields);
  },
);

/** CONVERT TO LOGICAL (short to 64). */
export const CONVERT_TO_LOGICAL_SHORT_TO_64 = section(
  'CONVERT TO LOGICAL',
  [rowWith(FPE, 'CLGEBR', RRFe, 0xb3ac)],
  (ir, fields: ToFields) => {
    toInteger(ir, 'bfpToUnsigned64', SHORT, fields);
  },
);

/** CONVERT TO LOGICAL (long to 32). */
export const CONVERT_TO_LOGICAL_LONG_TO_32 = section(
  'CONVERT TO LOGICAL',
  [rowWith(FPE, 'CLFDBR', RRFe, 0xb39d)],
  (ir, fields: ToFields) => {
    toInteger(ir, 'bfpToUnsigned32', LONG, fields);
  },
);

/** CONVERT TO LOGICAL (long to 64). */
export const CONVERT_TO_LOGICAL_LONG_TO_64 = section(
  'CONVERT TO LOGICAL',
  [rowWith(FPE, 'CLGDBR', RRFe, 0xb3ad)],
  (ir, fields: ToFields) => {
    toInteger(ir, 'bfpToUnsigned64', LONG, fields);
  },
);

/** CONVERT TO LOGICAL (extended to 32). */
export const CONVERT_TO_LOGICAL_EXTENDED_TO_32 = section(
  'CONVERT TO LOGICAL',
  [rowWith(FPE, 'CLFXBR', RRFe, 0xb39e)],
  (ir, fields: ToFields) => {
    toInteger(ir, 'bfpToUnsigned32', EXTENDED, fields);
  },
);

/** CONVERT TO LOGICAL (extended to 64). */
export const CONVERT_TO_LOGICAL_EXTENDED_TO_64 = section(
  'CONVERT TO LOGICAL',
  [rowWith(FPE, 'CLGXBR', RRFe, 0xb3ae)],
  (ir, fields: ToFields) => {
    toInteger(ir, 'bfpToUnsigned64', EXTENDED, fields);
  },
);

function loadInteger(ir: Builder, format: FormatCode, { r1, r2, m3, m4 }: ToFields): void {
  if (!isRoundingModifier(m3)) return ir.raise(PIC_SPECIFICATION);
  if (format === EXTENDED && !requirePairs(ir, r1, r2)) return;
  const each = format === EXTENDED ? pair : (r: number): number[] => [r];
  const effects = { readsFpr: [...each(r1), ...each(r2)], writesFpr: each(r1) };
  finishBfp(ir, ir.call('bfpLoadInteger', [format, r1, r2, m3, m4], [], effects));
}

/** LOAD FP INTEGER (long): rounded to an integer in the same format. */
export const LOAD_FP_INTEGER_LONG = section(
  'LOAD FP INTEGER',
  [row('FIDBR', RRFe, 0xb35f)],
  (ir, fields: ToFields) => {
    loadInteger(ir, LONG, fields);
  },
);

/** LOAD FP INTEGER (short). */
export const LOAD_FP_INTEGER_SHORT = section(
  'LOAD FP INTEGER',
  [row('FIEBR', RRFe, 0xb357)],
  (ir, fields: ToFields) => {
    loadInteger(ir, SHORT, fields);
  },
);

/** LOAD FP INTEGER (extended). */
export const LOAD_FP_INTEGER_EXTENDED = section(
  'LOAD FP INTEGER',
  [row('FIXBR', RRFe, 0xb347)],
  (ir, fields: ToFields) => {
    loadInteger(ir, EXTENDED, fields);
  },
);

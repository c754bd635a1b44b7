import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RR, RRE, RXYa } from '../formats.ts';
import { gr32, gr32s, gr64, storage32, storage32s, storage64 } from '../operands.ts';
import { row, section } from '../section.ts';
import { setSignedCc } from './add.ts';

interface R1 {
  readonly r1: number;
}

/** LOAD AND TEST (32). CC 0 zero, 1 negative, 2 positive. */
export const LOAD_AND_TEST_32 = section(
  'LOAD AND TEST',
  [row('LTR', RR, 0x12, gr32.r2), row('LT', RXYa, 0xe312, storage32)],
  (ir, { r1 }: R1, second) => {
    ir.setGr32(r1, second);
    ir.setCc(ir.emit('ccSign32', [second]));
  },
);

/** LOAD AND TEST (64). */
export const LOAD_AND_TEST_64 = section(
  'LOAD AND TEST',
  [
    row('LTGR', RRE, 0xb902, gr64.r2),
    row('LTGFR', RRE, 0xb912, gr32s.r2),
    row('LTG', RXYa, 0xe302, storage64),
    row('LTGF', RXYa, 0xe332, storage32s),
  ],
  (ir, { r1 }: R1, second) => {
    ir.setGr64(r1, second);
    ir.setCc(ir.emit('ccSign64', [second]));
  },
);

/** LOAD COMPLEMENT (32). CC 0 zero, 1 negative, 2 positive, 3 overflow. */
export const LOAD_COMPLEMENT_32 = section(
  'LOAD COMPLEMENT',
  [row('LCR', RR, 0x13, gr32.r2)],
  (ir, { r1 }: R1, second) => {
    const zero = ir.const32(0);
    const result = ir.sub32(zero, second);
    ir.setGr32(r1, result);
    setSignedCc(ir, ir.emit('ccSub32', [zero, second, result]));
  },
);

/** LOAD COMPLEMENT (64). */
export const LOAD_COMPLEMENT_64 = section(
  'LOAD COMPLEMENT',
  [row('LCGR', RRE, 0xb903, gr64.r2), row('LCGFR', RRE, 0xb913, gr32s.r2)],
  (ir, { r1 }: R1, second) => {
    const zero = ir.const64(0);
    const result = ir.sub64(zero, second);
    ir.setGr64(r1, result);
    setSignedCc(ir, ir.emit('ccSub64', [zero, second, result]));
  },
);

function isNegative32(ir: Builder, value: Value): Value {
  return ir.emit('lt32s', [value, ir.const32(0)]);
}

function isNegative64(ir: Builder, value: Value): Value {
  return ir.emit('lt64s', [value, ir.const64(0)]);
}

/** LOAD POSITIVE (32). CC 0 zero, 2 positive, 3 overflow: the result is still negative. */
export const LOAD_POSITIVE_32 = section(
  'LOAD POSITIVE',
  [row('LPR', RR, 0x10, gr32.r2)],
  (ir, { r1 }: R1, second) => {
    const complement = ir.sub32(ir.const32(0), second);
    const result = ir.select32(isNegative32(ir, second), complement, second);
    ir.setGr32(r1, result);
    const cc = ir.emit('ccSign32', [result]);
    setSignedCc(ir, ir.select32(isNegative32(ir, result), ir.const32(3), cc));
  },
);

/** LOAD POSITIVE (64). */
export const LOAD_POSITIVE_64 = section(
  'LOAD POSITIVE',
  [row('LPGR', RRE, 0xb900, gr64.r2), row('LPGFR', RRE, 0xb910, gr32s.r2)],
  (ir, { r1 }: R1, second) => {
    const complement = ir.sub64(ir.const64(0), second);
    const result = ir.select64(isNegative64(ir, second), complement, second);
    ir.setGr64(r1, result);
    const cc = ir.emit('ccSign64', [result]);
    setSignedCc(ir, ir.select32(isNegative64(ir, result), ir.const32(3), cc));
  },
);

/** LOAD NEGATIVE (32). CC 0 zero, 1 negative. */
export const LOAD_NEGATIVE_32 = section(
  'LOAD NEGATIVE',
  [row('LNR', RR, 0x11, gr32.r2)],
  (ir, { r1 }: R1, second) => {
    const complement = ir.sub32(ir.const32(0), second);
    const result = ir.select32(isNegative32(ir, second), second, complement);
    ir.setGr32(r1, result);
    ir.setCc(ir.emit('ccZero32', [result]));
  },
);

/** LOAD NEGATIVE (64). */
export const LOAD_NEGATIVE_64 = section(
  'LOAD NEGATIVE',
  [row('LNGR', RRE, 0xb901, gr64.r2), row('LNGFR', RRE, 0xb911, gr32s.r2)],
  (ir, { r1 }: R1, second) => {
    const complement = ir.sub64(ir.const64(0), second);
    const result = ir.select64(isNegative64(ir, second), second, complement);
    ir.setGr64(r1, result);
    ir.setCc(ir.emit('ccZero64', [result]));
  },
);

import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RIa, RILa, RR, RRE, RRFa, RX, RXYa } from '../formats.ts';
import {
  gr32,
  gr32s,
  gr64,
  immediate32,
  immediate64,
  storage16s,
  storage16s32,
  storage32,
  storage32s,
  storage64,
} from '../operands.ts';
import { row, rowWith, section } from '../section.ts';
import { setSignedCc } from './add.ts';
import { pairLow32, pairLow64, requireEven, setPair32 } from './pair.ts';

interface R1 {
  readonly r1: number;
}

/** Miscellaneous-instruction-extensions facility 2. */
const MIE2 = { facility: 58 };

/** MULTIPLY (64 from 32 by 32, signed): the product's halves replace the pair at R1. */
export const MULTIPLY_32 = section(
  'MULTIPLY',
  [
    row('MR', RR, 0x1c, pairLow32, gr32.r2),
    row('M', RX, 0x5c, pairLow32, storage32),
    row('MFY', RXYa, 0xe35c, pairLow32, storage32),
  ],
  (ir, { r1 }: R1, first, second) => {
    setPair32(ir, r1, ir.emit('mulWide32s', [first, second]));
  },
);

/** MULTIPLY LOGICAL (64 from 32 by 32). */
export const MULTIPLY_LOGICAL_32 = section(
  'MULTIPLY LOGICAL',
  [row('MLR', RRE, 0xb996, pairLow32, gr32.r2), row('ML', RXYa, 0xe396, pairLow32, storage32)],
  (ir, { r1 }: R1, first, second) => {
    setPair32(ir, r1, ir.emit('mulWide32u', [first, second]));
  },
);

/** MULTIPLY LOGICAL (128 from 64 by 64). */
export const MULTIPLY_LOGICAL_64 = section(
  'MULTIPLY LOGICAL',
  [row('MLGR', RRE, 0xb986, pairLow64, gr64.r2), row('MLG', RXYa, 0xe386, pairLow64, storage64)],
  (ir, { r1 }: R1, first, second) => {
    ir.setGr64(r1, ir.emit('mulHigh64u', [first, second]));
    ir.setGr64(r1 | 1, ir.emit('mul64', [first, second]));
  },
);

/** High doubleword of the signed product: the unsigned one, less each factor the other negates. */
function mulHigh64s(ir: Builder, a: Value, b: Value): Value {
  const ifNegative = (sign: Value, value: Value): Value =>
    ir.and64(ir.emit('sar64', [sign, ir.const32(63)]), value);
  const unsigned = ir.emit('mulHigh64u', [a, b]);
  return ir.sub64(ir.sub64(unsigned, ifNegative(a, b)), ifNegative(b, a));
}

/** MULTIPLY (128 from 64 by 64, signed), from storage. */
export const MULTIPLY_64 = section(
  'MULTIPLY',
  [rowWith(MIE2, 'MG', RXYa, 0xe384, pairLow64, storage64)],
  (ir, { r1 }: R1, first, second) => {
    ir.setGr64(r1, mulHigh64s(ir, first, second));
    ir.setGr64(r1 | 1, ir.emit('mul64', [first, second]));
  },
);

/** MULTIPLY (128 from 64 by 64, signed), factors in R2 and R3. */
export const MULTIPLY_64_DISTINCT = section(
  'MULTIPLY',
  [rowWith(MIE2, 'MGRK', RRFa, 0xb9ec, gr64.r2, gr64.r3)],
  (ir, { r1 }: R1, second, third) => {
    requireEven(ir, r1);
    ir.setGr64(r1, mulHigh64s(ir, second, third));
    ir.setGr64(r1 | 1, ir.emit('mul64', [second, third]));
  },
);

/** MULTIPLY SINGLE and MULTIPLY HALFWORD (32): the low word of the product. CC unchanged. */
export const MULTIPLY_SINGLE_32 = section(
  'MULTIPLY SINGLE',
  [
    row('MSR', RRE, 0xb252, gr32.r1, gr32.r2),
    row('MS', RX, 0x71, gr32.r1, storage32),
    row('MSY', RXYa, 0xe351, gr32.r1, storage32),
    row('MSFI', RILa, 0xc21, gr32.r1, immediate32.i2),
  ],
  multiplySingle32,
);

export const MULTIPLY_HALFWORD_32 = section(
  'MULTIPLY HALFWORD',
  [row('MH', RX, 0x4c, gr32.r1, storage16s32), row('MHY', RXYa, 0xe37c, gr32.r1, storage16s32)],
  multiplySingle32,
);

export const MULTIPLY_HALFWORD_IMMEDIATE_32 = section(
  'MULTIPLY HALFWORD IMMEDIATE',
  [row('MHI', RIa, 0xa7c, gr32.r1, immediate32.i2)],
  multiplySingle32,
);

function multiplySingle32(ir: Builder, { r1 }: R1, first: Value, second: Value): void {
  ir.setGr32(r1, ir.emit('mul32', [first, second]));
}

/** MULTIPLY SINGLE and MULTIPLY HALFWORD (64). CC unchanged. */
export const MULTIPLY_SINGLE_64 = section(
  'MULTIPLY SINGLE',
  [
    row('MSGR', RRE, 0xb90c, gr64.r1, gr64.r2),
    row('MSGFR', RRE, 0xb91c, gr64.r1, gr32s.r2),
    row('MSG', RXYa, 0xe30c, gr64.r1, storage64),
    row('MSGF', RXYa, 0xe31c, gr64.r1, storage32s),
    row('MSGFI', RILa, 0xc20, gr64.r1, immediate64.i2),
  ],
  multiplySingle64,
);

export const MULTIPLY_HALFWORD_64 = section(
  'MULTIPLY HALFWORD',
  [rowWith(MIE2, 'MGH', RXYa, 0xe33c, gr64.r1, storage16s)],
  multiplySingle64,
);

export const MULTIPLY_HALFWORD_IMMEDIATE_64 = section(
  'MULTIPLY HALFWORD IMMEDIATE',
  [row('MGHI', RIa, 0xa7d, gr64.r1, immediate64.i2)],
  multiplySingle64,
);

function multiplySingle64(ir: Builder, { r1 }: R1, first: Value, second: Value): void {
  ir.setGr64(r1, ir.emit('mul64', [first, second]));
}

/** MULTIPLY SINGLE that sets the CC (32): 0 zero, 1 negative, 2 positive, 3 overflow. */
export const MULTIPLY_SINGLE_CC_32 = section(
  'MULTIPLY SINGLE',
  [
    rowWith(MIE2, 'MSRKC', RRFa, 0xb9fd, gr32.r2, gr32.r3),
    rowWith(MIE2, 'MSC', RXYa, 0xe353, gr32.r1, storage32),
  ],
  (ir, { r1 }: R1, first, second) => {
    const product = ir.emit('mulWide32s', [first, second]);
    const result = ir.low32(product);
    const fits = ir.emit('eq64', [product, ir.sext64(result)]);
    ir.setGr32(r1, result);
    setSignedCc(ir, ir.select32(fits, ir.emit('ccSign32', [result]), ir.const32(3)));
  },
);

/** MULTIPLY SINGLE that sets the CC (64). */
export const MULTIPLY_SINGLE_CC_64 = section(
  'MULTIPLY SINGLE',
  [
    rowWith(MIE2, 'MSGRKC', RRFa, 0xb9ed, gr64.r2, gr64.r3),
    rowWith(MIE2, 'MSGC', RXYa, 0xe383, gr64.r1, storage64),
  ],
  (ir, { r1 }: R1, first, second) => {
    const result = ir.emit('mul64', [first, second]);
    const sign = ir.emit('sar64', [result, ir.const32(63)]);
    const fits = ir.emit('eq64', [mulHigh64s(ir, first, second), sign]);
    ir.setGr64(r1, result);
    setSignedCc(ir, ir.select32(fits, ir.emit('ccSign64', [result]), ir.const32(3)));
  },
);

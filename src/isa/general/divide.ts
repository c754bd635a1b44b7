import { PIC_FIXED_POINT_DIVIDE } from '../../cpu/interruption.ts';
import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RR, RRE, RX, RXYa } from '../formats.ts';
import { gr32, gr32s, gr64, storage32, storage32s, storage64 } from '../operands.ts';
import { row, section } from '../section.ts';
import { pair32, pairLow64, requireEven } from './pair.ts';

interface R1 {
  readonly r1: number;
}

/**
 * A divide exception for a zero divisor, and for the one quotient of doublewords that does not
 * fit, -2**63 / -1.
 */
function trapUndivisible(ir: Builder, dividend: Value, divisor: Value): void {
  const zero = ir.emit('eq64', [divisor, ir.const64(0)]);
  const least = ir.emit('eq64', [dividend, ir.constPair(0x80000000, 0)]);
  const minusOne = ir.emit('eq64', [divisor, ir.const64(-1)]);
  ir.trapIf(ir.or32(zero, ir.and32(least, minusOne)), PIC_FIXED_POINT_DIVIDE);
}

/** DIVIDE (32 from 64, signed): remainder in R1, quotient in R1 + 1. CC unchanged. */
export const DIVIDE_32 = section(
  'DIVIDE',
  [row('DR', RR, 0x1d, pair32, gr32s.r2), row('D', RX, 0x5d, pair32, storage32s)],
  (ir, { r1 }: R1, dividend, divisor) => {
    trapUndivisible(ir, dividend, divisor);
    const quotient = ir.emit('div64s', [dividend, divisor]);
    const low = ir.low32(quotient);
    const fits = ir.emit('eq64', [quotient, ir.sext64(low)]);
    ir.trapIf(ir.not(fits), PIC_FIXED_POINT_DIVIDE);
    ir.setGr32(r1, ir.low32(ir.emit('rem64s', [dividend, divisor])));
    ir.setGr32(r1 | 1, low);
  },
);

/** DIVIDE SINGLE (64): remainder in R1, quotient in R1 + 1. CC unchanged. */
export const DIVIDE_SINGLE = section(
  'DIVIDE SINGLE',
  [
    row('DSGR', RRE, 0xb90d, pairLow64, gr64.r2),
    row('DSGFR', RRE, 0xb91d, pairLow64, gr32s.r2),
    row('DSG', RXYa, 0xe30d, pairLow64, storage64),
    row('DSGF', RXYa, 0xe31d, pairLow64, storage32s),
  ],
  (ir, { r1 }: R1, dividend, divisor) => {
    trapUndivisible(ir, dividend, divisor);
    ir.setGr64(r1, ir.emit('rem64s', [dividend, divisor]));
    ir.setGr64(r1 | 1, ir.emit('div64s', [dividend, divisor]));
  },
);

/** DIVIDE LOGICAL (32 from 64). The quotient fits when the dividend's high word is lower. */
export const DIVIDE_LOGICAL_32 = section(
  'DIVIDE LOGICAL',
  [row('DLR', RRE, 0xb997, pair32, gr32.r2), row('DL', RXYa, 0xe397, pair32, storage32)],
  (ir, { r1 }: R1, dividend, word) => {
    const fits = ir.emit('lt32u', [ir.getGr32(r1), word]);
    ir.trapIf(ir.not(fits), PIC_FIXED_POINT_DIVIDE);
    const divisor = ir.zext64(word);
    ir.setGr32(r1, ir.low32(ir.emit('rem64u', [dividend, divisor])));
    ir.setGr32(r1 | 1, ir.low32(ir.emit('div64u', [dividend, divisor])));
  },
);

/** R1 as a column, after the check that it is even. */
const checkedPair = (ir: Builder, { r1 }: R1): Value => {
  requireEven(ir, r1);
  return ir.const32(r1);
};

/** DIVIDE LOGICAL (64 from 128): remainder in R1, quotient in R1 + 1. */
export const DIVIDE_LOGICAL_64 = section(
  'DIVIDE LOGICAL',
  [
    row('DLGR', RRE, 0xb987, checkedPair, gr64.r2),
    row('DLG', RXYa, 0xe387, checkedPair, storage64),
  ],
  (ir, { r1 }: R1, _pair, divisor) => {
    const pair = [r1 & 14, r1 | 1];
    ir.call('divideLogical64', [r1 & 14], [divisor], { reads: pair, writes: pair });
  },
);

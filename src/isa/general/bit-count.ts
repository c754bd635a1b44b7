import { RRE, RRFc_opt } from '../formats.ts';
import { gr64 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';
import { requireEven } from './pair.ts';

/**
 * FIND LEFTMOST ONE: its bit number in R1 (64 when there is none), the operand without it in
 * R1 + 1. CC 0 no one bit, 2 found.
 */
export const FIND_LEFTMOST_ONE = section(
  'FIND LEFTMOST ONE',
  [row('FLOGR', RRE, 0xb983, gr64.r2)],
  (ir, { r1 }: { r1: number }, second) => {
    requireEven(ir, r1);
    const count = ir.emit('clz64', [second]);
    // Of zero the count is 64; shifting by 64 modulo 64 clears a bit that is not there.
    const shift = ir.and32(count, ir.const32(63));
    const bit = ir.emit('shr64', [ir.constPair(0x80000000, 0), shift]);
    ir.setGr64(r1, ir.zext64(count));
    ir.setGr64(r1 | 1, ir.and64(second, ir.xor64(bit, ir.const64(-1))));
    const zero = ir.emit('eq64', [second, ir.const64(0)]);
    ir.setCc(ir.select32(zero, ir.const32(0), ir.const32(2)));
  },
);

/**
 * POPULATION COUNT: the ones of each byte, or with bit 0 of M3 (miscellaneous-instruction-
 * extensions facility 3) of the doubleword. CC 0 zero, 1 not zero.
 */
export const POPULATION_COUNT = section(
  'POPULATION COUNT',
  [rowWith({ facility: 45 }, 'POPCNT', RRFc_opt, 0xb9e1, gr64.r2)],
  (ir, { r1, m3 }: { r1: number; m3: number }, second) => {
    const bytes = ir.emit('popcount8', [second]);
    // Multiplying by 0x0101...01 sums all bytes in the leftmost one.
    const sum = (): typeof bytes =>
      ir.emit('shr64', [
        ir.emit('mul64', [bytes, ir.constPair(0x01010101, 0x01010101)]),
        ir.const32(56),
      ]);
    const result = m3 & 8 ? sum() : bytes;
    ir.setGr64(r1, result);
    ir.setCc(ir.emit('ccZero64', [second]));
  },
);

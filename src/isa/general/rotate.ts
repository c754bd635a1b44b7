import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RIEf, RSYa } from '../formats.ts';
import { gr32, gr64 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';
import { shiftAmount } from './shift.ts';

/** ROTATE LEFT SINGLE LOGICAL (32). CC unchanged. */
export const ROTATE_LEFT_SINGLE_LOGICAL_32 = section(
  'ROTATE LEFT SINGLE LOGICAL',
  [row('RLL', RSYa, 0xeb1d, gr32.r3, shiftAmount)],
  (ir, { r1 }: { r1: number }, value, amount) => {
    ir.setGr32(r1, ir.emit('rotl32', [value, ir.and32(amount, ir.const32(31))]));
  },
);

/** ROTATE LEFT SINGLE LOGICAL (64). CC unchanged. */
export const ROTATE_LEFT_SINGLE_LOGICAL_64 = section(
  'ROTATE LEFT SINGLE LOGICAL',
  [row('RLLG', RSYa, 0xeb1c, gr64.r3, shiftAmount)],
  (ir, { r1 }: { r1: number }, value, amount) => {
    ir.setGr64(r1, ir.emit('rotl64', [value, amount]));
  },
);

interface Selection {
  readonly r1: number;
  readonly r2: number;
  readonly i3: number;
  readonly i4: number;
  readonly i5: number;
}

/** Ones in bits `start` to `end` of a word (bit 0 leftmost), around the end when start > end. */
function ones32(start: number, end: number): number {
  const fromStart = -1 >>> start;
  const toEnd = -1 << (31 - end);
  return start <= end ? fromStart & toEnd : fromStart | toEnd;
}

/** The same for a doubleword, as high and low word. */
function ones64(start: number, end: number): { hi: number; lo: number } {
  // Of `[start, 63]` and `[0, end]`: their common bits, or all of theirs when wrapped around.
  const from = { hi: start < 32 ? -1 >>> start : 0, lo: start < 32 ? -1 : -1 >>> (start - 32) };
  const to = { hi: end < 32 ? -1 << (31 - end) : -1, lo: end < 32 ? 0 : -1 << (63 - end) };
  return start <= end
    ? { hi: from.hi & to.hi, lo: from.lo & to.lo }
    : { hi: from.hi | to.hi, lo: from.lo | to.lo };
}

function rotated(ir: Builder, { r2, i5 }: Selection): Value {
  const value = ir.getGr64(r2);
  return (i5 & 63) === 0 ? value : ir.emit('rotl64', [value, ir.const32(i5 & 63)]);
}

/** Selected bits of the rotated R2, the others zero: a shift, where none come around. */
function selected(ir: Builder, fields: Selection): Value {
  const start = fields.i3 & 63;
  const end = fields.i4 & 63;
  const left = fields.i5 & 63;
  const right = 64 - left;
  const { hi, lo } = ones64(start, end);
  const masked = (value: Value): Value => ir.and64(value, ir.constPair(hi, lo));
  if (left !== 0 && start <= end) {
    const shifted = (op: 'shl64' | 'shr64', amount: number): Value =>
      ir.emit(op, [ir.getGr64(fields.r2), ir.const32(amount)]);
    if (start === right && end === 63) return shifted('shr64', right);
    if (start >= right) return masked(shifted('shr64', right));
    if (start === 0 && end === 63 - left) return shifted('shl64', left);
    if (end <= 63 - left) return masked(shifted('shl64', left));
  }
  return masked(rotated(ir, fields));
}

/** Selected bits of the rotated R2 in the place of R1's; the others remain, or are zero. */
function insertSelected(ir: Builder, fields: Selection): Value {
  const { r1, i3, i4 } = fields;
  const { hi, lo } = ones64(i3 & 63, i4 & 63);
  const inserted = selected(ir, fields);
  if (i4 & 0x80) return inserted;
  return ir.or64(ir.and64(ir.getGr64(r1), ir.constPair(~hi, ~lo)), inserted);
}

/** ROTATE THEN INSERT SELECTED BITS. CC 0 zero, 1 negative, 2 positive. */
export const ROTATE_THEN_INSERT_SELECTED_BITS = section(
  'ROTATE THEN INSERT SELECTED BITS',
  [row('RISBG', RIEf, 0xec55)],
  (ir, fields: Selection) => {
    const result = insertSelected(ir, fields);
    ir.setGr64(fields.r1, result);
    ir.setCc(ir.emit('ccSign64', [result]));
  },
);

/** ROTATE THEN INSERT SELECTED BITS, CC unchanged. */
export const ROTATE_THEN_INSERT_SELECTED_BITS_N = section(
  'ROTATE THEN INSERT SELECTED BITS',
  [rowWith({ facility: 49 }, 'RISBGN', RIEf, 0xec59)],
  (ir, fields: Selection) => {
    ir.setGr64(fields.r1, insertSelected(ir, fields));
  },
);

/** The same within one word; bits are numbered 0-31. */
function insertSelected32(ir: Builder, i3: number, i4: number, old: Value, word: Value): Value {
  const mask = ones32(i3 & 31, i4 & 31);
  const inserted = ir.and32(word, ir.const32(mask));
  if (i4 & 0x80) return inserted;
  return ir.or32(ir.and32(old, ir.const32(~mask)), inserted);
}

/** ROTATE THEN INSERT SELECTED BITS HIGH. CC unchanged. */
export const ROTATE_THEN_INSERT_SELECTED_BITS_HIGH = section(
  'ROTATE THEN INSERT SELECTED BITS HIGH',
  [rowWith({ facility: 45 }, 'RISBHG', RIEf, 0xec5d)],
  (ir, fields: Selection) => {
    const { r1, i3, i4 } = fields;
    const word = ir.high32(rotated(ir, fields));
    ir.setGrHigh(r1, insertSelected32(ir, i3, i4, ir.getGrHigh(r1), word));
  },
);

/** ROTATE THEN INSERT SELECTED BITS LOW. CC unchanged. */
export const ROTATE_THEN_INSERT_SELECTED_BITS_LOW = section(
  'ROTATE THEN INSERT SELECTED BITS LOW',
  [rowWith({ facility: 45 }, 'RISBLG', RIEf, 0xec51)],
  (ir, fields: Selection) => {
    const { r1, i3, i4 } = fields;
    const word = ir.low32(rotated(ir, fields));
    ir.setGr32(r1, insertSelected32(ir, i3, i4, ir.getGr32(r1), word));
  },
);

/**
 * Combines the selected bits of R1 and of the rotated R2; R1's other bits remain. With the T bit
 * (bit 0 of I3) only the CC is set: 0 when the selected bits of the result are zero, else 1.
 */
const combineSelected =
  (op: 'and64' | 'or64' | 'xor64') =>
  (ir: Builder, fields: Selection): void => {
    const { r1, i3, i4 } = fields;
    const { hi, lo } = ones64(i3 & 63, i4 & 63);
    const mask = ir.constPair(hi, lo);
    const second = selected(ir, fields);
    // Outside the mask the second operand leaves the first as it is.
    const neutral = op === 'and64' ? ir.or64(second, ir.constPair(~hi, ~lo)) : second;
    const result = ir.emit(op, [ir.getGr64(r1), neutral]);
    if ((i3 & 0x80) === 0) ir.setGr64(r1, result);
    ir.setCc(ir.emit('ccZero64', [ir.and64(result, mask)]));
  };

/** ROTATE THEN AND SELECTED BITS. */
export const ROTATE_THEN_AND_SELECTED_BITS = section(
  'ROTATE THEN AND SELECTED BITS',
  [row('RNSBG', RIEf, 0xec54)],
  combineSelected('and64'),
);

/** ROTATE THEN OR SELECTED BITS. */
export const ROTATE_THEN_OR_SELECTED_BITS = section(
  'ROTATE THEN OR SELECTED BITS',
  [row('ROSBG', RIEf, 0xec56)],
  combineSelected('or64'),
);

/** ROTATE THEN EXCLUSIVE OR SELECTED BITS. */
export const ROTATE_THEN_EXCLUSIVE_OR_SELECTED_BITS = section(
  'ROTATE THEN EXCLUSIVE OR SELECTED BITS',
  [row('RXSBG', RIEf, 0xec57)],
  combineSelected('xor64'),
);

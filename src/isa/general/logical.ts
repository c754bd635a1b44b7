import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RIa_u, RILa_u, RR, RRE, RRFa, RX, RXYa, SI, SIY } from '../formats.ts';
import { address1, gr32, gr64, grHigh, immediate32, storage32, storage64 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

interface R1 {
  readonly r1: number;
}
type Combine = 'and' | 'or' | 'xor';

/** Combines two words; CC 0 when the result is zero, 1 when not. */
const combine32 =
  (op: Combine) =>
  (ir: Builder, { r1 }: R1, first: Value, second: Value): void => {
    const result = ir.emit(`${op}32`, [first, second]);
    ir.setGr32(r1, result);
    ir.setCc(ir.emit('ccZero32', [result]));
  };

const combine64 =
  (op: Combine) =>
  (ir: Builder, { r1 }: R1, first: Value, second: Value): void => {
    const result = ir.emit(`${op}64`, [first, second]);
    ir.setGr64(r1, result);
    ir.setCc(ir.emit('ccZero64', [result]));
  };

const combineHigh =
  (op: Combine) =>
  (ir: Builder, { r1 }: R1, first: Value, second: Value): void => {
    const result = ir.emit(`${op}32`, [first, second]);
    ir.setGrHigh(r1, result);
    ir.setCc(ir.emit('ccZero32', [result]));
  };

/** Combines a byte of storage with an immediate operand; the CC as above. */
const combineStorage =
  (op: Combine) =>
  (ir: Builder, _fields: unknown, address: Value, second: Value): void => {
    ir.emit('probeStore', [address], 1);
    const result = ir.emit(`${op}32`, [ir.load8(address), second]);
    ir.store8(address, result);
    ir.setCc(ir.emit('ccZero32', [result]));
  };

/** AND (32). CC 0 result zero, 1 not zero. */
export const AND_32 = section(
  'AND',
  [
    row('NR', RR, 0x14, gr32.r1, gr32.r2),
    rowWith({ facility: 45 }, 'NRK', RRFa, 0xb9f4, gr32.r2, gr32.r3),
    row('N', RX, 0x54, gr32.r1, storage32),
    row('NY', RXYa, 0xe354, gr32.r1, storage32),
    row('NILF', RILa_u, 0xc0b, gr32.r1, immediate32.i2),
  ],
  combine32('and'),
);

/** AND (64). */
export const AND_64 = section(
  'AND',
  [
    row('NGR', RRE, 0xb980, gr64.r1, gr64.r2),
    rowWith({ facility: 45 }, 'NGRK', RRFa, 0xb9e4, gr64.r2, gr64.r3),
    row('NG', RXYa, 0xe380, gr64.r1, storage64),
  ],
  combine64('and'),
);

/** AND (immediate to storage). */
export const AND_STORAGE = section(
  'AND',
  [
    row('NI', SI, 0x94, address1, immediate32.i2),
    row('NIY', SIY, 0xeb54, address1, immediate32.i2),
  ],
  combineStorage('and'),
);

/** OR (32). CC 0 result zero, 1 not zero. */
export const OR_32 = section(
  'OR',
  [
    row('OR', RR, 0x16, gr32.r1, gr32.r2),
    rowWith({ facility: 45 }, 'ORK', RRFa, 0xb9f6, gr32.r2, gr32.r3),
    row('O', RX, 0x56, gr32.r1, storage32),
    row('OY', RXYa, 0xe356, gr32.r1, storage32),
    row('OILF', RILa_u, 0xc0d, gr32.r1, immediate32.i2),
  ],
  combine32('or'),
);

/** OR (64). */
export const OR_64 = section(
  'OR',
  [
    row('OGR', RRE, 0xb981, gr64.r1, gr64.r2),
    rowWith({ facility: 45 }, 'OGRK', RRFa, 0xb9e6, gr64.r2, gr64.r3),
    row('OG', RXYa, 0xe381, gr64.r1, storage64),
  ],
  combine64('or'),
);

/** OR (immediate to storage). */
export const OR_STORAGE = section(
  'OR',
  [
    row('OI', SI, 0x96, address1, immediate32.i2),
    row('OIY', SIY, 0xeb56, address1, immediate32.i2),
  ],
  combineStorage('or'),
);

/** EXCLUSIVE OR (32). CC 0 result zero, 1 not zero. */
export const EXCLUSIVE_OR_32 = section(
  'EXCLUSIVE OR',
  [
    row('XR', RR, 0x17, gr32.r1, gr32.r2),
    rowWith({ facility: 45 }, 'XRK', RRFa, 0xb9f7, gr32.r2, gr32.r3),
    row('X', RX, 0x57, gr32.r1, storage32),
    row('XY', RXYa, 0xe357, gr32.r1, storage32),
    row('XILF', RILa_u, 0xc07, gr32.r1, immediate32.i2),
  ],
  combine32('xor'),
);

/** EXCLUSIVE OR (64). */
export const EXCLUSIVE_OR_64 = section(
  'EXCLUSIVE OR',
  [
    row('XGR', RRE, 0xb982, gr64.r1, gr64.r2),
    rowWith({ facility: 45 }, 'XGRK', RRFa, 0xb9e7, gr64.r2, gr64.r3),
    row('XG', RXYa, 0xe382, gr64.r1, storage64),
  ],
  combine64('xor'),
);

/** EXCLUSIVE OR (immediate to storage). */
export const EXCLUSIVE_OR_STORAGE = section(
  'EXCLUSIVE OR',
  [
    row('XI', SI, 0x97, address1, immediate32.i2),
    row('XIY', SIY, 0xeb57, address1, immediate32.i2),
  ],
  combineStorage('xor'),
);

/** AND, OR and EXCLUSIVE OR IMMEDIATE (high word). CC of the 32 bits. */
export const AND_IMMEDIATE_HIGH = section(
  'AND IMMEDIATE',
  [row('NIHF', RILa_u, 0xc0a, grHigh.r1, immediate32.i2)],
  combineHigh('and'),
);

export const OR_IMMEDIATE_HIGH = section(
  'OR IMMEDIATE',
  [row('OIHF', RILa_u, 0xc0c, grHigh.r1, immediate32.i2)],
  combineHigh('or'),
);

export const EXCLUSIVE_OR_IMMEDIATE_HIGH = section(
  'EXCLUSIVE OR IMMEDIATE',
  [row('XIHF', RILa_u, 0xc06, grHigh.r1, immediate32.i2)],
  combineHigh('xor'),
);

/**
 * The 16-bit immediate forms: the other halfword of the word is unchanged, and the CC is of the 16
 * bits. Column 1 is the word, column 2 the operand at its place, column 3 ones at that place.
 */
type Immediate = (ir: Builder, fields: { readonly i2: number }) => Value;
const left: Immediate = (ir, { i2 }) => ir.const32(i2 << 16);
const right: Immediate = (ir, { i2 }) => ir.const32(i2);
const leftAll: Immediate = (ir) => ir.const32(0xffff0000);
const rightAll: Immediate = (ir) => ir.const32(0xffff);
/** For AND, ones elsewhere. */
const leftOnes: Immediate = (ir, { i2 }) => ir.const32((i2 << 16) | 0xffff);
const rightOnes: Immediate = (ir, { i2 }) => ir.const32(0xffff0000 | i2);

const combineHalfword =
  (op: Combine, set: 'setGr32' | 'setGrHigh') =>
  (ir: Builder, { r1 }: R1, first: Value, second: Value, place: Value): void => {
    const result = ir.emit(`${op}32`, [first, second]);
    ir[set](r1, result);
    ir.setCc(ir.emit('ccZero32', [ir.and32(result, place)]));
  };

/** AND IMMEDIATE (halfword). */
export const AND_IMMEDIATE = section(
  'AND IMMEDIATE',
  [
    row('NILH', RIa_u, 0xa56, gr32.r1, leftOnes, leftAll),
    row('NILL', RIa_u, 0xa57, gr32.r1, rightOnes, rightAll),
  ],
  combineHalfword('and', 'setGr32'),
);

export const AND_IMMEDIATE_HIGH_HALFWORD = section(
  'AND IMMEDIATE',
  [
    row('NIHH', RIa_u, 0xa54, grHigh.r1, leftOnes, leftAll),
    row('NIHL', RIa_u, 0xa55, grHigh.r1, rightOnes, rightAll),
  ],
  combineHalfword('and', 'setGrHigh'),
);

/** OR IMMEDIATE (halfword). */
export const OR_IMMEDIATE = section(
  'OR IMMEDIATE',
  [
    row('OILH', RIa_u, 0xa5a, gr32.r1, left, leftAll),
    row('OILL', RIa_u, 0xa5b, gr32.r1, right, rightAll),
  ],
  combineHalfword('or', 'setGr32'),
);

export const OR_IMMEDIATE_HIGH_HALFWORD = section(
  'OR IMMEDIATE',
  [
    row('OIHH', RIa_u, 0xa58, grHigh.r1, left, leftAll),
    row('OIHL', RIa_u, 0xa59, grHigh.r1, right, rightAll),
  ],
  combineHalfword('or', 'setGrHigh'),
);

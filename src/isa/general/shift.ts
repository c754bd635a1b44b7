import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RSa_shift, RSYa } from '../formats.ts';
import { gr32, gr64 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';
import { setSignedCc } from './add.ts';
import { pair32, setPair32 } from './pair.ts';

interface R1 {
  readonly r1: number;
}

/** The shift amount: the last six bits of the second operand's address, which is not accessed. */
export function shiftAmount(ir: Builder, { b2, d2 }: { b2: number; d2: number }): Value {
  if (b2 === 0) return ir.const32(d2 & 63);
  const base = ir.getGr32(b2);
  const sum = d2 === 0 ? base : ir.add32(base, ir.const32(d2));
  return ir.and32(sum, ir.const32(63));
}

type Shift = 'shl' | 'shr' | 'sar';

const shiftLogical32 =
  (op: Shift) =>
  (ir: Builder, { r1 }: R1, value: Value, amount: Value): void => {
    ir.setGr32(r1, ir.emit(`${op}32`, [value, amount]));
  };

const shiftLogical64 =
  (op: Shift) =>
  (ir: Builder, { r1 }: R1, value: Value, amount: Value): void => {
    ir.setGr64(r1, ir.emit(`${op}64`, [value, amount]));
  };

/** SHIFT LEFT SINGLE LOGICAL. CC unchanged. */
export const SHIFT_LEFT_SINGLE_LOGICAL_32 = section(
  'SHIFT LEFT SINGLE LOGICAL',
  [
    row('SLL', RSa_shift, 0x89, gr32.r1, shiftAmount),
    rowWith({ facility: 45 }, 'SLLK', RSYa, 0xebdf, gr32.r3, shiftAmount),
  ],
  shiftLogical32('shl'),
);

export const SHIFT_LEFT_SINGLE_LOGICAL_64 = section(
  'SHIFT LEFT SINGLE LOGICAL',
  [row('SLLG', RSYa, 0xeb0d, gr64.r3, shiftAmount)],
  shiftLogical64('shl'),
);

/** SHIFT RIGHT SINGLE LOGICAL. CC unchanged. */
export const SHIFT_RIGHT_SINGLE_LOGICAL_32 = section(
  'SHIFT RIGHT SINGLE LOGICAL',
  [
    row('SRL', RSa_shift, 0x88, gr32.r1, shiftAmount),
    rowWith({ facility: 45 }, 'SRLK', RSYa, 0xebde, gr32.r3, shiftAmount),
  ],
  shiftLogical32('shr'),
);

export const SHIFT_RIGHT_SINGLE_LOGICAL_64 = section(
  'SHIFT RIGHT SINGLE LOGICAL',
  [row('SRLG', RSYa, 0xeb0c, gr64.r3, shiftAmount)],
  shiftLogical64('shr'),
);

/** SHIFT RIGHT SINGLE (32). CC 0 zero, 1 negative, 2 positive. */
export const SHIFT_RIGHT_SINGLE_32 = section(
  'SHIFT RIGHT SINGLE',
  [
    row('SRA', RSa_shift, 0x8a, gr32.r1, shiftAmount),
    rowWith({ facility: 45 }, 'SRAK', RSYa, 0xebdc, gr32.r3, shiftAmount),
  ],
  (ir, { r1 }: R1, value, amount) => {
    const result = ir.emit('sar32', [value, amount]);
    ir.setGr32(r1, result);
    ir.setCc(ir.emit('ccSign32', [result]));
  },
);

/** SHIFT RIGHT SINGLE (64). */
export const SHIFT_RIGHT_SINGLE_64 = section(
  'SHIFT RIGHT SINGLE',
  [row('SRAG', RSYa, 0xeb0a, gr64.r3, shiftAmount)],
  (ir, { r1 }: R1, value, amount) => {
    const result = ir.emit('sar64', [value, amount]);
    ir.setGr64(r1, result);
    ir.setCc(ir.emit('ccSign64', [result]));
  },
);

/**
 * SHIFT LEFT SINGLE (32): the sign stays, 31 bits are shifted. CC 0 zero, 1 negative, 2 positive,
 * 3 overflow: a bit unlike the sign was shifted out, that is, shifting back does not restore.
 */
export const SHIFT_LEFT_SINGLE_32 = section(
  'SHIFT LEFT SINGLE',
  [
    row('SLA', RSa_shift, 0x8b, gr32.r1, shiftAmount),
    rowWith({ facility: 45 }, 'SLAK', RSYa, 0xebdd, gr32.r3, shiftAmount),
  ],
  (ir, { r1 }: R1, value, amount) => {
    const shifted = ir.emit('shl32', [value, amount]);
    const sign = ir.and32(value, ir.const32(0x80000000));
    const result = ir.or32(ir.and32(shifted, ir.const32(0x7fffffff)), sign);
    const fits = ir.emit('eq32', [ir.emit('sar32', [shifted, amount]), value]);
    ir.setGr32(r1, result);
    setSignedCc(ir, ir.select32(fits, ir.emit('ccSign32', [result]), ir.const32(3)));
  },
);

/** Shifts the 63 numeric bits of a doubleword left: result and CC of SHIFT LEFT SINGLE. */
function shiftLeft64(ir: Builder, value: Value, amount: Value): { result: Value; cc: Value } {
  const shifted = ir.emit('shl64', [value, amount]);
  const sign = ir.and64(value, ir.constPair(0x80000000, 0));
  const result = ir.or64(ir.and64(shifted, ir.constPair(0x7fffffff, -1)), sign);
  const fits = ir.emit('eq64', [ir.emit('sar64', [shifted, amount]), value]);
  return { result, cc: ir.select32(fits, ir.emit('ccSign64', [result]), ir.const32(3)) };
}

/** SHIFT LEFT SINGLE (64). */
export const SHIFT_LEFT_SINGLE_64 = section(
  'SHIFT LEFT SINGLE',
  [row('SLAG', RSYa, 0xeb0b, gr64.r3, shiftAmount)],
  (ir, { r1 }: R1, value, amount) => {
    const { result, cc } = shiftLeft64(ir, value, amount);
    ir.setGr64(r1, result);
    setSignedCc(ir, cc);
  },
);

/** SHIFT LEFT DOUBLE: the low words of an even-odd pair. CC as SHIFT LEFT SINGLE. */
export const SHIFT_LEFT_DOUBLE = section(
  'SHIFT LEFT DOUBLE',
  [row('SLDA', RSa_shift, 0x8f, pair32, shiftAmount)],
  (ir, { r1 }: R1, value, amount) => {
    const { result, cc } = shiftLeft64(ir, value, amount);
    setPair32(ir, r1, result);
    setSignedCc(ir, cc);
  },
);

/** SHIFT RIGHT DOUBLE. CC 0 zero, 1 negative, 2 positive. */
export const SHIFT_RIGHT_DOUBLE = section(
  'SHIFT RIGHT DOUBLE',
  [row('SRDA', RSa_shift, 0x8e, pair32, shiftAmount)],
  (ir, { r1 }: R1, value, amount) => {
    const result = ir.emit('sar64', [value, amount]);
    setPair32(ir, r1, result);
    ir.setCc(ir.emit('ccSign64', [result]));
  },
);

/** SHIFT LEFT DOUBLE LOGICAL. CC unchanged. */
export const SHIFT_LEFT_DOUBLE_LOGICAL = section(
  'SHIFT LEFT DOUBLE LOGICAL',
  [row('SLDL', RSa_shift, 0x8d, pair32, shiftAmount)],
  (ir, { r1 }: R1, value, amount) => {
    setPair32(ir, r1, ir.emit('shl64', [value, amount]));
  },
);

/** SHIFT RIGHT DOUBLE LOGICAL. CC unchanged. */
export const SHIFT_RIGHT_DOUBLE_LOGICAL = section(
  'SHIFT RIGHT DOUBLE LOGICAL',
  [row('SRDL', RSa_shift, 0x8c, pair32, shiftAmount)],
  (ir, { r1 }: R1, value, amount) => {
    setPair32(ir, r1, ir.emit('shr64', [value, amount]));
  },
);

import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RRFa } from '../formats.ts';
import { gr32, gr64 } from '../operands.ts';
import { rowWith, section } from '../section.ts';

/** The operations of the miscellaneous-instruction-extensions facility 3, from AND, OR and XOR. */
const MIE3 = { facility: 61 };

interface R1 {
  readonly r1: number;
}
type Combine = 'and' | 'or' | 'xor';

/** `complement` says what is inverted: the third operand, or the result. */
const combine32 =
  (op: Combine, complement: 'operand' | 'result') =>
  (ir: Builder, { r1 }: R1, second: Value, third: Value): void => {
    const not = (v: Value): Value => ir.xor32(v, ir.const32(-1));
    const result =
      complement === 'operand'
        ? ir.emit(`${op}32`, [second, not(third)])
        : not(ir.emit(`${op}32`, [second, third]));
    ir.setGr32(r1, result);
    ir.setCc(ir.emit('ccZero32', [result]));
  };

const combine64 =
  (op: Combine, complement: 'operand' | 'result') =>
  (ir: Builder, { r1 }: R1, second: Value, third: Value): void => {
    const not = (v: Value): Value => ir.xor64(v, ir.const64(-1));
    const result =
      complement === 'operand'
        ? ir.emit(`${op}64`, [second, not(third)])
        : not(ir.emit(`${op}64`, [second, third]));
    ir.setGr64(r1, result);
    ir.setCc(ir.emit('ccZero64', [result]));
  };

/** AND WITH COMPLEMENT. CC 0 result zero, 1 not zero. */
export const AND_WITH_COMPLEMENT_32 = section(
  'AND WITH COMPLEMENT',
  [rowWith(MIE3, 'NCRK', RRFa, 0xb9f5, gr32.r2, gr32.r3)],
  combine32('and', 'operand'),
);

export const AND_WITH_COMPLEMENT_64 = section(
  'AND WITH COMPLEMENT',
  [rowWith(MIE3, 'NCGRK', RRFa, 0xb9e5, gr64.r2, gr64.r3)],
  combine64('and', 'operand'),
);

/** OR WITH COMPLEMENT. CC 0 result zero, 1 not zero. */
export const OR_WITH_COMPLEMENT_32 = section(
  'OR WITH COMPLEMENT',
  [rowWith(MIE3, 'OCRK', RRFa, 0xb975, gr32.r2, gr32.r3)],
  combine32('or', 'operand'),
);

export const OR_WITH_COMPLEMENT_64 = section(
  'OR WITH COMPLEMENT',
  [rowWith(MIE3, 'OCGRK', RRFa, 0xb965, gr64.r2, gr64.r3)],
  combine64('or', 'operand'),
);

/** NAND. CC 0 result zero, 1 not zero. */
export const NAND_32 = section(
  'NAND',
  [rowWith(MIE3, 'NNRK', RRFa, 0xb974, gr32.r2, gr32.r3)],
  combine32('and', 'result'),
);

export const NAND_64 = section(
  'NAND',
  [rowWith(MIE3, 'NNGRK', RRFa, 0xb964, gr64.r2, gr64.r3)],
  combine64('and', 'result'),
);

/** NOR. CC 0 result zero, 1 not zero. */
export const NOR_32 = section(
  'NOR',
  [rowWith(MIE3, 'NORK', RRFa, 0xb976, gr32.r2, gr32.r3)],
  combine32('or', 'result'),
);

export const NOR_64 = section(
  'NOR',
  [rowWith(MIE3, 'NOGRK', RRFa, 0xb966, gr64.r2, gr64.r3)],
  combine64('or', 'result'),
);

/** NOT EXCLUSIVE OR. CC 0 result zero, 1 not zero. */
export const NOT_EXCLUSIVE_OR_32 = section(
  'NOT EXCLUSIVE OR',
  [rowWith(MIE3, 'NXRK', RRFa, 0xb977, gr32.r2, gr32.r3)],
  combine32('xor', 'result'),
);

export const NOT_EXCLUSIVE_OR_64 = section(
  'NOT EXCLUSIVE OR',
  [rowWith(MIE3, 'NXGRK', RRFa, 0xb967, gr64.r2, gr64.r3)],
  combine64('xor', 'result'),
);

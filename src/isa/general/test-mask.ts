import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RIa_u, SI, SIY } from '../formats.ts';
import { address1, gr32, grHigh, immediate32 } from '../operands.ts';
import { row, section } from '../section.ts';

/** TEST UNDER MASK (byte of storage). CC 0 selected bits zero or no mask, 1 mixed, 3 all ones. */
export const TEST_UNDER_MASK_STORAGE = section(
  'TEST UNDER MASK',
  [
    row('TM', SI, 0x91, address1, immediate32.i2),
    row('TMY', SIY, 0xeb51, address1, immediate32.i2),
  ],
  (ir, _fields: unknown, address, mask) => {
    ir.setCc(ir.emit('ccTestMaskByte', [ir.load8(address), mask]));
  },
);

const left = (ir: Builder, { i2 }: { i2: number }): Value => ir.const32(i2 << 16);

/** TEST UNDER MASK (register). CC 0 zero, 3 all ones; mixed: 1 leftmost zero, 2 leftmost one. */
export const TEST_UNDER_MASK_REGISTER = section(
  'TEST UNDER MASK',
  [
    row('TMLH', RIa_u, 0xa70, gr32.r1, left),
    row('TMLL', RIa_u, 0xa71, gr32.r1, immediate32.i2),
    row('TMHH', RIa_u, 0xa72, grHigh.r1, left),
    row('TMHL', RIa_u, 0xa73, grHigh.r1, immediate32.i2),
  ],
  (ir, _fields: unknown, value, mask) => {
    ir.setCc(ir.emit('ccTestMask', [value, mask]));
  },
);

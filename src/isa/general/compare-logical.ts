import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RILa_u, RILb, RR, RRE, RX, RXYa, SI, SIL_u, SIY } from '../formats.ts';
import {
  gr32,
  gr32u,
  gr64,
  immediate32,
  immediate64,
  relative16,
  relative16u,
  relative32,
  relative32u,
  relative64,
  storage32,
  storage32u,
  storage64,
} from '../operands.ts';
import { row, section } from '../section.ts';

interface Storage1 {
  readonly b1: number;
  readonly d1: number;
}

/** The storage operand D1(B1) of the immediate forms. */
const first8 = (ir: Builder, { b1, d1 }: Storage1): Value => ir.load8(ir.address(b1, d1));
const first16 = (ir: Builder, { b1, d1 }: Storage1): Value => ir.load16(ir.address(b1, d1));
const first32 = (ir: Builder, { b1, d1 }: Storage1): Value => ir.load32(ir.address(b1, d1));
const first64 = (ir: Builder, { b1, d1 }: Storage1): Value => ir.load64(ir.address(b1, d1));

/** COMPARE LOGICAL (8 to 32 bits). CC 0 equal, 1 first low, 2 first high. */
export const COMPARE_LOGICAL_32 = section(
  'COMPARE LOGICAL',
  [
    row('CLR', RR, 0x15, gr32.r1, gr32.r2),
    row('CL', RX, 0x55, gr32.r1, storage32),
    row('CLY', RXYa, 0xe355, gr32.r1, storage32),
    row('CLFI', RILa_u, 0xc2f, gr32.r1, immediate32.i2),
    row('CLRL', RILb, 0xc6f, gr32.r1, relative32),
    row('CLHRL', RILb, 0xc67, gr32.r1, relative16),
    row('CLI', SI, 0x95, first8, immediate32.i2),
    row('CLIY', SIY, 0xeb55, first8, immediate32.i2),
    row('CLHHSI', SIL_u, 0xe555, first16, immediate32.i2),
    row('CLFHSI', SIL_u, 0xe55d, first32, immediate32.i2),
  ],
  (ir, _fields: unknown, first, second) => {
    ir.setCc(ir.emit('ccCompare32u', [first, second]));
  },
);

/** COMPARE LOGICAL (64). */
export const COMPARE_LOGICAL_64 = section(
  'COMPARE LOGICAL',
  [
    row('CLGR', RRE, 0xb921, gr64.r1, gr64.r2),
    row('CLGFR', RRE, 0xb931, gr64.r1, gr32u.r2),
    row('CLG', RXYa, 0xe321, gr64.r1, storage64),
    row('CLGF', RXYa, 0xe331, gr64.r1, storage32u),
    row('CLGFI', RILa_u, 0xc2e, gr64.r1, immediate64.i2),
    row('CLGRL', RILb, 0xc6a, gr64.r1, relative64),
    row('CLGFRL', RILb, 0xc6e, gr64.r1, relative32u),
    row('CLGHRL', RILb, 0xc66, gr64.r1, relative16u),
    row('CLGHSI', SIL_u, 0xe559, first64, immediate64.i2),
  ],
  (ir, _fields: unknown, first, second) => {
    ir.setCc(ir.emit('ccCompare64u', [first, second]));
  },
);

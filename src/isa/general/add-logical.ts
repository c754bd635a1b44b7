import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RIEd, RILa_u, RR, RRE, RRFa, RX, RXYa, SIY_s } from '../formats.ts';
import {
  address1,
  gr32,
  gr32u,
  gr64,
  immediate32,
  immediate64,
  storage32,
  storage32u,
  storage64,
} from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

interface R1 {
  readonly r1: number;
}

function addLogical32(ir: Builder, { r1 }: R1, first: Value, second: Value): void {
  const sum = ir.add32(first, second);
  ir.setGr32(r1, sum);
  ir.setCc(ir.emit('ccAddLogical32', [sum, second]));
}

function addLogical64(ir: Builder, { r1 }: R1, first: Value, second: Value): void {
  const sum = ir.add64(first, second);
  ir.setGr64(r1, sum);
  ir.setCc(ir.emit('ccAddLogical64', [sum, second]));
}

/** ADD LOGICAL (32). CC 0 zero, 1 not zero, 2 zero with carry, 3 not zero with carry. */
export const ADD_LOGICAL_32 = section(
  'ADD LOGICAL',
  [
    row('ALR', RR, 0x1e, gr32.r1, gr32.r2),
    rowWith({ facility: 45 }, 'ALRK', RRFa, 0xb9fa, gr32.r2, gr32.r3),
    row('AL', RX, 0x5e, gr32.r1, storage32),
    row('ALY', RXYa, 0xe35e, gr32.r1, storage32),
    row('ALFI', RILa_u, 0xc2b, gr32.r1, immediate32.i2),
  ],
  addLogical32,
);

/** ADD LOGICAL (64). */
export const ADD_LOGICAL_64 = section(
  'ADD LOGICAL',
  [
    row('ALGR', RRE, 0xb90a, gr64.r1, gr64.r2),
    row('ALGFR', RRE, 0xb91a, gr64.r1, gr32u.r2),
    rowWith({ facility: 45 }, 'ALGRK', RRFa, 0xb9ea, gr64.r2, gr64.r3),
    row('ALG', RXYa, 0xe30a, gr64.r1, storage64),
    row('ALGF', RXYa, 0xe31a, gr64.r1, storage32u),
    row('ALGFI', RILa_u, 0xc2a, gr64.r1, immediate64.i2),
  ],
  addLogical64,
);

/**
 * ADD LOGICAL WITH SIGNED IMMEDIATE. For a negative immediate the CC is that of subtracting its
 * magnitude logically, which is the carry of adding its two's complement.
 */
export const ADD_LOGICAL_WITH_SIGNED_IMMEDIATE_32 = section(
  'ADD LOGICAL WITH SIGNED IMMEDIATE',
  [rowWith({ facility: 45 }, 'ALHSIK', RIEd, 0xecda, gr32.r3, immediate32.i2)],
  addLogical32,
);

export const ADD_LOGICAL_WITH_SIGNED_IMMEDIATE_64 = section(
  'ADD LOGICAL WITH SIGNED IMMEDIATE',
  [rowWith({ facility: 45 }, 'ALGHSIK', RIEd, 0xecdb, gr64.r3, immediate64.i2)],
  addLogical64,
);

/** ADD LOGICAL WITH SIGNED IMMEDIATE to storage: the sum replaces the first operand, interlocked. */
export const ADD_LOGICAL_WITH_SIGNED_IMMEDIATE_STORAGE_32 = section(
  'ADD LOGICAL WITH SIGNED IMMEDIATE',
  [row('ALSI', SIY_s, 0xeb6e, address1, immediate32.i2)],
  (ir, _fields: unknown, address, second) => {
    ir.emit('probeStore', [address], 4);
    const sum = ir.add32(ir.load32(address), second);
    ir.store32(address, sum);
    ir.setCc(ir.emit('ccAddLogical32', [sum, second]));
  },
);

export const ADD_LOGICAL_WITH_SIGNED_IMMEDIATE_STORAGE_64 = section(
  'ADD LOGICAL WITH SIGNED IMMEDIATE',
  [row('ALGSI', SIY_s, 0xeb7e, address1, immediate64.i2)],
  (ir, _fields: unknown, address, second) => {
    ir.emit('probeStore', [address], 8);
    const sum = ir.add64(ir.load64(address), second);
    ir.store64(address, sum);
    ir.setCc(ir.emit('ccAddLogical64', [sum, second]));
  },
);

/** ADD LOGICAL WITH CARRY (32): the carry is the left bit of the CC. CC as ADD LOGICAL. */
export const ADD_LOGICAL_WITH_CARRY_32 = section(
  'ADD LOGICAL WITH CARRY',
  [row('ALCR', RRE, 0xb998, gr32.r1, gr32.r2), row('ALC', RXYa, 0xe398, gr32.r1, storage32)],
  (ir, { r1 }: R1, first, second) => {
    const carry = ir.condition(3);
    const sum = ir.add32(ir.add32(first, second), carry);
    ir.setGr32(r1, sum);
    ir.setCc(ir.emit('ccAddCarry32', [first, second, carry, sum]));
  },
);

/** ADD LOGICAL WITH CARRY (64). */
export const ADD_LOGICAL_WITH_CARRY_64 = section(
  'ADD LOGICAL WITH CARRY',
  [row('ALCGR', RRE, 0xb988, gr64.r1, gr64.r2), row('ALCG', RXYa, 0xe388, gr64.r1, storage64)],
  (ir, { r1 }: R1, first, second) => {
    const carry = ir.condition(3);
    const sum = ir.add64(ir.add64(first, second), ir.zext64(carry));
    ir.setGr64(r1, sum);
    ir.setCc(ir.emit('ccAddCarry64', [first, second, carry, sum]));
  },
);

import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RIb, RIEe, RILb, RR, RRE, RSa, RSI, RSYa, RX, RXYa } from '../formats.ts';
import { address2 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';
import { relativeTarget } from './branch.ts';

interface R1 {
  readonly r1: number;
}

/** Decrements R1; the result is whether it is not zero. */
function count32(ir: Builder, r1: number): Value {
  const rest = ir.add32(ir.getGr32(r1), ir.const32(-1));
  ir.setGr32(r1, rest);
  return ir.not(ir.emit('eq32', [rest, ir.const32(0)]));
}

function count64(ir: Builder, r1: number): Value {
  const rest = ir.add64(ir.getGr64(r1), ir.const64(-1));
  ir.setGr64(r1, rest);
  return ir.not(ir.emit('eq64', [rest, ir.const64(0)]));
}

/** BRANCH ON COUNT (register). With R2 zero R1 is counted and nothing branched to. */
export const BRANCH_ON_COUNT_REGISTER = section(
  'BRANCH ON COUNT',
  [row('BCTR', RR, 0x06)],
  (ir, { r1, r2 }: R1 & { r2: number }) => {
    const more = count32(ir, r1);
    if (r2 !== 0) ir.branchIndirect(more, ir.address(r2, 0), 'jump');
  },
);

export const BRANCH_ON_COUNT_REGISTER_64 = section(
  'BRANCH ON COUNT',
  [row('BCTGR', RRE, 0xb946)],
  (ir, { r1, r2 }: R1 & { r2: number }) => {
    const more = count64(ir, r1);
    if (r2 !== 0) ir.branchIndirect(more, ir.address(r2, 0), 'jump');
  },
);

/** BRANCH ON COUNT. */
export const BRANCH_ON_COUNT = section(
  'BRANCH ON COUNT',
  [row('BCT', RX, 0x46, address2)],
  (ir, { r1 }: R1, address) => {
    ir.branchIndirect(count32(ir, r1), address, 'jump');
  },
);

export const BRANCH_ON_COUNT_64 = section(
  'BRANCH ON COUNT',
  [row('BCTG', RXYa, 0xe346, address2)],
  (ir, { r1 }: R1, address) => {
    ir.branchIndirect(count64(ir, r1), address, 'jump');
  },
);

/** BRANCH RELATIVE ON COUNT. */
export const BRANCH_RELATIVE_ON_COUNT = section(
  'BRANCH RELATIVE ON COUNT',
  [row('BRCT', RIb, 0xa76)],
  (ir, fields: R1 & { ri2: number }) => {
    ir.branch(count32(ir, fields.r1), relativeTarget(ir, fields));
  },
);

export const BRANCH_RELATIVE_ON_COUNT_64 = section(
  'BRANCH RELATIVE ON COUNT',
  [row('BRCTG', RIb, 0xa77)],
  (ir, fields: R1 & { ri2: number }) => {
    ir.branch(count64(ir, fields.r1), relativeTarget(ir, fields));
  },
);

/** BRANCH RELATIVE ON COUNT HIGH. */
export const BRANCH_RELATIVE_ON_COUNT_HIGH = section(
  'BRANCH RELATIVE ON COUNT HIGH',
  [rowWith({ facility: 45 }, 'BRCTH', RILb, 0xcc6)],
  (ir, fields: R1 & { ri2: number }) => {
    const { r1 } = fields;
    const rest = ir.add32(ir.getGrHigh(r1), ir.const32(-1));
    ir.setGrHigh(r1, rest);
    ir.branch(ir.not(ir.emit('eq32', [rest, ir.const32(0)])), relativeTarget(ir, fields));
  },
);

interface Index {
  readonly r1: number;
  readonly r3: number;
}

/**
 * Adds the increment R3 to R1. The result is whether the sum is above the comparand, which is in
 * R3 itself when odd, else in the register after it, as it was before the addition.
 */
function index32(ir: Builder, { r1, r3 }: Index): Value {
  const sum = ir.add32(ir.getGr32(r1), ir.getGr32(r3));
  ir.setGr32(r1, sum);
  return ir.emit('lt32s', [ir.getGr32(r3 | 1), sum]);
}

function index64(ir: Builder, { r1, r3 }: Index): Value {
  const sum = ir.add64(ir.getGr64(r1), ir.getGr64(r3));
  ir.setGr64(r1, sum);
  return ir.emit('lt64s', [ir.getGr64(r3 | 1), sum]);
}

/** BRANCH ON INDEX HIGH. */
export const BRANCH_ON_INDEX_HIGH = section(
  'BRANCH ON INDEX HIGH',
  [row('BXH', RSa, 0x86, address2)],
  (ir, fields: Index, address) => {
    ir.branchIndirect(index32(ir, fields), address, 'jump');
  },
);

export const BRANCH_ON_INDEX_HIGH_64 = section(
  'BRANCH ON INDEX HIGH',
  [row('BXHG', RSYa, 0xeb44, address2)],
  (ir, fields: Index, address) => {
    ir.branchIndirect(index64(ir, fields), address, 'jump');
  },
);

/** BRANCH ON INDEX LOW OR EQUAL. */
export const BRANCH_ON_INDEX_LOW_OR_EQUAL = section(
  'BRANCH ON INDEX LOW OR EQUAL',
  [row('BXLE', RSa, 0x87, address2)],
  (ir, fields: Index, address) => {
    ir.branchIndirect(ir.not(index32(ir, fields)), address, 'jump');
  },
);

export const BRANCH_ON_INDEX_LOW_OR_EQUAL_64 = section(
  'BRANCH ON INDEX LOW OR EQUAL',
  [row('BXLEG', RSYa, 0xeb45, address2)],
  (ir, fields: Index, address) => {
    ir.branchIndirect(ir.not(index64(ir, fields)), address, 'jump');
  },
);

/** BRANCH RELATIVE ON INDEX HIGH. */
export const BRANCH_RELATIVE_ON_INDEX_HIGH = section(
  'BRANCH RELATIVE ON INDEX HIGH',
  [row('BRXH', RSI, 0x84)],
  (ir, fields: Index & { ri2: number }) => {
    ir.branch(index32(ir, fields), relativeTarget(ir, fields));
  },
);

export const BRANCH_RELATIVE_ON_INDEX_HIGH_64 = section(
  'BRANCH RELATIVE ON INDEX HIGH',
  [row('BRXHG', RIEe, 0xec44)],
  (ir, fields: Index & { ri2: number }) => {
    ir.branch(index64(ir, fields), relativeTarget(ir, fields));
  },
);

/** BRANCH RELATIVE ON INDEX LOW OR EQUAL. */
export const BRANCH_RELATIVE_ON_INDEX_LOW_OR_EQUAL = section(
  'BRANCH RELATIVE ON INDEX LOW OR EQUAL',
  [row('BRXLE', RSI, 0x85)],
  (ir, fields: Index & { ri2: number }) => {
    ir.branch(ir.not(index32(ir, fields)), relativeTarget(ir, fields));
  },
);

export const BRANCH_RELATIVE_ON_INDEX_LOW_OR_EQUAL_64 = section(
  'BRANCH RELATIVE ON INDEX LOW OR EQUAL',
  [row('BRXLG', RIEe, 0xec45)],
  (ir, fields: Index & { ri2: number }) => {
    ir.branch(ir.not(index64(ir, fields)), relativeTarget(ir, fields));
  },
);

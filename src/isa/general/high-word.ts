import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RILa, RILa_u, RRE, RRFa, RXYa } from '../formats.ts';
import {
  address2,
  gr32,
  grHigh,
  immediate32,
  storage16,
  storage16s32,
  storage32,
  storage8,
  storage8s32,
} from '../operands.ts';
import { rowWith, section } from '../section.ts';
import { setSignedCc } from './add.ts';

/** The high-word facility: bits 0-31 of the registers as sixteen more words. */
const HIGH_WORD = { facility: 45 };

interface R1 {
  readonly r1: number;
}

function addHigh(ir: Builder, { r1 }: R1, first: Value, second: Value): void {
  const sum = ir.add32(first, second);
  ir.setGrHigh(r1, sum);
  setSignedCc(ir, ir.emit('ccAdd32', [first, second, sum]));
}

function addLogicalHigh(ir: Builder, { r1 }: R1, first: Value, second: Value): void {
  const sum = ir.add32(first, second);
  ir.setGrHigh(r1, sum);
  ir.setCc(ir.emit('ccAddLogical32', [sum, second]));
}

/** ADD HIGH. CC 0 zero, 1 negative, 2 positive, 3 overflow. */
export const ADD_HIGH = section(
  'ADD HIGH',
  [
    rowWith(HIGH_WORD, 'AHHHR', RRFa, 0xb9c8, grHigh.r2, grHigh.r3),
    rowWith(HIGH_WORD, 'AHHLR', RRFa, 0xb9d8, grHigh.r2, gr32.r3),
  ],
  addHigh,
);

/** ADD IMMEDIATE HIGH. */
export const ADD_IMMEDIATE_HIGH = section(
  'ADD IMMEDIATE HIGH',
  [rowWith(HIGH_WORD, 'AIH', RILa, 0xcc8, grHigh.r1, immediate32.i2)],
  addHigh,
);

/** ADD LOGICAL HIGH. CC 0 zero, 1 not zero, 2 zero with carry, 3 not zero with carry. */
export const ADD_LOGICAL_HIGH = section(
  'ADD LOGICAL HIGH',
  [
    rowWith(HIGH_WORD, 'ALHHHR', RRFa, 0xb9ca, grHigh.r2, grHigh.r3),
    rowWith(HIGH_WORD, 'ALHHLR', RRFa, 0xb9da, grHigh.r2, gr32.r3),
  ],
  addLogicalHigh,
);

/** ADD LOGICAL WITH SIGNED IMMEDIATE HIGH. */
export const ADD_LOGICAL_WITH_SIGNED_IMMEDIATE_HIGH = section(
  'ADD LOGICAL WITH SIGNED IMMEDIATE HIGH',
  [rowWith(HIGH_WORD, 'ALSIH', RILa, 0xcca, grHigh.r1, immediate32.i2)],
  addLogicalHigh,
);

/** The same, CC unchanged. */
export const ADD_LOGICAL_WITH_SIGNED_IMMEDIATE_HIGH_N = section(
  'ADD LOGICAL WITH SIGNED IMMEDIATE HIGH',
  [rowWith(HIGH_WORD, 'ALSIHN', RILa, 0xccb, grHigh.r1, immediate32.i2)],
  (ir, { r1 }: R1, first, second) => {
    ir.setGrHigh(r1, ir.add32(first, second));
  },
);

/** SUBTRACT HIGH. CC 0 zero, 1 negative, 2 positive, 3 overflow. */
export const SUBTRACT_HIGH = section(
  'SUBTRACT HIGH',
  [
    rowWith(HIGH_WORD, 'SHHHR', RRFa, 0xb9c9, grHigh.r2, grHigh.r3),
    rowWith(HIGH_WORD, 'SHHLR', RRFa, 0xb9d9, grHigh.r2, gr32.r3),
  ],
  (ir, { r1 }: R1, first, second) => {
    const difference = ir.sub32(first, second);
    ir.setGrHigh(r1, difference);
    setSignedCc(ir, ir.emit('ccSub32', [first, second, difference]));
  },
);

/** SUBTRACT LOGICAL HIGH. CC 1 borrow, 2 zero, 3 not zero without borrow. */
export const SUBTRACT_LOGICAL_HIGH = section(
  'SUBTRACT LOGICAL HIGH',
  [
    rowWith(HIGH_WORD, 'SLHHHR', RRFa, 0xb9cb, grHigh.r2, grHigh.r3),
    rowWith(HIGH_WORD, 'SLHHLR', RRFa, 0xb9db, grHigh.r2, gr32.r3),
  ],
  (ir, { r1 }: R1, first, second) => {
    ir.setGrHigh(r1, ir.sub32(first, second));
    ir.setCc(ir.emit('ccSubLogical32', [first, second]));
  },
);

/** COMPARE HIGH. CC 0 equal, 1 first low, 2 first high. */
export const COMPARE_HIGH = section(
  'COMPARE HIGH',
  [
    rowWith(HIGH_WORD, 'CHHR', RRE, 0xb9cd, grHigh.r1, grHigh.r2),
    rowWith(HIGH_WORD, 'CHLR', RRE, 0xb9dd, grHigh.r1, gr32.r2),
    rowWith(HIGH_WORD, 'CHF', RXYa, 0xe3cd, grHigh.r1, storage32),
  ],
  (ir, _fields: unknown, first, second) => {
    ir.setCc(ir.emit('ccCompare32s', [first, second]));
  },
);

/** COMPARE IMMEDIATE HIGH. */
export const COMPARE_IMMEDIATE_HIGH = section(
  'COMPARE IMMEDIATE HIGH',
  [rowWith(HIGH_WORD, 'CIH', RILa, 0xccd, grHigh.r1, immediate32.i2)],
  (ir, _fields: unknown, first, second) => {
    ir.setCc(ir.emit('ccCompare32s', [first, second]));
  },
);

/** COMPARE LOGICAL HIGH. CC 0 equal, 1 first low, 2 first high. */
export const COMPARE_LOGICAL_HIGH = section(
  'COMPARE LOGICAL HIGH',
  [
    rowWith(HIGH_WORD, 'CLHHR', RRE, 0xb9cf, grHigh.r1, grHigh.r2),
    rowWith(HIGH_WORD, 'CLHLR', RRE, 0xb9df, grHigh.r1, gr32.r2),
    rowWith(HIGH_WORD, 'CLHF', RXYa, 0xe3cf, grHigh.r1, storage32),
  ],
  (ir, _fields: unknown, first, second) => {
    ir.setCc(ir.emit('ccCompare32u', [first, second]));
  },
);

/** COMPARE LOGICAL IMMEDIATE HIGH. */
export const COMPARE_LOGICAL_IMMEDIATE_HIGH = section(
  'COMPARE LOGICAL IMMEDIATE HIGH',
  [rowWith(HIGH_WORD, 'CLIH', RILa_u, 0xccf, grHigh.r1, immediate32.i2)],
  (ir, _fields: unknown, first, second) => {
    ir.setCc(ir.emit('ccCompare32u', [first, second]));
  },
);

function loadHigh(ir: Builder, { r1 }: R1, second: Value): void {
  ir.setGrHigh(r1, second);
}

/** LOAD HIGH. The low word and the CC are unchanged, as in the loads that follow. */
export const LOAD_HIGH = section(
  'LOAD HIGH',
  [rowWith(HIGH_WORD, 'LFH', RXYa, 0xe3ca, storage32)],
  loadHigh,
);

/** LOAD BYTE HIGH: sign-extended. */
export const LOAD_BYTE_HIGH = section(
  'LOAD BYTE HIGH',
  [rowWith(HIGH_WORD, 'LBH', RXYa, 0xe3c0, storage8s32)],
  loadHigh,
);

/** LOAD HALFWORD HIGH: sign-extended. */
export const LOAD_HALFWORD_HIGH = section(
  'LOAD HALFWORD HIGH',
  [rowWith(HIGH_WORD, 'LHH', RXYa, 0xe3c4, storage16s32)],
  loadHigh,
);

/** LOAD LOGICAL CHARACTER HIGH: zero-extended. */
export const LOAD_LOGICAL_CHARACTER_HIGH = section(
  'LOAD LOGICAL CHARACTER HIGH',
  [rowWith(HIGH_WORD, 'LLCH', RXYa, 0xe3c2, storage8)],
  loadHigh,
);

/** LOAD LOGICAL HALFWORD HIGH: zero-extended. */
export const LOAD_LOGICAL_HALFWORD_HIGH = section(
  'LOAD LOGICAL HALFWORD HIGH',
  [rowWith(HIGH_WORD, 'LLHH', RXYa, 0xe3c6, storage16)],
  loadHigh,
);

/** STORE HIGH. CC unchanged. */
export const STORE_HIGH = section(
  'STORE HIGH',
  [rowWith(HIGH_WORD, 'STFH', RXYa, 0xe3cb, address2, grHigh.r1)],
  (ir, _fields: unknown, address, first) => {
    ir.store32(address, first);
  },
);

/** STORE CHARACTER HIGH: bits 24-31 of the register. */
export const STORE_CHARACTER_HIGH = section(
  'STORE CHARACTER HIGH',
  [rowWith(HIGH_WORD, 'STCH', RXYa, 0xe3c3, address2, grHigh.r1)],
  (ir, _fields: unknown, address, first) => {
    ir.store8(address, first);
  },
);

/** STORE HALFWORD HIGH: bits 16-31 of the register. */
export const STORE_HALFWORD_HIGH = section(
  'STORE HALFWORD HIGH',
  [rowWith(HIGH_WORD, 'STHH', RXYa, 0xe3c7, address2, grHigh.r1)],
  (ir, _fields: unknown, address, first) => {
    ir.store16(address, first);
  },
);

import { PIC_DATA } from '../../cpu/interruption.ts';
import { RIEg, RRFa_m4, RRFc, RSYb_cond, RXYa } from '../formats.ts';
import {
  address2,
  gr32,
  gr64,
  grHigh,
  immediate32,
  immediate64,
  storage32,
  storage32u,
  storage64,
} from '../operands.ts';
import { rowWith, section } from '../section.ts';
import { DXC_TRAP } from './compare-branch.ts';

/** The load/store-on-condition facilities 1 and 2. */
const LOC1 = { facility: 45 };
const LOC2 = { facility: 53 };

interface Conditional {
  readonly r1: number;
  readonly m3: number;
}

/**
 * LOAD ON CONDITION (32): loads when M3 accepts the CC. Storage is accessed either way, as the
 * manual allows. CC unchanged.
 */
export const LOAD_ON_CONDITION_32 = section(
  'LOAD ON CONDITION',
  [
    rowWith(LOC1, 'LOCR', RRFc, 0xb9f2, gr32.r2),
    rowWith(LOC1, 'LOC', RSYb_cond, 0xebf2, storage32),
  ],
  (ir, { r1, m3 }: Conditional, second) => {
    ir.setGr32(r1, ir.select32(ir.condition(m3), second, ir.getGr32(r1)));
  },
);

/** LOAD ON CONDITION (64). */
export const LOAD_ON_CONDITION_64 = section(
  'LOAD ON CONDITION',
  [
    rowWith(LOC1, 'LOCGR', RRFc, 0xb9e2, gr64.r2),
    rowWith(LOC1, 'LOCG', RSYb_cond, 0xebe2, storage64),
  ],
  (ir, { r1, m3 }: Conditional, second) => {
    ir.setGr64(r1, ir.select64(ir.condition(m3), second, ir.getGr64(r1)));
  },
);

/** LOAD HIGH ON CONDITION. */
export const LOAD_HIGH_ON_CONDITION = section(
  'LOAD HIGH ON CONDITION',
  [
    rowWith(LOC2, 'LOCFHR', RRFc, 0xb9e0, grHigh.r2),
    rowWith(LOC2, 'LOCFH', RSYb_cond, 0xebe0, storage32),
  ],
  (ir, { r1, m3 }: Conditional, second) => {
    ir.setGrHigh(r1, ir.select32(ir.condition(m3), second, ir.getGrHigh(r1)));
  },
);

/** LOAD HALFWORD IMMEDIATE ON CONDITION (32, 64). */
export const LOAD_HALFWORD_IMMEDIATE_ON_CONDITION_32 = section(
  'LOAD HALFWORD IMMEDIATE ON CONDITION',
  [rowWith(LOC2, 'LOCHI', RIEg, 0xec42, immediate32.i2)],
  (ir, { r1, m3 }: Conditional, second) => {
    ir.setGr32(r1, ir.select32(ir.condition(m3), second, ir.getGr32(r1)));
  },
);

export const LOAD_HALFWORD_IMMEDIATE_ON_CONDITION_64 = section(
  'LOAD HALFWORD IMMEDIATE ON CONDITION',
  [rowWith(LOC2, 'LOCGHI', RIEg, 0xec46, immediate64.i2)],
  (ir, { r1, m3 }: Conditional, second) => {
    ir.setGr64(r1, ir.select64(ir.condition(m3), second, ir.getGr64(r1)));
  },
);

/** LOAD HALFWORD HIGH IMMEDIATE ON CONDITION. */
export const LOAD_HALFWORD_HIGH_IMMEDIATE_ON_CONDITION = section(
  'LOAD HALFWORD HIGH IMMEDIATE ON CONDITION',
  [rowWith(LOC2, 'LOCHHI', RIEg, 0xec4e, immediate32.i2)],
  (ir, { r1, m3 }: Conditional, second) => {
    ir.setGrHigh(r1, ir.select32(ir.condition(m3), second, ir.getGrHigh(r1)));
  },
);

/** STORE ON CONDITION (32): no access when M3 rejects the CC. CC unchanged. */
export const STORE_ON_CONDITION_32 = section(
  'STORE ON CONDITION',
  [rowWith(LOC1, 'STOC', RSYb_cond, 0xebf3, address2, gr32.r1)],
  (ir, { m3 }: Conditional, address, first) => {
    ir.emit('storeIf32', [ir.condition(m3), address, first]);
  },
);

/** STORE ON CONDITION (64). */
export const STORE_ON_CONDITION_64 = section(
  'STORE ON CONDITION',
  [rowWith(LOC1, 'STOCG', RSYb_cond, 0xebe3, address2, gr64.r1)],
  (ir, { m3 }: Conditional, address, first) => {
    ir.emit('storeIf64', [ir.condition(m3), address, first]);
  },
);

/** STORE HIGH ON CONDITION. */
export const STORE_HIGH_ON_CONDITION = section(
  'STORE HIGH ON CONDITION',
  [rowWith(LOC2, 'STOCFH', RSYb_cond, 0xebe1, address2, grHigh.r1)],
  (ir, { m3 }: Conditional, address, first) => {
    ir.emit('storeIf32', [ir.condition(m3), address, first]);
  },
);

/** Miscellaneous-instruction-extensions facility 3. */
const MIE3 = { facility: 61 };

interface Selected {
  readonly r1: number;
  readonly m4: number;
}

/** SELECT (32): the second operand when M4 accepts the CC, else the third. CC unchanged. */
export const SELECT_32 = section(
  'SELECT',
  [rowWith(MIE3, 'SELR', RRFa_m4, 0xb9f0, gr32.r2, gr32.r3)],
  (ir, { r1, m4 }: Selected, second, third) => {
    ir.setGr32(r1, ir.select32(ir.condition(m4), second, third));
  },
);

/** SELECT (64). */
export const SELECT_64 = section(
  'SELECT',
  [rowWith(MIE3, 'SELGR', RRFa_m4, 0xb9e3, gr64.r2, gr64.r3)],
  (ir, { r1, m4 }: Selected, second, third) => {
    ir.setGr64(r1, ir.select64(ir.condition(m4), second, third));
  },
);

/** SELECT HIGH. */
export const SELECT_HIGH = section(
  'SELECT HIGH',
  [rowWith(MIE3, 'SELFHR', RRFa_m4, 0xb9c0, grHigh.r2, grHigh.r3)],
  (ir, { r1, m4 }: Selected, second, third) => {
    ir.setGrHigh(r1, ir.select32(ir.condition(m4), second, third));
  },
);

/** The load-and-trap facility. */
const LAT = { facility: 49 };

/** LOAD AND TRAP (32): a zero is loaded, then raises a data exception. CC unchanged. */
export const LOAD_AND_TRAP_32 = section(
  'LOAD AND TRAP',
  [rowWith(LAT, 'LAT', RXYa, 0xe39f, storage32)],
  (ir, { r1 }: { r1: number }, second) => {
    ir.setGr32(r1, second);
    ir.completeTrapIf(ir.emit('eq32', [second, ir.const32(0)]), PIC_DATA, DXC_TRAP);
  },
);

/** LOAD AND TRAP (64) and LOAD LOGICAL AND TRAP. */
export const LOAD_AND_TRAP_64 = section(
  'LOAD AND TRAP',
  [rowWith(LAT, 'LGAT', RXYa, 0xe385, storage64), rowWith(LAT, 'LLGFAT', RXYa, 0xe39d, storage32u)],
  (ir, { r1 }: { r1: number }, second) => {
    ir.setGr64(r1, second);
    ir.completeTrapIf(ir.emit('eq64', [second, ir.const64(0)]), PIC_DATA, DXC_TRAP);
  },
);

/** LOAD LOGICAL THIRTY ONE BITS AND TRAP. */
export const LOAD_LOGICAL_THIRTY_ONE_BITS_AND_TRAP = section(
  'LOAD LOGICAL THIRTY ONE BITS AND TRAP',
  [rowWith(LAT, 'LLGTAT', RXYa, 0xe39c, storage32)],
  (ir, { r1 }: { r1: number }, second) => {
    const result = ir.and32(second, ir.const32(0x7fffffff));
    ir.setGr64(r1, ir.zext64(result));
    ir.completeTrapIf(ir.emit('eq32', [result, ir.const32(0)]), PIC_DATA, DXC_TRAP);
  },
);

/** LOAD HIGH AND TRAP. */
export const LOAD_HIGH_AND_TRAP = section(
  'LOAD HIGH AND TRAP',
  [rowWith(LAT, 'LFHAT', RXYa, 0xe3c8, storage32)],
  (ir, { r1 }: { r1: number }, second) => {
    ir.setGrHigh(r1, second);
    ir.completeTrapIf(ir.emit('eq32', [second, ir.const32(0)]), PIC_DATA, DXC_TRAP);
  },
);

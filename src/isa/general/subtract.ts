import { RILa_u, RR, RRE, RRFa, RX, RXYa } from '../formats.ts';
import {
  gr32,
  gr32s,
  gr32u,
  gr64,
  immediate32,
  immediate64,
  storage16s,
  storage16s32,
  storage32,
  storage32s,
  storage32u,
  storage64,
} from '../operands.ts';
import { row, rowWith, section } from '../section.ts';
import { setSignedCc } from './add.ts';

/** SUBTRACT (32). CC 0 zero, 1 negative, 2 positive, 3 overflow. */
export const SUBTRACT_32 = section(
  'SUBTRACT',
  [
    row('SR', RR, 0x1b, gr32.r1, gr32.r2),
    rowWith({ facility: 45 }, 'SRK', RRFa, 0xb9f9, gr32.r2, gr32.r3),
    row('S', RX, 0x5b, gr32.r1, storage32),
    row('SY', RXYa, 0xe35b, gr32.r1, storage32),
    row('SH', RX, 0x4b, gr32.r1, storage16s32),
    row('SHY', RXYa, 0xe37b, gr32.r1, storage16s32),
  ],
  (ir, { r1 }: { r1: number }, first, second) => {
    const difference = ir.sub32(first, second);
    ir.setGr32(r1, difference);
    setSignedCc(ir, ir.emit('ccSub32', [first, second, difference]));
  },
);

/** SUBTRACT (64). */
export const SUBTRACT_64 = section(
  'SUBTRACT',
  [
    row('SGR', RRE, 0xb909, gr64.r1, gr64.r2),
    row('SGFR', RRE, 0xb919, gr64.r1, gr32s.r2),
    rowWith({ facility: 45 }, 'SGRK', RRFa, 0xb9e9, gr64.r2, gr64.r3),
    row('SG', RXYa, 0xe309, gr64.r1, storage64),
    row('SGF', RXYa, 0xe319, gr64.r1, storage32s),
    rowWith({ facility: 58 }, 'SGH', RXYa, 0xe339, gr64.r1, storage16s),
  ],
  (ir, { r1 }: { r1: number }, first, second) => {
    const difference = ir.sub64(first, second);
    ir.setGr64(r1, difference);
    setSignedCc(ir, ir.emit('ccSub64', [first, second, difference]));
  },
);

/** SUBTRACT LOGICAL (32). CC 1 not zero with borrow, 2 zero, 3 not zero without borrow. */
export const SUBTRACT_LOGICAL_32 = section(
  'SUBTRACT LOGICAL',
  [
    row('SLR', RR, 0x1f, gr32.r1, gr32.r2),
    rowWith({ facility: 45 }, 'SLRK', RRFa, 0xb9fb, gr32.r2, gr32.r3),
    row('SL', RX, 0x5f, gr32.r1, storage32),
    row('SLY', RXYa, 0xe35f, gr32.r1, storage32),
    row('SLFI', RILa_u, 0xc25, gr32.r1, immediate32.i2),
  ],
  (ir, { r1 }: { r1: number }, first, second) => {
    ir.setGr32(r1, ir.sub32(first, second));
    ir.setCc(ir.emit('ccSubLogical32', [first, second]));
  },
);

/** SUBTRACT LOGICAL (64). */
export const SUBTRACT_LOGICAL_64 = section(
  'SUBTRACT LOGICAL',
  [
    row('SLGR', RRE, 0xb90b, gr64.r1, gr64.r2),
    row('SLGFR', RRE, 0xb91b, gr64.r1, gr32u.r2),
    rowWith({ facility: 45 }, 'SLGRK', RRFa, 0xb9eb, gr64.r2, gr64.r3),
    row('SLG', RXYa, 0xe30b, gr64.r1, storage64),
    row('SLGF', RXYa, 0xe31b, gr64.r1, storage32u),
    row('SLGFI', RILa_u, 0xc24, gr64.r1, immediate64.i2),
  ],
  (ir, { r1 }: { r1: number }, first, second) => {
    ir.setGr64(r1, ir.sub64(first, second));
    ir.setCc(ir.emit('ccSubLogical64', [first, second]));
  },
);

/**
 * SUBTRACT LOGICAL WITH BORROW (32): one less when the CC (0 or 1) tells of a borrow.
 * CC 0 zero with borrow, else as SUBTRACT LOGICAL.
 */
export const SUBTRACT_LOGICAL_WITH_BORROW_32 = section(
  'SUBTRACT LOGICAL WITH BORROW',
  [row('SLBR', RRE, 0xb999, gr32.r1, gr32.r2), row('SLB', RXYa, 0xe399, gr32.r1, storage32)],
  (ir, { r1 }: { r1: number }, first, second) => {
    const noBorrow = ir.condition(3);
    const inverted = ir.xor32(second, ir.const32(-1));
    const difference = ir.add32(ir.add32(first, inverted), noBorrow);
    ir.setGr32(r1, difference);
    ir.setCc(ir.emit('ccSubBorrow32', [first, second, noBorrow, difference]));
  },
);

/** SUBTRACT LOGICAL WITH BORROW (64). */
export const SUBTRACT_LOGICAL_WITH_BORROW_64 = section(
  'SUBTRACT LOGICAL WITH BORROW',
  [row('SLBGR', RRE, 0xb989, gr64.r1, gr64.r2), row('SLBG', RXYa, 0xe389, gr64.r1, storage64)],
  (ir, { r1 }: { r1: number }, first, second) => {
    const noBorrow = ir.condition(3);
    const inverted = ir.xor64(second, ir.const64(-1));
    const difference = ir.add64(ir.add64(first, inverted), ir.zext64(noBorrow));
    ir.setGr64(r1, difference);
    ir.setCc(ir.emit('ccSubBorrow64', [first, second, noBorrow, difference]));
  },
);

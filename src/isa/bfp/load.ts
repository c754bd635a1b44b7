import { RRE, RRE_r1, RRFb_r3, RR, RX, RXYa } from '../formats.ts';
import { address2, fpr, fprHigh, gr64, storage32, storage64 } from '../operands.ts';
import { row, section } from '../section.ts';
import { requirePairs } from './extended.ts';

/** LOAD (long). The bits are placed unchanged, whatever they mean. */
export const LOAD_LONG = section(
  'LOAD',
  [
    row('LDR', RR, 0x28, fpr.r2),
    row('LD', RX, 0x68, storage64),
    row('LDY', RXYa, 0xed65, storage64),
    // A general register's 64 bits.
    row('LDGR', RRE, 0xb3c1, gr64.r2),
  ],
  (ir, { r1 }: { r1: number }, second) => {
    ir.setFpr(r1, second);
  },
);

/** LOAD (short). Only the left word of the register changes. */
export const LOAD_SHORT = section(
  'LOAD',
  [
    row('LER', RR, 0x38, fprHigh.r2),
    row('LE', RX, 0x78, storage32),
    row('LEY', RXYa, 0xed64, storage32),
  ],
  (ir, { r1 }: { r1: number }, second) => {
    ir.setFprHigh(r1, second);
  },
);

/** LOAD (extended). */
export const LOAD_EXTENDED = section(
  'LOAD',
  [row('LXR', RRE, 0xb365)],
  (ir, { r1, r2 }: { r1: number; r2: number }) => {
    if (!requirePairs(ir, r1, r2)) return;
    ir.setFpr(r1, ir.getFpr(r2));
    ir.setFpr(r1 + 2, ir.getFpr(r2 + 2));
  },
);

/** LOAD GR FROM FPR. */
export const LOAD_GR_FROM_FPR = section(
  'LOAD GR FROM FPR',
  [row('LGDR', RRE, 0xb3cd, fpr.r2)],
  (ir, { r1 }: { r1: number }, second) => {
    ir.setGr64(r1, second);
  },
);

/** LOAD ZERO (short): plus zero. */
export const LOAD_ZERO_SHORT = section(
  'LOAD ZERO',
  [row('LZER', RRE_r1, 0xb374)],
  (ir, { r1 }: { r1: number }) => {
    ir.setFprHigh(r1, ir.const32(0));
  },
);

/** LOAD ZERO (long). */
export const LOAD_ZERO_LONG = section(
  'LOAD ZERO',
  [row('LZDR', RRE_r1, 0xb375)],
  (ir, { r1 }: { r1: number }) => {
    ir.setFpr(r1, ir.const64(0));
  },
);

/** LOAD ZERO (extended). */
export const LOAD_ZERO_EXTENDED = section(
  'LOAD ZERO',
  [row('LZXR', RRE_r1, 0xb376)],
  (ir, { r1 }: { r1: number }) => {
    if (!requirePairs(ir, r1)) return;
    ir.setFpr(r1, ir.const64(0));
    ir.setFpr(r1 + 2, ir.const64(0));
  },
);

/** STORE (long). */
export const STORE_LONG = section(
  'STORE',
  [row('STD', RX, 0x60, address2, fpr.r1), row('STDY', RXYa, 0xed67, address2, fpr.r1)],
  (ir, _fields: unknown, address, bits) => {
    ir.store64(address, bits);
  },
);

/** STORE (short). */
export const STORE_SHORT = section(
  'STORE',
  [row('STE', RX, 0x70, address2), row('STEY', RXYa, 0xed66, address2)],
  (ir, { r1 }: { r1: number }, address) => {
    ir.store32(address, ir.getFprHigh(r1));
  },
);

/** LOAD COMPLEMENT (no CC). Only the sign bit differs, NaN or not; likewise below. */
export const LOAD_COMPLEMENT_FPS = section(
  'LOAD COMPLEMENT',
  [row('LCDFR', RRE, 0xb373)],
  (ir, { r1, r2 }: { r1: number; r2: number }) => {
    ir.setF64(r1, ir.emit('negF64', [ir.getF64(r2)]));
  },
);

/** LOAD NEGATIVE (no CC). */
export const LOAD_NEGATIVE_FPS = section(
  'LOAD NEGATIVE',
  [row('LNDFR', RRE, 0xb371)],
  (ir, { r1, r2 }: { r1: number; r2: number }) => {
    ir.setF64(r1, ir.emit('negAbsF64', [ir.getF64(r2)]));
  },
);

/** LOAD POSITIVE (no CC). */
export const LOAD_POSITIVE_FPS = section(
  'LOAD POSITIVE',
  [row('LPDFR', RRE, 0xb370)],
  (ir, { r1, r2 }: { r1: number; r2: number }) => {
    ir.setF64(r1, ir.emit('absF64', [ir.getF64(r2)]));
  },
);

/** COPY SIGN: the second operand with the third operand's sign. */
export const COPY_SIGN = section(
  'COPY SIGN',
  [row('CPSDR', RRFb_r3, 0xb372, fpr.r2, fpr.r3)],
  (ir, { r1 }: { r1: number }, second, third) => {
    const magnitude = ir.and64(second, ir.constPair(0x7fffffff, -1));
    const sign = ir.and64(third, ir.constPair(0x80000000, 0));
    ir.setFpr(r1, ir.or64(magnitude, sign));
  },
);

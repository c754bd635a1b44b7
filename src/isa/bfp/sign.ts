import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RRE } from '../formats.ts';
import { f32, f64 } from '../operands.ts';
import { row, section } from '../section.ts';
import { extended, requirePairs, setLongAndCc, setShortAndCc } from './extended.ts';
import { type R1, type R1R2 } from './extended.ts';

/** LOAD AND TEST (long). CC 0 zero, 1 negative, 2 positive, 3 NaN; a signalling NaN is invalid. */
export const LOAD_AND_TEST_LONG = section(
  'LOAD AND TEST',
  [row('LTDBR', RRE, 0xb312, f64.r2)],
  (ir, { r1 }: R1, second) => {
    setLongAndCc(ir, r1, ir.emit('quietF64', [second]));
  },
);

/** LOAD AND TEST (short). */
export const LOAD_AND_TEST_SHORT = section(
  'LOAD AND TEST',
  [row('LTEBR', RRE, 0xb302, f32.r2)],
  (ir, { r1 }: R1, second) => {
    setShortAndCc(ir, r1, ir.emit('quietF32', [second]));
  },
);

/** LOAD AND TEST (extended). */
export const LOAD_AND_TEST_EXTENDED = section(
  'LOAD AND TEST',
  [row('LTXBR', RRE, 0xb342)],
  (ir, fields: R1R2) => {
    extended(ir, 'bfpLoadAndTestExtended', fields, true);
  },
);

/** LOAD COMPLEMENT (long). Only the sign changes, without exceptions; CC as for LOAD AND TEST. */
export const LOAD_COMPLEMENT_LONG = section(
  'LOAD COMPLEMENT',
  [row('LCDBR', RRE, 0xb313, f64.r2)],
  (ir, { r1 }: R1, second) => {
    setLongAndCc(ir, r1, ir.emit('negF64', [second]));
  },
);

/** LOAD COMPLEMENT (short). */
export const LOAD_COMPLEMENT_SHORT = section(
  'LOAD COMPLEMENT',
  [row('LCEBR', RRE, 0xb303, f32.r2)],
  (ir, { r1 }: R1, second) => {
    setShortAndCc(ir, r1, ir.emit('negF32', [second]));
  },
);

/** LOAD NEGATIVE (long). */
export const LOAD_NEGATIVE_LONG = section(
  'LOAD NEGATIVE',
  [row('LNDBR', RRE, 0xb311, f64.r2)],
  (ir, { r1 }: R1, second) => {
    setLongAndCc(ir, r1, ir.emit('negAbsF64', [second]));
  },
);

/** LOAD NEGATIVE (short). */
export const LOAD_NEGATIVE_SHORT = section(
  'LOAD NEGATIVE',
  [row('LNEBR', RRE, 0xb301, f32.r2)],
  (ir, { r1 }: R1, second) => {
    setShortAndCc(ir, r1, ir.emit('negAbsF32', [second]));
  },
);

/** LOAD POSITIVE (long). */
export const LOAD_POSITIVE_LONG = section(
  'LOAD POSITIVE',
  [row('LPDBR', RRE, 0xb310, f64.r2)],
  (ir, { r1 }: R1, second) => {
    setLongAndCc(ir, r1, ir.emit('absF64', [second]));
  },
);

/** LOAD POSITIVE (short). */
export const LOAD_POSITIVE_SHORT = section(
  'LOAD POSITIVE',
  [row('LPEBR', RRE, 0xb300, f32.r2)],
  (ir, { r1 }: R1, second) => {
    setShortAndCc(ir, r1, ir.emit('absF32', [second]));
  },
);

/** Loads an extended number whose left half `change` has given another sign. */
function signExtended(ir: Builder, { r1, r2 }: R1R2, change: (high: Value) => Value): void {
  if (!requirePairs(ir, r1, r2)) return;
  const high = change(ir.getFpr(r2));
  const low = ir.getFpr(r2 + 2);
  ir.setFpr(r1, high);
  ir.setFpr(r1 + 2, low);
  ir.setCc(ir.call('bfpSignExtended', [], [high, low]));
}

/** LOAD COMPLEMENT (extended). */
export const LOAD_COMPLEMENT_EXTENDED = section(
  'LOAD COMPLEMENT',
  [row('LCXBR', RRE, 0xb343)],
  (ir, fields: R1R2) => {
    signExtended(ir, fields, (high) => ir.xor64(high, ir.constPair(0x80000000, 0)));
  },
);

/** LOAD NEGATIVE (extended). */
export const LOAD_NEGATIVE_EXTENDED = section(
  'LOAD NEGATIVE',
  [row('LNXBR', RRE, 0xb341)],
  (ir, fields: R1R2) => {
    signExtended(ir, fields, (high) => ir.or64(high, ir.constPair(0x80000000, 0)));
  },
);

/** LOAD POSITIVE (extended). */
export const LOAD_POSITIVE_EXTENDED = section(
  'LOAD POSITIVE',
  [row('LPXBR', RRE, 0xb340)],
  (ir, fields: R1R2) => {
    signExtended(ir, fields, (high) => ir.and64(high, ir.constPair(0x7fffffff, -1)));
  },
);

import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import { RRE, RRFe, RXE } from '../formats.ts';
import { f32, fpr, fprHigh, storage32, storage64, storageF32 } from '../operands.ts';
import { row, section } from '../section.ts';
import { finishBfp, pair, requirePairs, type R1, type R1R2 } from './extended.ts';
import { areDefaults, isRoundingModifier, type Modifiers } from './modifiers.ts';

/** LOAD LENGTHENED (short to long). Exact. */
export const LOAD_LENGTHENED_SHORT_TO_LONG = section(
  'LOAD LENGTHENED',
  [row('LDEBR', RRE, 0xb304, f32.r2), row('LDEB', RXE, 0xed04, storageF32)],
  (ir, { r1 }: R1, second) => {
    ir.setF64(r1, ir.emit('extendF32', [second]));
  },
);

/** LOAD LENGTHENED (short to extended). */
export const LOAD_LENGTHENED_SHORT_TO_EXTENDED = section(
  'LOAD LENGTHENED',
  [row('LXEBR', RRE, 0xb306, fprHigh.r2), row('LXEB', RXE, 0xed06, storage32)],
  (ir, { r1 }: R1, second) => {
    if (!requirePairs(ir, r1)) return;
    const effects = { writesFpr: pair(r1) };
    finishBfp(ir, ir.call('bfpLengthenShortToExtended', [r1], [second], effects));
  },
);

/** LOAD LENGTHENED (long to extended). */
export const LOAD_LENGTHENED_LONG_TO_EXTENDED = section(
  'LOAD LENGTHENED',
  [row('LXDBR', RRE, 0xb305, fpr.r2), row('LXDB', RXE, 0xed05, storage64)],
  (ir, { r1 }: R1, second) => {
    if (!requirePairs(ir, r1)) return;
    const effects = { writesFpr: pair(r1) };
    finishBfp(ir, ir.call('bfpLengthenLongToExtended', [r1], [second], effects));
  },
);

/** LOAD ROUNDED (long to short). */
export const LOAD_ROUNDED_LONG_TO_SHORT = section(
  'LOAD ROUNDED',
  [row('LEDBR', RRFe, 0xb344)],
  (ir, { r1, r2, m3, m4 }: R1R2 & Modifiers) => {
    if (!isRoundingModifier(m3)) return ir.raise(PIC_SPECIFICATION);
    if (areDefaults({ m3, m4 })) {
      return ir.setF32(r1, ir.emit('roundF64', [ir.getF64(r2)], r1));
    }
    // The right word of R1 stays, hence it is read.
    const effects = { readsFpr: [r1, r2], writesFpr: [r1] };
    finishBfp(ir, ir.call('bfpRoundLongToShort', [r1, r2, m3, m4], [], effects));
  },
);

/** LOAD ROUNDED (extended to long). A trapped result is extended, so R1 is a pair as well. */
export const LOAD_ROUNDED_EXTENDED_TO_LONG = section(
  'LOAD ROUNDED',
  [row('LDXBR', RRFe, 0xb345)],
  (ir, { r1, r2, m3, m4 }: R1R2 & Modifiers) => {
    if (!isRoundingModifier(m3)) return ir.raise(PIC_SPECIFICATION);
    if (!requirePairs(ir, r1, r2)) return;
    const effects = { readsFpr: [...pair(r1), ...pair(r2)], writesFpr: pair(r1) };
    finishBfp(ir, ir.call('bfpRoundExtendedToLong', [r1, r2, m3, m4], [], effects));
  },
);

/** LOAD ROUNDED (extended to short). */
export const LOAD_ROUNDED_EXTENDED_TO_SHORT = section(
  'LOAD ROUNDED',
  [row('LEXBR', RRFe, 0xb346)],
  (ir, { r1, r2, m3, m4 }: R1R2 & Modifiers) => {
    if (!isRoundingModifier(m3)) return ir.raise(PIC_SPECIFICATION);
    if (!requirePairs(ir, r1, r2)) return;
    const effects = { readsFpr: [...pair(r1), ...pair(r2)], writesFpr: pair(r1) };
    finishBfp(ir, ir.call('bfpRoundExtendedToShort', [r1, r2, m3, m4], [], effects));
  },
);

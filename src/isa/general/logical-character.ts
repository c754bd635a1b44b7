import { SSa } from '../formats.ts';
import { address1, address2 } from '../operands.ts';
import { row, section } from '../section.ts';

/** AND (character). CC 0 zero, 1 not zero. */
export const AND_CHARACTER = section(
  'AND',
  [row('NC', SSa, 0xd4, address1, address2)],
  (ir, { l1 }: { l1: number }, first, second) => {
    ir.setCc(ir.emit('andBytes', [first, second, ir.lengthCode(l1)]));
  },
);

/** OR (character). CC 0 zero, 1 not zero. */
export const OR_CHARACTER = section(
  'OR',
  [row('OC', SSa, 0xd6, address1, address2)],
  (ir, { l1 }: { l1: number }, first, second) => {
    ir.setCc(ir.emit('orBytes', [first, second, ir.lengthCode(l1)]));
  },
);

/** EXCLUSIVE OR (character). CC 0 zero, 1 not zero. */
export const EXCLUSIVE_OR_CHARACTER = section(
  'EXCLUSIVE OR',
  [row('XC', SSa, 0xd7, address1, address2)],
  (ir, { l1 }: { l1: number }, first, second) => {
    ir.setCc(ir.emit('xorBytes', [first, second, ir.lengthCode(l1)]));
  },
);

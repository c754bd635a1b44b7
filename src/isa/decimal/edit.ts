import { SSa } from '../formats.ts';
import { address1, address2 } from '../operands.ts';
import { row, section } from '../section.ts';

/** EDIT. CC of the last field: 0 zero, 1 negative, 2 positive. */
export const EDIT = section(
  'EDIT',
  [row('ED', SSa, 0xde, address1, address2)],
  (ir, { l1 }: { l1: number }, first, second) => {
    const { addressing } = ir.mode;
    ir.setCc(ir.call('edit', [0, addressing], [first, second, ir.lengthCode(l1)]));
  },
);

/** EDIT AND MARK: GR1 gets the address of the first significant digit. CC as EDIT. */
export const EDIT_AND_MARK = section(
  'EDIT AND MARK',
  [row('EDMK', SSa, 0xdf, address1, address2)],
  (ir, { l1 }: { l1: number }, first, second) => {
    const args = [first, second, ir.lengthCode(l1)];
    const effects = { reads: [1], writes: [1] };
    ir.setCc(ir.call('edit', [1, ir.mode.addressing], args, effects));
  },
);

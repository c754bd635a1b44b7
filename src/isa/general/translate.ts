import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import type { Builder } from '../../ir/builder.ts';
import { RRE, RRFc_opt, SSa } from '../formats.ts';
import { address1, address2 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

/** TRANSLATE: each byte is replaced by one of a table. CC unchanged. */
export const TRANSLATE = section(
  'TRANSLATE',
  [row('TR', SSa, 0xdc, address1, address2)],
  (ir, { l1 }: { l1: number }, first, second) => {
    ir.call('translate', [], [first, second, ir.lengthCode(l1)]);
  },
);

/** What TRT and TRTR do to registers: GR1 in parts, GR2's rightmost byte. */
const TEST_EFFECTS = { reads: [1, 2], writes: [1, 2] };

/** TRANSLATE AND TEST. CC 0 all function bytes zero, 1 one is not, 2 the last one is not. */
export const TRANSLATE_AND_TEST = section(
  'TRANSLATE AND TEST',
  [row('TRT', SSa, 0xdd, address1, address2)],
  (ir, { l1 }: { l1: number }, first, second) => {
    const args = [first, second, ir.lengthCode(l1)];
    ir.setCc(ir.call('translateAndTest', [ir.mode.addressing], args, TEST_EFFECTS));
  },
);

/** TRANSLATE AND TEST REVERSE: from the first-operand address leftward. */
export const TRANSLATE_AND_TEST_REVERSE = section(
  'TRANSLATE AND TEST REVERSE',
  [rowWith({ facility: 22 }, 'TRTR', SSa, 0xd0, address1, address2)],
  (ir, { l1 }: { l1: number }, first, second) => {
    const args = [first, second, ir.lengthCode(l1)];
    ir.setCc(ir.call('translateAndTestReverse', [ir.mode.addressing], args, TEST_EFFECTS));
  },
);

/** TRANSLATE EXTENDED. CC 0 done, 1 stopped at the test byte in GR0. */
export const TRANSLATE_EXTENDED = section(
  'TRANSLATE EXTENDED',
  [row('TRE', RRE, 0xb2a5)],
  (ir, { r1, r2 }: { r1: number; r2: number }) => {
    if (r1 & 1) return ir.raise(PIC_SPECIFICATION);
    const effects = { reads: [0, r1, r1 + 1, r2], writes: [r1, r1 + 1] };
    ir.setCc(ir.call('translateExtended', [r1, r2, ir.mode.addressing], [], effects));
  },
);

interface Extended {
  readonly r1: number;
  readonly r2: number;
  readonly m3: number;
}

function translateAndTestExtended(ir: Builder, { r1, r2, m3 }: Extended, step: number): void {
  if (r1 & 1) return ir.raise(PIC_SPECIFICATION);
  const effects = { reads: [1, r1, r1 + 1, r2], writes: [r1, r1 + 1, r2] };
  const numbers = [r1, r2, m3, step, ir.mode.addressing];
  ir.setCc(ir.call('translateAndTestExtended', numbers, [], effects));
}

/** TRANSLATE AND TEST EXTENDED. CC 0 all function codes zero, 1 one is not: it is in R2. */
export const TRANSLATE_AND_TEST_EXTENDED = section(
  'TRANSLATE AND TEST EXTENDED',
  [rowWith({ facility: 26 }, 'TRTE', RRFc_opt, 0xb9bf)],
  (ir, fields: Extended) => {
    translateAndTestExtended(ir, fields, 1);
  },
);

/** TRANSLATE AND TEST REVERSE EXTENDED. */
export const TRANSLATE_AND_TEST_REVERSE_EXTENDED = section(
  'TRANSLATE AND TEST REVERSE EXTENDED',
  [rowWith({ facility: 26 }, 'TRTRE', RRFc_opt, 0xb9bd)],
  (ir, fields: Extended) => {
    translateAndTestExtended(ir, fields, -1);
  },
);

/** From characters of one size to another; CC 0 done, 1 the test character in GR0 came out. */
function translateCharacters(
  ir: Builder,
  { r1, r2, m3 }: Extended,
  fromSize: number,
  toSize: number,
): void {
  if (r1 & 1) return ir.raise(PIC_SPECIFICATION);
  const effects = { reads: [0, 1, r1, r1 + 1, r2], writes: [r1, r1 + 1, r2] };
  const numbers = [r1, r2, m3, fromSize, toSize, ir.mode.addressing];
  ir.setCc(ir.call('translateCharacters', numbers, [], effects));
}

const EXTENDED_TRANSLATION_2 = { facility: 16 };

export const TRANSLATE_ONE_TO_ONE = section(
  'TRANSLATE ONE TO ONE',
  [rowWith(EXTENDED_TRANSLATION_2, 'TROO', RRFc_opt, 0xb993)],
  (ir, fields: Extended) => {
    translateCharacters(ir, fields, 1, 1);
  },
);

export const TRANSLATE_ONE_TO_TWO = section(
  'TRANSLATE ONE TO TWO',
  [rowWith(EXTENDED_TRANSLATION_2, 'TROT', RRFc_opt, 0xb992)],
  (ir, fields: Extended) => {
    translateCharacters(ir, fields, 1, 2);
  },
);

export const TRANSLATE_TWO_TO_ONE = section(
  'TRANSLATE TWO TO ONE',
  [rowWith(EXTENDED_TRANSLATION_2, 'TRTO', RRFc_opt, 0xb991)],
  (ir, fields: Extended) => {
    translateCharacters(ir, fields, 2, 1);
  },
);

export const TRANSLATE_TWO_TO_TWO = section(
  'TRANSLATE TWO TO TWO',
  [rowWith(EXTENDED_TRANSLATION_2, 'TRTT', RRFc_opt, 0xb990)],
  (ir, fields: Extended) => {
    translateCharacters(ir, fields, 2, 2);
  },
);

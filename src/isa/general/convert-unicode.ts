import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import type { Builder } from '../../ir/builder.ts';
import { RRE, RRFc_opt } from '../formats.ts';
import { row, rowWith, section } from '../section.ts';

interface Conversion {
  readonly r1: number;
  readonly r2: number;
  readonly m3?: number;
}

/**
 * Converts from the format `from` to `to` (1 UTF-8, 2 UTF-16, 4 UTF-32). The rightmost bit of M3
 * asks for well-formedness checking. CC 0 done, 1 first operand full, 2 ill-formed character.
 */
function convert(ir: Builder, { r1, r2, m3 = 0 }: Conversion, from: number, to: number): void {
  if ((r1 | r2) & 1) return ir.raise(PIC_SPECIFICATION);
  const registers = [r1, r1 + 1, r2, r2 + 1];
  const effects = { reads: registers, writes: registers };
  const numbers = [from, to, r1, r2, m3 & 1, ir.mode.addressing];
  ir.setCc(ir.call('convertUnicode', numbers, [], effects));
}

const EXTENDED_TRANSLATION_3 = { facility: 22 };

export const CONVERT_UTF8_TO_UTF16 = section(
  'CONVERT UTF-8 TO UTF-16',
  [row('CU12', RRFc_opt, 0xb2a7)],
  (ir, fields: Conversion) => {
    convert(ir, fields, 1, 2);
  },
);

export const CONVERT_UTF8_TO_UTF32 = section(
  'CONVERT UTF-8 TO UTF-32',
  [rowWith(EXTENDED_TRANSLATION_3, 'CU14', RRFc_opt, 0xb9b0)],
  (ir, fields: Conversion) => {
    convert(ir, fields, 1, 4);
  },
);

export const CONVERT_UTF16_TO_UTF8 = section(
  'CONVERT UTF-16 TO UTF-8',
  [row('CU21', RRFc_opt, 0xb2a6)],
  (ir, fields: Conversion) => {
    convert(ir, fields, 2, 1);
  },
);

export const CONVERT_UTF16_TO_UTF32 = section(
  'CONVERT UTF-16 TO UTF-32',
  [rowWith(EXTENDED_TRANSLATION_3, 'CU24', RRFc_opt, 0xb9b1)],
  (ir, fields: Conversion) => {
    convert(ir, fields, 2, 4);
  },
);

export const CONVERT_UTF32_TO_UTF8 = section(
  'CONVERT UTF-32 TO UTF-8',
  [rowWith(EXTENDED_TRANSLATION_3, 'CU41', RRE, 0xb9b2)],
  (ir, fields: Conversion) => {
    convert(ir, fields, 4, 1);
  },
);

export const CONVERT_UTF32_TO_UTF16 = section(
  'CONVERT UTF-32 TO UTF-16',
  [rowWith(EXTENDED_TRANSLATION_3, 'CU42', RRE, 0xb9b3)],
  (ir, fields: Conversion) => {
    convert(ir, fields, 4, 2);
  },
);

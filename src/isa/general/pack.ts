import { RSL, SSa, SSb, SSf } from '../formats.ts';
import { address1, address2 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

const EXTENDED_TRANSLATION_2 = { facility: 16 };

/** PACK: zoned to packed. CC unchanged. */
export const PACK = section(
  'PACK',
  [row('PACK', SSb, 0xf2, address1, address2)],
  (ir, { l1, l2 }: { l1: number; l2: number }, first, second) => {
    ir.call('pack', [], [first, second, ir.lengthCode((l1 << 4) | l2)]);
  },
);

/** UNPACK: packed to zoned. CC unchanged. */
export const UNPACK = section(
  'UNPACK',
  [row('UNPK', SSb, 0xf3, address1, address2)],
  (ir, { l1, l2 }: { l1: number; l2: number }, first, second) => {
    ir.call('unpack', [], [first, second, ir.lengthCode((l1 << 4) | l2)]);
  },
);

/** PACK ASCII: at most 32 characters to 16 bytes, plus. CC unchanged. */
export const PACK_ASCII = section(
  'PACK ASCII',
  [rowWith(EXTENDED_TRANSLATION_2, 'PKA', SSf, 0xe9, address1, address2)],
  (ir, { l2 }: { l2: number }, first, second) => {
    ir.call('packAscii', [], [first, second, ir.lengthCode(l2)]);
  },
);

/** PACK UNICODE: at most 32 characters to 16 bytes, plus. CC unchanged. */
export const PACK_UNICODE = section(
  'PACK UNICODE',
  [rowWith(EXTENDED_TRANSLATION_2, 'PKU', SSf, 0xe1, address1, address2)],
  (ir, { l2 }: { l2: number }, first, second) => {
    ir.call('packUnicode', [], [first, second, ir.lengthCode(l2)]);
  },
);

/** UNPACK ASCII. CC 0 plus, 1 minus, 3 invalid sign. */
export const UNPACK_ASCII = section(
  'UNPACK ASCII',
  [rowWith(EXTENDED_TRANSLATION_2, 'UNPKA', SSa, 0xea, address1, address2)],
  (ir, { l1 }: { l1: number }, first, second) => {
    ir.setCc(ir.call('unpackAscii', [], [first, second, ir.lengthCode(l1)]));
  },
);

/** UNPACK UNICODE. CC 0 plus, 1 minus, 3 invalid sign. */
export const UNPACK_UNICODE = section(
  'UNPACK UNICODE',
  [rowWith(EXTENDED_TRANSLATION_2, 'UNPKU', SSa, 0xe2, address1, address2)],
  (ir, { l1 }: { l1: number }, first, second) => {
    ir.setCc(ir.call('unpackUnicode', [], [first, second, ir.lengthCode(l1)]));
  },
);

/** TEST DECIMAL. CC 0 valid, 1 sign invalid, 2 a digit invalid, 3 both. */
export const TEST_DECIMAL = section(
  'TEST DECIMAL',
  [rowWith(EXTENDED_TRANSLATION_2, 'TP', RSL, 0xebc0, address1)],
  (ir, { l1 }: { l1: number }, first) => {
    const lengthCode = ir.emit('shr32', [ir.lengthCode(l1 << 4), ir.const32(4)]);
    ir.setCc(ir.call('testDecimal', [], [first, lengthCode]));
  },
);

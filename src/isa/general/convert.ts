import { PIC_FIXED_POINT_DIVIDE } from '../../cpu/interruption.ts';
import { RX, RXYa } from '../formats.ts';
import { address2, gr32, gr64 } from '../operands.ts';
import { row, section } from '../section.ts';

/**
 * CONVERT TO BINARY (32). Data exception for what is no packed number, fixed-point divide when
 * it does not fit: the low bits are placed first. CC unchanged.
 */
export const CONVERT_TO_BINARY_32 = section(
  'CONVERT TO BINARY',
  [row('CVB', RX, 0x4f, address2), row('CVBY', RXYa, 0xe306, address2)],
  (ir, { r1 }: { r1: number }, second) => {
    const large = ir.call('convertToBinary32', [r1], [second], { reads: [r1], writes: [r1] });
    ir.completeTrapIf(large, PIC_FIXED_POINT_DIVIDE);
  },
);

/** CONVERT TO BINARY (64), from 16 bytes. A number that does not fit changes nothing. */
export const CONVERT_TO_BINARY_64 = section(
  'CONVERT TO BINARY',
  [row('CVBG', RXYa, 0xe30e, address2)],
  (ir, { r1 }: { r1: number }, second) => {
    ir.call('convertToBinary64', [r1], [second], { writes: [r1] });
  },
);

/** CONVERT TO DECIMAL (32), to 8 bytes. CC unchanged. */
export const CONVERT_TO_DECIMAL_32 = section(
  'CONVERT TO DECIMAL',
  [row('CVD', RX, 0x4e, address2, gr32.r1), row('CVDY', RXYa, 0xe326, address2, gr32.r1)],
  (ir, _fields: unknown, second, first) => {
    ir.call('convertToDecimal32', [], [second, first]);
  },
);

/** CONVERT TO DECIMAL (64), to 16 bytes. CC unchanged. */
export const CONVERT_TO_DECIMAL_64 = section(
  'CONVERT TO DECIMAL',
  [row('CVDG', RXYa, 0xe32e, address2, gr64.r1)],
  (ir, _fields: unknown, second, first) => {
    ir.call('convertToDecimal64', [], [second, first]);
  },
);

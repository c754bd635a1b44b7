import { S } from '../formats.ts';
import { address2 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

/** STORE CLOCK, STORE CLOCK FAST. CC 0: the clock is set. */
export const STORE_CLOCK = section(
  'STORE CLOCK',
  [row('STCK', S, 0xb205, address2), rowWith({ facility: 25 }, 'STCKF', S, 0xb27c, address2)],
  (ir, _fields: unknown, address) => {
    ir.call('storeClock', [], [address]);
    ir.setCc(ir.const32(0));
  },
);

/** STORE CLOCK EXTENDED: 16 bytes. CC 0. */
export const STORE_CLOCK_EXTENDED = section(
  'STORE CLOCK EXTENDED',
  [row('STCKE', S, 0xb278, address2)],
  (ir, _fields: unknown, address) => {
    ir.call('storeClockExtended', [], [address]);
    ir.setCc(ir.const32(0));
  },
);

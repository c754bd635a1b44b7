import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RILb, RX, RXYa, SI, SIL, SIY } from '../formats.ts';
import {
  address1,
  address2,
  gr32,
  gr64,
  immediate32,
  immediate64,
  relative2,
  relative2of4,
  relative2of8,
} from '../operands.ts';
import { row, section } from '../section.ts';

type Store = (ir: Builder, fields: unknown, address: Value, value: Value) => void;

const store8: Store = (ir, _fields, address, value) => void ir.store8(address, value);
const store16: Store = (ir, _fields, address, value) => void ir.store16(address, value);
const store32: Store = (ir, _fields, address, value) => void ir.store32(address, value);
const store64: Store = (ir, _fields, address, value) => void ir.store64(address, value);

/** STORE (32). The first operand is placed unchanged at the second. CC unchanged. */
export const STORE_32 = section(
  'STORE',
  [
    row('ST', RX, 0x50, address2, gr32.r1),
    row('STY', RXYa, 0xe350, address2, gr32.r1),
    row('STRL', RILb, 0xc4f, relative2of4, gr32.r1),
  ],
  store32,
);

/** STORE (64). */
export const STORE_64 = section(
  'STORE',
  [row('STG', RXYa, 0xe324, address2, gr64.r1), row('STGRL', RILb, 0xc4b, relative2of8, gr64.r1)],
  store64,
);

/** STORE CHARACTER: bits 56-63 of the register. */
export const STORE_CHARACTER = section(
  'STORE CHARACTER',
  [row('STC', RX, 0x42, address2, gr32.r1), row('STCY', RXYa, 0xe372, address2, gr32.r1)],
  store8,
);

/** STORE HALFWORD: bits 48-63 of the register. */
export const STORE_HALFWORD = section(
  'STORE HALFWORD',
  [
    row('STH', RX, 0x40, address2, gr32.r1),
    row('STHY', RXYa, 0xe370, address2, gr32.r1),
    row('STHRL', RILb, 0xc47, relative2, gr32.r1),
  ],
  store16,
);

/** MOVE (immediate to storage), 8 to 64 bits, sign-extended. CC unchanged. */
export const MOVE_IMMEDIATE_8 = section(
  'MOVE',
  [
    row('MVI', SI, 0x92, address1, immediate32.i2),
    row('MVIY', SIY, 0xeb52, address1, immediate32.i2),
  ],
  store8,
);

export const MOVE_IMMEDIATE_16 = section(
  'MOVE',
  [row('MVHHI', SIL, 0xe544, address1, immediate32.i2)],
  store16,
);

export const MOVE_IMMEDIATE_32 = section(
  'MOVE',
  [row('MVHI', SIL, 0xe54c, address1, immediate32.i2)],
  store32,
);

export const MOVE_IMMEDIATE_64 = section(
  'MOVE',
  [row('MVGHI', SIL, 0xe548, address1, immediate64.i2)],
  store64,
);

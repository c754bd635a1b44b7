import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RRE, RXYa } from '../formats.ts';
import { address2, gr32, gr64, storage16, storage32, storage64 } from '../operands.ts';
import { row, section } from '../section.ts';

/** LOAD REVERSED (32): bytes in the opposite order. CC unchanged. */
export const LOAD_REVERSED_32 = section(
  'LOAD REVERSED',
  [row('LRVR', RRE, 0xb91f, gr32.r2), row('LRV', RXYa, 0xe31e, storage32)],
  (ir, { r1 }: { r1: number }, second) => {
    ir.setGr32(r1, ir.emit('bswap32', [second]));
  },
);

/** LOAD REVERSED (64). */
export const LOAD_REVERSED_64 = section(
  'LOAD REVERSED',
  [row('LRVGR', RRE, 0xb90f, gr64.r2), row('LRVG', RXYa, 0xe30f, storage64)],
  (ir, { r1 }: { r1: number }, second) => {
    ir.setGr64(r1, ir.emit('bswap64', [second]));
  },
);

/** The low halfword of `word` with its bytes exchanged, zero-extended. */
function reversed16(ir: Builder, word: Value): Value {
  return ir.emit('shr32', [ir.emit('bswap32', [word]), ir.const32(16)]);
}

/** LOAD REVERSED (16): bits 48-63; the others are unchanged. */
export const LOAD_REVERSED_16 = section(
  'LOAD REVERSED',
  [row('LRVH', RXYa, 0xe31f, storage16)],
  (ir, { r1 }: { r1: number }, second) => {
    const rest = ir.and32(ir.getGr32(r1), ir.const32(0xffff0000));
    ir.setGr32(r1, ir.or32(rest, reversed16(ir, second)));
  },
);

/** STORE REVERSED. CC unchanged. */
export const STORE_REVERSED_16 = section(
  'STORE REVERSED',
  [row('STRVH', RXYa, 0xe33f, address2, gr32.r1)],
  (ir, _fields: unknown, address, first) => {
    ir.store16(address, reversed16(ir, first));
  },
);

export const STORE_REVERSED_32 = section(
  'STORE REVERSED',
  [row('STRV', RXYa, 0xe33e, address2, gr32.r1)],
  (ir, _fields: unknown, address, first) => {
    ir.store32(address, ir.emit('bswap32', [first]));
  },
);

export const STORE_REVERSED_64 = section(
  'STORE REVERSED',
  [row('STRVG', RXYa, 0xe32f, address2, gr64.r1)],
  (ir, _fields: unknown, address, first) => {
    ir.store64(address, ir.emit('bswap64', [first]));
  },
);

import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RSa, RSYa, RXYa, SSe_lmd } from '../formats.ts';
import { address2 } from '../operands.ts';
import { row, section } from '../section.ts';
import { requireEven } from './pair.ts';

interface Multiple {
  readonly r1: number;
  readonly r3: number;
  readonly b2: number;
  readonly d2: number;
}

/** The registers R1 through R3, wrapping around from 15 to 0. */
function registers(r1: number, r3: number): number[] {
  const count = ((r3 - r1) & 15) + 1;
  return Array.from({ length: count }, (_, i) => (r1 + i) & 15);
}

/** LOAD MULTIPLE (32): low words. CC unchanged. */
export const LOAD_MULTIPLE_32 = section(
  'LOAD MULTIPLE',
  [row('LM', RSa, 0x98), row('LMY', RSYa, 0xeb98)],
  (ir, { r1, r3, b2, d2 }: Multiple) => {
    registers(r1, r3).forEach((r, i) => ir.setGr32(r, ir.load32(ir.address(b2, d2 + 4 * i))));
  },
);

/** LOAD MULTIPLE (64). CC unchanged. */
export const LOAD_MULTIPLE_64 = section(
  'LOAD MULTIPLE',
  [row('LMG', RSYa, 0xeb04)],
  (ir, { r1, r3, b2, d2 }: Multiple) => {
    registers(r1, r3).forEach((r, i) => ir.setGr64(r, ir.load64(ir.address(b2, d2 + 8 * i))));
  },
);

/** LOAD MULTIPLE HIGH. CC unchanged. */
export const LOAD_MULTIPLE_HIGH = section(
  'LOAD MULTIPLE HIGH',
  [row('LMH', RSYa, 0xeb96)],
  (ir, { r1, r3, b2, d2 }: Multiple) => {
    registers(r1, r3).forEach((r, i) => ir.setGrHigh(r, ir.load32(ir.address(b2, d2 + 4 * i))));
  },
);

/** LOAD MULTIPLE DISJOINT: high words from the second operand, low words from the fourth. */
export const LOAD_MULTIPLE_DISJOINT = section(
  'LOAD MULTIPLE DISJOINT',
  [row('LMD', SSe_lmd, 0xef)],
  (ir, { r1, r3, b2, d2, b4, d4 }: Multiple & { b4: number; d4: number }) => {
    registers(r1, r3).forEach((r, i) => {
      const hi = ir.load32(ir.address(b2, d2 + 4 * i));
      ir.setGr64(r, ir.make64(hi, ir.load32(ir.address(b4, d4 + 4 * i))));
    });
  },
);

/** Stores `size` bytes a register; nothing is stored unless everything can be. */
function storeMultiple(
  ir: Builder,
  { r1, r3, b2, d2 }: Multiple,
  size: number,
  store: (address: Value, r: number) => void,
): void {
  const list = registers(r1, r3);
  if (list.length > 1) ir.emit('probeStore', [ir.address(b2, d2)], size * list.length);
  list.forEach((r, i) => store(ir.address(b2, d2 + size * i), r));
}

/** STORE MULTIPLE (32): low words. CC unchanged. */
export const STORE_MULTIPLE_32 = section(
  'STORE MULTIPLE',
  [row('STM', RSa, 0x90), row('STMY', RSYa, 0xeb90)],
  (ir, fields: Multiple) => {
    storeMultiple(ir, fields, 4, (address, r) => ir.store32(address, ir.getGr32(r)));
  },
);

/** STORE MULTIPLE (64). CC unchanged. */
export const STORE_MULTIPLE_64 = section(
  'STORE MULTIPLE',
  [row('STMG', RSYa, 0xeb24)],
  (ir, fields: Multiple) => {
    storeMultiple(ir, fields, 8, (address, r) => ir.store64(address, ir.getGr64(r)));
  },
);

/** STORE MULTIPLE HIGH. CC unchanged. */
export const STORE_MULTIPLE_HIGH = section(
  'STORE MULTIPLE HIGH',
  [row('STMH', RSYa, 0xeb26)],
  (ir, fields: Multiple) => {
    storeMultiple(ir, fields, 4, (address, r) => ir.store32(address, ir.getGrHigh(r)));
  },
);

/** Quadword operands are on a quadword boundary. */
function requireQuadword(ir: Builder, address: Value): void {
  const offset = ir.and32(ir.low32(address), ir.const32(15));
  ir.trapIf(ir.not(ir.emit('eq32', [offset, ir.const32(0)])), PIC_SPECIFICATION);
}

interface Quadword {
  readonly r1: number;
  readonly b2: number;
  readonly x2: number;
  readonly d2: number;
}

/** LOAD PAIR FROM QUADWORD, block-concurrent. CC unchanged. */
export const LOAD_PAIR_FROM_QUADWORD = section(
  'LOAD PAIR FROM QUADWORD',
  [row('LPQ', RXYa, 0xe38f)],
  (ir, fields: Quadword) => {
    const { r1 } = fields;
    requireEven(ir, r1);
    const address = address2(ir, fields);
    requireQuadword(ir, address);
    ir.setGr64(r1, ir.load64(address));
    ir.setGr64(r1 | 1, ir.load64(ir.addressAt(address, 8)));
  },
);

/** STORE PAIR TO QUADWORD. CC unchanged. The quadword lies in one page, so no probe is needed. */
export const STORE_PAIR_TO_QUADWORD = section(
  'STORE PAIR TO QUADWORD',
  [row('STPQ', RXYa, 0xe38e)],
  (ir, fields: Quadword) => {
    const { r1 } = fields;
    requireEven(ir, r1);
    const address = address2(ir, fields);
    requireQuadword(ir, address);
    ir.store64(address, ir.getGr64(r1));
    ir.store64(ir.addressAt(address, 8), ir.getGr64(r1 | 1));
  },
);

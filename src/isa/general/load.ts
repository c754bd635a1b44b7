import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RIa, RIa_u, RILa, RILa_u, RILb, RR, RRE, RX, RXYa } from '../formats.ts';
import {
  gr32,
  gr32s,
  gr32u,
  gr64,
  immediate32,
  immediate64,
  relative16,
  relative16s,
  relative16s32,
  relative16u,
  relative32,
  relative32s,
  relative32u,
  relative64,
  storage16,
  storage16s,
  storage16s32,
  storage16u,
  storage32,
  storage32s,
  storage32u,
  storage64,
  storage8,
  storage8s,
  storage8s32,
  storage8u,
} from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

interface R2 {
  readonly r2: number;
}

/** The low byte or halfword of R2, extended to 32 bits. */
const gr8s32 = (ir: Builder, { r2 }: R2): Value => ir.emit('sext8', [ir.getGr32(r2)]);
const gr16s32 = (ir: Builder, { r2 }: R2): Value => ir.emit('sext16', [ir.getGr32(r2)]);
const gr8u32 = (ir: Builder, { r2 }: R2): Value => ir.and32(ir.getGr32(r2), ir.const32(0xff));
const gr16u32 = (ir: Builder, { r2 }: R2): Value => ir.and32(ir.getGr32(r2), ir.const32(0xffff));

/** The same, extended to 64 bits. */
const gr8s = (ir: Builder, f: R2): Value => ir.sext64(gr8s32(ir, f));
const gr16s = (ir: Builder, f: R2): Value => ir.sext64(gr16s32(ir, f));
const gr8u = (ir: Builder, f: R2): Value => ir.zext64(gr8u32(ir, f));
const gr16u = (ir: Builder, f: R2): Value => ir.zext64(gr16u32(ir, f));

function load32(ir: Builder, { r1 }: { r1: number }, second: Value): void {
  ir.setGr32(r1, second);
}

function load64(ir: Builder, { r1 }: { r1: number }, second: Value): void {
  ir.setGr64(r1, second);
}

/** LOAD (32). The second operand is placed unchanged at the first. CC unchanged. */
export const LOAD_32 = section(
  'LOAD',
  [
    row('LR', RR, 0x18, gr32.r2),
    row('L', RX, 0x58, storage32),
    row('LY', RXYa, 0xe358, storage32),
    row('LRL', RILb, 0xc4d, relative32),
  ],
  load32,
);

/** LOAD (64). */
export const LOAD_64 = section(
  'LOAD',
  [
    row('LGR', RRE, 0xb904, gr64.r2),
    row('LGFR', RRE, 0xb914, gr32s.r2),
    row('LG', RXYa, 0xe304, storage64),
    row('LGF', RXYa, 0xe314, storage32s),
    row('LGFI', RILa, 0xc01, immediate64.i2),
    row('LGRL', RILb, 0xc48, relative64),
    row('LGFRL', RILb, 0xc4c, relative32s),
  ],
  load64,
);

/** LOAD BYTE: sign-extended. CC unchanged. */
export const LOAD_BYTE_32 = section(
  'LOAD BYTE',
  [row('LBR', RRE, 0xb926, gr8s32), row('LB', RXYa, 0xe376, storage8s32)],
  load32,
);

export const LOAD_BYTE_64 = section(
  'LOAD BYTE',
  [row('LGBR', RRE, 0xb906, gr8s), row('LGB', RXYa, 0xe377, storage8s)],
  load64,
);

/** LOAD HALFWORD: sign-extended. CC unchanged. */
export const LOAD_HALFWORD_32 = section(
  'LOAD HALFWORD',
  [
    row('LHR', RRE, 0xb927, gr16s32),
    row('LH', RX, 0x48, storage16s32),
    row('LHY', RXYa, 0xe378, storage16s32),
    row('LHI', RIa, 0xa78, immediate32.i2),
    row('LHRL', RILb, 0xc45, relative16s32),
  ],
  load32,
);

export const LOAD_HALFWORD_64 = section(
  'LOAD HALFWORD',
  [
    row('LGHR', RRE, 0xb907, gr16s),
    row('LGH', RXYa, 0xe315, storage16s),
    row('LGHI', RIa, 0xa79, immediate64.i2),
    row('LGHRL', RILb, 0xc44, relative16s),
  ],
  load64,
);

/** LOAD LOGICAL: a word, zero-extended to 64 bits. CC unchanged. */
export const LOAD_LOGICAL = section(
  'LOAD LOGICAL',
  [
    row('LLGFR', RRE, 0xb916, gr32u.r2),
    row('LLGF', RXYa, 0xe316, storage32u),
    row('LLGFRL', RILb, 0xc4e, relative32u),
  ],
  load64,
);

/** LOAD LOGICAL CHARACTER: zero-extended. CC unchanged. */
export const LOAD_LOGICAL_CHARACTER_32 = section(
  'LOAD LOGICAL CHARACTER',
  [row('LLCR', RRE, 0xb994, gr8u32), row('LLC', RXYa, 0xe394, storage8)],
  load32,
);

export const LOAD_LOGICAL_CHARACTER_64 = section(
  'LOAD LOGICAL CHARACTER',
  [row('LLGCR', RRE, 0xb984, gr8u), row('LLGC', RXYa, 0xe390, storage8u)],
  load64,
);

/** LOAD LOGICAL HALFWORD: zero-extended. CC unchanged. */
export const LOAD_LOGICAL_HALFWORD_32 = section(
  'LOAD LOGICAL HALFWORD',
  [
    row('LLHR', RRE, 0xb995, gr16u32),
    row('LLH', RXYa, 0xe395, storage16),
    row('LLHRL', RILb, 0xc42, relative16),
  ],
  load32,
);

export const LOAD_LOGICAL_HALFWORD_64 = section(
  'LOAD LOGICAL HALFWORD',
  [
    row('LLGHR', RRE, 0xb985, gr16u),
    row('LLGH', RXYa, 0xe391, storage16u),
    row('LLGHRL', RILb, 0xc46, relative16u),
  ],
  load64,
);

/** Immediates at their place in an otherwise zero register. */
const place =
  (hi: number, lo: number) =>
  (ir: Builder, { i2 }: { i2: number }) =>
    ir.constPair(i2 * hi, i2 * lo);

/** LOAD LOGICAL IMMEDIATE: the rest of the register is zero. CC unchanged. */
export const LOAD_LOGICAL_IMMEDIATE = section(
  'LOAD LOGICAL IMMEDIATE',
  [
    row('LLIHF', RILa_u, 0xc0e, place(1, 0)),
    row('LLIHH', RIa_u, 0xa5c, place(0x10000, 0)),
    row('LLIHL', RIa_u, 0xa5d, place(1, 0)),
    row('LLILF', RILa_u, 0xc0f, place(0, 1)),
    row('LLILH', RIa_u, 0xa5e, place(0, 0x10000)),
    row('LLILL', RIa_u, 0xa5f, place(0, 1)),
  ],
  load64,
);

/** LOAD LOGICAL THIRTY ONE BITS. CC unchanged. */
export const LOAD_LOGICAL_THIRTY_ONE_BITS = section(
  'LOAD LOGICAL THIRTY ONE BITS',
  [row('LLGTR', RRE, 0xb917, gr32.r2), row('LLGT', RXYa, 0xe317, storage32)],
  (ir, { r1 }: { r1: number }, second) => {
    ir.setGr64(r1, ir.zext64(ir.and32(second, ir.const32(0x7fffffff))));
  },
);

/** LOAD AND ZERO RIGHTMOST BYTE (32). CC unchanged. */
export const LOAD_AND_ZERO_RIGHTMOST_BYTE_32 = section(
  'LOAD AND ZERO RIGHTMOST BYTE',
  [rowWith({ facility: 53 }, 'LZRF', RXYa, 0xe33b, storage32)],
  (ir, { r1 }: { r1: number }, second) => {
    ir.setGr32(r1, ir.and32(second, ir.const32(~0xff)));
  },
);

export const LOAD_AND_ZERO_RIGHTMOST_BYTE_64 = section(
  'LOAD AND ZERO RIGHTMOST BYTE',
  [
    rowWith({ facility: 53 }, 'LZRG', RXYa, 0xe32a, storage64),
    rowWith({ facility: 53 }, 'LLZRGF', RXYa, 0xe33a, storage32u),
  ],
  (ir, { r1 }: { r1: number }, second) => {
    ir.setGr64(r1, ir.and64(second, ir.constPair(-1, ~0xff)));
  },
);

import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RIa_u, RILa_u, RSb, RSYb, RX, RXYa } from '../formats.ts';
import { address2, gr32, grHigh, immediate32, storage8 } from '../operands.ts';
import { row, section } from '../section.ts';

interface R1 {
  readonly r1: number;
}

/** INSERT CHARACTER: bits 56-63; the others and the CC are unchanged. */
export const INSERT_CHARACTER = section(
  'INSERT CHARACTER',
  [row('IC', RX, 0x43, storage8), row('ICY', RXYa, 0xe373, storage8)],
  (ir, { r1 }: R1, second) => {
    ir.setGr32(r1, ir.or32(ir.and32(ir.getGr32(r1), ir.const32(~0xff)), second));
  },
);

/** INSERT IMMEDIATE (low word): one halfword or the word; the rest is unchanged. CC unchanged. */
export const INSERT_IMMEDIATE_LOW = section(
  'INSERT IMMEDIATE',
  [row('IILF', RILa_u, 0xc09, immediate32.i2)],
  (ir, { r1 }: R1, second) => {
    ir.setGr32(r1, second);
  },
);

export const INSERT_IMMEDIATE_HIGH = section(
  'INSERT IMMEDIATE',
  [row('IIHF', RILa_u, 0xc08, immediate32.i2)],
  (ir, { r1 }: R1, second) => {
    ir.setGrHigh(r1, second);
  },
);

type Immediate = (ir: Builder, fields: { readonly i2: number }) => Value;
const left: Immediate = (ir, { i2 }) => ir.const32(i2 << 16);
const right: Immediate = (ir, { i2 }) => ir.const32(i2);
/** Ones where the register is unchanged. */
const keepLeft: Immediate = (ir) => ir.const32(0xffff0000);
const keepRight: Immediate = (ir) => ir.const32(0xffff);

export const INSERT_IMMEDIATE_LOW_HALFWORD = section(
  'INSERT IMMEDIATE',
  [row('IILH', RIa_u, 0xa52, left, keepRight), row('IILL', RIa_u, 0xa53, right, keepLeft)],
  (ir, { r1 }: R1, second, keep) => {
    ir.setGr32(r1, ir.or32(ir.and32(ir.getGr32(r1), keep), second));
  },
);

export const INSERT_IMMEDIATE_HIGH_HALFWORD = section(
  'INSERT IMMEDIATE',
  [row('IIHH', RIa_u, 0xa50, left, keepRight), row('IIHL', RIa_u, 0xa51, right, keepLeft)],
  (ir, { r1 }: R1, second, keep) => {
    ir.setGrHigh(r1, ir.or32(ir.and32(ir.getGrHigh(r1), keep), second));
  },
);

// ---- characters under mask: each bit of M3 selects a byte of a word, from the left ----

interface Masked {
  readonly r1: number;
  readonly m3: number;
}

/** A run of ones in a mask: its first byte in the word, and in the sequence of selected bytes. */
interface Run {
  readonly inWord: number;
  readonly inSequence: number;
  readonly length: number;
}

function runs(m: number): Run[] {
  const found: Run[] = [];
  let selected = 0;
  for (let i = 0; i < 4; i++) {
    if ((m & (8 >> i)) === 0) continue;
    const start = i;
    while (i < 3 && m & (8 >> (i + 1))) i++;
    const length = i - start + 1;
    found.push({ inWord: start, inSequence: selected, length });
    selected += length;
  }
  return found;
}

function selectedBytes(m: number): number {
  return runs(m).reduce((sum, { length }) => sum + length, 0);
}

/** `n` low-order bytes of ones. */
const bytesOfOnes = (n: number): number => (n === 4 ? -1 : (1 << (8 * n)) - 1);

const shift = (ir: Builder, value: Value, left: number): Value => {
  if (left === 0) return value;
  return ir.emit(left > 0 ? 'shl32' : 'shr32', [value, ir.const32(Math.abs(left))]);
};

/** Fetches `n` bytes (1-4), right-aligned in a word. */
function fetchBytes(ir: Builder, address: Value, n: number): Value {
  if (n === 1) return ir.load8(address);
  if (n === 2) return ir.load16(address);
  if (n === 4) return ir.load32(address);
  return ir.or32(shift(ir, ir.load16(address), 8), ir.load8(ir.addressAt(address, 2)));
}

/** The bytes of `word` that `m` selects, right-aligned. */
function gather(ir: Builder, word: Value, m: number): Value {
  const n = selectedBytes(m);
  const pieces = runs(m).map(({ inWord, inSequence, length }) => {
    const left = 8 * (n - inSequence - length) - 8 * (4 - inWord - length);
    const piece = shift(ir, word, left);
    if (length === 4) return piece;
    const mask = bytesOfOnes(length) << (8 * (n - inSequence - length));
    return ir.and32(piece, ir.const32(mask));
  });
  return pieces.reduce((all, piece) => ir.or32(all, piece));
}

/** `word` with the bytes that `m` selects replaced by those of `bytes`, which is right-aligned. */
function scatter(ir: Builder, word: Value, bytes: Value, m: number): Value {
  if (m === 15) return bytes;
  const n = selectedBytes(m);
  let kept = -1;
  const pieces = runs(m).map(({ inWord, inSequence, length }) => {
    const position = 8 * (4 - inWord - length);
    const mask = bytesOfOnes(length) << position;
    kept &= ~mask;
    const piece = shift(ir, bytes, position - 8 * (n - inSequence - length));
    return length === n ? piece : ir.and32(piece, ir.const32(mask));
  });
  return pieces.reduce((all, piece) => ir.or32(all, piece), ir.and32(word, ir.const32(kept)));
}

/**
 * The inserted word and the CC: 0 when all inserted bits are zero, or the mask is; 1 when the
 * first of them is one; else 2. A zero mask still checks access to one byte.
 */
function insertUnderMask(ir: Builder, m: number, word: Value, address: Value): Value {
  if (m === 0) {
    ir.load8(address);
    ir.setCc(ir.const32(0));
    return word;
  }
  const n = selectedBytes(m);
  const bytes = fetchBytes(ir, address, n);
  ir.setCc(ir.emit('ccInsert', [bytes, ir.const32(bytesOfOnes(n))]));
  return scatter(ir, word, bytes, m);
}

/** INSERT CHARACTERS UNDER MASK (low word). */
export const INSERT_CHARACTERS_UNDER_MASK = section(
  'INSERT CHARACTERS UNDER MASK',
  [row('ICM', RSb, 0xbf, address2), row('ICMY', RSYb, 0xeb81, address2)],
  (ir, { r1, m3 }: Masked, address) => {
    ir.setGr32(r1, insertUnderMask(ir, m3, ir.getGr32(r1), address));
  },
);

/** INSERT CHARACTERS UNDER MASK (high word). */
export const INSERT_CHARACTERS_UNDER_MASK_HIGH = section(
  'INSERT CHARACTERS UNDER MASK',
  [row('ICMH', RSYb, 0xeb80, address2)],
  (ir, { r1, m3 }: Masked, address) => {
    ir.setGrHigh(r1, insertUnderMask(ir, m3, ir.getGrHigh(r1), address));
  },
);

/** STORE CHARACTERS UNDER MASK: the selected bytes, contiguously. CC unchanged. */
export const STORE_CHARACTERS_UNDER_MASK = section(
  'STORE CHARACTERS UNDER MASK',
  [
    row('STCM', RSb, 0xbe, address2, gr32.r1),
    row('STCMY', RSYb, 0xeb2d, address2, gr32.r1),
    row('STCMH', RSYb, 0xeb2c, address2, grHigh.r1),
  ],
  (ir, { m3 }: Masked, address, word) => {
    const n = selectedBytes(m3);
    if (n === 0) return;
    if (n === 1) {
      // store8 takes the low byte only.
      ir.store8(address, shift(ir, word, -8 * (3 - runs(m3)[0]!.inWord)));
    } else if (n === 2) ir.store16(address, gather(ir, word, m3));
    else if (n === 4) ir.store32(address, word);
    else {
      ir.emit('probeStore', [address], 3);
      const bytes = gather(ir, word, m3);
      ir.store16(address, shift(ir, bytes, -8));
      ir.store8(ir.addressAt(address, 2), bytes);
    }
  },
);

/**
 * COMPARE LOGICAL CHARACTERS UNDER MASK. CC 0 equal or mask zero, 1 first low, 2 first high. A
 * zero mask still checks access to one byte.
 */
export const COMPARE_LOGICAL_CHARACTERS_UNDER_MASK = section(
  'COMPARE LOGICAL CHARACTERS UNDER MASK',
  [
    row('CLM', RSb, 0xbd, address2, gr32.r1),
    row('CLMY', RSYb, 0xeb21, address2, gr32.r1),
    row('CLMH', RSYb, 0xeb20, address2, grHigh.r1),
  ],
  (ir, { m3 }: Masked, address, word) => {
    if (m3 === 0) {
      ir.load8(address);
      ir.setCc(ir.const32(0));
      return;
    }
    const bytes = fetchBytes(ir, address, selectedBytes(m3));
    ir.setCc(ir.emit('ccCompare32u', [gather(ir, word, m3), bytes]));
  },
);

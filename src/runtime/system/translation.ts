import { ENTRY_INVALID, PAGE_INVALID } from '../../arch/dat-format.ts';
import { PROGRAM_PARAMETER } from '../../cpu/state.ts';
import type { HelperContext } from '../context.ts';
import { specification } from '../operand.ts';
import { hasFacility, specialOperation, systemOf } from './authority.ts';
import { realReadable, realWritable } from './real-storage.ts';

/**
 * LRA, LRAY, LRAG. `wide`: 64-bit results, of LRAG or in the 64-bit mode. Returns the condition
 * code: 0 the real address is in R1; 1, 2 that of the invalid segment- or page-table entry; 3 the
 * code of the exception, with bit 32 on.
 */
export function loadRealAddress(
  context: HelperContext,
  r1: number,
  b2: number,
  wide: number,
  hi: number,
  lo: number,
): number {
  const { words } = context.state;
  const found = systemOf(context).memory.loadRealAddress(hi, lo, b2);
  if (found.cc === 3) words[2 * r1] = found.lo | 0x8000_0000;
  else {
    if (wide) words[2 * r1 + 1] = found.hi;
    else if (found.hi !== 0 || found.lo < 0) specialOperation();
    words[2 * r1] = found.lo;
  }
  return found.cc;
}

/** TPROT: the key is in bits 56-59 of the second operand's address. */
export function testProtection(
  context: HelperContext,
  b1: number,
  hi: number,
  lo: number,
  second: number,
): number {
  const { memory } = systemOf(context);
  memory.accessRegister = b1;
  return memory.testProtection(hi, lo, (second >>> 4) & 15);
}

/** LURA, LURAG: `size` bytes (4, 8) at a real address, to the right of R1. */
export function loadUsingRealAddress(
  context: HelperContext,
  r1: number,
  size: number,
  hi: number,
  lo: number,
): void {
  const { memory } = systemOf(context);
  const { state } = context;
  const at = realReadable(state, memory, hi, lo, size);
  if (size === 8) state.setGr(r1, memory.view.getBigUint64(at));
  else state.words[2 * r1] = memory.view.getInt32(at);
}

/** STURA, STURG: from the right of R1. */
export function storeUsingRealAddress(
  context: HelperContext,
  r1: number,
  size: number,
  hi: number,
  lo: number,
): void {
  const { memory } = systemOf(context);
  const { state } = context;
  const at = realWritable(state, memory, hi, lo, size);
  if (size === 8) memory.view.setBigUint64(at, state.gr(r1));
  else memory.view.setInt32(at, state.gr32(r1));
}

/** Turns on a bit in the low word of the table entry at a real address. */
function invalidateEntry(context: HelperContext, hi: number, lo: number, bit: number): void {
  const { memory } = systemOf(context);
  const { state } = context;
  const at = realReadable(state, memory, hi, lo, 8) + 4;
  const word = memory.view.getInt32(at);
  realWritable(state, memory, hi, lo, 8);
  memory.view.setInt32(at, word | bit);
}

const IPTE_RANGE = 13;

/**
 * IPTE: `ah:al` has the page-table origin, `bh:bl` the page index as an address has it,
 * `additional` (bits 56-63) how many pages more than one. Only the index counts; programs that have
 * it from an address give all of that, and then nothing else need be forgotten.
 */
export function invalidatePageTableEntry(
  context: HelperContext,
  ...[ah, al, bh, bl, additional]: number[]
): void {
  const { memory } = systemOf(context);
  const index = (bl! >>> 12) & 0xff;
  const count = hasFacility(context, IPTE_RANGE) ? (additional! & 0xff) + 1 : 1;
  if (index + count > 256) specification();
  const isIndex = bh === 0 && bl! >>> 20 === 0;
  for (let i = 0; i < count; i++) {
    invalidateEntry(context, ah!, (al! & ~0x7ff) + 8 * (index + i), PAGE_INVALID);
    if (!isIndex) memory.purgePage(bh!, (bl! & ~0xfff) + 4096 * i);
  }
  if (isIndex) memory.purgeAll();
}

/** Bits of the second operand of IDTE: reserved ones, and clearing by ASCE. */
const IDTE_RESERVED = 0xf_f000;
const IDTE_CLEAR_ONLY = 0x800;

/**
 * IDTE: invalidates entries of the table that `ah:al` designates (its type in bits 60-61), at the
 * index that is in the address `bh:bl`; as many more as bits 53-63 of that say. Or, with bit 52,
 * only forgets what was made with the ASCE `ch:cl`.
 */
export function invalidateTableEntry(
  context: HelperContext,
  ...[ah, al, bh, bl, ch, cl]: number[]
): void {
  const { memory } = systemOf(context);
  if (bl! & IDTE_RESERVED) specification();
  if (bl! & IDTE_CLEAR_ONLY) return memory.purgeAsce(ch!, cl! & ~0xfff);
  const indices = [
    (bl! >>> 20) & 0x7ff,
    ((bh! << 1) | (bl! >>> 31)) & 0x7ff,
    (bh! >>> 10) & 0x7ff,
    bh! >>> 21,
  ];
  const index = indices[(al! >>> 2) & 3]!;
  const count = (bl! & 0x7ff) + 1;
  for (let i = 0; i < count; i++) {
    // The origin is on a page boundary, so the sum carries only behind the address's last page.
    const lo = ((al! & ~0xfff) >>> 0) + 8 * ((index + i) & 0x7ff);
    const hi = lo >= 2 ** 32 ? (ah! + 1) | 0 : ah!;
    invalidateEntry(context, hi, lo | 0, ENTRY_INVALID);
  }
  memory.purgeAll();
}

/** PTLB. */
export function purgeTlb(context: HelperContext): void {
  systemOf(context).memory.purge();
}

/** CSP, CSPG after an equal comparison: bit 63 of the address asks for the TLB, 62 for the ALB. */
export function purgeAfterSwap(context: HelperContext, isEqual: number, low: number): void {
  const { memory } = systemOf(context);
  if (isEqual && low & 1) memory.purgeAll();
}

/** LPP. */
export function loadProgramParameter({ state }: HelperContext, hi: number, lo: number): void {
  state.words[PROGRAM_PARAMETER + 1] = hi;
  state.words[PROGRAM_PARAMETER] = lo;
}

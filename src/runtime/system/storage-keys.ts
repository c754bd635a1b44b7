import { PIC_ADDRESSING, ProgramInterruption } from '../../cpu/interruption.ts';
import { KEY_ACCESS, KEY_CHANGE, KEY_FETCH, KEY_REFERENCE } from '../../memory/absolute-storage.ts';
import { PAGE_SHIFT, PAGE_SIZE } from '../../memory/page.ts';
import type { SystemStorage } from '../../memory/system-storage.ts';
import type { HelperContext } from '../context.ts';
import { lowMask, specification } from '../operand.ts';
import { checkLowAddress } from './real-storage.ts';
import { hasFacility, systemOf } from './authority.ts';

const ENHANCED_DAT = 8;
const CONDITIONAL_SSKE = 10;
const NONQUIESCING = 14;

/** Bits of SSKE's M3: leave the reference bit, the change bit, alone; more than one block. */
const LEAVE_REFERENCE = 4;
const LEAVE_CHANGE = 2;
const MULTIPLE_BLOCK = 1;

const SEGMENT_SIZE = 0x10_0000;

/** The page with the 4K-byte block at a real address. */
function pageAt(memory: SystemStorage, hi: number, lo: number): number {
  return memory.real(hi, lo & ~(PAGE_SIZE - 1), PAGE_SIZE) >>> PAGE_SHIFT;
}

/** The page with the block at an absolute address. */
function absolutePage(memory: SystemStorage, hi: number, lo: number): number {
  const start = (lo & ~(PAGE_SIZE - 1)) >>> 0;
  if (hi !== 0 || !memory.storage.contains(start, PAGE_SIZE)) {
    throw new ProgramInterruption(PIC_ADDRESSING);
  }
  return start >>> PAGE_SHIFT;
}

function setKey(memory: SystemStorage, page: number, key: number): void {
  const { keys } = memory.storage;
  const before = keys[page]!;
  keys[page] = key;
  if (before !== key) memory.keyChanged(page, before);
}

/** Whether conditional SSKE has to set the key: PoP, "SET STORAGE KEY EXTENDED". */
function mustSet(before: number, key: number, m3: number): boolean {
  let relevant = KEY_ACCESS | KEY_FETCH;
  if ((m3 & LEAVE_REFERENCE) === 0) relevant |= KEY_REFERENCE;
  if ((m3 & LEAVE_CHANGE) === 0) relevant |= KEY_CHANGE;
  if ((m3 & (LEAVE_REFERENCE | LEAVE_CHANGE)) === 0) return true;
  return ((before ^ key) & relevant) !== 0;
}

/** Bits of M3 that count with the facilities installed. */
function effectiveM3(context: HelperContext, m3: number): number {
  let bits = 0;
  if (hasFacility(context, CONDITIONAL_SSKE)) bits |= LEAVE_REFERENCE | LEAVE_CHANGE;
  if (hasFacility(context, ENHANCED_DAT)) bits |= MULTIPLE_BLOCK;
  return m3 & bits;
}

/**
 * SSKE. Returns the condition code: `cc` unless the setting is conditional, then 0 not set, 1 set,
 * 3 several blocks. Conditional setting of one block puts the old key in bits 48-55 of R1.
 */
export function setStorageKey(
  context: HelperContext,
  r1: number,
  r2: number,
  m3: number,
  amode: number,
  hi: number,
  lo: number,
  cc: number,
): number {
  const { memory } = systemOf(context);
  const { words } = context.state;
  const key = words[2 * r1]! & 0xfe;
  const options = effectiveM3(context, m3);
  const isConditional = (options & (LEAVE_REFERENCE | LEAVE_CHANGE)) !== 0;
  const { keys } = memory.storage;
  if (options & MULTIPLE_BLOCK) {
    const end = nextBoundary(lo, SEGMENT_SIZE);
    for (let at = (lo & ~(PAGE_SIZE - 1)) >>> 0; at < end; at += PAGE_SIZE) {
      const page = absolutePage(memory, hi, at | 0);
      if (mustSet(keys[page]!, key, options)) setKey(memory, page, key);
    }
    advanceTo(context, r2, amode, hi, end);
    return isConditional ? 3 : cc;
  }
  const page = pageAt(memory, hi, lo);
  const before = keys[page]!;
  const isSet = mustSet(before, key, options);
  if (isSet) setKey(memory, page, key);
  if (!isConditional) return cc;
  words[2 * r1] = (words[2 * r1]! & ~0xff00) | (before << 8);
  return isSet ? 1 : 0;
}

/** The first multiple of `size` behind a low address word, up to 2**32. */
function nextBoundary(lo: number, size: number): number {
  return (Math.floor((lo >>> 0) / size) + 1) * size;
}

/** R2 becomes the address `hi` and `end`, of which bits 52-63 stay as they were. */
function advanceTo(
  { state }: HelperContext,
  r2: number,
  amode: number,
  hi: number,
  end: number,
): void {
  const { words } = state;
  words[2 * r2] = (end & lowMask(amode) & ~0xfff) | (words[2 * r2]! & 0xfff);
  if (amode === 64) words[2 * r2 + 1] = end >= 2 ** 32 ? hi + 1 : hi;
}

/** ISKE: the key in bits 56-62 of R1, and a zero. */
export function insertStorageKey(context: HelperContext, r1: number, hi: number, lo: number): void {
  const { memory } = systemOf(context);
  const { words } = context.state;
  const key = memory.storage.keys[pageAt(memory, hi, lo)]! & 0xfe;
  words[2 * r1] = (words[2 * r1]! & ~0xff) | key;
}

/** RRBE. Returns the condition code: reference bit times 2 plus change bit, as they were. */
export function resetReferenceBit(context: HelperContext, hi: number, lo: number): number {
  const { memory } = systemOf(context);
  const page = pageAt(memory, hi, lo);
  const before = memory.storage.keys[page]!;
  setKey(memory, page, before & ~KEY_REFERENCE);
  return (before >>> 1) & 3;
}

/** RRBM: the reference bits of 64 blocks, which become zeros, to R1. */
export function resetReferenceBits(
  context: HelperContext,
  r1: number,
  hi: number,
  lo: number,
): void {
  const { memory } = systemOf(context);
  const { keys } = memory.storage;
  const first = absolutePage(memory, hi, lo & ~0x3_ffff);
  absolutePage(memory, hi, lo | 0x3_ffff);
  let bits = 0n;
  for (let page = first; page < first + 64; page++) {
    const before = keys[page]!;
    bits = (bits << 1n) | BigInt((before & KEY_REFERENCE) >>> 2);
    setKey(memory, page, before & ~KEY_REFERENCE);
  }
  context.state.setGr(r1, bits);
}

/** Bits of PFMF's first operand. */
const FRAME_RESERVED = 0xfffc_0101;
const FRAME_SET_KEY = 0x2_0000;
const FRAME_CLEAR = 0x1_0000;
const FRAME_NONQUIESCING = 0x800;

/**
 * PFMF: sets the key of, and clears, a 4K-byte block at a real address or the rest of a 1M-byte
 * block at an absolute one; R2 is then advanced.
 */
export function performFrameManagement(
  context: HelperContext,
  r1: number,
  r2: number,
  amode: number,
  hi: number,
  lo: number,
): void {
  const { state } = context;
  const { memory } = systemOf(context);
  const operation = state.words[2 * r1]!;
  if (operation & FRAME_RESERVED) specification();
  if (operation & FRAME_NONQUIESCING && !hasFacility(context, NONQUIESCING)) specification();
  const sizeCode = (operation >>> 12) & 7;
  if (sizeCode > 1) specification();
  const { storage } = memory;
  const m3 = hasFacility(context, CONDITIONAL_SSKE) ? (operation >>> 8) & 6 : 0;
  const one = (page: number): void => {
    if (operation & FRAME_CLEAR) storage.fill(page * PAGE_SIZE, PAGE_SIZE, 0);
    const key = operation & 0xfe;
    if (operation & FRAME_SET_KEY && mustSet(storage.keys[page]!, key, m3)) {
      setKey(memory, page, key);
    }
  };
  if (sizeCode === 0) {
    const start = lo & ~(PAGE_SIZE - 1);
    if (operation & FRAME_CLEAR) checkLowAddress(state, hi, start);
    one(pageAt(memory, hi, lo));
    return;
  }
  const end = nextBoundary(lo, SEGMENT_SIZE);
  for (let at = (lo & ~(PAGE_SIZE - 1)) >>> 0; at < end; at += PAGE_SIZE) {
    one(absolutePage(memory, hi, at | 0));
  }
  advanceTo(context, r2, amode, hi, end);
}

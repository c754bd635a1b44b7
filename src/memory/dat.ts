import {
  ASCE_PRIVATE,
  ASCE_REAL_SPACE,
  ASCE_TYPE_SHIFT,
  ENTRY_INVALID,
  ENTRY_OFFSET_SHIFT,
  ENTRY_PROTECTED,
  ENTRY_TYPE,
  ENTRY_TYPE_SHIFT,
  PAGE_INVALID,
  PAGE_MUST_BE_ZERO,
  PAGE_NO_EXECUTE,
  PAGE_PROTECTED,
  SEGMENT_COMMON,
  SEGMENT_LARGE,
  TABLE_LENGTH,
} from '../arch/dat-format.ts';
import {
  PIC_ADDRESSING,
  PIC_ASCE_TYPE,
  PIC_PAGE_TRANSLATION,
  PIC_REGION_THIRD_TRANSLATION,
  PIC_SEGMENT_TRANSLATION,
  PIC_TRANSLATION_SPECIFICATION,
} from '../cpu/interruption.ts';
import type { AbsoluteStorage } from './absolute-storage.ts';

/** What a walk through the tables found; one object, used again by the next walk. */
export interface WalkResult {
  /** 0, or the program-interruption code of what went wrong. */
  code: number;
  /** Real address of the page (4 KiB), below 2**53. */
  page: number;
  /** DAT protection: no stores. */
  isProtected: boolean;
  /** Instruction-execution protection. */
  isNoExecute: boolean;
  /** Real address of the last entry looked at; -1 when a table had none for the address. */
  entry: number;
}

const result: WalkResult = { code: 0, page: 0, isProtected: false, isNoExecute: false, entry: 0 };

/**
 * PoP, "Translation Process": walks from an address-space-control element (two words) to the page
 * of the virtual address `hi:lo`. `enhanced`: EDAT-1 applies (large pages, region protection).
 */
export function datWalk(
  storage: AbsoluteStorage,
  asceHigh: number,
  asceLow: number,
  hi: number,
  lo: number,
  enhanced: boolean,
): WalkResult {
  result.isProtected = false;
  result.isNoExecute = false;
  result.entry = 0;
  if (asceLow & ASCE_REAL_SPACE) {
    result.page = (hi >>> 0) * 0x1_0000_0000 + ((lo & ~0xfff) >>> 0);
    return end(0);
  }
  let type = (asceLow >>> ASCE_TYPE_SHIFT) & 3;
  // Bits left of those that the highest table translates must be zero.
  const beyond =
    type === 3 ? 0 : type === 2 ? hi >>> 21 : type === 1 ? hi >>> 10 : tableBits(hi, lo);
  if (beyond !== 0) {
    result.entry = -1;
    return end(PIC_ASCE_TYPE);
  }

  let origin = (asceHigh >>> 0) * 0x1_0000_0000 + ((asceLow & ~0xfff) >>> 0);
  let offset = 0;
  let length = asceLow & TABLE_LENGTH;
  const isPrivate = (asceLow & ASCE_PRIVATE) !== 0;
  for (; ; type--) {
    const index = indexOf(type, hi, lo);
    const part = index >>> 9;
    if (part < offset || part > length) {
      result.entry = -1;
      return end(invalidCode(type));
    }
    const at = origin + 8 * index;
    result.entry = at;
    if (!storage.contains(at, 8)) return end(PIC_ADDRESSING);
    const high = storage.view.getUint32(at);
    const low = storage.view.getInt32(at + 4);
    if (low & ENTRY_INVALID) return end(invalidCode(type));
    if ((low & ENTRY_TYPE) >>> ENTRY_TYPE_SHIFT !== type) return end(PIC_TRANSLATION_SPECIFICATION);
    if (type === 0) {
      if (isPrivate && low & SEGMENT_COMMON) return end(PIC_TRANSLATION_SPECIFICATION);
      if (low & ENTRY_PROTECTED) result.isProtected = true;
      if (enhanced && low & SEGMENT_LARGE) {
        result.page = high * 0x1_0000_0000 + ((low & ~0xf_ffff) >>> 0) + (lo & 0xf_f000);
        result.isNoExecute = (low & PAGE_NO_EXECUTE) !== 0;
        return end(0);
      }
      origin = high * 0x1_0000_0000 + ((low & ~0x7ff) >>> 0);
      break;
    }
    if (enhanced && low & ENTRY_PROTECTED) result.isProtected = true;
    origin = high * 0x1_0000_0000 + ((low & ~0xfff) >>> 0);
    offset = (low >>> ENTRY_OFFSET_SHIFT) & 3;
    length = low & TABLE_LENGTH;
  }

  const at = origin + 8 * ((lo >>> 12) & 0xff);
  result.entry = at;
  if (!storage.contains(at, 8)) return end(PIC_ADDRESSING);
  const frame = storage.view.getInt32(at + 4);
  if (frame & PAGE_INVALID) return end(PIC_PAGE_TRANSLATION);
  if (frame & PAGE_MUST_BE_ZERO) return end(PIC_TRANSLATION_SPECIFICATION);
  if (frame & PAGE_PROTECTED) result.isProtected = true;
  result.isNoExecute = (frame & PAGE_NO_EXECUTE) !== 0;
  result.page = storage.view.getUint32(at) * 0x1_0000_0000 + ((frame & ~0xfff) >>> 0);
  return end(0);
}

function end(code: number): WalkResult {
  result.code = code;
  return result;
}

/** The bits of an address that region tables translate. */
function tableBits(hi: number, lo: number): number {
  return hi | (lo >>> 31);
}

/** The index into the table of a type: 3 region-first ... 0 segment. */
function indexOf(type: number, hi: number, lo: number): number {
  if (type === 3) return hi >>> 21;
  if (type === 2) return (hi >>> 10) & 0x7ff;
  if (type === 1) return ((hi & 0x3ff) << 1) | (lo >>> 31);
  return (lo >>> 20) & 0x7ff;
}

/** What an invalid entry of a table of a type gives. */
function invalidCode(type: number): number {
  return type === 0 ? PIC_SEGMENT_TRANSLATION : PIC_REGION_THIRD_TRANSLATION + 1 - type;
}

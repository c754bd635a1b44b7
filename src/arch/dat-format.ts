/**
 * Bits of what dynamic address translation reads (PoP, "Dynamic Address Translation"). All lie in
 * the low word of a doubleword.
 */

/** Address-space-control element. */
export const ASCE_PRIVATE = 0x100;
export const ASCE_REAL_SPACE = 0x20;
/** Designation type: 3 region-first, 2 region-second, 1 region-third, 0 segment table. */
export const ASCE_TYPE_SHIFT = 2;
/** Table length of an ASCE or a region-table entry: units of 512 entries, less one. */
export const TABLE_LENGTH = 3;

/** Region- and segment-table entries. */
export const ENTRY_INVALID = 0x20;
export const ENTRY_TYPE = 0x0c;
export const ENTRY_TYPE_SHIFT = 2;
export const ENTRY_OFFSET_SHIFT = 6;
export const ENTRY_PROTECTED = 0x200;
export const SEGMENT_COMMON = 0x10;
/** Format control of a segment-table entry: a frame of 1 MiB (EDAT-1). */
export const SEGMENT_LARGE = 0x400;

/** Page-table entries. */
export const PAGE_MUST_BE_ZERO = 0x800;
export const PAGE_INVALID = 0x400;
export const PAGE_PROTECTED = 0x200;
/** Instruction-execution protection. */
export const PAGE_NO_EXECUTE = 0x100;

/** Bits of control register 0, low word. */
export const CR0_LOW_ADDRESS_PROTECTION = 0x1000_0000;
export const CR0_EXTRACTION_AUTHORITY = 0x0800_0000;
export const CR0_SECONDARY_SPACE = 0x0400_0000;
export const CR0_FETCH_PROTECTION_OVERRIDE = 0x0200_0000;
export const CR0_STORAGE_PROTECTION_OVERRIDE = 0x0100_0000;
export const CR0_ENHANCED_DAT = 0x0080_0000;
/** Control register 0, high word: bit 20, instruction-execution protection. */
export const CR0_HIGH_EXECUTION_PROTECTION = 0x0000_0800;

/** Translation-exception identification: what its low 12 bits say. */
export const TEID_FETCH = 0x800;
export const TEID_STORE = 0x400;
/**
 * Which protection it was, of a protection exception (enhanced suppression on protection, facility
 * 2): instruction-execution protection has the first bit with that of DAT protection.
 */
export const TEID_NO_EXECUTE = 0x80;
export const TEID_DAT_PROTECTION = 0x04;
export const TEID_LOW_ADDRESS = 0x80;
export const TEID_KEY = 0x08;

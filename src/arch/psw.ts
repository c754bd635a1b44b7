/** Bits of the PSW mask, PSW bits 0-63 (PoP, "Program-Status-Word Format"). */
export const PSW_PER = 1n << 62n;
export const PSW_DAT = 1n << 58n;
export const PSW_IO = 1n << 57n;
export const PSW_EXTERNAL = 1n << 56n;
/** Access key, bits 8-11. */
export const PSW_KEY = 0xfn << 52n;
/** Bit 12: must be zero in a z/Architecture PSW, one in the format that LPSW loads. */
export const PSW_SHORT = 1n << 51n;
export const PSW_MACHINE_CHECK = 1n << 50n;
export const PSW_WAIT = 1n << 49n;
export const PSW_PROBLEM = 1n << 48n;
/** Address-space control, bits 16-17: see {@link AddressSpaceControl}. */
export const PSW_AS = 3n << 46n;
export const PSW_CC = 3n << 44n;
export const PSW_PROGRAM_MASK = 0xfn << 40n;
/** Extended (bit 31) and basic (bit 32) addressing: 64-bit with both, 31-bit with the second. */
export const PSW_EA = 1n << 32n;
export const PSW_BA = 1n << 31n;

/** Bits of the right half of the mask's left word, for code that works on words. */
export const HIGH_PER = 0x4000_0000;
export const HIGH_DAT = 0x0400_0000;
export const HIGH_IO = 0x0200_0000;
export const HIGH_EXTERNAL = 0x0100_0000;
export const HIGH_MACHINE_CHECK = 0x0004_0000;
export const HIGH_WAIT = 0x0002_0000;
export const HIGH_PROBLEM = 0x0001_0000;
/** Of bits 0-7, which SSM and STOSM set: those that must be zero. */
export const HIGH_SYSTEM_MASK_UNASSIGNED = 0xb800_0000;

/** Values of PSW bits 16-17. */
export const AS_PRIMARY = 0;
export const AS_ACCESS_REGISTER = 1;
export const AS_SECONDARY = 2;
export const AS_HOME = 3;

/** Bits that a z/Architecture PSW mask must not have: PoP, "Early Exception Recognition". */
export const PSW_UNASSIGNED = 0xb808_00fe_7fff_ffffn;

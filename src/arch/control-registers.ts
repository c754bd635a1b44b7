/**
 * Bits of control registers that are not about DAT (for those, see dat-format.ts), all of the low
 * word (PoP, "Control Registers").
 */
export const CR0_SSM_SUPPRESSION = 0x4000_0000;
/** Space-switch-event control, in the ASCEs of control registers 1 and 13. */
export const ASCE_SPACE_SWITCH_EVENT = 0x40;
/** Control register 14: ASN translation, and the origin of the ASN-first table in pages. */
export const CR14_ASN_TRANSLATION = 0x0008_0000;
export const CR14_ASN_FIRST_TABLE = 0x0007_ffff;

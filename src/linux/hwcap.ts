/** AT_HWCAP bits of s390x (arch/s390/include/asm/elf.h) and the facility bit each stands for. */
const BITS: readonly (readonly [hwcap: number, facility: number])[] = [
  [1 << 0, 0], // ESAN3
  [1 << 1, 2], // ZARCH
  [1 << 2, 7], // STFLE
  [1 << 3, 17], // MSA
  [1 << 4, 19], // LDISP
  [1 << 5, 21], // EIMM
  [1 << 8, 30], // ETF3EH
  [1 << 11, 129], // VXRS
  [1 << 12, 134], // VXRS_BCD
  [1 << 13, 135], // VXRS_EXT
  [1 << 15, 148], // VXRS_EXT2
];
/** Not a facility: a 64-bit kernel keeps the upper register halves of 31-bit programs. */
const HIGH_GPRS = 1 << 9;

/** AT_HWCAP for a facility list as STFLE stores it. */
export function hwcap(facilities: Uint8Array): number {
  const has = (bit: number): boolean => ((facilities[bit >>> 3] ?? 0) & (0x80 >>> (bit & 7))) !== 0;
  return BITS.reduce((all, [flag, bit]) => (has(bit) ? all | flag : all), HIGH_GPRS);
}

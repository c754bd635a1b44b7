/**
 * EBCDIC, in which SCLP messages, STSI's names and load parameters are written. The code pages are
 * permutations of Latin-1 (IBM, "Character Data Representation Architecture", CCSIDs 37 and 500),
 * with new line (0x15) as line feed, as everyone does who exchanges lines with ASCII systems.
 */

/** The Latin-1 code of each EBCDIC code of CCSID 500, in hexadecimal. */
const LATIN1_500 =
  '000102039c09867f978d8e0b0c0d0e0f101112139d0a08871819928f1c1d1e1f' +
  '808182838485171b88898a8b8c050607909116939495960498999a9b14159e1a' +
  '20a0e2e4e0e1e3e5e7f15b2e3c282b2126e9eaebe8edeeefecdf5d242a293b5e' +
  '2d2fc2c4c0c1c3c5c7d1a62c255f3e3ff8c9cacbc8cdcecfcc603a2340273d22' +
  'd8616263646566676869abbbf0fdfeb1b06a6b6c6d6e6f707172aabae6b8c6a4' +
  'b57e737475767778797aa1bfd0dddeaea2a3a5b7a9a7b6bcbdbeac7cafa8b4d7' +
  '7b414243444546474849adf4f6f2f3f57d4a4b4c4d4e4f505152b9fbfcf9faff' +
  '5cf7535455565758595ab2d4d6d2d3d530313233343536373839b3dbdcd9da9f';

/** Where CCSID 37 differs: `¢ | ! ¬ ^ [ ]`. */
const DIFFERENCES_37 = {
  ...{ 0x4a: 0xa2, 0x4f: 0x7c, 0x5a: 0x21, 0x5f: 0xac },
  ...{ 0xb0: 0x5e, 0xba: 0x5b, 0xbb: 0x5d },
};

/** What stands for characters that EBCDIC does not have. */
const UNKNOWN = '?';

/** An EBCDIC code page. */
export interface CodePage {
  /** The Latin-1 code of each EBCDIC code. */
  readonly latin1: Uint8Array;
  /** The EBCDIC code of each Latin-1 code. */
  readonly ebcdic: Uint8Array;
}

/** International: what Linux uses in a logical partition and under KVM. */
export const CODE_PAGE_500 = codePage({});
/** USA and Canada: what z/VM uses. */
export const CODE_PAGE_37 = codePage(DIFFERENCES_37);

/** `text` in EBCDIC, one byte for each character; `?` for what the page does not have. */
export function encodeEbcdic(text: string, { ebcdic }: CodePage = CODE_PAGE_500): Uint8Array {
  const unknown = ebcdic[UNKNOWN.charCodeAt(0)]!;
  return Uint8Array.from(text, (character) => ebcdic[character.codePointAt(0)!] ?? unknown);
}

export function decodeEbcdic(bytes: Uint8Array, { latin1 }: CodePage = CODE_PAGE_500): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(latin1[byte]!);
  return text;
}

function codePage(differences: Readonly<Record<number, number>>): CodePage {
  const latin1 = Uint8Array.from({ length: 256 }, (_, code) =>
    parseInt(LATIN1_500.slice(2 * code, 2 * code + 2), 16),
  );
  for (const [code, character] of Object.entries(differences)) latin1[Number(code)] = character;
  const ebcdic = new Uint8Array(256);
  latin1.forEach((character, code) => (ebcdic[character] = code));
  return { latin1, ebcdic };
}

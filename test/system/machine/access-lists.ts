import type { Backend } from '../../../src/engine/options.ts';
import { PAGE_INVALID, Tables } from './dat-tables.ts';
import { type GuestOptions, SUPERVISOR } from './guest.ts';

const ACCESS_REGISTER_MODE = (1n << 58n) | (1n << 46n);

/** Tables of the primary, the secondary and another space, and what each has at PLACE. */
export const SPACES = [0x10_0000, 0x18_0000, 0x20_0000] as const;
export const FRAMES = [0x8_0000, 0x8_2000, 0x8_4000] as const;
export const PLACE = 0x8_8000;
export const MISSING = 0x8_b000;

/** Dispatchable-unit control table, its access list; primary ASTE, its access list; others. */
const UNIT = 0x9_0000;
const UNIT_LIST = 0x9_0080;
const PRIMARY = 0x9_0200;
const PRIMARY_LIST = 0x9_0280;
const SECOND = 0x9_0400;
const AUTHORITY = 0x9_0500;

/** Entries of the lists, by their numbers; ALETs for them have a sequence number and a list bit. */
export const GOOD = 2;
export const INVALID = 3;
export const STALE_SPACE = 4;
export const GONE_SPACE = 5;
export const FETCH_ONLY = 6;
export const PRIVATE_OWN = 7;
export const PRIVATE_OTHER = 8;
export const PRIVATE_AUTHORISED = 9;
export const BEYOND = 16;
export const SEQUENCE = 0x35;
export const alet = (number: number, sequence = SEQUENCE): number => (sequence << 16) | number;
export const PRIMARY_SPACE_LIST = 0x100_0000;
/** Extended authorization index: control register 8. */
const INDEX = 5;

const prepare: GuestOptions['prepare'] = (storage) => {
  SPACES.forEach((at, i) => {
    new Tables(storage, at)
      .map(0, 0, { pages: 128 })
      .map(PLACE, FRAMES[i]!)
      .map(PLACE + 0x1000, FRAMES[i]! + 0x1000)
      .map(MISSING, 0, { flags: PAGE_INVALID });
    for (let n = 0; n < 32; n++) {
      storage.write64(FRAMES[i]! + 8 * n, BigInt(i + 1) * 0x0101_0101_0101_0101n);
    }
  });
  // Access-list designations: origin, and length in units of eight entries less one.
  storage.write32(UNIT + 16, UNIT_LIST | 1);
  storage.write32(PRIMARY + 16, PRIMARY_LIST | 1);
  const aste = (at: number, sequence: number, bits = 0): void => {
    storage.write32(at, AUTHORITY | bits);
    storage.write32(at + 4, 0x0000_0010);
    storage.write64(at + 8, BigInt(SPACES[2] | 3));
    storage.write32(at + 20, sequence);
  };
  aste(SECOND, 0x77);
  aste(SECOND + 0x40, 0x77, 0x8000_0000);
  // Index 17 has secondary authority; no other.
  storage.write8(AUTHORITY + 4, 0x10);
  for (const list of [UNIT_LIST, PRIMARY_LIST]) {
    for (let n = 0; n < 16; n++) storage.write32(list + 16 * n, 0x8000_0000);
    const ale = (
      number: number,
      bits: number,
      index = 0,
      second = SECOND,
      sequence = 0x77,
    ): void => {
      storage.write32(list + 16 * number, (bits | (SEQUENCE << 16) | index) >>> 0);
      storage.write32(list + 16 * number + 8, second);
      storage.write32(list + 16 * number + 12, sequence);
    };
    ale(GOOD, 0);
    ale(INVALID, 0x8000_0000);
    ale(STALE_SPACE, 0, 0, SECOND, 0x78);
    ale(GONE_SPACE, 0, 0, SECOND + 0x40);
    ale(FETCH_ONLY, 0x0200_0000);
    ale(PRIVATE_OWN, 0x0100_0000, INDEX);
    ale(PRIVATE_OTHER, 0x0100_0000, INDEX + 1);
    ale(PRIVATE_AUTHORISED, 0x0100_0000, INDEX + 1);
  }
  // In the primary space's list this one is good.
  storage.write32(PRIMARY_LIST + 16 * INVALID, SEQUENCE << 16);
  storage.write32(PRIMARY_LIST + 16 * INVALID + 8, SECOND);
  storage.write32(PRIMARY_LIST + 16 * INVALID + 12, 0x77);
};

/** Puts an ALET into the access register of the same number as the general one, an address. */
export const place = (register: number, token: number, at = PLACE): string => `llilf %r0,${token}
  sar %a${register},%r0
  llilf %r${register},${at}\n`;

/** A guest in the access-register mode, with access lists of both kinds. */
export function accessListOptions(backend: Backend): GuestOptions {
  return {
    ...{ backend, memory: 0x40_0000, mask: SUPERVISOR | ACCESS_REGISTER_MODE, prepare },
    control: {
      1: BigInt(SPACES[0] | 3),
      2: BigInt(UNIT),
      5: BigInt(PRIMARY),
      7: BigInt(SPACES[1] | 3),
      8: BigInt(INDEX << 16),
    },
  };
}

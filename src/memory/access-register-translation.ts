import {
  PIC_ALEN_TRANSLATION,
  PIC_ALET_SPECIFICATION,
  PIC_ALE_SEQUENCE,
  PIC_ASTE_VALIDITY,
  PIC_EXTENDED_AUTHORITY,
} from '../cpu/interruption.ts';
import { CR } from '../cpu/state.ts';
import type { AbsoluteStorage } from './absolute-storage.ts';

/** The ASCE that an access register designates, or the code of the exception. */
export interface FoundAsce {
  readonly code: number;
  readonly hi: number;
  readonly lo: number;
  /** Access-list-controlled protection: no stores. */
  readonly isFetchOnly: boolean;
}

/** What the tables are read from: real storage. */
interface RealStorage {
  readonly storage: AbsoluteStorage;
  real(hi: number, lo: number, size: number): number;
}

/** Bits of an access-list entry. */
const ENTRY_FETCH_ONLY = 0x200_0000;
const ENTRY_PRIVATE = 0x100_0000;

/**
 * PoP, "Access-Register Translation", without a lookaside buffer: an ALET of 0 is the primary
 * space, 1 the secondary; others select an entry of the primary-space or the dispatchable-unit
 * access list, whose ASN-second-table entry has the ASCE.
 */
export function accessRegisterAsce(
  memory: RealStorage,
  alet: number,
  words: Int32Array,
): FoundAsce {
  const isFetchOnly = false;
  if (alet === 0) return { code: 0, hi: words[CR + 3]!, lo: words[CR + 2]!, isFetchOnly };
  if (alet === 1) return { code: 0, hi: words[CR + 15]!, lo: words[CR + 14]!, isFetchOnly };
  const fail = (code: number): FoundAsce => ({ code, hi: 0, lo: 0, isFetchOnly });
  // Step 1: the ALET's left bits are zero; bit 7 chooses the list.
  if (alet >>> 25 !== 0) return fail(PIC_ALET_SPECIFICATION);
  const { view } = memory.storage;
  const at = (address: number, size: number): number => memory.real(0, address, size);
  const control = alet & 0x0100_0000 ? words[CR + 10]! & 0x7fff_ffc0 : words[CR + 4]! & 0x7fff_ffc0;
  // Step 2: the list's designation is in word 4 of the origin's control block.
  const designation = view.getUint32(at(control + 16, 4));
  const number = alet & 0xffff;
  if (number >>> 3 > (designation & 0x7f)) return fail(PIC_ALEN_TRANSLATION);
  // Step 3: the access-list entry.
  const entry = at((designation & 0x7fff_ff80) + 16 * number, 16);
  const first = view.getUint32(entry);
  if (first & 0x8000_0000) return fail(PIC_ALEN_TRANSLATION);
  if (((alet >>> 16) & 0xff) !== ((first >>> 16) & 0xff)) return fail(PIC_ALE_SEQUENCE);
  // Step 4: the ASN-second-table entry, and that it is the one meant.
  const second = at(view.getUint32(entry + 8) & 0x7fff_ffc0, 64);
  if (view.getUint32(second) & 0x8000_0000) return fail(PIC_ASTE_VALIDITY);
  if (view.getUint32(second + 20) !== view.getUint32(entry + 12))
    return fail(PIC_ASTE_VALIDITY + 1);
  // Step 5: a private entry wants authority, by its number or the table.
  const isPrivate = (first & ENTRY_PRIVATE) !== 0;
  const index = words[CR + 16]! >>> 16;
  if (isPrivate && (first & 0xffff) !== index) {
    const origin = view.getUint32(second) & 0x7fff_fffc;
    const length = view.getUint32(second + 4) & 0xfff0;
    if ((index >>> 4) * 16 > length) return fail(PIC_EXTENDED_AUTHORITY);
    const byte = memory.storage.bytes[at(origin + (index >>> 2), 1)]!;
    if (((byte >>> (6 - 2 * (index & 3))) & 1) === 0) return fail(PIC_EXTENDED_AUTHORITY);
  }
  return {
    code: 0,
    hi: view.getInt32(second + 8),
    lo: view.getInt32(second + 12),
    isFetchOnly: (first & ENTRY_FETCH_ONLY) !== 0,
  };
}

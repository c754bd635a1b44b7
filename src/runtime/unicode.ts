import type { HelperContext } from './context.ts';
import { advance, byteAhead, operandLength, reduce, settle, writableAt } from './operand.ts';

/**
 * Conversions between UTF-8, UTF-16 and UTF-32 (CU12 CU14 CU21 CU24 CU41 CU42). A format's number
 * is that in the mnemonic: 1, 2 or 4.
 */

/** What a decoder found besides a character. */
const INCOMPLETE = -1;
const ILL_FORMED = -2;

/** Bytes of the character decoded last. */
let consumed = 0;

/** Reads byte `index` of the source; byte 0 comes first and has been counted as present. */
type Fetch = (index: number) => number;

/** One UTF-8 character out of at most `available` bytes; `check` rejects ill-formed ones. */
function decodeUtf8(fetch: Fetch, available: number, check: boolean): number {
  const lead = fetch(0);
  if (lead < 0x80) {
    consumed = 1;
    return lead;
  }
  if (lead < 0xc0 || lead > 0xf7) return ILL_FORMED;
  if (check && (lead < 0xc2 || lead > 0xf4)) return ILL_FORMED;
  consumed = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (available < consumed) return INCOMPLETE;
  let character = lead & (0xff >> (consumed + 1));
  for (let i = 1; i < consumed; i++) {
    const byte = fetch(i);
    if (check && (byte & 0xc0) !== 0x80) return ILL_FORMED;
    character = (character << 6) | (byte & 0x3f);
  }
  if (!check) return character;
  // Well-formed: the shortest form, no surrogates, not above 10FFFF.
  const tooLong = (consumed === 3 && character < 0x800) || (consumed === 4 && character < 0x10000);
  const surrogate = consumed === 3 && character >= 0xd800 && character <= 0xdfff;
  return tooLong || surrogate || character > 0x10ffff ? ILL_FORMED : character;
}

/** One UTF-16 character; a low surrogate on its own is a character like others. */
function decodeUtf16(fetch: Fetch, available: number, check: boolean): number {
  if (available < 2) return INCOMPLETE;
  const first = (fetch(0) << 8) | fetch(1);
  consumed = 2;
  if ((first & 0xfc00) !== 0xd800) return first;
  if (available < 4) return INCOMPLETE;
  const second = (fetch(2) << 8) | fetch(3);
  consumed = 4;
  if (check && (second & 0xfc00) !== 0xdc00) return ILL_FORMED;
  return (((first & 0x3ff) + 0x40) << 10) | (second & 0x3ff);
}

/** One UTF-32 character. High surrogates and what is above 10FFFF are always ill-formed. */
function decodeUtf32(fetch: Fetch, available: number): number {
  if (available < 4) return INCOMPLETE;
  const character = ((fetch(0) << 24) | (fetch(1) << 16) | (fetch(2) << 8) | fetch(3)) >>> 0;
  consumed = 4;
  if (character > 0x10ffff || (character >= 0xd800 && character <= 0xdbff)) return ILL_FORMED;
  return character;
}

function encodedUtf8(c: number): number[] {
  if (c < 0x80) return [c];
  if (c < 0x800) return [0xc0 | (c >> 6), 0x80 | (c & 0x3f)];
  const tail = [0x80 | ((c >> 6) & 0x3f), 0x80 | (c & 0x3f)];
  if (c < 0x10000) return [0xe0 | (c >> 12), ...tail];
  return [0xf0 | ((c >> 18) & 7), 0x80 | ((c >> 12) & 0x3f), ...tail];
}

function encodedUtf16(c: number): number[] {
  if (c < 0x10000) return [c >> 8, c & 0xff];
  // The five bits uvwxy less one, modulo 16: also for what UTF-8 can hold above 10FFFF.
  const high = 0xd800 | ((((c >> 16) - 1) & 15) << 6) | ((c >> 10) & 0x3f);
  const low = 0xdc00 | (c & 0x3ff);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff];
}

function encodedUtf32(c: number): number[] {
  return [0, (c >> 16) & 0xff, (c >> 8) & 0xff, c & 0xff];
}

/**
 * Converts characters from R2 to R1. `check` is M3's well-formedness bit. CC 0: source ended, or
 * what is left of it is part of a character; 1: no room for the next; 2: ill-formed character.
 */
export function convertUnicode(
  context: HelperContext,
  from: number,
  to: number,
  r1: number,
  r2: number,
  check: number,
  amode: number,
): number {
  const { state, memory } = context;
  let room = operandLength(state, r1 + 1, amode);
  let available = operandLength(state, r2 + 1, amode);
  const decode = from === 1 ? decodeUtf8 : from === 2 ? decodeUtf16 : decodeUtf32;
  const encode = to === 1 ? encodedUtf8 : to === 2 ? encodedUtf16 : encodedUtf32;
  const fetch: Fetch = (index) => byteAhead(context, r2, amode, index);
  while (available > 0) {
    const character = decode(fetch, available, check !== 0);
    if (character === INCOMPLETE) return 0;
    if (character === ILL_FORMED) return 2;
    const read = consumed;
    const result = encode(character);
    if (room < result.length) return 1;
    memory.bytes.set(result, writableAt(context, r1, amode, result.length));
    advance(state, r1, amode, result.length);
    reduce(state, r1 + 1, amode, result.length);
    advance(state, r2, amode, read);
    reduce(state, r2 + 1, amode, read);
    room -= result.length;
    available -= read;
    settle(memory);
  }
  return 0;
}

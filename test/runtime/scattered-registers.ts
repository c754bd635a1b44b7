import type { HelperName } from '../../src/ir/helpers.ts';
import { unicode, type Maker, type SceneBuilder } from './scattered-scenes.ts';

/** Where the page ends that is neither first nor last and cannot be accessed. */
const BEHIND_INVALID = 12 * 4096;

/** Two strings without `byte` but at their ends, mostly alike. */
function strings(s: SceneBuilder, r1: number, r2: number, unit: number): void {
  const size = unit * (1 + s.length(9000 / unit));
  const first = s.place(size);
  const second = s.near(first, size);
  const byte = s.random.below(256);
  const text = new Uint8Array(size).fill(byte ^ 0x55);
  for (let i = 0; i < 4; i++) text[s.random.below(size)] = s.random.next();
  text.fill(byte, size - unit);
  s.put(second, text);
  if (s.random.oneIn(2)) text[s.random.below(size)] = s.random.next();
  if (s.random.oneIn(2)) s.put(first, text);
  s.setNumber(0, unit === 2 ? byte * 0x101 : byte);
  s.setAddress(r1, first);
  s.setAddress(r2, second);
}

function search(name: HelperName, unit: number): Maker {
  return (s) => {
    const r1 = s.register(0);
    const r2 = s.register(0);
    strings(s, r1, r2, unit);
    const start = Number(s.registers[r2]!.bits % 0x1_0000n);
    // Where the search is to end: mostly behind the start.
    if (!s.random.oneIn(10)) s.setAddress(r1, s.inside(start + s.length(9000), 0));
    s.setAddress(r2, start);
    s.call(name, { r1, r2 });
  };
}

function stringPair(name: HelperName): Maker {
  return (s) => {
    const r1 = s.register(0);
    const r2 = s.register(0);
    strings(s, r1, r2, 1);
    s.call(name, { r1, r2 });
  };
}

/** MVCL, CLCLE and so on: addresses and lengths in pairs of registers. */
function long(name: HelperName, unit: number, isOld: boolean): Maker {
  return (s) => {
    const r1 = s.pair();
    const r2 = s.random.oneIn(12) ? r1 : s.pair(r1);
    const size1 = unit * s.length(9000 / unit);
    const size2 = s.random.oneIn(2) ? size1 : unit * s.length(9000 / unit);
    const first = s.place(size1);
    const second = s.near(first, size2);
    const pad = s.random.below(unit === 2 ? 0x1_0000 : 256);
    const text = s.bytes(Math.max(size1, size2), [pad & 0xff, pad & 0xff, 1]);
    if (unit === 2) text.forEach((_, i) => (text[i] = i & 1 ? pad : pad >> 8));
    s.put(first, text.subarray(0, size1));
    s.put(second, text.subarray(0, size2));
    const changed = s.bytes(Math.min(2, size1));
    if (s.random.oneIn(2)) s.put(first + s.random.below(Math.max(1, size1 - 1)), changed);
    s.setAddress(r2, second);
    s.setAddress(r1, first);
    if (isOld) {
      s.setNumber(r2 + 1, pad * 0x100_0000 + size2);
      s.setNumber(r1 + 1, r1 === r2 ? pad * 0x100_0000 + size1 : size1, 24);
      s.call(name, { r1, r2 });
    } else {
      s.setLength(r2 + 1, size2);
      s.setLength(r1 + 1, size1);
      s.call(name, { r1, r3: r2 }, [pad]);
    }
  };
}

/** A table of function bytes; for tests most of it is zero. Sometimes its first part is missing. */
export function table(s: SceneBuilder, near: number, size: number, isTest: boolean): number {
  const isPart = s.random.oneIn(5);
  const place = isPart ? BEHIND_INVALID - 1 - s.random.below(200) : s.near(near, size);
  const alphabet = isTest ? [0, 0, 0, 0, 0, 0, 0, 0, 7] : undefined;
  if (!s.random.oneIn(6)) s.put(place, s.bytes(size, alphabet));
  return place;
}

function translateExtended(s: SceneBuilder): void {
  const r1 = s.pair();
  const r2 = s.register(0, r1, r1 + 1);
  const size = s.length(9000);
  const first = s.place(size);
  s.setAddress(r2, table(s, first, 256, false));
  s.put(first, new Uint8Array(size).fill(s.random.next()));
  if (s.random.oneIn(2)) s.put(first, s.bytes(Math.min(size, 40)));
  s.setNumber(0, s.random.next());
  s.setAddress(r1, first);
  s.setLength(r1 + 1, size);
  s.call('translateExtended', { r1, r2 });
}

function translateAndTestExtended(s: SceneBuilder): void {
  const m3 = 2 * s.random.below(8);
  const [size, codeSize] = [m3 & 8 ? 2 : 1, m3 & 4 ? 2 : 1];
  const step = s.random.oneIn(2) ? 1 : -1;
  const r1 = s.pair();
  const r2 = s.register(0, 1);
  const length = size * s.length(5000 / size);
  const first = s.place(length);
  const arguments_ = s.bytes(length);
  if (size === 2) arguments_.forEach((_, i) => i & 1 || (arguments_[i] = s.random.below(3)));
  const place = table(s, first, 0x300 * codeSize, true);
  s.put(first, arguments_);
  s.setAddress(1, place);
  s.setAddress(r1, step < 0 ? s.inside(first + length - size, size) : first);
  s.setLength(r1 + 1, length);
  // The function code must not replace an address: it does not move with the arena.
  s.call('translateAndTestExtended', { r1, r2: r2 === r1 ? r1 + 1 : r2, m3, step });
}

function translateCharacters(s: SceneBuilder): void {
  const fromSize = 1 + s.random.below(2);
  const toSize = 1 + s.random.below(2);
  const r1 = s.pair();
  const r2 = s.register(0, 1, r1, r1 + 1);
  const characters = s.length(3000);
  const from = s.place(characters * fromSize);
  const to = s.near(from, characters * toSize);
  const text = s.bytes(characters * fromSize);
  if (fromSize === 2) text.forEach((_, i) => i & 1 || (text[i] = s.random.below(3)));
  s.setAddress(1, table(s, from, (fromSize === 2 ? 0x300 : 256) * toSize, false));
  s.put(from, text);
  s.setNumber(0, s.random.next());
  s.setAddress(r1, to);
  s.setLength(r1 + 1, characters * fromSize);
  s.setAddress(r2, from);
  s.call('translateCharacters', { r1, r2, m3: s.random.below(2), fromSize, toSize });
}

function convertUnicode(s: SceneBuilder): void {
  const [from, to] = s.random.pick([
    [1, 2],
    [1, 4],
    [2, 1],
    [2, 4],
    [4, 1],
    [4, 2],
  ] as const);
  const r1 = s.pair();
  const r2 = s.pair(r1);
  const [room, size] = [s.length(9000), s.length(5000)];
  const second = s.place(size);
  const first = s.near(second, room);
  s.put(second, unicode(s, from, size));
  s.setAddress(r1, first);
  s.setLength(r1 + 1, room);
  s.setAddress(r2, second);
  s.setLength(r2 + 1, size);
  s.call('convertUnicode', { from, to, r1, r2, check: s.random.below(2) });
}

function compareUntilSubstringEqual(s: SceneBuilder): void {
  const r1 = s.pair();
  const r2 = s.pair(r1);
  const [size1, size2] = [s.length(600), s.length(600)];
  const [first, second] = [s.place(size1), s.place(size2)];
  s.put(first, s.bytes(size1, [1, 1, 1, 2]));
  s.put(second, s.bytes(size2, [1, 1, 1, 2]));
  s.setNumber(0, s.random.pick([0, 1, 3, 9, 255]));
  s.setNumber(1, s.random.pick([1, 2, 3]));
  s.setAddress(r1, first);
  s.setLength(r1 + 1, size1);
  s.setAddress(r2, second);
  s.setLength(r2 + 1, size2);
  s.call('compareUntilSubstringEqual', { r1, r2 });
}

function checksum(s: SceneBuilder): void {
  const r2 = s.pair();
  const size = s.length(9000);
  const place = s.place(size);
  s.put(place, s.bytes(Math.min(size, 64)));
  s.setAddress(r2, place);
  s.setLength(r2 + 1, size);
  s.call('checksum', { r1: s.register(r2, r2 + 1), r2 });
}

/** Makers for helpers whose operands' addresses are in registers, as those of strings. */
export const REGISTER_MAKERS: { readonly [K in HelperName]?: Maker } = {
  searchString: search('searchString', 1),
  searchStringUnicode: search('searchStringUnicode', 2),
  moveString: stringPair('moveString'),
  compareString: stringPair('compareString'),
  compareUntilSubstringEqual,
  moveLong: long('moveLong', 1, true),
  moveLongExtended: long('moveLongExtended', 1, false),
  moveLongUnicode: long('moveLongUnicode', 2, false),
  compareLogicalLong: long('compareLogicalLong', 1, true),
  compareLogicalLongExtended: long('compareLogicalLongExtended', 1, false),
  compareLogicalLongUnicode: long('compareLogicalLongUnicode', 2, false),
  checksum,
  translateExtended,
  translateAndTestExtended,
  translateCharacters,
  convertUnicode,
};

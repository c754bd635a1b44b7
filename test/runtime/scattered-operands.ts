import type { HelperName } from '../../src/ir/helpers.ts';
import * as storageBytes from '../../src/runtime/storage-bytes.ts';
import { packed, unicode, type SceneBuilder } from './scattered-scenes.ts';

/** Where the page ends that is neither first nor last and cannot be accessed. */
const BEHIND_INVALID = 12 * 4096;

/** Makes a scene for an operation. */
type Maker = (s: SceneBuilder) => void;

/** Two operands of SS instructions, which may overlap, filled by `fill`. */
function twoOperands(
  s: SceneBuilder,
  size1: number,
  size2: number,
  fill: (s: SceneBuilder, size: number) => Uint8Array = (_, size) => s.bytes(size),
): readonly [{ place: number }, { place: number }] {
  const first = s.place(size1);
  const second = s.near(first, size2);
  s.put(first, fill(s, size1));
  if (!s.random.oneIn(8)) s.put(second, fill(s, size2));
  return [{ place: first }, { place: second }];
}

/** A length code of SS-a, and the makers of instructions of that format. */
function sameLength(name: HelperName): Maker {
  return (s) => {
    const size = 1 + s.length(255);
    s.call(name, {}, [...twoOperands(s, size, size), size - 1]);
  };
}

/** The same for SS-b, with two lengths. */
function twoLengths(name: HelperName, fill?: typeof packed): Maker {
  return (s) => {
    const [size1, size2] = [1 + s.random.below(16), 1 + s.random.below(16)];
    const lengthCodes = ((size1 - 1) << 4) | (size2 - 1);
    s.call(name, {}, [...twoOperands(s, size1, size2, fill), lengthCodes]);
  };
}

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
function table(s: SceneBuilder, near: number, size: number, isTest: boolean): number {
  const isPart = s.random.oneIn(5);
  const place = isPart ? BEHIND_INVALID - 1 - s.random.below(200) : s.near(near, size);
  const alphabet = isTest ? [0, 0, 0, 0, 0, 0, 0, 0, 7] : undefined;
  if (!s.random.oneIn(6)) s.put(place, s.bytes(size, alphabet));
  return place;
}

function translate(name: HelperName, isTest: boolean): Maker {
  return (s) => {
    const size = 1 + s.length(255);
    const isReverse = name === 'translateAndTestReverse';
    const first = s.place(size);
    const second = table(s, first, 256, isTest);
    const alphabet = s.random.pick([undefined, [1, 2, 3, 250], [220, 230, 240, 255]]);
    const text = s.bytes(size, alphabet);
    if (s.random.oneIn(3)) text[s.random.below(size)] = s.random.next();
    s.put(first, text);
    s.setAddress(1, s.place(1));
    const start = isReverse ? first + size - 1 : first;
    s.call(name, {}, [{ place: start }, { place: second }, size - 1]);
  };
}

function edit(mark: number): Maker {
  return (s) => {
    const size = 1 + s.length(s.random.oneIn(2) ? 255 : 30);
    const alphabet = [0x20, 0x20, 0x20, 0x20, 0x20, 0x21, 0x22, 0x40, 0x6b];
    const first = s.place(size);
    const second = s.near(first, size);
    s.put(second, s.bytes(size, [0, 0, 0x12, 0x90, 0x05, 0x3c, 0x7d, 0x0c]));
    s.put(first, s.bytes(size, alphabet));
    s.setAddress(1, s.place(1));
    s.call('edit', { mark }, [{ place: first }, { place: second }, size - 1]);
  };
}

/** One operand at the first argument. */
function single(
  name: HelperName,
  size: number,
  rest: (s: SceneBuilder) => readonly (bigint | number)[],
): Maker {
  return (s) => {
    const place = s.place(size);
    s.put(place, s.random.oneIn(20) ? s.bytes(size) : packed(s, size));
    s.call(name, { r1: s.register() }, [{ place }, ...rest(s)]);
  };
}

function compareAndSwapAndStore(s: SceneBuilder): void {
  const code = s.random.below(3);
  const characteristic = s.random.below(5);
  const [size, stored] = [4 << code, 1 << characteristic];
  const first = s.place(size, size);
  const second = s.near(first, stored, stored);
  const list = s.near(first, 32, 16);
  const r3 = code === 2 ? s.pair() : s.register(0, 1);
  s.setNumber(0, (characteristic << 8) | code);
  s.setAddress(1, list + s.random.below(16));
  s.put(list, s.bytes(32));
  if (!s.random.oneIn(3)) s.put(first, registerBytes(s, r3, size));
  s.call('compareAndSwapAndStore', { r3 }, [{ place: first }, { place: second }]);
}

/** A register's low bytes, or a pair's. */
function registerBytes(s: SceneBuilder, r: number, size: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, s.registers[r]!.bits);
  if (size === 16) view.setBigUint64(8, s.registers[r + 1]!.bits);
  return size === 4 ? bytes.subarray(4, 8) : bytes.subarray(0, size);
}

function performLockedOperation(s: SceneBuilder): void {
  const code = s.random.oneIn(40) ? s.random.below(32) : s.random.below(24);
  const [operation, kind] = [code >> 2, code & 3];
  const size = kind === 0 ? 4 : kind === 3 ? 16 : 8;
  const inList = kind === 1 || kind === 3;
  let list = s.place(160, 8);
  // Of the parts of the list only 16-byte ones can cross a page boundary.
  if (kind === 3 && s.random.oneIn(2))
    list = 4096 * (8 + s.random.below(3)) - 8 - 16 * s.random.below(9);
  s.setNumber(0, code);
  const [r1, r3] = [s.pair(), s.pair()];
  // Operands keep off the list, whose addresses must not be taken for data.
  const apart = (): number => {
    for (;;) {
      const beside = list + s.random.below(600) - 240;
      const place = s.random.oneIn(3) ? s.place(size, size) : s.inside(beside, size, size);
      if (place + size <= list || place >= list + 160) return place;
    }
  };
  const second = apart();
  s.put(list, s.bytes(160));
  const targets = [apart(), apart(), apart()];
  if (!s.random.oneIn(4)) {
    const value = inList ? s.bytes(size) : registerBytes(s, r1, size);
    s.put(second, value);
    if (inList) s.put(list + 16 - size, value);
    const third = inList ? s.bytes(size) : registerBytes(s, r3, size);
    if (operation === 2) {
      s.put(targets[0]!, third);
      if (inList) s.put(list + 48 - size, third);
    }
  }
  const usesList = inList || operation > 3;
  if (usesList) {
    for (const [i, target] of targets.entries()) {
      s.pointers.push({ place: list + 72 + 32 * i, to: s.address(target) });
    }
  }
  const fourth = usesList ? list : targets[0]!;
  s.call('performLockedOperation', { r1, r3 }, [{ place: second }, { place: fourth }]);
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

/** PKA, UNPKU...: 16 bytes of packed decimal digits, and `size` bytes of characters. */
function characters(name: HelperName, unit: number, isPack: boolean): Maker {
  return (s) => {
    const size = unit * (1 + s.random.below(32));
    const [size1, size2] = isPack ? [16, size] : [size, 16];
    s.call(name, {}, [...twoOperands(s, size1, size2, packed), size - 1]);
  };
}

function moveInverse(s: SceneBuilder): void {
  const size = 1 + s.length(255);
  const [first, second] = twoOperands(s, size, size);
  s.call('moveInverse', {}, [first, { place: second.place + size - 1 }, size - 1]);
}

function moveRightToLeft(s: SceneBuilder): void {
  const size = 1 + s.length(255);
  s.setNumber(0, (s.random.next() & 0xffff00) + size - 1);
  s.call('moveRightToLeft', {}, twoOperands(s, size, size));
}

/** MP and DP: the second operand is the shorter one, and the first begins with zeros. */
function product(name: HelperName): Maker {
  return (s) => {
    const size2 = 1 + s.random.below(8);
    const size1 = size2 + 1 + s.random.below(16 - size2);
    const lengthCodes = ((size1 - 1) << 4) | (size2 - 1);
    const operands = twoOperands(s, size1, size2, (_, size) => {
      const number = packed(s, size);
      if (size === size1 && !s.random.oneIn(5)) number.fill(0, 0, size2);
      return number;
    });
    s.call(name, {}, [...operands, lengthCodes]);
  };
}

function shiftDecimal(s: SceneBuilder): void {
  const size = 1 + s.random.below(16);
  const place = s.place(size);
  s.put(place, packed(s, size));
  const codes = ((size - 1) << 4) | s.random.below(11);
  s.call('shiftAndRoundDecimal', {}, [{ place }, BigInt(s.random.below(64)), codes]);
}

function testDecimal(s: SceneBuilder): void {
  const size = 1 + s.random.below(16);
  const place = s.place(size);
  s.put(place, packed(s, size));
  s.call('testDecimal', {}, [{ place }, size - 1]);
}

function storeFacilities(s: SceneBuilder): void {
  s.setNumber(0, s.random.below(8));
  s.call('storeFacilityListExtended', {}, [{ place: s.place(32, s.random.oneIn(8) ? 1 : 8) }]);
}

function queryCryptography(s: SceneBuilder): void {
  s.setNumber(0, 0);
  s.setAddress(1, s.place(16));
  s.call('queryCryptography', { noModifier: 1 });
}

/** A maker for each helper that accesses storage. */
export const HELPER_MAKERS: { readonly [K in HelperName]?: Maker } = {
  searchString: search('searchString', 1),
  searchStringUnicode: search('searchStringUnicode', 2),
  moveString: stringPair('moveString'),
  compareString: stringPair('compareString'),
  compareUntilSubstringEqual,
  moveInverse,
  moveNumerics: sameLength('moveNumerics'),
  moveZones: sameLength('moveZones'),
  moveWithOffset: twoLengths('moveWithOffset'),
  moveRightToLeft,
  moveLong: long('moveLong', 1, true),
  moveLongExtended: long('moveLongExtended', 1, false),
  moveLongUnicode: long('moveLongUnicode', 2, false),
  compareLogicalLong: long('compareLogicalLong', 1, true),
  compareLogicalLongExtended: long('compareLogicalLongExtended', 1, false),
  compareLogicalLongUnicode: long('compareLogicalLongUnicode', 2, false),
  checksum,
  translate: translate('translate', false),
  translateAndTest: translate('translateAndTest', true),
  translateAndTestReverse: translate('translateAndTestReverse', true),
  translateExtended,
  translateAndTestExtended,
  translateCharacters,
  convertUnicode,
  pack: twoLengths('pack'),
  unpack: twoLengths('unpack'),
  packAscii: characters('packAscii', 1, true),
  packUnicode: characters('packUnicode', 2, true),
  unpackAscii: characters('unpackAscii', 1, false),
  unpackUnicode: characters('unpackUnicode', 2, false),
  testDecimal,
  addDecimal: twoLengths('addDecimal', packed),
  subtractDecimal: twoLengths('subtractDecimal', packed),
  zeroAndAdd: twoLengths('zeroAndAdd', packed),
  compareDecimal: twoLengths('compareDecimal', packed),
  multiplyDecimal: product('multiplyDecimal'),
  divideDecimal: product('divideDecimal'),
  shiftAndRoundDecimal: shiftDecimal,
  edit: (s) => edit(s.random.below(2))(s),
  convertToBinary32: single('convertToBinary32', 8, () => []),
  convertToBinary64: single('convertToBinary64', 16, () => []),
  convertToDecimal32: single('convertToDecimal32', 8, (s) => [s.random.next() | 0]),
  convertToDecimal64: single('convertToDecimal64', 16, (s) => [s.random.next64()]),
  compareAndSwapAndStore,
  performLockedOperation,
  storeFacilityListExtended: storeFacilities,
  storeClock: single('storeClock', 8, () => []),
  storeClockExtended: single('storeClockExtended', 16, () => []),
  queryCryptography,
};

/** MVC, NC, OC, XC and CLC, which are operations of the IR and no helpers. */
export const STORAGE_MAKERS: Readonly<Record<string, Maker>> = {
  moveBytes: storageToStorage((memory, ...words) => storageBytes.moveBytes(memory, ...words)),
  andBytes: storageToStorage((memory, ...words) =>
    storageBytes.combineBytes(memory, 'and', ...words),
  ),
  orBytes: storageToStorage((memory, ...words) =>
    storageBytes.combineBytes(memory, 'or', ...words),
  ),
  xorBytes: storageToStorage((memory, ...words) =>
    storageBytes.combineBytes(memory, 'xor', ...words),
  ),
  compareBytes: storageToStorage((memory, ...words) => storageBytes.compareBytes(memory, ...words)),
};

type FiveWords = [ah: number, al: number, bh: number, bl: number, lengthCode: number];

function storageToStorage(
  operation: (
    memory: Parameters<typeof storageBytes.moveBytes>[0],
    ...words: FiveWords
  ) => number | void,
): Maker {
  return (s) => {
    const size = 1 + s.length(255);
    s.arguments = [...twoOperands(s, size, size, () => s.bytes(size, [1, 2])), size - 1];
    s.operation = ({ memory }, ...words) => operation(memory, ...(words as FiveWords));
  };
}

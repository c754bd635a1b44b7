import type { HelperName } from '../../src/ir/helpers.ts';
import * as storageBytes from '../../src/runtime/storage-bytes.ts';
import { REGISTER_MAKERS, table } from './scattered-registers.ts';
import { packed, type Maker, type SceneBuilder } from './scattered-scenes.ts';

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
  ...REGISTER_MAKERS,
  moveInverse,
  moveNumerics: sameLength('moveNumerics'),
  moveZones: sameLength('moveZones'),
  moveWithOffset: twoLengths('moveWithOffset'),
  moveRightToLeft,
  translate: translate('translate', false),
  translateAndTest: translate('translateAndTest', true),
  translateAndTestReverse: translate('translateAndTestReverse', true),
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

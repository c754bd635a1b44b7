import type { GuestStorage } from '../memory/guest-storage.ts';
import type { HelperContext } from './context.ts';
import { addressHigh, addressLow, highAfter, lowMask, specification } from './operand.ts';

/** Low `size` bytes (4, 8) of general register `r`, or the pair `r`, `r + 1` (16), as storage. */
function registerBytes({ state }: HelperContext, r: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (size === 4) view.setInt32(0, state.gr32(r));
  else for (let i = 0; i < size; i += 8) view.setBigUint64(i, state.gr(r + i / 8));
  return bytes;
}

/** Loads what {@link registerBytes} gives; 4 bytes leave the high word unchanged. */
function loadRegister({ state, memory }: HelperContext, r: number, at: number, size: number): void {
  if (size === 4) state.words[2 * r] = memory.view.getInt32(at);
  else for (let i = 0; i < size; i += 8) state.setGr(r + i / 8, memory.view.getBigUint64(at + i));
}

function sameBytes(memory: GuestStorage, at: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (memory.bytes[at + i] !== bytes[i]) return false;
  return true;
}

/**
 * CSST. The function code in bits 56-63 of GR0 is the logarithm of the compared words (0-2: 4, 8,
 * 16 bytes), bits 48-55 that of the stored bytes (0-4). The parameter list at GR1 holds the
 * replacement at 0 and the value to be stored at 16. CC 0 equal: replaced and stored; 1 unequal.
 */
export function compareAndSwapAndStore(
  context: HelperContext,
  r3: number,
  amode: number,
  ah: number,
  al: number,
  bh: number,
  bl: number,
): number {
  const { state, memory } = context;
  const code = state.words[0]! & 0xff;
  const characteristic = (state.words[0]! >>> 8) & 0xff;
  if (code > 2 || characteristic > 4 || (code === 2 && r3 & 1)) specification();
  const size = 4 << code;
  const stored = 1 << characteristic;
  if (al & (size - 1) || bl & (stored - 1)) specification();
  const listHigh = addressHigh(state, 1, amode);
  // Of all operands only the list may cross a page boundary: it opens a window first, if any.
  memory.accessRegister = 1;
  const list = memory.readable(listHigh, addressLow(state, 1, amode) & ~15, 16 + stored);
  memory.operand(0);
  memory.readable(ah, al, size);
  memory.operand(1);
  const second = memory.writable(bh, bl, stored);
  memory.operand(0);
  const first = memory.writable(ah, al, size);
  if (!sameBytes(memory, first, registerBytes(context, r3, size))) {
    loadRegister(context, r3, first, size);
    return 1;
  }
  const replacement = memory.bytes.slice(list, list + size);
  const value = memory.bytes.slice(list + 16, list + 16 + stored);
  memory.bytes.set(replacement, first);
  memory.bytes.set(value, second);
  return 0;
}

/** The operations of PLO by function code divided by four. */
const COMPARE_AND_LOAD = 0;
const COMPARE_AND_SWAP = 1;
const DOUBLE_COMPARE_AND_SWAP = 2;
const COMPARE_AND_SWAP_AND_STORE = 3;
const FUNCTION_CODES = 24;

/** Where the parameter list has the addresses of operands 4, 6 and 8. */
const LIST_ADDRESSES = [72, 104, 136];
/** Slots of 16 bytes with operands 3, 5 and 7, which are stored at operands 4, 6 and 8. */
const LIST_STORED = [3, 5, 7];

/**
 * PLO (PoP, "PERFORM LOCKED OPERATION", figure "Operand Summary"). The function code in bits
 * 56-63 of GR0 is four times the operation plus the kind of operands: 0 words, 1 doublewords in
 * the parameter list, 2 doublewords in registers, 3 quadwords in the list. In the list a value is
 * right-aligned in its 16-byte slot. The operand address 4 designates operand 4 or the list. The
 * lock in GR1 needs nothing: no other CPU runs within a helper.
 */
export function performLockedOperation(
  context: HelperContext,
  r1: number,
  r3: number,
  amode: number,
  bh: number,
  bl: number,
  dh: number,
  dl: number,
): number {
  const { state, memory } = context;
  const word = state.words[0]!;
  const code = word & 0xff;
  if ((word & 0xfffffe00) !== 0) specification();
  // The test bit: only asks whether the function code is valid.
  if (word & 0x100) return code < FUNCTION_CODES ? 0 : 3;
  if (code >= FUNCTION_CODES) specification();
  const operation = code >> 2;
  const kind = code & 3;
  const size = kind === 0 ? 4 : kind === 3 ? 16 : 8;
  const inList = kind === 1 || kind === 3;
  // Three or more operands in storage: the third and later are always in the list.
  const usesList = inList || operation > COMPARE_AND_SWAP_AND_STORE;
  const uses4 = operation !== COMPARE_AND_SWAP || inList;
  if (!inList && operation !== COMPARE_AND_LOAD && r1 & 1) specification();
  if (!inList && operation === DOUBLE_COMPARE_AND_SWAP && r3 & 1) specification();
  const listAlignment = inList ? 8 : size;
  if (bl & (size - 1) || (uses4 && dl & (listAlignment - 1))) specification();

  /** Address of the part of the parameter list at `offset`. */
  const listAddress = (offset: number): [number, number] => [
    highAfter(dh, dl, offset, amode),
    (dl + offset) & lowMask(amode),
  ];
  /** Address of operand `n` in the list. */
  const slot = (n: number): [number, number] => listAddress(16 * n + 16 - size);
  const readSecond = (): number => {
    memory.operand(0);
    return memory.readable(bh, bl, size);
  };
  const writeSecond = (): number => {
    memory.operand(0);
    return memory.writable(bh, bl, size);
  };
  // What the list has an address of is looked for in the list's space; ALETs in it are ignored.
  const readFourth = (address: [number, number], length = size): number => {
    memory.operand(1);
    return memory.readable(...address, length);
  };
  const writeFourth = (address: [number, number]): number => {
    memory.operand(1);
    return memory.writable(...address, size);
  };
  const slotBytes = (n: number): Uint8Array => {
    const at = readFourth(slot(n));
    return memory.bytes.slice(at, at + size);
  };
  const value = (n: number, r: number): Uint8Array =>
    inList ? slotBytes(n) : registerBytes(context, r, size);
  const replaceValue = (n: number, r: number, from: number): void => {
    if (inList) memory.bytes.copyWithin(writeFourth(slot(n)), from, from + size);
    else loadRegister(context, r, from, size);
  };
  /** High and low word of the address of operand 4, 6 or 8. */
  const address = (n: number): [number, number] => {
    if (!usesList) return [dh, dl];
    const at = readFourth(listAddress(LIST_ADDRESSES[n]!), 8);
    const low = memory.view.getInt32(at + 4);
    const pair: [number, number] =
      amode === 64 ? [memory.view.getInt32(at), low] : [0, low & lowMask(amode)];
    if (pair[1] & (size - 1)) specification();
    return pair;
  };

  const second = readSecond();
  if (!sameBytes(memory, second, value(0, r1))) {
    replaceValue(0, r1, second);
    return 1;
  }
  if (operation === COMPARE_AND_LOAD) {
    replaceValue(2, r3, readFourth(address(0)));
    return 0;
  }
  const replacement = value(1, r1 + 1);
  if (operation === DOUBLE_COMPARE_AND_SWAP) {
    const place = address(0);
    const fourth = readFourth(place);
    if (!sameBytes(memory, fourth, value(2, r3))) {
      replaceValue(2, r3, fourth);
      return 2;
    }
    const replacement3 = value(3, r3 + 1);
    writeSecond();
    memory.bytes.set(replacement3, writeFourth(place));
  } else if (operation !== COMPARE_AND_SWAP) {
    writeSecond();
    const stores = Array.from({ length: operation - COMPARE_AND_SWAP_AND_STORE + 1 }, (_, n) => {
      const from = usesList ? slotBytes(LIST_STORED[n]!) : registerBytes(context, r3, size);
      const to = address(n);
      writeFourth(to);
      return { from, to };
    });
    // Reading the list may have opened a window since.
    for (const { from, to } of stores) memory.bytes.set(from, writeFourth(to));
  }
  memory.bytes.set(replacement, writeSecond());
  return 0;
}

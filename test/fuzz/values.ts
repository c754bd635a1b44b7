import {
  MachineState,
  READ_ONLY_PAGE,
  UNMAPPED_PAGE,
  WINDOW_A,
  WINDOW_B,
} from '../drivers/state.ts';
import type { Random } from './random.ts';

/** Values at which integer instructions change their mind. */
const EDGES: readonly bigint[] = [
  ...[0n, 1n, 2n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0xffffn, 0x7fff_ffffn, 0x8000_0000n],
  ...[0x8000_0001n, 0xffff_fffen, 0xffff_ffffn, 0x1_0000_0000n, 0x7fff_ffff_ffff_ffffn],
  ...[1n << 63n, (1n << 63n) + 1n, -1n, -2n, -0x7fff_ffffn, -0x8000_0000n, -0x8000_0001n, -256n],
];

/** An integer for a general register: an edge, a small number, a run of ones or anything. */
export function integer(random: Random): bigint {
  switch (random.below(8)) {
    case 0:
    case 1:
      return BigInt.asUintN(64, random.pick(EDGES));
    case 2:
      return BigInt.asUintN(64, random.pick(EDGES) + BigInt(random.below(5) - 2));
    case 3:
      return BigInt(random.below(256));
    case 4: {
      const ones = (1n << BigInt(1 + random.below(64))) - 1n;
      return BigInt.asUintN(64, ones << BigInt(random.below(64)));
    }
    case 5:
      return BigInt(random.next());
    case 6:
      return (BigInt(random.next()) << 32n) | BigInt.asUintN(32, random.pick(EDGES));
    default:
      return random.next64();
  }
}

/** An address that is mostly inside a window, sometimes at a page's end, seldom outside. */
export function pointer(random: Random): number {
  let address: number;
  const kind = random.below(64);
  if (kind < 36) address = WINDOW_A + random.below(440);
  else if (kind < 44) address = WINDOW_A + 256 - random.below(20);
  else if (kind < 54) address = WINDOW_B + random.below(240);
  else if (kind < 59) address = READ_ONLY_PAGE - random.below(18);
  else if (kind < 61) address = READ_ONLY_PAGE + random.below(4000);
  else if (kind < 63) address = UNMAPPED_PAGE - random.below(18);
  else address = random.pick([0, 0x1000, UNMAPPED_PAGE, UNMAPPED_PAGE + 24, 0x7fff_f000]);
  return random.oneIn(2) ? address & ~15 : address;
}

interface FloatShape {
  readonly exponentBits: number;
  readonly fractionBits: number;
}

const SHORT: FloatShape = { exponentBits: 8, fractionBits: 23 };
const LONG: FloatShape = { exponentBits: 11, fractionBits: 52 };
const EXTENDED: FloatShape = { exponentBits: 15, fractionBits: 112 };

/** The bits of a floating-point number: zeros, subnormals, infinities, NaNs and ordinary ones. */
function float(random: Random, { exponentBits, fractionBits }: FloatShape): bigint {
  const fractionEnd = 1n << BigInt(fractionBits);
  const ones = (1 << exponentBits) - 1;
  const bias = ones >> 1;
  const any = ((random.next64() << 64n) | random.next64()) & (fractionEnd - 1n);
  const fraction = random.pick([0n, 1n, fractionEnd - 1n, fractionEnd >> 1n, any, any, any, any]);
  let exponent: number;
  let bits = fraction;
  switch (random.below(8)) {
    case 0:
      exponent = 0;
      break;
    case 1:
      exponent = ones;
      if (random.oneIn(2))
        bits = random.pick([0n, fractionEnd >> 1n, 1n, any | (fractionEnd >> 1n)]);
      break;
    case 2:
      exponent = random.pick([1, 2, ones - 1, ones - 2]);
      break;
    case 3: // small integers and halves
      exponent = bias + random.below(8) - 2;
      bits = (any >> BigInt(fractionBits - 4)) << BigInt(fractionBits - 4);
      break;
    case 4: // around the limits of the integer formats
      exponent = bias + random.pick([30, 31, 32, 62, 63, 64]);
      break;
    case 5:
      exponent = bias + random.below(fractionBits + 8) - 4;
      break;
    default:
      exponent = random.below(ones + 1);
  }
  const sign = BigInt(random.below(2));
  return (((sign << BigInt(exponentBits)) | BigInt(exponent)) << BigInt(fractionBits)) | bits;
}

/** Fills the floating-point registers with numbers of one format, or of each. */
export function fillFpr(
  state: MachineState,
  random: Random,
  format: 'short' | 'long' | 'extended',
): void {
  for (let r = 0; r < 16; r++) {
    if (random.oneIn(16)) state.setFpr(r, random.next64());
    else if (format === 'short') {
      state.setFpr(r, (float(random, SHORT) << 32n) | BigInt(random.next()));
    } else if (format === 'long') state.setFpr(r, float(random, LONG));
    else if ((r & 2) === 0) {
      const bits = float(random, EXTENDED);
      state.setFpr(r, bits >> 64n);
      state.setFpr(r + 2, bits);
    }
  }
}

/** Storage full of numbers of one format. */
export function fillFloats(
  memory: Uint8Array,
  random: Random,
  format: 'short' | 'long' | 'extended',
): void {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  for (let i = 0; i < memory.length; i += 16) {
    let bits = float(random, format === 'short' ? SHORT : format === 'long' ? LONG : EXTENDED);
    if (format === 'short') {
      for (let k = 0; k < 3; k++) bits = (bits << 32n) | float(random, SHORT);
    } else if (format === 'long') bits = (bits << 64n) | float(random, LONG);
    view.setBigUint64(i, bits >> 64n);
    view.setBigUint64(i + 8, BigInt.asUintN(64, bits));
  }
}

/** Bytes for the windows: noise, one byte repeated, digits, packed decimals or numbers. */
export function fillMemory(memory: Uint8Array, random: Random): void {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  switch (random.below(6)) {
    case 0:
      memory.fill(random.pick([0, 0x40, 0xff, random.below(256)]));
      if (random.oneIn(2)) memory[random.below(memory.length)] = random.below(256);
      break;
    case 1:
      for (let i = 0; i < memory.length; i++) memory[i] = 0xf0 + random.below(10);
      break;
    case 2: // packed decimals of four bytes
      for (let i = 0; i < memory.length; i++) {
        const digit = random.below(10);
        memory[i] = (random.below(10) << 4) | ((i & 3) === 3 ? random.pick([12, 13, 15]) : digit);
      }
      break;
    case 3:
      for (let i = 0; i < memory.length; i += 8) view.setBigUint64(i, integer(random));
      break;
    case 4:
      fillFloats(memory, random, random.pick(['short', 'long', 'extended'] as const));
      break;
    default:
      for (let i = 0; i < memory.length; i += 4) view.setUint32(i, random.next());
  }
}

/** FPC: masks and flags mostly off, every rounding mode, no DXC. */
export function fpc(random: Random): number {
  const rounding = random.pick([0, 0, 0, 1, 2, 3, 7]);
  const masks = random.oneIn(4) ? random.below(32) << 3 : 0;
  const flags = random.oneIn(4) ? random.below(32) << 3 : 0;
  return ((masks << 24) | (flags << 16) | rounding) >>> 0;
}

/** A state in which every register has some value; the generator then sets what must fit. */
export function randomState(random: Random): MachineState {
  const state = new MachineState();
  for (let r = 0; r < 16; r++) {
    state.setGr(r, random.oneIn(4) ? BigInt(pointer(random)) : integer(random));
    state.setAr(r, random.next());
  }
  fillFpr(state, random, random.pick(['short', 'long', 'long', 'extended'] as const));
  fillMemory(state.memory, random);
  state.cc = random.below(4);
  state.fpc = fpc(random);
  return state;
}

import { HELPERS, type HelperName } from '../../src/ir/helpers.ts';
import { RUNTIME } from '../../src/runtime/index.ts';
import type { Random } from '../fuzz/random.ts';
import { ARENA, PAGES, type Argument, type Register, type Scene } from './scattered-twin.ts';

const PAGE = 4096;
/** Pages such that they and the ones before them can be read and written; page 8 is a favourite. */
const OPEN_PAGES = [2, 3, 4, 5, 8, 8, 8, 8, 9, 10, 13, 14];

type Operation = Scene['operation'];

/** Makes a scene for an operation. */
export type Maker = (s: SceneBuilder) => void;

/** A scene in the making: random registers, and operands at the ends of pages. */
export class SceneBuilder implements Scene {
  readonly random: Random;
  readonly amode: 24 | 31 | 64;
  readonly registers: Register[];
  readonly contents: { place: number; bytes: Uint8Array }[] = [];
  readonly pointers: { place: number; to: Register }[] = [];
  arguments: readonly Argument[] = [];
  operation: Operation = () => 0;

  constructor(random: Random, amode: 24 | 31 | 64) {
    this.random = random;
    this.amode = amode;
    this.registers = Array.from({ length: 16 }, () => ({
      isAddress: false,
      bits: random.next64(),
    }));
  }

  /** An integer in `[0, most]`, mostly a small one. */
  length(most: number): number {
    const { random } = this;
    if (random.oneIn(3)) return random.below(Math.min(most, 9) + 1);
    return random.below((random.oneIn(2) ? Math.min(most, 300) : most) + 1);
  }

  /** A place for `size` bytes, mostly around the end of a page. */
  place(size: number, alignment = 1): number {
    const { random } = this;
    const page = random.oneIn(8) ? 1 + random.below(PAGES - 1) : random.pick(OPEN_PAGES);
    const wanted = random.oneIn(6)
      ? random.below(ARENA)
      : page * PAGE + 2 - random.below(Math.min(size, PAGE) + 5);
    return this.inside(wanted, size, alignment);
  }

  /** A place for `size` bytes that may overlap the bytes at another one. */
  near(place: number, size: number, alignment = 1): number {
    const { random } = this;
    if (random.oneIn(2)) return this.place(size, alignment);
    const apart = random.oneIn(2) ? random.below(9) - 4 : random.below(2 * size + 1) - size;
    return this.inside(place + apart, size, alignment);
  }

  inside(place: number, size: number, alignment = 1): number {
    const at = Math.max(0, Math.min(place, ARENA - size));
    return at - (at % alignment);
  }

  put(place: number, bytes: Uint8Array | readonly number[]): void {
    this.contents.push({ place, bytes: Uint8Array.from(bytes) });
  }

  /** `size` bytes out of `alphabet`, or any. */
  bytes(size: number, alphabet?: readonly number[]): Uint8Array {
    const { random } = this;
    return Uint8Array.from({ length: size }, () =>
      alphabet ? random.pick(alphabet) : random.next(),
    );
  }

  /** Bits of a register left of those that make an address or a length. */
  #left(width: 24 | 31 | 32 | 64): bigint {
    return (this.random.next64() >> BigInt(width)) << BigInt(width);
  }

  address(place: number): Register {
    return { isAddress: true, bits: this.#left(this.amode) + BigInt(place) };
  }

  setAddress(r: number, place: number): void {
    this.registers[r] = this.address(place);
  }

  /** The low `width` bits of a register; the others are random. */
  setNumber(r: number, value: number, width: 24 | 31 | 32 | 64 = 32): void {
    this.registers[r] = { isAddress: false, bits: this.#left(width) | BigInt(value) };
  }

  setLength(r: number, length: number): void {
    this.setNumber(r, length, this.amode === 64 ? 64 : 32);
  }

  /** A general register that is not one of `others`. */
  register(...others: number[]): number {
    for (;;) {
      const r = this.random.below(16);
      if (!others.includes(r)) return r;
    }
  }

  /** An even one from 2 on. */
  pair(...others: number[]): number {
    for (;;) {
      const r = 2 + 2 * this.random.below(7);
      if (!others.includes(r)) return r;
    }
  }

  /** What is to be done: a helper's numbers by name, `amode` left out, and its arguments. */
  call(name: HelperName, numbers: Record<string, number>, args: readonly Argument[] = []): void {
    const names: readonly string[] = HELPERS[name].numbers;
    this.operation = RUNTIME[name];
    const values = names.map((n) => (n === 'amode' ? this.amode : numbers[n]!));
    this.arguments = [...values, ...args];
  }
}

/** Bytes of packed decimal numbers, seldom with something in them that is none. */
export function packed(s: SceneBuilder, size: number): Uint8Array {
  const { random } = s;
  const zeros = random.below(2 * size + 2);
  const digit = (n: number): number => {
    if (random.oneIn(300)) return random.below(16);
    return n < zeros ? 0 : random.below(10);
  };
  const bytes = Uint8Array.from({ length: size }, (_, i) => (digit(2 * i) << 4) | digit(2 * i + 1));
  const sign = random.oneIn(60) ? random.below(16) : 10 + random.below(6);
  bytes[size - 1] = (bytes[size - 1]! & 0xf0) | sign;
  return bytes;
}

/** Characters in UTF-8, UTF-16 or UTF-32, seldom broken. */
export function unicode(s: SceneBuilder, format: number, size: number): Uint8Array {
  const { random } = s;
  const bytes: number[] = [];
  while (bytes.length < size) {
    const c = random.below(random.pick([0x80, 0x800, 0xd800, 0x10_0000]));
    if (c >= 0xd800 && c < 0xe000) continue;
    const text = String.fromCodePoint(c);
    if (format === 1) bytes.push(...new TextEncoder().encode(text));
    else if (format === 4) bytes.push(0, c >> 16, (c >> 8) & 0xff, c & 0xff);
    else for (const unit of text.split('')) bytes.push(unit.charCodeAt(0) >> 8, unit.charCodeAt(0));
  }
  if (random.oneIn(3)) bytes[random.below(bytes.length)] = random.next();
  return Uint8Array.from(bytes.slice(0, size));
}

import { expect } from 'vitest';
import { PAGE_INVALID, PAGE_PROTECTED } from '../../src/arch/dat-format.ts';
import { PSW_BA, PSW_DAT, PSW_EA } from '../../src/arch/psw.ts';
import { ProgramInterruption } from '../../src/cpu/interruption.ts';
import { CpuState } from '../../src/cpu/state.ts';
import { AbsoluteStorage } from '../../src/memory/absolute-storage.ts';
import { PAGE_SIZE } from '../../src/memory/page.ts';
import { DatStorage } from '../../src/memory/dat-storage.ts';
import { AddressSpace, PAGE_READ, PAGE_WRITE } from '../../src/memory/user-space.ts';
import type { HelperContext } from '../../src/runtime/context.ts';
import type { Random } from '../fuzz/random.ts';
import { Tables, type Designation } from './scattered-tables.ts';

/** Pages of the arena that operands lie in; a place in it is a number of bytes from its start. */
export const PAGES = 16;
export const ARENA = PAGES * PAGE_SIZE;
/** Pages that cannot be accessed, and the one that is read only. */
export const INVALID_PAGES: readonly number[] = [0, 11, PAGES - 1];
export const PROTECTED_PAGE = 6;

const FLAT_BASE = 0x40_0000;
const STORAGE_SIZE = 0x20_0000;
/** Frames of the arena lie from here; tables from TABLES. */
const FRAMES = 0x2_0000;
const TABLES = 0x10_0000;

/** A place in the arena, a 64-bit number or a 32-bit one. */
export type Argument = { readonly place: number } | bigint | number;

/** A general register: its bits, and whether the arena's start is to be added to them. */
export interface Register {
  readonly isAddress: boolean;
  readonly bits: bigint;
}

/** An operation and what it is done on. */
export interface Scene {
  readonly registers: readonly Register[];
  /** Bytes that are put into the arena before. */
  readonly contents: readonly { readonly place: number; readonly bytes: Uint8Array }[];
  /** Addresses of eight bytes in the arena, which the operation does not store into. */
  readonly pointers: readonly { readonly place: number; readonly to: Register }[];
  readonly arguments: readonly Argument[];
  readonly operation: (context: HelperContext, ...words: number[]) => number | void;
}

/** Where the arena lies in the virtual address space, and how its pages lie in absolute storage. */
export interface Layout {
  readonly amode: 24 | 31 | 64;
  /** Virtual address of the arena. */
  readonly base: bigint;
  readonly designation: Designation;
  readonly order: 'reverse' | 'shuffled' | 'ascending';
}

/** How an operation ended on both storages, and whether operands of it were in windows. */
export interface Outcome {
  readonly code: number;
  readonly hadWindow: boolean;
}

/**
 * The same arena twice: in the flat storage of a process, and behind DAT with its pages scattered.
 * What an operation leaves must be the same in both, relative to where the arena begins.
 */
export class Twin {
  readonly layout: Layout;
  readonly #flat = new AddressSpace(0x80_0000);
  readonly #absolute = new AbsoluteStorage(STORAGE_SIZE);
  readonly #dat: DatStorage;
  readonly #states = [new CpuState(), new CpuState()] as const;
  /** Absolute address of each page of the arena. */
  readonly #frames: readonly number[];
  readonly #untouched: Uint8Array;

  constructor(layout: Layout, random: Random) {
    this.layout = layout;
    const { bytes } = this.#absolute;
    for (let i = FRAMES; i < TABLES; i += 4) this.#absolute.view.setUint32(i, random.next());
    this.#frames = frames(layout, random);
    this.#mapFlat();
    const state = this.#states[1];
    state.setCr(1, this.#mapVirtual());
    const addressing = { 24: 0n, 31: PSW_BA, 64: PSW_BA | PSW_EA }[layout.amode];
    state.pswMask = PSW_DAT | addressing;
    this.#dat = new DatStorage(this.#absolute, state);
    this.#untouched = bytes.slice(0, STORAGE_SIZE);
  }

  #mapFlat(): void {
    for (let page = 0; page < PAGES; page++) {
      const at = FLAT_BASE + page * PAGE_SIZE;
      const { bytes } = this.#flat;
      const permissions = page === PROTECTED_PAGE ? PAGE_READ : PAGE_READ | PAGE_WRITE;
      if (!INVALID_PAGES.includes(page)) this.#flat.map(at, PAGE_SIZE, permissions);
      bytes.set(this.#frame(page), at);
    }
  }

  /** Makes the tables; returns the address-space-control element. */
  #mapVirtual(): bigint {
    const { designation, base } = this.layout;
    const tables = new Tables(this.#absolute, TABLES, designation);
    // Whole segments get a page table, so that what lies beside the arena is an invalid page.
    for (let page = -PAGES; page < 4 * PAGES; page++) {
      const inside = page >= 0 && page < PAGES;
      const flags = INVALID_PAGES.includes(page) || !inside ? PAGE_INVALID : 0;
      const protection = page === PROTECTED_PAGE ? PAGE_PROTECTED : 0;
      const frame = inside ? this.#frames[page]! : 0;
      const address = BigInt.asUintN(64, base + BigInt(page * PAGE_SIZE));
      if (designation < 3 && address >> BigInt(31 + 11 * designation) !== 0n) continue;
      tables.enter(address, frame | flags | protection);
    }
    return tables.asce;
  }

  #frame(page: number): Uint8Array {
    const at = this.#frames[page]!;
    return this.#absolute.bytes.subarray(at, at + PAGE_SIZE);
  }

  /** Runs a scene in both storages. @throws what differs */
  run(scene: Scene): Outcome {
    const [flatState, datState] = this.#states;
    const flatBase = BigInt(FLAT_BASE);
    const { base } = this.layout;
    this.#fill(scene);
    const flat = outcome(flatState, this.#flat, flatBase, scene);
    const hadNone = this.#dat.open === 0;
    const dat = outcome(datState, this.#dat, base, scene);
    const hadWindow = this.#dat.open !== 0;
    this.#dat.settle();
    if (!hadNone || this.#dat.open !== 0) expect.fail('windows stayed open');
    expect(dat.end).toEqual(flat.end);
    for (const [r, { isAddress }] of scene.registers.entries()) {
      const apart = datState.gr(r) - flatState.gr(r) - (isAddress ? base - flatBase : 0n);
      if (BigInt.asUintN(64, apart) !== 0n) expect(apart, `GR${r}`).toBe(0n);
    }
    for (const { place } of scene.pointers) {
      for (const pointer of this.#both(place, 8)) pointer.fill(0);
    }
    for (let page = 0; page < PAGES; page++) {
      const at = FLAT_BASE + page * PAGE_SIZE;
      const expected = Buffer.from(this.#flat.bytes.buffer, at, PAGE_SIZE);
      if (expected.compare(this.#frame(page)) === 0) continue;
      expect(hex(this.#frame(page)), `page ${page}`).toBe(hex(expected));
    }
    return { code: flat.code, hadWindow };
  }

  /** That nothing but the arena changed; the last thing that is asked. */
  checkRest(): void {
    for (const at of this.#frames) {
      this.#untouched.set(this.#absolute.bytes.subarray(at, at + PAGE_SIZE), at);
    }
    const now = Buffer.from(this.#absolute.bytes.buffer, 0, STORAGE_SIZE);
    expect(now.compare(this.#untouched), 'storage elsewhere').toBe(0);
    const flat = Buffer.from(this.#flat.bytes.buffer);
    flat.fill(0, FLAT_BASE, FLAT_BASE + ARENA);
    expect(flat.compare(Buffer.alloc(flat.length)), 'flat storage elsewhere').toBe(0);
  }

  #fill({ contents, pointers }: Scene): void {
    for (const { place, bytes } of contents) this.#put(place, [bytes, bytes]);
    for (const { place, to } of pointers) {
      const bases = [BigInt(FLAT_BASE), this.layout.base];
      const values = bases.map((base) => {
        const pointer = new Uint8Array(8);
        new DataView(pointer.buffer).setBigUint64(0, located(to, base));
        return pointer;
      });
      this.#put(place, values);
    }
  }

  /** Puts bytes into the flat and the scattered arena. */
  #put(place: number, [flat, dat]: readonly Uint8Array[]): void {
    let done = 0;
    for (const [i, part] of this.#both(place, flat!.length).entries()) {
      part.set((i & 1 ? dat! : flat!).subarray(done, done + part.length));
      if (i & 1) done += part.length;
    }
  }

  /** What is at a place, page by page: the flat part, then the scattered one. */
  #both(place: number, size: number): Uint8Array[] {
    const parts = [];
    for (let at = place; at < place + size;) {
      const inPage = at % PAGE_SIZE;
      const end = Math.min(inPage + place + size - at, PAGE_SIZE);
      const flat = FLAT_BASE + at;
      parts.push(this.#flat.bytes.subarray(flat, flat + end - inPage));
      parts.push(this.#frame(Math.floor(at / PAGE_SIZE)).subarray(inPage, end));
      at += end - inPage;
    }
    return parts;
  }
}

/** Neighbours of the arena are no neighbours in storage, unless the order has some that are. */
function frames({ order }: Layout, random: Random): number[] {
  const places = Array.from({ length: PAGES }, (_, i) => i);
  if (order === 'reverse') places.reverse();
  if (order === 'shuffled') {
    for (let i = PAGES - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [places[i], places[j]] = [places[j]!, places[i]!];
    }
  }
  // Every third page has a gap before it.
  return places.map((n) => FRAMES + (n + Math.floor(n / 3)) * PAGE_SIZE);
}

function located({ isAddress, bits }: Register, base: bigint): bigint {
  return BigInt.asUintN(64, isAddress ? bits + base : bits);
}

/** Runs an operation with the arena at `base`; the code of the interruption, or the result. */
function outcome(
  state: CpuState,
  memory: HelperContext['memory'],
  base: bigint,
  { registers, arguments: given, operation }: Scene,
): { code: number; end: unknown } {
  for (const [r, register] of registers.entries()) state.setGr(r, located(register, base));
  const words = given.flatMap((argument) => {
    if (typeof argument === 'number') return [argument];
    const bits =
      typeof argument === 'bigint'
        ? argument
        : located({ isAddress: true, bits: BigInt(argument.place) }, base);
    return [Number(BigInt.asIntN(32, bits >> 32n)), Number(BigInt.asIntN(32, bits))];
  });
  const facilities = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 1);
  const context = { state, memory, facilities, clock: () => 0xd5c0_ffee_1234_5678n };
  try {
    return { code: 0, end: { result: operation(context, ...words) } };
  } catch (interruption) {
    if (!(interruption instanceof ProgramInterruption)) throw interruption;
    const { code, address, isStore, dxc, completed } = interruption;
    const page = address === 0n ? undefined : BigInt.asIntN(64, address - base) >> 12n;
    return { code, end: { code, page, isStore, dxc, completed } };
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

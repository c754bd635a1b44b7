import { expect, test } from 'vitest';
import { CR0_SECONDARY_SPACE } from '../../src/arch/dat-format.ts';
import {
  AS_ACCESS_REGISTER,
  AS_PRIMARY,
  AS_SECONDARY,
  PSW_BA,
  PSW_DAT,
  PSW_EA,
} from '../../src/arch/psw.ts';
import { CpuState } from '../../src/cpu/state.ts';
import { AbsoluteStorage } from '../../src/memory/absolute-storage.ts';
import { DatStorage } from '../../src/memory/dat-storage.ts';
import type { HelperContext } from '../../src/runtime/context.ts';
import type { SystemContext } from '../../src/runtime/system/context.ts';
import * as move from '../../src/runtime/system/move.ts';
import { Random } from '../fuzz/random.ts';
import { Tables } from './scattered-tables.ts';

/** The pages at this address and the next have frames in both spaces, none beside another. */
const ADDRESS = 0x1000_0000;
const PRIMARY = [0x3_0000, 0x2_0000] as const;
const SECONDARY = [0x5_0000, 0x4_0000] as const;

function machine(addressSpaceControl: number): { state: CpuState; memory: DatStorage } {
  const storage = new AbsoluteStorage(0x20_0000);
  const state = new CpuState();
  for (const [register, frames, at] of [
    [1, PRIMARY, 0x10_0000],
    [7, SECONDARY, 0x18_0000],
  ] as const) {
    const tables = new Tables(storage, at, 0);
    for (const [page, frame] of frames.entries()) {
      tables.enter(BigInt(ADDRESS + page * 4096), frame);
    }
    state.setCr(register, tables.asce);
  }
  const control = BigInt(addressSpaceControl) << 46n;
  state.pswMask = PSW_DAT | PSW_BA | PSW_EA | control;
  return { state, memory: new DatStorage(storage, state) };
}

test('operands with different keys in one space overlap across pages', () => {
  const { memory } = machine(AS_PRIMARY);
  const from = { space: AS_PRIMARY, key: 0 };
  const to = { space: AS_PRIMARY, key: 9 };
  memory.storage.keys.fill(0x90);
  const at = memory.readableAs(from, 0, ADDRESS + 4090, 12);
  expect(memory.writableAs(to, 0, ADDRESS + 4091, 12)).toBe(at + 1);
});

test('operands at the same address in different spaces of access registers are apart', () => {
  const { state, memory } = machine(AS_ACCESS_REGISTER);
  const { bytes } = memory.storage;
  state.setAr(5, 0);
  state.setAr(6, 1);
  bytes.fill(1, PRIMARY[0], PRIMARY[0] + 4096).fill(1, PRIMARY[1], PRIMARY[1] + 4096);
  bytes.fill(2, SECONDARY[0], SECONDARY[0] + 4096).fill(2, SECONDARY[1], SECONDARY[1] + 4096);
  memory.accessRegister = 5;
  const from = memory.readable(0, ADDRESS + 4092, 8);
  memory.accessRegister = 6;
  const to = memory.writable(0, ADDRESS + 4092, 8);
  expect([bytes[from], bytes[from + 7], bytes[to], bytes[to + 7]]).toEqual([1, 1, 2, 2]);
  bytes.copyWithin(to, from, from + 8);
  memory.settle();
  expect([bytes[SECONDARY[0] + 4091], bytes[SECONDARY[0] + 4092]]).toEqual([2, 1]);
  expect([bytes[SECONDARY[1] + 3], bytes[SECONDARY[1] + 4]]).toEqual([1, 2]);
  expect(bytes.subarray(PRIMARY[0], PRIMARY[0] + 4096).every((byte) => byte === 1)).toBe(true);
});

/** Pages of an arena that both spaces have, in this order in storage. */
const FRAMES = [7, 2, 3, 9, 4, 0].map((n) => 0x6_0000 + 0x1000 * n);
const ARENA = 0x2000_0000;
const KEY = 0x40;
const CR0_SECONDARY = BigInt(CR0_SECONDARY_SPACE) & 0xffff_ffffn;

type Move = (context: HelperContext, to: number, from: number, length: number) => unknown;
const MOVES: Record<string, { most: number; run: Move }> = {
  MVCK: {
    most: 256,
    run: (c, to, from, length) => move.moveWithKey(c, 1, 2, 0, to, 0, from, 0, length, KEY),
  },
  MVCP: {
    most: 256,
    run: (c, to, from, length) => move.moveBetweenSpaces(c, 1, 0, to, 0, from, 0, length, KEY),
  },
  MVCS: {
    most: 256,
    run: (c, to, from, length) => move.moveBetweenSpaces(c, 0, 0, to, 0, from, 0, length, KEY),
  },
  MVCDK: {
    most: 256,
    run: (c, to, from, length) => {
      c.state.setGr(0, BigInt(length - 1));
      c.state.setGr(1, BigInt(KEY));
      move.moveWithOneKey(c, 0, 1, 2, 0, to, 0, from);
    },
  },
  MVCOS: {
    most: 4096,
    run: (c, to, from, length) => {
      // The first operand is in the secondary space.
      c.state.setGr(0, BigInt(((AS_SECONDARY << 6) | 1) << 16));
      move.moveWithOptionalSpecifications(c, 1, 2, 0, to, 0, from, 0, length);
    },
  },
};

// Both spaces are the same one: operands overlap, across pages that are apart. What a destructive
// overlap gives is unpredictable for some; here it is always as if byte by byte.
test.each(Object.entries(MOVES))('%s moves bytes from left to right', (_name, { most, run }) => {
  const storage = new AbsoluteStorage(0x20_0000);
  const state = new CpuState();
  const tables = new Tables(storage, 0x10_0000, 0);
  FRAMES.forEach((frame, page) => {
    tables.enter(BigInt(ARENA + page * 4096), frame);
  });
  storage.keys.fill(KEY);
  state.setCr(0, CR0_SECONDARY);
  state.setCr(1, tables.asce);
  state.setCr(7, tables.asce);
  state.pswMask = PSW_DAT | PSW_BA | PSW_EA;
  const memory = new DatStorage(storage, state);
  const context: HelperContext = {
    ...{ state, memory, clock: () => 0n, facilities: new Uint8Array(32) },
    system: { memory } as unknown as SystemContext,
  };
  const random = new Random(4);
  const flat = new Uint8Array(FRAMES.length * 4096);
  for (let i = 0; i < 400; i++) {
    const length = 1 + random.below(most);
    // Often close to a page boundary, and to each other.
    const near = 4096 * (1 + random.below(4)) - random.below(2 * length) + random.below(length);
    const from = Math.max(0, near);
    const to = Math.min(Math.max(0, from + random.below(2 * length + 1) - length), 5 * 4096);
    for (let at = 0; at < flat.length; at++) flat[at] = random.next();
    FRAMES.forEach((frame, page) => {
      storage.bytes.set(flat.subarray(page * 4096, (page + 1) * 4096), frame);
    });
    for (let at = 0; at < length; at++) flat[to + at] = flat[from + at]!;
    run(context, ARENA + to, ARENA + from, length);
    memory.settle();
    const pages = FRAMES.map((frame) => Buffer.from(storage.bytes.subarray(frame, frame + 4096)));
    const same = Buffer.concat(pages).equals(flat);
    expect(same, `scene ${i}: ${length} bytes from ${from} to ${to}`).toBe(true);
  }
});

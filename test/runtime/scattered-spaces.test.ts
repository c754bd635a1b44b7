import { expect, test } from 'vitest';
import { AS_ACCESS_REGISTER, AS_PRIMARY, PSW_BA, PSW_DAT, PSW_EA } from '../../src/arch/psw.ts';
import { CpuState } from '../../src/cpu/state.ts';
import { AbsoluteStorage } from '../../src/memory/absolute-storage.ts';
import { DatStorage } from '../../src/memory/dat-storage.ts';
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

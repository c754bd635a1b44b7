import { describe, expect, test } from 'vitest';
import { LOWCORE } from '../../../src/arch/lowcore.ts';
import { PIC_PAGE_TRANSLATION } from '../../../src/cpu/interruption.ts';
import type { AbsoluteStorage } from '../../../src/memory/absolute-storage.ts';
import { Tables } from './dat-tables.ts';
import { BACKENDS, type GuestOptions, RESULTS, runGuest, SUCCESS, SUPERVISOR } from './guest.ts';

const DAT = 1n << 58n;
const TABLES = 0x10_0000;
/** Two pages whose frames are apart, in the wrong order; there is none behind them. */
const FIRST = 0x8_0000;
const FRAMES = [0x18_0000, 0x17_0000] as const;
/** The last doublewords of the first page and the first of the second. */
const CROSSING = FIRST + 4096 - 24;
const BEHIND = FIRST + 8192;

const place = (address: number): number => FRAMES[(address - FIRST) >> 12]! + (address & 0xfff);
const valueAt = (address: number): bigint => 0x0123_4567_0000_0000n + BigInt(address);

function prepare(storage: AbsoluteStorage): void {
  const tables = new Tables(storage, TABLES).map(0, 0, { pages: 128 });
  FRAMES.forEach((frame, i) => tables.map(FIRST + 4096 * i, frame));
  for (let at = FIRST; at < BEHIND; at += 8) storage.write64(place(at), valueAt(at));
}

// PoP, "LOAD MULTIPLE", "STORE MULTIPLE": where one look into the TLB is not enough.
describe.each(BACKENDS)('several registers on %s', (backend) => {
  const options: GuestOptions = {
    ...{ backend, prepare, memory: 0x20_0000, mask: SUPERVISOR | DAT },
    control: { 1: BigInt(TABLES) | 3n },
  };

  test.each([
    ['on one page', FIRST + 8],
    ['to the end of a page', FIRST + 4096 - 64],
    ['on two pages', CROSSING],
    ['with a doubleword on two pages', CROSSING + 4],
  ])('are loaded %s, also over their base', async (_, address) => {
    const guest = await runGuest(
      `llilf %r4,${address}
      lmg %r2,%r9,0(%r4)
      stmg %r2,%r9,${RESULTS}
      lpswe ${SUCCESS}`,
      options,
    );
    const bytes = Array.from({ length: 64 }, (_, i) => guest.storage.read8(place(address + i)));
    const found = Array.from({ length: 64 }, (_, i) => guest.storage.read8(RESULTS + i));
    expect(found).toEqual(bytes);
  });

  test.each([
    ['on one page', FIRST + 8],
    ['to the end of a page', FIRST + 4096 - 64],
    ['on two pages', CROSSING],
    ['with a doubleword on two pages', CROSSING + 4],
  ])('are stored %s', async (_, address) => {
    const registers = Array.from({ length: 8 }, (_, i) => `lgfi %r${i},${-1000 - i}`);
    const guest = await runGuest(
      `${registers.join('\n')}
      llilf %r10,${address}
      stmg %r0,%r7,0(%r10)
      lpswe ${SUCCESS}`,
      options,
    );
    const view = new DataView(new ArrayBuffer(64));
    for (let i = 0; i < 64; i++) view.setUint8(i, guest.storage.read8(place(address + i)));
    const found = Array.from({ length: 8 }, (_, i) => view.getBigInt64(8 * i));
    expect(found).toEqual([-1000n, -1001n, -1002n, -1003n, -1004n, -1005n, -1006n, -1007n]);
    // What is around it is as it was.
    const before = (address & ~7) - 8;
    expect(guest.storage.read64(place(before))).toBe(valueAt(before));
  });

  test.each([
    ['lmg', 'are not changed'],
    ['stmg', 'are not stored'],
  ])('%s: they %s when the second page is not there', async (mnemonic) => {
    const guest = await runGuest(
      `llilf %r4,${BEHIND - 24}
      lghi %r9,-9
      ${mnemonic} %r2,%r9,0(%r4)
      program_new: stg %r9,${RESULTS}
      stg %r4,${RESULTS + 8}
      lpswe ${SUCCESS}`,
      options,
    );
    const { storage } = guest;
    expect(guest.results(2)).toEqual([BigInt.asUintN(64, -9n), BigInt(BEHIND - 24)]);
    expect(storage.read16(LOWCORE.programLength)).toBe(6);
    expect(storage.read16(LOWCORE.programLength + 2)).toBe(PIC_PAGE_TRANSLATION);
    expect(storage.read64(LOWCORE.translationException) & ~0xfffn).toBe(BigInt(BEHIND));
    for (let at = BEHIND - 24; at < BEHIND; at += 8) {
      expect(storage.read64(place(at))).toBe(valueAt(at));
    }
  });
});

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { Guest } from '../../src/host/node/guest.ts';
import { ElfError } from '../../src/linux/elf.ts';
import { SyscallError } from '../../src/linux/errno.ts';
import { SIGKILL } from '../../src/linux/signal.ts';

const HELLO = fileURLToPath(new URL('../../bench/kernels/hello.s390x', import.meta.url));
const original = fs.readFileSync(HELLO);
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'js390-damaged-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));

/** A damaged program may well run for ever; what matters is that js390 can still end it. */
const PATIENCE = 150;
const CASES = 1000;

/** `ended` with a status, `refused` by the loader; anything else is thrown. */
async function outcome(bytes: Uint8Array): Promise<'ended' | 'refused'> {
  const file = path.join(scratch, 'damaged');
  fs.writeFileSync(file, bytes, { mode: 0o755 });
  let guest: Guest;
  try {
    guest = Guest.load(file, {
      environment: {},
      input: '',
      backend: 'interpreter',
      onOutput: () => undefined,
    });
  } catch (error) {
    if (error instanceof ElfError || error instanceof SyscallError) return 'refused';
    throw error;
  }
  const timer = setTimeout(() => guest.kill(SIGKILL), PATIENCE);
  const { code } = await guest.run();
  clearTimeout(timer);
  expect(code).toBeGreaterThanOrEqual(0);
  return 'ended';
}

test(`${CASES} damaged copies of a program end or are refused, and never break js390`, async () => {
  const counts = { ended: 0, refused: 0 };
  for (let i = 0; i < CASES / 2; i++) {
    const truncated = original.subarray(0, Math.floor((i * original.length) / (CASES / 2)));
    counts[await outcome(truncated)]++;
  }
  // Headers get most of the changes: a changed data byte is a program like any other.
  let random = 390;
  const next = (bound: number): number => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((random / 2 ** 32) * bound);
  };
  for (let i = 0; i < CASES / 2; i++) {
    const changed = Buffer.from(original);
    const range = i % 4 === 0 ? original.length : 64 + 56 * 2;
    for (let changes = 1 + next(3); changes > 0; changes--) changed[next(range)] = next(256);
    counts[await outcome(changed)]++;
  }
  expect(counts.ended + counts.refused).toBe(CASES);
  expect(counts.refused).toBeGreaterThan(CASES / 4);
  expect(counts.ended).toBeGreaterThan(10);
}, 180_000);

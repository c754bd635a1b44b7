import { expect, test } from 'vitest';
import type { Kernel } from '../../../src/linux/kernel.ts';
import { F_RDLCK, F_WRLCK, FileLocks, RecordLocks } from '../../../src/linux/fs/locks.ts';

const alive = { alive: true };
const kernel = { processes: new Map([1, 2, 3].map((pid) => [pid, alive])) } as unknown as Kernel;

test('locks on ranges are what a table with one entry a byte makes them', () => {
  const SIZE = 24;
  const locks = new RecordLocks();
  /** For each byte and process: no lock, a shared or an exclusive one. */
  const model = Array.from({ length: SIZE }, () => new Map<number, number>());
  let state = 12345;
  const next = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  let refused = 0;
  for (let i = 0; i < 4000; i++) {
    const owner = 1 + next(3);
    const start = next(SIZE);
    const end = start + 1 + next(SIZE - start);
    const bytes = model.slice(start, end);
    if (next(3) === 0) {
      locks.release(kernel, 'file', owner, start, end);
      for (const byte of bytes) byte.delete(owner);
      continue;
    }
    const type = next(2) === 0 ? F_RDLCK : F_WRLCK;
    const wanted = { owner, type, start, end } as const;
    const blocked = bytes.some((byte) =>
      [...byte].some(
        ([holder, held]) => holder !== owner && (held === F_WRLCK || type === F_WRLCK),
      ),
    );
    expect(locks.conflict(kernel, 'file', wanted) !== undefined).toBe(blocked);
    if (blocked) refused++;
    else {
      locks.take(kernel, 'file', wanted);
      for (const byte of bytes) byte.set(owner, type);
    }
  }
  expect(refused).toBeGreaterThan(100);
  expect(refused).toBeLessThan(3900);
});

test('a process that has ended holds no locks', () => {
  const locks = new RecordLocks();
  const process = { alive: true };
  const own = { processes: new Map([[7, process]]) } as unknown as Kernel;
  locks.take(own, 'file', { owner: 7, type: F_WRLCK, start: 0, end: Infinity });
  const wanted = { owner: 8, type: F_RDLCK, start: 5, end: 6 } as const;
  expect(locks.conflict(own, 'file', wanted)?.owner).toBe(7);
  expect(locks.conflict(own, 'other', wanted)).toBeUndefined();
  process.alive = false;
  expect(locks.conflict(own, 'file', wanted)).toBeUndefined();
});

test('flock is held by several that share, or by one', () => {
  const locks = new FileLocks();
  const [a, b] = [{}, {}];
  expect(locks.take('file', a, 'shared')).toBe(true);
  expect(locks.take('file', b, 'shared')).toBe(true);
  expect(locks.take('file', a, 'exclusive')).toBe(false);
  locks.release('file', b);
  expect(locks.take('file', a, 'exclusive')).toBe(true);
  expect(locks.take('file', b, 'shared')).toBe(false);
  expect(locks.take('other', b, 'exclusive')).toBe(true);
});

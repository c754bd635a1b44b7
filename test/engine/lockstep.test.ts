import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { LOWER_CC } from '../../src/backend/js/lower-cc.ts';
import { LOWER_INTEGER } from '../../src/backend/js/lower-integer.ts';
import { LOWER_MEMORY } from '../../src/backend/js/lower-memory.ts';
import { lockstepOptions, type LockstepCounts } from '../../src/engine/lockstep.ts';
import { Guest } from '../../src/host/node/guest.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const kernel = (name: string): string => path.join(ROOT, `bench/kernels/${name}.s390x`);

/** Runs a kernel in lockstep; its output and what was compared. */
async function lockstep(name: string, sample = 1): Promise<{ output: string } & LockstepCounts> {
  const counts: LockstepCounts = { executions: 0, compared: 0, instructions: 0, storedBytes: 0 };
  let output = '';
  const guest = Guest.load(kernel(name), {
    arguments: ['1'],
    backend: 'jit',
    onOutput: (_fd, bytes) => {
      output += Buffer.from(bytes).toString('latin1');
    },
    engine: lockstepOptions(sample, counts),
  });
  await guest.run();
  return { output, ...counts };
}

describe('generated code and interpreter agree', () => {
  test.each(['hello', 'strings', 'sort', 'nbody'])('on the kernel %s', async (name) => {
    const { output, ...counts } = await lockstep(name);
    expect(output).toContain(`${name} 1 `);
    expect(counts.compared).toBe(counts.executions);
    expect(counts.instructions).toBeGreaterThan(100);
  });

  test('and with a sample only some executions are compared', async () => {
    const all = await lockstep('vm');
    const some = await lockstep('vm', 10);
    expect(some.compared).toBe(Math.floor(some.executions / 10));
    expect(some.instructions).toBeLessThan(all.instructions);
    expect(some.output).toBe(all.output);
  });
});

describe('a lowering that is wrong is found', () => {
  const tables = [LOWER_INTEGER, LOWER_MEMORY, LOWER_CC] as Record<string, unknown>[];
  const originals = tables.map((table) => ({ ...table }));
  afterEach(() => {
    tables.forEach((table, i) => Object.assign(table, originals[i]));
  });

  test('in a register', async () => {
    LOWER_INTEGER.xor32 = LOWER_INTEGER.or32!;
    await expect(lockstep('crc32')).rejects.toThrow(
      /differ after \d+ instructions[^]*\n {2}gr\d+: /,
    );
  });

  test('in a store of the wrong value', async () => {
    LOWER_MEMORY.store8 = () => undefined;
    await expect(lockstep('strings')).rejects.toThrow(/\n {2}storage [0-9a-f]+: .. != ../);
  });
});

test('js390 lockstep runs the program and says how much it compared', () => {
  const js390 = path.join(ROOT, 'src/cli/js390.mjs');
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [js390, 'lockstep', ...args], { encoding: 'utf8' });
  const { status, stdout, stderr } = run('--backend', 'jit', kernel('hello'));
  expect(stdout).toContain('Hello from s390x!');
  expect(stderr).toMatch(
    /^js390 lockstep: \d+ executions of generated code, \d+ compared: [\d,]+ instructions, [\d,]+ bytes of stores\n$/,
  );
  expect(status).toBe(0);
  const wrong = run('--sample', '0', kernel('hello'));
  expect(wrong.stderr).toBe('js390: --sample 0 is no count; write a whole number from 1\n');
  expect(wrong.status).toBe(2);
});

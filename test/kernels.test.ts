import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { KERNELS, kernelNames } from '../tools/build-kernels.ts';

const has = (command: string) => !spawnSync(command, ['--version'], { stdio: 'ignore' }).error;
const names = kernelNames();
const scratch = fs.mkdtempSync(path.join(tmpdir(), 'js390-kernels-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));

/** Enough to pass every loop, little enough to cost nothing. */
const ITERATIONS = '3';

test('there are a hello and at least eight kernels', () => {
  expect(names).toContain('hello');
  expect(names.length).toBeGreaterThanOrEqual(9);
});

describe.each(names)('kernel %s', (name) => {
  const binary = path.join(KERNELS, `${name}.s390x`);

  test('has a small static big-endian s390x executable beside its source', () => {
    const elf = fs.readFileSync(binary);
    expect(elf.length).toBeLessThan(30_000);
    expect(elf.subarray(0, 6)).toEqual(Buffer.from('\x7fELF\x02\x02', 'latin1'));
    expect(elf.readUInt16BE(16), 'e_type ET_EXEC').toBe(2);
    expect(elf.readUInt16BE(18), 'e_machine EM_S390').toBe(22);
  });

  test.skipIf(!has('qemu-s390x') || !has('gcc'))(
    'prints under qemu-s390x what its source prints as a native program (needs both)',
    () => {
      const native = path.join(scratch, name);
      const source = path.join(KERNELS, `${name}.c`);
      const flags = ['-O1', '-ffp-contract=off', '-fno-math-errno', '-o', native, source, '-lm'];
      const built = spawnSync('gcc', flags, { encoding: 'utf8' });
      expect(built.status, built.stderr).toBe(0);
      const expected = spawnSync(native, [ITERATIONS], { encoding: 'utf8' });
      const actual = spawnSync('qemu-s390x', [binary, ITERATIONS], { encoding: 'utf8' });
      expect(expected.stdout).toMatch(new RegExp(`^${name} ${ITERATIONS} [0-9a-f]{16}$`, 'm'));
      expect(actual.stdout).toBe(expected.stdout);
      expect(actual.status).toBe(0);
    },
  );
});

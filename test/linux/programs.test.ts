import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Guest } from '../../src/host/node/guest.ts';
import type { GuestOptions } from '../../src/host/node/guest.ts';

/*
 * Programs of our own that look at the kernel from inside. `NAME.out` is what Linux prints: checked
 * against arch/s390/kernel/{signal,traps}.c and the manual pages, and against qemu-s390x wherever it
 * does not differ from Linux for one of the reasons below.
 */
const FOLDER = fileURLToPath(new URL('./programs', import.meta.url));

interface Program {
  readonly name: string;
  readonly status: number;
  /** Why qemu-s390x prints something else. */
  readonly qemuDiffers?: string;
}

const PROGRAMS: readonly Program[] = [
  {
    name: 'faults',
    status: 0,
    qemuDiffers:
      'STMG stores half, no result of a trapping inexact divide, no fixed-point overflow',
  },
  { name: 'signals', status: 128 + 15 },
  { name: 'threads', status: 3, qemuDiffers: 'set_robust_list is ENOSYS' },
  { name: 'processes', status: 0, qemuDiffers: 'vfork is fork, execve starts the host program' },
  {
    name: 'memory',
    status: 0,
    qemuDiffers: 'MAP_FIXED_NOREPLACE is taken for a hint, MAP_GROWSDOWN does not grow',
  },
  { name: 'timers', status: 0 },
];

const hasQemu = !spawnSync('qemu-s390x', ['--version']).error;

async function run(name: string, options: GuestOptions = {}) {
  let output = '';
  const guest = Guest.load(`./${name}.s390x`, {
    directory: FOLDER,
    environment: {},
    onOutput: (_, bytes) => {
      output += Buffer.from(bytes).toString('latin1');
    },
    ...options,
  });
  const status = await guest.run();
  return { output, status };
}

describe.each(PROGRAMS)('$name', ({ name, status, qemuDiffers }) => {
  const expected = fs.readFileSync(path.join(FOLDER, `${name}.out`), 'utf8');

  test.each(['interpreter', 'tiered'] as const)(
    'prints what Linux prints (%s)',
    async (backend) => {
      const result = await run(name, { backend });
      expect(result.output).toBe(expected);
      expect(result.status.code).toBe(status);
    },
  );

  test.skipIf(!hasQemu || qemuDiffers !== undefined)(
    `prints the same under qemu-s390x${qemuDiffers ? ` (it differs: ${qemuDiffers})` : ''}`,
    () => {
      const { stdout } = spawnSync('qemu-s390x', [`./${name}.s390x`], {
        cwd: FOLDER,
        encoding: 'latin1',
      });
      expect(stdout).toBe(expected);
    },
  );
});

describe('a program at its start', () => {
  test('finds arguments, environment and auxiliary vector on the stack', async () => {
    const { output } = await run('startup', {
      arguments: ['first argument', '', 'ä'],
      environment: { A: '1', LONG: 'x'.repeat(300) },
      cpu: 'z196',
    });
    const lines = Buffer.from(output, 'latin1').toString('utf8').split('\n');
    expect(lines).toContain('stack pointer aligned 1');
    expect(lines).toContain('argv[1] first argument');
    expect(lines).toContain('argv[2] ');
    expect(lines).toContain('argv[3] ä');
    expect(lines).toContain('argv[4] (null)');
    expect(lines).toContain('environment A=1');
    expect(lines).toContain(`environment LONG=${'x'.repeat(300)}`);
    expect(lines).toContain('AT_HWCAP vector 0 zarch 1');
    expect(lines).toContain('AT_PLATFORM z196');
    expect(lines).toContain('AT_PAGESZ 1000');
    expect(lines).toContain('AT_RANDOM is there');
    expect(lines).toContain('AT_EXECFN ./startup.s390x');
    expect(lines).toContain('fpc 0');
  });

  test('finds its program headers and entry point where readelf says they are', async () => {
    const { output } = await run('startup');
    const elf = fs.readFileSync(path.join(FOLDER, 'startup.s390x'));
    const entry = elf.readBigUInt64BE(24).toString(16);
    expect(output).toContain(`AT_ENTRY ${entry}\n`);
    expect(output).toContain(`AT_PHNUM ${elf.readUInt16BE(56).toString(16)}\n`);
    expect(output).toContain('AT_PHENT 38\n');
  });
});

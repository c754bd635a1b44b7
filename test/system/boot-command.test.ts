import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseMemory, savePoint, withAbsolutePaths } from '../../src/cli/boot-options.ts';
import { reportOf } from '../../src/cli/boot-report.ts';
import { ConsoleWatch } from '../../src/cli/console-watch.ts';
import { UsageError } from '../../src/cli/failure.ts';

const JS390 = fileURLToPath(new URL('../../src/cli/js390.mjs', import.meta.url));
const MIB = 0x10_0000;

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'js390-boot-'));
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: Uint8Array | string): string {
  const place = path.join(folder, name);
  fs.writeFileSync(place, content);
  return place;
}

function js390(...args: string[]): { status: number | null; error: string; output: string } {
  const { status, stderr, stdout } = spawnSync(process.execPath, [JS390, ...args], {
    encoding: 'utf8',
    env: { ...process.env, JS390_DEBUG: '' },
    timeout: 30_000,
  });
  return { status, error: stderr, output: stdout };
}

describe('what cannot be booted', () => {
  /** Arguments, exit status and the line; FILE stands for a file of the test. */
  const check = (args: string[], status: number, line: string | RegExp): void => {
    const result = js390('boot', ...args);
    expect(result.error.split('\n').length).toBe(2);
    expect(result.error).toMatch(line);
    expect(result.error.startsWith('js390: ')).toBe(true);
    expect([result.status, result.output]).toEqual([status, '']);
  };

  test('no kernel', () => {
    check([], 2, /--kernel/);
    const missing = path.join(folder, 'missing');
    check(['--kernel', missing], 1, `cannot read the kernel ${missing}: no such file`);
    check(['--kernel', folder], 1, 'it is a directory');
  });

  test('64 KiB of garbage', () => {
    const garbage = file('garbage', new Uint8Array(65_536).fill(0x5a));
    check(['--kernel', garbage], 1, `${garbage} is not an s390x Linux kernel: it is too short`);
  });

  test('a kernel for another machine', () => {
    const bytes = new Uint8Array(fs.readFileSync(process.execPath).subarray(0, 4096));
    check(['--kernel', file('node', bytes)], 1, 'is not an s390x Linux kernel: it is for ');
  });

  test('a missing initial RAM disk and a missing drive', () => {
    const garbage = file('kernel', 'x');
    const missing = path.join(folder, 'missing');
    check(['--kernel', garbage, '--initrd', missing], 1, `cannot read the initrd ${missing}`);
    check(['--kernel', garbage, '--drive', missing], 1, missing);
  });

  test.each([
    ['--memory', '63M', 'too little; write at least 64M'],
    ['--memory', '2048M', 'too much; write at most 2047M'],
    ['--memory', '1.5G', 'is no size; write one such as 512M or 1G'],
    ['--memory', '-1', 'is no size'],
    ['--smp', '0', 'is no number of CPUs'],
    ['--smp', 'two', 'is no number of CPUs'],
    ['--drive', ',readonly', 'it begins with the name of a file'],
    ['--drive', 'disk,cached', 'unknown option "cached"'],
    ['--console', 'serial', 'line, vt220'],
    ['--net', 'tap', 'user, none'],
    ['--backend', 'wasm', 'tiered, jit, interpreter'],
    ['--save-at', 'login:', 'takes an expression and a file'],
    ['--stats-json', '/no/such/directory/file', 'cannot be written'],
  ])('%s %s is a mistake in the call', (option, value, line) => {
    check(['--kernel', 'any', option, value], 2, line);
  });

  test('a file that is no snapshot', () => {
    const result = js390('resume', file('snapshot', 'nothing of the kind'));
    expect(result.status).toBe(1);
    expect(result.error).toMatch(/^js390: .*snapshot.*\n$/);
  });
});

test('both commands explain themselves', () => {
  expect(js390('--help').output).toMatch(/boot .*\n(.*\n)*\s+resume /);
  for (const command of ['boot', 'resume']) {
    const { status, output } = js390(command, '--help');
    expect([status, output]).toEqual([0, expect.stringContaining('--save-at <regex file...>')]);
  }
});

describe('options', () => {
  test.each([
    ['64M', 64],
    ['512', 512],
    ['1g', 1024],
    ['2047M', 2047],
  ])('--memory %s is %i MiB', (text, size) => {
    expect(parseMemory(text)).toBe(size * MIB);
  });

  test('--save-at takes two values, the first of which is an expression over lines', () => {
    expect(savePoint(undefined)).toBeUndefined();
    const point = savePoint(['^/ # $', 'shell.snapshot'])!;
    expect(point.pattern.test('js390: init reached\n/ # ')).toBe(true);
    expect(point.file).toBe('shell.snapshot');
    for (const values of [[], ['a'], ['a', 'b', 'c'], ['(', 'file']]) {
      expect(() => savePoint(values)).toThrow(UsageError);
    }
  });

  test('what goes into a snapshot does not depend on the directory', () => {
    const config = withAbsolutePaths({
      ...{ memory: 512 * MIB, cpus: 1, console: 'vt220', network: 'none' },
      drives: [
        { mode: 'readonly', file: 'a' },
        { mode: 'overlay', file: '/b', overlay: 'c' },
      ],
      boot: { kernel: 'vmlinuz', append: 'quiet' },
    });
    expect(config.drives).toEqual([
      { mode: 'readonly', file: path.resolve('a') },
      { mode: 'overlay', file: '/b', overlay: path.resolve('c') },
    ]);
    expect(config.boot).toEqual({ kernel: path.resolve('vmlinuz'), append: 'quiet' });
  });
});

describe('watching the console', () => {
  test('finds an expression that arrives in pieces, once', () => {
    let found = 0;
    const watch = new ConsoleWatch(/^login: $/mu, () => found++);
    for (const piece of ['Debian\r\nlog', 'in', ': ', 'login: ']) watch.add(Buffer.from(piece));
    expect([found, watch.matched]).toEqual([1, true]);
  });

  test('keeps the end of what was written, with characters whole', () => {
    const watch = new ConsoleWatch();
    const text = Buffer.from(`${'x'.repeat(10_000)}\r\nä end`);
    for (const byte of text) watch.add(Uint8Array.of(byte));
    expect(watch.text.length).toBe(8192);
    expect(watch.text.endsWith('xx\nä end')).toBe(true);
  });
});

describe('how a machine ended', () => {
  const psw = { mask: 0x0002_0001_8000_0000n, address: 0x10_fdeen };

  test('a power-off is success, and nothing to speak of', () => {
    expect(reportOf({ kind: 'power-off' }, undefined, undefined)).toEqual({
      ...{ status: 0, json: { end: 'power-off', status: 0 } },
    });
  });

  test('a panic is told with its reason and PSW', () => {
    const end = { kind: 'panic', psw, reason: 'kernel panic: no init' } as const;
    const { status, message, json } = reportOf(end, undefined, undefined);
    expect(status).toBe(2);
    expect(message).toBe(
      'the guest stopped: kernel panic: no init (PSW 0002000180000000 000000000010fdee)',
    );
    expect(JSON.parse(JSON.stringify(json))).toEqual({
      ...{ end: 'panic', status: 2, reason: 'kernel panic: no init' },
      psw: { mask: '0002000180000000', address: '000000000010fdee' },
    });
  });

  test.each([
    [{ kind: 'keys' }, 0, 'ended by Ctrl-A X'],
    [{ kind: 'signal', name: 'SIGINT', number: 2 }, 130, 'ended by SIGINT'],
    [{ kind: 'signal', name: 'SIGTERM', number: 15 }, 143, 'ended by SIGTERM'],
    [{ kind: 'closed', problem: undefined }, 141, undefined],
    [{ kind: 'closed', problem: 'the disk is full' }, 1, 'the disk is full'],
  ] as const)('%o has an exit status of its own', (cause, status, message) => {
    const report = reportOf({ kind: 'stopped' }, cause, undefined);
    expect(report.status).toBe(status);
    if (message === undefined) expect(report.message).toBeUndefined();
    else expect(report.message).toContain(message);
  });

  test('a guest that ends before it could be saved is no success', () => {
    const point = { pattern: /login:/mu, file: 'snapshot' };
    expect(reportOf({ kind: 'power-off' }, undefined, point).status).toBe(1);
    expect(reportOf({ kind: 'stopped' }, { kind: 'save' }, point)).toMatchObject({
      ...{ status: 0, message: 'the machine was saved to snapshot' },
    });
  });
});

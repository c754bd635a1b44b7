import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audited, auditText } from '../../src/cli/audit-report.ts';
import { parseNetwork } from '../../src/cli/boot-network.ts';
import {
  asMachineConfig,
  machineConfig,
  parseMemory,
  savePoint,
  withAbsolutePaths,
} from '../../src/cli/boot-options.ts';
import { progressLine } from '../../src/cli/boot-progress.ts';
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
    check(['--kernel', '/dev/zero'], 1, '/dev/zero is a device');
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
    ['--console', 'serial', 'line, vt220, virtio'],
    ['--virtio-bus', 'pci', 'ccw, s390'],
    ['--cpu', 'z11', "there is no CPU model 'z11'; choose one of z900, z990"],
    ['--net', 'tap', 'user, none'],
    ['--net', 'none,hostfwd=tcp::1-:2', 'no network has no options'],
    ['--net', 'user,dns=10.0.2.9', 'unknown option "dns=10.0.2.9"'],
    ['--net', 'user,hostfwd=tcp::22', 'is no rule; write one as in'],
    ['--net', 'user,hostfwd=udp::69-:69', 'ports of udp are not forwarded'],
    ['--net', 'user,hostfwd=tcp::70000-:22', 'no port 70000; the last is 65535'],
    ['--net', 'user,hostfwd=tcp::22-:0', 'no port 0'],
    ['--net', 'user,hostfwd=tcp::22-10.0.2.16:22', 'the guest is not at 10.0.2.16'],
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

test('how much of a large kernel is loaded stands in a line that goes', () => {
  const shown = (isTTY: boolean, total: number): string => {
    let text = '';
    const show = progressLine({ isTTY, write: (more: string) => (text += more) });
    for (let done = total / 2; done <= total; done += total / 2) show(done, total);
    return text;
  };
  const erase = '\r\x1b[K';
  expect(shown(true, 32 * MIB)).toBe(`${erase}js390: loading the kernel, 50 %${erase}`);
  expect(shown(true, MIB)).toBe('');
  expect(shown(false, 32 * MIB)).toBe('');
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('there was no error');
}

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
    expect(point.pattern.test('/ # ls\nbin\n')).toBe(false);
    expect(point.file).toBe('shell.snapshot');
    for (const values of [[], ['a'], ['a', 'b', 'c'], ['(', 'file']]) {
      expect(() => savePoint(values)).toThrow(UsageError);
    }
  });

  test('the example of --save-at is found at the prompt of busybox', () => {
    const [, source, name] = /as in --save-at '(.*)' (.*)$/.exec(messageOf(() => savePoint([])))!;
    const { pattern } = savePoint([source!, name!])!;
    // Busybox' line editing asks for the cursor's place behind its prompt.
    for (const prompt of ['/ # \x1b[6n', '~ # \x1b[6n', '/etc # ']) {
      let found = 0;
      const watch = new ConsoleWatch(pattern, () => found++);
      watch.add(Buffer.from(`\r\nBusyBox v1.35.0 (Debian)\r\n\r\n${prompt}`));
      expect(found).toBe(1);
    }
  });

  test('--cpu takes the names that js390 run takes, and is the newest', () => {
    const flags = {
      memory: '64M',
      smp: '1',
      console: 'vt220',
      virtioBus: 'ccw',
      net: 'none',
    } as const;
    const boot = { kernel: 'vmlinuz', append: '' };
    const cpuOf = (cpu?: string) =>
      machineConfig(cpu === undefined ? flags : { ...flags, cpu }, boot).cpu;
    expect([cpuOf(), cpuOf('max'), cpuOf('Z196'), cpuOf('zec12')]).toEqual([
      ...['z15', 'z15', 'z196', 'zEC12'],
    ]);
    expect(() => cpuOf('z')).toThrow(UsageError);
  });

  test('the bus of 2010 leaves less memory, and has room for fewer disks', () => {
    const flags = { smp: '1', console: 'virtio', net: 'none' } as const;
    const boot = { kernel: 'vmlinuz', append: '' };
    const config = (memory: string, virtioBus: 'ccw' | 's390') =>
      machineConfig({ ...flags, memory, virtioBus }, boot).memory;
    expect(config('2047M', 'ccw')).toBe(2047 * MIB);
    expect(config('2046M', 's390')).toBe(2046 * MIB);
    expect(() => config('2047M', 's390')).toThrow('write at most 2046M');
    const drive = new Array<string>(61).fill('disk');
    const many = { ...flags, memory: '64M', drive };
    expect(machineConfig({ ...many, virtioBus: 'ccw' }, boot).drives.length).toBe(61);
    expect(() => machineConfig({ ...many, virtioBus: 's390' }, boot)).toThrow('room for 60 disks');
  });

  test.each([
    ['none', 'none', []],
    ['user', 'user', []],
    ['user,hostfwd=tcp::2222-:22', 'user', [{ protocol: 'tcp', hostPort: 2222, guestPort: 22 }]],
    [
      'user,hostfwd=tcp:0.0.0.0:0-10.0.2.15:80,hostfwd=:127.0.0.1:8443-:443',
      'user',
      [
        { protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 0, guestPort: 80 },
        { protocol: 'tcp', hostAddress: '127.0.0.1', hostPort: 8443, guestPort: 443 },
      ],
    ],
  ])('--net %s', (text, network, forwards) => {
    expect(parseNetwork(text)).toEqual({ network, forwards });
  });

  test('a snapshot that is older than some options can be resumed', () => {
    const older = {
      ...{ memory: 512 * MIB, cpus: 1, console: 'vt220', network: 'user', drives: [] },
      boot: { kernel: '/vmlinuz', append: 'quiet' },
    };
    expect(asMachineConfig(older)).toEqual({
      ...{ ...older, cpu: 'z15', virtioBus: 'ccw', forwards: [] },
    });
    for (const wrong of [{ cpu: 'z11' }, { cpu: 5 }, { virtioBus: 'pci' }, { forwards: '22' }]) {
      expect(() => asMachineConfig({ ...older, ...wrong })).toThrow('does not say what machine');
    }
  });

  test('what goes into a snapshot does not depend on the directory', () => {
    const config = withAbsolutePaths({
      ...{ memory: 512 * MIB, cpus: 1, cpu: 'z15', console: 'vt220', network: 'none' },
      ...{ forwards: [], virtioBus: 'ccw' },
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

  test('does not see terminal sequences, however they arrive', () => {
    const shown = (...pieces: string[]): string => {
      const watch = new ConsoleWatch();
      for (const piece of pieces) watch.add(Buffer.from(piece, 'latin1'));
      return watch.text;
    };
    // ECMA-48: CSI with parameters, an nF and an Fp sequence; xterm's title.
    const text = '\x1b[1;31mred\x1b[0m \x1b(Bcharset \x1b7saved\x1b]0;title\x07 # \x1b[6n';
    expect(shown(text)).toBe('red charset saved # ');
    expect(shown(...text)).toBe('red charset saved # ');
    expect(shown('\x1b[?25', 'hcursor', '\x1b]0;ti', 'tle\x1b', '\\ end')).toBe('cursor end');
    // What never ends is no sequence.
    expect(shown('\x1b]', 'x'.repeat(300))).toContain('x'.repeat(300));
  });

  test('keeps the end of what was written, with characters whole', () => {
    const watch = new ConsoleWatch();
    const text = Buffer.from(`${'x'.repeat(10_000)}\r\nä end`);
    for (const byte of text) watch.add(Uint8Array.of(byte));
    expect(watch.text.length).toBe(8192);
    expect(watch.text.endsWith('xx\nä end')).toBe(true);
  });
});

describe('an audit', () => {
  const record = (reason: string, level: 1 | 2 | 3, dirty: string[]) => ({
    ...{ reason, level, count: 1234 },
    ...{ dirty: new Set(dirty), written: new Set(['gr', 'cr']) },
  });
  const records = new Map(
    [record('SIGP', 1, ['gr']), record('clear reset', 2, []), record('init', 3, ['gr', 'cr'])].map(
      (one) => [one.reason, one],
    ),
  );

  test('tells how often what was written at which level', () => {
    const lines = auditText({ records, violations: [] }).split('\n');
    const row = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;
    expect(row(/SIGP .* runtime .* 1,234 .* 2 .* gr /)).toBe(1);
    expect(row(/clear reset .* reset /)).toBe(1);
    expect(row(/init .* full .* gr cr /)).toBe(1);
    expect(lines.at(-1)).toBe('writeback audit: no violations');
  });

  test('with violations makes a failure of every end', () => {
    const violations = ['SIGP: stale', 'SIGP: stale', 'DIAG: lost'];
    const text = auditText({ records, violations });
    expect(text).toMatch(/3 violations:\nSIGP: stale \(2 times\)\nDIAG: lost \(1 times\)$/);
    const good = reportOf({ kind: 'power-off' }, undefined, undefined);
    expect(audited(good, { records, violations: [] }).status).toBe(0);
    expect(audited(good, { records, violations })).toMatchObject({
      ...{ status: 1, json: { end: 'power-off', status: 1, violations: 3 } },
    });
    const panic = { ...good, status: 2 };
    expect(audited(panic, { records, violations }).status).toBe(2);
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

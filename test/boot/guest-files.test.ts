import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { characterDevice, cpio, directory, file, link } from '../../tools/guest-cpio.ts';
import { DISK_PACKAGES } from '../../tools/guest-disk.ts';
import { buildInitramfs } from '../../tools/guest-initramfs.ts';
import { cachedKernel, modulesInOrder } from '../../tools/guest-kernel.ts';
import { bootAssets } from '../../tools/guest.ts';

const TOOL = path.resolve(import.meta.dirname, '../../tools/guest.ts');
const hasCpio = !spawnSync('cpio', ['--version'], { stdio: 'ignore' }).error;
const assets = bootAssets();
const missing = 'skipped' in assets ? assets.skipped : undefined;

/** What cpio(1) says is in an archive: mode, links, owner, size or device, name. */
function list(archive: Uint8Array): string[] {
  const text = execFileSync('cpio', ['-itnv', '--quiet'], {
    input: archive,
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
  });
  return text.trimEnd().split('\n');
}

describe.skipIf(!hasCpio)('an archive read by cpio(1)', () => {
  const entries = [
    directory('bin'),
    file('bin/three', 'abc', 0o755),
    file('empty', ''),
    link('sbin', 'bin'),
    directory('tmp', 0o1777),
    characterDevice('console', 5, 1),
  ];

  test('has the files, directories, links and devices that were put into it', () => {
    expect(list(cpio(entries)).map((line) => line.replace(/ Jan +1 +1970 /, ' '))).toEqual([
      expect.stringMatching(/^drwxr-xr-x +2 0 +0 +0 bin$/),
      expect.stringMatching(/^-rwxr-xr-x +1 0 +0 +3 bin\/three$/),
      expect.stringMatching(/^-rw-r--r-- +1 0 +0 +0 empty$/),
      expect.stringMatching(/^lrwxrwxrwx +1 0 +0 +3 sbin -> bin$/),
      expect.stringMatching(/^drwxrwxrwt +2 0 +0 +0 tmp$/),
      expect.stringMatching(/^crw------- +1 0 +0 +5, +1 console$/),
    ]);
  });

  test('gives back contents of every length modulo 4', () => {
    const folder = fs.mkdtempSync(path.join(tmpdir(), 'js390-cpio-'));
    try {
      const texts = ['', 'a', 'ab', 'abc', 'abcd', 'abcde'];
      const archive = cpio(texts.map((text, i) => file(`f${'x'.repeat(i)}`, text)));
      execFileSync('cpio', ['-id', '--quiet'], { cwd: folder, input: archive });
      const found = texts.map((_, i) =>
        fs.readFileSync(path.join(folder, `f${'x'.repeat(i)}`), 'utf8'),
      );
      expect(found).toEqual(texts);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});

describe.skipIf(missing)(`the initramfs${missing ? ` (${missing})` : ''}`, () => {
  const kernel = () => cachedKernel()!;

  test('loads each module after those that it needs', () => {
    const names = modulesInOrder(kernel(), ['ext4', 'virtio_net', 'virtio-rng']).map((name) =>
      path.basename(name, '.ko'),
    );
    expect(names.at(-1)).toBe('virtio-rng');
    const before = (first: string, second: string) =>
      expect(names.indexOf(first)).toBeLessThan(names.indexOf(second));
    before('jbd2', 'ext4');
    before('mbcache', 'ext4');
    before('crc16', 'ext4');
    before('failover', 'net_failover');
    before('net_failover', 'virtio_net');
  });

  test('is the same each time, and gzipped only in its packing', () => {
    const plain = buildInitramfs(kernel(), { modules: ['rng'] });
    expect(buildInitramfs(kernel(), { modules: ['rng'] })).toEqual(plain);
    const packed = buildInitramfs(kernel(), { modules: ['rng'], gzip: true });
    expect(new Uint8Array(gunzipSync(packed))).toEqual(new Uint8Array(plain));
  });

  test.skipIf(!hasCpio)('has the commands of busybox and the modules that were asked for', () => {
    const names = list(buildInitramfs(kernel(), { modules: ['rng'] })).join('\n');
    expect(names).toMatch(/ init$/m);
    expect(names).toMatch(/ bin\/poweroff -> busybox$/m);
    expect(names).toMatch(/ modules\/virtio_rng\.ko$/m);
    expect(names).not.toMatch(/ext4/);
  });
});

function guest(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [TOOL, ...args], { encoding: 'utf8' });
}

describe('tools/guest.ts', () => {
  test.each([
    [['nothing'], /^guest: unknown command 'nothing'/],
    [['disk', '--size', '5'], /^guest: --size 5: give a size such as 512M/],
    [['disk', '--output', '/nowhere/x'], /^guest: --output \/nowhere\/x: there is no directory/],
    [['disk', 'A_B'], /^guest: not a package name: A_B$/m],
    [['initramfs', '--init', '/nowhere/x'], /^guest: --init \/nowhere\/x cannot be read/],
    [['initramfs', '--gzip'], /^guest: name the file to write with --output/],
  ])('refuses %j with one line and status 2', (args, line) => {
    const { status, stderr } = guest(...args);
    expect(stderr).toMatch(line);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
  });

  test('has help for each command', () => {
    for (const command of ['kernel', 'initramfs', 'disk']) {
      const { status, stdout } = guest(command, '--help');
      expect(stdout).toContain('--json');
      expect(status).toBe(0);
    }
    expect(guest('disk', '--help').stdout).toContain(DISK_PACKAGES[0]);
  });

  test('says with status 3 that packages cannot be had without apt', () => {
    const result = spawnSync(process.execPath, [TOOL, 'kernel'], {
      encoding: 'utf8',
      env: { PATH: '/nowhere', HOME: tmpdir() },
    });
    expect(result.stderr).toMatch(/^guest: needs apt-get/);
    expect(result.status).toBe(3);
  });
});

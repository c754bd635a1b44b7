import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { NODE_FILES, type FileLayer } from '../../src/host/node/file-layer.ts';
import { SeededRandom } from '../../src/host/node/seeded-random.ts';
import { loadSnapshotFile, saveSnapshotFile } from '../../src/host/node/snapshot-file.ts';
import { AbsoluteStorage } from '../../src/memory/absolute-storage.ts';
import { SnapshotError } from '../../src/system/services.ts';
import type { SnapshotParts } from '../../src/system/snapshot/write-snapshot.ts';

const MIB = 0x10_0000;

function directory(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'js390-snapshot-'));
  onTestFinished(() => fs.rmSync(made, { recursive: true, force: true }));
  return made;
}

function parts(used = 0): SnapshotParts {
  const storage = new AbsoluteStorage(4 * MIB);
  new SeededRandom('storage').fill(storage.bytes.subarray(0, used));
  return { config: { used }, sections: new Map([['cpu.0', { psw: 1n }]]), storage };
}

function failing(replaced: Partial<FileLayer>): FileLayer {
  return { ...NODE_FILES, ...replaced };
}

function hostError(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code });
}

/** That saving fails with a line, and leaves the directory as it is. */
function expectRefusal(file: string, line: string | RegExp, files?: FileLayer, used = 0): void {
  const held = path.dirname(file);
  const before = fs.existsSync(held) ? fs.readdirSync(held) : [];
  let refusal: unknown;
  try {
    saveSnapshotFile(file, parts(used), files);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(SnapshotError);
  expect((refusal as Error).message).toMatch(line);
  expect(fs.existsSync(held) ? fs.readdirSync(held) : []).toEqual(before);
}

describe('a snapshot file', () => {
  test('is written and read', () => {
    const file = path.join(directory(), 'vm.js390');
    saveSnapshotFile(file, parts(2 * MIB));
    const snapshot = loadSnapshotFile(file);
    const storage = new AbsoluteStorage(snapshot.storageSize);
    snapshot.restoreStorage(storage, { fresh: true });
    expect(snapshot.config).toEqual({ used: 2 * MIB });
    expect(snapshot.sections).toEqual(new Map([['cpu.0', { psw: 1n }]]));
    expect(Buffer.compare(storage.bytes, parts(2 * MIB).storage.bytes)).toBe(0);
  });

  test('takes the place of an older one, and nothing else is left', () => {
    const held = directory();
    const file = path.join(held, 'vm.js390');
    saveSnapshotFile(file, parts(MIB));
    saveSnapshotFile(file, parts(0));
    expect(loadSnapshotFile(file).config).toEqual({ used: 0 });
    expect(fs.readdirSync(held)).toEqual(['vm.js390']);
  });

  test('is written to where a symbolic link points', () => {
    const held = directory();
    fs.mkdirSync(path.join(held, 'else'));
    fs.writeFileSync(path.join(held, 'else', 'real'), 'old');
    fs.symlinkSync('else/real', path.join(held, 'link'));
    saveSnapshotFile(path.join(held, 'link'), parts());
    expect(fs.lstatSync(path.join(held, 'link')).isSymbolicLink()).toBe(true);
    expect(loadSnapshotFile(path.join(held, 'else', 'real')).config).toEqual({ used: 0 });
  });

  test('is for its owner only, since guests have secrets', () => {
    const file = path.join(directory(), 'vm.js390');
    saveSnapshotFile(file, parts());
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });

  test('is written with few bytes at a time if the host takes no more', () => {
    const file = path.join(directory(), 'vm.js390');
    const files = failing({
      write: (fd, bytes, position) => NODE_FILES.write(fd, bytes.subarray(0, 1000), position),
      read: (fd, target, position) => NODE_FILES.read(fd, target.subarray(0, 1000), position),
    });
    saveSnapshotFile(file, parts(MIB), files);
    expect(loadSnapshotFile(file, files).config).toEqual({ used: MIB });
  });

  test('is on the disk before it gets its name', () => {
    const file = path.join(directory(), 'vm.js390');
    const calls: string[] = [];
    const files = failing({
      write: (...all) => (calls.push('write'), NODE_FILES.write(...all)),
      sync: (fd) => (calls.push('sync'), NODE_FILES.sync(fd)),
      rename: (...all) => (calls.push('rename'), NODE_FILES.rename(...all)),
    });
    saveSnapshotFile(file, parts(), files);
    // And the name is on the disk after that.
    expect(calls.filter((call, i) => call !== calls[i - 1])).toEqual([
      ...['write', 'sync', 'rename', 'sync'],
    ]);
  });
});

describe('a snapshot that cannot be written is one line, and the old one is as it was', () => {
  test.each(['write', 'sync', 'rename'] as const)('when the host fails to %s', (call) => {
    const file = path.join(directory(), 'vm.js390');
    saveSnapshotFile(file, parts());
    const failures: [string, string][] = [
      ['ENOSPC', 'no space is left on the disk; free some, or choose another place'],
      ['EIO', 'the host has an input/output error; choose another place'],
    ];
    for (const [code, reason] of failures) {
      let calls = 0;
      const files = failing({
        [call]: (fd: number, bytes: Uint8Array, position: number) => {
          if (call !== 'write' || ++calls === 5) throw hostError(code);
          return NODE_FILES.write(fd, bytes, position);
        },
      });
      expectRefusal(file, `cannot write snapshot ${file}: ${reason}`, files, MIB);
      expect(loadSnapshotFile(file).config).toEqual({ used: 0 });
    }
  });

  test('when its directory is missing', () => {
    const file = path.join(directory(), 'missing', 'vm.js390');
    expectRefusal(
      file,
      `no such file or directory; make the directory ${path.dirname(file)} first`,
    );
  });

  test('when there is a directory, or a device, at its path', () => {
    expectRefusal(directory(), /^cannot write snapshot \S+: it is a directory$/);
    expectRefusal('/dev/null', 'cannot write snapshot /dev/null: it is not a regular file');
    expect(fs.statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test('when the disk is really full', ({ skip }) => {
    const held = directory();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'js390', held]);
    if (mounted.status !== 0) skip('a small disk can be mounted by root only');
    try {
      const file = path.join(held, 'vm.js390');
      saveSnapshotFile(file, parts());
      expectRefusal(file, /: no space is left on the disk; free some/, undefined, 3 * MIB);
      expect(loadSnapshotFile(file).config).toEqual({ used: 0 });
    } finally {
      spawnSync('umount', [held]);
    }
  });

  test('but mistakes of js390 are not called that', () => {
    const file = path.join(directory(), 'vm.js390');
    const sections = new Map([['cpu.0', undefined as unknown as null]]);
    expect(() => saveSnapshotFile(file, { ...parts(), sections })).toThrow(/cannot hold/);
    expect(fs.readdirSync(path.dirname(file))).toEqual([]);
  });
});

describe('a file that cannot be read as a snapshot is one line', () => {
  test.each<[string, string]>([
    ['missing', 'cannot read snapshot FILE: no such file or directory'],
    ['directory', 'cannot read snapshot FILE: it is a directory'],
    ['text', 'FILE is not a js390 snapshot'],
  ])('%s', (what, line) => {
    const file = path.join(directory(), 'vm.js390');
    if (what === 'directory') fs.mkdirSync(file);
    if (what === 'text') fs.writeFileSync(file, 'no snapshot');
    expect(() => loadSnapshotFile(file)).toThrow(new SnapshotError(line.replace('FILE', file)));
  });

  test('a device, which might have no end', () => {
    const line = '/dev/zero is not a js390 snapshot';
    expect(() => loadSnapshotFile('/dev/zero')).toThrow(new SnapshotError(line));
  });

  test('one that only its owner may read', () => {
    const file = path.join(directory(), 'vm.js390');
    saveSnapshotFile(file, parts());
    const files = failing({
      open: () => {
        throw hostError('EACCES');
      },
    });
    const line = `cannot read snapshot ${file}: permission denied`;
    expect(() => loadSnapshotFile(file, files)).toThrow(new SnapshotError(line));
  });
});

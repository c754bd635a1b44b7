import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDrive, parseDrive } from '../../src/host/node/drive.ts';
import { NODE_FILES, type FileLayer } from '../../src/host/node/file-layer.ts';
import { DriveError } from '../../src/system/services.ts';
import * as fixtures from './drive-fixtures.ts';
import { BLOCK, CLUSTER, expectBytes, makeImage, open, random, read } from './drive-fixtures.ts';

/** Files whose calls fail with a code while one is set. */
class FailingFiles {
  read?: string;
  write?: string;
  sync?: string;
  readonly layer: FileLayer = fixtures.files({
    read: (...all) => (fail(this.read), NODE_FILES.read(...all)),
    // As a disk does that becomes full in the middle.
    write: (fd, bytes, position) => {
      if (this.write === undefined) return NODE_FILES.write(fd, bytes, position);
      if (bytes.length <= 100) fail(this.write);
      return NODE_FILES.write(fd, bytes.subarray(0, bytes.length - 100), position);
    },
    syncData: (fd) => (fail(this.sync), NODE_FILES.syncData(fd)),
  });
}

function fail(code: string | undefined): void {
  if (code !== undefined) throw fixtures.hostError(code);
}

describe('when the disk is full', () => {
  test.each([
    ['a file', '', 'drive FILE'],
    ['an overlay', ',overlay=FILE.overlay', 'overlay FILE.overlay'],
  ])('under %s, writing fails, and nothing of before is lost', async (_, option, name) => {
    const file = makeImage(fixtures.temporaryDirectory(), 8 * CLUSTER);
    const text = `${file}${option.replace('FILE', file)}`;
    const expected = Uint8Array.from(fs.readFileSync(file));
    const host = new FailingFiles();
    const problems: string[] = [];
    const onProblem = (line: string) => problems.push(line);
    const drive = await open(text, { files: host.layer, onProblem });
    const write = (offset: number, length: number, seed: string) => {
      drive.write(offset, random(seed, length));
      expected.set(random(seed, length), offset);
    };
    write(0, 3 * BLOCK, 'first');

    host.write = 'ENOSPC';
    const line = `cannot write ${name.replace('FILE', file)}: no space is left on the disk`;
    for (let i = 0; i < 3; i++) {
      expect(() => drive.write(4 * CLUSTER, new Uint8Array(BLOCK))).toThrow(new DriveError(line));
    }
    expect(problems).toEqual([
      `${line}; the guest sees an I/O error, and what it wrote before is kept`,
    ]);
    expectBytes(read(drive, 0, 4 * CLUSTER), expected.subarray(0, 4 * CLUSTER));

    // There is space again.
    host.write = undefined;
    write(4 * CLUSTER, BLOCK, 'second');
    write(5 * CLUSTER, 2 * CLUSTER, 'third');
    drive.close();
    const again = await open(text);
    expectBytes(read(again, 0, drive.size), expected);
  });

  test('an overlay is not made, and no half of it is left', async () => {
    const directory = fixtures.temporaryDirectory();
    const file = makeImage(directory, 8 * CLUSTER);
    const host = new FailingFiles();
    host.write = 'ENOSPC';
    const opened = openDrive(parseDrive(`${file},overlay=${file}.overlay`), { files: host.layer });
    const line = `cannot make overlay ${file}.overlay: no space is left on the disk`;
    await expect(opened).rejects.toThrow(new DriveError(line));
    expect(fs.readdirSync(directory)).toEqual(['disk.img']);
    // The base was given back.
    (await open(file)).close();
  });

  test.each([
    ['a file with holes', ''],
    ['an overlay', ',overlay=OVERLAY'],
  ])('really, under %s', async (_, option) => {
    const held = fixtures.temporaryDirectory();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'js390', held]);
    // Only root can mount a small disk.
    if (mounted.status !== 0) return;
    try {
      const file = path.join(held, 'disk.img');
      fs.writeFileSync(file, '');
      fs.truncateSync(file, 16 * 2 ** 20);
      const text = `${file}${option.replace('OVERLAY', path.join(held, 'overlay'))}`;
      const problems: string[] = [];
      const drive = await openDrive(parseDrive(text), { onProblem: (line) => problems.push(line) });
      let written = 0;
      expect(() => {
        for (; written < 64; written++) {
          drive.write(written * CLUSTER, random(`${written}`, CLUSTER));
          if (written % 4 === 0) drive.flush();
        }
      }).toThrow(/: no space is left on the disk$/);
      expect(written).toBeGreaterThan(10);
      expect(problems).toHaveLength(1);
      drive.close();
      const again = await openDrive(parseDrive(text));
      for (let i = 0; i < written; i++) {
        expectBytes(read(again, i * CLUSTER, CLUSTER), random(`${i}`, CLUSTER));
      }
      again.close();
    } finally {
      spawnSync('umount', [held]);
    }
  });
});

describe('when the host has an input/output error', () => {
  test('reading fails, the user is told once, and later reads are tried again', async () => {
    const file = makeImage(fixtures.temporaryDirectory(), CLUSTER);
    for (const option of ['', ',readonly', ',snapshot']) {
      const host = new FailingFiles();
      const problems: string[] = [];
      const onProblem = (line: string) => problems.push(line);
      const drive = await open(`${file}${option}`, { files: host.layer, onProblem });
      host.read = 'EIO';
      const line = `cannot read drive ${file}: the host has an input/output error`;
      expect(() => read(drive, 0, BLOCK)).toThrow(new DriveError(line));
      expect(() => read(drive, BLOCK, BLOCK)).toThrow(DriveError);
      expect(problems).toEqual([`${line}; the guest sees an I/O error`]);
      host.read = undefined;
      expectBytes(read(drive, 0, CLUSTER), fs.readFileSync(file));
      drive.close();
    }
  });

  test('writing to an overlay fails also when it cannot read the rest of the cluster', async () => {
    const file = makeImage(fixtures.temporaryDirectory(), CLUSTER);
    const host = new FailingFiles();
    const drive = await open(`${file},snapshot`, { files: host.layer });
    host.read = 'EIO';
    expect(() => drive.write(0, new Uint8Array(BLOCK))).toThrow(DriveError);
    host.read = undefined;
    expectBytes(read(drive, 0, CLUSTER), fs.readFileSync(file));
  });

  test.each(['', ',overlay=OVERLAY'])(
    'flushing fails, and does so ever after, since what was lost stays lost: "%s"',
    async (option) => {
      const file = makeImage(fixtures.temporaryDirectory(), CLUSTER);
      const host = new FailingFiles();
      const problems: string[] = [];
      const onProblem = (line: string) => problems.push(line);
      const text = `${file}${option.replace('OVERLAY', `${file}.overlay`)}`;
      const drive = await open(text, { files: host.layer, onProblem });
      drive.write(0, new Uint8Array(BLOCK));
      host.sync = 'EIO';
      expect(() => drive.flush()).toThrow(DriveError);
      host.sync = undefined;
      expect(() => drive.flush()).toThrow(DriveError);
      expect(() => drive.save()).toThrow(DriveError);
      expect(problems).toHaveLength(1);
      expect(() => drive.close()).toThrow(DriveError);
    },
  );

  test('a file that became shorter is one, too', async () => {
    const file = makeImage(fixtures.temporaryDirectory(), 2 * CLUSTER);
    const drive = await open(file);
    fs.truncateSync(file, CLUSTER);
    const line = `cannot read drive ${file}: it has become shorter; do not change it while js390`;
    expect(() => read(drive, CLUSTER, BLOCK)).toThrow(line);
    expect(() => read(drive, CLUSTER - BLOCK, 2 * BLOCK)).toThrow(DriveError);
  });
});

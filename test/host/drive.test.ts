import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDrive, parseDrive } from '../../src/host/node/drive.ts';
import { NODE_FILES } from '../../src/host/node/file-layer.ts';
import { DriveError } from '../../src/system/services.ts';
import * as fixtures from './drive-fixtures.ts';
import { BLOCK, expectBytes, files, makeImage, open, random, read } from './drive-fixtures.ts';

describe('what the user says of a drive', () => {
  test.each([
    ['disk.img', { mode: 'write', file: 'disk.img' }],
    ['a b/disk.img,readonly', { mode: 'readonly', file: 'a b/disk.img' }],
    ['disk.img,snapshot', { mode: 'snapshot', file: 'disk.img' }],
    ['disk.img,overlay=mine', { mode: 'overlay', file: 'disk.img', overlay: 'mine' }],
    ['a,,b,overlay=c,,d', { mode: 'overlay', file: 'a,b', overlay: 'c,d' }],
    ['a,,,snapshot', { mode: 'snapshot', file: 'a,' }],
    [',,,,', { mode: 'write', file: ',,' }],
    ['disk.img,overlay=a=b', { mode: 'overlay', file: 'disk.img', overlay: 'a=b' }],
  ])('%s', (text, spec) => {
    expect(parseDrive(text)).toEqual(spec);
  });

  test.each([
    ['', 'drive "": it begins with the name of a file'],
    [',readonly', 'drive ",readonly": it begins with the name of a file'],
    ['a,ro', 'drive "a,ro": unknown option "ro"; known: readonly, snapshot and overlay=FILE; '],
    ['a,overlay=', 'drive "a,overlay=": unknown option "overlay="'],
    ['a,', 'drive "a,": unknown option ""'],
    ['a,readonly,snapshot', 'drive "a,readonly,snapshot": choose one of readonly, snapshot and '],
  ])('is refused with the fix: %s', (text, line) => {
    expect(() => parseDrive(text)).toThrow(DriveError);
    expect(() => parseDrive(text)).toThrow(line);
  });
});

describe('a drive in a file', () => {
  test('has the size of the file, and its content', async () => {
    const file = makeImage(fixtures.temporaryDirectory(), 100 * BLOCK);
    const drive = await open(file);
    expect(drive).toMatchObject({ name: file, size: 100 * BLOCK, readOnly: false });
    expectBytes(read(drive, 0, drive.size), fs.readFileSync(file));
    expectBytes(read(drive, 7 * BLOCK, BLOCK), fs.readFileSync(file).subarray(3584, 4096));
  });

  test('is written to at once', async () => {
    const file = makeImage(fixtures.temporaryDirectory(), 100 * BLOCK);
    const expected = fs.readFileSync(file);
    const drive = await open(file);
    for (const block of [0, 50, 99]) {
      const bytes = random(`${block}`, BLOCK);
      drive.write(block * BLOCK, bytes);
      expected.set(bytes, block * BLOCK);
    }
    expectBytes(fs.readFileSync(file), expected);
    drive.flush();
    drive.close();
    expectBytes(fs.readFileSync(file), expected);
  });

  test('beyond 4 GiB has every block in its place', async () => {
    const file = path.join(fixtures.temporaryDirectory(), 'large.img');
    fs.writeFileSync(file, '');
    fs.truncateSync(file, 5 * 2 ** 30);
    for (const option of ['', ',snapshot', `,overlay=${file}.overlay`]) {
      const drive = await open(`${file}${option}`);
      const [low, high] = [random('low', BLOCK), random('high', BLOCK)];
      drive.write(2 ** 28, low);
      drive.write(2 ** 32 + 2 ** 28, high);
      expectBytes(read(drive, 2 ** 28, BLOCK), low);
      expectBytes(read(drive, 2 ** 32 + 2 ** 28, BLOCK), high);
      drive.close();
      fs.truncateSync(file, 0);
      fs.truncateSync(file, 5 * 2 ** 30);
    }
  });

  test('takes few bytes at a time if the host takes no more', async () => {
    const file = makeImage(fixtures.temporaryDirectory(), 100 * BLOCK);
    const drive = await open(file, {
      files: files({
        write: (fd, bytes, position) => NODE_FILES.write(fd, bytes.subarray(0, 99), position),
        read: (fd, target, position) => NODE_FILES.read(fd, target.subarray(0, 99), position),
      }),
    });
    const bytes = random('all', drive.size);
    drive.write(0, bytes);
    expectBytes(read(drive, 0, drive.size), bytes);
  });

  test.each(['', ',readonly', ',snapshot', ',overlay=OVERLAY'])(
    'has no blocks before its beginning, after its end, or in between: "%s"',
    async (option) => {
      const directory = fixtures.temporaryDirectory();
      const file = makeImage(directory, 4 * BLOCK);
      const drive = await open(`${file}${option.replace('OVERLAY', path.join(directory, 'o'))}`);
      for (const [offset, length] of [
        [-BLOCK, BLOCK],
        [4 * BLOCK, BLOCK],
        [3 * BLOCK, 2 * BLOCK],
        [256, BLOCK],
        [0, 256],
        [NaN, BLOCK],
      ] as const) {
        expect(() => drive.read(offset, new Uint8Array(length))).toThrow(DriveError);
        expect(() => drive.write(offset, new Uint8Array(length))).toThrow(DriveError);
      }
      drive.read(4 * BLOCK, new Uint8Array(0));
    },
  );

  test('is not usable after it was closed, and may be closed twice', async () => {
    const drive = await open(makeImage(fixtures.temporaryDirectory(), BLOCK));
    drive.close();
    drive.close();
    expect(() => read(drive, 0, BLOCK)).toThrow(/: it is closed$/);
    expect(() => drive.write(0, new Uint8Array(BLOCK))).toThrow(DriveError);
    expect(() => drive.flush()).toThrow(DriveError);
  });
});

describe('a drive that is only read', () => {
  test('is not written to', async () => {
    const file = makeImage(fixtures.temporaryDirectory(), 4 * BLOCK);
    const before = fs.readFileSync(file);
    const drive = await open(`${file},readonly`);
    expect(drive.readOnly).toBe(true);
    expectBytes(read(drive, 0, drive.size), before);
    expect(() => drive.write(0, new Uint8Array(BLOCK))).toThrow(/: it is read-only$/);
    drive.flush();
    expectBytes(fs.readFileSync(file), before);
  });

  test.each(['readonly', 'snapshot'])('is opened for reading only: %s', async (option) => {
    const file = makeImage(fixtures.temporaryDirectory(), 4 * BLOCK);
    const flags: string[] = [];
    const layer = files({
      open: (path, flag) => (flags.push(flag), NODE_FILES.open(path, flag)),
    });
    await open(`${file},${option}`, { files: layer });
    expect(flags).toEqual(['r']);
  });
});

describe('a drive that cannot be used is one line with the fix', () => {
  test.each<[string, (file: string) => void, string]>([
    [
      'missing',
      () => {},
      'cannot open drive FILE for writing: no such file or directory; make one',
    ],
    ['a directory', (file) => fs.mkdirSync(file), 'drive FILE: it is a directory'],
    ['empty', (file) => fs.writeFileSync(file, ''), 'drive FILE: it is empty; give it a size'],
    [
      'of an odd size',
      (file) => fs.writeFileSync(file, 'x'.repeat(1000)),
      'drive FILE: its size, 1000 bytes, is not a multiple of 512; if it is a raw disk image',
    ],
  ])('%s', async (_, make, line) => {
    const file = path.join(fixtures.temporaryDirectory(), 'disk.img');
    make(file);
    const opened = openDrive(parseDrive(file));
    await expect(opened).rejects.toThrow(DriveError);
    await expect(opened).rejects.toThrow(line.replace('FILE', file));
  });

  test('a device', async () => {
    const line = 'drive /dev/zero: it is no regular file; copy it to one';
    await expect(openDrive(parseDrive('/dev/zero'))).rejects.toThrow(new DriveError(line));
  });

  test.each([
    ['EACCES', '', 'for writing: permission denied; make it writable, or add ,readonly or '],
    ['EROFS', '', 'for writing: the file system is read-only; make it writable, or add ,readonly'],
    ['EACCES', ',readonly', 'for reading: permission denied; make it readable'],
  ])('without permission: %s%s', async (code, option, line) => {
    const file = makeImage(fixtures.temporaryDirectory(), BLOCK);
    const layer = files({
      open: () => {
        throw fixtures.hostError(code);
      },
    });
    const opened = openDrive(parseDrive(`${file}${option}`), { files: layer });
    await expect(opened).rejects.toThrow(`cannot open drive ${file} ${line}`);
  });

  test.runIf(process.platform === 'linux')('because it is written to by another', async () => {
    const file = makeImage(fixtures.temporaryDirectory(), 2 * BLOCK);
    const line = `drive ${file}: a js390 has it open for writing; end that one, or use a copy of`;
    const writer = await open(file);
    for (const option of ['', ',readonly', ',snapshot', `,overlay=${file}.overlay`]) {
      await expect(openDrive(parseDrive(`${file}${option}`))).rejects.toThrow(line);
    }
    writer.close();
    const readers = [await open(`${file},readonly`), await open(`${file},snapshot`)];
    for (const reader of readers) reader.close();
    await open(file);
  });

  test.runIf(process.platform === 'linux')('because another has its overlay open', async () => {
    const file = makeImage(fixtures.temporaryDirectory(), 2 * BLOCK);
    await open(`${file},overlay=${file}.1`);
    await open(`${file},overlay=${file}.2`);
    const third = openDrive(parseDrive(`${file},overlay=${file}.2`));
    await expect(third).rejects.toThrow(`overlay ${file}.2: a js390 has it open for writing`);
  });
});

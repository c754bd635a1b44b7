import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDrive, parseDrive, type HostDrive } from '../../src/host/node/drive.ts';
import { DriveError } from '../../src/system/services.ts';
import * as fixtures from './drive-fixtures.ts';
import { BLOCK, CLUSTER, expectBytes, makeImage, open, random, read } from './drive-fixtures.ts';

/** Reads and writes at random; `expected` is what an array does. */
function exercise(drive: HostDrive, expected: Uint8Array, seed: string, steps: number): void {
  const choose = fixtures.chooser(seed);
  const blocks = drive.size / BLOCK;
  for (let step = 0; step < steps; step++) {
    const offset = choose(blocks) * BLOCK;
    const limit = (drive.size - offset) / BLOCK;
    // Most requests are small, some go over several clusters.
    const length = Math.min(limit, 1 + choose(choose(4) ? 16 : 600)) * BLOCK;
    if (choose(2)) {
      const bytes = random(`${seed} ${step}`, length);
      drive.write(offset, bytes);
      expected.set(bytes, offset);
      // What it was given may be used again.
      bytes.fill(0);
    } else {
      expectBytes(read(drive, offset, length), expected.subarray(offset, offset + length));
    }
  }
  expectBytes(read(drive, 0, drive.size), expected);
}

// The last cluster is not a whole one.
const SIZE = 40 * CLUSTER + 5 * BLOCK;

describe('an overlay', () => {
  test.each(['snapshot', 'overlay=OVERLAY'])(
    'reads as what was written over the base, which stays as it is: %s',
    async (option) => {
      const directory = fixtures.temporaryDirectory();
      const file = makeImage(directory, SIZE);
      const before = fs.readFileSync(file);
      const text = `${file},${option.replace('OVERLAY', path.join(directory, 'overlay'))}`;
      const expected = Uint8Array.from(before);
      const drive = await open(text);
      expect(drive).toMatchObject({ name: file, size: SIZE, readOnly: false });
      exercise(drive, expected, 'overlay', 400);
      drive.close();
      expectBytes(fs.readFileSync(file), before);

      const again = await open(text);
      expectBytes(read(again, 0, SIZE), option === 'snapshot' ? before : expected);
    },
  );

  test('in a file goes on in each run', async () => {
    const directory = fixtures.temporaryDirectory();
    const file = makeImage(directory, SIZE);
    const expected = Uint8Array.from(fs.readFileSync(file));
    for (let run = 0; run < 8; run++) {
      const drive = await open(`${file},overlay=${path.join(directory, 'overlay')}`);
      expectBytes(read(drive, 0, SIZE), expected);
      exercise(drive, expected, `run ${run}`, 30);
      if (run % 2) drive.flush();
      drive.close();
    }
  });

  test('in a file has a cluster for each that was written to, and no more', async () => {
    const directory = fixtures.temporaryDirectory();
    const file = makeImage(directory, SIZE);
    const overlay = path.join(directory, 'overlay');
    const drive = await open(`${file},overlay=${overlay}`);
    expect(fs.statSync(overlay).size).toBe(CLUSTER);
    drive.write(0, new Uint8Array(BLOCK));
    drive.write(CLUSTER - BLOCK, new Uint8Array(BLOCK));
    drive.write(20 * CLUSTER - BLOCK, new Uint8Array(2 * BLOCK));
    drive.write(SIZE - BLOCK, new Uint8Array(BLOCK));
    read(drive, 0, SIZE);
    drive.close();
    expect(fs.statSync(overlay).size).toBe(5 * CLUSTER);
  });

  test('is for one version of its base only', async () => {
    const directory = fixtures.temporaryDirectory();
    const file = makeImage(directory, SIZE);
    const text = `${file},overlay=${path.join(directory, 'overlay')}`;
    const old = fs.statSync(file, { bigint: true });
    (await open(text)).close();

    fs.writeFileSync(file, random('changed', SIZE));
    fs.utimesSync(file, 1e9, 1e9);
    const line = `overlay ${directory}/overlay is for drive ${file} as it was before: it was last`;
    await expect(openDrive(parseDrive(text))).rejects.toThrow(line);
    await expect(openDrive(parseDrive(text))).rejects.toThrow(
      /and now at 2001-09-09T01:46:40.000Z/,
    );

    fs.truncateSync(file, CLUSTER);
    fs.utimesSync(file, Number(old.atimeNs) / 1e9, Number(old.mtimeNs) / 1e9);
    await expect(openDrive(parseDrive(text))).rejects.toThrow(`it had ${SIZE} bytes and has 65536`);
  });

  test('finds its base by another path', async () => {
    const directory = fixtures.temporaryDirectory();
    const file = makeImage(directory, SIZE);
    const overlay = path.join(directory, 'overlay');
    (await open(`${file},overlay=${overlay}`)).close();
    fs.renameSync(file, `${file}.moved`);
    await open(`${file}.moved,overlay=${overlay}`);
  });
});

describe('an overlay that cannot be used is one line', () => {
  async function refusal(text: string): Promise<string> {
    try {
      (await openDrive(parseDrive(text))).close();
      return 'it was opened';
    } catch (error) {
      expect(error).toBeInstanceOf(DriveError);
      expect((error as Error).message).not.toContain('\n');
      return (error as Error).message;
    }
  }

  async function used() {
    const directory = fixtures.temporaryDirectory();
    const file = makeImage(directory, SIZE);
    const overlay = path.join(directory, 'overlay');
    const text = `${file},overlay=${overlay}`;
    const drive = await open(text);
    for (const cluster of [3, 30, 7]) drive.write(cluster * CLUSTER, random('x', BLOCK));
    drive.close();
    return { file, overlay, text, bytes: fs.readFileSync(overlay) };
  }

  test('and what is no overlay is not written to', async () => {
    const { file, overlay, text } = await used();
    for (const content of ['', 'precious', random('precious', SIZE)]) {
      fs.writeFileSync(overlay, content);
      expect(await refusal(text)).toMatch(/: it is not a js390 overlay; give the name of a file/);
      expectBytes(fs.readFileSync(overlay), Buffer.from(content));
    }
    expect(await refusal(`${file},overlay=${file}`)).toMatch(/: it is not a js390 overlay; /);
  });

  test('when its header or its table is damaged, at whatever bit', async () => {
    const { overlay, text, bytes } = await used();
    const choose = fixtures.chooser('bits');
    const table = 4096 + 8 * 41;
    const places = Array.from({ length: 60 }, () => choose(table * 8));
    // All of the entries that are there.
    for (const cluster of [3, 7, 30]) {
      for (let bit = 0; bit < 64; bit += 3) places.push((4096 + 8 * cluster) * 8 + bit);
    }
    for (const place of places) {
      bytes[place >>> 3]! ^= 1 << (place & 7);
      fs.writeFileSync(overlay, bytes);
      expect(await refusal(text)).toMatch(/not a js390 overlay|header is damaged|table is damaged/);
      bytes[place >>> 3]! ^= 1 << (place & 7);
    }
    fs.writeFileSync(overlay, bytes);
    expect(await refusal(text)).toBe('it was opened');
  });

  test('when it is truncated', async () => {
    const { overlay, text, bytes } = await used();
    for (const length of [4 * CLUSTER - 1, 3 * CLUSTER, CLUSTER, CLUSTER - 1, 4096, 4095, 100]) {
      fs.writeFileSync(overlay, bytes.subarray(0, length));
      expect(await refusal(text)).toBe(`overlay ${overlay}: it is truncated`);
    }
  });

  test('when making it was cut off', async () => {
    const { overlay, text } = await used();
    fs.writeFileSync(overlay, new Uint8Array(CLUSTER));
    expect(await refusal(text)).toBe(`overlay ${overlay}: making it was not finished; remove it`);
  });

  test('when it is to be in a directory that is not there', async () => {
    const { file } = await used();
    const overlay = path.join(path.dirname(file), 'missing', 'overlay');
    const line = `cannot make overlay ${overlay}: no such file or directory; make the directory first`;
    expect(await refusal(`${file},overlay=${overlay}`)).toBe(line);
  });
});

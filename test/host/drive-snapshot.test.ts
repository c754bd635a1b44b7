import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { NODE_FILES } from '../../src/host/node/file-layer.ts';
import { SnapshotError, type Saved } from '../../src/system/services.ts';
import { decodeSaved, encodeSaved } from '../../src/system/snapshot/saved.ts';
import * as fixtures from './drive-fixtures.ts';
import { BLOCK, CLUSTER, expectBytes, makeImage, open, random, read } from './drive-fixtures.ts';

const SIZE = 9 * CLUSTER + BLOCK;

/** As it comes back from a snapshot. */
function stored(saved: Saved): Saved {
  return decodeSaved(encodeSaved(saved));
}

function makeDisk(): { file: string; overlay: string; snapshot: string } {
  const file = makeImage(fixtures.temporaryDirectory(), SIZE);
  return { file, overlay: `${file},overlay=${file}.overlay`, snapshot: `${file},snapshot` };
}

describe('a snapshot of a machine with a drive', () => {
  test('in memory has what was written, and not what is written after it', async () => {
    const { snapshot } = makeDisk();
    const drive = await open(snapshot);
    drive.write(2 * CLUSTER - BLOCK, random('across', 2 * BLOCK));
    drive.write(SIZE - BLOCK, random('end', BLOCK));
    const expected = read(drive, 0, SIZE);
    const saved = drive.save();
    drive.write(0, random('later', SIZE));

    const again = await open(snapshot);
    again.write(5 * CLUSTER, random('before', BLOCK));
    again.load(stored(saved));
    expectBytes(read(again, 0, SIZE), expected);
    again.write(2 * CLUSTER, random('on', BLOCK));
    // The same snapshot again.
    again.load(stored(saved));
    expectBytes(read(again, 0, SIZE), expected);
  });

  test.each(['write', 'overlay'] as const)('in a file goes on with it: %s', async (mode) => {
    const { file, overlay } = makeDisk();
    const text = mode === 'write' ? file : overlay;
    const drive = await open(text);
    drive.write(0, random('written', BLOCK));
    const expected = read(drive, 0, SIZE);
    const saved = drive.save();
    drive.close();
    const again = await open(text);
    again.load(stored(saved));
    expectBytes(read(again, 0, SIZE), expected);
  });

  test.each([
    ['write', 'drive FILE', ''],
    ['overlay', 'overlay FILE.overlay', '.overlay'],
  ] as const)(
    'in a file is refused when that was written to since: %s',
    async (mode, name, end) => {
      for (const length of [BLOCK, 0]) {
        const { file, overlay } = makeDisk();
        const drive = await open(mode === 'write' ? file : overlay);
        drive.write(0, random('before', BLOCK));
        const saved = drive.save();
        // At once, where the clock of files may not have moved on.
        drive.write(0, random('after', BLOCK));
        drive.close();
        if (length === 0) fs.appendFileSync(`${file}${end}`, new Uint8Array(CLUSTER));
        const again = await open(mode === 'write' ? file : overlay);
        expect(() => again.load(stored(saved))).toThrow(SnapshotError);
        expect(() => again.load(stored(saved))).toThrow(
          `${name.replace('FILE', file)} has changed since the snapshot was taken: it ` +
            (length === 0 ? 'had' : 'was last written at'),
        );
        again.close();
      }
    },
  );

  test('in a file is refused also when the clock of files is slow', async () => {
    const TICK = 10_000_000n;
    const files = fixtures.files({
      facts(file) {
        const facts = NODE_FILES.facts(file);
        return { ...facts, modified: facts.modified - (facts.modified % TICK) };
      },
      syncData: () => {},
    });
    for (let i = 0; i < 5; i++) {
      const drive = await open(makeDisk().file, { files });
      drive.write(0, random('before', BLOCK));
      const saved = drive.save();
      drive.write(0, random('after', BLOCK));
      expect(() => drive.load(stored(saved))).toThrow(/has changed since/);
    }
  });

  test.each(['readonly', 'snapshot'])(
    'is refused when its base has changed: %s',
    async (option) => {
      const { file } = makeDisk();
      const drive = await open(`${file},${option}`);
      const saved = drive.save();
      drive.close();
      fs.utimesSync(file, 1e9, 1e9);
      const again = await open(`${file},${option}`);
      const line =
        /^drive \S+ has changed since the snapshot was taken: .* and now at 2001-09-09T01:46/;
      expect(() => again.load(stored(saved))).toThrow(SnapshotError);
      expect(() => again.load(stored(saved))).toThrow(line);
    },
  );

  test('may go on in an overlay, so that it can be used again and again', async () => {
    const { file, overlay, snapshot } = makeDisk();
    const drive = await open(file);
    drive.write(0, random('written', BLOCK));
    const saved = stored(drive.save());
    drive.close();
    for (const text of [snapshot, overlay, snapshot]) {
      const again = await open(text);
      again.load(saved);
      expectBytes(read(again, 0, SIZE), fs.readFileSync(file));
      again.write(0, random('overlay', BLOCK));
      again.close();
    }
  });

  test('is refused where the drive is another kind', async () => {
    const { file, overlay, snapshot } = makeDisk();
    const inMemory = await open(snapshot);
    inMemory.write(0, random('written', BLOCK));
    const inMemorySaved = stored(inMemory.save());
    const inFile = await open(overlay);
    inFile.write(0, random('written', BLOCK));
    const inFileSaved = stored(inFile.save());

    expect(() => inMemory.load(inFileSaved)).toThrow(
      /had an overlay in a file; resume with the same/,
    );
    expect(() => inFile.load(inMemorySaved)).toThrow(/resume with ,snapshot instead/);
    const raw = await open(`${file},readonly`);
    for (const saved of [inMemorySaved, inFileSaved]) {
      expect(() => raw.load(saved)).toThrow(
        /had an overlay when the snapshot was taken; resume with/,
      );
    }
    expect(() => inFile.load(stored(raw.save()))).toThrow(
      /overlay was not there when the snapshot/,
    );
  });

  test('is refused when it is not what a drive saves', async () => {
    const { file, overlay, snapshot } = makeDisk();
    for (const text of [`${file},readonly`, snapshot, overlay]) {
      const drive = await open(text);
      const { base } = drive.save() as { base: Saved };
      const good = new Uint8Array(CLUSTER);
      const wrong: unknown[] = [
        ...[null, 1, 'file', [], {}, { base }, { written: null }, { base: {}, written: null }],
        ...[1, {}, [], { numbers: [1], data: [] }, { numbers: [10], data: [good] }].map(
          (written) => ({ base, written }),
        ),
        ...[-1, 0.5, 'a', NaN].map((number) => ({
          base,
          written: { numbers: [number], data: [good] },
        })),
        { base, written: { numbers: [1], data: [new Uint8Array(5)] } },
        { base, written: { numbers: 1, data: 1 } },
        { base, written: { overlay: { path: 1 } } },
      ];
      for (const saved of wrong) expect(() => drive.load(saved as Saved)).toThrow(SnapshotError);
      expectBytes(read(drive, 0, SIZE), fs.readFileSync(file));
    }
  });

  test('knows files by absolute paths', async () => {
    const { file } = makeDisk();
    const drive = await open(path.relative('.', file));
    expect(drive.save()).toMatchObject({ base: { path: file, size: SIZE }, written: null });
  });
});

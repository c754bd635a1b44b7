import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/host/node/seeded-random.ts';
import { NODE_CODEC } from '../../src/host/node/snapshot-file.ts';
import { AbsoluteStorage } from '../../src/memory/absolute-storage.ts';
import { SnapshotError, type Saved, type Snapshotable } from '../../src/system/services.ts';
import type { SnapshotCodec } from '../../src/system/snapshot/codec.ts';
import { restoreGroup } from '../../src/system/snapshot/pages.ts';
import { readSnapshot } from '../../src/system/snapshot/read-snapshot.ts';
import { collectSections, restoreSections } from '../../src/system/snapshot/sections.ts';
import { writeSnapshot, type SnapshotParts } from '../../src/system/snapshot/write-snapshot.ts';

const MIB = 0x10_0000;
const PAGE = 4096;

function bytesOf(parts: SnapshotParts, codec = NODE_CODEC): Uint8Array {
  return Buffer.concat([...writeSnapshot(parts, codec)]);
}

function random(seed: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  new SeededRandom(seed).fill(bytes);
  return bytes;
}

/** Storage with random content in about one of `rarity` pages, and random keys. */
function usedStorage(size: number, seed: string, rarity = 3): AbsoluteStorage {
  const storage = new AbsoluteStorage(size);
  const choices = random(`${seed}: which`, size / PAGE);
  for (let page = 0; page < size / PAGE; page++) {
    if (choices[page]! % rarity > 0) continue;
    // Some pages are zero but for their last byte, others are all text.
    if (choices[page]! & 1) storage.write8(page * PAGE + PAGE - 1, 1);
    else storage.write(page * PAGE, random(`${seed} ${page}`, PAGE));
  }
  storage.keys.set(random(`${seed}: keys`, storage.keys.length).map((key) => key & 0xfe));
  return storage;
}

function expectSame(storage: AbsoluteStorage, expected: AbsoluteStorage): void {
  expect(Buffer.compare(storage.bytes, expected.bytes)).toBe(0);
  expect(Buffer.compare(storage.keys, expected.keys)).toBe(0);
}

const SECTIONS = new Map<string, Saved>([
  ['cpu.0', { psw: { mask: 0x0400_0001_8000_0000n, address: 0x10000n }, running: true }],
  ['virtio-blk.0', { queues: [new Uint8Array([1, 2, 3])], status: 7 }],
]);
const CONFIG = { memory: MIB, cpus: 2, drives: [{ file: 'disk.img', mode: 'write' }] };

/** Small, with every kind of record in it. */
function small(): SnapshotParts {
  const storage = new AbsoluteStorage(MIB);
  storage.write(0x10000, new TextEncoder().encode('Linux version'));
  storage.fill(0x4_0000, 2 * PAGE, 0x40);
  return { config: CONFIG, sections: SECTIONS, storage };
}

/** DEFLATE instead of Zstandard: what a browser has. */
const DEFLATE: SnapshotCodec = {
  compression: 'deflate',
  compress: (bytes) => zlib.deflateRawSync(bytes),
  decompress: (bytes) => zlib.inflateRawSync(bytes),
  crc32: (bytes, before = 0) => zlib.crc32(bytes, before),
};

describe('a snapshot', () => {
  test('gives back configuration, sections, storage and keys', () => {
    const parts = { ...small(), storage: usedStorage(8 * MIB, 'storage') };
    const snapshot = readSnapshot(bytesOf(parts), NODE_CODEC);
    expect(snapshot.config).toStrictEqual(CONFIG);
    expect(snapshot.sections).toStrictEqual(SECTIONS);
    expect(snapshot.storageSize).toBe(8 * MIB);
    const storage = new AbsoluteStorage(8 * MIB);
    snapshot.restoreStorage(storage, { fresh: true });
    expectSame(storage, parts.storage);
  });

  test('gives back storage that is full, and storage that is empty', () => {
    for (const rarity of [1, Infinity]) {
      const parts = { ...small(), storage: usedStorage(3 * MIB, 'full', rarity) };
      const storage = new AbsoluteStorage(3 * MIB);
      readSnapshot(bytesOf(parts), NODE_CODEC).restoreStorage(storage);
      expectSame(storage, parts.storage);
    }
  });

  test('leaves nothing of what was in storage before', () => {
    const { storage: expected } = small();
    const snapshot = readSnapshot(bytesOf(small()), NODE_CODEC);
    const storage = usedStorage(MIB, 'before', 1);
    snapshot.restoreStorage(storage);
    expectSame(storage, expected);
    // And once more from the same snapshot.
    storage.fill(0, MIB, 0xff);
    snapshot.restoreStorage(storage);
    expectSame(storage, expected);
  });

  test('leaves no translation of what was in storage before', () => {
    const storage = new AbsoluteStorage(MIB);
    const changed: number[] = [];
    storage.codeListeners.add({ codePageChanged: (page) => changed.push(page) });
    storage.codePages[0x10] = 1;
    storage.codePages[0xff] = 1;
    readSnapshot(bytesOf(small()), NODE_CODEC).restoreStorage(storage);
    expect(changed).toEqual([0x10, 0xff]);
    expect(storage.codePages.some((code) => code !== 0)).toBe(false);
  });

  test('does not store pages that are zero', () => {
    const storage = new AbsoluteStorage(64 * MIB);
    const empty = bytesOf({ config: null, sections: new Map(), storage });
    expect(empty.length).toBeLessThan(1000);
    storage.write(5 * MIB, random('incompressible', 3 * PAGE));
    const grown = bytesOf({ config: null, sections: new Map(), storage });
    expect(grown.length - empty.length).toBeGreaterThan(3 * PAGE);
    expect(grown.length - empty.length).toBeLessThan(3 * PAGE + 200);
  });

  test('holds sections of many megabytes', () => {
    const data = [random('overlay', 3 * MIB + 17), random('another', MIB)];
    const sections = new Map<string, Saved>([
      ['a', 1],
      ['virtio-blk.0', { data }],
      ['z', 2],
    ]);
    const snapshot = readSnapshot(bytesOf({ ...small(), sections }), NODE_CODEC);
    expect([...snapshot.sections.keys()]).toEqual(['a', 'virtio-blk.0', 'z']);
    const disk = snapshot.sections.get('virtio-blk.0') as { data: Uint8Array[] };
    expect(disk.data.map((bytes, i) => Buffer.compare(bytes, data[i]!))).toEqual([0, 0]);
  });

  test('says at its beginning in plain JSON what it is of', () => {
    const text = Buffer.from(bytesOf(small())).toString('latin1');
    expect(text.slice(0, 14)).toBe('js390 snapshot');
    expect(text).toContain(
      `"sections":["cpu.0","virtio-blk.0"],"config":${JSON.stringify(CONFIG)}`,
    );
  });

  test('can have another compression', () => {
    const storage = new AbsoluteStorage(MIB);
    readSnapshot(bytesOf(small(), DEFLATE), DEFLATE).restoreStorage(storage);
    expectSame(storage, small().storage);
  });
});

describe('a snapshot that cannot be used is refused with one line', () => {
  /** The message, which must be a single line that begins with the name. */
  function refusal(bytes: Uint8Array, codec = NODE_CODEC): string {
    try {
      readSnapshot(bytes, codec, 'vm.js390');
    } catch (error) {
      expect(error).toBeInstanceOf(SnapshotError);
      const { message } = error as SnapshotError;
      expect(message).toMatch(/^vm\.js390 .+$/);
      return message;
    }
    return 'it was accepted';
  }

  test('when it is something else', () => {
    for (const bytes of [new Uint8Array(0), Buffer.from('#!/bin/sh\n'), new Uint8Array(10_000)]) {
      expect(refusal(bytes)).toBe('vm.js390 is not a js390 snapshot');
    }
  });

  test('when it is truncated, at whatever length', () => {
    const bytes = bytesOf(small());
    expect(bytes.length).toBeLessThan(2000);
    for (let length = 1; length < bytes.length; length++) {
      expect(refusal(bytes.subarray(0, length))).toContain(
        `is truncated (it ends after ${length} b`,
      );
    }
  });

  test('when any bit of it is flipped', () => {
    const bytes = bytesOf(small());
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      const message = refusal(bytes);
      const expected = bit < 16 * 8 ? 'is not a js390 snapshot' : 'is damaged (wrong checksum';
      if (!message.includes(expected)) expect.fail(`bit ${bit}: ${message}`);
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
    }
    expect(refusal(bytes)).toBe('it was accepted');
  });

  test('when a bit of it is flipped, or its end is missing, also if it is large', () => {
    const parts = { ...small(), storage: usedStorage(16 * MIB, 'large') };
    const bytes = bytesOf(parts);
    expect(bytes.length).toBeGreaterThan(2 * MIB);
    const places = new DataView(random('places', 4 * 200).buffer);
    for (let i = 0; i < 200; i++) {
      const at = places.getUint32(4 * i) % bytes.length;
      bytes[at]! ^= 1 << (i & 7);
      expect(refusal(bytes)).toContain('is damaged');
      bytes[at]! ^= 1 << (i & 7);
      expect(refusal(bytes.subarray(0, at))).toContain('is truncated');
    }
  });

  test('when a part of it is missing, doubled, or in another place', () => {
    const chunks = [...writeSnapshot(small(), NODE_CODEC)];
    // The preamble; then a header and data for each record; the last has no data.
    const records = (chunks.length - 2) / 2;
    expect(records).toBe(5);
    for (let i = 0; i < records; i++) {
      const record = chunks.slice(1 + 2 * i, 3 + 2 * i);
      const without = chunks.toSpliced(1 + 2 * i, 2);
      expect(refusal(Buffer.concat(without))).toContain('is damaged');
      expect(refusal(Buffer.concat(chunks.toSpliced(1 + 2 * i, 0, ...record)))).toContain(
        'damaged',
      );
      const to = 1 + 2 * ((i + 1) % records);
      expect(refusal(Buffer.concat(without.toSpliced(to, 0, ...record)))).toContain('damaged');
    }
  });

  test('when something follows it', () => {
    const message = refusal(Buffer.concat([bytesOf(small()), new Uint8Array(3)]));
    expect(message).toContain('is damaged (3 bytes after its end)');
  });

  test('when a newer or older js390 made it', () => {
    const bytes = bytesOf(small());
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (const [format, message] of [
      [3, 'was made by a newer js390 (format 3; this one reads up to 1): update js390'],
      [0, 'was made by an older js390 (format 0; this one reads 1 and later): make it again'],
    ] as const) {
      view.setUint32(16, format);
      view.setUint32(28, zlib.crc32(bytes.subarray(0, 28)));
      expect(refusal(bytes)).toBe(`vm.js390 ${message}`);
    }
  });

  test('when it is compressed in another way', () => {
    const message = 'vm.js390 is compressed by zstd, and js390 here reads deflate only';
    expect(refusal(bytesOf(small()), DEFLATE)).toBe(message);
  });

  test('when it is of a machine of another size, and storage is not touched', () => {
    const snapshot = readSnapshot(bytesOf(small()), NODE_CODEC, 'vm.js390');
    const storage = usedStorage(2 * MIB, 'other', 1);
    expect(() => snapshot.restoreStorage(storage)).toThrow(
      'vm.js390 is of a machine with 1 MiB of storage, and this has 2 MiB',
    );
    expectSame(storage, usedStorage(2 * MIB, 'other', 1));
  });
});

describe('a snapshot that was forged, with all checksums right', () => {
  test.each<[string, number[]]>([
    ['no number of runs', []],
    ['more runs than there is room for', [0xffff_ffff]],
    ['fewer pages than its runs', [1, 0, 1]],
    ['pages beyond storage', [1, 0xff, 2, ...new Array<number>(2 * 1024).fill(1)]],
    ['pages far beyond storage', [1, 0xffff_ffff, 1, ...new Array<number>(1024).fill(1)]],
    ['more pages than its runs', [0, 1]],
  ])('cannot have a group of pages with %s', (_, words) => {
    const group = Buffer.alloc(4 * words.length);
    for (const [i, word] of words.entries()) group.writeUInt32BE(word, 4 * i);
    expect(() => restoreGroup(group, new AbsoluteStorage(MIB))).toThrow(SnapshotError);
  });

  test('cannot have data that decompresses to something else', () => {
    for (const decompress of [() => new Uint8Array(7), () => expect.fail('of zlib')]) {
      const codec = { ...NODE_CODEC, decompress };
      expect(() => readSnapshot(bytesOf(small()), codec)).toThrow(SnapshotError);
    }
  });

  test('cannot make its reader take much more memory than it says', () => {
    const compressed = NODE_CODEC.compress(new Uint8Array(64 * MIB));
    expect(() => NODE_CODEC.decompress(compressed, 1000)).toThrow();
  });
});

describe('the parts of a machine', () => {
  function part(snapshotId: string, state: Saved): Snapshotable & { state: Saved } {
    return {
      snapshotId,
      state,
      save() {
        return this.state;
      },
      load(saved) {
        this.state = saved;
      },
    };
  }

  test('get their state back by id, in whatever order they are', () => {
    const sections = collectSections([part('sclp', 1), part('css', { a: 2n })]);
    const parts = [part('css', 0), part('sclp', 0)];
    restoreSections(sections, parts);
    expect(parts.map(({ state }) => state)).toEqual([{ a: 2n }, 1]);
  });

  test('have different ids', () => {
    expect(() => collectSections([part('sclp', 1), part('sclp', 2)])).toThrow(/two parts/);
  });

  test('must be the same as when the snapshot was taken; else none is loaded', () => {
    const sections = collectSections([part('sclp', 1), part('virtio-net.1', 2)]);
    const sclp = part('sclp', 0);
    expect(() => restoreSections(sections, [sclp])).toThrow(
      new SnapshotError('the snapshot is of a machine with virtio-net.1; this has not'),
    );
    expect(() =>
      restoreSections(sections, [sclp, part('virtio-net.1', 0), part('rng', 0)]),
    ).toThrow(new SnapshotError('the snapshot is of a machine without rng; this has it'));
    expect(sclp.state).toBe(0);
  });
});

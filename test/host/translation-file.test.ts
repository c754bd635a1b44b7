import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KeptRegion } from '../../src/engine/translation-store.ts';
import { TranslationFile } from '../../src/host/node/translation-file.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'js390-translations-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const REGION: KeptRegion = {
  ...{ mode: 5, entry: 0x1000, blocks: [0x1000, 0x1010], insnCount: 3, narrow: 0x11 },
  ranges: [{ at: 0x1000, length: 4 }],
  bytes: Uint8Array.of(1, 2, 3, 4),
  isReturnPoint: true,
  source: {
    name: 'tb_1000',
    text: 'return (function tb_1000(stack) {\n});\n',
    ...{ helpers: ['view'], links: [4096], frame: 7, coldExits: 2 },
  },
};

function saved(key = 'key'): string {
  const file = new TranslationFile(folder);
  file.load(key);
  file.store.keep(REGION);
  expect(file.save()).toBe(true);
  return path.join(folder, fs.readdirSync(folder)[0]!);
}

function loaded(key = 'key'): KeptRegion[] {
  const file = new TranslationFile(folder);
  const isWhole = file.load(key);
  const regions = [...file.store];
  expect(isWhole).toBe(regions.length > 0);
  return regions;
}

test('what is saved is loaded again', () => {
  saved();
  expect(loaded()).toEqual([REGION]);
});

test('nothing is loaded for another key', () => {
  saved();
  expect(loaded('other')).toEqual([]);
});

test('nothing is written when nothing is new', () => {
  const file = new TranslationFile(folder);
  file.load('key');
  expect(file.save()).toBe(false);
  expect(fs.readdirSync(folder)).toEqual([]);
});

test('a file that is not whole is not used', () => {
  const file = saved();
  const bytes = fs.readFileSync(file);
  for (let bit = 0; bit < 8 * bytes.length; bit += 7) {
    const wrong = Buffer.from(bytes);
    wrong[bit >> 3]! ^= 1 << (bit & 7);
    fs.writeFileSync(file, wrong);
    expect(loaded()).toEqual([]);
  }
  for (let length = 0; length < bytes.length; length += 5) {
    fs.writeFileSync(file, bytes.subarray(0, length));
    expect(loaded()).toEqual([]);
  }
});

test('a file that others may write to is not used', () => {
  fs.chmodSync(saved(), 0o622);
  expect(loaded()).toEqual([]);
});

test('a folder that cannot be made is done without', () => {
  const blocked = path.join(folder, 'file');
  fs.writeFileSync(blocked, '');
  const file = new TranslationFile(path.join(blocked, 'translations'));
  expect(file.load('key')).toBe(false);
  file.store.keep(REGION);
  expect(file.save()).toBe(false);
});

test('files of a few other versions are left', () => {
  for (let i = 0; i < 9; i++) saved(`key ${i}`);
  expect(fs.readdirSync(folder)).toHaveLength(5);
  expect(loaded('key 8')).toEqual([REGION]);
});

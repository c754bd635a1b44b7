import { expect, test } from 'vitest';
import { CodeSpace } from '../../src/engine/code-space.ts';
import { BlockEntry, PLAIN_ENDING } from '../../src/engine/entry.ts';
import type { RegionCache } from '../../src/engine/region-cache.ts';
import { USER_MODE } from '../../src/ir/builder.ts';
import type { CodeSource } from '../../src/memory/code-source.ts';

const PAGES = [0, 1, 2, 3, 4];

/** A space with one block on each page; `homes` is where the pages are. */
function spaceOn(homes: number[]): CodeSpace {
  const code: CodeSource = {
    bytes: new Uint8Array(0),
    codeOffset: (address) => homes[address >> 12]! * 4096 + (address & 0xfff),
    codePage: (address) => homes[address >> 12]!,
    isVolatile: () => false,
  };
  const regions = { suspend: () => {} } as RegionCache;
  const key = { mode: 0, asceHigh: 0, asceLow: 0 };
  const space = new CodeSpace(key, USER_MODE, code, () => regions);
  const lowered = { steps: [], insnOf: [], insns: [], finish: () => 0, stop: undefined };
  for (const page of PAGES) {
    const pages = new Map([[page, homes[page]!]]);
    space.add(new BlockEntry(page * 4096, lowered, pages, PLAIN_ENDING));
  }
  return space;
}

test('a page of code that moves takes its blocks with it, and nothing else', () => {
  const homes = [10, 11, 12, 13, 14];
  const space = spaceOn(homes);
  homes[2] = 20;
  space.suspect();
  expect(PAGES.map((page) => space.find(page * 4096) !== undefined)).toEqual(
    PAGES.map((page) => page !== 2),
  );
  expect(space.isOutdated).toBe(false);
  expect(space.contradicts(new Map([[1, 30]]))).toBe(false);
});

test('a space whose code is mostly elsewhere is another program', () => {
  const homes = [10, 11, 12, 13, 14];
  const space = spaceOn(homes);
  homes.splice(0, 3, 20, 21, 22);
  space.suspect();
  expect(space.contradicts(new Map([[4, 30]]))).toBe(true);
  expect(space.find(0)).toBeUndefined();
  expect(space.isOutdated).toBe(true);
});

import { describe, expect, test } from 'vitest';
import { CpuState } from '../../src/cpu/state.ts';
import { HELPERS, type HelperName } from '../../src/ir/helpers.ts';
import { AddressSpace, PAGE_READ, PAGE_WRITE } from '../../src/memory/user-space.ts';
import * as checksum from '../../src/runtime/checksum.ts';
import * as compareLong from '../../src/runtime/compare-long.ts';
import * as control from '../../src/runtime/control.ts';
import * as convert from '../../src/runtime/convert.ts';
import * as decimal from '../../src/runtime/decimal.ts';
import * as edit from '../../src/runtime/edit.ts';
import * as moveLong from '../../src/runtime/move-long.ts';
import * as move from '../../src/runtime/move.ts';
import * as pack from '../../src/runtime/pack.ts';
import * as string from '../../src/runtime/string.ts';
import * as swap from '../../src/runtime/swap.ts';
import * as translate from '../../src/runtime/translate.ts';
import * as unicode from '../../src/runtime/unicode.ts';
import { Random } from '../fuzz/random.ts';
import { HELPER_MAKERS, STORAGE_MAKERS } from './scattered-operands.ts';
import { SceneBuilder } from './scattered-scenes.ts';
import { Twin, type Layout } from './scattered-twin.ts';

const MAKERS = { ...STORAGE_MAKERS, ...HELPER_MAKERS };
const SCENES = Number(process.env.SCATTERED_SCENES ?? 80);
const SEED = Number(process.env.SCATTERED_SEED ?? 1);

/** Layouts by what is special about them. */
const LAYOUTS: Record<string, Layout> = {
  'at 0x3ff_fff0_0000, pages in reverse order': {
    amode: 64,
    base: 0x3ff_fff0_0000n,
    designation: 1,
    order: 'reverse',
  },
  'across 4 GiB': { amode: 64, base: 0xffff_8000n, designation: 1, order: 'shuffled' },
  'across 20 GiB, which a page is missing before': {
    amode: 64,
    base: 0x5_0000_0000n - 0xc000n,
    designation: 2,
    order: 'shuffled',
  },
  'across 2**63, pages in order with gaps': {
    amode: 64,
    base: (1n << 63n) - 0x8000n,
    designation: 3,
    order: 'ascending',
  },
  'in the 31-bit mode': { amode: 31, base: 0x7ff0_0000n, designation: 0, order: 'reverse' },
  'in the 24-bit mode': { amode: 24, base: 0x00e0_0000n, designation: 0, order: 'shuffled' },
};

test('every helper of these files that accesses storage is tried', () => {
  const files = { ...checksum, ...compareLong, ...control, ...convert, ...decimal, ...edit };
  Object.assign(files, moveLong, move, pack, string, swap, translate, unicode);
  const names = Object.keys(files) as HelperName[];
  const expected = names.filter((name) => HELPERS[name].storage !== 'none');
  expect(Object.keys(HELPER_MAKERS).sort()).toEqual(expected.sort());
});

describe.each(Object.entries(LAYOUTS))('%s', (_, layout) => {
  test.each(Object.keys(MAKERS))('%s leaves what it leaves in flat storage', (name) => {
    const random = new Random(SEED);
    const twin = new Twin(layout, random);
    let completed = 0;
    for (let i = 0; i < SCENES; i++) {
      const scene = new SceneBuilder(random, layout.amode);
      MAKERS[name as keyof typeof MAKERS]!(scene);
      try {
        if (twin.run(scene).code === 0) completed++;
      } catch (difference) {
        throw new Error(`scene ${i}: ${JSON.stringify(scene.arguments)}`, { cause: difference });
      }
    }
    expect(completed).toBeGreaterThan(SCENES / 5);
    twin.checkRest();
  });
});

test('TRANSLATE whose table ends in a missing page changes nothing', () => {
  const memory = new AddressSpace(0x40_0000);
  memory.map(0x20_0000, 0x1000, PAGE_READ | PAGE_WRITE);
  const [operand, table] = [0x20_0000, 0x20_0f80];
  memory.bytes.fill(1, table, 0x20_1000);
  memory.bytes.set([0, 5, 0x7f, 0x80, 3], operand);
  const context = { state: new CpuState(), memory, clock: () => 0n, facilities: new Uint8Array() };
  expect(() => translate.translate(context, 0, operand, 0, table, 4)).toThrow();
  expect([...memory.bytes.subarray(operand, operand + 5)]).toEqual([0, 5, 0x7f, 0x80, 3]);
});

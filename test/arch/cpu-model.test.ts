import { expect, test } from 'vitest';
import {
  CPU_MODELS,
  cpuModel,
  DEFAULT_CPU_MODEL,
  facilityList,
  machineModel,
} from '../../src/arch/cpu-model.ts';
import { INSTRUCTIONS } from '../../src/isa/table.ts';

/** The vector facility: LOAD COUNT TO BLOCK BOUNDARY belongs to it, no model has it. */
const VECTOR = 129;

/** Declared, and offered by nothing: ASN reuse, EDAT-1, TOD steering, RRBM, zPCI, adapter interruptions. */
const NOT_OFFERED = [6, 8, 28, 66, 69, 72];

test('a machine of the newest model has every facility that some instruction belongs to', () => {
  const wanted = new Set(INSTRUCTIONS.map(({ facility }) => facility));
  for (const bit of [VECTOR, ...NOT_OFFERED]) wanted.delete(bit);
  const { facilities } = machineModel(DEFAULT_CPU_MODEL);
  expect([...wanted].filter((bit) => !facilities.includes(bit))).toEqual([]);
});

// As `query-cpu-model-expansion` of QEMU 7.2 has them: dateh, srs, mvcos, ectg, sprogp, aefsi, msa3,
// ltlbc, sea_esop2, iep.
test.each([
  ['z900', []],
  ['z990', [3]],
  ['z9', [3, 9]],
  ['z10', [3, 9, 27, 31]],
  ['z196', [3, 9, 27, 31, 40, 75, 76]],
  ['zEC12', [3, 9, 27, 31, 40, 51, 75, 76, 131]],
  ['z14', [3, 9, 27, 31, 40, 51, 75, 76, 130, 131]],
])('a machine of model %s has besides what its programs see: %j', (name, control) => {
  const model = cpuModel(name)!;
  const machine = machineModel(model);
  expect(machine.facilities.filter((bit) => !model.facilities.includes(bit))).toEqual(control);
  expect(machine.facilities).toEqual(expect.arrayContaining([...model.facilities]));
  expect(machine.facilities).toEqual(machine.facilities.toSorted((a, b) => a - b));
});

test('a model has all that older ones have', () => {
  for (const [i, { facilities }] of CPU_MODELS.entries()) {
    if (i > 0)
      expect(facilities).toEqual(expect.arrayContaining([...CPU_MODELS[i - 1]!.facilities]));
    expect(facilities).toEqual(facilities.toSorted((a, b) => a - b));
  }
});

test('the list as stored has bit 0 leftmost', () => {
  const bits = [...facilityList(cpuModel('z10')!)].map((byte) => byte.toString(2).padStart(8, '0'));
  const set = [...bits.join('')].flatMap((bit, i) => (bit === '1' ? [i] : []));
  expect(set).toEqual([0, 1, 2, 7, 16, 17, 18, 19, 21, 22, 24, 25, 26, 30, 32, 33, 34, 35]);
});

import { expect, test } from 'vitest';
import { CPU_MODELS, cpuModel, DEFAULT_CPU_MODEL, facilityList } from '../../src/arch/cpu-model.ts';
import { INSTRUCTIONS } from '../../src/isa/table.ts';

/** The vector facility: LOAD COUNT TO BLOCK BOUNDARY belongs to it, no model has it. */
const VECTOR = 129;

/** DAT enhancement, MVCOS, ECTG, LPP, PCKMO: a machine has these, a process's kernel does not give them. */
const MACHINE_ONLY = [3, 27, 31, 40, 76];
/** Declared, and offered by nothing: ASN reuse, EDAT-1, TOD steering, RRBM, zPCI, adapter interruptions. */
const NOT_OFFERED = [6, 8, 28, 66, 69, 72];

test('the newest model has every facility that some instruction belongs to', () => {
  const wanted = new Set(INSTRUCTIONS.map(({ facility }) => facility));
  for (const bit of [VECTOR, ...MACHINE_ONLY, ...NOT_OFFERED]) wanted.delete(bit);
  const missing = [...wanted].filter((bit) => !DEFAULT_CPU_MODEL.facilities.includes(bit));
  expect(missing).toEqual([]);
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

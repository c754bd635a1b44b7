import { describe, expect, test } from 'vitest';
import { assembleProgram } from '../../src/isa/assemble-program.ts';
import type { Case, Result } from '../drivers/driver.ts';
import { EngineDriver } from '../drivers/engine.ts';
import { hasHercules, HerculesDriver } from '../drivers/hercules.ts';
import { CODE_AREA, CODE_STRIDE, MachineState } from '../drivers/state.ts';
import { LOCKED_CASES } from './locked-cases.ts';
import { type Generator, PACKED_CASES } from './packed-cases.ts';
import { Random } from './random.ts';

const COUNT = Number(process.env.JS390_FUZZ_HERCULES ?? 4000);
const SEED = Number(process.env.JS390_FUZZ_SEED ?? 390);

interface Named extends Case {
  readonly source: string;
}

function makeCases(generators: Readonly<Record<string, Generator>>): Named[] {
  const random = new Random(SEED);
  const all = Object.values(generators);
  return Array.from({ length: COUNT }, (_, i) => {
    const before = new MachineState();
    for (let n = 0; n < 512; n++) before.memory[n] = random.below(256);
    for (let r = 6; r < 16; r++) before.setGr(r, random.next64());
    before.programMask = random.oneIn(4) ? random.pick([4, 8, 15]) : 0;
    before.cc = random.below(4);
    const source = all[i % all.length]!(before, random);
    const place = CODE_AREA + i * CODE_STRIDE;
    return { code: assembleProgram(source, place).bytes, at: place, before, source };
  });
}

/** EDIT with bad digits is terminated: what it has done by then is anybody's guess. */
function isUnpredictable(source: string, result: Result): boolean {
  return source.startsWith('ed') && result.interruption !== undefined;
}

describe.skipIf(!hasHercules)('as Hercules does (needs the Debian package hercules)', () => {
  test.each([
    ['packed decimal numbers', PACKED_CASES],
    ['PLO, CSST, CUSE, TRTE and TRTRE', LOCKED_CASES],
  ])(`${COUNT} random cases of %s, seed ${SEED}`, { timeout: 120_000 }, (_, generators) => {
    const cases = makeCases(generators);
    const wanted = new HerculesDriver().run(cases);
    expect(wanted.filter((one) => one === undefined)).toEqual([]);
    for (const backend of ['interpreter', 'jit'] as const) {
      const found = new EngineDriver(backend).run(cases);
      const differences = cases.flatMap(({ source }, i) => {
        const mine = found[i]!;
        const its = wanted[i]!;
        const lines = mine.after.difference(its.after);
        const codes = [mine.interruption?.pic, its.interruption?.pic];
        if (codes[0] !== codes[1]) lines.push(`interruption: ${codes.join(' != ')}`);
        if (mine.interruption?.ia !== its.interruption?.ia) lines.push('instruction address');
        if (isUnpredictable(source, its) && codes[0] === codes[1]) return [];
        return lines.length > 0 ? [`${i}: ${source}: ${lines.join('; ')}`] : [];
      });
      expect(differences.slice(0, 10), backend).toEqual([]);
    }
  });
});

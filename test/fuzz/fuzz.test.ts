import { expect, test } from 'vitest';
import { resultDifference } from '../drivers/driver.ts';
import { EngineDriver } from '../drivers/engine.ts';
import { hasQemu } from '../drivers/oracle.ts';
import { Comparator } from './compare.ts';
import { corpusCase, readCorpus } from './corpus.ts';
import { listing } from './program.ts';
import { runFuzz } from './run.ts';
import { shrink } from './shrink.ts';

const SECONDS = 20;
const seed = Number(process.env.JS390_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32));

test(
  `random instructions do the same on both backends${hasQemu ? ' and qemu-s390x' : ''}, seed ${seed}`,
  { timeout: 180_000 },
  () => {
    const comparator = new Comparator(hasQemu);
    const summary = runFuzz(
      { count: 1_000_000, seed, oracle: hasQemu, limit: SECONDS * 1000, stopAt: 1 },
      comparator,
    );
    const found = summary.findings.slice(0, 2).map((finding) => {
      const small = shrink(comparator, finding);
      return [...listing(small.case), ...small.differences];
    });
    console.log(
      `fuzz: ${summary.cases} cases, ${summary.withOracle} with the oracle, seed ${seed}`,
    );
    expect(found, `repeat with JS390_FUZZ_SEED=${seed}`).toEqual([]);
    expect(summary.cases).toBeGreaterThan(1000);
  },
);

const corpus = readCorpus();
const drivers = [new EngineDriver('interpreter'), new EngineDriver('jit')];

test.runIf(corpus.length > 0).each(corpus)('corpus: %s', (_name, entry) => {
  const { case: one, expected } = corpusCase(entry);
  const [interpreted, compiled] = drivers.map((driver) => driver.run([one])[0]!);
  expect(resultDifference(interpreted!, compiled!)).toEqual([]);
  if (expected) expect(resultDifference(interpreted!, expected)).toEqual([]);
});

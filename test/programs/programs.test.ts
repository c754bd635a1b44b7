import { describe, expect, test } from 'vitest';
import { CASES } from './cases.ts';
import type { Case } from './cases.ts';
import { missingOracle, missingSysroot, runOnJs390, runOnOracle } from './runners.ts';
import type { Outcome } from './runners.ts';

const LIMIT = { timeout: 180_000 };

const missing = missingSysroot();
if (missing) console.log(`Debian's programs are not tested: ${missing}`);

/** One run of the oracle for all backends. */
const expected = new Map<Case, Outcome>();

function oracleOf(item: Case): Outcome {
  let outcome = expected.get(item);
  if (!outcome) expected.set(item, (outcome = runOnOracle(item)));
  return outcome;
}

function check(item: Case, backend: 'tiered' | 'interpreter'): void {
  const right = oracleOf(item);
  expect(right.status, `${item.oracle} itself: ${right.stderr}`).toBeDefined();
  const actual = runOnJs390(item, backend);
  expect(actual.stdout, actual.stderr).toBe(right.stdout);
  expect(actual.status, actual.stderr).toBe(right.status);
}

test('case names are unique', () => {
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
});

describe.skipIf(missing)("Debian's programs print and return what the oracle's do", () => {
  for (const item of CASES) {
    const reason = missing ?? missingOracle(item);
    test(item.name, LIMIT, ({ skip }) => {
      skip(reason !== undefined, reason);
      check(item, 'tiered');
    });
  }
});

describe.skipIf(missing)('the same with the interpreter', () => {
  for (const item of CASES.filter(({ light }) => light)) {
    const reason = missing ?? missingOracle(item);
    test(item.name, LIMIT, ({ skip }) => {
      skip(reason !== undefined, reason);
      check(item, 'interpreter');
    });
  }
});

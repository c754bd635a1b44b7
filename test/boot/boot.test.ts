/**
 * Debian's kernel on js390. By default the short scenarios on the tiered backend only; all of them
 * with `JS390_BOOT=all`, on the backend that `JS390_BOOT_BACKEND` names.
 */
import { describe, expect, test } from 'vitest';
import { js390, qemu } from './machines.ts';
import { differences } from './normalise.ts';
import { readRecord } from './records.ts';
import { missingFor, runScenario } from './run-scenario.ts';
import type { ScenarioResult } from './run-scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Scenario } from './scenarios.ts';

const PATIENCE = { boot: 300, step: 120 };
const LIMIT = { timeout: 900_000 };

const backend = process.env['JS390_BOOT_BACKEND'];
const machine = js390(backend ? ['--backend', backend] : []);
const wanted = SCENARIOS.filter(({ light }) => light || process.env['JS390_BOOT'] === 'all');

/** A boot is long, and two tests look at some. */
const results = new Map<Scenario, Promise<ScenarioResult>>();

function resultOf(scenario: Scenario): Promise<ScenarioResult> {
  let result = results.get(scenario);
  if (!result) results.set(scenario, (result = runScenario(scenario, machine, PATIENCE)));
  return result;
}

describe("Debian's kernel", () => {
  for (const scenario of wanted) {
    const missing = missingFor(scenario, machine);
    test(scenario.name, LIMIT, async ({ skip }) => {
      skip(missing !== undefined, missing);
      expect((await resultOf(scenario)).problems).toEqual([]);
    });
  }
});

describe('the console shows what it shows on QEMU', () => {
  for (const scenario of wanted.filter(({ recorded }) => recorded !== undefined)) {
    const missing = missingFor(scenario, machine);
    test(scenario.name, LIMIT, async ({ skip }) => {
      skip(missing !== undefined, missing);
      const record = readRecord(scenario);
      skip(record === undefined && qemu.missing() !== undefined, 'needs QEMU for this kernel');
      const reference = record ?? (await runScenario(scenario, qemu, PATIENCE)).console;
      expect(differences((await resultOf(scenario)).console, reference)).toEqual([]);
    });
  }
});

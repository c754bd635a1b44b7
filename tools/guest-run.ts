/**
 * Boots guests: runs the scenarios of `test/boot/scenarios.ts` on js390 or on QEMU, with times, and
 * compares what the consoles show.
 *
 *     node tools/guest-run.ts [--machine js390|qemu] [--only TEXT] [--runs 1] [--compare]
 *                             [--option TEXT]... [--seconds 300] [--logs DIR] [--record] [--json]
 *
 * `--option` goes on to `js390 boot` (`--option=--backend=interpreter`). `--compare` runs each
 * scenario on QEMU too and shows the lines that differ. `--logs` keeps every console's text;
 * `--record` (QEMU only) the record that tests compare with where there is no QEMU. Exit status:
 * 0 all as it should be, 1 something is wrong, 2 wrong usage, 3 there is no guest or no
 * machine to run it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { js390, qemu } from '../test/boot/machines.ts';
import type { Machine } from '../test/boot/machines.ts';
import { differences } from '../test/boot/normalise.ts';
import { missingFor, runScenario } from '../test/boot/run-scenario.ts';
import { writeRecord } from '../test/boot/records.ts';
import type { ScenarioResult } from '../test/boot/run-scenario.ts';
import { SCENARIOS } from '../test/boot/scenarios.ts';
import type { Scenario } from '../test/boot/scenarios.ts';

class UsageError extends Error {}

function readOptions() {
  const { values } = parseArgs({
    options: {
      machine: { type: 'string', default: 'js390' },
      only: { type: 'string', default: '' },
      runs: { type: 'string', default: '1' },
      compare: { type: 'boolean', default: false },
      option: { type: 'string', multiple: true, default: [] },
      seconds: { type: 'string', default: '300' },
      logs: { type: 'string' },
      record: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const scenarios = SCENARIOS.filter(({ name }) => name.includes(values.only));
  if (scenarios.length === 0) throw new UsageError(`--only ${values.only}: no scenario has that`);
  if (values.machine !== 'js390' && values.machine !== 'qemu') {
    throw new UsageError(`--machine ${values.machine}: choose of js390, qemu`);
  }
  const machine = values.machine === 'qemu' ? qemu : js390(values.option);
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new UsageError(`--runs ${values.runs}: at least 1`);
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new UsageError(`--seconds ${values.seconds}: give a number above 0`);
  const { compare, logs, record, json, help } = values;
  if (record && machine !== qemu) throw new UsageError('--record: only with --machine qemu');
  return { scenarios, machine, runs, seconds, compare, logs, record, json, help };
}

type Options = ReturnType<typeof readOptions>;

/** One scenario on one machine, perhaps several times. */
interface Row {
  readonly scenario: string;
  readonly machine: string;
  readonly cpus: number;
  /** Medians over the runs. */
  readonly promptSeconds: number | undefined;
  readonly endSeconds: number | undefined;
  readonly problems: readonly string[];
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

function keepLog(folder: string, scenario: Scenario, machine: Machine, text: string): void {
  fs.mkdirSync(folder, { recursive: true });
  const name = `${scenario.name} on ${machine.name}`.replace(/[^A-Za-z0-9]+/g, '-');
  fs.writeFileSync(path.join(folder, `${name}.txt`), text);
}

async function runOnce(
  scenario: Scenario,
  machine: Machine,
  { seconds, logs }: Options,
): Promise<ScenarioResult> {
  const result = await runScenario(scenario, machine, { boot: seconds, step: seconds });
  if (logs !== undefined) keepLog(logs, scenario, machine, result.console);
  return result;
}

async function runRow(scenario: Scenario, options: Options): Promise<Row> {
  const { machine, runs, compare, record } = options;
  const problems: string[] = [];
  const results: ScenarioResult[] = [];
  try {
    for (let run = 0; run < runs; run++) {
      const result = await runOnce(scenario, machine, options);
      results.push(result);
      problems.push(...result.problems);
    }
    if (record && problems.length === 0) writeRecord(scenario, results[0].console);
    if (compare && problems.length === 0) {
      const reference = await runOnce(scenario, qemu, options);
      const lines = differences(results[0].console, reference.console);
      if (lines.length > 0) problems.push(`differs from QEMU:\n${lines.join('\n')}`);
    }
  } catch (error) {
    problems.push((error as Error).message);
  }
  return {
    scenario: scenario.name,
    machine: machine.name,
    cpus: scenario.cpus ?? 1,
    promptSeconds: median(results.flatMap(({ promptSeconds }) => promptSeconds ?? [])),
    endSeconds: median(results.map(({ endSeconds }) => endSeconds)),
    problems,
  };
}

function printTable(rows: readonly Row[]): void {
  const table = new Table({
    head: ['scenario', 'CPUs', 'prompt s', 'end s', 'result'],
    colAligns: ['left', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const { scenario, cpus, promptSeconds, endSeconds, problems } of rows) {
    table.push([
      scenario,
      cpus,
      promptSeconds?.toFixed(2) ?? '-',
      endSeconds?.toFixed(2) ?? '-',
      problems.length > 0 ? 'WRONG' : 'right',
    ]);
  }
  console.log(table.toString());
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options.help) {
    console.log(
      'usage: node tools/guest-run.ts [--machine js390|qemu] [--only TEXT] [--runs N] [--compare]\n' +
        '       [--option TEXT]... [--seconds N] [--logs DIR] [--record] [--json]\nscenarios:\n' +
        SCENARIOS.map(({ name }) => `  ${name}`).join('\n'),
    );
    return 0;
  }
  const { scenarios, machine, compare } = options;
  const rows: Row[] = [];
  for (const scenario of scenarios) {
    const missing = missingFor(scenario, machine) ?? (compare ? qemu.missing() : undefined);
    if (missing !== undefined) {
      console.error(`guest-run: ${missing}`);
      return 3;
    }
    const row = await runRow(scenario, options);
    rows.push(row);
    process.stderr.write(`${row.problems.length > 0 ? 'WRONG' : 'right'}: ${row.scenario}\n`);
    for (const problem of row.problems) process.stderr.write(`${problem}\n`);
  }
  if (options.json) console.log(JSON.stringify(rows, undefined, 2));
  else printTable(rows);
  return rows.some(({ problems }) => problems.length > 0) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const usage = error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS');
  console.error(`guest-run: ${(error as Error).message.split('\n')[0]}`);
  process.exitCode = usage ? 2 : 1;
}

/**
 * Runs every case of `test/programs/cases.ts` on both backends and compares with its oracle.
 *
 *     npm run programs -- [--only TEXT] [--backends tiered,interpreter] [--seconds 300]
 *
 * The table gives whole-process seconds, and how many times longer than the oracle each takes. The
 * oracle is qemu-s390x, or the native amd64 build for cases that start child programs. Exit status:
 * 0 all the same, 1 something differs, 2 wrong usage, 3 no sysroot.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { CASES } from '../test/programs/cases.ts';
import type { Case } from '../test/programs/cases.ts';
import {
  missingOracle,
  missingSysroot,
  runOnJs390,
  runOnOracle,
} from '../test/programs/runners.ts';
import type { Outcome } from '../test/programs/runners.ts';

const BACKENDS = ['tiered', 'jit', 'interpreter'] as const;
type Backend = (typeof BACKENDS)[number];

class UsageError extends Error {}

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      backends: { type: 'string', default: 'tiered,interpreter' },
      seconds: { type: 'string', default: '300' },
    },
  });
  const cases = CASES.filter(({ name }) => name.includes(values.only));
  if (cases.length === 0) throw new UsageError(`--only ${values.only}: no case has that name`);
  const backends = values.backends.split(',').map((name): Backend => {
    const backend = BACKENDS.find((known) => known === name);
    if (backend) return backend;
    throw new UsageError(`--backends ${name}: choose of ${BACKENDS.join(', ')}`);
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new UsageError(`--seconds ${values.seconds}: give a number above 0`);
  return { cases, backends, seconds };
}

/** What is wrong with an outcome, with the first line that differs. */
function difference(actual: Outcome, right: Outcome | undefined): string | undefined {
  if (actual.status === undefined) return 'does not end';
  if (!right) return undefined;
  if (actual.stdout !== right.stdout) {
    const lines = actual.stdout.split('\n');
    const expected = right.stdout.split('\n');
    const at = expected.findIndex((line, i) => line !== lines[i]);
    const line = at < 0 ? expected.length : at;
    return `line ${line + 1} is '${lines[line] ?? ''}', not '${expected[line] ?? ''}'`;
  }
  if (actual.status !== right.status) return `status ${actual.status}, not ${right.status}`;
  return undefined;
}

interface Row {
  readonly item: Case;
  readonly right: Outcome | undefined;
  readonly outcomes: readonly Outcome[];
  readonly problems: readonly string[];
}

function runCase(item: Case, backends: readonly Backend[], seconds: number): Row {
  const right = missingOracle(item) ? undefined : runOnOracle(item, seconds);
  const outcomes = backends.map((backend) => runOnJs390(item, backend, { seconds }));
  const problems = outcomes.flatMap((outcome, i) => {
    const what = difference(outcome, right);
    if (what === undefined) return [];
    const said = outcome.stderr.trim().split('\n')[0];
    return [`${item.name}, ${backends[i]}: ${what}${said ? ` (stderr: ${said})` : ''}`];
  });
  return { item, right, outcomes, problems };
}

function printTable(rows: readonly Row[], backends: readonly Backend[]): void {
  const table = new Table({
    head: ['case', 'oracle', 's', ...backends.flatMap((name) => [name, 'ratio']), 'result'],
    colAligns: ['left', 'left', 'right', ...Array<'right'>(2 * backends.length).fill('right')],
    style: { head: [], border: [], compact: true },
  });
  for (const { item, right, outcomes, problems } of rows) {
    table.push([
      item.name,
      item.oracle,
      right?.seconds.toFixed(2) ?? '-',
      ...outcomes.flatMap(({ seconds }) => [
        seconds.toFixed(2),
        right ? `${(seconds / right.seconds).toFixed(1)}x` : '-',
      ]),
      problems.length > 0 ? 'DIFFERS' : right ? 'same' : 'not compared',
    ]);
  }
  console.log(table.toString());
  const times = backends.map((_, i) => rows.map(({ outcomes }) => outcomes[i].seconds));
  const sums = times.map((all) => all.reduce((sum, value) => sum + value, 0).toFixed(1));
  console.log(`Seconds in all: ${backends.map((name, i) => `${name} ${sums[i]}`).join(', ')}`);
}

function main(): void {
  const { cases, backends, seconds } = readOptions();
  const missing = missingSysroot();
  if (missing) {
    console.error(`programs: ${missing}`);
    process.exitCode = 3;
    return;
  }
  for (const reason of new Set(cases.map(missingOracle))) {
    if (reason) console.log(`some cases are not compared: ${reason}`);
  }
  const rows = cases.map((item) => {
    const row = runCase(item, backends, seconds);
    const times = row.outcomes.map((outcome) => outcome.seconds.toFixed(1)).join(' and ');
    process.stderr.write(`${row.problems[0] ?? `${item.name}: same`} (${times} s)\n`);
    return row;
  });
  printTable(rows, backends);
  const problems = rows.flatMap((row) => row.problems);
  for (const problem of problems) console.error(`differs: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}

try {
  main();
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const usage = error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS');
  console.error(`programs: ${(error as Error).message.split('\n')[0]}`);
  process.exitCode = usage ? 2 : 1;
}

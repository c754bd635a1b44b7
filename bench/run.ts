/**
 * Runs the guest kernels on js390's interpreter, js390's default (tiered) and qemu-s390x.
 *
 *     npm run bench -- [--kernels a,b] [--runs 5] [--scale 8] [--share 100] [--json FILE]
 *
 * js390 is built first and runs as an installed package does. The three take turns, so that a machine that slows down slows all of them; medians of `--runs`.
 * Times are of whole processes, which do `--scale` times the kernel's own number of iterations: some
 * seconds, of which starting and warming up are a small part. (`--scale 1`: half a second, of which
 * they are half.) The interpreter does 1/`--share` of the iterations; its time for all
 * of them is `start-up + (time - start-up) * factor`, where start-up is its own median time for
 * `hello` and factor the exact quotient of the iteration counts. Every checksum line must agree.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { START_UP, binaryOf, chooseKernels, defaultIterations, shareOf } from './guest-kernels.ts';
import type { Runner, Spread } from './measure.ts';
import { geometricMean, runForStats, runGuest, spread, time, versionOf } from './measure.ts';
import {
  describeHost,
  fixed,
  ratio,
  resultFile,
  runBench,
  times,
  wholeNumber,
  withSpread,
  writeResult,
} from './report.ts';

interface KernelResult {
  kernel: string;
  iterations: number;
  /** What the interpreter does of them. */
  interpreterIterations: number;
  /** Guest instructions of all iterations, where js390 counts them. */
  instructions?: number;
  /** The same of the interpreter's share. */
  interpreterInstructions?: number;
  /** `run_seconds` of the separate run for statistics, which is not one of those timed. */
  statsRunSeconds?: number;
  /** Whole-process seconds as measured. */
  measured: Partial<Record<Runner, Spread>>;
  /** Whole-process seconds for all iterations: the interpreter's extended from its share. */
  full: Partial<Record<Runner, number>>;
  /** Guest instructions a second in millions, start-up taken off. */
  mips: Partial<Record<Runner, number>>;
  /** How many times the tiered backend is faster than the other, whole processes. */
  faster: { thanInterpreter?: number; thanQemu?: number };
  /** The same with each side's own start-up taken off. */
  guestOnly: { thanInterpreter?: number; thanQemu?: number };
}

type StartUp = Partial<Record<Runner, Spread>>;

function readOptions() {
  const { values } = parseArgs({
    options: {
      kernels: { type: 'string' },
      runs: { type: 'string', default: '5' },
      scale: { type: 'string', default: '8' },
      share: { type: 'string', default: '100' },
      json: { type: 'string' },
    },
  });
  return {
    kernels: chooseKernels(values.kernels),
    runs: wholeNumber('runs', values.runs),
    scale: wholeNumber('scale', values.scale),
    share: wholeNumber('share', values.share),
    json: resultFile(values.json),
  };
}

/** Times the commands in turns, `runs` rounds. */
function alternate<K extends string>(
  runs: number,
  commands: Partial<Record<K, () => { seconds: number }>>,
): Partial<Record<K, Spread>> {
  const names = Object.keys(commands) as K[];
  const times = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < runs; round++) {
    for (const name of names) times.get(name)!.push(commands[name]!().seconds);
  }
  return Object.fromEntries(names.map((name) => [name, spread(times.get(name)!)])) as Partial<
    Record<K, Spread>
  >;
}

function expectSame(what: string, expected: string, actual: string): void {
  if (actual === expected) return;
  throw new Error(`${what} printed '${actual.trim()}', expected '${expected.trim()}'`);
}

function measureKernel(
  kernel: string,
  options: { runs: number; scale: number; share: number },
  runners: Runner[],
  startUp: StartUp,
): KernelResult {
  const iterations = options.scale * defaultIterations(kernel);
  const interpreterIterations = shareOf(iterations, options.share);
  const guest = [binaryOf(kernel), String(iterations)];
  const lesser = [binaryOf(kernel), String(interpreterIterations)];

  // Untimed: instruction counts, and the expected line from a machine that is not ours if possible.
  const { outcome, stats } = runForStats('tiered', guest);
  const { outcome: lesserOutcome, stats: lesserStats } = runForStats('tiered', lesser);
  if (runners.includes('qemu')) {
    expectSame(`tiered ${kernel}`, runGuest('qemu', guest).stdout, outcome.stdout);
    expectSame(`tiered ${kernel}`, runGuest('qemu', lesser).stdout, lesserOutcome.stdout);
  }
  const timed = (runner: Runner) => () => {
    const result = runGuest(runner, runner === 'interpreter' ? lesser : guest);
    const expected = runner === 'interpreter' ? lesserOutcome.stdout : outcome.stdout;
    expectSame(`${runner} ${kernel}`, expected, result.stdout);
    return result;
  };
  const measured = alternate<Runner>(
    options.runs,
    Object.fromEntries(runners.map((runner) => [runner, timed(runner)])),
  );

  const result: KernelResult = {
    kernel,
    iterations,
    interpreterIterations,
    instructions: stats.instructions,
    interpreterInstructions: lesserStats.instructions,
    statsRunSeconds: stats.run_seconds,
    measured,
    full: {},
    mips: {},
    faster: {},
    guestOnly: {},
  };
  /** Seconds of a runner with its own start-up taken off. */
  const inGuest: Partial<Record<Runner, number>> = {};
  for (const runner of runners) {
    const start = startUp[runner]!.median;
    const share = Math.max(measured[runner]!.median - start, 1e-4);
    const isShare = runner === 'interpreter';
    inGuest[runner] = isShare ? (share * iterations) / interpreterIterations : share;
    result.full[runner] = isShare ? start + inGuest[runner] : measured[runner]!.median;
    const executed = isShare ? lesserStats.instructions : stats.instructions;
    if (executed !== undefined) result.mips[runner] = executed / share / 1e6;
  }
  const { full } = result;
  result.faster.thanInterpreter = ratio(full.interpreter, full.tiered);
  result.faster.thanQemu = ratio(full.qemu, full.tiered);
  result.guestOnly.thanInterpreter = ratio(inGuest.interpreter, inGuest.tiered);
  result.guestOnly.thanQemu = ratio(inGuest.qemu, inGuest.tiered);
  return result;
}

function printTable(results: KernelResult[], options: { runs: number }): void {
  const table = new Table({
    head: [
      ...['kernel', 'M insns', 'interpreter, a share', 'of work', 'all of it', 'tiered'],
      ...['qemu-s390x', 'MIPS int.', 'MIPS tiered', 'tiered/int.', 'tiered/qemu'],
    ],
    colAligns: ['left', ...Array<'right'>(10).fill('right')],
    style: { head: [], border: [], compact: true },
  });
  for (const { measured, full, mips, faster, ...result } of results) {
    table.push([
      result.kernel,
      fixed(result.instructions && result.instructions / 1e6, 0),
      withSpread(measured.interpreter),
      `${result.interpreterIterations}/${result.iterations}`,
      fixed(full.interpreter, 2),
      withSpread(measured.tiered),
      withSpread(measured.qemu),
      fixed(mips.interpreter, 1),
      fixed(mips.tiered, 0),
      times(faster.thanInterpreter),
      times(faster.thanQemu),
    ]);
  }
  console.log(table.toString());
  console.log(
    `Seconds of whole processes: median (least-greatest) of ${options.runs}. ` +
      "'All of it' is the interpreter's start-up and its share extended to all iterations.\n" +
      'Ratios say how many times faster tiered is. MIPS have the start-up (hello) taken off.',
  );
}

interface Means {
  faster: KernelResult['faster'];
  guestOnly: KernelResult['guestOnly'];
}

function means(results: KernelResult[]): Means {
  const mean = (ratio: (result: KernelResult) => number | undefined) =>
    geometricMean(results.map(ratio).filter((value) => value !== undefined));
  return {
    faster: {
      thanInterpreter: mean(({ faster }) => faster.thanInterpreter),
      thanQemu: mean(({ faster }) => faster.thanQemu),
    },
    guestOnly: {
      thanInterpreter: mean(({ guestOnly }) => guestOnly.thanInterpreter),
      thanQemu: mean(({ guestOnly }) => guestOnly.thanQemu),
    },
  };
}

function main(): void {
  const options = readOptions();
  const qemu = versionOf('qemu-s390x');
  const runners: Runner[] = ['interpreter', 'tiered', ...(qemu ? (['qemu'] as const) : [])];
  console.log(describeHost(qemu ?? 'no qemu'));
  if (!qemu) console.log('qemu-s390x skipped: not in PATH (Debian: apt install qemu-user)');

  const hello = [binaryOf(START_UP)];
  const startUp = alternate<Runner | 'node'>(options.runs, {
    node: () => time([process.execPath, '-e', '0']),
    ...Object.fromEntries(runners.map((runner) => [runner, () => runGuest(runner, hello)])),
  });
  for (const [name, value] of Object.entries(startUp)) {
    const what = name === 'node' ? 'node -e 0' : `${name} hello`;
    console.log(`start-up  ${what.padEnd(18)} ${withSpread(value)}`);
  }

  const results: KernelResult[] = [];
  const failures: string[] = [];
  for (const kernel of options.kernels) {
    try {
      results.push(measureKernel(kernel, options, runners, startUp));
    } catch (error) {
      failures.push(`${kernel}: ${(error as Error).message}`);
    }
    if (process.stderr.isTTY) process.stderr.write(`${kernel} done\n`);
  }
  printTable(results, options);
  const mean = means(results);
  for (const [what, { thanInterpreter, thanQemu }] of [
    ['whole processes', mean.faster],
    ['start-up taken off', mean.guestOnly],
  ] as const) {
    console.log(
      `Geometric mean over ${results.length} kernels, ${what}: ` +
        `tiered/interpreter ${times(thanInterpreter)}, tiered/qemu ${times(thanQemu)}`,
    );
  }
  writeResult(options.json, {
    qemu,
    runs: options.runs,
    startUp,
    kernels: results,
    geometricMean: mean,
    failures,
  });
  for (const failure of failures) console.error(`failed: ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
}

await runBench('bench', main);

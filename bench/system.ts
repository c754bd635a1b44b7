/**
 * Runs the guest kernels in a booted guest, behind its kernel's address translation and interruptions:
 * js390 (tiered), js390's interpreter and qemu-system-s390x with the same image.
 *
 *     npm run bench:system -- [--kernels a,b] [--runs 3] [--repeats 3] [--scale 4] [--share 100]
 *                             [--no-interpreter] [--json FILE]
 *
 * js390 is built first and runs as an installed package does, with nothing kept of earlier runs. The
 * machines take turns: each is booted
 * `--runs` times, and does all kernels `--repeats` times then. A script in the initramfs prints a line
 * before and after each program; times are what this process sees pass between the two, start-up and
 * end of the program included (milliseconds: `hello`), medians over all boots. `--scale` multiplies a
 * kernel's own number of iterations. The interpreter goes on from a machine saved at the prompt, since
 * booting takes it minutes, and does 1/`--share` of the iterations; its time for all of them is
 * `start-up + (time - start-up) * factor`. Checksum lines must agree for equal numbers of iterations.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import type { MachineSetup } from '../test/boot/machines.ts';
import { PROMPT } from '../tools/guest-initramfs.ts';
import { START_UP, chooseKernels, defaultIterations, shareOf } from './guest-kernels.ts';
import {
  LineClock,
  PATIENCE,
  endWell,
  guestKernel,
  installedJs390,
  peer,
  plainSetup,
  resume,
  saveAtPrompt,
  scratchFolder,
  useSession,
} from './guests.ts';
import { geometricMean, spread } from './measure.ts';
import type { Runner, Spread } from './measure.ts';
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
import { readExecutions, runList, writeImage } from './system-guest.ts';
import type { Execution, Lists, Work } from './system-guest.ts';

const USAGE =
  'usage: npm run bench:system -- [--kernels a,b] [--runs 3] [--repeats 3] [--scale 4]\n' +
  '       [--share 100] [--no-interpreter] [--json FILE]';

function readOptions() {
  const { values } = parseArgs({
    options: {
      kernels: { type: 'string' },
      runs: { type: 'string', default: '3' },
      repeats: { type: 'string', default: '3' },
      scale: { type: 'string', default: '4' },
      share: { type: 'string', default: '100' },
      'no-interpreter': { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    kernels: chooseKernels(values.kernels),
    runs: wholeNumber('runs', values.runs),
    repeats: wholeNumber('repeats', values.repeats),
    scale: wholeNumber('scale', values.scale),
    share: wholeNumber('share', values.share),
    interpreter: !values['no-interpreter'],
    json: resultFile(values.json, 'system-'),
    help: values.help,
  };
}

type Options = ReturnType<typeof readOptions>;

function workOf({ kernels, scale, share }: Options): Lists {
  const full = kernels.map((kernel) => ({ kernel, iterations: scale * defaultIterations(kernel) }));
  const startUp = { kernel: START_UP, iterations: 1 };
  return {
    full: [startUp, ...full],
    share: [
      startUp,
      ...full.map(({ kernel, iterations }) => ({ kernel, iterations: shareOf(iterations, share) })),
    ],
  };
}

interface Bench {
  readonly options: Options;
  readonly lists: Lists;
  readonly setup: MachineSetup;
  readonly snapshot: string;
}

/** One machine from its start to power-off. */
async function runMachine(runner: Runner, boot: number, bench: Bench): Promise<Execution[]> {
  const { options, lists, setup, snapshot } = bench;
  const clock = new LineClock();
  const onOutput = (text: string) => clock.add(text);
  const start = () => {
    if (runner === 'interpreter') return resume(snapshot, ['--backend', 'interpreter'], onOutput);
    const machine = runner === 'qemu' ? peer().machine! : installedJs390('--no-translations');
    return machine.start(setup, onOutput);
  };
  const list = runner === 'interpreter' ? 'share' : 'full';
  return useSession(start(), async (session) => {
    // A machine that goes on is at the prompt already and does not show it again.
    if (runner !== 'interpreter') await session.expect(PROMPT, PATIENCE);
    await runList(session, list, lists[list], options.repeats);
    const executions = readExecutions(clock.lines.splice(0), { runner, boot, list });
    // What the interpreter is compared with, once.
    if (options.interpreter && runner !== 'interpreter' && boot === 1) {
      await runList(session, 'share', lists.share, 1);
      executions.push(...readExecutions(clock.lines, { runner, boot, list: 'share' }));
    }
    session.type('exit\n');
    await endWell(session, runner);
    return executions;
  });
}

/** The kernels that did not print the same everywhere. */
function disagreements(executions: readonly Execution[]): string[] {
  const first = new Map<string, Execution>();
  const problems = new Set<string>();
  for (const execution of executions) {
    const { kernel, iterations, runner, output } = execution;
    const key = `${kernel} ${iterations}`;
    const other = first.get(key) ?? execution;
    first.set(key, other);
    if (output !== other.output) {
      problems.add(`${kernel}: ${runner} printed '${output}', ${other.runner} '${other.output}'`);
    }
  }
  return [...problems];
}

interface KernelResult extends Work {
  /** What the interpreter does of them. */
  readonly interpreterIterations: number;
  /** Seconds as measured; the interpreter's are of its share. */
  readonly measured: Partial<Record<Runner, Spread>>;
  /** Seconds for all iterations: the interpreter's extended from its share. */
  readonly full: Partial<Record<Runner, number>>;
  /** How many times the tiered backend is faster than the other. */
  readonly faster: { readonly thanInterpreter?: number; readonly thanQemu?: number };
  /** The same in the first execution after a boot, before which none of it was translated. */
  readonly firstFasterThanQemu?: number;
}

/** Times of a kernel, the references for the interpreter aside. */
function measured(executions: readonly Execution[], kernel: string): KernelResult['measured'] {
  const of = (runner: Runner) =>
    executions
      .filter((e) => e.runner === runner && e.kernel === kernel)
      .filter(({ list }) => (list === 'share') === (runner === 'interpreter'))
      .map(({ seconds }) => seconds);
  const runners = (['tiered', 'qemu', 'interpreter'] as const).filter(
    (runner) => of(runner).length > 0,
  );
  return Object.fromEntries(runners.map((runner) => [runner, spread(of(runner))]));
}

function resultOf(
  { kernel, iterations }: Work,
  interpreterIterations: number,
  executions: readonly Execution[],
): KernelResult {
  const seconds = measured(executions, kernel);
  const first = measured(
    executions.filter(({ repeat }) => repeat === 1),
    kernel,
  );
  const full: Partial<Record<Runner, number>> = {};
  if (seconds.tiered) full.tiered = seconds.tiered.median;
  if (seconds.qemu) full.qemu = seconds.qemu.median;
  if (seconds.interpreter) {
    const start = measured(executions, START_UP).interpreter!.median;
    const share = Math.max(seconds.interpreter.median - start, 1e-4);
    full.interpreter = start + (share * iterations) / interpreterIterations;
  }
  return {
    kernel,
    iterations,
    interpreterIterations,
    measured: seconds,
    full,
    faster: {
      thanInterpreter: ratio(full.interpreter, full.tiered),
      thanQemu: ratio(full.qemu, full.tiered),
    },
    firstFasterThanQemu: ratio(first.qemu?.median, first.tiered?.median),
  };
}

function printTable(results: readonly KernelResult[]): void {
  const table = new Table({
    head: [
      ...['kernel', 'iterations', 'js390', 'qemu-system-s390x'],
      ...['interpreter, a share', 'of work', 'all of it', 'js390/int.', 'js390/qemu', 'first'],
    ],
    colAligns: ['left', ...Array<'right'>(9).fill('right')],
    style: { head: [], border: [], compact: true },
  });
  for (const { kernel, iterations, interpreterIterations, ...result } of results) {
    const { measured, full, faster } = result;
    table.push([
      kernel,
      iterations,
      withSpread(measured.tiered),
      withSpread(measured.qemu),
      withSpread(measured.interpreter),
      measured.interpreter ? `${interpreterIterations}/${iterations}` : '-',
      fixed(full.interpreter, 2),
      times(faster.thanInterpreter),
      times(faster.thanQemu),
      times(result.firstFasterThanQemu),
    ]);
  }
  console.log(table.toString());
}

/** All machines in turns, `--runs` rounds. */
async function measure(bench: Bench, runners: readonly Runner[]): Promise<Execution[]> {
  const executions: Execution[] = [];
  for (let boot = 1; boot <= bench.options.runs; boot++) {
    for (const runner of runners) {
      executions.push(...(await runMachine(runner, boot, bench)));
      if (process.stderr.isTTY) process.stderr.write(`boot ${boot}: ${runner} done\n`);
    }
  }
  return executions;
}

function report(bench: Bench, executions: readonly Execution[], qemu: string): void {
  const { options, lists } = bench;
  const results = lists.full
    .map((work, i) => resultOf(work, lists.share[i].iterations, executions))
    .filter(({ kernel }) => kernel !== START_UP);
  for (const [runner, value] of Object.entries(measured(executions, START_UP))) {
    console.log(`start-up  ${`${runner} ${START_UP}`.padEnd(18)} ${withSpread(value)}`);
  }
  printTable(results);
  console.log(
    `Seconds of a program in the guest: median (least-greatest) of ${options.runs} boots with ` +
      `${options.repeats} executions each.\n` +
      "'All of it' is the interpreter's start-up and its share extended to all iterations. " +
      'Ratios say how many times faster js390 is;\n' +
      "'first' compares first executions after a boot, before which none of it was translated.",
  );
  const mean = (ratios: readonly (number | undefined)[]) =>
    geometricMean(ratios.filter((value) => value !== undefined));
  const geometric = {
    thanInterpreter: mean(results.map(({ faster }) => faster.thanInterpreter)),
    thanQemu: mean(results.map(({ faster }) => faster.thanQemu)),
    firstThanQemu: mean(results.map(({ firstFasterThanQemu }) => firstFasterThanQemu)),
  };
  console.log(
    `Geometric mean over ${results.length} kernels: ` +
      `js390/interpreter ${times(geometric.thanInterpreter)}, ` +
      `js390/qemu ${times(geometric.thanQemu)}, first ${times(geometric.firstThanQemu)}`,
  );
  const failures = disagreements(executions);
  const { runs, repeats } = options;
  writeResult(options.json, {
    ...{ qemu, runs, repeats, startUp: measured(executions, START_UP), kernels: results },
    ...{ geometricMean: geometric, failures, executions },
  });
  for (const failure of failures) console.error(`failed: ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const kernel = guestKernel();
  const { machine: qemu, version } = peer();
  console.log(describeHost(version));
  console.log(`Linux ${kernel.release}, package version ${kernel.version}`);
  const folder = scratchFolder();
  const lists = workOf(options);
  const image = path.join(folder, 'bench.cpio');
  writeImage(image, kernel, lists);
  const setup = plainSetup(kernel, image, 1, 'quiet');
  const bench = { options, lists, setup, snapshot: path.join(folder, 'prompt.snapshot') };
  const runners: Runner[] = ['tiered'];
  if (qemu) runners.push('qemu');
  if (options.interpreter) {
    await saveAtPrompt(setup, bench.snapshot);
    runners.push('interpreter');
  }
  report(bench, await measure(bench, runners), version);
}

await runBench('bench:system', main);

/**
 * Runs the guest kernels in a booted guest, behind its kernel's address translation and interruptions:
 * js390 (tiered), js390's interpreter and qemu-system-s390x with the same image.
 *
 *     npm run bench:system -- [--kernels a,b] [--runs 3] [--repeats 2] [--scale 4] [--share 100]
 *                             [--no-interpreter] [--json FILE]
 *
 * js390 is built first and runs as an installed package does. The machines take turns: each is booted
 * `--runs` times, and does all kernels `--repeats` times then. A script in the initramfs prints a line
 * before and after each program; times are what this process sees pass between the two, start-up and
 * end of the program included (milliseconds: `hello`), medians over all boots. `--scale` multiplies a
 * kernel's own number of iterations. The interpreter goes on from a machine saved at the prompt, since
 * booting takes it minutes, and does 1/`--share` of the iterations; its time for all of them is
 * `start-up + (time - start-up) * factor`. Checksum lines must agree for equal numbers of iterations.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import type { ConsoleSession } from '../test/boot/console-session.ts';
import type { MachineSetup } from '../test/boot/machines.ts';
import { cpio, directory, file } from '../tools/guest-cpio.ts';
import { PROMPT, buildInitramfs } from '../tools/guest-initramfs.ts';
import type { Kernel } from '../tools/guest-kernel.ts';
import { START_UP, binaryOf, chooseKernels, defaultIterations, shareOf } from './guest-kernels.ts';
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
import type { StampedLine } from './guests.ts';
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

const USAGE =
  'usage: npm run bench:system -- [--kernels a,b] [--runs 3] [--repeats 2] [--scale 4]\n' +
  '       [--share 100] [--no-interpreter] [--json FILE]';

/** Seconds until a kernel must be done, or a hung guest is given up. */
const KERNEL_PATIENCE = 300;

/** What is to be done in a guest: lines of `full` and `share`, which the script reads. */
type ListName = 'full' | 'share';
interface Work {
  readonly kernel: string;
  readonly iterations: number;
}
type Lists = Readonly<Record<ListName, readonly Work[]>>;

/** One execution of a kernel in a guest. */
interface Execution extends Work {
  readonly runner: Runner;
  /** Counted from 1. */
  readonly boot: number;
  readonly list: ListName;
  readonly seconds: number;
  /** The line that the kernel printed. */
  readonly output: string;
}

/**
 * sh /bench/run.sh LIST REPEATS. The programs are read once before the first is timed, and the list
 * before any, so that nothing but the program runs between two lines.
 */
const SCRIPT = `\
cat /bench/*.s390x >/dev/null
round=0
while [ $round -lt $2 ]; do
  round=$((round + 1))
  while read -r kernel iterations; do
    echo "bench: begin $kernel $iterations"
    /bench/$kernel.s390x $iterations </dev/null
    echo "bench: end $kernel $?"
  done <"/bench/$1"
done
echo "bench: over"
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      kernels: { type: 'string' },
      runs: { type: 'string', default: '3' },
      repeats: { type: 'string', default: '2' },
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

/** The usual initramfs without modules, and the kernels: the guest's kernel takes several archives. */
function writeImage(target: string, kernel: Kernel, lists: Lists): void {
  const text = (works: readonly Work[]) =>
    works.map(({ kernel, iterations }) => `${kernel} ${iterations}\n`).join('');
  const archive = cpio([
    directory('bench'),
    file('bench/run.sh', SCRIPT),
    file('bench/full', text(lists.full)),
    file('bench/share', text(lists.share)),
    ...lists.full.map(({ kernel: name }) =>
      file(`bench/${name}.s390x`, fs.readFileSync(binaryOf(name)), 0o755),
    ),
  ]);
  fs.writeFileSync(target, Buffer.concat([buildInitramfs(kernel, { modules: [] }), archive]));
}

/** Has the script do a list; the guest is at its prompt before and after. */
async function runList(
  session: ConsoleSession,
  name: ListName,
  works: readonly Work[],
  repeats: number,
): Promise<void> {
  session.type(`sh /bench/run.sh ${name} ${repeats}\n`);
  for (let round = 0; round < repeats; round++) {
    for (const { kernel } of works) {
      await session.expect(`bench: end ${kernel} `, KERNEL_PATIENCE);
    }
  }
  await session.expect('bench: over', KERNEL_PATIENCE);
  await session.expect(PROMPT, KERNEL_PATIENCE);
}

/**
 * The executions in what a console has shown.
 * @throws Error for a kernel that failed or printed no checksum
 */
function readExecutions(
  lines: readonly StampedLine[],
  of: { readonly runner: Runner; readonly boot: number; readonly list: ListName },
): Execution[] {
  const executions: Execution[] = [];
  for (let i = 0; i < lines.length; i++) {
    const begin = /^bench: begin (\w+) (\d+)$/.exec(lines[i].text);
    if (!begin) continue;
    const [, kernel, iterations] = begin;
    const ends = lines.findIndex(({ text }, k) => k > i && text.startsWith('bench: end '));
    const between = lines.slice(i + 1, ends).map(({ text }) => text);
    const checksum = new RegExp(`^${kernel} ${iterations} [0-9a-f]{16}$`);
    const output = between.find((text) => checksum.test(text));
    if (output === undefined || lines[ends].text !== `bench: end ${kernel} 0`) {
      const shown = [...between, lines[ends].text].join(' | ');
      throw new Error(`${of.runner}, ${kernel} ${iterations}: the console shows ${shown}`);
    }
    const seconds = lines[ends].seconds - lines[i].seconds;
    executions.push({ ...of, kernel, iterations: Number(iterations), seconds, output });
  }
  return executions;
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
    const machine = runner === 'qemu' ? peer().machine! : installedJs390();
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
  };
}

function printTable(results: readonly KernelResult[]): void {
  const table = new Table({
    head: [
      ...['kernel', 'iterations', 'js390', 'qemu-system-s390x'],
      ...['interpreter, a share', 'of work', 'all of it', 'js390/int.', 'js390/qemu'],
    ],
    colAligns: ['left', ...Array<'right'>(8).fill('right')],
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
      'Ratios say how many times faster js390 is.',
  );
  const mean = (ratios: readonly (number | undefined)[]) =>
    geometricMean(ratios.filter((value) => value !== undefined));
  const geometric = {
    thanInterpreter: mean(results.map(({ faster }) => faster.thanInterpreter)),
    thanQemu: mean(results.map(({ faster }) => faster.thanQemu)),
  };
  console.log(
    `Geometric mean over ${results.length} kernels: ` +
      `js390/interpreter ${times(geometric.thanInterpreter)}, js390/qemu ${times(geometric.thanQemu)}`,
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

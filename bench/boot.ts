/**
 * Times a boot of Debian's kernel on js390 and on qemu-system-s390x: from the start of the process to
 * the shell's prompt, and to the end of the process when the guest has switched the power off.
 *
 *     npm run bench:boot -- [--runs 5] [--cpus 1,2] [--no-interpreter] [--json FILE]
 *
 * js390 is built first and runs as an installed package does: as for the first time, with nothing kept
 * of earlier boots, and again, with the translations that a boot before has kept. The machines take
 * turns, with one CPU and with two; medians of `--runs`. js390's interpreter boots once. `js390 resume` is timed too, from
 * the start of the process to what a command at the prompt prints.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import type { Machine, MachineSetup } from '../test/boot/machines.ts';
import { INIT_REACHED, PROMPT, cachedInitramfs } from '../tools/guest-initramfs.ts';
import {
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
import { spread } from './measure.ts';
import type { Spread } from './measure.ts';
import {
  UsageError,
  describeHost,
  ratio,
  resultFile,
  runBench,
  times,
  wholeNumber,
  withSpread,
  writeResult,
} from './report.ts';

const USAGE =
  'usage: npm run bench:boot -- [--runs 5] [--cpus 1,2] [--no-interpreter] [--json FILE]';

/** Points of a boot, in their order, in seconds since the start of the process. */
const POINTS = ['firstMessage', 'init', 'prompt', 'powerOff'] as const;
type Point = (typeof POINTS)[number];
type Times = Record<Point, number>;

interface BootResult {
  readonly machine: 'first' | 'again' | 'interpreter' | 'qemu';
  readonly cpus: number;
  readonly seconds: Record<Point, Spread>;
}

interface ResumeResult {
  /** From the start of the process to the output of a command. */
  readonly output: Spread;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '5' },
      cpus: { type: 'string', default: '1,2' },
      'no-interpreter': { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const cpus = values.cpus.split(',').map((text) => wholeNumber('cpus', text));
  if (cpus.some((count) => count > 16)) throw new UsageError('--cpus: at most 16');
  return {
    runs: wholeNumber('runs', values.runs),
    cpus,
    interpreter: !values['no-interpreter'],
    json: resultFile(values.json, 'boot-'),
    help: values.help,
  };
}

async function bootOnce(machine: Machine, setup: MachineSetup): Promise<Times> {
  return useSession(machine.start(setup), async (session) => {
    const firstMessage = (await session.expect('Linux version', PATIENCE)).seconds;
    const init = (await session.expect(INIT_REACHED, PATIENCE)).seconds;
    const prompt = (await session.expect(PROMPT, PATIENCE)).seconds;
    session.type('exit\n');
    return { firstMessage, init, prompt, powerOff: await endWell(session, machine.name) };
  });
}

/** The saved machine runs a command; seconds since the start of the process to what it prints. */
async function resumeOnce(file: string, options: readonly string[]): Promise<number> {
  return useSession(resume(file, options), async (session) => {
    session.type('echo $((6 * 7))\n');
    const { seconds } = await session.expect(/^42\n/m, PATIENCE);
    session.type('exit\n');
    await endWell(session, 'js390 resume');
    return seconds;
  });
}

function inPoints(all: readonly Times[]): Record<Point, Spread> {
  const entries = POINTS.map((point) => [point, spread(all.map((times) => times[point]))]);
  return Object.fromEntries(entries) as Record<Point, Spread>;
}

const NAMES = {
  first: 'js390, first boot',
  again: 'js390, boots again',
  interpreter: 'js390, interpreter',
  qemu: 'qemu-system-s390x',
};

function printTable(results: readonly BootResult[]): void {
  const table = new Table({
    head: ['machine', 'CPUs', 'first message', '/init', 'prompt', 'power off'],
    colAligns: ['left', ...Array<'right'>(5).fill('right')],
    style: { head: [], border: [], compact: true },
  });
  for (const { machine, cpus, seconds } of results) {
    const { firstMessage, init, prompt, powerOff } = seconds;
    table.push([
      NAMES[machine],
      cpus,
      firstMessage.median.toFixed(2),
      init.median.toFixed(2),
      withSpread(prompt),
      withSpread(powerOff),
    ]);
  }
  console.log(table.toString());
}

interface Comparison {
  readonly machine: 'first' | 'again';
  readonly cpus: number;
  /** How many times faster js390 is. */
  readonly prompt?: number;
  readonly powerOff?: number;
}

function compare(
  results: readonly BootResult[],
  machine: 'first' | 'again',
  cpus: number,
): Comparison {
  const of = (name: BootResult['machine'], point: Point) =>
    results.find((result) => result.machine === name && result.cpus === cpus)?.seconds[point]
      .median;
  return {
    machine,
    cpus,
    prompt: ratio(of('qemu', 'prompt'), of(machine, 'prompt')),
    powerOff: ratio(of('qemu', 'powerOff'), of(machine, 'powerOff')),
  };
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const kernel = guestKernel();
  const initramfs = cachedInitramfs(kernel);
  const { machine: qemu, version } = peer();
  console.log(describeHost(version));
  console.log(`Linux ${kernel.release}, package version ${kernel.version}`);

  const folder = scratchFolder();
  const kept = ['--translations', path.join(folder, 'translations')];
  const machines = [
    ['first', installedJs390('--no-translations')] as const,
    ['again', installedJs390(...kept)] as const,
    ...(qemu ? [['qemu', qemu] as const] : []),
  ];
  const turns = options.cpus.flatMap((cpus) =>
    machines.map(([name, machine]) => ({ name, machine, cpus, all: [] as Times[] })),
  );
  const snapshot = path.join(folder, 'prompt.snapshot');
  // Not timed, and the first run of what was installed: Node caches what it compiles.
  await saveAtPrompt(plainSetup(kernel, initramfs), snapshot, kept);
  await bootOnce(installedJs390(...kept), plainSetup(kernel, initramfs, 2));
  const outputs: number[] = [];
  for (let round = 1; round <= options.runs; round++) {
    for (const { machine, cpus, all } of turns) {
      all.push(await bootOnce(machine, plainSetup(kernel, initramfs, cpus)));
    }
    outputs.push(await resumeOnce(snapshot, kept));
    if (process.stderr.isTTY) process.stderr.write(`round ${round} of ${options.runs} done\n`);
  }
  const resumed: ResumeResult = { output: spread(outputs) };
  const results: BootResult[] = turns.map(({ name, cpus, all }) => ({
    machine: name,
    cpus,
    seconds: inPoints(all),
  }));
  if (options.interpreter) {
    const interpreter = installedJs390('--backend', 'interpreter');
    const once = await bootOnce(interpreter, plainSetup(kernel, initramfs));
    results.push({ machine: 'interpreter', cpus: 1, seconds: inPoints([once]) });
  }

  printTable(results);
  console.log(
    'Seconds since the start of the process: medians ' +
      `(least-greatest) of ${options.runs}, of the interpreter one run.`,
  );
  const comparisons = qemu
    ? options.cpus.flatMap((cpus) => [
        compare(results, 'first', cpus),
        compare(results, 'again', cpus),
      ])
    : [];
  for (const { machine, cpus, prompt, powerOff } of comparisons) {
    console.log(
      `${NAMES[machine]}/QEMU with ${cpus} CPU${cpus > 1 ? 's' : ''}: to the prompt ${times(prompt)}, ` +
        `to power-off ${times(powerOff)} (how many times faster js390 is)`,
    );
  }
  console.log(`js390 resume to a command's output: ${withSpread(resumed.output)}`);
  const { release, version: packaged } = kernel;
  writeResult(options.json, {
    qemu: version,
    kernel: { release, version: packaged },
    runs: options.runs,
    boots: results,
    comparisons,
    resume: resumed,
  });
}

await runBench('bench:boot', main);

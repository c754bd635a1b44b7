/** Running one command under the clock, and the few statistics the benches print. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The command as an installed package has it: built, without the sources beside it. */
let js390: string | undefined;

/**
 * Builds js390 and lays it out as installed, in a folder that goes when the process ends. The path of
 * its command, which Node runs.
 */
export function installed(): string {
  if (js390) return js390;
  const built = spawnSync(process.execPath, ['tools/build.ts'], { cwd: ROOT, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`npm run build: ${built.stdout}${built.stderr}`);
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'js390-bench-'));
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  for (const entry of ['package.json', 'dist', 'src/cli/js390.mjs']) {
    fs.cpSync(path.join(ROOT, entry), path.join(folder, entry), { recursive: true });
  }
  return (js390 = path.join(folder, 'src/cli/js390.mjs'));
}

/** No kernel runs for longer than this, in seconds. */
const LIMIT = 300;

/** What can run a guest program. `interpreter` and `tiered` are js390's backends. */
export type Runner = 'interpreter' | 'tiered' | 'qemu';

export interface Outcome {
  /** Time of the whole process from start to exit, in seconds. */
  seconds: number;
  stdout: string;
}

/** The part of `js390 run --stats-json` that the benches use. */
export interface Stats {
  /** Guest instructions executed. */
  instructions?: number;
  /** Time in guest execution, without start-up and loading, in seconds. */
  run_seconds?: number;
}

function commandLine(runner: Runner, options: string[], guest: string[]): string[] {
  if (runner === 'qemu') return ['qemu-s390x', ...guest];
  return [process.execPath, installed(), 'run', '--backend', runner, ...options, ...guest];
}

/** Runs a command to its end. Throws with one line that says what went wrong, if anything did. */
export function time(command: string[]): Outcome {
  const start = process.hrtime.bigint();
  const result = spawnSync(command[0], command.slice(1), {
    encoding: 'utf8',
    timeout: LIMIT * 1000,
    killSignal: 'SIGKILL',
  });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (result.error) throw new Error(`${command.join(' ')}: ${result.error.message}`);
  if (result.status !== 0) {
    const end = result.signal ?? `exit status ${result.status}`;
    const lines = result.stderr.trim().split('\n');
    const said = lines.find((line) => /error/i.test(line)) ?? lines[0];
    throw new Error(`${command.join(' ')}: ${end}${said ? `: ${said}` : ''}`);
  }
  return { seconds, stdout: result.stdout };
}

/** Runs a guest program, `guest` being its file and arguments. */
export function runGuest(runner: Runner, guest: string[]): Outcome {
  return time(commandLine(runner, [], guest));
}

/** Runs a guest program on js390 for its statistics; the time of such a run is not comparable. */
export function runForStats(
  runner: 'interpreter' | 'tiered',
  guest: string[],
): { outcome: Outcome; stats: Stats } {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'js390-bench-'));
  const file = path.join(folder, 'stats.json');
  try {
    const outcome = time(commandLine(runner, ['--stats-json', file], guest));
    const stats: Stats = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
    return { outcome, stats };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** The first line of `command --version`, or undefined where there is no such command. */
export function versionOf(command: string): string | undefined {
  const result = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return result.error ? undefined : result.stdout.split('\n')[0];
}

/** Median, least and greatest of some times in seconds. */
export interface Spread {
  median: number;
  min: number;
  max: number;
  all: number[];
}

export function spread(all: number[]): Spread {
  const sorted = [...all].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1], all };
}

/** The mean that ratios call for; undefined for none. */
export function geometricMean(values: number[]): number | undefined {
  if (values.length === 0) return undefined;
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** What the benches have in common besides measuring: their options, tables and results. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../tools/sysroot.ts';
import type { Spread } from './measure.ts';

/** A command line that makes no sense; the message is one line. */
export class UsageError extends Error {}

/** @throws UsageError for what is no whole number above 0 */
export function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new UsageError(`--${option} ${text}: give a whole number above 0`);
}

/** The file that `--json` names, or one of its own for each time in `bench/results/`. */
export function resultFile(given: string | undefined, prefix = ''): string {
  if (given !== undefined) return given;
  const stamp = new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '');
  return fileURLToPath(new URL(`results/${prefix}${stamp}.json`, import.meta.url));
}

const processor = os.cpus()[0]?.model ?? 'unknown processor';

/** The line on top of a bench's output; `peer` is what js390 is compared with. */
export function describeHost(peer: string): string {
  return `${processor}, ${os.cpus().length} threads; Node ${process.version}; ${peer}`;
}

function commit(): string | undefined {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}

/** Writes the results with what they were got on, and says where they are. */
export function writeResult(file: string, result: Readonly<Record<string, unknown>>): void {
  const report = {
    date: new Date().toISOString(),
    commit: commit(),
    cpu: processor,
    threads: os.cpus().length,
    node: process.version,
    ...result,
  };
  fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`JSON: ${path.relative(process.cwd(), file)}`);
}

export const fixed = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? '-';

export const times = (value: number | undefined) =>
  value === undefined ? '-' : `${value.toFixed(2)}x`;

export function withSpread(value: Spread | undefined): string {
  if (!value) return '-';
  return `${value.median.toFixed(3)} (${value.min.toFixed(3)}-${value.max.toFixed(3)})`;
}

/** How many times faster one of two times is; undefined where one is missing. */
export const ratio = (other: number | undefined, own: number | undefined) =>
  other && own ? other / own : undefined;

/** Runs a bench to its exit status: 1 something failed, 2 wrong usage, 3 nothing to run on. */
export async function runBench(name: string, main: () => void | Promise<void>): Promise<void> {
  // What is to be undone is undone by listeners to 'exit', which signals do not call by themselves.
  process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
  try {
    await main();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const usage = error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS');
    console.error(`${name}: ${(error as Error).message.split('\n')[0]}`);
    process.exitCode = error instanceof Failure ? error.status : usage ? 2 : 1;
  }
}

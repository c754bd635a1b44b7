/** Carries out a scenario on a machine. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { copySparse, findProgram } from '../../tools/guest-disk.ts';
import { PROMPT } from '../../tools/guest-initramfs.ts';
import { bootAssets, diskAsset } from '../../tools/guest.ts';
import { lastLines } from './console-session.ts';
import type { ConsoleSession } from './console-session.ts';
import { noise, sha256, startHostServer } from './host-server.ts';
import type { Machine } from './machines.ts';
import { SCRATCH_BYTES } from './scenarios.ts';
import type { Check, Scenario, Step } from './scenarios.ts';

export interface ScenarioResult {
  /** What is wrong; nothing when all went as it should. */
  readonly problems: readonly string[];
  /** All that the console has shown. */
  readonly console: string;
  readonly stderr: string;
  /** Seconds from the start of the process to the first prompt; undefined without one. */
  readonly promptSeconds: number | undefined;
  /** Seconds from the start to the end of the process. */
  readonly endSeconds: number;
}

export interface Patience {
  /** Until the prompt, or the end of a machine without one. */
  readonly boot: number;
  /** For each step in which the machine does not start again. */
  readonly step: number;
}

/** Why a scenario cannot be run here, or undefined. */
export function missingFor(scenario: Scenario, machine: Machine): string | undefined {
  const assets = bootAssets();
  if ('skipped' in assets) return assets.skipped;
  if (scenario.drive === 'root') {
    const disk = diskAsset();
    if ('skipped' in disk) return disk.skipped;
    if (!findProgram('e2fsck')) return 'needs e2fsck (Debian: apt install e2fsprogs)';
  }
  return machine.missing();
}

/** The drive of a scenario, made anew in `folder`. */
function makeDrive(scenario: Scenario, folder: string): string | undefined {
  if (scenario.drive === undefined) return undefined;
  const file = path.join(folder, 'drive.img');
  if (scenario.drive === 'root') {
    const disk = diskAsset();
    if ('skipped' in disk) throw new Error(disk.skipped);
    copySparse(disk.disk, file);
  } else {
    fs.writeFileSync(file, noise(SCRATCH_BYTES));
  }
  return file;
}

function shown(pattern: string | RegExp, text: string): boolean {
  return typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text);
}

/**
 * The turn without the echo of the keys, which must not count as an answer. Shells break the echo at
 * the terminal's edge.
 */
function withoutEcho(text: string, keys: string): string {
  let at = 0;
  for (const key of keys) {
    while (text[at] === '\n' && key !== '\n') at++;
    if (text[at] !== key) return text.slice(text.indexOf('\n') + 1);
    at++;
  }
  return text.slice(at);
}

function judge(step: Step, text: string): string[] {
  const answer = withoutEcho(text, step.keys);
  const told = `after ${JSON.stringify(step.keys)} the console shows\n${answer}`;
  return [
    ...(step.shows ?? [])
      .filter((pattern) => !shown(pattern, answer))
      .map((pattern) => `no ${String(pattern)}: ${told}`),
    ...(step.hides ?? [])
      .filter((pattern) => shown(pattern, answer))
      .map((pattern) => `there is ${String(pattern)}: ${told}`),
  ];
}

function bytesOf(file: string, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const handle = fs.openSync(file, 'r');
  fs.readSync(handle, bytes, 0, length, at);
  fs.closeSync(handle);
  return bytes;
}

function runCheck(check: Check, file: string): string[] {
  switch (check.kind) {
    case 'fsck': {
      const { status, stdout } = spawnSync(findProgram('e2fsck')!, ['-fn', file], {
        encoding: 'utf8',
      });
      // e2fsck -n says nothing of a journal to be replayed in its status.
      const journal = /recovering journal|skipping journal/.test(stdout);
      return status === 0 && !journal ? [] : [`e2fsck is not content (${status}):\n${stdout}`];
    }
    case 'file': {
      const { stdout } = spawnSync(findProgram('debugfs')!, ['-R', `cat ${check.path}`, file], {
        encoding: 'utf8',
      });
      return stdout === check.content ? [] : [`${check.path} holds ${JSON.stringify(stdout)}`];
    }
    case 'bytes': {
      const found = sha256(bytesOf(file, check.at, check.length));
      const right = check.sha256;
      return found === right ? [] : [`bytes at ${check.at} have SHA-256 ${found}, not ${right}`];
    }
    case 'unchanged': {
      const same = sha256(fs.readFileSync(file)) === sha256(noise(SCRATCH_BYTES));
      return same ? [] : ['the drive was written to'];
    }
  }
}

interface Progress {
  problems: string[];
  promptSeconds: number | undefined;
}

async function converse(
  session: ConsoleSession,
  steps: readonly Step[],
  patience: Patience,
  progress: Progress,
): Promise<string> {
  const first = await session.expect(PROMPT, patience.boot);
  progress.promptSeconds = first.seconds;
  for (const step of steps) {
    const seconds = step.boots ? patience.boot : patience.step;
    session.type(step.keys);
    if (step.until === 'end') await session.end(seconds);
    const text =
      step.until === 'end'
        ? session.rest
        : (await session.expect(step.until ?? PROMPT, seconds)).text;
    progress.problems.push(...judge(step, text));
  }
  return first.text;
}

/** Runs a scenario to the end of its machine, or of the patience with it. */
export async function runScenario(
  scenario: Scenario,
  machine: Machine,
  patience: Patience = { boot: 120, step: 60 },
): Promise<ScenarioResult> {
  const assets = bootAssets();
  if ('skipped' in assets) throw new Error(assets.skipped);
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'js390-boot-'));
  const server = await startHostServer();
  const progress: Progress = { problems: [], promptSeconds: undefined };
  const { problems } = progress;
  let session: ConsoleSession | undefined;
  try {
    const drive = makeDrive(scenario, folder);
    session = machine.start({
      kernel: assets.kernel,
      initramfs: assets.initramfs,
      append: scenario.append ?? '',
      cpus: scenario.cpus ?? 1,
      memory: scenario.memory ?? '512M',
      console: scenario.console ?? 'vt220',
      ...(drive ? { drive: { file: drive, readOnly: scenario.drive === 'read-only' } } : {}),
      network: scenario.network ?? false,
    });
    const steps = scenario.steps?.(server);
    const booted = steps
      ? await converse(session, steps, patience, progress)
      : (await session.end(patience.boot), session.text);
    for (const pattern of scenario.boots ?? []) {
      if (!shown(pattern, booted)) problems.push(`no ${String(pattern)}:\n${lastLines(booted)}`);
    }
    const { status, stderr, seconds } = await session.end(patience.step);
    const right = scenario.ends === 'panic' ? machine.panicStatus : 0;
    if (status !== right) problems.push(`status ${status}, not ${right}; it says: ${stderr}`);
    for (const check of scenario.checks ?? []) problems.push(...runCheck(check, drive!));
    const { promptSeconds } = progress;
    return { problems, console: session.text, stderr, promptSeconds, endSeconds: seconds };
  } finally {
    session?.kill();
    server.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

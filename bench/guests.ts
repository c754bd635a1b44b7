/** Whole machines for the benches: js390 as installed and QEMU, with Debian's kernel and busybox. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConsoleSession, plainText } from '../test/boot/console-session.ts';
import { js390, qemu } from '../test/boot/machines.ts';
import type { Machine, MachineSetup } from '../test/boot/machines.ts';
import { PROMPT, fetchBusybox } from '../tools/guest-initramfs.ts';
import { cachedKernel, fetchKernel } from '../tools/guest-kernel.ts';
import type { Kernel } from '../tools/guest-kernel.ts';
import { installed, versionOf } from './measure.ts';

/** Seconds until a machine, even one that interprets, must have got on. */
export const PATIENCE = 1800;

/** The kernel that is booted, with busybox for its initramfs; fetched on the first use. */
export function guestKernel(): Kernel {
  const kernel = cachedKernel() ?? fetchKernel();
  fetchBusybox();
  return kernel;
}

/** js390 as it is installed; `options` are further ones of `js390 boot`. */
export const installedJs390 = (...options: string[]): Machine => js390(options, installed());

/** QEMU and the line that tells its version, or why there is none. */
export function peer(): { machine?: Machine; version: string } {
  const missing = qemu.missing();
  if (missing !== undefined) return { version: `no QEMU: ${missing}` };
  return { machine: qemu, version: versionOf('qemu-system-s390x') ?? 'QEMU' };
}

/** A machine without drives and network. */
export function plainSetup(kernel: Kernel, initramfs: string, cpus = 1, append = ''): MachineSetup {
  return {
    kernel: kernel.image,
    initramfs,
    append,
    cpus,
    memory: '512M',
    console: 'vt220',
    network: false,
  };
}

/** Boots on js390 to the prompt and saves the machine there. */
export async function saveAtPrompt(
  setup: MachineSetup,
  file: string,
  options: readonly string[] = [],
): Promise<void> {
  // Not to the line's end: the shell asks the terminal for its cursor's place in the same breath.
  const machine = installedJs390(...options, '--save-at', PROMPT, file);
  await useSession(machine.start(setup), (session) => endWell(session, machine.name));
}

/** A machine that `saveAtPrompt` has saved goes on. `onOutput` gets what its console shows. */
export function resume(
  file: string,
  options: readonly string[] = [],
  onOutput?: (text: string) => void,
): ConsoleSession {
  const args = [installed(), 'resume', ...options, file];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  return new ConsoleSession(child, onOutput);
}

/** Waits for the power to go off: seconds since the start of the process. */
export async function endWell(session: ConsoleSession, name: string): Promise<number> {
  const { status, stderr, seconds } = await session.end(PATIENCE);
  if (status === 0) return seconds;
  throw new Error(`${name} ended with ${status ?? 'a signal'}: ${stderr.trim() || 'nothing said'}`);
}

/** Leaves no process behind, also where a signal ends the bench. */
export async function useSession<T>(
  session: ConsoleSession,
  use: (session: ConsoleSession) => Promise<T>,
): Promise<T> {
  const kill = (): void => session.kill();
  process.once('exit', kill);
  try {
    return await use(session);
  } finally {
    process.off('exit', kill);
    kill();
  }
}

/** A folder for large files, which goes when the process ends. */
export function scratchFolder(): string {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'js390-bench-'));
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A line of the console and when its end came, in seconds of this process. */
export interface StampedLine {
  readonly text: string;
  readonly seconds: number;
}

/** The lines of a console with the times at which they came. */
export class LineClock {
  readonly lines: StampedLine[] = [];
  #begun = '';

  add(text: string): void {
    const seconds = performance.now() / 1000;
    const parts = (this.#begun + text).split('\n');
    this.#begun = parts.pop()!;
    for (const part of parts) this.lines.push({ text: plainText(part), seconds });
  }
}

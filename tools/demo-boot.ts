/**
 * Debian's s390x kernel on js390, from its first message to the shell: `npm run demo:boot`.
 *
 *     node tools/demo-boot.ts [--disk] [--smp N] [--quiet]
 *
 * Fetches the kernel and busybox on the first run (tools/guest.ts), boots them, types a few commands,
 * and switches the power off. With `--disk` the shell is bash on a root disk, which `npm run guest --
 * disk` makes; the disk stays as it is. Where QEMU is installed it does the same, for comparison. Exit
 * status: 0 done, 1 the guest did not do what it should, 2 wrong usage, 3 there is no guest to boot.
 */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { ConsoleTimeout, plainText } from '../test/boot/console-session.ts';
import { js390, qemu } from '../test/boot/machines.ts';
import type { Machine, MachineSetup } from '../test/boot/machines.ts';
import { copySparse } from './guest-disk.ts';
import { INIT_REACHED, PROMPT, cachedInitramfs, fetchBusybox } from './guest-initramfs.ts';
import { cachedKernel, fetchKernel } from './guest-kernel.ts';
import { diskAsset } from './guest.ts';
import { Failure } from './sysroot.ts';

/** What is typed, and what it needs. */
const COMMANDS = ['uname -a', 'cat /proc/cpuinfo', 'free', 'ls /sys/bus/ccw/devices'];
const DISK_COMMANDS = ['python3 -c "import platform; print(platform.uname())"', 'df /'];

/** Of js390. */
const MAX_CPUS = 16;

/** Seconds until something must have happened. */
const PATIENCE = 600;

/** When the kernel runs after unpacking itself, when it starts /init, at the prompt, at the end. */
interface Times {
  readonly kernel: number;
  readonly init: number;
  readonly prompt: number;
  readonly end: number;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      disk: { type: 'boolean', default: false },
      smp: { type: 'string', default: '1' },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const cpus = Number(values.smp);
  if (!Number.isInteger(cpus) || cpus < 1 || cpus > MAX_CPUS) {
    throw new Failure(2, `--smp ${values.smp}: choose from 1 to ${MAX_CPUS}`);
  }
  return { ...values, cpus };
}

/** Boots, types the commands, and waits for the power to go off. */
async function run(
  machine: Machine,
  setup: MachineSetup,
  commands: readonly string[],
  onOutput?: (text: string) => void,
): Promise<Times> {
  const session = machine.start(setup, onOutput);
  try {
    const kernel = await session.expect('Linux version', PATIENCE);
    const init = await session.expect(INIT_REACHED, PATIENCE);
    const prompt = await session.expect(PROMPT, PATIENCE);
    for (const command of commands) {
      session.type(`${command}\n`);
      await session.expect(PROMPT, PATIENCE);
    }
    session.type('exit\n');
    const { status, stderr, seconds } = await session.end(PATIENCE);
    if (status !== 0) throw new Failure(1, `${machine.name} ended with ${status}: ${stderr}`);
    return {
      kernel: kernel.seconds,
      init: init.seconds,
      prompt: prompt.seconds,
      end: seconds,
    };
  } finally {
    session.kill();
  }
}

function printTimes(rows: readonly (readonly [Machine, Times])[]): void {
  const table = new Table({
    head: ['seconds until', 'Linux runs', '/init runs', 'shell waits', 'power is off'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const [machine, { kernel, init, prompt, end }] of rows) {
    table.push([machine.name, ...[kernel, init, prompt, end].map((time) => time.toFixed(1))]);
  }
  console.log(table.toString());
}

async function main(): Promise<void> {
  const { disk, cpus, quiet, help } = readOptions();
  if (help) {
    console.log('usage: node tools/demo-boot.ts [--disk] [--smp N] [--quiet]');
    return;
  }
  const kernel = cachedKernel() ?? fetchKernel();
  fetchBusybox();
  const initramfs = cachedInitramfs(kernel);
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'js390-demo-'));
  try {
    const commands = disk ? [...COMMANDS, ...DISK_COMMANDS] : COMMANDS;
    const setup = (): MachineSetup => ({
      kernel: kernel.image,
      initramfs,
      append: disk ? 'root=/dev/vda' : '',
      cpus,
      memory: '512M',
      console: 'vt220',
      network: false,
      ...(disk ? { drive: { file: copyOfDisk(folder), readOnly: false } } : {}),
    });
    const machine = js390();
    console.log(`Linux ${kernel.release}, Debian's, on js390\n`);
    const show = (text: string) => process.stdout.write(plainText(text));
    const times = await run(machine, setup(), commands, quiet ? undefined : show);
    const rows: [Machine, Times][] = [[machine, times]];
    const missing = qemu.missing();
    if (missing === undefined) {
      console.log('\nThe same on QEMU, for comparison:');
      rows.push([qemu, await run(qemu, setup(), commands)]);
    } else {
      console.log(`\nNo comparison with QEMU: ${missing}`);
    }
    printTimes(rows);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function copyOfDisk(folder: string): string {
  const asset = diskAsset();
  if ('skipped' in asset) throw new Failure(3, asset.skipped);
  const copy = path.join(folder, 'root.ext4');
  copySparse(asset.disk, copy);
  return copy;
}

try {
  await main();
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const usage = code.startsWith('ERR_PARSE_ARGS');
  const { message } = error as Error;
  // What the console showed last says more than that nothing else came.
  const told = error instanceof ConsoleTimeout ? message : message.split('\n')[0];
  console.error(`demo-boot: ${told}`);
  process.exitCode = error instanceof Failure ? error.status : usage ? 2 : 1;
}

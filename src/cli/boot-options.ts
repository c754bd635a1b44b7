import fs from 'node:fs';
import path from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { cpuModel, DEFAULT_CPU_MODEL, noCpuModel } from '../arch/cpu-model.ts';
import type { Backend } from '../engine/options.ts';
import { parseDrive, type DriveSpec } from '../host/node/drive.ts';
import type { VirtioBusKind } from '../system/machine-options.ts';
import { DriveError, SnapshotError } from '../system/services.ts';
import type { BootConfig } from './boot-images.ts';
import { parseNetwork, type NetworkConfig } from './boot-network.ts';
import { UsageError } from './failure.ts';
import { CPU_HELP } from './options.ts';

/** What a machine is made of: goes into snapshots, so that `resume` can make it again. */
export type MachineConfig = NetworkConfig & {
  /** Bytes of storage. */
  readonly memory: number;
  readonly cpus: number;
  /** Name of the CPU model. */
  readonly cpu: string;
  readonly console: ConsoleKind;
  readonly virtioBus: VirtioBusKind;
  readonly drives: readonly DriveSpec[];
  readonly boot: BootConfig;
};

/** What snapshots do not say that are older than these options. */
const OLDER = { cpu: 'z15', virtioBus: 'ccw', forwards: [] } as const;

const CONSOLES = ['line', 'vt220', 'virtio'] as const;
export type ConsoleKind = (typeof CONSOLES)[number];
const VIRTIO_BUSES: readonly VirtioBusKind[] = ['ccw', 's390'];

/** Options of `boot` and of `resume`. */
export interface SessionFlags {
  readonly backend?: Backend;
  readonly saveAt?: readonly string[];
  /** A folder, or false. */
  readonly translations?: string | false;
  readonly stats?: boolean;
  readonly statsJson?: string;
  readonly json?: boolean;
  readonly audit?: boolean;
}

/** Options of the machine itself. */
export interface MachineFlags {
  readonly memory: string;
  readonly smp: string;
  readonly cpu?: string;
  readonly console: ConsoleKind;
  readonly virtioBus: VirtioBusKind;
  readonly drive?: readonly string[];
  readonly net: string;
}

/** Where a snapshot is saved, and at what output. */
export interface SavePoint {
  readonly pattern: RegExp;
  readonly file: string;
}

const MIB = 0x10_0000;
/** Debian's kernel gets to its init with 48 MiB, and not with 32. */
const MIN_MEMORY = 64 * MIB;
/** Storage ends below 2 GiB. */
const MAX_MEMORY = 2047 * MIB;
/** The bus of 2010 has its pages in storage, too, and describes all devices in one of them. */
const MAX_MEMORY_S390_BUS = 2046 * MIB;
const MAX_DRIVES_S390_BUS = 60;
/** They take turns on one host thread. */
const MAX_CPUS = 16;
const BACKENDS: readonly Backend[] = ['tiered', 'jit', 'interpreter'];

/** Declares the options in {@link SessionFlags}. */
export function addSessionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--backend <name>', 'how guest code is run')
        .choices([...BACKENDS])
        .default('tiered'),
    )
    .option(
      '--save-at <regex file...>',
      'save a snapshot to a file when the console shows what the expression matches, and end',
    )
    .option(
      '--translations <folder>',
      'where generated code is kept from one run to the next (default: in the user cache)',
    )
    .option('--no-translations', 'neither use nor keep any')
    .option('--stats', 'print what was executed and translated on standard error')
    .option('--stats-json <file>', 'write the same as JSON')
    .option('--json', 'say how the machine ended as a line of JSON on standard error')
    .option('--audit', 'check every writeback of CPU state; a broken rule is exit status 1');
}

/** Declares the options in {@link MachineFlags}. */
export function addMachineOptions(command: Command): Command {
  return command
    .option('--memory <size>', 'storage, from 64M to 2047M', '512M')
    .option('--smp <n>', 'number of CPUs', '1')
    .option('--cpu <model>', CPU_HELP)
    .option(
      '--drive <file[,option]>',
      'a disk; options: readonly, snapshot (writes are gone at the end), overlay=FILE',
      (value: string, before: string[] = []) => [...before, value],
    )
    .option(
      '--net <kind[,hostfwd=rule]>',
      'user: the guest has the network of this host, as a client, and is reached at ports of ' +
        'this host as by hostfwd=tcp::2222-:22; none',
      'none',
    )
    .addOption(
      new Option(
        '--console <kind>',
        'vt220: a terminal (ttysclp0); line: lines only (ttyS0); virtio: hvc0',
      )
        .choices(CONSOLES)
        .default('vt220'),
    )
    .addOption(
      new Option(
        '--virtio-bus <kind>',
        'where disks, network and hvc0 are: behind subchannels, or on the bus of 2010 (s390)',
      )
        .choices(VIRTIO_BUSES)
        .default('ccw'),
    );
}

/** @throws UsageError for values that make no sense */
export function machineConfig(flags: MachineFlags, boot: BootConfig): MachineConfig {
  const { virtioBus } = flags;
  const memory = parseMemory(flags.memory);
  if (virtioBus === 's390') checkS390Bus(flags, memory);
  return {
    ...{ memory, cpus: parseCpus(flags.smp), cpu: parseCpu(flags.cpu) },
    ...{ console: flags.console, virtioBus },
    drives: (flags.drive ?? []).map(driveSpec),
    ...parseNetwork(flags.net),
    boot,
  };
}

function checkS390Bus({ memory: text, drive = [] }: MachineFlags, memory: number): void {
  if (memory > MAX_MEMORY_S390_BUS) {
    throw new UsageError(`--memory ${text} is too much for this bus; write at most 2046M`);
  }
  if (drive.length > MAX_DRIVES_S390_BUS) {
    throw new UsageError(`--drive: this bus has room for ${MAX_DRIVES_S390_BUS} disks at most`);
  }
}

/** Bytes of `512M`, `1G`, or `512`, which are MiB as well. */
export function parseMemory(text: string): number {
  const [, digits, unit = 'M'] = /^(\d{1,9})([MG])?$/i.exec(text.trim()) ?? [];
  if (digits === undefined) {
    throw new UsageError(`--memory ${text} is no size; write one such as 512M or 1G`);
  }
  const bytes = Number(digits) * MIB * (unit.toUpperCase() === 'G' ? 1024 : 1);
  if (bytes < MIN_MEMORY) {
    throw new UsageError(`--memory ${text} is too little; write at least 64M`);
  }
  if (bytes > MAX_MEMORY) {
    throw new UsageError(`--memory ${text} is too much; write at most 2047M`);
  }
  return bytes;
}

function parseCpus(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MAX_CPUS) return count;
  throw new UsageError(`--smp ${text} is no number of CPUs; write one from 1 to ${MAX_CPUS}`);
}

function parseCpu(name = DEFAULT_CPU_MODEL.name): string {
  const model = cpuModel(name);
  if (!model) throw new UsageError(noCpuModel(name));
  return model.name;
}

function driveSpec(text: string): DriveSpec {
  try {
    return parseDrive(text);
  } catch (error) {
    if (error instanceof DriveError) throw new UsageError(`--drive: ${error.message}`);
    throw error;
  }
}

/** The same machine for js390 in another directory. */
export function withAbsolutePaths(config: MachineConfig): MachineConfig {
  const { kernel, initrd } = config.boot;
  const drives = config.drives.map((spec) => {
    const file = path.resolve(spec.file);
    if (spec.mode !== 'overlay') return { ...spec, file };
    return { ...spec, file, overlay: path.resolve(spec.overlay) };
  });
  const boot = {
    ...config.boot,
    kernel: path.resolve(kernel),
    ...(initrd === undefined ? {} : { initrd: path.resolve(initrd) }),
  };
  return { ...config, drives, boot };
}

/** @throws UsageError */
export function savePoint(values: readonly string[] | undefined): SavePoint | undefined {
  if (values === undefined) return undefined;
  const [source, file] = values;
  if (source === undefined || file === undefined || values.length !== 2) {
    const example = "--save-at '# $' shell.snapshot";
    throw new UsageError(`--save-at takes an expression and a file, as in ${example}`);
  }
  try {
    return { pattern: new RegExp(source, 'mu'), file };
  } catch (error) {
    throw new UsageError(`--save-at: ${(error as Error).message}`);
  }
}

/** Better known before the machine has run. */
export function checkWritable(option: string, file: string | undefined): void {
  if (file === undefined) return;
  const existed = fs.existsSync(file);
  try {
    fs.closeSync(fs.openSync(file, 'a'));
  } catch {
    throw new UsageError(
      `${option} ${file} cannot be written; name a file in a directory of yours`,
    );
  }
  if (!existed) fs.unlinkSync(file);
}

/**
 * The configuration out of a snapshot.
 * @throws SnapshotError
 */
export function asMachineConfig(value: unknown): MachineConfig {
  const config = { ...OLDER, ...((value ?? {}) as Partial<MachineConfig>) };
  const { memory, cpus, cpu, console, virtioBus, drives, network, forwards, boot } = config;
  const isRight =
    Number.isInteger(memory) &&
    Number.isInteger(cpus) &&
    (typeof cpu as string) === 'string' &&
    cpuModel(cpu) !== undefined &&
    CONSOLES.some((kind) => kind === console) &&
    VIRTIO_BUSES.includes(virtioBus) &&
    (network === 'user' || network === 'none') &&
    Array.isArray(forwards) &&
    Array.isArray(drives) &&
    typeof boot?.kernel === 'string';
  if (isRight) return config as MachineConfig;
  throw new SnapshotError('the snapshot does not say what machine it is of');
}

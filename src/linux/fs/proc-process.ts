import { PAGE_EXEC, PAGE_READ, PAGE_WRITE } from '../../memory/user-space.ts';
import { PAGE_SIZE } from '../../memory/page.ts';
import { ENOENT } from '../errno.ts';
import type { Area } from '../mm.ts';
import type { Process } from '../process.ts';
import { SIGNALS, SIG_DFL, SIG_IGN, signalBit } from '../signal.ts';
import type { SignalSet } from '../signal.ts';
import type { Thread } from '../thread.ts';
import { describe } from './description.ts';
import type { Description } from './description.ts';
import { DirectoryFile } from './directory.ts';
import { PathFile } from './path-file.ts';
import { RegularFile } from './regular-file.ts';
import { directory, link, textFile } from './virtual.ts';
import type { View, VirtualDirectory, VirtualLink, VirtualNode } from './virtual.ts';

/** Whose child a process without a parent is. */
const INIT = 1;

/** /proc/PID of one process. */
export function processNode(process: Process): VirtualDirectory {
  const entries: Record<string, VirtualNode> = {
    ...threadEntries(process, process.threads.get(process.pid)),
    task: {
      kind: 'directory',
      fallsThrough: false,
      names: () => [...process.threads.keys()].map(String),
      lookup(name) {
        const thread = process.threads.get(Number(name));
        return thread && directory(threadEntries(process, thread));
      },
    },
  };
  return directory(entries);
}

/** What a process's directory and those of its threads both hold. */
function threadEntries(process: Process, thread: Thread | undefined): Record<string, VirtualNode> {
  const zeroed = (strings: readonly string[]): string => strings.map((s) => `${s}\0`).join('');
  const path = (text: () => string): VirtualLink => link(() => (process.alive ? text() : -ENOENT));
  const ignoredNumber = textFile(() => '0\n', { mode: 0o644, write: () => 0 });
  return {
    exe: path(() => process.executable),
    cwd: path(() => process.fs.cwd),
    root: path(() => process.fs.root),
    fd: descriptorDirectory(process, (number) => descriptorLink(process, number)),
    fdinfo: descriptorDirectory(process, (number) =>
      textFile(() => {
        const { flags } = describe(process.files.get(number));
        return `pos:\t0\nflags:\t0${flags.toString(8)}\nmnt_id:\t1\nino:\t0\n`;
      }),
    ),
    cmdline: textFile(() => zeroed(process.arguments)),
    environ: textFile(() => zeroed(process.environment), { mode: 0o400 }),
    auxv: textFile(() => String.fromCharCode(...process.mm.auxiliaryVector), { mode: 0o400 }),
    comm: textFile(() => `${thread?.name ?? process.name}\n`, {
      mode: 0o644,
      write(_view, text) {
        const name = text.slice(0, 15);
        if (thread) thread.name = name;
        if (!thread || thread.tid === process.pid) process.name = name;
        return 0;
      },
    }),
    maps: textFile(() => areasOf(process).map(mapsLine).join('')),
    stat: textFile((view) => statLine(view, process, thread)),
    statm: textFile(() => statm(process)),
    status: textFile(() => statusText(process, thread)),
    limits: textFile(() => limitsText(process)),
    mounts: textFile(() => MOUNTS.map((mount) => `${mount} 0 0\n`).join('')),
    mountinfo: textFile(() => MOUNTS.map(mountInformation).join('')),
    cgroup: textFile(() => '0::/\n'),
    oom_score: textFile(() => '0\n'),
    oom_score_adj: ignoredNumber,
    oom_adj: ignoredNumber,
    loginuid: textFile(() => '4294967295'),
    personality: textFile(() => `${process.personality.toString(16).padStart(8, '0')}\n`),
    wchan: textFile(() => '0'),
    uid_map: textFile(() => '         0          0 4294967295\n'),
    gid_map: textFile(() => '         0          0 4294967295\n'),
  };
}

function descriptorDirectory(
  process: Process,
  entry: (number: number) => VirtualNode,
): VirtualDirectory {
  return {
    kind: 'directory',
    fallsThrough: false,
    names: () => [...process.files.numbers()].map(String),
    lookup: (name) =>
      /^\d+$/.test(name) && process.files.has(Number(name)) ? entry(Number(name)) : undefined,
  };
}

/** /proc/PID/fd/N: where there is a path, following it opens that path again. */
function descriptorLink(process: Process, number: number): VirtualLink {
  const file = (): Description => describe(process.files.get(number));
  return {
    kind: 'link',
    target: () => (process.files.has(number) ? descriptorTarget(file()) : -ENOENT),
    file: () => (hasPath(file()) ? undefined : file()),
  };
}

function hasPath(file: Description): boolean {
  return file instanceof DirectoryFile || file instanceof PathFile
    ? true
    : file instanceof RegularFile && file.status().links > 0;
}

function descriptorTarget(file: Description): string {
  const isDeleted = file instanceof RegularFile && file.status().links === 0;
  return isDeleted ? `${file.path} (deleted)` : file.path;
}

function areasOf({ alive, mm }: Process): Area[] {
  return alive ? [...mm.areas()] : [];
}

/** One line of maps; the name starts in column 73 as in fs/proc/task_mmu.c. */
function mapsLine({ start, end, prot, shared, offset, file, name }: Area): string {
  const hexadecimal = (value: number): string => value.toString(16).padStart(8, '0');
  const permissions =
    (prot & PAGE_READ ? 'r' : '-') +
    (prot & PAGE_WRITE ? 'w' : '-') +
    (prot & PAGE_EXEC ? 'x' : '-') +
    (shared ? 's' : 'p');
  const { device, inode } = file?.identity() ?? { device: 0, inode: 0 };
  const numbers = [(device >> 8) & 0xfff, (device & 0xff) | ((device >>> 12) & ~0xff)];
  const [major, minor] = numbers.map((n) => n.toString(16).padStart(2, '0'));
  const range = `${hexadecimal(start)}-${hexadecimal(end)}`;
  const line = `${range} ${permissions} ${hexadecimal(offset)} ${major}:${minor} ${inode} `;
  const shown = file?.path ?? (shared && !name ? '/dev/zero (deleted)' : name);
  return `${shown ? line.padEnd(73) + shown : line}\n`;
}

function bytesMapped(process: Process, matches: (area: Area) => boolean = () => true): number {
  return areasOf(process).reduce((sum, a) => (matches(a) ? sum + a.end - a.start : sum), 0);
}

function stateOf(process: Process, thread: Thread | undefined): string {
  const { kind } = process.state;
  if (kind === 'zombie') return 'Z (zombie)';
  if (kind === 'stopped') return 'T (stopped)';
  return thread?.block ? 'S (sleeping)' : 'R (running)';
}

function statm(process: Process): string {
  const pages = (bytes: number): number => bytes / PAGE_SIZE;
  const total = pages(bytesMapped(process));
  const text = pages(bytesMapped(process, ({ prot }) => (prot & PAGE_EXEC) !== 0));
  const data = pages(bytesMapped(process, ({ prot, file }) => !file && (prot & PAGE_WRITE) !== 0));
  return `${total} ${total} 0 ${text} 0 ${data} 0\n`;
}

/** The 52 fields of proc(5); 0 where js390 does not count. */
function statLine({ kernel }: View, process: Process, thread: Thread | undefined): string {
  const ticks = (time: number): number => Math.floor(time / 1e7);
  const { terminal } = process.session;
  const size = bytesMapped(process);
  const ofThread = thread && thread.tid !== process.pid;
  const cpuTime = ofThread ? kernel.cpuTimeOf(thread) : kernel.cpuTime(process);
  const { ignored, caught } = signalSets(process);
  const low = (set: SignalSet): bigint => set & 0x7fff_ffffn;
  const fields: (string | number | bigint)[] = [
    ...[
      stateOf(process, thread)[0]!,
      process.parent?.pid ?? INIT,
      process.pgid,
      process.session.id,
    ],
    ...[terminal ? 34816 : 0, terminal?.foreground ?? -1, 0x40_0000, 0, 0, 0, 0],
    ...[ticks(cpuTime), 0],
    ...[ticks(process.childrenTime), 0, 20, 0, process.threads.size, 0],
    ...[
      ticks(process.startTime - kernel.bootTime),
      size,
      size / PAGE_SIZE,
      2n ** 64n - 1n,
      0,
      0,
      0,
      0,
      0,
    ],
    ...[low(process.pending.set | (thread?.pending.set ?? 0n)), low(thread?.blocked ?? 0n)],
    ...[low(ignored), low(caught), 0, 0, 0, process.exitSignal, 0, 0, 0, 0, 0, 0],
    ...[0, 0, 0, 0, 0, 0, 0, 0],
  ];
  return `${thread?.tid ?? process.pid} (${thread?.name ?? process.name}) ${fields.join(' ')}\n`;
}

function signalSets({ actions }: Process): { ignored: SignalSet; caught: SignalSet } {
  let ignored = 0n;
  let caught = 0n;
  for (let signal = 1; signal <= SIGNALS; signal++) {
    const { handler } = actions.get(signal);
    if (handler === SIG_IGN) ignored |= signalBit(signal);
    else if (handler !== SIG_DFL) caught |= signalBit(signal);
  }
  return { ignored, caught };
}

function statusText(process: Process, thread: Thread | undefined): string {
  const { uid, euid, suid, gid, egid, sgid, groups } = process.credentials;
  const set = (bits: SignalSet): string => bits.toString(16).padStart(16, '0');
  const kib = (bytes: number): string => `${String(bytes / 1024).padStart(8)} kB`;
  const { ignored, caught } = signalSets(process);
  const capabilities = euid === 0 ? '000001ffffffffff' : '0000000000000000';
  const size = bytesMapped(process);
  const ofName = (name: string): string => kib(bytesMapped(process, (area) => area.name === name));
  const lines: (readonly [string, string | number])[] = [
    ['Name', thread?.name ?? process.name],
    ['Umask', process.fs.umask.toString(8).padStart(4, '0')],
    ['State', stateOf(process, thread)],
    ['Tgid', process.pid],
    ['Ngid', 0],
    ['Pid', thread?.tid ?? process.pid],
    ['PPid', process.parent?.pid ?? INIT],
    ['TracerPid', 0],
    ['Uid', [uid, euid, suid, euid].join('\t')],
    ['Gid', [gid, egid, sgid, egid].join('\t')],
    ['FDSize', 256],
    ['Groups', `${groups.join(' ')} `],
  ];
  if (process.alive) {
    lines.push(
      ['VmPeak', kib(size)],
      ['VmSize', kib(size)],
      ['VmLck', kib(0)],
      ['VmHWM', kib(size)],
      ['VmRSS', kib(size)],
      ['VmData', kib(bytesMapped(process, ({ file, prot }) => !file && (prot & 2) !== 0))],
      ['VmStk', ofName('[stack]')],
      ['VmSwap', kib(0)],
    );
  }
  lines.push(
    ['Threads', process.threads.size],
    ['SigQ', '0/32768'],
    ['SigPnd', set(thread?.pending.set ?? 0n)],
    ['ShdPnd', set(process.pending.set)],
    ['SigBlk', set(thread?.blocked ?? 0n)],
    ['SigIgn', set(ignored)],
    ['SigCgt', set(caught)],
    ['CapInh', '0000000000000000'],
    ['CapPrm', capabilities],
    ['CapEff', capabilities],
    ['CapBnd', '000001ffffffffff'],
    ['CapAmb', '0000000000000000'],
    ['NoNewPrivs', 0],
    ['Seccomp', 0],
    ['Cpus_allowed', 1],
    ['Cpus_allowed_list', 0],
    ['voluntary_ctxt_switches', 0],
    ['nonvoluntary_ctxt_switches', 0],
  );
  return lines.map(([name, value]) => `${name}:\t${value}\n`).join('');
}

/** Resources in the order of their numbers, with the names and units of fs/proc/base.c. */
const LIMITS: readonly (readonly [name: string, unit: string, otherwise: number])[] = [
  ['Max cpu time', 'seconds', Infinity],
  ['Max file size', 'bytes', Infinity],
  ['Max data size', 'bytes', Infinity],
  ['Max stack size', 'bytes', 0x80_0000],
  ['Max core file size', 'bytes', 0],
  ['Max resident set', 'bytes', Infinity],
  ['Max processes', 'processes', 32768],
  ['Max open files', 'files', 1024],
  ['Max locked memory', 'bytes', 0x80_0000],
  ['Max address space', 'bytes', Infinity],
  ['Max file locks', 'locks', Infinity],
  ['Max pending signals', 'signals', 32768],
  ['Max msgqueue size', 'bytes', 819200],
  ['Max nice priority', '', 0],
  ['Max realtime priority', '', 0],
  ['Max realtime timeout', 'us', Infinity],
];

function limitsText({ limits }: Process): string {
  const show = (value: number): string => (value === Infinity ? 'unlimited' : String(value));
  const row = (name: string, soft: string, hard: string, unit: string): string =>
    `${name.padEnd(25)} ${soft.padEnd(20)} ${hard.padEnd(20)} ${unit.padEnd(10)}\n`;
  return (
    row('Limit', 'Soft Limit', 'Hard Limit', 'Units') +
    LIMITS.map(([name, unit, otherwise], resource) => {
      const { soft, hard } = limits.get(resource) ?? { soft: otherwise, hard: otherwise };
      return row(name, show(soft), show(hard), unit);
    }).join('')
  );
}

const MOUNTS = [
  'rootfs / ext4 rw,relatime',
  'proc /proc proc rw,relatime',
  'sysfs /sys sysfs rw,relatime',
  'devtmpfs /dev devtmpfs rw,relatime',
  'devpts /dev/pts devpts rw,relatime',
];

function mountInformation(mount: string, index: number): string {
  const [source, at, type, options] = mount.split(' ');
  const parent = index === 0 ? 0 : 20;
  return `${20 + index} ${parent} 0:${16 + index} / ${at} ${options} - ${type} ${source} rw\n`;
}

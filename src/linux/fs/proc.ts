import { ENOENT } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { PROCESSORS, UTS } from '../machine.ts';
import { processNode } from './proc-process.ts';
import { directory, link, textFile } from './virtual.ts';
import type { View, VirtualDirectory, VirtualNode } from './virtual.ts';

/** The names that /proc/cpuinfo gives to the bits of AT_HWCAP. */
const FEATURES =
  'esan3 zarch stfle msa ldisp eimm dfp edat etf3eh highgprs te vx vxd vxe gs vxe2 vxp sort dflt';

/** Clock ticks a second, the unit of times in /proc (USER_HZ). */
const TICKS = 100;

/** /proc: processes are the guest's; what js390 does not make itself is the host's. */
export function processDirectory(): VirtualDirectory {
  const constant = (text: string | number): VirtualNode => textFile(() => `${text}\n`);
  const kernel = directory(
    {
      ostype: constant(UTS.sysname),
      osrelease: constant(UTS.release),
      version: constant(UTS.version),
      hostname: textFile(({ kernel: { machine } }) => `${machine.hostName}\n`),
      domainname: constant(UTS.domainname),
      pid_max: constant(4194304),
      ngroups_max: constant(65536),
      overflowuid: constant(65534),
      overflowgid: constant(65534),
      'threads-max': constant(32768),
      cap_last_cap: constant(40),
      random: directory({
        boot_id: constant('00000000-0000-4000-8000-000000000390'),
        uuid: textFile((view) => `${uuid(view)}\n`),
        entropy_avail: constant(256),
        poolsize: constant(256),
      }),
    },
    { fallsThrough: true },
  );
  const entries: Record<string, VirtualNode> = {
    cpuinfo: textFile(cpuInformation),
    meminfo: textFile(memoryInformation),
    version: textFile(() => `${UTS.sysname} version ${UTS.release} (js390) ${UTS.version}\n`),
    uptime: textFile(({ kernel }) => `${uptime(kernel)} ${uptime(kernel)}\n`),
    loadavg: textFile(loadAverage),
    filesystems: textFile(() => 'nodev\tsysfs\nnodev\tproc\nnodev\ttmpfs\nnodev\tdevpts\n\text4\n'),
    stat: textFile(statistics),
    cmdline: textFile(() => '\n'),
    swaps: textFile(() => 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'),
    mounts: link(() => 'self/mounts'),
    self: link(({ process }) => (process ? String(process.pid) : -ENOENT)),
    'thread-self': link(({ process }) =>
      process ? `${process.pid}/task/${process.pid}` : -ENOENT,
    ),
    sys: directory({ kernel }, { fallsThrough: true }),
  };
  const fixed = directory(entries, { fallsThrough: true });
  return {
    ...fixed,
    // Other processes are the host's, and so are the network's connections.
    hides: (name) => /^\d+$/.test(name) || name === 'net' || name === 'kcore',
    names: (view) => [...fixed.names(view), ...[...view.kernel.processes.keys()].map(String)],
    lookup(name, view) {
      if (!/^\d+$/.test(name)) return fixed.lookup(name, view);
      const process = view.kernel.processes.get(Number(name));
      return process && processNode(process);
    },
  };
}

function uuid({ kernel }: View): string {
  const bytes = new Uint8Array(16);
  kernel.random(bytes);
  bytes[6] = (bytes[6]! & 0xf) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Seconds since the start, with two decimals. */
function uptime(kernel: Kernel): string {
  return ((kernel.now() - kernel.bootTime) / 1e9).toFixed(2);
}

/** In the form of arch/s390/kernel/processor.c. */
function cpuInformation({ kernel }: View): string {
  const { hwcap } = kernel.machine;
  const features = FEATURES.split(' ').filter((_, bit) => hwcap & (1 << bit));
  let text = 'vendor_id       : IBM/S390\n';
  text += `# processors    : ${PROCESSORS}\n`;
  text += 'bogomips per cpu: 3033.00\nmax thread id   : 0\n';
  text += `features\t: ${features.join(' ')} \n`;
  for (let i = 0; i < PROCESSORS; i++) {
    text += `processor ${i}: version = FF,  identification = 000000,  machine = 2964\n`;
  }
  for (let i = 0; i < PROCESSORS; i++) text += `\ncpu number      : ${i}\n`;
  return text;
}

function memoryInformation({ kernel }: View): string {
  const total = kernel.machine.storage;
  const free = Math.floor((total * 3) / 4 / 1024) * 1024;
  const line = (name: string, bytes: number): string =>
    `${`${name}:`.padEnd(16)}${String(Math.floor(bytes / 1024)).padStart(8)} kB\n`;
  const cached = (total - free) / 2;
  return (
    line('MemTotal', total) +
    line('MemFree', free) +
    line('MemAvailable', free + cached) +
    line('Buffers', 0) +
    line('Cached', cached) +
    line('SwapCached', 0) +
    line('Active', cached) +
    line('Inactive', 0) +
    line('SwapTotal', 0) +
    line('SwapFree', 0) +
    line('Dirty', 0) +
    line('Shmem', 0) +
    line('Slab', 0) +
    line('SReclaimable', 0) +
    line('CommitLimit', total) +
    line('Committed_AS', total - free)
  );
}

function loadAverage({ kernel }: View): string {
  const runnable = kernel.threads.filter(({ block }) => !block).length;
  const last = Math.max(0, ...kernel.processes.keys());
  return `0.00 0.00 0.00 ${runnable}/${kernel.threads.length} ${last}\n`;
}

function statistics({ kernel }: View): string {
  const now = kernel.now() - kernel.bootTime;
  const boot = Number(kernel.host.realtime() / 1_000_000_000n) - Math.floor(now / 1e9);
  const user = [...kernel.processes.values()].reduce((sum, p) => sum + kernel.cpuTime(p), 0);
  const ticks = (time: number): number => Math.floor((time / 1e9) * TICKS);
  const times = `${ticks(user)} 0 0 ${ticks(Math.max(0, now - user))} 0 0 0 0 0 0\n`;
  let text = `cpu  ${times}`;
  for (let i = 0; i < PROCESSORS; i++) text += `cpu${i} ${times}`;
  const running = kernel.threads.filter(({ block }) => !block).length;
  return `${text}intr 0\nctxt 0\nbtime ${boot}\nprocesses ${kernel.processes.size}\nprocs_running ${running}\nprocs_blocked 0\n`;
}

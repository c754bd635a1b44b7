/**
 * What guests are made to do, on QEMU and on js390 alike: data only. The prompt and what /init does
 * with the kernel's arguments are told in `tools/guest-initramfs.ts` and `tools/guest-disk.ts`.
 */
import { INIT_REACHED } from '../../tools/guest-initramfs.ts';
import { FILE_BYTES, sha256 } from './host-server.ts';
import type { HostServer } from './host-server.ts';

/** One turn of a conversation: keys, and what the console shows until it waits again. */
export interface Step {
  /** Sent as they are. A command ends with `\n`. */
  readonly keys: string;
  /** Ends the turn: the next prompt if not given, or the machine's end. */
  readonly until?: string | RegExp | 'end';
  /** Must all be shown in the turn, the echo of the keys aside. */
  readonly shows?: readonly (string | RegExp)[];
  /** Must not be shown. */
  readonly hides?: readonly (string | RegExp)[];
  /** The machine starts again meanwhile. */
  readonly boots?: true;
}

/** What is looked at when the power is off. */
export type Check =
  /** The file system on the drive is whole and was unmounted. */
  | { readonly kind: 'fsck' }
  /** A file in it has this content. */
  | { readonly kind: 'file'; readonly path: string; readonly content: string }
  /** Bytes of the drive, counted from its start, have this SHA-256. */
  | {
      readonly kind: 'bytes';
      readonly at: number;
      readonly length: number;
      readonly sha256: string;
    }
  /** Nothing was written to the drive. */
  | { readonly kind: 'unchanged' };

export interface Scenario {
  /** A sentence: what is proved. */
  readonly name: string;
  readonly cpus?: number;
  /** 512M if not given. */
  readonly memory?: string;
  /** VT220 if not given: the only one whose input QEMU 7.2 brings to Linux 6.1. */
  readonly console?: 'vt220' | 'line';
  /** Kernel arguments besides `console=`. */
  readonly append?: string;
  /** A copy of the root disk, or noise of `SCRATCH_BYTES` bytes. */
  readonly drive?: 'root' | 'scratch' | 'read-only';
  readonly network?: true;
  /** Shown before the first prompt, or before the end where there are no steps. */
  readonly boots?: readonly (string | RegExp)[];
  readonly steps?: (server: HostServer) => readonly Step[];
  readonly checks?: readonly Check[];
  /** How it ends: the guest switches the power off unless it is said to panic. */
  readonly ends?: 'panic';
  /** Short enough to be run each time. */
  readonly light?: true;
  /** The console shows the same on every machine, and there is a record of it for each kernel. */
  readonly recorded?: string;
}

export const SCRATCH_BYTES = 16 * 1024 * 1024;

const EXIT: Step = { keys: 'exit\n', until: 'end' };

/** The guest's view of the host in user-mode networking. */
const HOST = '10.0.2.2';

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'runs the commands of the kernel command line and switches the power off',
    append: 'js390.run="uname -m; nproc; false"',
    boots: ['js390: init reached', /^s390x\n1\n/m, 'js390: commands ended with status 1'],
    light: true,
    recorded: '1-cpu',
  },
  {
    name: 'does so on two CPUs',
    cpus: 2,
    append: 'js390.run="uname -m; nproc; false"',
    boots: ['smp: Brought up 1 node, 2 CPUs', /^s390x\n2\n/m, 'ended with status 1'],
    recorded: '2-cpus',
  },
  {
    name: 'gives a shell with job control on one CPU',
    steps: () => [
      { keys: 'echo $((6 * 7)) $(uname -m)\n', shows: [/^42 s390x$/m] },
      { keys: 'tty; cat /proc/sys/kernel/hostname\n', shows: ['/dev/ttysclp0', /^guest$/m] },
      { keys: 'grep -c ^processor /proc/cpuinfo\n', shows: [/^1$/m] },
      // Whoever says so has the terminal: Ctrl-C before that would only be the shell's.
      { keys: 'sh -c "echo napping; exec sleep 600"\n', until: /^napping$/m },
      { keys: '\x03' },
      { keys: 'echo $?\n', shows: [/^130$/m] },
      { keys: 'sleep 600 & jobs; kill -9 %1; wait; jobs\n', shows: ['Running', 'Killed'] },
      { keys: 'seq 1 1000 | md5sum\n', shows: ['53d025127ae99ab79e8502aae2d9bea6'] },
      EXIT,
    ],
  },
  {
    name: 'brings up two CPUs that work at once and signal each other',
    cpus: 2,
    boots: ['smp: Brought up 1 node, 2 CPUs'],
    steps: () => [
      { keys: 'nproc; grep -c ^processor /proc/cpuinfo\n', shows: [/^2\n2$/m] },
      {
        keys: 'for c in 1 2; do taskset $c sh -c "seq 1 1000 | md5sum" & done; wait; echo\n',
        shows: [/(?:53d025127ae99ab79e8502aae2d9bea6[^]*){2}/],
      },
      // Emergency signals and external calls have gone to both.
      {
        keys: "awk '/External Call|Emergency Signal/ { print ($2 + $3 > 0) }' /proc/interrupts\n",
        shows: [/^1$/m],
      },
      // A CPU goes offline (SIGP) and comes back.
      {
        keys: 'echo 0 >/sys/devices/system/cpu/cpu1/online; nproc\n',
        shows: [/^1$/m],
      },
      {
        keys: 'echo 1 >/sys/devices/system/cpu/cpu1/online; nproc\n',
        shows: [/^2$/m],
      },
      EXIT,
    ],
  },
  {
    name: 'boots again when it is told to, and finds its drive as it was left',
    cpus: 2,
    drive: 'scratch',
    steps: () => [
      { keys: 'echo kept | dd of=/dev/vda conv=fsync 2>/dev/null; touch /tmp/gone\n' },
      {
        keys: 'reboot -f\n',
        boots: true,
        shows: ['Linux version', 'Brought up 1 node, 2 CPUs', INIT_REACHED],
      },
      { keys: 'head -n 1 /dev/vda; ls /tmp\n', shows: [/^kept$/m], hides: ['gone'] },
      EXIT,
    ],
  },
  {
    name: 'finds the memory that it has',
    memory: '192M',
    append: 'js390.run="grep MemTotal /proc/meminfo"',
    boots: ['The maximum memory size is 192MB', /^MemTotal: +1[5-8]\d{4} kB$/m],
  },
  {
    name: 'writes to the console in line mode',
    console: 'line',
    append: 'js390.run="seq -s, 1 200; cat /proc/consoles"',
    boots: ['js390: init reached', '198,199,200', /^ttyS0 +-W- /m, 'ended with status 0'],
  },
  {
    name: 'panics without a root file system, and the machine says so',
    append: 'rdinit=/none panic=0',
    boots: ['Kernel panic - not syncing: VFS: Unable to mount root fs'],
    ends: 'panic',
  },
  {
    name: 'reads and writes a drive, and keeps what it was told to flush',
    drive: 'scratch',
    append:
      'js390.run="dd if=/dev/vda bs=64k 2>/dev/null | md5sum; ' +
      'dd if=/dev/zero of=/dev/vda bs=4k seek=100 count=1000 conv=fsync; ' +
      'cat /sys/block/vda/size /sys/block/vda/ro"',
    boots: [/^[0-9a-f]{32} {2}-$/m, /^32768\n0$/m, 'ended with status 0'],
    checks: [
      {
        kind: 'bytes',
        at: 100 * 4096,
        length: 1000 * 4096,
        sha256: sha256(new Uint8Array(1000 * 4096)),
      },
    ],
  },
  {
    name: 'cannot write to a drive that is read-only',
    drive: 'read-only',
    append:
      'js390.run="cat /sys/block/vda/ro; dd if=/dev/zero of=/dev/vda bs=4k count=1; ' +
      'dd if=/dev/vda bs=64k 2>/dev/null | wc -c"',
    boots: [/^1$/m, /Operation not permitted|Read-only|Permission denied/, /^16777216$/m],
    checks: [{ kind: 'unchanged' }],
  },
  {
    name: 'gets random numbers from the host',
    append:
      'js390.run="cat /sys/class/misc/hw_random/rng_current; head -c 4096 /dev/hwrng | wc -c"',
    boots: [/^virtio_rng\.0$/m, /^4096$/m],
  },
  {
    name: 'gets an address and moves 10 MiB each way over TCP',
    network: true,
    steps: ({ httpPort, digestPort, fileDigest }) => [
      {
        keys: 'udhcpc -i eth0 -q -n\n',
        shows: ['lease of 10.0.2.15 obtained from 10.0.2.2'],
      },
      { keys: 'cat /etc/resolv.conf; ip route\n', shows: ['10.0.2.3', 'default via 10.0.2.2'] },
      {
        keys: `ping -c 2 ${HOST} | grep received\n`,
        shows: ['2 packets received, 0% packet loss'],
      },
      {
        keys: `wget -q -O /tmp/file http://${HOST}:${httpPort}/file; sha256sum /tmp/file\n`,
        shows: [fileDigest],
      },
      {
        keys: `nc ${HOST} ${digestPort} </tmp/file\n`,
        shows: [`${FILE_BYTES} ${fileDigest}`],
      },
      {
        keys: `wget -q -O - http://${HOST}:${httpPort}/none; echo "status $?"\n`,
        shows: ['404', 'status 1'],
      },
      EXIT,
    ],
  },
  {
    name: "runs Debian's bash and python3 from a root disk, which stays whole",
    drive: 'root',
    append: 'root=/dev/vda',
    boots: ['js390: root is /dev/vda', 'js390: root reached'],
    steps: () => [
      { keys: 'echo $BASH_VERSION $((1 << 40))\n', shows: [/^5\.2\.\S+ 1099511627776$/m] },
      {
        keys: 'python3 -c "import json, platform as p; print(json.dumps([p.machine(), 7**20]))"\n',
        shows: ['["s390x", 79792266297612001]'],
      },
      {
        keys: 'find /usr/lib/python3.11 -name "*.py" | sort | head -n 300 | xargs cat | wc -l\n',
        shows: [/^\d{5,}$/m],
      },
      {
        keys: 'seq 1 100000 >/root/numbers; sync; cksum /root/numbers\n',
        shows: [/^2052179976 588895 /m],
      },
      {
        keys: 'mkdir /root/many; cd /root/many; touch $(seq 1 500); rm *7; ls | wc -l\n',
        shows: [/^450$/m],
      },
      { keys: 'echo written by the guest >/root/note\n' },
      EXIT,
    ],
    checks: [
      { kind: 'fsck' },
      { kind: 'file', path: '/root/note', content: 'written by the guest\n' },
    ],
  },
  {
    name: 'runs two CPUs, a disk and a network at once',
    cpus: 2,
    drive: 'root',
    network: true,
    append: 'root=/dev/vda',
    steps: ({ httpPort, fileDigest }) => [
      { keys: 'busybox udhcpc -i eth0 -q -n 2>&1 | tail -n 1\n', shows: ['10.0.2.15'] },
      {
        keys:
          // A shell that nobody types at does not tell the number of the process.
          `bash -c "(cd /usr; find . -type f | head -n 1500 | xargs cat | md5sum) & ` +
          `busybox wget -q -O /root/file http://${HOST}:${httpPort}/file; wait"\n`,
        shows: [/^[0-9a-f]{32} {2}-$/m],
      },
      { keys: 'sha256sum /root/file\n', shows: [fileDigest] },
      EXIT,
    ],
    checks: [{ kind: 'fsck' }],
  },
];

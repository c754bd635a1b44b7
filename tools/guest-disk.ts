/** A root disk for the guest: Debian's packages in an ext4 file system, without any of their scripts. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { DHCP_SCRIPT, PROMPT, READ_COMMAND_LINE, SHELL_ON_CONSOLE } from './guest-initramfs.ts';
import { GUEST_CACHE } from './guest-kernel.ts';
import { Failure, makeSysroot } from './sysroot.ts';

/** What is on the disk when nothing else is asked for; dependencies come along. */
export const DISK_PACKAGES: readonly string[] = [
  ...['bash', 'busybox-static', 'coreutils', 'dash', 'diffutils', 'e2fsprogs', 'findutils'],
  ...['gawk', 'grep', 'gzip', 'hostname', 'iproute2', 'libc-bin', 'mount', 'procps', 'python3'],
  ...['sed', 'tar', 'util-linux'],
];

/** The line that the first program of the disk prints. */
export const ROOT_REACHED = 'js390: root reached';

const INIT = `\
#!/bin/bash
# The first program on the root disk, instead of systemd; made by js390's tools/guest.ts.
#   js390.run="COMMANDS"    runs them and powers off; otherwise there is a shell, and its end powers off
export PATH=/usr/local/bin:/usr/bin:/usr/sbin HOME=/root SHELL=/bin/bash TERM=linux
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mkdir -p /dev/pts
mountpoint -q /dev/pts || mount -t devpts devpts /dev/pts
hostname guest
echo '${ROOT_REACHED}'
${READ_COMMAND_LINE}
cd /root
if [ -n "$run" ]; then
  bash -c "$run"
  echo "js390: commands ended with status $?"
else
  ${SHELL_ON_CONSOLE.replaceAll('\n', '\n  ')}
fi
sync
mount -o remount,ro /
# SCLP consoles keep what is written for up to 50 ms, and lose it when the power goes.
sleep 0.1
busybox poweroff -f
while true; do sleep 60; done
`;

const BASHRC = `\
PS1='${PROMPT}'
# Line-mode terminals show the sequences that it switches on and off.
bind 'set enable-bracketed-paste off' 2>/dev/null
`;

/** Fixed, so that the kernel's messages of the disk are the same for every disk. */
const UUID = '6a733339-3000-4000-8000-726f6f746673';

export interface DiskOptions {
  readonly output: string;
  /** A whole number of MiB. */
  readonly mebibytes: number;
  readonly packages: readonly string[];
}

export function defaultDisk(): string {
  return path.join(GUEST_CACHE, 'root.ext4');
}

/** Path of a program of this machine, which may be where users do not look. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file));
}

/** Copies a disk with its holes, where cp can do that. */
export function copySparse(from: string, to: string): void {
  if (spawnSync('cp', ['--sparse=always', from, to]).status !== 0) fs.copyFileSync(from, to);
}

function writeRootFiles(root: string): void {
  const write = (name: string, text: string, mode = 0o644): void => {
    const target = path.join(root, name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
    fs.chmodSync(target, mode);
  };
  write('usr/sbin/js390-init', INIT, 0o755);
  write('root/.bashrc', BASHRC);
  write('etc/udhcpc/default.script', DHCP_SCRIPT, 0o755);
  write('etc/hostname', 'guest\n');
  write('etc/fstab', '/dev/vda / ext4 defaults 0 1\n');
  // The package's file is a template that its script would copy.
  write('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n');
  for (const name of ['dev', 'proc', 'sys', 'run', 'mnt', 'root']) {
    fs.mkdirSync(path.join(root, name), { recursive: true });
  }
  fs.chmodSync(path.join(root, 'root'), 0o700);
  // Links that the packages' scripts would have made.
  for (const [name, target] of [
    ['usr/bin/sh', 'dash'],
    ['usr/bin/awk', 'gawk'],
  ]) {
    const link = path.join(root, name);
    if (!fs.lstatSync(link, { throwIfNoEntry: false })) fs.symlinkSync(target, link);
  }
}

/** What files will belong to: mke2fs copies the owners that it sees. */
function asRoot(command: readonly string[]): readonly string[] {
  const unshare = findProgram('unshare');
  if (process.getuid?.() === 0 || unshare === undefined) return command;
  const mapped = [unshare, '--map-root-user'];
  const works = spawnSync(mapped[0], [...mapped.slice(1), 'true']).status === 0;
  return works ? [...mapped, ...command] : command;
}

/**
 * Fetches the packages and makes the disk.
 *
 * @throws Failure when packages or mke2fs are not to be had, or the disk is too small
 */
export function makeDisk({ output, mebibytes, packages }: DiskOptions): void {
  const mke2fs = findProgram('mke2fs');
  if (mke2fs === undefined) throw new Failure(3, 'needs mke2fs (Debian: apt install e2fsprogs)');
  const digest = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 8);
  const root = path.join(GUEST_CACHE, `rootfs-${digest}`);
  fs.mkdirSync(root, { recursive: true });
  makeSysroot(root, [...packages], 's390x');
  writeRootFiles(root);
  // Complete, or not there at all.
  const temporary = `${output}.${process.pid}.tmp`;
  try {
    fs.writeFileSync(temporary, '');
    fs.truncateSync(temporary, mebibytes << 20);
    const [program, ...args] = asRoot([
      ...[mke2fs, '-q', '-F', '-t', 'ext4', '-b', '4096', '-m', '0', '-L', 'js390-root'],
      ...['-U', UUID, '-E', `hash_seed=${UUID},lazy_itable_init=0,root_owner=0:0`],
      ...['-d', root, temporary],
    ]);
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    if (status !== 0) {
      const small = /No space|Could not allocate/i.test(stderr);
      const reason = stderr.trim().split('\n').at(-1) ?? '';
      throw new Failure(
        1,
        small
          ? `the packages do not fit into ${mebibytes} MiB; choose a larger --size`
          : `mke2fs fails: ${reason}`,
      );
    }
    fs.renameSync(temporary, output);
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

/**
 * The initramfs of a guest: Debian's busybox, the modules for virtio devices, and an /init that gives
 * a shell, runs commands, or goes on to a root disk.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { characterDevice, cpio, directory, file, link } from './guest-cpio.ts';
import type { CpioEntry } from './guest-cpio.ts';
import { GUEST_CACHE, modulesInOrder } from './guest-kernel.ts';
import type { Kernel } from './guest-kernel.ts';
import { Failure, makeSysroot } from './sysroot.ts';

const JS390 = fileURLToPath(new URL('../src/cli/js390.mjs', import.meta.url));

/** A kind of virtio device: its id (virtio 1.1, "Device Types") and the modules it takes. */
interface ModuleGroup {
  readonly id: number;
  readonly modules: readonly string[];
}

/** What `--modules` may name. The rest of the modules follows from what these depend on. */
export const MODULE_GROUPS: Readonly<Record<string, ModuleGroup>> = {
  // ext4 asks for crc32c by the name of the algorithm, which is no dependency that a module states.
  blk: { id: 2, modules: ['crc32c_generic', 'libcrc32c', 'ext4', 'virtio_blk'] },
  net: { id: 1, modules: ['virtio_net'] },
  rng: { id: 4, modules: ['virtio-rng'] },
  console: { id: 3, modules: ['virtio_console'] },
};

export interface InitramfsOptions {
  /** Names of `MODULE_GROUPS`. */
  readonly modules?: readonly string[];
  /** Replaces /init. */
  readonly init?: Uint8Array | string;
  /** A shell script that /init runs instead of an interactive shell. */
  readonly run?: Uint8Array | string;
  readonly gzip?: boolean;
}

/** What the shells print where they wait for a line: a name of our own, found easily in a log. */
export const PROMPT = 'guest# ';

/** The line that says that the kernel has started the first program. */
export const INIT_REACHED = 'js390: init reached';

/**
 * Reads `js390.run="..."` and `root=...`. The kernel keeps words with a dot from init's arguments,
 * and /proc/cmdline has the quotes as they were given.
 */
const READ_COMMAND_LINE = `\
read -r line </proc/cmdline
set -f
root=
for word in $line; do
  case $word in root=*) root=\${word#root=} ;; esac
done
set +f
run=
case $line in
*'js390.run="'*) run=\${line#*js390.run=\\"} run=\${run%%\\"*} ;;
*js390.run=*) run=\${line#*js390.run=} run=\${run%% *} ;;
esac
`;

/**
 * A session of its own on the console's terminal gives job control and Ctrl-C. The line-mode console
 * is ttyS0 to printk and sclp_line0 in /dev; it takes whole lines only, so the shell must not edit.
 */
const SHELL_ON_CONSOLE = `\
terminal=console
for name in $(cat /sys/class/tty/console/active); do
  [ "$name" != ttyS0 ] || name=sclp_line0
  [ ! -c "/dev/$name" ] || terminal=$name
done
[ $terminal != sclp_line0 ] || stty -echo icanon <"/dev/$terminal"
setsid sh -c "exec $SHELL <>/dev/$terminal >&0 2>&1"`;

const INIT = `\
#!/bin/sh
# The first program of the guest; made by js390's tools/guest.ts.
#   root=DEVICE             goes on with /sbin/js390-init of the ext4 file system there
#   js390.run="COMMANDS"    runs them and powers off; otherwise there is a shell, and its end powers off
export PATH=/bin HOME=/root SHELL=/bin/sh TERM=linux PS1='${PROMPT}'
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
hostname guest
echo '${INIT_REACHED}'
${READ_COMMAND_LINE}
# The modules for the virtio devices that are here.
for device in /sys/bus/virtio/devices/*/device; do
  [ -e "$device" ] || continue
  read -r id <"$device"
  [ -e "/modules/$id" ] || continue
  while read -r module; do
    grep -q "^$module " /proc/modules || insmod "/modules/$module.ko"
  done <"/modules/$id"
done

if [ -n "$root" ]; then
  tries=0
  until [ -b "$root" ] || [ $tries = 50 ]; do
    tries=$((tries + 1))
    usleep 100000
  done
  if mount -t ext4 -o rw "$root" /newroot; then
    echo "js390: root is $root"
    mount --move /dev /newroot/dev
    umount /proc /sys 2>/dev/null
    exec switch_root /newroot /sbin/js390-init
  fi
  echo "js390: cannot mount $root; see dmesg"
fi

cd /root
if [ -n "$run" ]; then
  sh -c "$run"
  echo "js390: commands ended with status $?"
elif [ -e /run.sh ]; then
  sh /run.sh
  echo "js390: commands ended with status $?"
else
  ${SHELL_ON_CONSOLE.replaceAll('\n', '\n  ')}
fi
sync
# SCLP consoles keep what is written for up to 50 ms, and lose it when the power goes.
usleep 100000
poweroff -f
# Nothing comes after that; were /init to end, the kernel would panic.
while true; do sleep 60; done
`;

/** What udhcpc calls with what it was told. */
const DHCP_SCRIPT = `\
#!/bin/sh
case $1 in
deconfig)
  ip addr flush dev "$interface"
  ip link set dev "$interface" up
  ;;
bound | renew)
  ip addr flush dev "$interface"
  ip addr add "$ip/\${mask:-24}" dev "$interface"
  [ -z "$router" ] || ip route replace default via "\${router%% *}"
  : >/etc/resolv.conf
  for server in $dns; do echo "nameserver $server" >>/etc/resolv.conf; done
  ;;
esac
`;

export { DHCP_SCRIPT, READ_COMMAND_LINE, SHELL_ON_CONSOLE };

interface Busybox {
  readonly binary: Uint8Array;
  readonly applets: readonly string[];
}

const BUSYBOX_ROOT = path.join(GUEST_CACHE, 'busybox');
const BUSYBOX = path.join(BUSYBOX_ROOT, 'usr/bin/busybox');
const APPLETS = path.join(BUSYBOX_ROOT, '.applets');

/** Fetches Debian's busybox unless it is in the cache. */
export function fetchBusybox(): void {
  if (fs.existsSync(BUSYBOX)) return;
  makeSysroot(BUSYBOX_ROOT, ['busybox-static'], 's390x');
}

export function hasBusybox(): boolean {
  return fs.existsSync(BUSYBOX);
}

function readBusybox(): Busybox {
  const binary = fs.readFileSync(BUSYBOX);
  if (!fs.existsSync(APPLETS)) {
    // It knows best which commands are in it, and js390 can ask it.
    const ask = [JS390, 'run', '--backend', 'interpreter', BUSYBOX, '--list'];
    const { status, stdout, stderr } = spawnSync(process.execPath, ask, { encoding: 'utf8' });
    if (status !== 0) throw new Failure(1, `${BUSYBOX} --list fails: ${stderr.split('\n')[0]}`);
    fs.writeFileSync(APPLETS, stdout);
  }
  const applets = fs.readFileSync(APPLETS, 'utf8').split('\n');
  return { binary, applets: applets.filter((name) => name !== '' && name !== 'busybox') };
}

function moduleEntries(kernel: Kernel, groups: readonly string[]): CpioEntry[] {
  const entries = [directory('modules')];
  const present = new Set<string>();
  for (const group of groups) {
    const known = MODULE_GROUPS[group];
    if (!known) {
      const names = Object.keys(MODULE_GROUPS).join(', ');
      throw new Failure(2, `--modules ${group}: choose of ${names}`);
    }
    const files = modulesInOrder(kernel, known.modules);
    // As /proc/modules spells them, so that /init sees which ones are loaded.
    const names = files.map((name) => path.basename(name, '.ko').replaceAll('-', '_'));
    names.forEach((name, i) => {
      if (present.has(name)) return;
      present.add(name);
      entries.push(file(`modules/${name}.ko`, fs.readFileSync(files[i])));
    });
    const id = `0x${known.id.toString(16).padStart(4, '0')}`;
    entries.push(file(`modules/${id}`, `${names.join('\n')}\n`));
  }
  return entries;
}

/** The archive, gzipped where that is wanted. The kernel and busybox must be in the cache. */
export function buildInitramfs(kernel: Kernel, options: InitramfsOptions = {}): Uint8Array {
  const { binary, applets } = readBusybox();
  const groups = options.modules ?? Object.keys(MODULE_GROUPS);
  const directories = ['bin', 'dev', 'etc', 'etc/udhcpc', 'newroot', 'proc', 'root', 'sys', 'usr'];
  const archive = cpio([
    ...directories.map((name) => directory(name)),
    directory('tmp', 0o1777),
    ...[link('sbin', 'bin'), link('usr/bin', '../bin'), link('usr/sbin', '../bin')],
    // The kernel opens it for /init before that has mounted anything.
    characterDevice('dev/console', 5, 1),
    file('bin/busybox', binary, 0o755),
    ...applets.map((name) => link(`bin/${name}`, 'busybox')),
    file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'),
    file('etc/group', 'root:x:0:\n'),
    file('etc/udhcpc/default.script', DHCP_SCRIPT, 0o755),
    file('init', options.init ?? INIT, 0o755),
    ...(options.run === undefined ? [] : [file('run.sh', options.run, 0o755)]),
    ...moduleEntries(kernel, groups),
  ]);
  return options.gzip ? gzipSync(archive, { level: 9 }) : archive;
}

/** The usual initramfs, in the cache: made again when what goes into it has changed. */
export function cachedInitramfs(kernel: Kernel): string {
  const archive = buildInitramfs(kernel);
  const target = path.join(GUEST_CACHE, `initramfs-${kernel.release}.cpio`);
  const same = fs.existsSync(target) && fs.readFileSync(target).equals(archive);
  if (!same) writeAtomically(target, archive);
  return target;
}

/** Tests run at once, and none may see half a file. */
export function writeAtomically(target: string, bytes: Uint8Array): void {
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    fs.writeFileSync(temporary, bytes);
    fs.renameSync(temporary, target);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

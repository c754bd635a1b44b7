/** The two machines that boot guests: js390, and the one that it is compared with. */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConsoleSession } from './console-session.ts';

const JS390 = fileURLToPath(new URL('../../src/cli/js390.mjs', import.meta.url));
const BOOT = fileURLToPath(new URL('../../src/cli/boot.ts', import.meta.url));

export interface MachineSetup {
  readonly kernel: string;
  readonly initramfs: string;
  /** Kernel arguments; the console's is added. */
  readonly append: string;
  readonly cpus: number;
  /** Such as `512M`. */
  readonly memory: string;
  readonly console: 'vt220' | 'line';
  readonly drive?: { readonly file: string; readonly readOnly: boolean };
  /** User-mode networking: the host is 10.0.2.2. */
  readonly network: boolean;
}

export interface Machine {
  readonly name: string;
  /** Why it cannot be used here, or undefined. */
  missing(): string | undefined;
  /** The exit status with which it ends when the guest has stopped with a panic. */
  readonly panicStatus: number;
  /** `onOutput` gets what the console shows, as it comes. */
  start(setup: MachineSetup, onOutput?: (text: string) => void): ConsoleSession;
}

/** What printk and the shells call the two SCLP consoles (Linux, drivers/s390/char). */
const TERMINALS = { vt220: 'ttysclp0', line: 'ttyS0' };

function kernelArguments({ append, console }: MachineSetup): string {
  return `console=${TERMINALS[console]} ${append}`.trim();
}

function start(
  program: string,
  args: readonly string[],
  onOutput?: (text: string) => void,
): ConsoleSession {
  return new ConsoleSession(spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] }), onOutput);
}

const QEMU = 'qemu-system-s390x';

/**
 * QEMU's newest model without what js390 does not have: vectors, PCI and what belongs to it, and true
 * random numbers from PERFORM RANDOM NUMBER OPERATION, which decide when the kernel's pool is ready.
 */
export const QEMU_CPU = [
  ...['max', 'vx=off', 'vxeh=off', 'vxeh2=off'],
  ...['zpci=off', 'aen=off', 'ais=off', 'prno-trng=off'],
].join(',');

/** In QEMU `sclpconsole` is the VT220 console, and `sclplmconsole` the one in line mode. */
const QEMU_CONSOLES = { vt220: 'sclpconsole', line: 'sclplmconsole' };

export const qemu: Machine = {
  name: 'QEMU',
  // It takes the disabled wait state at the end of a panic for a reason to shut down.
  panicStatus: 0,
  missing() {
    const found = !spawnSync(QEMU, ['--version'], { stdio: 'ignore' }).error;
    return found ? undefined : `needs ${QEMU} (Debian: apt install qemu-system-misc)`;
  },
  start(setup, onOutput) {
    const { kernel, initramfs, cpus, memory, console, drive, network } = setup;
    const drives = drive
      ? [
          '-drive',
          `file=${drive.file.replaceAll(',', ',,')},if=none,id=disk,format=raw` +
            (drive.readOnly ? ',readonly=on' : ''),
          ...['-device', 'virtio-blk-ccw,drive=disk'],
        ]
      : [];
    const args = [
      ...['-M', 's390-ccw-virtio', '-cpu', QEMU_CPU, '-smp', String(cpus), '-m', memory],
      ...['-nographic', '-nodefaults', '-chardev', 'stdio,id=console'],
      ...['-device', `${QEMU_CONSOLES[console]},chardev=console`],
      ...drives,
      ...(network ? ['-netdev', 'user,id=net', '-device', 'virtio-net-ccw,netdev=net'] : []),
      ...['-device', 'virtio-rng-ccw'],
      ...['-kernel', kernel, '-initrd', initramfs, '-append', kernelArguments(setup)],
    ];
    return start(QEMU, args, onOutput);
  },
};

/** js390 itself; `options` are further ones of `js390 boot`. Benches have their own `command`. */
export function js390(options: readonly string[] = [], command = JS390): Machine {
  return {
    name: ['js390', ...options].join(' '),
    panicStatus: 2,
    missing() {
      return fs.existsSync(BOOT) ? undefined : 'js390 has no command boot yet';
    },
    start(setup, onOutput) {
      const { kernel, initramfs, cpus, memory, console, drive, network } = setup;
      const file = drive && drive.file.replaceAll(',', ',,') + (drive.readOnly ? ',readonly' : '');
      const args = [
        ...[command, 'boot', '--kernel', kernel, '--initrd', initramfs],
        ...['--append', kernelArguments(setup), '--memory', memory, '--smp', String(cpus)],
        ...['--console', console],
        ...(file === undefined ? [] : ['--drive', file]),
        ...['--net', network ? 'user' : 'none'],
        ...options,
      ];
      return start(process.execPath, args, onOutput);
    },
  };
}

/** js390 with a machine that was saved. */
export function resume(snapshot: string, options: readonly string[] = []): ConsoleSession {
  return start(process.execPath, [JS390, 'resume', snapshot, ...options]);
}

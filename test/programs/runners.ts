/** Running one program case on js390 and on the machines that say what is right. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultSysroot } from '../../tools/sysroot.ts';
import type { Case } from './cases.ts';

const JS390 = fileURLToPath(new URL('../../src/cli/js390.mjs', import.meta.url));

export const SYSROOT = process.env['JS390_SYSROOT'] || defaultSysroot();
export const TWIN = process.env['JS390_SYSROOT_AMD64'] || defaultSysroot('amd64');

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit status; 128 + N after signal N, undefined when stopped at the time limit. */
  readonly status: number | undefined;
  /** Whole process. */
  readonly seconds: number;
}

/** Everything a program could see of the machine, fixed. */
const ENVIRONMENT = { LC_ALL: 'C.UTF-8', TZ: 'UTC', PATH: '/usr/bin' };

/** Path of a program of this machine; it could not be found in the PATH that a guest gets. */
function find(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.map((folder) => path.join(folder, program)).find((file) => fs.existsSync(file));
}

const QEMU = find('qemu-s390x');
const CHROOT = find('chroot');

/** Why no program can be run, or undefined. */
export function missingSysroot(): string | undefined {
  if (fs.existsSync(path.join(SYSROOT, 'usr/bin/busybox'))) return undefined;
  return `no sysroot at ${SYSROOT}; \`npm run sysroot\` fetches it on Debian`;
}

/** Why the oracle of a case cannot run here, or undefined. */
export function missingOracle({ oracle }: Case): string | undefined {
  if (oracle === 'qemu') return QEMU ? undefined : 'needs qemu-s390x (apt install qemu-user)';
  if (process.arch !== 'x64' || process.platform !== 'linux') return 'needs Linux on amd64';
  if (process.getuid?.() !== 0 || !CHROOT) return 'needs root, for chroot into the amd64 sysroot';
  if (!fs.existsSync(path.join(TWIN, 'usr/bin/busybox'))) {
    return `no sysroot at ${TWIN}; \`npm run sysroot -- --arch amd64\` fetches it`;
  }
  return undefined;
}

const INPUT = path.join(tmpdir(), `js390-input-${process.pid}`);
process.on('exit', () => fs.rmSync(INPUT, { force: true }));

/** Runs `command` in a new directory below `root/tmp` that holds the files of the case. */
function inScratch(
  { files, stdin }: Case,
  root: string,
  command: (directory: string) => string[],
  seconds: number,
): Outcome {
  const directory = fs.mkdtempSync(path.join(root, 'js390-'));
  try {
    // What a program prints of its directory must not differ from run to run.
    for (const [name, text] of Object.entries(files ?? {})) {
      fs.writeFileSync(path.join(directory, name), text);
      fs.utimesSync(path.join(directory, name), 1_700_000_000, 1_700_000_000);
    }
    const [program, ...args] = command(directory);
    // A file, since bash takes a socket as input for a login from afar and reads its start-up files.
    fs.writeFileSync(INPUT, stdin ?? '');
    const input = fs.openSync(INPUT, 'r');
    const start = process.hrtime.bigint();
    const result = spawnSync(program, args, {
      cwd: directory,
      env: ENVIRONMENT,
      stdio: [input, 'pipe', 'pipe'],
      encoding: 'latin1',
      timeout: seconds * 1000,
      killSignal: 'SIGKILL',
      maxBuffer: 1 << 26,
    });
    fs.closeSync(input);
    if (result.error && result.status === null && !result.signal) throw result.error;
    const { stdout, stderr, status, signal } = result;
    return {
      stdout,
      stderr,
      status: signal ? undefined : (status ?? undefined),
      seconds: Number(process.hrtime.bigint() - start) / 1e9,
    };
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

/** Runs a case on js390; `options` are further ones of `js390 run`. */
export function runOnJs390(
  test: Case,
  backend: 'tiered' | 'jit' | 'interpreter',
  { options = [], seconds = 120 }: { options?: string[]; seconds?: number } = {},
): Outcome {
  const js390 = [process.execPath, JS390, 'run', '-L', SYSROOT, '--backend', backend, ...options];
  return inScratch(test, tmpdir(), () => [...js390, ...test.argv], seconds);
}

/** Runs a case on the machine that says what is right. */
export function runOnOracle(test: Case, seconds = 120): Outcome {
  return test.oracle === 'qemu' ? runOnQemu(test, seconds) : runOnTwin(test, seconds);
}

function runOnQemu(test: Case, seconds: number): Outcome {
  const [program, ...args] = test.argv;
  const file = path.join(SYSROOT, 'usr/bin', program);
  const command = [QEMU!, '-L', SYSROOT, '-0', program, file, ...args];
  return inScratch(test, tmpdir(), () => command, seconds);
}

function runOnTwin(test: Case, seconds: number): Outcome {
  addDevices();
  const inside = (directory: string) => `/${path.relative(TWIN, directory)}`;
  const enter = 'cd "$1" && shift && exec "$@"';
  return inScratch(
    test,
    path.join(TWIN, 'tmp'),
    (directory) => [
      ...[CHROOT!, TWIN, '/usr/bin/bash', '-c', enter, 'enter', inside(directory)],
      ...test.argv,
    ],
    seconds,
  );
}

/** Packages bring no devices, and shells and git open these. */
function addDevices(): void {
  for (const [name, minor] of [
    ['null', '3'],
    ['urandom', '9'],
  ]) {
    const device = path.join(TWIN, 'dev', name);
    if (!fs.existsSync(device)) spawnSync('mknod', ['-m', '666', device, 'c', '1', minor]);
  }
}

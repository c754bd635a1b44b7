/**
 * Fetches Debian packages of another architecture, with their dependencies, into a sysroot.
 *
 *     node tools/sysroot.ts [--arch s390x|amd64] [DIR] PACKAGE...
 *
 * A private apt instance (own lists, own cache, an empty status file) resolves the dependencies, so
 * neither root rights nor `dpkg --add-architecture` are needed and the machine stays as it was. No
 * maintainer script runs: a sysroot is files only. Packages already in DIR are skipped, so calling it
 * again with more names only adds. Exit status: 0 done, 1 a package cannot be had, 2 wrong usage,
 * 3 this machine has no apt or cannot reach its package sources.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const USAGE = 'usage: node tools/sysroot.ts [--arch s390x|amd64] [DIR] PACKAGE...';

/** The programs the test suite runs; the default when no package is named. */
const TEST_PACKAGES = [
  ...[
    'busybox-static',
    'libc-bin',
    'dash',
    'bash',
    'coreutils',
    'gawk',
    'grep',
    'sed',
    'perl',
    'python3.11',
    'sqlite3',
  ],
  ...['openssl', 'xz-utils', 'zstd', 'bzip2', 'git', 'lua5.4', 'findutils', 'tar', 'gzip', 'bc'],
  'diffutils',
];

/** Where downloads and the default sysroots are kept. */
export const CACHE = path.join(
  process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'),
  'js390',
);

/** The sysroot that tests and benches look for when none is named. */
export function defaultSysroot(arch = 's390x'): string {
  return path.join(CACHE, arch === 's390x' ? 'sysroot' : `sysroot-${arch}`);
}

/** One line for the user, and the exit status that goes with it. */
export class Failure extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface Deb {
  name: string;
  /** `name_version_arch`, what is recorded in the sysroot. */
  id: string;
  file: string;
}

/** An apt that knows only the machine's sources and the wanted architecture. */
export class PrivateApt {
  readonly home: string;
  readonly arch: string;
  readonly archives: string;
  readonly #config: string;

  constructor(arch: string) {
    this.arch = arch;
    this.home = path.join(CACHE, `apt-${arch}`);
    this.archives = path.join(this.home, 'archives');
    for (const dir of ['state/lists/partial', 'archives/partial', 'etc/preferences.d']) {
      fs.mkdirSync(path.join(this.home, dir), { recursive: true });
    }
    fs.writeFileSync(path.join(this.home, 'status'), '');
    this.#config = path.join(this.home, 'apt.conf');
    fs.writeFileSync(
      this.#config,
      [
        `APT::Architecture "${arch}";`,
        `#clear APT::Architectures;`,
        `APT::Architectures { "${arch}"; };`,
        `APT::Install-Recommends "false";`,
        `APT::Install-Suggests "false";`,
        // The usual download user cannot write into a home directory.
        ...(process.getuid?.() === 0 ? [`APT::Sandbox::User "root";`] : []),
        `Acquire::Languages "none";`,
        `Acquire::Retries "3";`,
        `Dir::State "${this.home}/state";`,
        `Dir::State::status "${this.home}/status";`,
        `Dir::Cache "${this.home}";`,
        `Dir::Cache::archives "${this.archives}";`,
        `Dir::Etc::preferencesparts "${this.home}/etc/preferences.d";`,
        '',
      ].join('\n'),
    );
  }

  #run(args: string[], cwd = this.home): { status: number | null; stdout: string; stderr: string } {
    return spawnSync('apt-get', args, {
      cwd,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: {
        ...process.env,
        APT_CONFIG: this.#config,
        LC_ALL: 'C',
        DEBIAN_FRONTEND: 'noninteractive',
      },
    });
  }

  #hasLists(): boolean {
    return fs.readdirSync(path.join(this.home, 'state/lists')).some((f) => f.includes('_Packages'));
  }

  /** Refreshes the package lists; stale ones are good enough when there is no network. */
  update(): void {
    const result = this.#run(['update', '-q']);
    if (!this.#hasLists()) {
      const reason = firstError(result.stderr) || `no source of this machine offers ${this.arch}`;
      throw new Failure(3, `cannot get Debian's ${this.arch} package lists: ${reason}`);
    }
  }

  /** The packages and everything they depend on, in an order apt would unpack them in. */
  resolve(packages: string[]): Deb[] {
    const result = this.#run(['install', '--simulate', '-y', '-q', ...packages]);
    if (result.status !== 0) {
      throw new Failure(1, firstError(result.stderr) || 'apt cannot resolve the dependencies');
    }
    const debs: Deb[] = [];
    for (const line of result.stdout.split('\n')) {
      const match = /^Inst (\S+?)(?::\S+)? \((\S+) .*\[(\S+)\]\)/.exec(line);
      if (!match) continue;
      const [, name, version, arch] = match;
      const id = `${name}_${version.replaceAll(':', '%3a')}_${arch}`;
      debs.push({ name, id, file: path.join(this.archives, `${id}.deb`) });
    }
    return debs;
  }

  /** Downloads the packages of a complete `resolve`. */
  download(debs: Deb[]): void {
    const names = debs.map((deb) => deb.name);
    this.#fetch(debs, ['install', '--download-only', '-y', '-q', ...names], this.home);
  }

  /** Downloads these packages and none that they depend on. */
  downloadAlone(debs: Deb[]): void {
    // This command leaves what it fetches in its working directory.
    const names = debs.map((deb) => deb.name);
    this.#fetch(debs, ['download', '-q', ...names], this.archives);
  }

  #fetch(debs: Deb[], args: string[], directory: string): void {
    if (debs.every((deb) => fs.existsSync(deb.file))) return;
    const result = this.#run(args, directory);
    const missing = debs.filter((deb) => !fs.existsSync(deb.file));
    if (missing.length > 0) {
      const reason = firstError(result.stderr) || missing[0].id;
      throw new Failure(3, `cannot download ${missing.length} package(s): ${reason}`);
    }
  }
}

function firstError(stderr: string): string {
  const line = stderr.split('\n').find((text) => /^[EW]: /.test(text)) ?? '';
  return line.replace(/^[EW]: /, '');
}

/** Makes the merged-usr links first: unpacking over real directories would break them for good. */
function prepareRoot(root: string, arch: string): void {
  for (const name of ['bin', 'sbin', 'lib', ...(arch === 'amd64' ? ['lib64'] : [])]) {
    fs.mkdirSync(path.join(root, 'usr', name), { recursive: true });
    const link = path.join(root, name);
    const found = fs.lstatSync(link, { throwIfNoEntry: false });
    if (!found) fs.symlinkSync(`usr/${name}`, link);
    else if (!found.isSymbolicLink()) {
      throw new Failure(2, `${link} is not a link to usr/${name}: choose an empty directory`);
    }
  }
  for (const name of ['etc', 'dev', 'proc', 'root', 'run']) {
    fs.mkdirSync(path.join(root, name), { recursive: true });
  }
  fs.mkdirSync(path.join(root, 'tmp'), { recursive: true });
  fs.chmodSync(path.join(root, 'tmp'), 0o1777);
}

/** The two files that maintainer scripts would have made and that many programs read. */
function addUserDatabase(root: string): void {
  const write = (name: string, text: string) => {
    const file = path.join(root, 'etc', name);
    if (!fs.existsSync(file)) fs.writeFileSync(file, text);
  };
  write(
    'passwd',
    'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/bin/sh\n',
  );
  write('group', 'root:x:0:\nnogroup:x:65534:\n');
}

/** Adds the files of a package to `root`, following links to directories there. */
export function unpack(deb: Deb, root: string): void {
  const script =
    'set -o pipefail; dpkg-deb --fsys-tarfile "$1" | ' +
    'tar -x -C "$2" --keep-directory-symlink --no-same-owner -f -';
  const { status } = spawnSync('bash', ['-c', script, 'unpack', deb.file, root], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Failure(1, `cannot unpack ${deb.file} into ${root}`);
}

/** @throws Failure where Debian's packages cannot be fetched */
export function requireTools(): void {
  const missing = ['apt-get', 'dpkg-deb', 'tar', 'bash'].filter(
    (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).error,
  );
  if (missing.length > 0) {
    throw new Failure(
      3,
      `needs ${missing.join(', ')}: fetching Debian's packages works on Debian only; ` +
        'elsewhere copy what such a machine has fetched',
    );
  }
}

/** Fetches `packages` for `arch` into `root`; returns how many packages were added. */
export function makeSysroot(root: string, packages: string[], arch: string): number {
  requireTools();
  const apt = new PrivateApt(arch);
  apt.update();
  const debs = apt.resolve(packages);
  prepareRoot(root, arch);
  const record = path.join(root, '.packages');
  const present = new Set(fs.existsSync(record) ? fs.readFileSync(record, 'utf8').split('\n') : []);
  const wanted = debs.filter((deb) => !present.has(deb.id));
  if (wanted.length > 0) apt.download(wanted);
  for (const deb of wanted) {
    unpack(deb, root);
    fs.appendFileSync(record, `${deb.id}\n`);
  }
  addUserDatabase(root);
  return wanted.length;
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      arch: { type: 'string', default: 's390x' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    console.log('DIR is recognised by a slash in it; packages default to those the tests run:');
    console.log(TEST_PACKAGES.join(' '));
    console.log(`DIR defaults to ${defaultSysroot(values.arch)}`);
    return;
  }
  if (!['s390x', 'amd64'].includes(values.arch)) {
    throw new Failure(2, `unknown architecture ${values.arch}: use s390x or amd64`);
  }
  const named = positionals[0]?.includes('/') ? positionals.shift() : undefined;
  const root = path.resolve(named ?? defaultSysroot(values.arch));
  const packages = positionals.length > 0 ? positionals : TEST_PACKAGES;
  const wrong = packages.find((name) => !/^[a-z0-9][a-z0-9.+-]+$/.test(name));
  if (wrong !== undefined) throw new Failure(2, `not a package name: ${wrong}\n${USAGE}`);
  const added = makeSysroot(root, packages, values.arch);
  console.log(`${added} package(s) added`);
  console.log(root);
}

if (import.meta.main) {
  try {
    main();
  } catch (error) {
    const known = error instanceof Failure;
    const usage = error instanceof TypeError && 'code' in error;
    if (!known && !usage) throw error;
    console.error(`sysroot: ${error.message.split('\n')[0]}`);
    process.exitCode = known ? error.status : 2;
  }
}

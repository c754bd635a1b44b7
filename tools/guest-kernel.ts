/** Debian's s390x kernel: fetched, unpacked into the cache, and what its modules say of themselves. */
import fs from 'node:fs';
import path from 'node:path';
import { CACHE, Failure, PrivateApt, requireTools, unpack } from './sysroot.ts';

/** Where kernels, initramfs files and disks are kept. */
export const GUEST_CACHE = path.join(CACHE, 'guest');

/** The package whose dependency is Debian's newest kernel for the machine. */
const METAPACKAGE = 'linux-image-s390x';

export interface Kernel {
  /** As `uname -r` prints it: `6.1.0-50-s390x`. */
  readonly release: string;
  /** Of the package: `6.1.176-1`. */
  readonly version: string;
  /** Path of the image that is loaded at 0 and entered at 0x10000. */
  readonly image: string;
  /** Directory with the `kernel/` tree of modules. */
  readonly modules: string;
}

/** Written last, so that a directory without it is not taken for a whole kernel. */
const RECORD = 'kernel.json';

/** Fetches the newest kernel and unpacks it; what is in the cache already is not fetched again. */
export function fetchKernel(): Kernel {
  requireTools();
  const apt = new PrivateApt('s390x');
  apt.update();
  const deb = apt.resolve([METAPACKAGE]).find(({ name }) => /^linux-image-\d/.test(name));
  if (!deb) throw new Failure(1, `${METAPACKAGE} depends on no kernel here`);
  const root = path.join(GUEST_CACHE, deb.id);
  const found = readKernel(root);
  if (found) return found;
  apt.downloadAlone([deb]);
  fs.rmSync(root, { recursive: true, force: true });
  fs.mkdirSync(root, { recursive: true });
  unpack(deb, root);
  const release = deb.name.replace(/^linux-image-/, '');
  const record = { release, version: deb.id.split('_')[1], fetched: new Date().toISOString() };
  fs.writeFileSync(path.join(root, RECORD), `${JSON.stringify(record, undefined, 2)}\n`);
  const kernel = readKernel(root);
  if (!kernel) throw new Failure(1, `${deb.file} holds no kernel image for ${release}`);
  return kernel;
}

function readKernel(root: string): Kernel | undefined {
  const record = path.join(root, RECORD);
  if (!fs.existsSync(record)) return undefined;
  const { release, version } = JSON.parse(fs.readFileSync(record, 'utf8')) as Kernel;
  const image = path.join(root, 'boot', `vmlinuz-${release}`);
  const modules = path.join(root, 'lib/modules', release);
  if (!fs.existsSync(image) || !fs.existsSync(modules)) return undefined;
  return { release, version, image, modules };
}

/** The kernel that was fetched last, or undefined. */
export function cachedKernel(): Kernel | undefined {
  if (!fs.existsSync(GUEST_CACHE)) return undefined;
  const roots = fs
    .readdirSync(GUEST_CACHE)
    .filter((name) => name.startsWith('linux-image-'))
    .map((name) => path.join(GUEST_CACHE, name))
    .filter((root) => readKernel(root) !== undefined);
  const age = (root: string) => fs.statSync(path.join(root, RECORD)).mtimeMs;
  const newest = roots.sort((a, b) => age(b) - age(a))[0];
  return newest === undefined ? undefined : readKernel(newest);
}

/** Modules name each other with `_` where their files may have `-`. */
function plainName(file: string): string {
  return path.basename(file, '.ko').replaceAll('-', '_');
}

/** The names that a module's `depends=` gives (its section `.modinfo` is a list of strings). */
function dependencies(module: string): string[] {
  const text = fs.readFileSync(module, 'latin1');
  const list = /(?:^|\0)depends=([^\0]*)\0/.exec(text)?.[1] ?? '';
  return list.split(',').filter((name) => name !== '');
}

/** Files of the modules and of all that they need, each after what it needs. */
export function modulesInOrder(kernel: Kernel, names: readonly string[]): string[] {
  const files = new Map<string, string>();
  for (const file of fs.readdirSync(kernel.modules, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.ko')) files.set(plainName(file), path.join(kernel.modules, file));
  }
  const ordered: string[] = [];
  const seen = new Set<string>();
  const add = (name: string): void => {
    const plain = plainName(name);
    if (seen.has(plain)) return;
    seen.add(plain);
    const file = files.get(plain);
    if (file === undefined) {
      throw new Failure(1, `kernel ${kernel.release} has no module ${name}; see ${kernel.modules}`);
    }
    dependencies(file).forEach(add);
    ordered.push(file);
  };
  names.forEach(add);
  return ordered;
}

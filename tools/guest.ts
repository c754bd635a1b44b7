/**
 * Fetches and builds what `js390 boot` needs to boot Debian's kernel: the kernel itself, an initramfs,
 * and a root disk.
 *
 *     node tools/guest.ts kernel
 *     node tools/guest.ts initramfs [--modules blk,net,rng,console] [--init FILE] [--run FILE] [--gzip]
 *     node tools/guest.ts disk [--size 512M] [PACKAGE...]
 *
 * Packages come from Debian by the private apt of `tools/sysroot.ts` and are kept in
 * `~/.cache/js390`; nothing is installed on this machine. Exit status: 0 done, 1 something cannot be
 * built, 2 wrong usage, 3 this machine has no apt or no mke2fs, or cannot reach its package sources.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { DISK_PACKAGES, defaultDisk, makeDisk } from './guest-disk.ts';
import {
  MODULE_GROUPS,
  buildInitramfs,
  cachedInitramfs,
  fetchBusybox,
  hasBusybox,
  writeAtomically,
} from './guest-initramfs.ts';
import { cachedKernel, fetchKernel } from './guest-kernel.ts';
import type { Kernel } from './guest-kernel.ts';
import { Failure } from './sysroot.ts';

/** Files to boot with, or why there are none. */
export type BootAssets =
  | { readonly kernel: string; readonly initramfs: string; readonly release: string }
  | { readonly skipped: string };

/** The kernel and initramfs in the cache, for tests: nothing is fetched. */
export function bootAssets(): BootAssets {
  const kernel = cachedKernel();
  if (!kernel || !hasBusybox()) {
    return {
      skipped: 'no s390x kernel in the cache; `npm run guest -- initramfs` fetches it on Debian',
    };
  }
  return { kernel: kernel.image, initramfs: cachedInitramfs(kernel), release: kernel.release };
}

/** The root disk in the cache, or why there is none. Tests work on copies of it. */
export function diskAsset(): { readonly disk: string } | { readonly skipped: string } {
  const disk = defaultDisk();
  if (fs.existsSync(disk)) return { disk };
  return { skipped: 'no root disk in the cache; `npm run guest -- disk` makes it on Debian' };
}

interface JsonFlag {
  readonly json?: boolean;
}

interface InitramfsFlags extends JsonFlag {
  readonly modules?: string;
  readonly init?: string;
  readonly run?: string;
  readonly gzip?: boolean;
  readonly output?: string;
}

interface DiskFlags extends JsonFlag {
  readonly size: string;
  readonly output: string;
}

/** What was made: as JSON, or a line for each fact and the most wanted one last. */
function report(facts: Readonly<Record<string, string | number>>, flags: JsonFlag): void {
  if (flags.json) {
    console.log(JSON.stringify(facts, undefined, 2));
    return;
  }
  for (const [name, value] of Object.entries(facts)) console.log(`${name.padEnd(10)} ${value}`);
}

function kernelFacts(kernel: Kernel): Record<string, string> {
  const { release, version, image, modules } = kernel;
  return { release, version, modules, kernel: image };
}

function readInput(option: string, name: string | undefined): Uint8Array | undefined {
  if (name === undefined) return undefined;
  try {
    return fs.readFileSync(name);
  } catch {
    throw new Failure(2, `${option} ${name} cannot be read; name a file with a shell script`);
  }
}

function checkOutput(name: string): string {
  const output = path.resolve(name);
  if (!fs.existsSync(path.dirname(output))) {
    throw new Failure(2, `--output ${name}: there is no directory ${path.dirname(output)}`);
  }
  return output;
}

function runInitramfs(flags: InitramfsFlags): void {
  const { modules, gzip } = flags;
  const init = readInput('--init', flags.init);
  const run = readInput('--run', flags.run);
  const output = flags.output === undefined ? undefined : checkOutput(flags.output);
  const special = modules !== undefined || init || run || gzip;
  if (special && output === undefined) {
    throw new Failure(2, 'name the file to write with --output when you choose what is in it');
  }
  const kernel = cachedKernel() ?? fetchKernel();
  fetchBusybox();
  if (output === undefined) {
    const initramfs = cachedInitramfs(kernel);
    report({ kernel: kernel.image, bytes: fs.statSync(initramfs).size, initramfs }, flags);
    return;
  }
  const archive = buildInitramfs(kernel, {
    ...(modules === undefined ? {} : { modules: modules.split(',').filter((name) => name) }),
    ...(init ? { init } : {}),
    ...(run ? { run } : {}),
    ...(gzip ? { gzip } : {}),
  });
  writeAtomically(output, archive);
  report({ kernel: kernel.image, bytes: archive.length, initramfs: output }, flags);
}

function parseSize(text: string): number {
  const match = /^(\d+)([MG])$/i.exec(text);
  const mebibytes = match ? Number(match[1]) * (match[2].toUpperCase() === 'G' ? 1024 : 1) : 0;
  if (mebibytes < 16 || mebibytes > 16 * 1024) {
    throw new Failure(2, `--size ${text}: give a size such as 512M or 2G, at least 16M`);
  }
  return mebibytes;
}

function runDisk(named: string[], flags: DiskFlags): void {
  const packages = named.length > 0 ? [...new Set([...DISK_PACKAGES, ...named])] : DISK_PACKAGES;
  const wrong = packages.find((name) => !/^[a-z0-9][a-z0-9.+-]+$/.test(name));
  if (wrong !== undefined) throw new Failure(2, `not a package name: ${wrong}`);
  if (flags.output === defaultDisk()) fs.mkdirSync(path.dirname(flags.output), { recursive: true });
  const output = checkOutput(flags.output);
  makeDisk({ output, mebibytes: parseSize(flags.size), packages });
  report({ bytes: fs.statSync(output).size, disk: output }, flags);
}

function program(): Command {
  const command = new Command('guest')
    .description("Fetches and builds guests for `js390 boot`, from Debian's s390x packages.")
    .configureOutput({
      outputError: (text, write) => {
        const message = text.replace(/^error: /, '').trim();
        write(`guest: ${message.replace(/\.$/, '')}; see --help\n`);
      },
    })
    .exitOverride();
  command
    .command('kernel')
    .description("fetch Debian's newest s390x kernel and its modules")
    .option('--json', 'print what was made as JSON')
    .action((flags: JsonFlag) => report(kernelFacts(fetchKernel()), flags));
  command
    .command('initramfs')
    .description('make a first root directory of busybox and the modules for virtio devices')
    .option(
      '--modules <list>',
      `modules for: ${Object.keys(MODULE_GROUPS).join(',')} (default all)`,
    )
    .option('--init <file>', 'a shell script in the place of /init')
    .option('--run <file>', 'a shell script to run before powering off, instead of a shell')
    .option('--gzip', 'compress it: smaller, but the guest has to unpack it')
    .option('-o, --output <file>', 'where to write it (default: the cache)')
    .option('--json', 'print what was made as JSON')
    .action(runInitramfs);
  command
    .command('disk')
    .description('make a root disk of Debian packages')
    .argument('[packages...]', `packages besides ${DISK_PACKAGES.join(' ')}`)
    .option('--size <size>', 'size of the disk', '512M')
    .option('-o, --output <file>', 'where to write it', defaultDisk())
    .option('--json', 'print what was made as JSON')
    .action(runDisk);
  return command;
}

if (import.meta.main) {
  try {
    program().parse();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else {
      const known = error instanceof Failure;
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (!known && code === undefined) throw error;
      console.error(`guest: ${(error as Error).message.split('\n')[0]}`);
      process.exitCode = known ? error.status : 1;
    }
  }
}

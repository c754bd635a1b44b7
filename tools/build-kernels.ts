/**
 * Builds the guest kernels of `bench/kernels/` with the s390x cross compiler.
 *
 *     node tools/build-kernels.ts [--check] [NAME...]
 *
 * The binaries are kept beside their sources, since most machines have no cross compiler. They hold
 * neither paths nor dates, so a build with the same compiler gives the same bytes; `--check` builds
 * into a temporary directory and compares. Exit status: 0 done, 1 a build failed or differs, 2 wrong
 * usage, 3 no cross compiler.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export const KERNELS = fileURLToPath(new URL('../bench/kernels/', import.meta.url));

export const COMPILER = 's390x-linux-gnu-gcc';

/** The compiler of the binaries in the repository: Debian 12's. */
const BUILT_WITH = '12.2.0';

const FLAGS = [
  '-O2',
  '-march=z10',
  '-std=gnu17',
  '-ffreestanding',
  '-nostdlib',
  '-static',
  '-no-pie',
  '-fno-pie',
  '-fno-stack-protector',
  '-fno-asynchronous-unwind-tables',
  // The same results as on machines without fused multiply-add, for comparison with them.
  '-ffp-contract=off',
  // SQUARE ROOT as an instruction; there is no errno to set.
  '-fno-math-errno',
  '-Wall',
  '-Wextra',
  '-Wl,--build-id=none',
];

/** The kernels by name, `hello` included. */
export function kernelNames(): string[] {
  return fs
    .readdirSync(KERNELS)
    .filter((file) => file.endsWith('.c'))
    .map((file) => file.slice(0, -2))
    .sort();
}

function compile(name: string, output: string): void {
  // From the folder itself, so that no path of this machine gets into the symbol table.
  execFileSync(COMPILER, [...FLAGS, '-o', output, `${name}.c`], { cwd: KERNELS, stdio: 'inherit' });
}

function compilerVersion(): string | undefined {
  try {
    return execFileSync(COMPILER, ['-dumpfullversion'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { check: { type: 'boolean', default: false } },
  });
  const known = kernelNames();
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    console.error(`build-kernels: no kernel ${unknown}; there are ${known.join(' ')}`);
    return 2;
  }
  const version = compilerVersion();
  if (version === undefined) {
    console.error(`build-kernels: needs ${COMPILER} (Debian: apt install gcc-s390x-linux-gnu)`);
    return 3;
  }
  console.log(`${COMPILER} ${version} ${FLAGS.join(' ')}`);
  const scratch = fs.mkdtempSync(path.join(tmpdir(), 'js390-kernels-'));
  let differing = 0;
  try {
    for (const name of positionals.length > 0 ? positionals : known) {
      const binary = path.join(KERNELS, `${name}.s390x`);
      const output = values.check ? path.join(scratch, name) : binary;
      compile(name, output);
      const size = fs.statSync(output).size;
      const same =
        !values.check ||
        (fs.existsSync(binary) && fs.readFileSync(binary).equals(fs.readFileSync(output)));
      if (!same) differing++;
      console.log(`${name.padEnd(12)} ${size} bytes${same ? '' : ', differs from the kept one'}`);
    }
  } finally {
    fs.rmSync(scratch, { recursive: true });
  }
  if (differing > 0 && version !== BUILT_WITH) {
    console.log(`the kept binaries were built with version ${BUILT_WITH}`);
  }
  return differing > 0 ? 1 : 0;
}

if (import.meta.main) {
  try {
    process.exitCode = main();
  } catch (error) {
    console.error(`build-kernels: ${(error as Error).message.split('\n')[0]}`);
    process.exitCode = 1;
  }
}

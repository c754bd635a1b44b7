import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from './support.ts';

const PROGRAMS = fileURLToPath(new URL('programs', import.meta.url));
const JS390 = fileURLToPath(new URL('../../../src/cli/js390.mjs', import.meta.url));
/** The programs wait for each other a little; a busy machine makes that longer. */
const TIMEOUT = 120_000;

const has = (command: string) => !spawnSync(command, ['--version'], { stdio: 'ignore' }).error;
const canBuild = process.platform === 'linux' && has('gcc') && has('s390x-linux-gnu-gcc');
const names = fs
  .readdirSync(PROGRAMS)
  .filter((file) => file.endsWith('.c'))
  .map((file) => path.basename(file, '.c'));

const top = temporaryFolder();
afterAll(() => fs.rmSync(top, { recursive: true }));

/** Builds a program under the same name on both sides, as programs show their own name. */
function build(name: string, side: string, compiler: string, ...flags: string[]): string {
  const binary = path.join(top, side, `${name}.bin`);
  fs.mkdirSync(path.dirname(binary), { recursive: true });
  const source = path.join(PROGRAMS, `${name}.c`);
  const built = spawnSync(compiler, ['-O1', '-w', ...flags, '-o', binary, source], {
    encoding: 'utf8',
  });
  expect(built.stderr).toBe('');
  return binary;
}

/** Runs a command in an empty folder of its own, without a terminal, its output in a file. */
function run(name: string, side: string, command: string, args: readonly string[]) {
  const cwd = path.join(top, side, `${name}.dir`);
  fs.mkdirSync(cwd);
  const output = path.join(top, side, `${name}.out`);
  const fd = fs.openSync(output, 'w');
  const { stderr, status } = spawnSync(command, args, {
    cwd,
    encoding: 'latin1',
    stdio: ['ignore', fd, 'pipe'],
    timeout: TIMEOUT / 2,
  });
  fs.closeSync(fd);
  return { output: fs.readFileSync(output, 'latin1').split('\n'), errors: stderr, status };
}

describe.skipIf(!canBuild)(
  'a program prints what it prints as a native one (needs Linux, gcc and s390x-linux-gnu-gcc)',
  () => {
    test.each(names)(
      '%s',
      (name) => {
        const expected = run(name, 'native', build(name, 'native', 'gcc'), []);
        const guest = build(name, 's390x', 's390x-linux-gnu-gcc', '-static');
        const actual = run(name, 's390x', process.execPath, [JS390, 'run', guest]);
        expect(expected.output.length).toBeGreaterThan(50);
        expect(actual).toEqual(expected);
      },
      TIMEOUT,
    );
  },
);

import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const JS390 = path.join(ROOT, 'src/cli/js390.mjs');
const HELLO = path.join(ROOT, 'bench/kernels/hello.s390x');
const PROGRAMS = path.join(ROOT, 'test/linux/programs');
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'js390-cli-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));

function js390(...args: string[]) {
  return spawnSync(process.execPath, [JS390, ...args], { encoding: 'utf8', cwd: scratch });
}

function file(name: string, contents: string | Uint8Array, mode = 0o755): string {
  const where = path.join(scratch, name);
  fs.writeFileSync(where, contents, { mode });
  return where;
}

describe('js390 run', () => {
  test('prints what the program prints and nothing else', () => {
    const { stdout, stderr, status } = js390('run', HELLO);
    expect(stdout).toBe('Hello from s390x!\nhello 1 0000000000000001\n');
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test('passes on everything behind the program, options too', () => {
    const { stdout } = js390('run', path.join(PROGRAMS, 'startup.s390x'), '--strace', '-L', '--');
    expect(stdout).toContain('argv[1] --strace\nargv[2] -L\nargv[3] --\nargv[4] (null)\n');
  });

  test('ends with the exit status of the program, and 128 + N for signal N', () => {
    expect(js390('run', path.join(PROGRAMS, 'threads.s390x')).status).toBe(3);
    expect(js390('run', path.join(PROGRAMS, 'signals.s390x')).status).toBe(128 + 15);
  });

  test('tells of a fault that ends the program', () => {
    // An operation exception at the first instruction: 00 00 is none.
    const elf = fs.readFileSync(HELLO);
    elf.fill(
      0,
      Number(elf.readBigUInt64BE(24) % 4096n),
      Number(elf.readBigUInt64BE(24) % 4096n) + 8,
    );
    const { stderr, status } = js390('run', file('broken', elf));
    expect(stderr).toMatch(/^js390: .*broken was ended by SIGILL\n$/);
    expect(status).toBe(128 + 4);
  });

  test('adds -E variables to its own environment', () => {
    const program = path.join(PROGRAMS, 'startup.s390x');
    const { stdout } = js390('run', '-E', 'FIRST=1', '--env', 'SECOND=a=b', program);
    expect(stdout).toContain('environment FIRST=1\n');
    expect(stdout).toContain('environment SECOND=a=b\n');
    expect(stdout).toContain(`environment PATH=${process.env['PATH']}\n`);
  });

  test('shows system calls with --strace', () => {
    const { stderr } = js390('run', '--strace', HELLO);
    expect(stderr).toContain('write(1, "Hello from s390x!\\n", 18) = 18\n');
    expect(stderr).toMatch(/^\d+ exit_group\(0\) = \?$/m);
  });

  test('counts the same instructions on both backends', () => {
    const [interpreted, compiled] = ['interpreter', 'jit'].map((backend) => {
      const report = path.join(scratch, `${backend}.json`);
      js390('run', '--backend', backend, '--stats-json', report, HELLO);
      return JSON.parse(fs.readFileSync(report, 'utf8')) as Record<string, number>;
    });
    expect(interpreted!['instructions']).toBeGreaterThan(100);
    expect(compiled!['instructions']).toBe(interpreted!['instructions']);
    expect(interpreted!['compiled_instructions']).toBe(0);
    expect(compiled!['run_seconds']).toBeGreaterThan(0);
  });

  test('prints a table with --stats', () => {
    const { stderr, stdout } = js390('run', '--stats', HELLO);
    expect(stdout).toContain('Hello');
    for (const row of [
      'guest instructions',
      'MIPS',
      'blocks translated',
      'exits: supervisorCall',
    ]) {
      expect(stderr).toContain(row);
    }
  });

  test('gives repeatable random numbers with --seed', () => {
    const program = path.join(PROGRAMS, 'random.s390x');
    const [first, second, other] = ['1', '1', '2'].map(
      (seed) => js390('run', '--seed', seed, program).stdout,
    );
    expect(first).toMatch(/^getrandom [0-9a-f]+ AT_RANDOM [0-9a-f]+\n$/);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  test('finds guest paths in the sysroot first', () => {
    const sysroot = path.join(scratch, 'root');
    fs.mkdirSync(path.join(sysroot, 'usr/bin'), { recursive: true });
    fs.copyFileSync(HELLO, path.join(sysroot, 'usr/bin/greet'));
    expect(js390('run', '-L', sysroot, '/usr/bin/greet').stdout).toContain('Hello');
    expect(js390('run', '-L', sysroot, '-E', 'PATH=/usr/bin', 'greet').stdout).toContain('Hello');
  });

  test('runs scripts whose interpreter is an s390x program', () => {
    const program = path.join(PROGRAMS, 'startup.s390x');
    const script = file('script', `#!${program} one  two \nignored\n`);
    const { stdout } = js390('run', script, 'three');
    expect(stdout).toContain(
      `argv[0] ${program}\nargv[1] one  two\nargv[2] ${script}\nargv[3] three\n`,
    );
  });
});

describe('a mistake gives one line and the fix', () => {
  test.each([
    ['a program that is not there', ['run', 'nosuch'], 127, /nosuch does not exist; give the path/],
    ['a directory', ['run', '/tmp'], 126, /\/tmp is a directory/],
    ['an x86 program', ['run', process.execPath], 126, /is a program for \S+; js390 runs/],
    ['no program', ['run'], 2, /missing required argument 'program'/],
    ['no such command', ['walk'], 2, /unknown command 'walk'/],
    ['no such option', ['run', '--fast', 'x'], 2, /unknown option '--fast'/],
    ['no such backend', ['run', '--backend', 'x', 'y'], 2, /choices are tiered, jit, interpreter/],
    ['no such CPU', ['run', '--cpu', 'z80', HELLO], 2, /no CPU model 'z80'; choose one of .*z196/],
    ['no such sysroot', ['run', '-L', '/nowhere', 'x'], 2, /sysroot \/nowhere is not a directory/],
    ['a variable without value', ['run', '-E', 'A', HELLO], 2, /write NAME=VALUE/],
    ['no such pass', ['run', '--passes', '-x', HELLO], 2, /--passes -x: write \+name or -name/],
    ['a report that cannot be written', ['run', '--stats-json', '/no/x', HELLO], 2, /cannot be/],
  ])('%s', (_, args, status, message) => {
    const result = js390(...args);
    expect(result.stdout).toBe('');
    expect(result.stderr).toMatch(message);
    expect(result.stderr).toMatch(/^js390: [^\n]*\n$/);
    expect(result.status).toBe(status);
  });

  test('a text file without execute permission, a script without interpreter', () => {
    expect(js390('run', file('text', 'hello', 0o644)).stderr).toMatch(/use chmod \+x/);
    expect(js390('run', file('empty-script', '#!\n')).stderr).toMatch(/names no program/);
    expect(js390('run', file('lost', '#!/no/such/interpreter\n')).status).toBe(127);
  });
});

describe('signals from outside', () => {
  test('SIGTERM ends a sleeping guest with status 143', async () => {
    const child = spawn(process.execPath, [JS390, 'run', path.join(PROGRAMS, 'sleeper.s390x')]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGTERM');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(143);
  });

  test('SIGINT reaches the handler of a guest', async () => {
    const child = spawn(process.execPath, [
      JS390,
      'run',
      path.join(PROGRAMS, 'sleeper.s390x'),
      'x',
    ]);
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(output).toBe('sleeping\nhandler 2\n');
    expect(code).toBe(5);
  });
});

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HELLO = path.join(ROOT, 'bench/kernels/hello.s390x');
const GREETING = 'Hello from s390x!\nhello 1 0000000000000001\n';

const scratch = fs.mkdtempSync(path.join(tmpdir(), 'js390-package-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));

/** Runs a command with the Node of these tests first in PATH and without npm's own variables. */
function run(command: string, args: string[], directory: string) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_)|NODE_|VITEST)/.test(name)),
  );
  env['PATH'] = `${path.dirname(process.execPath)}:${env['PATH'] ?? ''}`;
  return spawnSync(command, args, { cwd: directory, env, encoding: 'utf8', timeout: 100_000 });
}

test('npx js390 runs a program from a checkout', { timeout: 30_000 }, () => {
  const result = run('npx', ['js390', 'run', HELLO], ROOT);
  expect(result.stdout, result.stderr).toBe(GREETING);
  expect(result.status).toBe(0);
});

describe('the packed package, installed into an empty folder', () => {
  const consumer = path.join(scratch, 'consumer');

  beforeAll(() => {
    // The version of the sources under test is packed from a copy, so that no dist/ appears here.
    const source = path.join(scratch, 'source');
    for (const entry of ['package.json', 'tsconfig.json', 'src', 'tools', 'README.md', 'LICENSE']) {
      const from = path.join(ROOT, entry);
      if (fs.existsSync(from)) fs.cpSync(from, path.join(source, entry), { recursive: true });
    }
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(source, 'node_modules'));
    const packed = run('npm', ['pack', '--pack-destination', scratch, '--json'], source);
    expect(packed.status, packed.stderr + packed.stdout).toBe(0);
    const archive = fs.readdirSync(scratch).find((file) => file.endsWith('.tgz'))!;
    fs.mkdirSync(consumer);
    fs.writeFileSync(path.join(consumer, 'package.json'), '{"private":true,"type":"module"}\n');
    const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    const installed = run('npm', [...args, path.join(scratch, archive)], consumer);
    expect(installed.status, installed.stderr).toBe(0);
  }, 120_000);

  test('carries JavaScript and types, and no TypeScript sources', () => {
    const files = fs
      .readdirSync(path.join(consumer, 'node_modules/js390'), { recursive: true, encoding: 'utf8' })
      .filter((file) => !file.startsWith('node_modules'));
    expect(files).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', 'LICENSE']));
    expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file))).toEqual([]);
  });

  test('npx js390 run', { timeout: 30_000 }, () => {
    const result = run('npx', ['js390', 'run', HELLO], consumer);
    expect(result.stdout, result.stderr).toBe(GREETING);
    expect(result.status).toBe(0);
  });

  test('the library', { timeout: 30_000 }, () => {
    fs.writeFileSync(
      path.join(consumer, 'use.js'),
      `import { Guest } from 'js390';
       let output = '';
       const guest = Guest.load(${JSON.stringify(HELLO)}, {
         onOutput: (fd, bytes) => { if (fd === 1) output += Buffer.from(bytes); },
         onExit: (g) => { output += typeof g.registers().gr[15]; },
       });
       const { code } = await guest.run();
       console.log(JSON.stringify([output, code]));\n`,
    );
    const result = run(process.execPath, ['use.js'], consumer);
    expect(result.stderr).toBe('');
    const [output, code] = JSON.parse(result.stdout) as [string, number];
    expect(output).toBe(`${GREETING}bigint`);
    expect(code).toBe(0);
  });
});

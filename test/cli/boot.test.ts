import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assembleProgram } from '../../src/isa/assemble-program.ts';

const JS390 = fileURLToPath(new URL('../../src/cli/js390.mjs', import.meta.url));
const ENTRY = 0x1_0000;
const COMMAND_LINE = 0x1_0480;

/** A kernel that shows its command line and the machine's type by the console of 2010, and stops. */
const KERNEL = `
  j start
  .align 8
  .ascii "S390EP"
  .skip 0x1ff2
  start: llilf %r2,${COMMAND_LINE}
  lghi %r1,0
  diag %r2,%r4,0x500
  larl %r5,identification
  stidp 0(%r5)
  unpk 8(5,%r5),4(3,%r5)
  nc 8(4,%r5),16(%r5)
  mvi 12(%r5),0
  la %r2,8(%r5)
  diag %r2,%r4,0x500
  stopping: lghi %r3,0
  sigp %r0,%r3,5
  j stopping
  .align 8
  identification: .skip 16
  .long 0x3f3f3f3f`;

let folder = '';
let kernel = '';

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'js390-cli-boot-'));
  kernel = path.join(folder, 'kernel');
  const program = assembleProgram(KERNEL, ENTRY);
  const image = new Uint8Array(ENTRY + 0x3000);
  image.set(program.bytes, ENTRY);
  fs.writeFileSync(kernel, image);
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function js390(...args: string[]) {
  const { status, stderr, stdout } = spawnSync(process.execPath, [JS390, ...args], {
    encoding: 'utf8',
    env: { ...process.env, JS390_DEBUG: '' },
    timeout: 30_000,
  });
  return { status, error: stderr, output: stdout };
}

const BUS = ['--virtio-bus', 's390', '--console', 'virtio', '--memory', '64M'];

describe('js390 boot', () => {
  test.each([
    [[], '8561'],
    [['--cpu', 'z10'], '2097'],
    [['--cpu', 'Z196'], '2817'],
  ])('has the CPU model of %j', (options, type) => {
    const append = ['--append', 'hello, 2010: '];
    const { status, output, error } = js390(
      ...['boot', '--kernel', kernel, ...BUS, ...append, ...options],
    );
    expect([status, error, output.trimEnd()]).toEqual([0, '', `hello, 2010: ${type}`]);
  });

  test('audits writebacks, before a snapshot and behind it', () => {
    const snapshot = path.join(folder, 'snapshot');
    const saved = js390(
      ...['boot', '--kernel', kernel, ...BUS, '--smp', '2', '--cpu', 'zEC12'],
      ...['--append', 'hello', '--save-at', 'hello', snapshot, '--audit', '--json'],
    );
    expect(saved.output.trimEnd()).toBe('hello');
    expect(saved.error).toMatch(/init +│ full +│ +2 /);
    expect(saved.error).toMatch(/clear reset +│ reset +│ +2 /);
    const lines = saved.error.trimEnd().split('\n');
    expect(lines.at(-2)).toBe('writeback audit: no violations');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ end: 'saved', status: 0, violations: 0 });
    expect(saved.status).toBe(0);

    const resumed = js390('resume', '--audit', snapshot);
    expect(resumed.output.trimEnd()).toBe('2827');
    expect(resumed.error).toMatch(/load +│ full +│ +2 /);
    expect(resumed.error).toMatch(/DIAG +│ runtime +│ /);
    expect(resumed.error).toMatch(/writeback audit: no violations\n$/);
    expect(resumed.status).toBe(0);
  });
});

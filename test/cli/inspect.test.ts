import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { PASS_NAMES } from '../../src/ir/passes/index.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const JS390 = path.join(ROOT, 'src/cli/js390.mjs');
const CRC32 = path.join(ROOT, 'bench/kernels/crc32.s390x');

function inspect(...args: string[]) {
  return spawnSync(process.execPath, [JS390, 'inspect', CRC32, ...args], { encoding: 'utf8' });
}

interface Report {
  address: string;
  symbol?: string;
  bytes: string[];
  disassembly: string[];
  ir: string;
  passes: { name: string; on: boolean; changed: string }[];
  javascript: string;
  exits: string[];
  counters?: { regions: string[]; entered: number; compiled_instructions: number };
}

function json(...args: string[]): Report {
  const { stdout, stderr } = inspect('--json', ...args);
  expect(stderr.replace(/^crc32 .*\n/, '')).toBe('');
  return JSON.parse(stdout) as Report;
}

describe('js390 inspect', () => {
  test('shows the function at a symbol: addresses as nm has them, text as objdump has it', () => {
    const report = json('--at', 'crc32');
    // s390x-linux-gnu-nm: 0000000001000108 t crc32
    expect(report).toMatchObject({ address: '1000108', symbol: 'crc32' });
    // s390x-linux-gnu-objdump -d
    expect(report.disassembly.slice(0, 4)).toEqual([
      '1000108:',
      '  1000108  xilf %r2,4294967295',
      '  100010e  ldgr %f0,%r12',
      '  1000112  llgfr %r5,%r2',
    ]);
    expect(report.bytes[0]).toBe('1000108: c027ffffffffb3c1000cb9160052c0c000000a25');
    expect(report.ir).toMatch(
      /^block 1000108\n1000108 {2}xilf %r2,4294967295\n {2}v1 = getGr32 %r2/,
    );
    expect(report.passes.map(({ name }) => name)).toEqual(PASS_NAMES);
    expect(report.javascript).toMatch(/^return \(function tb_1000108\(stack\) \{/);
    expect(report.javascript).toContain('// 1000112  llgfr %r5,%r2');
    expect(report.exits).toEqual([expect.stringMatching(/^100014e: return v\d+$/)]);
    expect(report.counters).toBeUndefined();
  });

  test('begins at the entry point, and takes addresses', () => {
    const { stdout } = inspect();
    expect(stdout).toMatch(/^region 10000e8\n/);
    for (const part of ['bytes', 'disassembly', 'IR', 'JavaScript', 'exits', 'links']) {
      expect(stdout).toContain(`\n== ${part}\n`);
    }
    expect(json('--at', '0x1000150').disassembly[0]).toBe('1000150:');
  });

  test('runs the program and counts', () => {
    const { counters } = json('--backend', 'jit', '--at', 'crc32', '--run', '300');
    expect(counters?.regions).toContain('1000108');
    expect(counters?.entered).toBeGreaterThan(0);
    expect(counters?.compiled_instructions).toBeGreaterThan(1e6);
  });

  test('leaves out passes that are switched off', () => {
    const { passes } = json('--at', 'crc32', '--passes', '-all,+dead-cc');
    expect(passes.filter(({ on }) => on).map(({ name }) => name)).toEqual(['dead-cc']);
  });

  test.each([
    [['--at', 'nowhere'], /^js390: nowhere is no symbol of .*; give an address in hexadecimal\n$/],
    [['--at', '2'], /^js390: there is no code at 2; give the address of an instruction/],
    [['--passes', '-frob'], /^js390: --passes -frob: write \+name or -name of .*dead-cc.*chaining/],
  ])('says what is wrong with %j', (args, message) => {
    const { status, stderr } = inspect(...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });
});

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { hexBytes } from '../../src/base/hex.ts';
import { assembleProgram } from '../../src/isa/assemble-program.ts';
import { type Case, resultDifference, SIGFPE, SIGILL, SIGSEGV } from './driver.ts';
import { EngineDriver } from './engine.ts';
import { HARNESS, harnessSource } from './harness.ts';
import { hasQemu, OracleDriver } from './oracle.ts';
import {
  CODE_AREA,
  CODE_STRIDE,
  MachineState,
  READ_ONLY_PAGE,
  UNMAPPED_PAGE,
  WINDOW_A,
} from './state.ts';

const AS = 's390x-linux-gnu-as';
const hasAs = !spawnSync(AS, ['--version'], { stdio: 'ignore' }).error;

test.skipIf(!hasAs)(`our assembler makes the harness that ${AS} makes (needs it)`, () => {
  const dir = fs.mkdtempSync(path.join(tmpdir(), 'js390-harness-'));
  try {
    const [source, object, linked, binary] = ['h.s', 'h.o', 'h', 'h.bin'].map((name) =>
      path.join(dir, name),
    ) as [string, string, string, string];
    fs.writeFileSync(source, harnessSource());
    const run = (tool: string, ...args: string[]): void => {
      const { status, stderr } = spawnSync(`s390x-linux-gnu-${tool}`, args, { encoding: 'utf8' });
      expect(status, stderr).toBe(0);
    };
    run('as', '-march=z13', '-o', object, source);
    run('ld', `-Ttext=0x${HARNESS.toString(16)}`, '-e', '0', '-o', linked, object);
    run('objcopy', '-O', 'binary', '-j', '.text', linked, binary);
    const ours = assembleProgram(harnessSource(), HARNESS).bytes;
    expect(hexBytes(ours)).toBe(hexBytes(fs.readFileSync(binary)));
  } finally {
    fs.rmSync(dir, { recursive: true });
  }
});

function state(change: (s: MachineState) => void): MachineState {
  const made = new MachineState();
  for (let r = 0; r < 16; r++) {
    made.setGr(r, BigInt(r) * 0x0101_0101_0101_0101n);
    made.setFpr(r, BigInt(r) * 0x1111n);
    made.setAr(r, r);
  }
  made.fpc = 0x0088_0003;
  made.cc = 2;
  made.programMask = 1;
  made.memory.fill(0x42);
  change(made);
  return made;
}

describe.skipIf(!hasQemu)('the oracle driver (needs qemu-s390x)', () => {
  const rows: [string, (s: MachineState) => void, object | undefined][] = [
    // Nothing is lost or changed on the way in and out.
    ['nopr', () => {}, undefined],
    ['stg %r1,0(%r3)', (s) => s.setGr(3, BigInt(WINDOW_A)), undefined],
    [
      'stg %r1,0(%r3)',
      (s) => s.setGr(3, BigInt(READ_ONLY_PAGE)),
      { signal: SIGSEGV, siCode: 2, page: READ_ONLY_PAGE },
    ],
    [
      'lg %r1,8(%r3)',
      (s) => s.setGr(3, BigInt(UNMAPPED_PAGE)),
      { signal: SIGSEGV, siCode: 1, page: UNMAPPED_PAGE },
    ],
    ['dsgr %r2,%r5', (s) => s.setGr(5, 0n), { signal: SIGFPE, siCode: 1, page: 0 }],
    ['.long 0', () => {}, { signal: SIGILL, siCode: 1, page: 0 }],
    ['cgrte %r4,%r4', () => {}, { signal: SIGFPE, siCode: 0, page: 0 }],
  ];
  const cases = rows.map(([source, change], i): Case => {
    const at = CODE_AREA + i * CODE_STRIDE;
    return { code: assembleProgram(source, at).bytes, at, before: state(change) };
  });
  const oracle = new OracleDriver().run(cases);

  test.each(rows.map((row, i) => [row[0], i] as const))('%s (%i)', (_source, i) => {
    const result = oracle[i]!;
    const wanted = rows[i]![2];
    const found = result.interruption;
    if (wanted) expect(found).toEqual({ ...wanted, ia: cases[i]!.at });
    else expect(found).toBeUndefined();
    for (const backend of ['interpreter', 'jit'] as const) {
      const ours = new EngineDriver(backend).run([cases[i]!])[0]!;
      expect(resultDifference(ours, result)).toEqual([]);
    }
  });

  test('a case that ends the emulator does not take the others with it', () => {
    const endless = { ...cases[0]!, code: assembleProgram('rxsbg %r2,%r4,128,10,8').bytes };
    const results = new OracleDriver().run([
      cases[0]!,
      { ...endless, at: cases[1]!.at },
      cases[2]!,
    ]);
    expect(results.map((result) => result !== undefined)).toEqual([true, false, true]);
  });
});

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assembleProgram } from '../../src/isa/assemble-program.ts';
import type { Case, Driver, Interruption, Result } from './driver.ts';
import {
  AR_AT,
  DATA_PAGES,
  MachineState,
  MEMORY_AT,
  PROGRAM_MASK_AT,
  READ_ONLY_PAGE,
  readOnlyByte,
  STATE_SIZE,
  WINDOWS,
} from './state.ts';

/**
 * Hercules as an oracle for what qemu-s390x lacks: decimal arithmetic, PLO, CUSE, CVB. The cases
 * run on a bare machine without address translation, so access exceptions do not occur: a case
 * must stay inside the windows. It tells program-interruption codes and not signals.
 * Floating-point registers and the FPC are not carried, nor is there an EXECUTE target.
 */
export const HERCULES = 'hercules';
export const hasHercules = !spawnSync(HERCULES, ['--version'], { stdio: 'ignore' }).error;

/** Absolute addresses: the harness's variables in the prefix area, then its parts. */
const INDEX = 0xd00;
const COUNT = 0xd08;
const INPUT_POINTER = 0xd10;
const OUTPUT_POINTER = 0xd18;
const PAGES_POINTER = 0xd20;
const PAGES_LENGTH = 0xd28;
const TEMPLATE_POINTER = 0xd30;
const TEMPLATE_LENGTH = 0xd38;
const READ_ONLY_POINTER = 0xd40;
const STUBS_POINTER = 0xd48;
const WAIT_PSW = 0xd50;
const CR0 = 0xd60;
const SAVED = 0xe00;
const HARNESS = 0x40_0000;
const TEMPLATE = 0x41_0000;
const STUBS = 0x50_0000;
const STUB_SIZE = 12;
const INPUT = 0x80_0000;
const OUTPUT = 0x200_0000;
const STORAGE_MIB = 64;
/** Enough that input and output records fit their areas. */
const BATCH = 10_000;

/** After the state in an output record: program-interruption code, its length code, PSW address. */
const CODE_AT = STATE_SIZE;
const LENGTH_AT = STATE_SIZE + 2;
const ADDRESS_AT = STATE_SIZE + 8;
const RECORD_SIZE = STATE_SIZE + 16;

function windows(record: string, pages: string, toRecord: boolean): string {
  const lines: string[] = [];
  for (const [address, at, length] of WINDOWS) {
    for (let done = 0; done < length; done += 256) {
      const offset = address - DATA_PAGES + done;
      const there = offset & 0xfff;
      const here = MEMORY_AT + at + done;
      lines.push(`lay %r1,${offset - there}(${pages})`);
      lines.push(
        toRecord
          ? `mvc ${here}(256,${record}),${there}(%r1)`
          : `mvc ${there}(256,%r1),${here}(${record})`,
      );
    }
  }
  return lines.join('\n');
}

const HARNESS_SOURCE = `
start:
  .byte 0xeb, 0, ${CR0 >> 8}, ${CR0 & 255}, 0, 0x2f
loop:
  lg %r5,${INDEX}
  clg %r5,${COUNT}
  jhe done
  lgr %r2,%r5
  aghi %r2,1
  stg %r2,${INDEX}
  lg %r6,${PAGES_POINTER}
  lgr %r10,%r6
  lg %r7,${PAGES_LENGTH}
  lghi %r9,0
  mvcl %r6,%r8
  lg %r6,${READ_ONLY_POINTER}
  lg %r7,${TEMPLATE_LENGTH}
  lg %r8,${TEMPLATE_POINTER}
  lg %r9,${TEMPLATE_LENGTH}
  mvcl %r6,%r8
  lg %r3,${INPUT_POINTER}
  ${windows('%r3', '%r10', false)}
  lam %a0,%a15,${AR_AT}(%r3)
  l %r1,${PROGRAM_MASK_AT}(%r3)
  mghi %r5,${STUB_SIZE}
  ag %r5,${STUBS_POINTER}
  spm %r1
  br %r5
finished:
  stmg %r0,%r15,${SAVED}
  lg %r4,${OUTPUT_POINTER}
  ipm %r3
  srl %r3,24
  j next
interrupted:
  stmg %r0,%r15,${SAVED}
  lg %r4,${OUTPUT_POINTER}
  mvc ${CODE_AT}(2,%r4),0x8e
  mvc ${LENGTH_AT}(2,%r4),0x8c
  mvc ${ADDRESS_AT}(8,%r4),0x158
  ic %r3,0x152
  nill %r3,63
next:
  stc %r3,${PROGRAM_MASK_AT}(%r4)
  mvc 0(128,%r4),${SAVED}
  stam %a0,%a15,${AR_AT}(%r4)
  lg %r10,${PAGES_POINTER}
  ${windows('%r4', '%r10', true)}
  lay %r4,${RECORD_SIZE}(%r4)
  stg %r4,${OUTPUT_POINTER}
  lg %r3,${INPUT_POINTER}
  lay %r3,${STATE_SIZE}(%r3)
  stg %r3,${INPUT_POINTER}
  j loop
done:
  .byte 0xb2, 0xb2, ${WAIT_PSW >> 8}, ${WAIT_PSW & 255}
`;

function jump(at: number, target: number): number[] {
  const half = (target - at) / 2;
  return [0xc0, 0xf4, (half >> 24) & 255, (half >> 16) & 255, (half >> 8) & 255, half & 255];
}

function makeStorage(cases: readonly Case[]): Uint8Array {
  const harness = assembleProgram(HARNESS_SOURCE, HARNESS);
  const storage = new Uint8Array(INPUT + cases.length * STATE_SIZE);
  const view = new DataView(storage.buffer);
  const quad = (at: number, value: number | bigint): void => view.setBigUint64(at, BigInt(value));
  for (const [at, label] of [
    [0x1a0, 'start'],
    [0x1d0, 'interrupted'],
  ] as const) {
    quad(at, 0x0000_0001_8000_0000n);
    quad(at + 8, harness.labels.get(label)!);
  }
  quad(COUNT, cases.length);
  quad(INPUT_POINTER, INPUT);
  quad(OUTPUT_POINTER, OUTPUT);
  quad(PAGES_POINTER, DATA_PAGES);
  quad(PAGES_LENGTH, 0x4000);
  quad(TEMPLATE_POINTER, TEMPLATE);
  quad(TEMPLATE_LENGTH, 0x1000);
  quad(READ_ONLY_POINTER, READ_ONLY_PAGE);
  quad(STUBS_POINTER, STUBS);
  // A disabled wait; and control register 0 with AFP-register control.
  quad(WAIT_PSW, 0x0002_0001_8000_0000n);
  quad(CR0, 0x0004_0000n);
  storage.set(harness.bytes, HARNESS);
  for (let i = 0; i < 4096; i++) storage[TEMPLATE + i] = readOnlyByte(i);
  const finished = harness.labels.get('finished')!;
  cases.forEach((one, i) => {
    const end = one.at + one.code.length;
    storage.set(one.code, one.at);
    storage.set(jump(end, finished), end);
    const stub = STUBS + i * STUB_SIZE;
    // lmg %r0,%r15,0(%r3)
    storage.set([0xeb, 0x0f, 0x30, 0x00, 0x00, 0x04, ...jump(stub + 6, one.at)], stub);
    storage.set(one.before.bytes, INPUT + i * STATE_SIZE);
  });
  return storage;
}

function readResult(output: Uint8Array<ArrayBuffer>, i: number, before: MachineState): Result {
  const record = output.subarray(i * RECORD_SIZE, (i + 1) * RECORD_SIZE);
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const after = new MachineState(record.slice(0, STATE_SIZE));
  for (let r = 0; r < 16; r++) after.setFpr(r, before.fpr(r));
  after.fpc = before.fpc;
  // Without PER and the like in bits 0-7.
  const code = view.getUint16(CODE_AT) & 0xff;
  if (code === 0) return { after };
  const length = view.getUint8(LENGTH_AT + 1) & 6;
  const ia = Number(view.getBigUint64(ADDRESS_AT)) - length;
  const interruption: Interruption = { signal: 0, siCode: 0, ia, page: 0, pic: code };
  return { after, interruption };
}

/** Runs cases in one start of Hercules, a batch at a time. */
export class HerculesDriver implements Driver {
  readonly name = 'hercules';
  readonly #dir = fs.mkdtempSync(path.join(tmpdir(), 'js390-hercules-'));

  constructor() {
    process.on(
      'exit',
      () => process.env.KEEP || fs.rmSync(this.#dir, { recursive: true, force: true }),
    );
  }

  run(cases: readonly Case[]): (Result | undefined)[] {
    const results: (Result | undefined)[] = [];
    for (let start = 0; start < cases.length; start += BATCH) {
      results.push(...this.#batch(cases.slice(start, start + BATCH)));
    }
    return results;
  }

  #batch(cases: readonly Case[]): (Result | undefined)[] {
    const file = (name: string): string => path.join(this.#dir, name);
    const last = OUTPUT + cases.length * RECORD_SIZE - 1;
    const seconds = 2 + Math.ceil(cases.length / 5000);
    fs.writeFileSync(file('storage'), makeStorage(cases));
    fs.rmSync(file('output'), { force: true });
    // It wants a device, and takes the console that is not there.
    fs.writeFileSync(
      file('configuration'),
      `CPUSERIAL 000001
CPUMODEL 2097
MAINSIZE ${STORAGE_MIB}
NUMCPU 1
ARCHMODE z/Arch
0009 3215-C /
`,
    );
    // There is no command that waits for the wait state.
    fs.writeFileSync(
      file('commands'),
      `loadcore ${file('storage')} 0
restart
pause ${seconds}
savecore ${file('output')} ${OUTPUT.toString(16)} ${last.toString(16)}
exit
`,
    );
    spawnSync(HERCULES, ['-d', '-f', file('configuration')], {
      env: { ...process.env, HERCULES_RC: file('commands') },
      timeout: 1000 * (seconds + 20),
      killSignal: 'SIGKILL',
      stdio: 'ignore',
    });
    if (!fs.existsSync(file('output'))) return cases.map(() => undefined);
    const output = new Uint8Array(fs.readFileSync(file('output')));
    return cases.map((one, i) =>
      (i + 1) * RECORD_SIZE <= output.length ? readResult(output, i, one.before) : undefined,
    );
  }
}

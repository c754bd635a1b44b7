import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assembleProgram, type Program } from '../../src/isa/assemble-program.ts';
import { type Case, type Driver, type Interruption, type Result, SIGSEGV } from './driver.ts';
import { elfImage } from './elf-image.ts';
import {
  HARNESS,
  harnessSource,
  INPUT,
  OUTPUT,
  PSW_ADDRESS_AT,
  RECORD_SIZE,
  SI_ADDRESS_AT,
  SI_CODE_AT,
  SIGNAL_AT,
  STACK,
  STACK_SIZE,
  STUB_SIZE,
  STUBS,
} from './harness.ts';
import { CODE_AREA, CODE_STRIDE, DATA_PAGES, MachineState } from './state.ts';
import { READ_ONLY_PAGE, readOnlyByte, STATE_SIZE, TARGET_AT } from './state.ts';

export const QEMU = 'qemu-s390x';
export const hasQemu = !spawnSync(QEMU, ['--version'], { stdio: 'ignore' }).error;

/** Writes a branch `jg target` at `at`, which is at `offset` in `bytes`. */
function writeJump(bytes: Uint8Array, offset: number, at: number, target: number): void {
  new DataView(bytes.buffer).setUint16(offset, 0xc0f4);
  new DataView(bytes.buffer).setInt32(offset + 2, (target - at) / 2);
}

function makeImage(cases: readonly Case[], harness: Program): Uint8Array {
  const finished = harness.labels.get('finished')!;
  const last = Math.max(...cases.map(({ at }) => at));
  const code = new Uint8Array(last + CODE_STRIDE - CODE_AREA);
  const stubs = new Uint8Array(cases.length * STUB_SIZE);
  const input = new Uint8Array(cases.length * STATE_SIZE);
  cases.forEach((one, i) => {
    const offset = one.at - CODE_AREA;
    code.set(one.code, offset);
    writeJump(code, offset + one.code.length, one.at + one.code.length, finished);
    if (one.target) code.set(one.target, offset + TARGET_AT);
    // lmg %r0,%r15,0(%r3) and a jump to the code
    stubs.set([0xeb, 0x0f, 0x30, 0x00, 0x00, 0x04], i * STUB_SIZE);
    writeJump(stubs, i * STUB_SIZE + 6, STUBS + i * STUB_SIZE + 6, one.at);
    input.set(one.before.bytes, i * STATE_SIZE);
  });
  const program = harness.bytes.slice();
  const setQuad = (label: string, value: number): void =>
    new DataView(program.buffer).setBigUint64(harness.labels.get(label)! - HARNESS, BigInt(value));
  setQuad('count', cases.length);
  setQuad('code_end', Math.ceil((last + CODE_STRIDE) / 4096) * 4096);
  const none = new Uint8Array(0);
  return elfImage(harness.labels.get('start')!, [
    { address: HARNESS, bytes: program, writable: true, executable: true },
    { address: CODE_AREA, bytes: code, executable: true },
    { address: STUBS, bytes: stubs, executable: true },
    { address: DATA_PAGES, bytes: none, size: READ_ONLY_PAGE - DATA_PAGES, writable: true },
    {
      address: READ_ONLY_PAGE,
      bytes: Uint8Array.from({ length: 4096 }, (_, i) => readOnlyByte(i)),
    },
    { address: INPUT, bytes: input },
    { address: OUTPUT, bytes: none, size: cases.length * RECORD_SIZE, writable: true },
    { address: STACK, bytes: none, size: STACK_SIZE, writable: true },
  ]);
}

function readResult(output: Uint8Array<ArrayBuffer>, i: number): Result {
  const record = output.subarray(i * RECORD_SIZE, (i + 1) * RECORD_SIZE);
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const after = new MachineState(record.subarray(0, STATE_SIZE));
  const signal = view.getUint32(SIGNAL_AT);
  if (signal === 0) return { after };
  const address = view.getBigUint64(SI_ADDRESS_AT);
  const interruption: Interruption = {
    signal,
    siCode: view.getInt32(SI_CODE_AT),
    // A protection or translation exception leaves the PSW at the instruction, others behind it.
    ia: signal === SIGSEGV ? Number(view.getBigUint64(PSW_ADDRESS_AT)) : Number(address),
    page: signal === SIGSEGV ? Number(address & ~0xfffn) : 0,
  };
  return { after, interruption };
}

/** Runs cases in one process of qemu-s390x, a batch at a time. */
export class OracleDriver implements Driver {
  readonly name = 'qemu-s390x';
  readonly #dir = fs.mkdtempSync(path.join(tmpdir(), 'js390-oracle-'));
  readonly #harness = assembleProgram(harnessSource(), HARNESS);

  constructor() {
    process.on('exit', () => fs.rmSync(this.#dir, { recursive: true, force: true }));
  }

  /** Cases that end the emulator itself or run for ever are undefined in the answer. */
  run(cases: readonly Case[]): (Result | undefined)[] {
    if (cases.length === 0) return [];
    const results = this.#attempt(cases);
    if (results) return results;
    // A busy machine may end a process, too: a single case gets a second chance.
    if (cases.length === 1) return this.#attempt(cases) ?? [undefined];
    const half = cases.length >> 1;
    return [...this.run(cases.slice(0, half)), ...this.run(cases.slice(half))];
  }

  #attempt(cases: readonly Case[]): Result[] | undefined {
    const file = path.join(this.#dir, 'cases');
    fs.writeFileSync(file, makeImage(cases, this.#harness), { mode: 0o755 });
    const { status, stdout } = spawnSync(QEMU, ['-cpu', 'max', file], {
      maxBuffer: 1 << 30,
      timeout: 20_000 + 5 * cases.length,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (status !== 0 || stdout.length !== cases.length * RECORD_SIZE) return undefined;
    const bytes = new Uint8Array(stdout);
    return cases.map((_, i) => readResult(bytes, i));
  }
}

/**
 * The first thing to try: `npm run demo`.
 *
 * Runs two s390x programs of `bench/kernels/` (their C sources lie beside them), shows guest
 * instructions beside the JavaScript made from them, and compares the two backends.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { CpuState } from '../src/cpu/state.ts';
import { Engine } from '../src/engine/engine.ts';
import { inspectRegion } from '../src/engine/inspect.ts';
import { growRegion } from '../src/frontend/region.ts';
import { USER_MODE } from '../src/ir/builder.ts';
import { parseElf } from '../src/linux/elf.ts';
import { AddressSpace } from '../src/memory/user-space.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const JS390 = path.join(ROOT, 'src/cli/js390.mjs');
const KERNELS = path.join(ROOT, 'bench/kernels');

/** What the demo runs: CRC-32 of 64 KiB, this often on each backend. */
const PROGRAM = path.join(KERNELS, 'crc32.s390x');
const ITERATIONS = { interpreter: 60, tiered: 3000 };

/** The function of it whose translation is shown. */
const SYMBOL = 'crc32';

/** Beginning of that function: the loop over the bytes, without what precedes and follows it. */
const LOOP = 0x14;

/** What the demo reads of `js390 run --stats-json`. */
interface Stats {
  instructions: number;
  run_seconds: number;
}

function js390(args: string[]): string {
  return execFileSync(process.execPath, [JS390, ...args], { encoding: 'utf8', cwd: ROOT });
}

function heading(text: string): void {
  console.log(`\n${text}\n${'-'.repeat(text.length)}`);
}

/** Prints each guest instruction of a block beside the lines of JavaScript made for it. */
function sideBySide(guest: string[], javascript: string[]): void {
  const width = Math.max(...guest.map((line) => line.length)) + 4;
  const starts = guest.map((insn) => javascript.findIndex((line) => line.endsWith(`// ${insn}`)));
  const end = javascript.findIndex((line, i) => i > starts.at(-1)! && /^ *\/\/ /.test(line));
  guest.forEach((insn, i) => {
    const lines = javascript.slice(starts[i] + 1, starts[i + 1] ?? end);
    const indent = Math.min(...lines.map((line) => line.search(/\S/)));
    for (const [j, line] of lines.entries()) {
      console.log((j === 0 ? insn : '').padEnd(width) + line.slice(indent));
    }
  });
  const rest = javascript.length - (end - starts[0]);
  console.log(`... and ${rest} lines around it: registers in, registers out, the rest of crc32()`);
}

/** The value of a symbol in a big-endian ELF64 file with a symbol table. */
function symbolAddress(elf: Buffer, symbol: string): number {
  const offset = (at: number) => Number(elf.readBigUInt64BE(at));
  const section = (index: number) => offset(0x28) + index * elf.readUInt16BE(0x3a);
  const SHT_SYMTAB = 2;
  for (let i = 0; i < elf.readUInt16BE(0x3c); i++) {
    const header = section(i);
    if (elf.readUInt32BE(header + 4) !== SHT_SYMTAB) continue;
    const strings = offset(section(elf.readUInt32BE(header + 0x28)) + 0x18);
    const start = offset(header + 0x18);
    for (let at = start; at < start + offset(header + 0x20); at += 24) {
      const from = strings + elf.readUInt32BE(at);
      if (elf.toString('latin1', from, elf.indexOf(0, from)) === symbol) return offset(at + 8);
    }
  }
  throw new Error(`no symbol ${symbol}`);
}

/** The block at an address of a static program, and the region that is grown from it. */
function translate(elf: Buffer, address: number): { guest: string[]; javascript: string[] } {
  const memory = new AddressSpace();
  const image = parseElf((at, length) => elf.subarray(at, at + length), elf.length);
  memory.map(image.start, image.end - image.start, 7);
  for (const { address: to, offset, fileSize } of image.segments) {
    memory.bytes.set(elf.subarray(offset, offset + fileSize), to);
  }
  const engine = new Engine(memory, new CpuState(), { comments: true });
  const { insns } = growRegion(memory, address, USER_MODE).blocks.get(address)!;
  const guest = insns.map(({ at, text }) => `${at.toString(16)}  ${text()}`);
  const { javascript } = inspectRegion(engine, address);
  return { guest, javascript: javascript.trimEnd().split('\n') };
}

/** Guest instructions in millions and millions a second of one run. */
function measure(backend: keyof typeof ITERATIONS): {
  line: string;
  millions: number;
  mips: number;
} {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'js390-demo-'));
  try {
    const file = path.join(folder, 'stats.json');
    const options = ['--backend', backend, '--stats-json', file];
    const line = js390(['run', ...options, PROGRAM, String(ITERATIONS[backend])]).trim();
    const stats: Stats = JSON.parse(fs.readFileSync(file, 'utf8'));
    const millions = stats.instructions / 1e6;
    return { line, millions, mips: millions / stats.run_seconds };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

heading('An s390x program says hello (bench/kernels/hello.c)');
process.stdout.write(js390(['run', path.join(KERNELS, 'hello.s390x')]));

heading('s390x instructions of crc32() in bench/kernels/crc32.c, and the JavaScript they become');
const elf = fs.readFileSync(PROGRAM);
const { guest, javascript } = translate(elf, symbolAddress(elf, SYMBOL) + LOOP);
sideBySide(guest, javascript);

heading('CRC-32 on both backends');
const interpreter = measure('interpreter');
const tiered = measure('tiered');
const table = new Table({
  head: ['backend', 'it printed', 'M instructions', 'MIPS', 'ratio'],
  colAligns: ['left', 'left', 'right', 'right', 'right'],
  style: { head: [], border: [], compact: true },
});
for (const [name, run] of Object.entries({ interpreter, tiered })) {
  const ratio = `${(run.mips / interpreter.mips).toFixed(1)}x`;
  table.push([name, run.line, run.millions.toFixed(0), run.mips.toFixed(0), ratio]);
}
console.log(table.toString());
if (!spawnSync('qemu-s390x', ['--version']).error) {
  console.log('qemu-s390x is installed here: `npm run bench` compares with it.');
}

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

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const JS390 = path.join(ROOT, 'src/cli/js390.mjs');
const KERNELS = path.join(ROOT, 'bench/kernels');

/** What the demo runs: CRC-32 of 64 KiB, this often on each backend. */
const PROGRAM = path.join(KERNELS, 'crc32.s390x');
const ITERATIONS = { interpreter: 30, tiered: 1500 };

/** The function of it whose translation is shown. */
const SYMBOL = 'crc32';

/** More lines than this of one listing tell a newcomer nothing. */
const LINES = 40;

/** What the demo reads of `js390 inspect --json`. */
interface Inspection {
  disassembly: string[];
  javascript: string;
}

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

function shorten(lines: string[]): string[] {
  if (lines.length <= LINES) return lines;
  return [...lines.slice(0, LINES), `... ${lines.length - LINES} more lines`];
}

function sideBySide(left: string[], right: string[]): void {
  const width = Math.max(...left.map((line) => line.length)) + 3;
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    console.log(((left[i] ?? '').padEnd(width) + (right[i] ?? '')).trimEnd());
  }
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

heading(
  `s390x instructions of ${SYMBOL}() in bench/kernels/crc32.c, and the JavaScript they become`,
);
const inspection: Inspection = JSON.parse(js390(['inspect', PROGRAM, '--at', SYMBOL, '--json']));
sideBySide(shorten(inspection.disassembly), shorten(inspection.javascript.split('\n')));

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

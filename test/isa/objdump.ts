import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const OBJDUMP = 's390x-linux-gnu-objdump';
export const hasObjdump = !spawnSync(OBJDUMP, ['--version'], { stdio: 'ignore' }).error;

export interface ObjdumpLine {
  readonly at: number;
  readonly bytes: Uint8Array;
  /** Mnemonic and operands separated by one space, without symbols; targets with 0x. */
  readonly text: string;
}

function normalise(mnemonic: string, operands: string): string {
  const target = operands.replace(/\b(?:0x)?([0-9a-f]+) <[^>]*>$/, '0x$1');
  return target === '' ? mnemonic : `${mnemonic} ${target}`;
}

function parse(output: string): ObjdumpLine[] {
  const lines: ObjdumpLine[] = [];
  for (const line of output.split('\n')) {
    const [at, bytes, mnemonic, operands = ''] = line.split('\t');
    if (mnemonic === undefined || !at!.endsWith(':')) continue;
    lines.push({
      at: Number.parseInt(at!, 16),
      bytes: Uint8Array.from(bytes!.trim().split(' '), (byte) => Number.parseInt(byte, 16)),
      text: normalise(mnemonic.trim(), operands.trim()),
    });
  }
  return lines;
}

function run(args: string[]): ObjdumpLine[] {
  const { status, stdout, stderr } = spawnSync(OBJDUMP, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(stderr);
  return parse(stdout);
}

/** The code sections of an ELF file. */
export function objdumpFile(file: string): ObjdumpLine[] {
  return run(['-d', file]);
}

/** Raw bytes as code that starts at `address`. */
export function objdumpBytes(bytes: Uint8Array, address: number): ObjdumpLine[] {
  const dir = fs.mkdtempSync(path.join(tmpdir(), 'js390-objdump-'));
  try {
    const file = path.join(dir, 'code.bin');
    fs.writeFileSync(file, bytes);
    const vma = `--adjust-vma=${address}`;
    return run(['-D', '-b', 'binary', '-m', 's390:64-bit', vma, file]);
  } finally {
    fs.rmSync(dir, { recursive: true });
  }
}

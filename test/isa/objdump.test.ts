import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { InsnBits } from '../../src/isa/format.ts';
import { assemble } from '../../src/isa/assembler.ts';
import { disassemble } from '../../src/isa/disassembler.ts';
import { DECODER, INSTRUCTIONS } from '../../src/isa/table.ts';
import { hexBytes } from '../../src/base/hex.ts';
import { defaultSysroot } from '../../tools/sysroot.ts';
import { randomEncoding } from '../fuzz/encoding.ts';
import { Random } from '../fuzz/random.ts';
import { hasObjdump, OBJDUMP, objdumpBytes, objdumpFile } from './objdump.ts';

function insnBits(bytes: Uint8Array): InsnBits {
  const padded = new Uint8Array(6);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  return { first: view.getUint32(0), last: view.getUint16(4) };
}

/** What we print, or undefined when the opcode is not declared. */
function ours(bytes: Uint8Array, at: number): string | undefined {
  const insn = DECODER.decode(insnBits(bytes), at);
  return insn && insn.length === bytes.length ? disassemble(insn) : undefined;
}

function assembled(text: string, at: number): string {
  try {
    return hexBytes(assemble(text, at));
  } catch (error) {
    return String(error);
  }
}

/**
 * Opcodes in those files that we do not declare, with the reason. Everything else must agree.
 * Keys are what objdump prints first.
 */
const UNDECLARED: readonly [RegExp, string][] = [
  [/^v[a-z0-9]+$/, 'vector facility, not offered to the guest'],
  [/^(tbegin|tbeginc|tend|tabort|etnd|ppa)$/, 'transactional execution, not offered to the guest'],
  [/^(su|lpdr)$/, 'hexadecimal floating point: data between functions'],
  [/^(srp|ap|sp|zap|cp|mp|dp|ed|edmk)$/, 'decimal arithmetic: data between functions'],
  [/^\.(long|short|byte)$/, 'data: no instruction has this opcode'],
];

/** Declared, but not in the manual, nor known to objdump. */
const NOT_PUBLISHED = new Set(['CHSC', 'SERVC', 'CLP', 'SIC']);

const AREA = 0x4000_0000;

describe.skipIf(!hasObjdump)(`the disassembler agrees with ${OBJDUMP} (needs it)`, () => {
  test('on random encodings of every declared instruction, and the assembler reads them back', () => {
    const random = new Random(390);
    const published = INSTRUCTIONS.filter(({ mnemonic }) => !NOT_PUBLISHED.has(mnemonic));
    const encodings = published.flatMap((instruction) =>
      Array.from({ length: 60 }, () => randomEncoding(instruction, random)),
    );
    const code = new Uint8Array(encodings.reduce((sum, { length }) => sum + length, 0));
    let end = 0;
    for (const bytes of encodings) {
      code.set(bytes, end);
      end += bytes.length;
    }
    const differences: string[] = [];
    for (const { at, bytes, text } of objdumpBytes(code, AREA)) {
      const mine = ours(bytes, at);
      if (mine !== text) differences.push(`${hexBytes(bytes)}: ${mine} / objdump: ${text}`);
      else if (assembled(mine, at) !== hexBytes(bytes)) {
        differences.push(`${hexBytes(bytes)}: ${mine} assembles to ${assembled(mine, at)}`);
      }
    }
    expect(differences.slice(0, 20)).toEqual([]);
  });

  const files = ['usr/bin/busybox', 'usr/lib/s390x-linux-gnu/libc.so.6'];
  const file = (name: string): string => path.join(defaultSysroot(), name);
  const present = files.every((name) => fs.existsSync(file(name)));
  test.skipIf(!present).each(files)('on the whole of %s (needs tools/sysroot.ts run)', (name) => {
    const undeclared = new Map<string, number>();
    const differences: string[] = [];
    let compared = 0;
    for (const { at, bytes, text } of objdumpFile(file(name))) {
      const mine = ours(bytes, at);
      compared++;
      if (mine === text) continue;
      const mnemonic = text.split(' ')[0]!;
      if (mine === undefined) undeclared.set(mnemonic, (undeclared.get(mnemonic) ?? 0) + 1);
      else differences.push(`${at.toString(16)} ${hexBytes(bytes)}: ${mine} / objdump: ${text}`);
    }
    expect(compared).toBeGreaterThan(100_000);
    expect(differences.slice(0, 20)).toEqual([]);
    const unexplained = [...undeclared].filter(
      ([mnemonic]) => !UNDECLARED.some(([pattern]) => pattern.test(mnemonic)),
    );
    expect(unexplained.map(([mnemonic, count]) => `${mnemonic}:${count}`).join(' ')).toBe('');
  });
});

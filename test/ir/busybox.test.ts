import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { growRegion } from '../../src/frontend/region.ts';
import { USER_MODE } from '../../src/ir/builder.ts';
import { runPasses } from '../../src/ir/passes/index.ts';
import { verifyBlock } from '../../src/ir/verify.ts';
import { parseElf } from '../../src/linux/elf.ts';
import { AddressSpace, PAGE_EXEC, PAGE_READ } from '../../src/memory/user-space.ts';
import { PAGE_SIZE } from '../../src/memory/page.ts';
import { defaultSysroot } from '../../tools/sysroot.ts';

const busybox = path.join(defaultSysroot(), 'bin/busybox');
const FUNCTIONS = 2000;

/** STMG %rx,%r15,d(%r15), with which nearly every function that calls others begins. */
function prologues(bytes: Uint8Array, start: number, end: number): number[] {
  const found: number[] = [];
  for (let at = start; at < end && found.length < FUNCTIONS; at += 2) {
    const isStmg = bytes[at] === 0xeb && (bytes[at + 1]! & 15) === 15 && bytes[at + 5] === 0x24;
    if (isStmg && bytes[at + 2]! >> 4 === 15) found.push(at);
  }
  return found;
}

test.skipIf(!fs.existsSync(busybox))(
  'every block of 2,000 functions of busybox is sound after every pass (needs npm run sysroot busybox-static)',
  { timeout: 300_000 },
  () => {
    const file = fs.readFileSync(busybox);
    const image = parseElf((at, length) => file.subarray(at, at + length), file.length);
    const memory = new AddressSpace();
    const text = image.segments.find(({ prot }) => prot & PAGE_EXEC)!;
    const first = text.address - (text.address % PAGE_SIZE);
    const size = Math.ceil((text.address + text.memorySize - first) / PAGE_SIZE) * PAGE_SIZE;
    const start = image.relocatable ? first + 0x1000_0000 : first;
    memory.map(start, size, PAGE_READ | PAGE_EXEC);
    const bytes = file.subarray(text.offset, text.offset + text.fileSize);
    memory.bytes.set(bytes, start + (text.address - first));
    const functions = prologues(memory.bytes, start, start + size);
    expect(functions).toHaveLength(FUNCTIONS);
    const problems: string[] = [];
    let blocks = 0;
    for (const entry of functions) {
      for (const block of growRegion(memory, entry, USER_MODE).blocks.values()) {
        blocks++;
        problems.push(...verifyBlock(block));
        runPasses(block, 'js', new Set(), (pass) => {
          problems.push(...verifyBlock(block).map((problem) => `after ${pass}: ${problem}`));
        });
      }
    }
    expect(problems.slice(0, 5)).toEqual([]);
    expect(blocks).toBeGreaterThan(FUNCTIONS);
  },
);

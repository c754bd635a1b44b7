import { USER_MODE } from '../../src/ir/builder.ts';
import type { Block } from '../../src/ir/block.ts';
import { translateBlock } from '../../src/frontend/translate-block.ts';
import { assemble } from '../../src/isa/assembler.ts';
import { AddressSpace, PAGE_EXEC, PAGE_READ } from '../../src/memory/user-space.ts';

const CODE = 0x10_1000;

/** The block of these instructions, one a line, at 101000. */
export function blockOf(...lines: string[]): Block {
  const memory = new AddressSpace(0x20_0000);
  memory.map(CODE, 4096, PAGE_READ | PAGE_EXEC);
  let at = CODE;
  for (const line of lines) {
    const bytes = assemble(line, at);
    memory.bytes.set(bytes, at);
    at += bytes.length;
  }
  return translateBlock(memory, CODE, USER_MODE, { limit: lines.length }).block;
}

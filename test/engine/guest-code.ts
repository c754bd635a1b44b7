import { CpuState, USER_PSW_MASK } from '../../src/cpu/state.ts';
import { assembleProgram } from '../../src/isa/assemble-program.ts';
import { AddressSpace, PAGE_EXEC, PAGE_READ, PAGE_WRITE } from '../../src/memory/user-space.ts';

/** Where a test's program lies, and storage for its data. */
export const CODE = 0x10_1000;
export const DATA = 0x10_4000;

/**
 * A small program in storage. There is a page more of everything than is needed: a guard leaves
 * generated code where the next page is closed, and would hide what that code does.
 */
export function guestCode(source: string): AddressSpace {
  const memory = new AddressSpace(0x20_0000);
  memory.map(CODE, 8192, PAGE_READ | PAGE_EXEC);
  memory.map(DATA, 8192, PAGE_READ | PAGE_WRITE);
  memory.bytes.set(assembleProgram(source, CODE).bytes, CODE);
  return memory;
}

/** Registers of a program that begins at CODE, with a stack in the middle of the data. */
export function guestState(): CpuState {
  const state = new CpuState();
  state.pswMask = USER_PSW_MASK;
  state.ia = CODE;
  state.setGr(15, BigInt(DATA + 4096));
  return state;
}

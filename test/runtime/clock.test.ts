import { expect, test } from 'vitest';
import { hexBytes } from '../../src/base/hex.ts';
import { CpuState, USER_PSW_MASK } from '../../src/cpu/state.ts';
import { Engine } from '../../src/engine/engine.ts';
import { assembleProgram } from '../../src/isa/assemble-program.ts';
import { AddressSpace } from '../../src/memory/user-space.ts';

const CODE = 0x20_0000;
const DATA = 0x30_0000;

/** Runs `source` with R1 at a page of 11s, and returns the state and the first bytes of the page. */
function run(source: string, gr0 = 0n): { state: CpuState; stored: (length: number) => string } {
  const memory = new AddressSpace(0x100_0000);
  memory.map(CODE, 0x1000, 7);
  memory.map(DATA, 0x1000, 3);
  memory.bytes.fill(0x11, DATA, DATA + 64);
  memory.bytes.set(assembleProgram(`${source}\nsvc 0`, CODE).bytes, CODE);
  const state = new CpuState();
  state.pswMask = USER_PSW_MASK;
  state.ia = CODE;
  state.cc = 1;
  state.setGr(0, gr0);
  state.setGr(1, BigInt(DATA));
  const facilities = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i);
  const engine = new Engine(memory, state, { clock: () => 0xd5c0_ffee_1234_5678n, facilities });
  expect(engine.run(10).kind).toBe('supervisorCall');
  return { state, stored: (length) => hexBytes(memory.bytes.subarray(DATA, DATA + length)) };
}

test.each(['stck', 'stckf'])('%s stores the clock of the run, CC 0', (mnemonic) => {
  const { state, stored } = run(`${mnemonic} 0(%r1)`);
  expect(stored(9)).toBe('d5c0ffee1234567811');
  expect(state.cc).toBe(0);
});

test('STCKE: a byte of zeros, the clock, something not zero, the programmable field', () => {
  const { state, stored } = run('stcke 0(%r1)');
  expect(stored(17)).toBe('00d5c0ffee123456780000000001000011');
  expect(state.cc).toBe(0);
});

test('STFLE stores what it is asked for and says how much there is', () => {
  const part = run('stfle 0(%r1)', 0xffff_ff00n);
  expect(part.stored(9)).toBe('a0a1a2a3a4a5a6a711');
  expect(part.state.gr(0)).toBe(0xffff_ff01n);
  expect(part.state.cc).toBe(3);
  const whole = run('stfle 0(%r1)', 7n);
  expect(whole.stored(17)).toBe('a0a1a2a3a4a5a6a7a8a9aaabacadaeaf11');
  expect(whole.state.gr(0)).toBe(1n);
  expect(whole.state.cc).toBe(0);
});

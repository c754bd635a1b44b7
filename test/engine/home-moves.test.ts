import { describe, expect, test } from 'vitest';
import type { CpuState } from '../../src/cpu/state.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { EngineOptions } from '../../src/engine/options.ts';
import { DATA, guestCode, guestState } from './guest-code.ts';

/**
 * Calls a function that saves %r6-%r15, spoils most of them, and restores them from %r2 bytes
 * further on: where that is not 0 the restore runs into storage that is not there.
 */
const SOURCE = `
        lghi %r9,200
        lghi %r2,0
loop:   brasl %r14,save
        agr %r10,%r6
        brctg %r9,loop
        lgr %r2,%r3
        brasl %r14,save
        svc 0
save:   stmg %r6,%r15,48(%r15)
        aghi %r15,-160
        stg %r11,8(%r15)
        lghi %r11,5
        lghi %r6,7
        agr %r11,%r6
        lgr %r12,%r11
        agr %r15,%r2
        lmg %r6,%r15,208(%r15)
        br %r14
`;

const VALUES = [6, 7, 8, 11, 12, 13].map((r) => [r, BigInt(r) * 0x1111_0000_1111_0101n] as const);

function run(options: EngineOptions, last: bigint): { kind: string; state: CpuState } {
  const state = guestState();
  for (const [r, value] of VALUES) state.setGr(r, value);
  state.setGr(3, last);
  const { kind } = new Engine(guestCode(SOURCE), state, options).run(1_000_000);
  return { kind, state };
}

describe.each<[string, EngineOptions]>([
  ['interpreter', { backend: 'interpreter' }],
  ['jit', { backend: 'jit' }],
  ['jit without home moves', { backend: 'jit', disabledPasses: new Set(['home-moves']) }],
  ['jit, a guard for each access', { backend: 'jit', disabledPasses: new Set(['guard-merging']) }],
  ['tiered', { backend: 'tiered', threshold: 20 }],
])('saved registers, %s', (_, options) => {
  test('come back', () => {
    const { kind, state } = run(options, 0n);
    expect(kind).toBe('supervisorCall');
    for (const [r, value] of VALUES) expect(state.gr(r)).toBe(value);
    expect(state.gr(10)).toBe(BigInt.asUintN(64, 200n * VALUES[0]![1]));
    expect(state.gr(15)).toBe(BigInt(DATA + 4096));
  });

  test('keep what the function made of them when the restore faults', () => {
    // The last of the eighty bytes would be beyond the data.
    const beyond = BigInt(DATA + 8192 - (DATA + 4096 - 160 + 208) - 76);
    const { kind, state } = run(options, beyond);
    expect(kind).toBe('interruption');
    for (const [r, value] of VALUES) {
      expect(state.gr(r)).toBe(r === 6 ? 7n : r === 11 || r === 12 ? 12n : value);
    }
    expect(state.gr(15)).toBe(BigInt(DATA + 4096 - 160) + beyond);
  });
});

test('a register is saved, read again and multiplied in one block', () => {
  // Found by the fuzzer: the second read stood for the first, which had no locals.
  const source = `
        stmg %r3,%r3,0(%r15)
        locg %r3,0(%r15),0
        msgrkc %r3,%r3,%r3
        svc 0
  `;
  for (const backend of ['interpreter', 'jit'] as const) {
    const state = guestState();
    state.setGr(3, 0x1_0000_0003n);
    new Engine(guestCode(source), state, { backend }).run(1000);
    expect(state.gr(3), backend).toBe(0x6_0000_0009n);
    expect(state.cc, backend).toBe(3);
  }
});

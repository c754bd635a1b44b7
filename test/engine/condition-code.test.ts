import { describe, expect, test } from 'vitest';
import type { CpuState } from '../../src/cpu/state.ts';
import { Engine } from '../../src/engine/engine.ts';
import { guestCode, guestState } from './guest-code.ts';

/** Runs a program up to its SVC; the condition code is 3 at first. */
function run(backend: 'interpreter' | 'jit', source: string): CpuState {
  const state = guestState();
  state.cc = 3;
  const engine = new Engine(guestCode(source), state, { backend });
  expect(engine.run(10_000).kind).toBe('supervisorCall');
  engine.dispose();
  return state;
}

describe.each(['interpreter', 'jit'] as const)('%s', (backend) => {
  test("the code behind a call is the callee's, where another way brings a deferred one", () => {
    const state = run(
      backend,
      `
        lghi %r6,20
        lghi %r4,1
        lghi %r5,0
loop:   cghi %r6,7
        je after
        brasl %r14,callee
after:  ipm %r3
        srl %r3,28
        ar %r5,%r3
        brctg %r6,loop
        svc 0
callee: ltgr %r4,%r4
        br %r14
      `,
    );
    // CC 2 of LTGR 19 times, CC 0 of CGHI once.
    expect(state.gr(5)).toBe(38n);
  });

  test('two ways bring comparisons with different numbers, one of them backwards', () => {
    const state = run(
      backend,
      `
        lghi %r6,30
        lghi %r5,0
loop:   lr %r2,%r6
        ltr %r2,%r2
        je join
        chi %r2,24
        je far
join:   ipm %r3
        srl %r3,28
        ar %r5,%r3
        brctg %r6,loop
        svc 0
far:    chi %r2,20
        jne join
        j join
      `,
    );
    // CC 2 for 30 to 25, and for 24 against 20; CC 1 for 23 to 1.
    expect(state.gr(5)).toBe(37n);
  });

  test('the register that holds the operand is narrow on one way, and dead', () => {
    const state = run(
      backend,
      `
        larl %r12,value
        cgij %r3,1,8,join
        ltgf %r4,0(%r12)
join:   lgbr %r4,%r3
        ipm %r5
        svc 0
value:  .long 0xc7acdccb
      `,
    );
    expect((state.gr(5) >> 28n) & 3n).toBe(1n);
  });

  test('TEST UNDER MASK of no bit gives 0, for branches and as a borrow', () => {
    const state = run(
      backend,
      `
        lghi %r5,0
        lghi %r2,9
        lghi %r7,4
        larl %r12,value
        tm 0(%r12),0
        jo wrong
        tmlh %r12,0
        jno right
wrong:  lghi %r5,1
right:  tmlh %r12,0
        slbr %r2,%r7
        svc 0
value:  .long 0xc7acdccb
      `,
    );
    expect(state.gr(5)).toBe(0n);
    // 9 - 4, less 1 that is borrowed.
    expect(state.gr32(2)).toBe(4);
  });
});

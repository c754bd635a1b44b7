import { describe, expect, test } from 'vitest';
import type { CpuState } from '../../src/cpu/state.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { EngineExit } from '../../src/engine/exit.ts';
import type { EngineOptions } from '../../src/engine/options.ts';
import { addressOf, siteOf } from '../../src/ir/block.ts';
import { CODE, guestCode, guestState } from './guest-code.ts';

function start(source: string, options: EngineOptions): { engine: Engine; state: CpuState } {
  const state = guestState();
  return { engine: new Engine(guestCode(source), state, options), state };
}

function run(source: string, options: EngineOptions): { exit: EngineExit; state: CpuState } {
  const { engine, state } = start(source, options);
  const exit = engine.run(1_000_000);
  return { exit, state };
}

/** The starts of all blocks in regions. */
function compiled(engine: Engine): number[] {
  return [...engine.regions.all()].flatMap(({ blocks }) => [...blocks]);
}

const TIERED: EngineOptions = { backend: 'tiered', threshold: 20 };

describe.each<[string, EngineOptions]>([
  ['interpreter', { backend: 'interpreter' }],
  ['jit', { backend: 'jit' }],
  ['tiered', TIERED],
])('%s', (_, options) => {
  test('a branch to where no storage can be leaves there', () => {
    const { exit, state } = run('lgfi %r1,1\nsllg %r1,%r1,33\nbr %r1', options);
    expect(exit.kind).toBe('interruption');
    expect(state.ia).toBe(2 ** 33);
  });

  test.each([-1, -4094, -2])('a branch to %i is exact, though no number is', (address) => {
    const { exit, state } = run(`lghi %r1,${address}\nbr %r1`, options);
    const expected = BigInt.asUintN(64, BigInt(address));
    expect(exit).toMatchObject({ kind: 'interruption', interruption: { address: expected } });
    expect(state.iaBits).toBe(expected);
  });

  test('calls from two places of a loop return to each', () => {
    const { exit, state } = run(
      `
        lghi %r6,300
        lghi %r5,0
loop:   lgr %r2,%r6
        brasl %r14,callee
        agr %r5,%r2
        brasl %r14,callee
        agr %r5,%r2
        brctg %r6,loop
        svc 0
callee: aghi %r2,1
        br %r14
      `,
      options,
    );
    expect(exit.kind).toBe('supervisorCall');
    // Two calls add n + 1 and n + 2, for n from 1 to 300.
    expect(state.gr(5)).toBe(300n * 301n + 900n);
  });

  test('a function that returns by a register of its own, with a frame, and calls itself', () => {
    const { exit, state } = run(
      `
        lghi %r6,60
        lghi %r5,0
loop:   lghi %r2,9
        brasl %r14,sum
        agr %r5,%r2
        brctg %r6,loop
        svc 0
sum:    stmg %r13,%r15,104(%r15)
        aghi %r15,-160
        lgr %r13,%r2
        aghi %r2,-1
        jle last
        brasl %r14,sum
last:   agr %r2,%r13
        lg %r4,272(%r15)
        lmg %r13,%r15,264(%r15)
        br %r4
      `,
      options,
    );
    expect(exit.kind).toBe('supervisorCall');
    // 9 + 8 + ... + 1, sixty times.
    expect(state.gr(5)).toBe(60n * 45n);
  });

  test('a table of addresses decides where a loop goes on', () => {
    const { exit, state } = run(
      `
        larl %r8,table
        lghi %r6,400
        lghi %r5,0
loop:   lgr %r1,%r6
        nill %r1,3
        sllg %r1,%r1,1
        lgh %r1,0(%r1,%r8)
        agr %r1,%r8
        br %r1
zero:   aghi %r5,1
        j next
one:    aghi %r5,10
        j next
two:    aghi %r5,100
        j next
three:  aghi %r5,1000
next:   brctg %r6,loop
        svc 0
table:  .short zero-table,one-table,two-table,three-table
      `,
      options,
    );
    expect(exit.kind).toBe('supervisorCall');
    expect(state.gr(5)).toBe(100n * 1111n);
  });
});

test('a hot call is inlined once for each place that calls, and not when switched off', () => {
  const source = `
        lghi %r6,300
loop:   brasl %r14,callee
        brasl %r14,callee
        brctg %r6,loop
        svc 0
callee: aghi %r2,1
        br %r14
  `;
  const inlined = (disabled: string[]): number[] => {
    const { engine } = start(source, {
      ...TIERED,
      disabledPasses: new Set(disabled) as NonNullable<EngineOptions['disabledPasses']>,
    });
    engine.run(1_000_000);
    return compiled(engine).filter((block) => siteOf(block) !== 0);
  };
  const blocks = inlined([]);
  expect(new Set(blocks.map(siteOf)).size).toBe(2);
  expect(new Set(blocks.map(addressOf)).size).toBe(1);
  expect(inlined(['call-inlining'])).toEqual([]);
});

test('a region has the loop in it that a hot block is in, and not what was never executed', () => {
  const { engine } = start(
    `
        lghi %r5,50
outer:  lghi %r6,50
inner:  aghi %r2,1
        brctg %r6,inner
        brctg %r5,outer
        svc 0
        aghi %r2,7
        svc 0
    `,
    TIERED,
  );
  engine.run(1_000_000);
  const regions = [...engine.regions.all()];
  const outer = regions.find(({ entry }) => entry === CODE + 4);
  expect([...(outer?.blocks ?? [])].sort((a, b) => a - b)).toEqual(
    [4, 8, 16].map((at) => CODE + at),
  );
  expect(compiled(engine).some((block) => addressOf(block) > CODE + 20)).toBe(false);
});

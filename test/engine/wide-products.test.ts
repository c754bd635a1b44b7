import { describe, expect, test } from 'vitest';
import type { CpuState } from '../../src/cpu/state.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { EngineOptions } from '../../src/engine/options.ts';
import { CODE, guestCode, guestState } from './guest-code.ts';

const MULTIPLIER = 0x2545f491_4f6cdd1dn;
const KEY = 0x8bb84b93_962eacc9n;
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);

/** A hash as compilers make it. The load faults where %r7 leads it outside storage. */
const SOURCE = `
        llihf %r5,${KEY >> 32n}
        oilf %r5,${KEY & 0xffff_ffffn}
        lghi %r3,0
        lghi %r4,500
loop:   rxsbg %r1,%r1,12,63,52
        llihf %r2,${MULTIPLIER >> 32n}
        oilf %r2,${MULTIPLIER & 0xffff_ffffn}
        rxsbg %r1,%r1,0,38,25
        rxsbg %r1,%r1,27,63,37
        msgr %r2,%r1
        xgr %r2,%r3
        lgr %r11,%r2
        mlgr %r10,%r5
        l %r9,0(%r7)
        agr %r7,%r8
        lgr %r2,%r10
        xgr %r2,%r11
        rllg %r3,%r2,23
        agr %r3,%r1
        brct %r4,loop
        svc 0
`;

interface Registers {
  x: bigint;
  /** The last 128-bit product. */
  high: bigint;
  low: bigint;
  folded: bigint;
  hash: bigint;
}

/** One turn of the loop; up to the load only, when it faults. */
function turn(r: Registers, faults = false): void {
  r.x ^= r.x >> 12n;
  r.x ^= u64(r.x << 25n);
  r.x ^= r.x >> 27n;
  r.folded = u64(r.x * MULTIPLIER) ^ r.hash;
  const product = r.folded * KEY;
  r.high = product >> 64n;
  r.low = u64(product);
  if (faults) return;
  r.folded = r.high ^ r.low;
  r.hash = u64(u64(r.folded << 23n) + (r.folded >> 41n) + r.x);
}

function run(options: EngineOptions, step: bigint): CpuState {
  const state = guestState();
  state.setGr(1, 88172645463325252n);
  state.setGr(7, BigInt(CODE));
  state.setGr(8, step);
  new Engine(guestCode(SOURCE), state, options).run(1_000_000);
  return state;
}

function seen(state: CpuState): Registers {
  const [x, high, low, folded, hash] = [1, 10, 11, 2, 3].map((r) => state.gr(r)) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return { x, high, low, folded, hash };
}

const off = (name: 'wide-products'): EngineOptions['disabledPasses'] => new Set([name]);

describe.each<[string, EngineOptions]>([
  ['interpreter', { backend: 'interpreter' }],
  ['jit', { backend: 'jit' }],
  ['jit without wide products', { backend: 'jit', disabledPasses: off('wide-products') }],
  ['tiered', { backend: 'tiered', threshold: 20 }],
])('128-bit products, %s', (_, options) => {
  test('in a loop to its end', () => {
    const r: Registers = { x: 88172645463325252n, high: 0n, low: 0n, folded: 0n, hash: 0n };
    for (let i = 0; i < 500; i++) turn(r);
    expect(seen(run(options, 0n))).toEqual(r);
  });

  test('in a loop that a fault ends', () => {
    const r: Registers = { x: 88172645463325252n, high: 0n, low: 0n, folded: 0n, hash: 0n };
    const state = run(options, 64n);
    const turns = 500 - state.gr32(4);
    expect(turns).toBeGreaterThan(50);
    for (let i = 0; i < turns; i++) turn(r);
    turn(r, true);
    expect(seen(state)).toEqual(r);
    expect(state.gr(7)).toBe(BigInt(CODE) + 64n * BigInt(turns));
  });
});

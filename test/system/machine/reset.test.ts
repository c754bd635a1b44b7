import { describe, expect, test } from 'vitest';
import {
  clearReset,
  cpuReset,
  initialCpuReset,
  STATE_OPERATING,
  STATE_STOPPED,
} from '../../../src/cpu/reset.ts';
import {
  CpuState,
  FULL,
  OPERATING_STATE,
  RESET,
  RUNTIME,
  STATE_FIELDS,
} from '../../../src/cpu/state.ts';
import { TestDevice } from '../css-support.ts';
import { BACKENDS, Guest, prefixOf, RESULTS, SCRATCH, SUCCESS } from './guest.ts';

type Field = (typeof STATE_FIELDS)[number]['name'];

/** A state in which no word is zero. */
function filled(): CpuState {
  const state = new CpuState();
  for (const { at, words, count } of STATE_FIELDS) {
    for (let i = at; i < at + words * count; i++) state.words[i] = 0x5a00_0000 + i;
  }
  state.cc = 3;
  state.words[OPERATING_STATE] = STATE_OPERATING;
  return state;
}

function fieldsThatDiffer(a: CpuState, b: CpuState): Field[] {
  return STATE_FIELDS.filter(({ at, words, count }) =>
    a.words.subarray(at, at + words * count).some((word, i) => word !== b.words[at + i]),
  ).map(({ name }) => name);
}

/** What the fields of a state that a reset has touched must be, besides zero. */
const VALUES: Partial<Record<Field, bigint[]>> = {
  // PoP, "Control Registers": initial values of the masks in 0 and 14.
  cr: Array.from({ length: 16 }, (_, r) => (r === 0 ? 0xe0n : r === 14 ? 0xc200_0000n : 0n)),
  breakingEventAddress: [1n],
  operatingState: [BigInt(STATE_STOPPED)],
};

function valuesOf(state: CpuState, name: Field): bigint[] {
  const { at, words, count } = STATE_FIELDS.find((field) => field.name === name)!;
  return Array.from({ length: (words * count) / (words === 1 ? 1 : 2) }, (_, i) =>
    words === 1 ? BigInt(state.words[at + i]! >>> 0) : state.u64[at / 2 + i]!,
  );
}

// PoP, "Resets", table "Summary of Reset Actions": what stays, and what is initialised or cleared.
describe('a reset of the CPU', () => {
  const initialised: Field[] = [
    ...(['cr', 'pswMask', 'ia', 'cc', 'fpc', 'prefix', 'cpuTimer', 'clockComparator'] as const),
    ...(['todProgrammable', 'breakingEventAddress', 'programParameter'] as const),
  ];
  test.each([
    ['CPU reset', cpuReset, ['operatingState']],
    ['initial CPU reset', initialCpuReset, [...initialised, 'operatingState']],
    ['clear reset', clearReset, ['gr', 'vr', 'ar', ...initialised, 'operatingState']],
  ] as const)('%s changes these fields, and leaves the others', (_name, reset, fields) => {
    const state = filled();
    reset(state);
    const changed = fieldsThatDiffer(state, filled());
    expect(changed.sort()).toEqual([...fields].sort());
    for (const name of fields) {
      const values = valuesOf(state, name);
      expect([name, values]).toEqual([name, VALUES[name] ?? values.map(() => 0n)]);
    }
  });

  // So that a VCPU that is reset while others run need not be written back at a higher level.
  test('no reset changes a field that is only written when a machine is made or restored', () => {
    const state = filled();
    clearReset(state);
    const changed = new Set(fieldsThatDiffer(state, filled()));
    for (const { name, level } of STATE_FIELDS) {
      if (level === FULL) expect([name, changed.has(name)]).toEqual([name, false]);
    }
  });
});

describe('the fields of a VCPU', () => {
  test('have a level each; every level has fields', () => {
    const levels = new Map(STATE_FIELDS.map(({ name, level }) => [name, level]));
    expect(levels.size).toBe(STATE_FIELDS.length);
    expect(new Set(levels.values())).toEqual(new Set([RUNTIME, RESET, FULL]));
  });

  test('lie in the register file one behind the other, 64-bit ones aligned', () => {
    let end = 0;
    for (const { at, words, count } of STATE_FIELDS) {
      expect(at).toBeGreaterThanOrEqual(end);
      if (words > 1) expect(at % 2).toBe(0);
      end = at + words * count;
    }
  });
});

/** Sets everything that a reset may clear; stops in a loop. R15 is 1 when that is done. */
const SET_ALL = `
  larl %r3,values
  lctlg %c0,%c15,0(%r3)
  spt 8(%r3)
  sckc 16(%r3)
  lghi %r0,0x77
  sckpf
  lfpc 24(%r3)
  lam %a0,%a15,0(%r3)
  ld %f5,32(%r3)
  lpp 40(%r3)`;
const DATA = `
  .align 8
  values: .quad 0x00000000000000e1, 0x0010000000000000, 0xfedcba9876543210, 0x0008010000000000
  .quad 0x0123456789abcdef, 0x1111111122222222, 0x3333333344444444, 0x5555555566666666
  .quad 0x0123456789abcdef, 0x1111111122222222, 0x3333333344444444, 0x5555555566666666
  .quad 0x0123456789abcdef, 0x1111111122222222, 0x00000000c2000000, 0x5555555566666666`;

describe.each(BACKENDS)('resets of the machine on %s', (backend) => {
  // DIAGNOSE 0x308, subcodes 0 and 1, as KVM has them: a PSW at absolute 0 is where it goes on.
  const reset = (subcode: number): string => `
    ${SET_ALL}
    lghi %r8,1
    restart: sigp %r6,%r8,6
    jnz restart
    wait: lgrl %r4,ready
    cghi %r4,1
    jne wait
    # What is pending.
    sigp %r6,%r8,3
    sigp %r6,%r8,2
    llilf %r1,0x10000
    larl %r3,schib
    stsch 0(%r3)
    oi 5(%r3),0x80
    msch 0(%r3)
    lghi %r1,0
    rchp
    larl %r3,short
    mvc 0(8),0(%r3)
    lghi %r7,0x777
    lghi %r1,${subcode}
    diag %r0,%r1,0x308
    .short 0
    behind: stmg %r0,%r15,${RESULTS}
    stctg %c0,%c15,${RESULTS + 128}
    stpt ${RESULTS + 256}
    stckc ${RESULTS + 264}
    stfpc ${RESULTS + 272}
    stam %a0,%a15,${RESULTS + 280}
    std %f5,${RESULTS + 344}
    stpx ${RESULTS + 352}
    stcrw ${RESULTS + 356}
    ipm %r2
    stcm %r2,8,${RESULTS + 360}
    llilf %r1,0x10000
    larl %r3,schib
    stsch 0(%r3)
    mvc ${RESULTS + 361}(1),5(%r3)
    lghi %r8,1
    sigp %r6,%r8,1
    st %r6,${RESULTS + 364}
    lpswe ${SUCCESS}
    cpu1: ${SET_ALL}
    lghi %r7,0x888
    larl %r3,ready
    mvghi 0(%r3),1
    loop: j loop
    ${DATA}
    short: .long 0x00080000, behind + 0x80000000
    schib: .skip 56
    .align 4096
    ready: .quad 0
    .align 4096`;

  const run = async (subcode: number): Promise<Guest> => {
    const guest = new Guest(reset(subcode), { backend, cpus: 2 });
    guest.machine.css.attach(new TestDevice());
    // The PSW is one of the 31-bit mode.
    await guest.succeed();
    return guest;
  };

  test.each([
    ['modified clear', 0],
    ['load normal', 1],
  ])('%s', async (_name, subcode) => {
    const guest = await run(subcode);
    const { storage } = guest;
    const cleared = subcode === 0;
    const at = (offset: number): bigint => storage.read64(RESULTS + offset);
    // Of the CPU that asked: an initial reset, with general registers left or cleared.
    expect(at(8 * 7)).toBe(cleared ? 0n : 0x777n);
    expect([at(128), at(128 + 8), at(128 + 8 * 14)]).toEqual([0xe0n, 0n, 0xc200_0000n]);
    expect([at(264), storage.read32(RESULTS + 272)]).toEqual([0n, 0]);
    expect(BigInt.asIntN(64, at(256))).toBeLessThan(0n);
    expect(storage.read32(RESULTS + 280 + 4)).toBe(cleared ? 0 : 0xe1);
    expect(at(344)).toBe(cleared ? 0n : 0x0123_4567_89ab_cdefn);
    expect(storage.read32(RESULTS + 352)).toBe(0);
    // The subsystem reset: no report is left, no subchannel enabled.
    expect(storage.read8(RESULTS + 360) >>> 4).toBe(1);
    expect(storage.read8(RESULTS + 361) & 0x80).toBe(0);
    // The other CPU is stopped, and nothing pends there.
    expect(storage.read32(RESULTS + 364)).toBe(0x40);
    const other = guest.state(1);
    expect(other.gr(7)).toBe(cleared ? 0n : 0x888n);
    expect(other.cr(1)).toBe(cleared ? 0n : 0x0010_0000_0000_0000n);
    expect(other.words[STATE_FIELDS.find(({ name }) => name === 'prefix')!.at]).toBe(
      cleared ? 0 : prefixOf(1),
    );
  });

  test.each([3, 4])('IPL again (subcode %i) clears storage and loads', async (subcode) => {
    // The first time a doubleword is zero as loaded; the second, it must be so again.
    let loads = 0;
    const source = `start: lghi %r1,${subcode}
      cli ${SCRATCH},0
      jne again
      mvghi ${RESULTS},5
      diag %r0,%r1,0x308
      .short 0
      again: lpswe ${SUCCESS}`;
    const guest = new Guest(source, {
      ...{ backend, cpus: 2 },
      prepare: (storage) => storage.write8(SCRATCH, loads++),
    });
    await guest.succeed();
    expect(loads).toBe(2);
    expect(guest.result(0)).toBe(0n);
  });

  test('a machine that is IPLed has CPUs that are stopped, but for the first', () => {
    const guest = new Guest(`lpswe ${SUCCESS}`, { backend, cpus: 3 });
    const states = [0, 1, 2].map((cpu) => guest.state(cpu).words[OPERATING_STATE]);
    expect(states).toEqual([STATE_OPERATING, STATE_STOPPED, STATE_STOPPED]);
  });
});

import { describe, expect, test } from 'vitest';
import type { StateOwner } from '../../../src/cpu/accelerator.ts';
import {
  CpuState,
  FULL,
  RESET,
  RUNTIME,
  STATE_FIELDS,
  type WritebackLevel,
} from '../../../src/cpu/state.ts';
import { Vcpu } from '../../../src/cpu/vcpu.ts';
import { copyFields, Writeback } from '../../../src/cpu/writeback.ts';
import { WritebackAuditor } from '../../../src/cpu/writeback-auditor.ts';
import type { Backend } from '../../../src/engine/options.ts';
import { BACKENDS, Guest, RESULTS, SUCCESS } from './guest.ts';

/** An accelerator that keeps states, remembers what was asked of it, and may make mistakes. */
class FakeOwner implements StateOwner {
  readonly states: CpuState[];
  readonly calls: string[] = [];
  /** A field that is lost when it is written. */
  loses: string | undefined;

  constructor(count: number) {
    this.states = Array.from({ length: count }, () => new CpuState());
  }

  getRegisters(index: number, state: CpuState): void {
    this.calls.push(`get ${index}`);
    copyFields(this.states[index]!, state, FULL);
  }

  putRegisters(index: number, state: CpuState, level: WritebackLevel): void {
    this.calls.push(`put ${index} ${level}`);
    const own = this.states[index]!;
    const field = STATE_FIELDS.find(({ name }) => name === this.loses);
    const kept = field && own.words.slice(field.at, field.at + field.words * field.count);
    copyFields(state, own, level);
    if (field && kept) own.words.set(kept, field.at);
  }
}

/** Gives every word of the fields a value. */
function fill(state: CpuState, value: number): void {
  for (const { at, words, count } of STATE_FIELDS) {
    state.words.fill(value, at, at + words * count);
  }
}

/** Levels of the fields that have a value. */
function fieldsWith(state: CpuState, value: number): string[] {
  return STATE_FIELDS.filter(({ at, words, count }) =>
    state.words.subarray(at, at + words * count).every((word) => word === value),
  ).map(({ name }) => name);
}

const upTo = (level: WritebackLevel): string[] =>
  STATE_FIELDS.filter((field) => field.level <= level).map(({ name }) => name);

function make(count = 1, auditor?: WritebackAuditor) {
  const owner = new FakeOwner(count);
  const vcpus = Array.from({ length: count }, (_, i) => new Vcpu(i));
  const writeback = new Writeback(owner, vcpus, auditor);
  writeback.synchronizeAllPostInit();
  owner.calls.length = 0;
  return { owner, vcpus, writeback, first: vcpus[0]!, own: owner.states[0]! };
}

// QEMU ea375f9ab8: three levels, and who writes at which.
describe('writeback', () => {
  test.each([
    ['RUNTIME', RUNTIME, (w: Writeback, v: Vcpu) => w.enter(v)],
    ['RESET', RESET, (w: Writeback, v: Vcpu) => w.synchronizePostReset(v)],
    ['RESET', RESET, (w: Writeback) => w.synchronizeAllPostReset()],
    ['FULL', FULL, (w: Writeback) => w.synchronizeAllPostInit()],
  ] as const)('at level %s writes the fields of that level and below', (_name, level, put) => {
    const { own, writeback, first } = make();
    writeback.synchronizeState(first);
    fill(first.state, 0x1234);
    put(writeback, first);
    expect(fieldsWith(own, 0x1234)).toEqual(upTo(level));
    expect(fieldsWith(own, 0)).toEqual(upTo(FULL).filter((name) => !upTo(level).includes(name)));
  });

  test('fetches a state once, and writes it once', () => {
    const { owner, writeback, first } = make(2);
    writeback.synchronizeState(first);
    writeback.synchronizeState(first);
    writeback.enter(first);
    writeback.enter(first);
    expect(owner.calls).toEqual(['get 0', `put 0 ${RUNTIME}`]);
  });

  test('leaves VCPUs alone that nobody has looked at', () => {
    const { owner, writeback, vcpus } = make(3);
    writeback.synchronizeState(vcpus[1]!);
    writeback.synchronizeAllPostReset();
    expect(owner.calls).toEqual(['get 1', `put 1 ${RESET}`]);
  });

  test('hands everything to another accelerator', () => {
    const { own, writeback, first } = make();
    fill(own, 0x77);
    const next = new FakeOwner(1);
    writeback.exchange(next);
    expect(fieldsWith(next.states[0]!, 0x77)).toEqual(upTo(FULL));
    fill(next.states[0]!, 0x88);
    writeback.synchronizeState(first);
    expect(fieldsWith(first.state, 0x88)).toEqual(upTo(FULL));
  });
});

describe('the auditor', () => {
  const audited = (count = 1) => {
    const auditor = new WritebackAuditor();
    return { auditor, ...make(count, auditor) };
  };

  test('has nothing to say when the rules are kept', () => {
    const { auditor, writeback, first } = audited();
    writeback.synchronizeState(first);
    first.state.setGr(3, 7n);
    writeback.enter(first);
    writeback.synchronizeAllStates();
    fill(first.state, 5);
    writeback.synchronizeAllPostInit();
    expect(auditor.violations).toEqual([]);
  });

  test('sees a state that is used while it is stale', () => {
    const { auditor, writeback, first } = audited();
    auditor.reason = 'SIGP';
    expect(first.state.gr(1)).toBe(0n);
    expect(auditor.violations).toEqual(["SIGP: CPU 0's state was used while it was stale"]);
    writeback.synchronizeState(first);
    expect(first.state.gr(1)).toBe(0n);
    expect(auditor.violations).toHaveLength(1);
  });

  const changed = (name: string) => STATE_FIELDS.find((field) => field.name === name)!.at;
  test.each(STATE_FIELDS.filter(({ level, name }) => level > RUNTIME && name !== 'cpuTimer'))(
    'sees that $name was changed and not written at run time',
    ({ name }) => {
      const { auditor, writeback, first } = audited();
      writeback.synchronizeState(first);
      first.state.words[changed(name)]! ^= 1;
      writeback.enter(first);
      expect(auditor.violations).toEqual([
        `init: CPU 0: ${name} was changed and not written at level ${RUNTIME}`,
      ]);
    },
  );

  test.each(STATE_FIELDS.filter(({ name }) => name !== 'cpuTimer'))(
    'sees that $name was written and did not arrive',
    ({ name }) => {
      const { auditor, owner, writeback, first } = audited();
      owner.loses = name;
      writeback.synchronizeState(first);
      first.state.words[changed(name)]! ^= 1;
      writeback.synchronizeAllPostInit();
      expect(auditor.violations).toEqual([`init: CPU 0: ${name} was written and did not arrive`]);
    },
  );

  test('remembers what changed and what was written, by reason and level', () => {
    const { auditor, writeback, first } = audited();
    auditor.reason = 'DIAG';
    for (let i = 0; i < 3; i++) {
      writeback.synchronizeState(first);
      first.state.setGr(2, BigInt(i + 1));
      writeback.enter(first);
    }
    const record = [...auditor.records.values()].find(({ reason }) => reason === 'DIAG');
    expect(record).toMatchObject({ level: RUNTIME, count: 3 });
    expect([...record!.dirty]).toEqual(['gr']);
    expect([...record!.written].sort()).toEqual(upTo(RUNTIME).sort());
  });

  test('takes no notice of what other CPUs do before a CPU goes on', () => {
    const { auditor, writeback, vcpus } = audited(2);
    auditor.reason = 'DIAG';
    writeback.synchronizeState(vcpus[0]!);
    auditor.reason = 'SIGP';
    writeback.synchronizeState(vcpus[1]!);
    writeback.enter(vcpus[1]!);
    writeback.enter(vcpus[0]!);
    auditor.reason = 'reset';
    writeback.synchronizeAllStates();
    writeback.synchronizeAllPostReset();
    const found = [...auditor.records.values()].map(({ reason, level }) => [reason, level]);
    expect(found.slice(1)).toEqual([
      ['SIGP', RUNTIME],
      ['DIAG', RUNTIME],
      ['reset', RESET],
    ]);
  });
});

describe('accelerators are exchanged while a guest runs', () => {
  // Sums and products over registers, storage and floating point, with calls of the machine.
  const source = `
    lghi %r1,400
    lghi %r2,1
    la %r9,${RESULTS + 64}
    lghi %r5,3
    cdgbr %f1,%r5
    loop: msgfi %r2,6364
    aghi %r2,1
    stg %r2,0(%r9)
    lg %r3,0(%r9)
    xgr %r4,%r3
    cdgbr %f0,%r1
    adbr %f2,%f0
    mdbr %f2,%f1
    ddbr %f2,%f0
    tmll %r1,15
    jnz skip
    diag %r0,%r0,0x44
    cpya %a3,%a2
    ear %r6,%a2
    aghi %r6,1
    sar %a2,%r6
    skip: brctg %r1,loop
    stmg %r2,%r4,${RESULTS}
    std %f2,${RESULTS + 24}
    st %r6,${RESULTS + 32}
    lpswe ${SUCCESS}`;

  const plain = async (backend: Backend): Promise<bigint[]> =>
    (await new Guest(source, { backend }).succeed()).results(5);

  test.each(BACKENDS.flatMap((from) => BACKENDS.map((to): [Backend, Backend] => [from, to])))(
    'from %s to %s',
    async (from, to) => {
      const wanted = await plain('interpreter');
      const guest = new Guest(source, { backend: from });
      // At every yield of the guest the other one takes over.
      let times = 0;
      const { machine } = guest;
      const pause = guest.host.pause.bind(guest.host);
      guest.host.pause = (ms) => {
        machine.setBackend(times++ % 2 === 0 ? to : from);
        return pause(ms);
      };
      // The host has its turn often.
      const now = guest.host.now.bind(guest.host);
      guest.host.now = () => (guest.host.time += 3) && now();
      await guest.succeed();
      expect(times).toBeGreaterThan(2);
      expect(guest.results(5)).toEqual(wanted);
      expect(machine.accelerator.name).toBe(times % 2 === 1 ? to : from);
    },
  );
});

import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../src/engine/options.ts';
import { NODE_CODEC } from '../../../src/host/node/snapshot-file.ts';
import { SnapshotError } from '../../../src/system/services.ts';
import { readSnapshot } from '../../../src/system/snapshot/read-snapshot.ts';
import { writeSnapshot } from '../../../src/system/snapshot/write-snapshot.ts';
import { TestDevice } from '../css-support.ts';
import { Tables } from './dat-tables.ts';
import {
  BACKENDS,
  Guest,
  type GuestOptions,
  RESULTS,
  SCRATCH,
  SUCCESS,
  SUPERVISOR,
} from './guest.ts';

const DAT = 1n << 58n;
const EXTERNAL = 1n << 56n;
const WAIT = 1n << 49n;
const MILLISECOND = 4_096_000n;

/** A snapshot of a machine that stands still. */
function save({ machine }: Guest): Uint8Array {
  const sections = machine.saveState();
  return Buffer.concat([
    ...writeSnapshot({ config: {}, sections, storage: machine.storage }, NODE_CODEC),
  ]);
}

function load({ machine }: Guest, bytes: Uint8Array): void {
  const snapshot = readSnapshot(bytes, NODE_CODEC);
  snapshot.restoreStorage(machine.storage);
  machine.loadState(snapshot.sections);
}

/** Runs a guest until the host has had so many turns. */
async function runFor(guest: Guest, turns: number): Promise<void> {
  const pause = guest.host.pause.bind(guest.host);
  let left = turns;
  guest.host.pause = (ms) => {
    if (--left <= 0) guest.machine.stop();
    return pause(ms);
  };
  expect(await guest.run()).toEqual({ kind: 'stopped' });
  guest.host.pause = pause;
}

const PAIRS = BACKENDS.flatMap((from) =>
  BACKENDS.map((to): [Backend, Backend] => [from, to]),
).filter(([from, to]) => from !== to);

describe.each(PAIRS)('a snapshot made on %s', (from, to) => {
  test(`goes on on ${to} as if nothing had happened`, async () => {
    // Two CPUs, behind DAT, that count in turns, with keys and floating-point numbers.
    const source = `
      start: lghi %r1,1
      sigp %r0,%r1,6
      llilf %r7,0x70403000
      lghi %r9,0
      cdgbr %f0,%r9
      lghi %r1,60
      loop: diag %r0,%r0,0x44
      lgrl %r4,turn
      tmll %r4,1
      jnz loop
      lg %r3,0(%r7)
      msgfi %r3,6364
      agr %r3,%r1
      stg %r3,0(%r7)
      cdgbr %f2,%r1
      adbr %f0,%f2
      aghi %r4,1
      stgrl %r4,turn
      brctg %r1,loop
      std %f0,16(%r7)
      stmg %r3,%r4,${RESULTS}
      lghi %r5,0
      llilf %r6,0x60000
      iske %r5,%r6
      stg %r5,${RESULTS + 16}
      svc 0
      svc_new: lpswe ${SUCCESS}
      cpu1: other: diag %r0,%r0,0x44
      lgrl %r4,turn
      tmll %r4,1
      jz other
      aghi %r8,7
      larl %r3,turn
      stg %r8,8(%r3)
      aghi %r4,1
      stgrl %r4,turn
      j other
      .align 4096
      turn: .quad 0, 0
      .align 4096`;
    const options: GuestOptions = {
      ...{ cpus: 2, mask: SUPERVISOR | DAT, control: { 1: 0x10_0003n } },
      prepare: (storage) => {
        new Tables(storage, 0x10_0000).map(0, 0, { pages: 128 }).map(0x7040_3000, 0x8_0000);
        storage.keys[0x60] = 0x94;
      },
    };
    const whole = await new Guest(source, { ...options, backend: from }).succeed();

    const guest = new Guest(source, { ...options, backend: from });
    await runFor(guest, 3);
    const bytes = save(guest);
    const next = new Guest(source, { ...options, backend: to });
    load(next, bytes);
    await next.succeed();
    expect(next.results(3)).toEqual(whole.results(3));
    expect(next.storage.read64(0x8_0010)).toBe(whole.storage.read64(0x8_0010));
    const at = whole.label('turn');
    expect([0, 8].map((i) => next.storage.read64(at + i))).toEqual(
      [0, 8].map((i) => whole.storage.read64(at + i)),
    );
    // The one that was saved goes on as well.
    await guest.succeed();
    expect(guest.results(3)).toEqual(whole.results(3));
  });

  test(`keeps what pends, and the clocks, for ${to}`, async () => {
    // A call pends, and the comparator, 30 ms ahead; a subchannel has status; then the CPU waits.
    const source = `
      start: stckf ${SCRATCH}
      lg %r1,${SCRATCH}
      algfi %r1,${300n * MILLISECOND}
      stg %r1,${SCRATCH}
      sckc ${SCRATCH}
      lghi %r0,0
      sigp %r2,%r0,2
      llilf %r1,0x10000
      larl %r6,schib
      stsch 0(%r6)
      oi 5(%r6),0x80
      msch 0(%r6)
      larl %r6,orb
      ssch 0(%r6)
      larl %r3,psw
      lpswe 0(%r3)
      external_new: stckf ${RESULTS}
      larl %r6,irb
      tsch 0(%r6)
      ipm %r4
      st %r4,${RESULTS + 8}
      larl %r3,mask
      lctlg %c0,%c0,0(%r3)
      larl %r3,again
      mvc ${SCRATCH + 16}(16),0(%r3)
      larl %r4,second
      stg %r4,0x1b8
      stosm ${SCRATCH + 32},1
      .short 0
      second: mvc ${RESULTS + 12}(4),0x84
      lpswe ${SUCCESS}
      .align 8
      psw: .quad ${SUPERVISOR | EXTERNAL | WAIT}, 0
      mask: .quad 0x2000
      again: .quad 0, 0
      schib: .skip 56
      irb: .skip 64
      orb: .long 1, 0x0080ff00, ccw
      .align 8
      ccw: .long 0x03000000, 0`;
    const options = { control: { 0: 0x0800n } };
    const make = (backend: Backend): Guest => {
      const guest = new Guest(source, { ...options, backend });
      guest.machine.css.attach(new TestDevice());
      return guest;
    };
    const guest = make(from);
    // Once it sleeps.
    const pause = guest.host.pause.bind(guest.host);
    guest.host.pause = () => {
      guest.machine.stop();
      return pause(10);
    };
    expect(await guest.run()).toEqual({ kind: 'stopped' });
    const next = make(to);
    next.host.time = 123_456;
    load(next, save(guest));
    await next.succeed();
    const { storage } = next;
    const comparator = storage.read64(SCRATCH);
    expect(next.result(0)).toBeGreaterThan(comparator);
    expect(next.result(0)).toBeLessThan(comparator + 20n * MILLISECOND);
    expect(storage.read32(RESULTS + 8) >>> 28).toBe(0);
    expect(storage.read32(RESULTS + 12)).toBe(0x0000_1202);
  });
});

describe('a snapshot', () => {
  test('of a machine with other CPUs is refused', () => {
    const guest = new Guest(`lpswe ${SUCCESS}`, { cpus: 2 });
    const bytes = save(guest);
    expect(() => load(new Guest(`lpswe ${SUCCESS}`), bytes)).toThrow(SnapshotError);
  });

  test('that is saved twice is the same', () => {
    const guest = new Guest(`lpswe ${SUCCESS}`, { cpus: 2 });
    const [first, second] = [guest.machine.saveState(), guest.machine.saveState()];
    expect([...first.keys()]).toEqual([...second.keys()]);
    expect(first.get('cpu.1')).toEqual(second.get('cpu.1'));
  });
});

import { describe, expect, test } from 'vitest';
import { LOWCORE } from '../../../src/arch/lowcore.ts';
import { TestDevice } from '../css-support.ts';
import {
  BACKENDS,
  FAILURE,
  Guest,
  RESULTS,
  runGuest,
  SCRATCH,
  SUCCESS,
  SUPERVISOR,
  TOD_START,
} from './guest.ts';

const IO = 1n << 57n;
const EXTERNAL = 1n << 56n;
const MACHINE_CHECK = 1n << 50n;
const WAIT = 1n << 49n;

/** Subclass masks of control register 0. */
const EMERGENCY = 0x4000n;
const EXTERNAL_CALL = 0x2000n;
const COMPARATOR = 0x0800n;
const TIMER = 0x0400n;
const SERVICE = 0x0200n;

/** TOD-clock units of a millisecond: bit 51 is a microsecond. */
const MILLISECOND = 4_096_000n;

const SCHIB = 0x9000;

describe.each(BACKENDS)('external interruptions on %s', (backend) => {
  // PoP, "Priority of Interruptions", and "External Interruption" for the order of its conditions.
  test('what is pending is taken in the order of priority', async () => {
    const source = `
      lghi %r0,0
      sigp %r0,%r0,2
      sigp %r0,%r0,3
      larl %r3,zero
      sckc 0(%r3)
      spt 0(%r3)
      llilf %r4,0x20001
      llilf %r5,0x50000
      servc %r4,%r5
      # A subchannel with ISC 3, and what it does.
      llilf %r1,0x10000
      llilf %r6,${SCHIB}
      stsch 0(%r6)
      mvi 4(%r6),0x18
      oi 5(%r6),0x80
      msch 0(%r6)
      larl %r6,orb
      ssch 0(%r6)
      lghi %r1,0
      rchp
      # All at once.
      llilf %r2,${RESULTS}
      larl %r3,psw
      lpswe 0(%r3)
      go: lpswe ${SUCCESS}

      machine_check_new: mvhhi 0(%r2),1
      la %r2,2(%r2)
      lpswe ${LOWCORE.machineCheckOldPsw}
      io_new: mvhhi 0(%r2),2
      la %r2,2(%r2)
      lpswe ${LOWCORE.ioOldPsw}
      external_new: mvc 0(2,%r2),${LOWCORE.externalCode}
      la %r2,2(%r2)
      cli ${LOWCORE.externalCode + 1},4
      jne not_comparator
      larl %r3,never
      sckc 0(%r3)
      not_comparator: cli ${LOWCORE.externalCode + 1},5
      jne not_timer
      larl %r3,never
      spt 8(%r3)
      not_timer: lpswe ${LOWCORE.externalOldPsw}
      .align 8
      psw: .quad ${SUPERVISOR | IO | EXTERNAL | MACHINE_CHECK}, go
      zero: .quad 0
      never: .quad -1, 0x7fffffffffffffff
      orb: .long 0x12345678, 0x0080ff00, ccw
      .align 8
      ccw: .long 0x03000000, 0`;
    const guest = new Guest(source, {
      backend,
      control: {
        0: EMERGENCY | EXTERNAL_CALL | COMPARATOR | TIMER | SERVICE,
        6: 0xff00_0000n,
        14: 0x1000_0000n,
      },
      prepare: (storage) => storage.write16(0x5_0000, 4096),
    });
    guest.machine.css.attach(new TestDevice());
    await guest.succeed();
    const codes = Array.from({ length: 8 }, (_, i) => guest.storage.read16(RESULTS + 2 * i));
    expect(codes).toEqual([1, 0x1201, 0x1202, 0x1004, 0x1005, 0x2401, 2, 0]);
  });

  test('the clock comparator ends the wait state when the clock has passed it', async () => {
    const after = 40n;
    const source = `
      stckf ${SCRATCH}
      lg %r1,${SCRATCH}
      algfi %r1,${after * MILLISECOND}
      stg %r1,${SCRATCH}
      sckc ${SCRATCH}
      larl %r3,psw
      lpswe 0(%r3)
      external_new: stckf ${RESULTS}
      mvc ${SCRATCH + 8}(2),${LOWCORE.externalCode}
      lpswe ${SUCCESS}
      .align 8
      psw: .quad ${SUPERVISOR | EXTERNAL | WAIT}, waiting
      waiting: .short 0`;
    const guest = await runGuest(source, { backend, control: { 0: COMPARATOR } });
    const comparator = guest.storage.read64(SCRATCH);
    expect(comparator).toBeGreaterThan(TOD_START);
    expect(guest.result(0)).toBeGreaterThan(comparator);
    expect(guest.result(0)).toBeLessThan(comparator + 5n * MILLISECOND);
    expect(guest.storage.read16(SCRATCH + 8)).toBe(0x1004);
    expect(guest.storage.read64(LOWCORE.externalOldPsw)).toBe(SUPERVISOR | EXTERNAL | WAIT);
    expect(guest.storage.read64(LOWCORE.externalOldPsw + 8)).toBe(BigInt(guest.label('waiting')));
    // The machine slept: once, unless that was a little short.
    expect(guest.host.pauses.length).toBeLessThan(4);
    expect(Math.max(...guest.host.pauses)).toBeGreaterThan(35);
  });

  test('the CPU timer counts down, and interrupts as long as it is negative', async () => {
    const source = `
      larl %r3,start_value
      spt 0(%r3)
      stpt ${RESULTS}
      larl %r3,psw
      lpswe 0(%r3)
      loop: j loop
      external_new: stpt ${RESULTS + 8}
      aghi %r2,1
      cghi %r2,3
      jne again
      mvc ${RESULTS + 16}(2),${LOWCORE.externalCode}
      lpswe ${SUCCESS}
      again: lpswe ${LOWCORE.externalOldPsw}
      .align 8
      psw: .quad ${SUPERVISOR | EXTERNAL}, loop
      start_value: .quad ${5n * MILLISECOND}`;
    const guest = await runGuest(source, { backend, control: { 0: TIMER } });
    expect(guest.result(0)).toBeLessThan(5n * MILLISECOND);
    expect(guest.result(0)).toBeGreaterThan(2n * MILLISECOND);
    expect(BigInt.asIntN(64, guest.result(1))).toBeLessThan(0n);
    expect(guest.storage.read16(RESULTS + 16)).toBe(0x1005);
  });

  test('a condition that is gone when the CPU becomes enabled does not interrupt it', async () => {
    const source = `
      larl %r3,zero
      sckc 0(%r3)
      spt 0(%r3)
      sckc 8(%r3)
      spt 16(%r3)
      stosm ${SCRATCH},1
      stnsm ${SCRATCH},0
      lpswe ${SUCCESS}
      .align 8
      zero: .quad 0, -1, 0x7fffffffffffffff`;
    await runGuest(source, { backend, control: { 0: COMPARATOR | TIMER } });
  });

  test('subclass masks let conditions pend until they are on', async () => {
    const source = `
      lghi %r0,0
      sigp %r0,%r0,2
      stosm ${SCRATCH},1
      lghi %r2,1
      larl %r3,masks
      lctlg %c0,%c0,0(%r3)
      lghi %r2,2
      lctlg %c0,%c0,8(%r3)
      behind: lpswe ${FAILURE}
      external_new: stg %r2,${RESULTS}
      lpswe ${SUCCESS}
      .align 8
      masks: .quad ${EMERGENCY}, ${EXTERNAL_CALL}`;
    const guest = await runGuest(source, { backend, control: { 0: 0n } });
    expect(guest.result(0)).toBe(2n);
    expect(guest.storage.read64(LOWCORE.externalOldPsw + 8)).toBe(BigInt(guest.label('behind')));
  });

  test('emergency signals and external calls name the CPUs that sent them', async () => {
    // CPUs 1 and 2 signal to CPU 0, then wait for good, enabled for what does not come.
    const source = `
      lghi %r1,1
      sigp %r0,%r1,6
      lghi %r1,2
      sigp %r0,%r1,6
      llilf %r2,${RESULTS}
      larl %r3,psw
      lpswe 0(%r3)
      external_new: mvc 0(4,%r2),${LOWCORE.externalCpuAddress}
      la %r2,4(%r2)
      llilf %r1,${RESULTS + 16}
      clgr %r1,%r2
      je done
      lpswe ${LOWCORE.externalOldPsw}
      done: lpswe ${SUCCESS}
      cpu1: lghi %r1,0
      sigp %r0,%r1,3
      sigp %r0,%r1,2
      larl %r3,psw
      lpswe 0(%r3)
      cpu2: lghi %r1,0
      sigp %r0,%r1,3
      call: sigp %r0,%r1,2
      # Status stored: CPU 1's call is pending.
      jnz call
      larl %r3,psw
      lpswe 0(%r3)
      .align 8
      psw: .quad ${SUPERVISOR | EXTERNAL | WAIT}, 0`;
    const guest = new Guest(source, {
      backend,
      cpus: 3,
      control: { 0: EMERGENCY | EXTERNAL_CALL },
    });
    await guest.succeed();
    const found = Array.from({ length: 4 }, (_, i) => guest.storage.read32(RESULTS + 4 * i));
    const sorted = found.map((word) => word.toString(16)).sort();
    expect(sorted).toEqual(['11201', '11202', '21201', '21202']);
  });

  test('a CPU that only makes supervisor calls leaves time to others, and to the host', async () => {
    const source = `
      lghi %r1,1
      sigp %r0,%r1,6
      loop: svc 1
      j loop
      svc_new: lpswe ${LOWCORE.svcOldPsw}
      cpu1: lpswe ${SUCCESS}`;
    await runGuest(source, { backend, cpus: 2 });
  });

  test('a CPU that only causes program interruptions does so too', async () => {
    const source = `
      lghi %r1,1
      sigp %r0,%r1,6
      loop: .short 0
      j loop
      program_new: lpswe ${LOWCORE.programOldPsw}
      cpu1: lpswe ${SUCCESS}`;
    await runGuest(source, { backend, cpus: 2 });
  });

  test('a CPU that waits without being enabled for its timer lets the host sleep', async () => {
    const after = 100n;
    const source = `
      stckf ${SCRATCH}
      lg %r1,${SCRATCH}
      algfi %r1,${after * MILLISECOND}
      stg %r1,${SCRATCH}
      sckc ${SCRATCH}
      larl %r3,zero
      spt 0(%r3)
      lpswe 8(%r3)
      external_new: lpswe ${SUCCESS}
      .align 8
      zero: .quad 0
      psw: .quad ${SUPERVISOR | EXTERNAL | WAIT}, 0`;
    const guest = await runGuest(source, { backend, control: { 0: COMPARATOR } });
    expect(guest.host.pauses.length).toBeLessThan(4);
    expect(guest.host.looks).toBeLessThan(200);
  });

  test('a wait state that nothing ends is reported', async () => {
    const source = `larl %r3,psw
      lpswe 0(%r3)
      .align 8
      psw: .quad ${SUPERVISOR | WAIT}, 0x1234`;
    const end = await new Guest(source, { backend }).run();
    expect(end).toMatchObject({
      kind: 'disabled-wait',
      psw: { mask: SUPERVISOR | WAIT, address: 0x1234n },
    });
  });
});

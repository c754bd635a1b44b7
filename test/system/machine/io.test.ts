import { describe, expect, test } from 'vitest';
import { LOWCORE } from '../../../src/arch/lowcore.ts';
import { TestDevice } from '../css-support.ts';
import { Tables } from './dat-tables.ts';
import {
  BACKENDS,
  FAILURE,
  Guest,
  type GuestOptions,
  RESULTS,
  SCRATCH,
  SUCCESS,
  SUPERVISOR,
} from './guest.ts';

const DAT = 1n << 58n;
const IO = 1n << 57n;
const MACHINE_CHECK = 1n << 50n;
const WAIT = 1n << 49n;

/** Control register 6: the mask of an interruption subclass. */
const isc = (number: number): bigint => 0x8000_0000n >> BigInt(number);
/** Control register 14: the channel-report-pending subclass. */
const CHANNEL_REPORT = 0x1000_0000n;

const SPECIFICATION = 0x06;
const PAGE_TRANSLATION = 0x11;
/** Translation-exception identification. */
const FETCH = 0x800;

const PARAMETER = 0xcafe_f00d;

/** Enables a subchannel, its interruptions in a subclass. */
const enable = (subchannel: number, subclass: number): string => `
  llilf %r1,${0x1_0000 + subchannel}
  larl %r6,schib
  stsch 0(%r6)
  mvi 4(%r6),${subclass << 3}
  oi 5(%r6),0x80
  msch 0(%r6)`;
/** Starts the no-operation there. */
const start = (subchannel: number): string => `
  llilf %r1,${0x1_0000 + subchannel}
  larl %r6,orb
  ssch 0(%r6)`;
const DATA = `
  .align 8
  schib: .skip 56
  irb: .skip 64
  orb: .long ${PARAMETER}, 0x0080ff00, ccw
  .align 8
  ccw: .long 0x03000000, 0
  waiting: .quad ${SUPERVISOR | IO | WAIT}, 0
  masks: .quad ${isc(5)}, ${isc(3)}, ${isc(0) | isc(7)}`;

function makeGuest(source: string, options: GuestOptions, devices = 1): Guest {
  const guest = new Guest(source + DATA, options);
  for (let i = 0; i < devices; i++) guest.machine.css.attach(new TestDevice());
  return guest;
}

describe.each(BACKENDS)('I/O interruptions on %s', (backend) => {
  test('a subchannel interrupts with its identification, parameter and subclass', async () => {
    const source = `
      ${enable(1, 3)}
      ${start(1)}
      larl %r3,waiting
      lpswe 0(%r3)
      io_new: l %r1,${LOWCORE.subsystemId}
      larl %r6,irb
      tsch 0(%r6)
      jnz bad
      mvc ${RESULTS}(12),0(%r6)
      # The status was taken.
      tsch 0(%r6)
      jno not_three
      bad: lpswe ${FAILURE}
      not_three: jz bad
      lpswe ${SUCCESS}`;
    const guest = makeGuest(source, { backend, control: { 6: isc(3) } }, 2);
    const { storage } = await guest.succeed();
    expect(storage.read32(LOWCORE.subsystemId)).toBe(0x1_0001);
    expect(storage.read32(LOWCORE.ioParameter)).toBe(PARAMETER);
    expect(storage.read32(LOWCORE.ioInterruptionId)).toBe(3 << 27);
    expect(storage.read64(LOWCORE.ioOldPsw)).toBe(SUPERVISOR | IO | WAIT);
    // Status pending, secondary and primary, for the start function; channel end and device end.
    expect(storage.read16(RESULTS + 2)).toBe(0x4007);
    expect(storage.read8(RESULTS + 8)).toBe(0x0c);
  });

  test('subclasses that are masked off wait; lower numbers come first', async () => {
    const source = `
      ${enable(0, 5)} ${enable(1, 3)} ${enable(2, 0)} ${enable(3, 7)}
      ${start(0)} ${start(1)} ${start(2)} ${start(3)}
      larl %r3,masks
      la %r2,${RESULTS}
      larl %r4,next
      stosm ${SCRATCH},2
      next: lghi %r5,1
      lctlg %c6,%c6,0(%r3)
      lghi %r5,2
      lctlg %c6,%c6,8(%r3)
      lghi %r5,3
      lctlg %c6,%c6,16(%r3)
      lpswe ${SUCCESS}
      io_new: mvc 0(4,%r2),${LOWCORE.subsystemId}
      st %r5,4(%r2)
      la %r2,8(%r2)
      lpswe ${LOWCORE.ioOldPsw}`;
    const guest = makeGuest(source, { backend, control: { 6: 0n } }, 4);
    await guest.succeed();
    const taken = Array.from({ length: 8 }, (_, i) => guest.storage.read32(RESULTS + 4 * i));
    expect(taken).toEqual([0x1_0000, 1, 0x1_0001, 2, 0x1_0002, 3, 0x1_0003, 3]);
  });

  test('TEST PENDING INTERRUPTION takes what control register 6 lets it', async () => {
    const source = `
      ${enable(0, 5)} ${enable(1, 3)}
      ${start(0)} ${start(1)}
      tpi ${RESULTS}
      ipm %r5
      larl %r3,masks
      lctlg %c6,%c6,0(%r3)
      # Without operand it goes where an interruption would have put it.
      tpi 0
      ipm %r6
      tpi 0
      ipm %r7
      stm %r5,%r7,${RESULTS + 16}
      lpswe ${SUCCESS}`;
    const guest = makeGuest(source, { backend, control: { 6: isc(3) } }, 2);
    const { storage } = await guest.succeed();
    expect([storage.read32(RESULTS), storage.read32(RESULTS + 4)]).toEqual([0x1_0001, PARAMETER]);
    const codes = [0, 1, 2].map((i) => storage.read32(RESULTS + 16 + 4 * i) >>> 28);
    expect(codes).toEqual([1, 1, 0]);
    expect(storage.read32(LOWCORE.subsystemId)).toBe(0x1_0000);
    expect(storage.read32(LOWCORE.ioInterruptionId)).toBe(5 << 27);
  });

  test('TEST SUBCHANNEL withdraws the interruption', async () => {
    const source = `
      ${enable(0, 3)} ${start(0)}
      larl %r6,irb
      tsch 0(%r6)
      stosm ${SCRATCH},2
      stnsm ${SCRATCH},0
      lpswe ${SUCCESS}`;
    await makeGuest(source, { backend, control: { 6: isc(3) } }).succeed();
  });

  test('a masked I/O interruption does not end the wait of a CPU that another one ends', async () => {
    const source = `
      ${enable(0, 3)} ${start(0)}
      lghi %r1,1
      sigp %r0,%r1,6
      larl %r3,waiting
      lpswe 0(%r3)
      cpu1: lghi %r1,0
      waits: sigp %r0,%r1,0x15
      jz waits
      sigp %r0,%r1,6
      stop: sigp %r0,%r1,1
      j stop
      restart_new: mvc ${RESULTS}(16),${LOWCORE.restartOldPsw}
      lpswe ${SUCCESS}`;
    const guest = makeGuest(source, { backend, cpus: 2, control: { 6: isc(4) } });
    await guest.succeed();
    expect(guest.result(0)).toBe(SUPERVISOR | IO | WAIT);
  });
});

describe.each(BACKENDS)('START SUBCHANNEL on %s', (backend) => {
  // PoP, "Operation-Request Block": three words, or eight where the ORB-extension control is one.
  test('access exceptions are for what there is of the operation-request block', async () => {
    const [page, next] = [0x8_8000, 0x8_9000];
    const rows: [offset: number, extension: number, code: number][] = [
      [0xff4, 0, 0],
      [0xff4, 1, PAGE_TRANSLATION],
      [0xfe0, 1, 0],
      [0xfe4, 1, PAGE_TRANSLATION],
      [0xff8, 0, PAGE_TRANSLATION],
      [0xff6, 0, SPECIFICATION],
      [0xfe2, 1, SPECIFICATION],
    ];
    const pieces = rows.map(
      ([offset, extension], i) => `
      llilf %r6,${page + offset}
      mvc 0(7,%r6),0(%r5)
      mvi 7(%r6),${extension}
      ${offset <= 0xff4 ? 'mvc 8(4,%r6),8(%r5)' : ''}
      larl %r9,behind_${i}
      ssch 0(%r6)
      ipm %r7
      srl %r7,28
      behind_${i}: st %r7,${RESULTS + 4 * i}
      larl %r6,irb
      tsch 0(%r6)`,
    );
    const source = `${enable(0, 3)}
      larl %r5,orb
      ${pieces.join('')}
      lpswe ${SUCCESS}
      program_new: llgh %r7,${LOWCORE.programCode}
      cghi %r7,${PAGE_TRANSLATION}
      jne resume
      lg %r8,${LOWCORE.translationException}
      xilf %r8,${next | FETCH}
      jnz bad
      resume: mvc ${SCRATCH}(8),${LOWCORE.programOldPsw}
      stg %r9,${SCRATCH + 8}
      lpswe ${SCRATCH}
      bad: lpswe ${FAILURE}`;
    const { storage } = await makeGuest(source, {
      ...{ backend, mask: SUPERVISOR | DAT, control: { 1: 0x10_0003n, 6: 0n } },
      prepare: (s) => void new Tables(s, 0x10_0000).map(0, 0, { pages: 128 }).map(page, 0x8_0000),
    }).succeed();
    expect(rows.map((_, i) => storage.read32(RESULTS + 4 * i))).toEqual(
      rows.map(([, , code]) => code),
    );
  });
});

describe.each(BACKENDS)('machine checks on %s', (backend) => {
  test('a channel report is one, with the registers saved', async () => {
    const source = `
      larl %r3,values
      sckc 0(%r3)
      spt 8(%r3)
      ld %f3,0(%r3)
      lghi %r1,0
      rchp
      larl %r3,open
      lghi %r9,0x999
      lpswe 0(%r3)
      machine_check_new: stcrw ${RESULTS}
      ipm %r5
      stcrw ${RESULTS + 4}
      ipm %r6
      stm %r5,%r6,${RESULTS + 8}
      lpswe ${SUCCESS}
      .align 8
      values: .quad 0xfedcba9876543210, 0x0010000000000000
      open: .quad ${SUPERVISOR | MACHINE_CHECK}, 0x7777776`;
    const guest = makeGuest(source, { backend, control: { 14: CHANNEL_REPORT } });
    const { storage } = await guest.succeed();
    // PoP, "Machine-Check Interruption Code": channel report pending; what is valid.
    expect(storage.read64(LOWCORE.machineCheckCode)).toBe(0x0040_0f1d_4033_0000n);
    expect(storage.read64(LOWCORE.machineCheckOldPsw)).toBe(SUPERVISOR | MACHINE_CHECK);
    expect(storage.read64(LOWCORE.machineCheckOldPsw + 8)).toBe(0x777_7776n);
    expect(storage.read64(LOWCORE.generalRegisters + 8 * 9)).toBe(0x999n);
    expect(storage.read64(LOWCORE.floatingPointRegisters + 8 * 3)).toBe(0xfedc_ba98_7654_3210n);
    expect(storage.read64(LOWCORE.controlRegisters + 8 * 14)).toBe(CHANNEL_REPORT);
    // Bits 0-55 of the comparator, and the timer as it is now.
    expect(storage.read64(LOWCORE.clockComparator)).toBe(0x00fe_dcba_9876_5432n);
    const timer = storage.read64(LOWCORE.cpuTimer);
    expect(timer).toBeLessThan(0x0010_0000_0000_0000n);
    expect(timer).toBeGreaterThan(0x000f_ff00_0000_0000n);
    // Channel path 0 was initialised, as a solicited report says; there is no other.
    const codes = [8, 12].map((at) => storage.read32(RESULTS + at) >>> 28);
    expect([storage.read32(RESULTS), ...codes]).toEqual([0x4402_0000, 0, 1]);
  });

  test('it waits for control register 14', async () => {
    const source = `
      lghi %r1,0
      rchp
      larl %r3,open
      lpswe 0(%r3)
      next: larl %r3,report
      lctlg %c14,%c14,0(%r3)
      behind: lpswe ${FAILURE}
      machine_check_new: lpswe ${SUCCESS}
      .align 8
      report: .quad ${CHANNEL_REPORT}
      open: .quad ${SUPERVISOR | MACHINE_CHECK}, next`;
    const guest = makeGuest(source, { backend, control: { 14: 0n } });
    const { storage } = await guest.succeed();
    expect(storage.read64(LOWCORE.machineCheckOldPsw + 8)).toBe(BigInt(guest.label('behind')));
  });
});

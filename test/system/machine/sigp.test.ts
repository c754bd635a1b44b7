import { describe, expect, test } from 'vitest';
import { LOWCORE } from '../../../src/arch/lowcore.ts';
import {
  BACKENDS,
  Guest,
  type GuestOptions,
  prefixOf,
  RESULTS,
  SCRATCH,
  SUCCESS,
  SUPERVISOR,
} from './guest.ts';

const IO = 1n << 57n;
const EXTERNAL = 1n << 56n;
const WAIT = 1n << 49n;

/** PoP, "Signal-Processor Orders" and "Signal-Processor Status". */
const SENSE = 0x01;
const EXTERNAL_CALL = 0x02;
const EMERGENCY_SIGNAL = 0x03;
const START = 0x04;
const STOP = 0x05;
const RESTART = 0x06;
const STOP_AND_STORE_STATUS = 0x09;
const INITIAL_CPU_RESET = 0x0b;
const CPU_RESET = 0x0c;
const SET_PREFIX = 0x0d;
const STORE_STATUS_AT_ADDRESS = 0x0e;
const SET_ARCHITECTURE = 0x12;
const SENSE_RUNNING_STATUS = 0x15;

const NOT_RUNNING = 'ffffffff00000400';
const INCORRECT_STATE = 'ffffffff00000200';
const INVALID_PARAMETER = 'ffffffff00000100';
const CALL_PENDING = 'ffffffff00000080';
const STOPPED = 'ffffffff00000040';
const INVALID_ORDER = 'ffffffff00000002';
const UNCHANGED = 'ffffffffffffffff';

/** An order, given to CPU 1 unless another is named, whose answer goes behind what R2 designates. */
const order = (code: number, { cpu = 1, parameter = 0 } = {}): string => `
  lghi %r6,-1
  llilf %r7,${parameter}
  llilf %r8,${cpu}
  sigp %r6,%r8,${code}
  ipm %r9
  stg %r6,0(%r2)
  stg %r9,8(%r2)
  la %r2,16(%r2)`;
/** The same until the other CPU is not busy. */
const patiently = (code: number, parameter = 0): string => {
  const label = `again_${labels++}`;
  return `lghi %r8,1
    llilf %r7,${parameter}
    ${label}: sigp %r6,%r8,${code}
    jo ${label}b
    jh ${label}
    ${label}b:`;
};
let labels = 0;
/** Waits until CPU 1 is stopped. */
const untilStopped = (): string => {
  const label = `stopped_${labels++}`;
  return `lghi %r8,1
    ${label}: lghi %r6,0
    sigp %r6,%r8,${SENSE}
    tmll %r6,0x40
    jz ${label}`;
};
/** Until the doubleword at SHARED is so large. */
const until = (value: number): string => {
  const label = `until_${labels++}`;
  return `${label}: lgrl %r5,shared
    cghi %r5,${value}
    jl ${label}`;
};
/** Until CPU 1 counts on. */
const untilChanged = (): string => {
  const label = `changed_${labels++}`;
  return `lgrl %r4,shared
    ${label}: lgrl %r5,shared
    cgr %r4,%r5
    je ${label}`;
};
const BEGIN = `start: llilf %r2,${RESULTS}
`;
const END = `lpswe ${SUCCESS}
  .align 4096
  shared: .quad 0
  .align 4096`;
/** CPU 1 counts. */
const COUNTER = `cpu1: larl %r1,shared
  count: agsi 0(%r1),1
  j count`;

type Answer = [cc: number, status: string];

async function answers(source: string, options: GuestOptions, count: number): Promise<Answer[]> {
  const guest = new Guest(source, { cpus: 2, ...options });
  await guest.succeed();
  return Array.from({ length: count }, (_, i): Answer => {
    const code = Number((guest.result(2 * i + 1) >> 28n) & 3n);
    return [code, guest.result(2 * i).toString(16)];
  });
}

describe.each(BACKENDS)('SIGNAL PROCESSOR on %s', (backend) => {
  test('orders to CPUs that are not there, and orders that are none', async () => {
    const source = `${BEGIN}
      ${order(SENSE, { cpu: 2 })}
      ${order(SENSE, { cpu: 0xffff })}
      ${order(0x1f, { cpu: 1 })}
      ${order(0x100 + SENSE, { cpu: 0 })}
      ${order(SET_ARCHITECTURE, { parameter: 1 })}
      ${END}`;
    expect(await answers(source, { backend }, 5)).toEqual([
      [3, UNCHANGED],
      [3, UNCHANGED],
      [1, INVALID_ORDER],
      // Bits 56-63 of the address are the order.
      [0, UNCHANGED],
      [1, INVALID_PARAMETER],
    ]);
  });

  test('sense tells stopped CPUs and pending calls', async () => {
    const source = `${BEGIN}
      ${order(SENSE)}
      ${order(EXTERNAL_CALL)}
      ${order(SENSE)}
      ${order(EXTERNAL_CALL)}
      ${order(RESTART)}
      ${untilChanged()}
      ${order(SENSE)}
      ${order(SENSE, { cpu: 0 })}
      ${END}
      ${COUNTER}`;
    expect(await answers(source, { backend }, 7)).toEqual([
      [1, STOPPED],
      [0, UNCHANGED],
      [1, 'ffffffff000000c0'],
      [1, CALL_PENDING],
      [0, UNCHANGED],
      [1, CALL_PENDING],
      [0, UNCHANGED],
    ]);
  });

  test('a CPU stops where it is, and goes on there when it is started', async () => {
    const source = `${BEGIN}
      ${patiently(RESTART)}
      ${untilChanged()}
      ${patiently(STOP)}
      ${untilStopped()}
      lgrl %r4,shared
      lghi %r0,20000
      delay: brctg %r0,delay
      lgrl %r5,shared
      cgr %r4,%r5
      jne bad
      ${order(STOP)}
      ${order(START)}
      ${untilChanged()}
      ${order(START)}
      ${END}
      bad: .short 0
      ${COUNTER}`;
    expect(await answers(source, { backend }, 3)).toEqual([
      [0, UNCHANGED],
      [0, UNCHANGED],
      [0, UNCHANGED],
    ]);
  });

  test('a start that comes before a stop was done is not lost', async () => {
    const source = `${BEGIN}
      ${patiently(RESTART)}
      ${untilChanged()}
      ${patiently(STOP)}
      ${patiently(START)}
      ${untilChanged()}
      ${untilChanged()}
      ${END}
      ${COUNTER}`;
    await answers(source, { backend }, 0);
  });

  test('restart exchanges PSWs, of CPUs that are stopped, wait or run', async () => {
    const source = `${BEGIN}
      ${patiently(RESTART)}
      ${until(1)}
      ${patiently(RESTART)}
      ${until(2)}
      ${patiently(RESTART)}
      ${until(3)}
      ${END}
      cpu1: larl %r1,shared
      aghi %r5,1
      stg %r5,0(%r1)
      cghi %r5,2
      larl %r3,waiting
      je wait
      jl runs
      mvc ${RESULTS}(16),${LOWCORE.restartOldPsw}
      runs: j runs
      wait: mvc ${SCRATCH}(16),${LOWCORE.restartOldPsw}
      lpswe 0(%r3)
      .align 8
      waiting: .quad ${SUPERVISOR | WAIT | EXTERNAL}, 0x4444`;
    const guest = new Guest(source, { backend, cpus: 2 });
    await guest.succeed();
    const at = prefixOf(1);
    expect(guest.storage.read64(at + SCRATCH)).toBe(SUPERVISOR | (1n << 44n));
    expect(guest.storage.read64(at + SCRATCH + 8)).toBe(BigInt(guest.label('runs')));
    expect(guest.storage.read64(at + RESULTS)).toBe(SUPERVISOR | WAIT | EXTERNAL);
    expect(guest.storage.read64(at + RESULTS + 8)).toBe(0x4444n);
  });

  /** What CPU 1 has when it stores 1 at SHARED and goes into a loop. */
  const SETTINGS = `cpu1: larl %r1,values
    spt 0(%r1)
    sckc 8(%r1)
    lghi %r0,0x77
    sckpf
    lfpc 16(%r1)
    ld %f9,24(%r1)
    lam %a5,%a5,16(%r1)
    lctlg %c5,%c5,24(%r1)
    lgr %r11,%r1
    larl %r1,shared
    mvghi 0(%r1),1
    runs: j runs
    .align 8
    values: .quad 0x0010000000000000, 0xfedcba9876543210, 0x00080100ffffffff, 0x0123456789abcdef
    .align 4096
    shared: .quad 0`;
  const checkStatus = (guest: Guest, area: number): void => {
    const { storage } = guest;
    const at = (offset: number): bigint => storage.read64(area + offset);
    expect(at(LOWCORE.generalRegisters + 8 * 11)).toBe(BigInt(guest.label('values')));
    expect(at(LOWCORE.floatingPointRegisters + 8 * 9)).toBe(0x0123_4567_89ab_cdefn);
    expect(at(LOWCORE.controlRegisters + 8 * 5)).toBe(0x0123_4567_89ab_cdefn);
    expect(storage.read32(area + LOWCORE.accessRegisters + 4 * 5)).toBe(0x0008_0100);
    expect(storage.read32(area + LOWCORE.floatingPointControl)).toBe(0x0008_0100);
    expect(storage.read32(area + LOWCORE.todProgrammable)).toBe(0x77);
    expect(storage.read32(area + LOWCORE.statusPrefix)).toBe(prefixOf(1));
    expect(at(LOWCORE.statusPsw)).toBe(SUPERVISOR);
    expect(at(LOWCORE.statusPsw + 8)).toBe(BigInt(guest.label('runs')));
    expect(at(LOWCORE.clockComparator)).toBe(0x00fe_dcba_9876_5432n);
    expect(at(LOWCORE.cpuTimer)).toBeLessThan(0x0010_0000_0000_0000n);
    expect(at(LOWCORE.cpuTimer)).toBeGreaterThan(0x000f_ff00_0000_0000n);
  };
  const BEHIND_SETTINGS = `${patiently(RESTART)} ${until(1)}`;

  test('stop and store status stores into the prefix area', async () => {
    const source = `${BEGIN} ${BEHIND_SETTINGS}
      ${patiently(STOP_AND_STORE_STATUS)}
      ${untilStopped()}
      lpswe ${SUCCESS}
      ${SETTINGS}`;
    const guest = await new Guest(source, { backend, cpus: 2 }).succeed();
    checkStatus(guest, prefixOf(1));
  });

  test('store status at address wants a stopped CPU and storage', async () => {
    const area = 0x1_8200;
    const source = `${BEGIN} ${BEHIND_SETTINGS}
      ${order(STORE_STATUS_AT_ADDRESS, { parameter: area })}
      ${patiently(STOP)}
      ${untilStopped()}
      ${order(STORE_STATUS_AT_ADDRESS, { parameter: 0x7fff_fe00 })}
      ${order(STORE_STATUS_AT_ADDRESS, { parameter: area })}
      lpswe ${SUCCESS}
      ${SETTINGS}`;
    const guest = await new Guest(source, { backend, cpus: 2 }).succeed();
    expect([0, 2, 4].map((i) => guest.result(i).toString(16))).toEqual([
      ...[INCORRECT_STATE, INVALID_PARAMETER, UNCHANGED],
    ]);
    checkStatus(guest, area - 0x1200);
  });

  test('set prefix wants a stopped CPU and storage; the next restart takes place there', async () => {
    const other = 0x2_0000;
    const source = `${BEGIN}
      ${patiently(RESTART)}
      ${until(1)}
      ${order(SET_PREFIX, { parameter: other })}
      ${patiently(STOP)}
      ${untilStopped()}
      ${order(SET_PREFIX, { parameter: 0x7fff_e000 })}
      ${order(SET_PREFIX, { parameter: other + 0xffe })}
      ${patiently(RESTART)}
      ${until(2)}
      ${END}
      cpu1: larl %r1,shared
      mvghi 0(%r1),1
      loop: j loop
      elsewhere: stpx ${RESULTS}
      mvghi 0(%r1),2
      j loop`;
    const guest = new Guest(source, {
      ...{ backend, cpus: 2 },
      prepare: (storage, at) => {
        storage.write64(other + LOWCORE.restartNewPsw, SUPERVISOR);
        storage.write64(other + LOWCORE.restartNewPsw + 8, BigInt(at.get('elsewhere')!));
      },
    });
    await guest.succeed();
    expect([0, 2, 4].map((i) => guest.result(i).toString(16))).toEqual([
      ...[INCORRECT_STATE, INVALID_PARAMETER, UNCHANGED],
    ]);
    expect(guest.storage.read32(other + RESULTS)).toBe(other);
  });

  // PoP, "Resets": what CPU reset and initial CPU reset leave alone, and what becomes what.
  test.each([
    ['CPU reset', CPU_RESET, false],
    ['initial CPU reset', INITIAL_CPU_RESET, true],
  ])('%s stops a CPU, and takes away what was pending', async (_what, code, isInitial) => {
    const source = `${BEGIN} ${BEHIND_SETTINGS}
      ${order(EMERGENCY_SIGNAL)}
      ${order(EXTERNAL_CALL)}
      ${order(code)}
      ${order(SENSE)}
      lpswe ${SUCCESS}
      ${SETTINGS}`;
    const guest = await new Guest(source, { backend, cpus: 2 }).succeed();
    expect(guest.result(6).toString(16)).toBe(STOPPED);
    const state = guest.state(1);
    expect(state.gr(11)).toBe(BigInt(guest.label('values')));
    expect(state.fpr(9)).toBe(0x0123_4567_89ab_cdefn);
    expect(state.ar(5)).toBe(0x0008_0100);
    expect(state.fpc).toBe(isInitial ? 0 : 0x0008_0100);
    expect(state.cr(5)).toBe(isInitial ? 0n : 0x0123_4567_89ab_cdefn);
    expect(state.cr(0)).toBe(isInitial ? 0xe0n : 0xe0n);
    expect(state.cr(14)).toBe(0xc200_0000n);
    expect(state.pswMask).toBe(isInitial ? 0n : SUPERVISOR);
  });

  test('a CPU that waited runs when it was reset and started', async () => {
    // The PSW is zero then: the 24-bit mode, at the beginning of storage.
    const source = `${BEGIN}
      ${patiently(RESTART)}
      ${until(1)}
      lghi %r8,1
      running: sigp %r6,%r8,${SENSE_RUNNING_STATUS}
      jz running
      ${order(SENSE_RUNNING_STATUS)}
      ${order(SENSE_RUNNING_STATUS, { cpu: 0 })}
      ${order(INITIAL_CPU_RESET)}
      ${order(SENSE_RUNNING_STATUS)}
      larl %r4,jump
      mvc 0(12),0(%r4)
      ${order(START)}
      ${until(2)}
      ${END}
      cpu1: larl %r1,shared
      mvghi 0(%r1),1
      larl %r3,waiting
      lpswe 0(%r3)
      first: mvghi 0(%r1),2
      loop: j loop
      .align 4
      jump: l %r3,8
      br %r3
      .short 0
      .long first
      .align 8
      waiting: .quad ${SUPERVISOR | WAIT | EXTERNAL}, 0`;
    const guest = new Guest(source, { backend, cpus: 2 });
    await guest.succeed();
    expect([0, 2, 4, 6].map((i) => guest.result(i).toString(16))).toEqual([
      ...[NOT_RUNNING, UNCHANGED, UNCHANGED, NOT_RUNNING],
    ]);
  });

  test('a signal to a stopped CPU waits until it is started and enabled', async () => {
    const source = `${BEGIN}
      ${order(EMERGENCY_SIGNAL)}
      ${patiently(RESTART)}
      ${until(1)}
      ${END}
      cpu1: larl %r1,shared
      larl %r3,masks
      lctlg %c0,%c0,0(%r3)
      stosm ${SCRATCH},1
      loop: j loop
      external_new: mvc ${RESULTS}(4),${LOWCORE.externalCpuAddress}
      mvghi 0(%r1),1
      j loop
      .align 8
      masks: .quad 0x4000`;
    const guest = await new Guest(source, { backend, cpus: 2 }).succeed();
    expect(guest.storage.read32(prefixOf(1) + RESULTS)).toBe(0x1201);
  });

  test('a CPU can stop itself; when all are stopped, that is the end', async () => {
    const source = `lghi %r8,0
      sigp %r6,%r8,${STOP}
      lpswe ${SUCCESS}`;
    const guest = new Guest(source, { backend });
    expect(await guest.run()).toEqual({ kind: 'power-off' });
    expect(guest.state().iaBits).toBe(0x1_0008n);
  });

  test.each([
    ['CPU reset', CPU_RESET],
    ['initial CPU reset', INITIAL_CPU_RESET],
    ['stop and store status', STOP_AND_STORE_STATUS],
  ])('%s of a CPU by itself stops it', async (_what, code) => {
    const source = `lghi %r8,0
      sigp %r6,%r8,${code}
      lpswe ${SUCCESS}`;
    expect(await new Guest(source, { backend }).run()).toEqual({ kind: 'power-off' });
  });
});
void IO;

import { describe, expect, test } from 'vitest';
import { LOWCORE } from '../../../src/arch/lowcore.ts';
import type { Drive } from '../../../src/system/services.ts';
import { TestConsole } from '../sclp-harness.ts';
import { BACKENDS, Guest, type GuestOptions, RESULTS, SUCCESS, SUPERVISOR } from './guest.ts';

/**
 * The protocol of Linux' kvm_virtio driver and QEMU's s390-virtio machine of 2010, as a program for
 * the bare machine speaks it: descriptors behind storage, DIAGNOSE 0x500, external interruptions.
 */

const EXTERNAL = 1n << 56n;
const WAIT = 1n << 49n;
/** Control register 0: the service-signal subclass, which is the bus's as well. */
const SERVICE = 0x0200n;
const SCCB = 0x5_0000;
const TOKEN = 0x1234_5678_9abc_def0n;
/** Parameter 0: a queue; subcode; code. */
const QUEUE_INTERRUPTION = 0x0000_0000_0d00_2603n;

const BLOCK = 2;
const CONSOLE = 3;
const NEXT = 1;
const WRITABLE = 2;

/** Calls the hypervisor; anything but 0 fails. Register 2 is the operand. */
const hypercall = (code: number): string => `lghi %r1,${code}
  diag %r2,%r4,0x500
  ltgr %r2,%r2
  jnz bad`;

/** Enabled wait; it goes on at a label. */
const wait = (label: string): string => `larl %r14,${label}
  larl %r3,waiting
  lpswe 0(%r3)
  ${label}:`;

/** Finds a device and begins to drive it: queue in r6, ring in r8, available in r10, used in r11. */
const drive = (type: number, queue: number): string => `
  llilf %r1,0x00020001
  llilf %r2,${SCCB}
  servc %r1,%r2
  jnz bad
  ${wait('read')} llilf %r2,${SCCB}
  llgh %r4,8(%r2)
  llgc %r5,10(%r2)
  msgr %r4,%r5
  sllg %r4,%r4,20
  find: llgc %r5,0(%r4)
  ltgr %r5,%r5
  jz bad
  cghi %r5,${type}
  je found
  llgc %r6,1(%r4)
  mghi %r6,24
  llgc %r7,2(%r4)
  agr %r6,%r7
  agr %r6,%r7
  llgc %r7,3(%r4)
  agr %r6,%r7
  la %r4,5(%r6,%r4)
  j find
  found: lgr %r2,%r4
  ${hypercall(1)}
  mvi 4(%r4),3
  lgr %r2,%r4
  ${hypercall(2)}
  mvi 4(%r4),7
  lgr %r2,%r4
  ${hypercall(2)}
  la %r6,${5 + 24 * queue}(%r4)
  larl %r7,token
  mvc 0(8,%r6),0(%r7)
  lg %r8,8(%r6)
  llgh %r9,16(%r6)
  sllg %r10,%r9,4
  agr %r10,%r8
  sllg %r11,%r9,1
  la %r11,6(%r11,%r10)
  aghi %r11,4095
  nill %r11,0xf000`;

/** Fills a descriptor in. */
const describeArea = (i: number, label: string, size: number, flags: number, next = 0): string => `
  larl %r5,${label}
  stg %r5,${16 * i}(%r8)
  mvhi ${16 * i + 8}(%r8),${size}
  mvhhi ${16 * i + 12}(%r8),${flags}
  mvhhi ${16 * i + 14}(%r8),${next}`;

/** Makes the chain at descriptor 0 available, notifies, and waits for the interruption. */
const request = `mvhhi 4(%r10),0
  mvhhi 2(%r10),1
  lgr %r2,%r8
  ${hypercall(0)}
  ${wait('told')} mvc ${RESULTS}(8),${LOWCORE.externalParameter}
  lghi %r1,${LOWCORE.externalParameter2}
  mvc ${RESULTS + 8}(8),0(%r1)
  mvc ${RESULTS + 16}(12),0(%r11)
  lpswe ${SUCCESS}`;

const frame = (data: string): string => `
  bad: .short 0
  external_new: br %r14
  .align 8
  waiting: .quad ${SUPERVISOR | EXTERNAL | WAIT}, 0
  token: .quad ${TOKEN}
  ${data}`;

const TEXT = 'Hello from 2010\n';
const WRITE = `${drive(CONSOLE, 1)}
  ${describeArea(0, 'text', TEXT.length, 0)}
  ${request}
  ${frame(`text: .ascii ${JSON.stringify(TEXT)}`)}`;
const READ_KEYS = `${drive(CONSOLE, 0)}
  ${describeArea(0, 'keys', 16, WRITABLE)}
  ${request}
  ${frame('keys: .skip 16')}`;
const READ_BLOCK = `${drive(BLOCK, 0)}
  ${describeArea(0, 'header', 16, NEXT, 1)}
  ${describeArea(1, 'block', 1024, NEXT | WRITABLE, 2)}
  ${describeArea(2, 'status', 1, WRITABLE)}
  ${request}
  ${frame(`header: .long 0, 0
  .quad 3
  block: .skip 1024
  status: .byte 0xff`)}`;

/** Byte `i` of the drive is `i / 512 + i`, so that sectors differ. */
class PatternDrive implements Drive {
  readonly size = 0x1000;
  readonly readOnly = false;

  read(offset: number, target: Uint8Array): void {
    for (let i = 0; i < target.length; i++) target[i] = patternAt(offset + i);
  }

  write(): void {}
  flush(): void {}
  load(): void {}
  save(): null {
    return null;
  }
}

const patternAt = (at: number): number => ((at >> 9) + at) & 255;

/** Flags, index, then identification and length of the first element of the used ring. */
function usedRing({ storage }: Guest): number[] {
  const at = RESULTS + 16;
  return [
    storage.read16(at),
    storage.read16(at + 2),
    storage.read32(at + 4),
    storage.read32(at + 8),
  ];
}

/** Lets the guest run until it has slept. */
async function runToSleep(guest: Guest): Promise<void> {
  const pause = guest.host.pause.bind(guest.host);
  guest.host.pause = (ms) => {
    if (ms > 0) guest.machine.stop();
    return pause(ms);
  };
  expect(await guest.run()).toEqual({ kind: 'stopped' });
  guest.host.pause = pause;
}

describe.each(BACKENDS)('the s390-virtio bus on %s', (backend) => {
  const make = (source: string, more: GuestOptions = {}) => {
    const virtioConsole = new TestConsole();
    const guest = new Guest(source, {
      ...{ backend, control: { 0: SERVICE }, virtioBus: 's390' },
      ...{ virtioConsole, drives: [new PatternDrive()], hasRandom: true },
      prepare: (storage) => storage.write16(SCCB, 0x1000),
      ...more,
    });
    return { guest, virtioConsole };
  };

  test.each([0x20_0000, 0x50_0000])(
    'a console is found behind %i bytes of storage, and shows a text',
    async (memory) => {
      const { guest, virtioConsole } = make(WRITE, { memory });
      await guest.succeed();
      expect(virtioConsole.output).toBe(TEXT);
      expect(guest.results(2)).toEqual([QUEUE_INTERRUPTION, TOKEN]);
      expect(usedRing(guest)).toEqual([0, 1, 0, 0]);
      // Nothing is behind subchannels.
      expect(guest.machine.css.find(0x1_0000)).toBeUndefined();
    },
  );

  test('what is typed comes into a buffer that the guest has for it', async () => {
    const { guest, virtioConsole } = make(READ_KEYS);
    await runToSleep(guest);
    virtioConsole.type('keys');
    await guest.succeed();
    expect(guest.results(2)).toEqual([QUEUE_INTERRUPTION, TOKEN]);
    expect(usedRing(guest)).toEqual([0, 1, 0, 4]);
    const typed = guest.storage.slice(guest.label('keys'), 5);
    expect(Buffer.from(typed).toString('latin1')).toBe('keys\0');
  });

  test('blocks are read from a drive', async () => {
    const { guest } = make(READ_BLOCK);
    await guest.succeed();
    expect(guest.results(2)).toEqual([QUEUE_INTERRUPTION, TOKEN]);
    // Two blocks from sector 3 on, and the status.
    expect(usedRing(guest)).toEqual([0, 1, 0, 1025]);
    expect(guest.storage.read8(guest.label('status'))).toBe(0);
    const read = [...guest.storage.slice(guest.label('block'), 1024)];
    expect(read).toEqual(Array.from({ length: 1024 }, (_, i) => patternAt(3 * 512 + i)));
  });

  test('after another IPL the devices are there again', async () => {
    const { guest, virtioConsole } = make(WRITE);
    await guest.succeed();
    guest.machine.ipl();
    guest.state().setCr(0, SERVICE);
    await guest.succeed();
    expect(virtioConsole.output).toBe(TEXT + TEXT);
  });

  test('a snapshot has the rings and what the driver said', async () => {
    const { guest } = make(READ_KEYS);
    await runToSleep(guest);
    const sections = guest.machine.saveState();
    const { guest: next, virtioConsole } = make(READ_KEYS);
    next.storage.write(0, guest.storage.slice(0, guest.storage.size));
    next.machine.loadState(sections);
    virtioConsole.type('later');
    await next.succeed();
    expect(next.results(2)).toEqual([QUEUE_INTERRUPTION, TOKEN]);
    expect(usedRing(next)).toEqual([0, 1, 0, 5]);
  });

  test('an interruption that is pending goes into a snapshot', async () => {
    const { guest, virtioConsole } = make(READ_KEYS);
    await runToSleep(guest);
    virtioConsole.type('pending');
    const sections = guest.machine.saveState();
    const { guest: next } = make(READ_KEYS);
    next.storage.write(0, guest.storage.slice(0, guest.storage.size));
    next.machine.loadState(sections);
    await next.succeed();
    expect(next.results(2)).toEqual([QUEUE_INTERRUPTION, TOKEN]);
    expect(usedRing(next)).toEqual([0, 1, 0, 7]);
  });

  test('a guest without drivers prints what it notifies in its own storage', async () => {
    const source = `larl %r2,text
      ${hypercall(0)}
      lpswe ${SUCCESS}
      bad: .short 0
      text: .asciz "early"`;
    const { guest, virtioConsole } = make(source);
    await guest.succeed();
    expect(virtioConsole.output).toBe('early');
  });

  test('what is no device is an invalid argument, as it is without the bus', async () => {
    const call = (code: number, operand: number, where: number): string => `lghi %r1,${code}
      llilf %r2,${operand}
      diag %r2,%r4,0x500
      stg %r2,${RESULTS + 8 * where}`;
    const source = `${call(0, 0x20_0008, 0)}
      ${call(1, 0x20_0001, 1)}
      ${call(2, 0x1000, 2)}
      ${call(7, 0x20_0000, 3)}
      lpswe ${SUCCESS}`;
    for (const virtioBus of ['s390', 'ccw'] as const) {
      const { guest } = make(source, { virtioBus });
      await guest.succeed();
      const results = guest.results(4).map((value) => BigInt.asIntN(64, value));
      expect(results).toEqual([-22n, -22n, -22n, -22n]);
    }
  });
});

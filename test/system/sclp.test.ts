import { describe, expect, test } from 'vitest';
import { ProgramInterruption } from '../../src/cpu/interruption.ts';
import {
  Machine,
  READ_CPU_INFO,
  READ_EVENT_DATA,
  READ_SCP_INFO,
  SCCB,
  WRITE_EVENT_DATA,
  WRITE_EVENT_MASK,
  trim,
} from './sclp-harness.ts';

// The exchanges here were recorded from a guest in qemu-system-s390x 7.2 where nothing else is
// said: request, response code, length, interruption parameter.

const ADDRESSING = 0x05;
const SPECIFICATION = 0x06;
const MIB = 0x10_0000;

function interruptionOf(action: () => void): number | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof ProgramInterruption) return error.code;
    throw error;
  }
  return undefined;
}

describe('SERVICE CALL', () => {
  test.each([
    ['not on a doubleword boundary', SCCB + 4, SPECIFICATION],
    ['in the prefix area of absolute zero', 0x1000, SPECIFICATION],
    ['beyond storage', 0x7fff_fff8, ADDRESSING],
    ['beyond 2 GiB', 0x8000_0000, ADDRESSING],
    ['right behind storage', MIB, ADDRESSING],
    ['at the last doubleword, without a length', MIB - 8, SPECIFICATION],
  ])('an SCCB %s is refused by a program interruption', (_, at, code) => {
    const machine = new Machine();
    expect(interruptionOf(() => machine.sclp.serviceCall(READ_SCP_INFO, at))).toBe(code);
    expect(machine.signals).toEqual([]);
  });

  test("an SCCB in the CPU's prefix area is refused, elsewhere it is not", () => {
    const machine = new Machine();
    machine.storage.write16(SCCB, 4096);
    const call = (prefix: number) => () => machine.sclp.serviceCall(READ_SCP_INFO, SCCB, prefix);
    expect(interruptionOf(call(SCCB))).toBe(SPECIFICATION);
    expect(interruptionOf(call(SCCB + 0x2000))).toBeUndefined();
  });

  test('an SCCB shorter than its header is a specification exception', () => {
    const machine = new Machine();
    machine.storage.write16(SCCB, 7);
    const call = (): number => machine.sclp.serviceCall(READ_SCP_INFO, SCCB);
    expect(interruptionOf(call)).toBe(SPECIFICATION);
  });

  test.each([0x1234_5678, 0x0002_0002, 0x0003_0001, 0])(
    'command %i is answered with "invalid command"',
    (command) => {
      expect(new Machine().call(command, '')).toBe('10000000000001f0');
    },
  );

  test('the second byte from the right of a command does not count', () => {
    const machine = new Machine();
    expect(machine.call(0x0002_ff01, '')).toBe(machine.call(READ_SCP_INFO, ''));
  });

  test.each([
    ['READ CPU INFO', READ_CPU_INFO, 0x800],
    ['WRITE EVENT MASK', WRITE_EVENT_MASK, 8],
    ['READ SCP INFO', READ_SCP_INFO, 8],
  ])('%s refuses an SCCB that goes beyond its page', (_, command, offset) => {
    const machine = new Machine();
    expect(machine.call(command, '', { at: SCCB + offset })).toBe('10000000000001');
    expect(machine.signals).toEqual([SCCB + offset]);
  });

  test('an SCCB that goes beyond storage is refused, and nothing is written there', () => {
    const machine = new Machine();
    const at = MIB - 8;
    machine.storage.write16(at, 0xffff);
    expect(machine.sclp.serviceCall(WRITE_EVENT_DATA, at)).toBe(0);
    expect(machine.storage.read16(at + 6)).toBe(0x0100);
  });

  test('the end of a command is told by a service signal with the address of the SCCB', () => {
    const machine = new Machine();
    machine.call(READ_SCP_INFO, '');
    machine.call(0x1234_5678, '', { at: SCCB + 0x1000 });
    expect(machine.signals).toEqual([SCCB, SCCB + 0x1000]);
  });
});

describe('READ SCP INFO', () => {
  /** Byte `at` of QEMU's answer, for all that we answer alike. */
  const answer = (at: number, bytes: string): [string, string] => [`${at}`, bytes];

  test('it tells the size of storage, the CPUs, the load parameter and the facilities', () => {
    const machine = new Machine();
    const bytes = Buffer.from(machine.call(READ_SCP_INFO, ''), 'hex');
    const found: Record<string, string> = {};
    bytes.forEach((byte, at) => {
      if (byte !== 0) found[at] = byte.toString(16);
    });
    expect(found).toEqual(
      Object.fromEntries([
        answer(0, '10'),
        answer(7, '10'),
        // 0x0200 increments of 1 MiB.
        answer(8, '2'),
        answer(10, '1'),
        answer(17, '1'),
        answer(19, '80'),
        ...Array.from({ length: 8 }, (_, i) => answer(24 + i, '40')),
        // QEMU says 0x0c00000040000000: it can configure CPUs and PCI functions, too.
        answer(48, '8'),
        // QEMU has the enhanced-suppression facility (byte 85) and a hypervisor's identity (124).
        answer(99, '2f'),
      ]),
    );
  });

  test('its forced form says the same', () => {
    const machine = new Machine();
    expect(machine.call(0x0012_0001, '')).toBe(machine.call(READ_SCP_INFO, ''));
  });

  test.each([
    [2047, '07ff01'],
    [1021, '03fd01'],
    [64, '004001'],
  ])('%i MiB are that many increments of 1 MiB', (size, bytes) => {
    const machine = new Machine({ memorySize: size * MIB });
    expect(machine.call(READ_SCP_INFO, '').slice(16, 22)).toBe(bytes);
  });

  test('with three CPUs it gives three entries and the highest address', () => {
    const machine = new Machine({ cpuCount: 3 });
    const bytes = Buffer.from(machine.call(READ_SCP_INFO, '').padEnd(8192, '0'), 'hex');
    expect(bytes.readUInt16BE(16)).toBe(3);
    expect(bytes.readUInt16BE(120)).toBe(2);
    expect([bytes[128], bytes[144], bytes[160]]).toEqual([0, 1, 2]);
  });

  test.each([
    [1, 159, 160],
    [2, 175, 176],
  ])('with %i CPUs, %i bytes are not enough and %i are', (cpuCount, short, enough) => {
    const machine = new Machine({ cpuCount });
    const tooShort = machine.call(READ_SCP_INFO, '', { length: short });
    expect(tooShort).toBe(`${short.toString(16).padStart(4, '0')}0000000003`);
    expect(machine.call(READ_SCP_INFO, '', { length: enough }).slice(12, 16)).toBe('0010');
  });

  test('a request for a response of variable length stays as it was when it is too short', () => {
    expect(new Machine().call(READ_SCP_INFO, '00 000080', { length: 128 })).toBe('00800000008003');
  });

  test('the load parameter and enhanced suppression are said where the machine has them', () => {
    const machine = new Machine({ loadParameter: 'js390', enhancedSuppression: true });
    const bytes = machine.call(READ_SCP_INFO, '');
    expect(bytes.slice(48, 64)).toBe('91a2f3f9f0404040');
    expect(bytes.slice(170, 172)).toBe('02');
  });
});

describe('READ CPU INFO', () => {
  // QEMU on a little-endian host has the bytes of the standby entries' offset the wrong way round.
  test.each([
    [1, '10000000000000100001001800000028'],
    [2, '1000000000000010000200180000003800000000000000000000000000000000000000000000000001'],
  ])('with %i CPUs it lists the configured ones; none are on standby', (cpuCount, response) => {
    expect(new Machine({ cpuCount }).call(READ_CPU_INFO, '')).toBe(response);
  });

  test.each([
    [1, 39, 40],
    [2, 55, 56],
  ])('with %i CPUs, %i bytes are not enough and %i are', (cpuCount, short, enough) => {
    const machine = new Machine({ cpuCount });
    expect(machine.call(READ_CPU_INFO, '', { length: short }).slice(12)).toBe('03');
    expect(machine.call(READ_CPU_INFO, '', { length: enough }).slice(12, 16)).toBe('0010');
  });
});

describe('event masks', () => {
  test('with 8-byte masks the halves that no event has are zero', () => {
    const machine = new Machine();
    const masks = 'ffffffffffffffff 0000000000000000';
    // QEMU also sends events of type 4, about CPUs that come and go.
    expect(machine.call(WRITE_EVENT_MASK, `00 000000 0000 0000 0008 ${masks}`)).toBe(
      '100000000000002000000008ffffffffffffffff0000000000000000408000400000000080800048',
    );
  });

  test('with 2-byte masks the first bits of each are used', () => {
    const machine = new Machine();
    expect(machine.call(WRITE_EVENT_MASK, '00 000000 0000 0000 0002 ffff 0000')).toBe(
      '100000000000002000000002ffff000040808080',
    );
  });

  test('a machine offers the events of the consoles that it has', () => {
    const masksOf = (options: object): string =>
      new Machine(options)
        .call(WRITE_EVENT_MASK, '00 000000 0000 0000 0004 ffffffff ffffffff')
        .padEnd(56, '0')
        .slice(40);
    expect(masksOf({ vt220: undefined })).toBe('4080000080800008');
    expect(masksOf({ lineMode: undefined })).toBe('0000004000000048');
  });

  test.each([
    ['0000', '10000000000074f0'],
    ['03fe', '10000000000074f0000003fe'],
  ])('a mask length of %s is invalid', (length, response) => {
    const machine = new Machine();
    expect(machine.call(WRITE_EVENT_MASK, `00 000000 0000 0000 ${length}`)).toBe(response);
  });

  // QEMU 7.2 writes behind its buffer here.
  test('masks that are longer than the SCCB are refused', () => {
    const machine = new Machine();
    const call = (length: number): string =>
      machine
        .call(WRITE_EVENT_MASK, '00 000000 0000 0000 0004', { length })
        .padEnd(16, '0')
        .slice(12, 16);
    expect([28, 27, 12, 11, 8].map(call)).toEqual(['0020', '0300', '0300', '0300', '0300']);
  });
});

describe('READ EVENT DATA', () => {
  test('without events none are stored', () => {
    const machine = new Machine();
    expect(machine.call(READ_EVENT_DATA, '')).toBe('10000000000060f0');
    machine.enableEvents();
    expect(machine.call(READ_EVENT_DATA, '')).toBe('10000000000060f0');
  });

  test('a response of variable length ends behind the last event', () => {
    const machine = new Machine();
    machine.enableEvents();
    expect(machine.call(READ_EVENT_DATA, '00 000080')).toBe('00080000000060f0');
  });

  test('an SCCB of another size than a page is refused', () => {
    expect(new Machine().call(READ_EVENT_DATA, '', { length: 4095 })).toBe('0fff0000000003');
  });

  test('an unknown function is refused', () => {
    expect(new Machine().call(READ_EVENT_DATA, '02')).toBe('10000200000040f0');
  });

  test('a selection may name only events that the guest wants', () => {
    const machine = new Machine();
    expect(machine.call(READ_EVENT_DATA, '01 000000 0000')).toBe('10000100000070f0');
    machine.enableEvents();
    const select = (mask: string): string =>
      machine.call(READ_EVENT_DATA, `01 000000 0000 ${mask}`).slice(12, 16);
    expect(select('00000010')).toBe('70f0');
    expect(select('80000000')).toBe('60f0');
  });

  test('only selected events are read; the others stay', () => {
    const machine = new Machine();
    machine.enableEvents();
    machine.vt220.type('x');
    machine.sclp.quiesce();
    const quiesce = machine.call(READ_EVENT_DATA, '01 000000 0000 00000008');
    expect(quiesce).toBe('100001000000002000091d80');
    expect(machine.call(READ_EVENT_DATA, '')).toBe('100000000000002000081a8000000078');
  });
});

describe('WRITE EVENT DATA', () => {
  const hello = '000c 1a 00 0000 68656c6c6f0a';

  test('event buffers are marked as accepted', () => {
    const machine = new Machine();
    expect(machine.write(hello)).toBe('0014000000000020000c1a80000068656c6c6f0a');
    expect(machine.write(hello, '000a 1a 00 0000 74776f0a')).toBe(
      '001e000000000020000c1a80000068656c6c6f0a000a1a80000074776f0a',
    );
    expect(machine.vt220.output).toBe('hello\nhello\ntwo\n');
  });

  test('no buffers, and an empty one, are right', () => {
    const machine = new Machine();
    expect(machine.write()).toBe('0008000000000020');
    expect(machine.write('0006 1a 00 0000')).toBe('000e00000000002000061a80');
  });

  test('a function other than 0 is refused', () => {
    const machine = new Machine();
    const buffer = `01 000000 0000 ${hello}`;
    expect(machine.call(WRITE_EVENT_DATA, buffer, { length: 20 })).toBe(
      '00140100000040f0000c1a00000068656c6c6f0a',
    );
  });

  test.each([
    ['an event that nobody has', '0007 55 00 0000 78', '000f0000000040f000075500000078'],
    ['an event for the guest', '0007 01 00 0000 78', '000f0000000040f000070100000078'],
    ['a quiesce signal', '0007 1d 00 0000 78', '000f0000000040f000071d00000078'],
    ['an event of type 0', '0007 00 00 0000 78', '000f0000000040f000070000000078'],
  ])('%s is refused', (_, buffer, response) => {
    expect(new Machine().write(buffer)).toBe(response);
  });

  test('buffers behind a refused one are not looked at, and not accepted', () => {
    const machine = new Machine();
    const after = '000c 1a 80 0000 61667465720a';
    expect(machine.write('0007 55 00 0000 78', after)).toBe(
      '001b0000000040f000075500000078000c1a00000061667465720a',
    );
    expect(machine.vt220.output).toBe('');
  });

  test.each([
    ['shorter than a header', '0006 1a 00', '000c0000000073f000061a'],
    ['of less than a header', '0005 1a 00 0000', '000e0000000073f000051a'],
    [
      'longer than the SCCB',
      '0009 1a 00 0000 616263 '.slice(0, -3),
      '00100000000073f000091a0000006162',
    ],
    ['with bytes behind', '0009 1a 00 0000 616263 000000', '00140000000073f000091a000000616263'],
    ['with one byte behind', '0006 1a 00 0000 00', '000f0000000073f000061a'],
  ])('a buffer %s is a syntax error, and nothing is written', (_, buffer, response) => {
    const machine = new Machine();
    expect(machine.write(buffer)).toBe(trim(response));
    expect(machine.vt220.output).toBe('');
  });
});

test('random commands and SCCBs never do anything but answer or interrupt', () => {
  const machine = new Machine();
  let seed = 390;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const commands = [WRITE_EVENT_DATA, WRITE_EVENT_MASK, READ_EVENT_DATA, READ_SCP_INFO];
  for (let i = 0; i < 20_000; i++) {
    const at = SCCB + 8 * random(512);
    const sizes = [0, random(64), random(5000), 4096];
    machine.storage.write(
      at,
      Uint8Array.from({ length: 64 }, () => random(256) & random(256)),
    );
    machine.storage.write16(at, sizes[random(4)]!);
    // Mostly well-formed event buffers, with a message data block that is not.
    if (random(2)) machine.storage.write16(at + 8, machine.storage.read16(at) - 8);
    if (random(2)) machine.storage.write8(at + 10, [1, 2, 9, 0x1a, 0x1d][random(5)]!);
    if (random(8) === 0) machine.vt220.type('typed');
    if (random(8) === 0) machine.line.type('typed\r');
    const code = interruptionOf(() => machine.sclp.serviceCall(commands[random(4)]!, at));
    expect([undefined, SPECIFICATION]).toContain(code);
  }
});

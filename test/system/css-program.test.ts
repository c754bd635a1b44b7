import { beforeEach, describe, expect, test } from 'vitest';
import { COMMAND_DONE, type CommandData } from '../../src/system/css/device.ts';
import { Bench, sidOf, TestDevice } from './css-support.ts';

/** Commands of the test device. */
const WRITE = 0x01;
const READ = 0x02;
const CONTROL = 0x07;
const SKIP_NEXT = 0x0b;
const READ_ANY = 0x12;

/** CCW flags. */
const CD = 0x80;
const CC = 0x40;
const SLI = 0x20;
const SKIP = 0x10;
const PCI = 0x08;
const IDA = 0x04;
const SUSPEND = 0x02;

/** Subchannel status. */
const INCORRECT_LENGTH = 0x40;
const PROGRAM_CHECK = 0x20;
const PROTECTION_CHECK = 0x10;

const PROGRAM = 0x2000;
const DATA = 0x3000;
const MESSAGE = Uint8Array.from({ length: 16 }, (_, i) => i + 1);

let bench: Bench;
let device: TestDevice;
let written: number[];

beforeEach(() => {
  bench = new Bench();
  device = new TestDevice();
  bench.css.attach(device);
  bench.enable(0);
  written = [];
  device.commands.set(WRITE, (data) => {
    written.push(...data.receive(16));
    return COMMAND_DONE;
  });
  device.commands.set(READ, (data) => {
    data.send(MESSAGE);
    return COMMAND_DONE;
  });
  device.commands.set(READ_ANY, (data) => {
    data.sendUpTo(MESSAGE);
    return COMMAND_DONE;
  });
  device.commands.set(CONTROL, () => COMMAND_DONE);
  device.commands.set(SKIP_NEXT, () => ({ status: 0x4c }));
});

function outcome(options: Parameters<Bench['run']>[2] = {}) {
  const { device: deviceStatus, channel, count, address } = bench.run(0, PROGRAM, options);
  return { device: deviceStatus, channel, count, address };
}

describe('data', () => {
  test('a read command stores, a write command fetches', () => {
    bench.storage.write(DATA, MESSAGE);
    bench.ccws(PROGRAM, [WRITE, CC, 16, DATA], [READ, 0, 16, DATA + 0x100]);
    expect(outcome()).toEqual({ device: 0x0c, channel: 0, count: 0, address: PROGRAM + 16 });
    expect(written).toEqual([...MESSAGE]);
    expect(bench.bytes(DATA + 0x100, 16)).toEqual([...MESSAGE]);
  });

  test('format 0 has 24-bit addresses', () => {
    bench.ccws0(PROGRAM, [READ, 0, 16, DATA]);
    expect(outcome({ flags: 0 })).toEqual({
      device: 0x0c,
      channel: 0,
      count: 0,
      address: PROGRAM + 8,
    });
    expect(bench.bytes(DATA, 16)).toEqual([...MESSAGE]);
  });

  test('data chaining scatters and gathers', () => {
    bench.ccws(
      PROGRAM,
      [READ, CD, 3, DATA],
      [0, CD, 4, DATA + 0x10],
      [0xff, CC, 9, DATA + 0x20],
      [WRITE, CD, 3, DATA],
      [0, CD, 4, DATA + 0x10],
      [0, 0, 9, DATA + 0x20],
    );
    expect(outcome()).toMatchObject({ device: 0x0c, channel: 0, count: 0 });
    expect(written).toEqual([...MESSAGE]);
    expect(bench.bytes(DATA, 4)).toEqual([1, 2, 3, 0]);
    expect(bench.bytes(DATA + 0x10, 5)).toEqual([4, 5, 6, 7, 0]);
    expect(bench.bytes(DATA + 0x20, 9)).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16]);
  });

  test('data chaining goes through a transfer in channel', () => {
    bench.ccws(PROGRAM, [READ, CD, 8, DATA], [0x08, 0, 0, PROGRAM + 0x100]);
    bench.ccws(PROGRAM + 0x100, [0, 0, 8, DATA + 0x10]);
    expect(outcome()).toMatchObject({ channel: 0, address: PROGRAM + 0x108 });
    expect(bench.bytes(DATA + 0x10, 8)).toEqual([9, 10, 11, 12, 13, 14, 15, 16]);
  });

  test('skipping counts but does not store', () => {
    bench.ccws(PROGRAM, [READ, CD | SKIP, 6, 0x7fff_0000], [0, 0, 10, DATA]);
    expect(outcome()).toMatchObject({ channel: 0, count: 0 });
    expect(bench.bytes(DATA, 10)).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
  });

  test('storing goes through the change bit and tells about translated code', () => {
    const told: number[] = [];
    bench.storage.codeListeners.add({ codePageChanged: (page) => told.push(page) });
    bench.storage.codePages[DATA >>> 12] = 1;
    bench.ccws(PROGRAM, [READ, 0, 16, DATA]);
    outcome();
    expect(told).toEqual([DATA >>> 12]);
    expect(bench.storage.keys[DATA >>> 12] & 0x06).toBe(0x06);
    expect(bench.storage.keys[PROGRAM >>> 12] & 0x04).toBe(0x04);
  });
});

describe('length', () => {
  test.each([
    // flags, count, channel status, residual count
    ['too large a count', 0, 20, INCORRECT_LENGTH, 4],
    ['too small a count', 0, 10, INCORRECT_LENGTH, 0],
    ['too large a count, suppressed', SLI, 20, 0, 4],
    ['too small a count, suppressed', SLI, 10, 0, 0],
    ['the right count', 0, 16, 0, 0],
    ['data chaining that is not reached', CD | SLI, 16, INCORRECT_LENGTH, 0],
    ['data chaining before its count is used', CD | SLI, 17, INCORRECT_LENGTH, 1],
  ])('%s', (_, flags, count, channel, left) => {
    bench.ccws(PROGRAM, [READ, flags, count, DATA], [0, 0, 16, DATA]);
    expect(outcome()).toMatchObject({ device: 0x0c, channel, count: left });
  });

  test('it ends command chaining unless it is suppressed', () => {
    bench.ccws(PROGRAM, [READ, CC, 20, DATA], [CONTROL, 0, 0, 0]);
    expect(outcome()).toMatchObject({ channel: INCORRECT_LENGTH, address: PROGRAM + 8 });
    expect(device.executed).toEqual([READ]);
    bench.ccws(PROGRAM, [READ, CC | SLI, 20, DATA]);
    expect(outcome()).toMatchObject({ channel: 0, address: PROGRAM + 16 });
    expect(device.executed).toEqual([READ, READ, CONTROL]);
  });

  test('incorrect length is alert status', () => {
    bench.ccws(PROGRAM, [READ, 0, 20, DATA]);
    expect(bench.run(0, PROGRAM).control).toBe(0x4017);
  });

  test('a device that sends as much as is wanted has no incorrect length', () => {
    bench.ccws(PROGRAM, [READ_ANY, 0, 5, DATA]);
    expect(outcome()).toMatchObject({ device: 0x0c, channel: 0, count: 0 });
    bench.ccws(PROGRAM, [READ_ANY, 0, 20, DATA]);
    expect(outcome()).toMatchObject({ channel: INCORRECT_LENGTH, count: 4 });
  });

  test.each([
    ['format 1 with a count', 0x80, 0, 1, INCORRECT_LENGTH],
    ['format 1 without', 0x80, 0, 0, 0],
    ['format 1 with length suppression', 0x80, 0x80, 1, 0],
    ['format 0', 0, 0, 1, 0],
  ])('immediate operations: %s', (_, flags, last, count, channel) => {
    if (flags) bench.ccws(PROGRAM, [CONTROL, 0, count, DATA]);
    else bench.ccws0(PROGRAM, [CONTROL, 0, count, DATA]);
    expect(outcome({ flags, last })).toMatchObject({ device: 0x0c, channel, count });
  });
});

describe('indirect data addresses', () => {
  const LIST = 0x4000;

  function idaws4(...addresses: number[]): void {
    addresses.forEach((address, i) => bench.storage.write32(LIST + 4 * i, address));
  }

  function idaws8(...addresses: number[]): void {
    addresses.forEach((address, i) => bench.storage.write64(LIST + 8 * i, BigInt(address)));
  }

  test('format 1: the first begins anywhere, the others at 2K blocks', () => {
    idaws4(0x57f8, 0x7800);
    bench.ccws(PROGRAM, [READ, IDA, 16, LIST]);
    expect(outcome()).toMatchObject({ device: 0x0c, channel: 0, count: 0 });
    expect(bench.bytes(0x57f8, 9)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 0]);
    expect(bench.bytes(0x7800, 8)).toEqual([9, 10, 11, 12, 13, 14, 15, 16]);
  });

  test('format 2: 4K blocks, or 2K if the ORB says so', () => {
    idaws8(0x57f8, 0x8000);
    bench.ccws(PROGRAM, [READ, IDA, 16, LIST]);
    expect(outcome({ flags: 0x82 })).toMatchObject({ channel: 0, count: 0 });
    expect(bench.bytes(0x57f8, 16)).toEqual([...MESSAGE]);
    bench.storage.fill(0x5000, 0x4000, 0);
    expect(outcome({ flags: 0x83 })).toMatchObject({ channel: 0, count: 0 });
    expect(bench.bytes(0x5800, 1)).toEqual([0]);
    expect(bench.bytes(0x8000, 8)).toEqual([9, 10, 11, 12, 13, 14, 15, 16]);
  });

  test.each([
    ['an unaligned list', LIST + 2, [], 16],
    ['a second address within a block', LIST, [0x57f8, 0x7804], 8],
    ['an address of more than 31 bits', LIST, [0x8000_0000], 16],
    ['an address outside of storage', LIST, [0x10_0000], 16],
    ['a list outside of storage', 0x10_0000, [], 16],
  ])('%s is a program check', (_, list, addresses, left) => {
    idaws4(...addresses);
    bench.ccws(PROGRAM, [READ, IDA, 16, list]);
    expect(outcome()).toMatchObject({ channel: PROGRAM_CHECK, count: left });
  });

  test('a format-2 address beyond storage is a program check', () => {
    idaws8(0x1_0000_5000);
    bench.ccws(PROGRAM, [READ, IDA, 16, LIST]);
    expect(outcome({ flags: 0x82 })).toMatchObject({ channel: PROGRAM_CHECK, count: 16 });
  });
});

describe('chaining', () => {
  test('commands follow one another until one is not chained', () => {
    bench.ccws(PROGRAM, [CONTROL, CC, 0, 0], [0x08, 0, 0, PROGRAM + 0x40], [0x55, 0, 0, 0]);
    bench.ccws(PROGRAM + 0x40, [CONTROL, CC, 0, 0], [READ, 0, 16, DATA], [0x55, 0, 0, 0]);
    expect(outcome()).toMatchObject({ device: 0x0c, channel: 0, address: PROGRAM + 0x50 });
    expect(device.executed).toEqual([CONTROL, CONTROL, READ]);
  });

  test('status modifier skips a CCW', () => {
    bench.ccws(PROGRAM, [SKIP_NEXT, CC, 0, 0], [0x55, 0, 0, 0], [CONTROL, 0, 0, 0]);
    expect(outcome()).toMatchObject({ device: 0x0c, channel: 0, address: PROGRAM + 24 });
    expect(device.executed).toEqual([SKIP_NEXT, CONTROL]);
  });

  test('unit check ends it', () => {
    bench.ccws(PROGRAM, [CONTROL, CC, 0, 0], [0x55, CC, 1, DATA], [CONTROL, 0, 0, 0]);
    expect(outcome()).toMatchObject({ device: 0x02, channel: 0, address: PROGRAM + 16, count: 1 });
    expect(device.executed).toEqual([CONTROL, 0x55]);
  });

  test('a loop ends with a program check at last', () => {
    bench.ccws(PROGRAM, [CONTROL, CC, 0, 0], [0x08, 0, 0, PROGRAM]);
    expect(outcome()).toMatchObject({ channel: PROGRAM_CHECK });
  });
});

describe('program checks', () => {
  type Row = [string, [number, number, number, number][], number];

  test.each<Row>([
    ['a command code with four zeros', [[0x10, 0, 1, DATA]], 8],
    [
      'a first CCW that transfers',
      [
        [0x08, 0, 0, PROGRAM + 8],
        [CONTROL, 0, 0, 0],
      ],
      8,
    ],
    ['a reserved flag', [[READ, 0x01, 16, DATA]], 8],
    ['a data address of 32 bits', [[READ, 0, 16, 0x8000_0000]], 8],
    [
      'data chaining with a zero count',
      [
        [READ, CD, 0, DATA],
        [0, 0, 16, DATA],
      ],
      8,
    ],
    [
      'a zero count in the chain',
      [
        [READ, CD, 8, DATA],
        [0, 0, 0, DATA],
      ],
      16,
    ],
    ['suspension that the ORB does not allow', [[CONTROL, SUSPEND, 0, 0]], 8],
    [
      'flags in a transfer in channel',
      [
        [CONTROL, CC, 0, 0],
        [0x08, CC, 0, PROGRAM],
      ],
      16,
    ],
  ])('%s', (_, ccws, address) => {
    bench.ccws(PROGRAM, ...ccws);
    expect(outcome()).toMatchObject({ channel: PROGRAM_CHECK, address: PROGRAM + address });
  });

  test('a transfer to a transfer: the second is to blame', () => {
    bench.ccws(PROGRAM, [CONTROL, CC, 0, 0], [0x08, 0, 0, 0x2100]);
    bench.ccws(0x2100, [0x08, 0, 0, PROGRAM]);
    expect(outcome()).toMatchObject({ channel: PROGRAM_CHECK, address: 0x2108 });
  });

  test.each([
    ['not a doubleword', 0x2004],
    ['outside of storage', 0x10_0000],
  ])('a program address %s', (_, at) => {
    expect(bench.run(0, at)).toMatchObject({
      channel: PROGRAM_CHECK,
      device: 0,
      address: at + 8,
      control: 0x4017,
    });
  });

  test('in format 0, a zero count and a program beyond 16 MiB', () => {
    bench.ccws0(PROGRAM, [CONTROL, 0, 0, 0]);
    expect(outcome({ flags: 0 })).toMatchObject({ channel: PROGRAM_CHECK });
    expect(bench.run(0, 0x100_0000, { flags: 0 })).toMatchObject({ channel: PROGRAM_CHECK });
  });

  test('data that leave storage: what was before the end is transferred', () => {
    bench.ccws(PROGRAM, [READ, 0, 16, 0xf_fff8]);
    expect(outcome()).toMatchObject({ device: 0x0c, channel: PROGRAM_CHECK, count: 8 });
    expect(bench.bytes(0xf_fff8, 8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    bench.ccws(PROGRAM, [WRITE, 0, 16, 0xf_fff8]);
    expect(outcome()).toMatchObject({ channel: PROGRAM_CHECK });
    expect(written).toEqual([]);
  });

  test('in format 0, data cannot go beyond 16 MiB', () => {
    bench.ccws0(PROGRAM, [READ, 0, 16, 0xff_fff8]);
    expect(outcome({ flags: 0 })).toMatchObject({ channel: PROGRAM_CHECK });
  });
});

describe('protection', () => {
  test('storing needs a matching key, fetching only with fetch protection', () => {
    bench.storage.keys[DATA >>> 12] = 0x30;
    bench.storage.keys[PROGRAM >>> 12] = 0x50;
    bench.ccws(PROGRAM, [READ, 0, 16, DATA]);
    expect(outcome({ flags: 0x2080 })).toMatchObject({ channel: PROTECTION_CHECK, count: 16 });
    expect(outcome({ flags: 0x3080 })).toMatchObject({ channel: 0 });
    bench.ccws(PROGRAM, [WRITE, 0, 16, DATA]);
    expect(outcome({ flags: 0x2080 })).toMatchObject({ channel: 0 });
    bench.storage.keys[DATA >>> 12] = 0x38;
    expect(outcome({ flags: 0x2080 })).toMatchObject({ channel: PROTECTION_CHECK });
    expect(outcome({ flags: 0x0080 })).toMatchObject({ channel: 0 });
  });

  test('the channel program itself may be protected', () => {
    bench.storage.keys[PROGRAM >>> 12] = 0x38;
    bench.ccws(PROGRAM, [CONTROL, 0, 0, 0]);
    expect(outcome({ flags: 0x2080 })).toMatchObject({ channel: PROTECTION_CHECK, device: 0 });
  });
});

describe('interruptions on the way', () => {
  test('a program-controlled interruption comes with the end', () => {
    bench.ccws(PROGRAM, [READ, CD | PCI, 8, DATA], [0, 0, 8, DATA]);
    const status = bench.run(0, PROGRAM);
    expect([status.channel, status.control]).toEqual([0x80, 0x400f]);
  });

  test('initial status: the zero condition code, unless the operation is immediate', () => {
    bench.ccws(PROGRAM, [READ, 0, 16, DATA]);
    const status = bench.run(0, PROGRAM, { flags: 0xa0 });
    expect([status.flags, status.control]).toEqual([0x00a4, 0x400f]);
    bench.ccws(PROGRAM, [CONTROL, 0, 0, 0]);
    const immediate = bench.run(0, PROGRAM, { flags: 0xa0 });
    expect([immediate.flags, immediate.control]).toEqual([0x00a0, 0x4007]);
  });
});

describe('suspension', () => {
  const ALLOWED = { flags: 0x0880 };

  beforeEach(() => {
    bench.ccws(PROGRAM, [CONTROL, CC, 0, 0], [READ, SUSPEND, 16, DATA]);
  });

  test('a CCW with the flag stops the program until RESUME SUBCHANNEL', () => {
    bench.start(0, PROGRAM, ALLOWED);
    const status = bench.test(0);
    // Start function, suspended, intermediate status.
    expect([status.control, status.address]).toEqual([0x4029, PROGRAM + 16]);
    expect(device.executed).toEqual([CONTROL]);
    expect(bench.start(0, PROGRAM, ALLOWED)).toBe(2);
    expect(bench.enable(0)).toBe(2);

    // It is still there: the flag is looked at again.
    expect(bench.css.resumeSubchannel(sidOf(0))).toBe(0);
    expect(bench.test(0).control).toBe(0x4029);
    bench.ccws(PROGRAM + 8, [READ, 0, 16, DATA]);
    expect(bench.css.resumeSubchannel(sidOf(0))).toBe(0);
    expect(bench.test(0)).toMatchObject({ control: 0x4007, device: 0x0c });
    expect(bench.bytes(DATA, 16)).toEqual([...MESSAGE]);
  });

  test('its interruption can be suppressed', () => {
    bench.start(0, PROGRAM, { flags: 0x0888 });
    expect(bench.sink.pending.size).toBe(0);
    const { cc, irb } = bench.css.testSubchannel(sidOf(0));
    expect(cc).toBe(1);
    expect([irb![2], irb![3]]).toEqual([0x40, 0x20]);
  });

  test('a suspended program can be canceled, halted and cleared', () => {
    bench.start(0, PROGRAM, ALLOWED);
    bench.test(0);
    expect(bench.css.cancelSubchannel(sidOf(0))).toBe(0);
    expect(bench.css.testSubchannel(sidOf(0)).cc).toBe(1);
    expect(bench.css.resumeSubchannel(sidOf(0))).toBe(2);

    bench.start(0, PROGRAM, ALLOWED);
    expect(bench.css.haltSubchannel(sidOf(0))).toBe(0);
    expect(bench.test(0).control & 0x7001).toBe(0x6001);
    expect(bench.start(0, PROGRAM, ALLOWED)).toBe(0);

    expect(bench.css.clearSubchannel(sidOf(0))).toBe(0);
    expect(bench.test(0).control).toBe(0x1001);
    expect(bench.css.resumeSubchannel(sidOf(0))).toBe(2);
  });

  test('a snapshot keeps it', () => {
    bench.start(0, PROGRAM, ALLOWED);
    bench.test(0);
    const saved = bench.css.save();
    bench.css.clearSubchannel(sidOf(0));
    bench.test(0);
    bench.css.load(saved);
    bench.ccws(PROGRAM + 8, [READ, 0, 16, DATA]);
    expect(bench.css.resumeSubchannel(sidOf(0))).toBe(0);
    expect(bench.test(0)).toMatchObject({ control: 0x4007, device: 0x0c });
  });
});

describe('what all devices have', () => {
  test('SENSE ID', () => {
    bench.ccws(PROGRAM, [0xe4, SLI, 64, DATA]);
    expect(outcome()).toMatchObject({ device: 0x0c, channel: 0, count: 57 });
    expect(bench.bytes(DATA, 8)).toEqual([0xff, 0x39, 0x90, 0xe9, 0x33, 0x90, 0x0a, 0]);
  });

  test('an area can be looked at before it is read into', () => {
    device.commands.set(0x32, (data: CommandData) => {
      const seen = data.peek(4);
      data.send(seen.map((byte) => byte ^ 0xff));
      return COMMAND_DONE;
    });
    bench.storage.write(0x57fe, Uint8Array.of(1, 2));
    bench.storage.write(0x7800, Uint8Array.of(3, 4));
    bench.storage.write32(0x4000, 0x57fe);
    bench.storage.write32(0x4004, 0x7800);
    bench.ccws(PROGRAM, [0x32, IDA, 4, 0x4000]);
    expect(outcome()).toMatchObject({ channel: 0, count: 0 });
    expect([...bench.bytes(0x57fe, 2), ...bench.bytes(0x7800, 2)]).toEqual([
      0xfe, 0xfd, 0xfc, 0xfb,
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import { ProgramInterruption } from '../../src/cpu/interruption.ts';
import { COMMAND_DONE } from '../../src/system/css/device.ts';
import { SnapshotError } from '../../src/system/services.ts';
import { Bench, makeOrb, sidOf, TestDevice } from './css-support.ts';

const PROGRAM = 0x2000;
const NO_OPERATION = 0x03;

function benchWithDevice(): { bench: Bench; device: TestDevice } {
  const bench = new Bench();
  const device = new TestDevice();
  bench.css.attach(device);
  bench.ccws(PROGRAM, [NO_OPERATION, 0, 0, 0]);
  return { bench, device };
}

function operandException(work: () => void): boolean {
  try {
    work();
    return false;
  } catch (error) {
    return error instanceof ProgramInterruption && error.code === 0x15;
  }
}

describe('subchannel identification', () => {
  test('bit 15 must be one, and image and reserved bits zero', () => {
    const { bench } = benchWithDevice();
    for (const sid of [0, 0x0101_0000, 0x0011_0000, 0x0081_0000]) {
      expect(operandException(() => bench.css.storeSubchannel(sid))).toBe(true);
      expect(operandException(() => bench.css.clearSubchannel(sid))).toBe(true);
    }
  });

  test('what is behind the last subchannel, in other sets and images is not there', () => {
    const { bench } = benchWithDevice();
    const elsewhere = [sidOf(1), sidOf(0xffff), 0x0003_0000, 0x0009_0000, 0x0109_0000];
    for (const sid of elsewhere) {
      expect(bench.css.storeSubchannel(sid)).toEqual({ cc: 3 });
      expect(bench.css.testSubchannel(sid)).toEqual({ cc: 3 });
      expect(bench.css.startSubchannel(sid, makeOrb(PROGRAM))).toBe(3);
      expect(bench.css.modifySubchannel(sid, new Uint8Array(52))).toBe(3);
      expect(bench.css.haltSubchannel(sid)).toBe(3);
      expect(bench.css.clearSubchannel(sid)).toBe(3);
      expect(bench.css.resumeSubchannel(sid)).toBe(3);
      expect(bench.css.cancelSubchannel(sid)).toBe(3);
    }
  });

  test('devices get subchannel numbers and device numbers in order', () => {
    const bench = new Bench();
    const numbers = [{}, { deviceNumber: 5 }, {}].map((options) => {
      const { number, deviceNumber } = bench.css.attach(new TestDevice(), options);
      return [number, deviceNumber];
    });
    expect(numbers).toEqual([
      [0, 0],
      [1, 5],
      [2, 1],
    ]);
  });
});

describe('STORE SUBCHANNEL and MODIFY SUBCHANNEL', () => {
  test('a subchannel begins disabled, with one path and its device number', () => {
    const bench = new Bench();
    bench.css.attach(new TestDevice(), { deviceNumber: 0x1234 });
    const { cc, schib } = bench.css.storeSubchannel(sidOf(0));
    const expected = new Uint8Array(52);
    expected.set([0, 1, 0x12, 0x34, 0x80, 0, 0, 0x80, 0, 0, 0xff, 0x80], 4);
    expect(cc).toBe(0);
    expect(schib).toEqual(expected);
  });

  test('only what the program may change is changed', () => {
    const { bench } = benchWithDevice();
    const schib = new Uint8Array(52).fill(0xff);
    const view = new DataView(schib.buffer);
    // Reserved bits zero, not both limit-mode bits.
    view.setUint16(4, 0xf8bf);
    view.setUint32(24, 0x00e0_0001);
    expect(bench.css.modifySubchannel(sidOf(0), schib)).toBe(0);
    const stored = bench.css.storeSubchannel(sidOf(0)).schib!;
    expect([...stored.subarray(0, 16)]).toEqual([
      ...[0xff, 0xff, 0xff, 0xff],
      // ISC, E, limit mode, measurement, multipath; device number valid.
      ...[0x38, 0xbd, 0, 0],
      ...[0xff, 0, 0, 0x80],
      ...[0xff, 0xff, 0xff, 0x80],
    ]);
    expect([...stored.subarray(16, 24)]).toEqual(new Array(8).fill(0));
    expect([...stored.subarray(24, 28)]).toEqual([0, 0, 0, 1]);
    expect([...stored.subarray(28, 40)]).toEqual(new Array(12).fill(0));
  });

  test.each([
    ['reserved bits of word 1', 4, 0x0100],
    ['both limit-mode bits', 4, 0x00e0],
    ['reserved bits of word 6', 26, 0x0008],
    ['extended measurement, which there is not', 26, 0x0002],
  ])('%s are an operand exception', (_, at, value) => {
    const { bench } = benchWithDevice();
    const schib = new Uint8Array(52);
    new DataView(schib.buffer).setUint16(at, value);
    expect(operandException(() => bench.css.modifySubchannel(sidOf(0), schib))).toBe(true);
  });

  test('it is refused while status is pending', () => {
    const { bench } = benchWithDevice();
    bench.enable(0);
    bench.start(0, PROGRAM);
    expect(bench.enable(0)).toBe(1);
    bench.test(0);
    expect(bench.enable(0)).toBe(0);
  });

  test('the device learns that its subchannel is disabled', () => {
    const { bench, device } = benchWithDevice();
    bench.enable(0);
    expect(device.disabledTimes).toBe(0);
    bench.enable(0, { enabled: false });
    expect(device.disabledTimes).toBe(1);
  });
});

describe('START SUBCHANNEL', () => {
  test('a disabled subchannel is not operational', () => {
    const { bench } = benchWithDevice();
    expect(bench.start(0, PROGRAM)).toBe(3);
    expect(bench.css.testSubchannel(sidOf(0)).cc).toBe(3);
  });

  test.each([
    ['transport mode', { flags: 0x0084 }],
    ['modified indirect data addressing', { last: 0x40 }],
    ['reserved bits', { last: 0x02 }],
  ])('an ORB with %s is an operand exception', (_, options) => {
    const { bench } = benchWithDevice();
    bench.enable(0);
    expect(operandException(() => bench.start(0, PROGRAM, options))).toBe(true);
    expect(operandException(() => bench.start(0, 0x8000_0000))).toBe(true);
  });

  test('the end makes an interruption pending with parameter and subclass', () => {
    const { bench } = benchWithDevice();
    bench.enable(0, { isc: 5 });
    expect(bench.start(0, PROGRAM, { parameter: 0x1234_5678 })).toBe(0);
    expect([...bench.sink.pending.values()]).toEqual([
      { subsystemId: 0x0001_0000, parameter: 0x1234_5678, isc: 5 },
    ]);
    expect(bench.start(0, PROGRAM)).toBe(1);
  });

  test('without a path that may be used, the deferred condition code is 3', () => {
    const { bench, device } = benchWithDevice();
    bench.enable(0);
    const status = bench.run(0, PROGRAM, { paths: 0x40 });
    expect(status.flags & 0x0300).toBe(0x0300);
    expect(status.control).toBe(0x4011);
    expect(device.executed).toEqual([]);
  });
});

describe('TEST SUBCHANNEL', () => {
  test('it stores the status once, then says that there is none', () => {
    const { bench } = benchWithDevice();
    bench.enable(0);
    bench.start(0, PROGRAM);
    const first = bench.css.testSubchannel(sidOf(0));
    expect(first.cc).toBe(0);
    const expected = new Uint8Array(64);
    // Format 1; start function; primary, secondary, pending; channel end and device end.
    expected.set([0x00, 0x80, 0x40, 0x07, 0, 0, 0x20, 0x08, 0x0c, 0, 0, 0]);
    expected[13] = 0x80;
    expect(first.irb).toEqual(expected);
    expect(bench.sink.pending.size).toBe(0);
    const second = bench.css.testSubchannel(sidOf(0));
    expect(second.cc).toBe(1);
    expect([...second.irb!.subarray(2, 4)]).toEqual([0, 0]);
  });

  test('concurrent sense is in the extended control word', () => {
    const { bench } = benchWithDevice();
    bench.ccws(PROGRAM, [0x55, 0, 4, 0x3000]);
    bench.enable(0, { sense: true });
    const status = bench.run(0, PROGRAM);
    expect([status.device, status.channel, status.control]).toEqual([0x02, 0, 0x4017]);
    expect(status.flags & 0x0002).toBe(0x0002);
    const view = new DataView(status.irb.buffer);
    // Extended-report word: S, and a count of 32.
    expect(view.getUint32(16)).toBe(0x0120_0000);
    expect([...status.irb.subarray(32, 64)]).toEqual([0x80, ...new Array(31).fill(0)]);
  });

  test('without it, BASIC SENSE gets the sense data, once', () => {
    const { bench } = benchWithDevice();
    bench.ccws(PROGRAM, [0x55, 0, 4, 0x3000]);
    bench.ccws(0x2100, [0x04, 0x20, 32, 0x3000]);
    bench.enable(0);
    const rejected = bench.run(0, PROGRAM);
    expect([rejected.device, rejected.flags & 2]).toEqual([0x02, 0]);
    expect([...rejected.irb.subarray(16)]).toEqual(new Array(48).fill(0));
    const sense = bench.run(0, 0x2100);
    expect([sense.device, sense.channel, sense.count]).toEqual([0x0c, 0, 0]);
    expect(bench.bytes(0x3000, 32)).toEqual([0x80, ...new Array(31).fill(0)]);
    bench.run(0, 0x2100);
    expect(bench.bytes(0x3000, 1)).toEqual([0]);
  });
});

describe('halting, clearing, alerting', () => {
  test('clear empties the status', () => {
    const { bench } = benchWithDevice();
    bench.enable(0);
    bench.start(0, PROGRAM);
    expect(bench.css.clearSubchannel(sidOf(0))).toBe(0);
    const status = bench.test(0);
    expect(status).toMatchObject({ flags: 0, control: 0x1001, address: 0, device: 0, channel: 0 });
    expect(bench.css.testSubchannel(sidOf(0)).cc).toBe(1);
  });

  test('halt of an idle subchannel makes it status pending only', () => {
    const { bench } = benchWithDevice();
    bench.enable(0);
    expect(bench.css.haltSubchannel(sidOf(0))).toBe(0);
    expect(bench.sink.pending.size).toBe(1);
    expect(bench.css.haltSubchannel(sidOf(0))).toBe(1);
    expect(bench.test(0).control).toBe(0x2001);
    expect(bench.css.haltSubchannel(sidOf(0))).toBe(0);
  });

  test('there is nothing to resume or cancel on an idle subchannel', () => {
    const { bench } = benchWithDevice();
    bench.enable(0);
    expect(bench.css.resumeSubchannel(sidOf(0))).toBe(2);
    expect(bench.css.cancelSubchannel(sidOf(0))).toBe(2);
    bench.start(0, PROGRAM);
    expect(bench.css.resumeSubchannel(sidOf(0))).toBe(1);
    expect(bench.css.cancelSubchannel(sidOf(0))).toBe(1);
  });

  test('a device alerts only an enabled subchannel without pending status', () => {
    const { bench, device } = benchWithDevice();
    device.link!.alert();
    expect(bench.sink.raised).toBe(0);
    bench.enable(0, { isc: 2 });
    device.link!.alert();
    device.link!.alert();
    expect(bench.sink.raised).toBe(1);
    expect(bench.test(0).control).toBe(0x0011);
  });
});

describe('channel reports', () => {
  test('RESET CHANNEL PATH is reported, once', () => {
    const { bench } = benchWithDevice();
    expect(bench.css.storeChannelReportWord()).toEqual({ cc: 1, crw: 0 });
    expect(bench.css.resetChannelPath(0)).toBe(0);
    expect(bench.sink.reports).toBe(1);
    // Solicited, channel path, initialized.
    expect(bench.css.storeChannelReportWord()).toEqual({ cc: 0, crw: 0x4402_0000 });
    expect(bench.css.storeChannelReportWord()).toEqual({ cc: 1, crw: 0 });
  });

  test('a machine check comes again only when all reports were stored', () => {
    const { bench } = benchWithDevice();
    bench.css.resetChannelPath(0);
    bench.css.resetChannelPath(0);
    expect(bench.sink.reports).toBe(1);
    bench.css.storeChannelReportWord();
    bench.css.storeChannelReportWord();
    bench.css.resetChannelPath(0);
    expect(bench.sink.reports).toBe(1);
    bench.css.storeChannelReportWord();
    bench.css.storeChannelReportWord();
    bench.css.resetChannelPath(0);
    expect(bench.sink.reports).toBe(2);
  });

  test('reports that are too many are lost, and the next one says so', () => {
    const { bench } = benchWithDevice();
    for (let i = 0; i < 100; i++) bench.css.resetChannelPath(0);
    const words: number[] = [];
    for (let next; (next = bench.css.storeChannelReportWord()).cc === 0;) words.push(next.crw);
    expect(new Set(words)).toEqual(new Set([0x4402_0000]));
    bench.css.resetChannelPath(0);
    expect(bench.css.storeChannelReportWord().crw).toBe(0x6402_0000);
  });

  test('other paths do not exist', () => {
    const { bench } = benchWithDevice();
    expect(bench.css.resetChannelPath(1)).toBe(3);
    expect(operandException(() => bench.css.resetChannelPath(0x100))).toBe(true);
    expect(bench.css.storeChannelPathStatus()).toEqual(new Uint8Array(32));
  });
});

describe('the rest', () => {
  test('reserved bits of the monitor and the address limit are operand exceptions', () => {
    const { bench } = benchWithDevice();
    bench.css.setChannelMonitor(0xf000_0003, 0x2000);
    bench.css.setChannelMonitor(0, 1);
    expect(operandException(() => bench.css.setChannelMonitor(4, 0))).toBe(true);
    expect(operandException(() => bench.css.setChannelMonitor(2, 8))).toBe(true);
    bench.css.setAddressLimit(0x7fff_0000);
    expect(operandException(() => bench.css.setAddressLimit(0x8000_0000))).toBe(true);
    expect(operandException(() => bench.css.setAddressLimit(1))).toBe(true);
  });

  test('a reset disables subchannels and withdraws interruptions', () => {
    const { bench, device } = benchWithDevice();
    const before = bench.css.storeSubchannel(sidOf(0)).schib;
    bench.enable(0);
    bench.start(0, PROGRAM);
    bench.css.resetChannelPath(0);
    bench.css.reset();
    expect(device.resets).toBe(1);
    expect(bench.sink.pending.size).toBe(0);
    expect(bench.css.storeSubchannel(sidOf(0)).schib).toEqual(before);
    expect(bench.css.storeChannelReportWord().cc).toBe(1);
  });

  test('a snapshot keeps pending status, and another machine refuses it', () => {
    const { bench } = benchWithDevice();
    bench.enable(0);
    bench.start(0, PROGRAM);
    const saved = bench.css.save();

    const again = benchWithDevice().bench;
    again.css.load(saved);
    expect(again.css.storeSubchannel(sidOf(0))).toEqual(bench.css.storeSubchannel(sidOf(0)));
    expect(again.css.testSubchannel(sidOf(0))).toEqual(bench.css.testSubchannel(sidOf(0)));

    const other = new Bench();
    other.css.attach(new TestDevice(), { deviceNumber: 7 });
    expect(() => other.css.load(saved)).toThrow(SnapshotError);
    expect(() => new Bench().css.load(saved)).toThrow(SnapshotError);
    expect(() => other.css.load(null)).toThrow(SnapshotError);
  });

  test('after more than one image was asked for, interruptions tell theirs', () => {
    const { bench } = benchWithDevice();
    const block = new Uint8Array(4096);
    block.set([0x04, 0x00, 0x00, 0x31]);
    expect(bench.css.channelSubsystemCall(block)).toBe(0);
    expect([...block.subarray(0x400, 0x404)]).toEqual([0, 8, 0, 1]);
    bench.enable(0);
    bench.start(0, PROGRAM);
    expect([...bench.sink.pending.keys()]).toEqual([0xfe09_0000]);
    expect(bench.css.testSubchannel(0xfe09_0000).cc).toBe(0);
    expect(bench.sink.pending.size).toBe(0);
  });

  test('COMMAND_DONE is channel end and device end', () => {
    expect(COMMAND_DONE.status).toBe(0x0c);
  });
});

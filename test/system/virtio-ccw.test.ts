import { beforeEach, describe, expect, test } from 'vitest';
import { SnapshotError } from '../../src/system/services.ts';
import { notifyVirtioCcw } from '../../src/system/virtio/virtio-ccw.ts';
import { VirtioRng } from '../../src/system/virtio/virtio-rng.ts';
import { Bench, sidOf, TestDevice } from './css-support.ts';
import {
  addressBytes,
  BIT_STRING,
  CONFIGURATION_INDICATORS,
  Driver,
  INDICATORS,
  INDIRECT,
  NEXT,
  SLI,
  SUMMARY,
  WRITABLE,
} from './virtio-support.ts';

const INDIRECT_FEATURE = 1 << 28;
const EVENT_INDEX_FEATURE = 1 << 29;
const ANY_LAYOUT_FEATURE = 1 << 27;

function fill(bytes: Uint8Array): void {
  bytes.forEach((_, i) => (bytes[i] = i + 1));
}

function makeDriver(): Driver {
  const bench = new Bench();
  return new Driver(bench, new VirtioRng(bench.storage, fill));
}

let driver: Driver;

beforeEach(() => {
  driver = makeDriver();
});

/** Device status and first sense byte of a command. */
function outcome(code: number, data: ArrayLike<number>, flags = 0, count = data.length) {
  const { device, channel, irb } = driver.command(code, data, flags, count);
  return { device, channel, sense: irb[32] };
}

/** Disables the subchannel and enables it again. */
function reenable(): void {
  driver.bench.enable(0, { enabled: false });
  driver.bench.enable(0, { sense: true });
}

const REJECTED = { device: 0x02, channel: 0, sense: 0x80 };
const DONE = { device: 0x0c, channel: 0, sense: 0 };

describe('identification', () => {
  test('SENSE ID tells control unit 3832 and the device type as model', () => {
    driver.succeed(0xe4, new Uint8Array(7));
    expect(driver.result(7)).toEqual([0xff, 0x38, 0x32, 0x04, 0, 0, 0]);
  });

  test('commands that do not exist are rejected', () => {
    for (const command of [0x05, 0x63, 0x93, 0xf3]) expect(outcome(command, [])).toEqual(REJECTED);
  });
});

describe('revision', () => {
  test('2 is the last, and it is chosen once', () => {
    expect(outcome(0x83, [0, 3, 0, 0])).toEqual(REJECTED);
    expect(outcome(0x83, [0, 2, 0, 0])).toEqual(DONE);
    expect(outcome(0x83, [0, 1, 0, 0])).toEqual(REJECTED);
  });

  test('disabling the subchannel takes it back', () => {
    driver.setRevision(1);
    reenable();
    expect(outcome(0x83, [0, 2, 0, 0])).toEqual(DONE);
  });

  test('another command before makes it 0: a legacy driver', () => {
    driver.succeed(0x33, []);
    expect(outcome(0x83, [0, 2, 0, 0])).toEqual(REJECTED);
  });

  test('data that belong to a revision are taken', () => {
    expect(outcome(0x83, [0, 1, 0, 2, 1, 1])).toEqual(DONE);
  });
});

describe('features', () => {
  test('a legacy driver is not offered VERSION_1, a modern one is', () => {
    const common = INDIRECT_FEATURE | EVENT_INDEX_FEATURE;
    expect(driver.readFeatures(0)).toBe((common | ANY_LAYOUT_FEATURE) >>> 0);
    expect(driver.readFeatures(1)).toBe(0);
    reenable();
    driver.setRevision(1);
    expect(driver.readFeatures(0)).toBe(common >>> 0);
    expect(driver.readFeatures(1)).toBe(1);
    expect(driver.readFeatures(2)).toBe(0);
  });

  test('FEATURES_OK does not stay when more was accepted than offered', () => {
    driver.setRevision(2);
    driver.writeFeatures(0, 1 << 20);
    driver.writeFeatures(1, 1);
    driver.status = 0x0b;
    expect(driver.status).toBe(0x03);
    driver.writeFeatures(0, 0);
    driver.status = 0x0b;
    expect(driver.status).toBe(0x0b);
  });
});

describe('lengths', () => {
  test.each([
    ['too short', 0, 4, 0x0e, 0x40],
    ['too short, suppressed', SLI, 4, 0x0e, 0],
    ['too long', 0, 9, 0x0c, 0x40],
    ['too long, suppressed', SLI, 9, 0x0c, 0],
  ])('SET_IND %s', (_, flags, count, device, channel) => {
    const data = addressBytes(INDICATORS);
    expect(outcome(0x43, data, flags, count)).toMatchObject({ device, channel });
  });

  test('READ_VQ_CONF tells the size of a queue, 0 for one that is not there', () => {
    expect(driver.queueSize(0)).toBe(8);
    expect(driver.queueSize(1)).toBe(0);
    expect(driver.queueSize(0xffff)).toBe(0);
  });
});

describe('queues', () => {
  const ring = (size: number) => [
    ...addressBytes(0x1_0000),
    ...[0, 0, 0, 0, 0, 0, size >>> 8, size & 255],
    ...addressBytes(0x1_1000),
    ...addressBytes(0x1_2000),
  ];

  test.each([
    [8, DONE],
    [4, DONE],
    [0, REJECTED],
    [16, REJECTED],
    [3, REJECTED],
  ])('a modern ring of %i', (size, expected) => {
    driver.setRevision(1);
    expect(outcome(0x13, ring(size))).toEqual(expected);
  });

  test('a queue that does not exist', () => {
    driver.setRevision(1);
    const data = ring(8);
    data[13] = 1;
    expect(outcome(0x13, data)).toEqual(REJECTED);
  });

  test.each([
    ['as it must be', 0x1000, 8, DONE],
    ['with another size', 0x1000, 4, REJECTED],
    ['with another alignment', 0x800, 8, REJECTED],
  ])('a legacy ring %s', (_, alignment, size, expected) => {
    const tail = [0, 0, alignment >>> 8, alignment & 255, 0, 0, 0, size];
    expect(outcome(0x13, [...addressBytes(0x1_0000), ...tail])).toEqual(expected);
  });

  test.each([
    ['legacy, big-endian', false, 0],
    ['modern, little-endian', true, 0],
    ['modern, indirect descriptors', true, INDIRECT_FEATURE],
    ['modern, event index', true, EVENT_INDEX_FEATURE],
  ])('requests go round and round: %s', (_, modern, features) => {
    const begun = beginSmall(driver, { modern, features });
    const queue = begun.rings.get(0)!;
    expect(queue.size).toBe(8);
    for (let i = 0; i < 100; i++) {
      const head = queue.add([{ want: 3 }, { want: 2 }], {
        indirect: features === INDIRECT_FEATURE,
      });
      begun.notify(0);
      expect(queue.takeUsed()).toEqual({ head, written: 5 });
      expect(queue.areas(head)).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)]);
    }
  });

  test('the indices wrap at 0x10000', () => {
    const begun = beginSmall(driver, {});
    const queue = begun.rings.get(0)!;
    for (let i = 0; i < 0x1_0010; i++) {
      const head = queue.add([{ want: 1 }]);
      begun.notify(0);
      if (queue.takeUsed()?.head !== head) throw new Error(`request ${i} was lost`);
    }
    expect(queue.usedIndex).toBe(0x10);
  });
});

/** As `begin`, with modern rings of 8: the entropy device has no more. */
function beginSmall(of: Driver, options: Parameters<Driver['begin']>[0]): Driver {
  return of.begin({ ...options, size: 8 });
}

describe('classic indicators', () => {
  test('bit, then an interruption with alert status', () => {
    beginSmall(driver, {});
    driver.request(0, [{ want: 4 }]);
    expect(driver.bench.storage.read64(INDICATORS)).toBe(1n);
    expect([...driver.bench.sink.pending.keys()]).toEqual([0x0001_0000]);
    expect(driver.bench.test(0)).toMatchObject({
      control: 0x0011,
      flags: 0,
      device: 0,
      channel: 0,
    });
  });

  test('the driver can do without interruptions', () => {
    beginSmall(driver, {});
    driver.rings.get(0)!.flags = 1;
    driver.request(0, [{ want: 4 }]);
    expect(driver.bench.sink.pending.size).toBe(0);
    driver.rings.get(0)!.flags = 0;
    driver.request(0, [{ want: 4 }]);
    expect(driver.bench.sink.pending.size).toBe(1);
  });

  test('with an event index, it says after which buffer', () => {
    beginSmall(driver, { features: EVENT_INDEX_FEATURE });
    const queue = driver.rings.get(0)!;
    queue.usedEvent = 2;
    const interrupted = [1, 2, 3, 4].map(() => {
      driver.request(0, [{ want: 4 }]);
      return driver.bench.css.testSubchannel(sidOf(0)).cc === 0;
    });
    // "used_event" 2: when the used index goes from 2 to 3.
    expect(interrupted).toEqual([false, false, true, false]);
    expect(queue.availableEvent).toBe(4);
  });

  test('without indicators there is no interruption', () => {
    beginSmall(driver, {});
    driver.succeed(0x43, addressBytes(0));
    driver.request(0, [{ want: 4 }]);
    expect(driver.bench.sink.pending.size).toBe(0);
  });
});

describe('adapter interruptions', () => {
  test('bit and summary; a second interruption only after the summary was cleared', () => {
    beginSmall(driver, { adapter: true });
    driver.request(0, [{ want: 4 }]);
    expect(driver.bench.bytes(BIT_STRING, 2)).toEqual([0x80 >>> 5, 0]);
    expect(driver.bench.bytes(SUMMARY, 1)).toEqual([1]);
    expect(driver.bench.sink.adapters).toEqual([
      { adapter: true, isc: 3, subsystemId: 0, parameter: 0 },
    ]);
    driver.request(0, [{ want: 4 }]);
    expect(driver.bench.sink.adapters.length).toBe(1);
    driver.bench.storage.write8(SUMMARY, 0);
    driver.request(0, [{ want: 4 }]);
    expect(driver.bench.sink.adapters.length).toBe(2);
    expect(driver.bench.sink.pending.size).toBe(0);
  });

  test('classic and adapter indicators exclude each other', () => {
    const adapter = [...addressBytes(SUMMARY), ...addressBytes(BIT_STRING), ...addressBytes(0)];
    driver.setIndicators(false);
    expect(outcome(0x73, [...adapter, 3])).toEqual(REJECTED);
    driver.succeed(0x33, []);
    expect(outcome(0x73, [...adapter, 8])).toEqual(REJECTED);
    expect(outcome(0x73, [...adapter, 7])).toEqual(DONE);
    expect(outcome(0x43, addressBytes(INDICATORS))).toEqual(REJECTED);
  });

  test('indicators outside of storage are not set', () => {
    beginSmall(driver, {});
    driver.succeed(0x43, addressBytes(0xf_fffc));
    driver.succeed(0x53, addressBytes(0x7fff_ffff_ffff));
    driver.request(0, [{ want: 4 }]);
    expect(driver.bench.sink.raised - driver.bench.sink.adapters.length).toBeGreaterThan(0);
    expect(driver.bench.sink.pending.size).toBe(0);
  });
});

describe('notification (DIAGNOSE 0x500, function 3)', () => {
  test('answers 0, or EINVAL for what is not there', () => {
    const other = new TestDevice();
    driver.bench.css.attach(other);
    const { css } = driver.bench;
    expect(notifyVirtioCcw(css, sidOf(0), 0n)).toBe(0);
    expect(notifyVirtioCcw(css, sidOf(0), 1n)).toBe(-22);
    expect(notifyVirtioCcw(css, sidOf(0), 1n << 63n)).toBe(-22);
    expect(notifyVirtioCcw(css, sidOf(1), 0n)).toBe(-22);
    expect(notifyVirtioCcw(css, sidOf(2), 0n)).toBe(-22);
    expect(notifyVirtioCcw(css, 0, 0n)).toBe(-22);
  });
});

describe('a driver that breaks the rules gets a device that needs a reset', () => {
  function brokenBy(wrong: (driver: Driver) => void): void {
    beginSmall(driver, {});
    wrong(driver);
    expect(driver.notify(0)).toBe(0);
    expect(driver.bench.storage.read64(CONFIGURATION_INDICATORS)).toBe(1n);
    expect(driver.bench.sink.pending.size).toBe(1);
    expect(driver.bench.test(0).control).toBe(0x0011);
    expect(driver.status & 0x40).toBe(0x40);
    // It stays like this, whatever comes, until it is reset.
    driver.rings.get(0)!.add([{ want: 4 }]);
    driver.notify(0);
    expect(driver.rings.get(0)!.takeUsed()).toBe(undefined);
    driver.succeed(0x33, []);
    expect(driver.status).toBe(0);
  }

  test.each<[string, (at: number, one: Driver) => void]>([
    [
      'a chain that circles',
      (at, { rings }) => rings.get(0)!.writeDescriptor(at, 0, 0, 1, NEXT, 0),
    ],
    [
      'a next descriptor outside',
      (at, { rings }) => rings.get(0)!.writeDescriptor(at, 0, 0, 1, NEXT, 8),
    ],
    [
      'a buffer outside of storage',
      (at, { rings }) => rings.get(0)!.writeDescriptor(at, 0, 0xf_ffff, 2, WRITABLE),
    ],
    [
      'a buffer far outside of storage',
      (at, { rings }) => rings.get(0)!.writeDescriptor(at, 0, 2 ** 52, 2, WRITABLE),
    ],
    [
      'an empty indirect table',
      (at, { rings }) => rings.get(0)!.writeDescriptor(at, 0, 0x6000, 0, INDIRECT),
    ],
    [
      'an indirect table of half a descriptor',
      (at, { rings }) => rings.get(0)!.writeDescriptor(at, 0, 0x6000, 24, INDIRECT),
    ],
    [
      'an indirect table within an indirect table',
      (at, { rings }) => {
        rings.get(0)!.writeDescriptor(at, 0, 0x6000, 16, INDIRECT);
        rings.get(0)!.writeDescriptor(0x6000, 0, 0x7000, 16, INDIRECT);
      },
    ],
    [
      'an indirect table that circles',
      (at, { rings }) => {
        rings.get(0)!.writeDescriptor(at, 0, 0x6000, 32, INDIRECT);
        rings.get(0)!.writeDescriptor(0x6000, 0, 0x7000, 1, NEXT, 1);
        rings.get(0)!.writeDescriptor(0x6000, 1, 0x7000, 1, NEXT, 0);
      },
    ],
    [
      'a readable descriptor after a writable one',
      (at, { rings }) => {
        rings.get(0)!.writeDescriptor(at, 0, 0x6000, 1, WRITABLE | NEXT, 1);
        rings.get(0)!.writeDescriptor(at, 1, 0x6000, 1, 0);
      },
    ],
  ])('%s', (_, wrong) => {
    brokenBy((one) => {
      const queue = one.rings.get(0)!;
      wrong(queue.at, one);
      queue.offer(0);
    });
  });

  test('a head outside of the table', () => {
    brokenBy(({ rings }) => rings.get(0)!.offer(8));
  });

  test('more available than the ring has', () => {
    brokenBy(({ rings, bench }) => {
      bench.storage.view.setUint16(rings.get(0)!.available + 2, 9, true);
    });
  });

  test('a ring outside of storage', () => {
    brokenBy((one) => {
      one.succeed(0x13, [
        ...addressBytes(0x1_0000),
        ...[0, 0, 0, 0, 0, 0, 0, 8],
        ...addressBytes(0x1_1000),
        ...addressBytes(0xf_fff0),
      ]);
    });
  });

  test('rings of random bytes never do worse', () => {
    let seed = 390;
    const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 16;
    for (let round = 0; round < 300; round++) {
      driver = makeDriver();
      beginSmall(driver, { features: round & 1 ? EVENT_INDEX_FEATURE : 0 });
      const { at, used, available } = driver.rings.get(0)!;
      for (let i = at; i < used + 80; i++) driver.bench.storage.write8(i, random() & 255);
      // Plausible addresses and lengths, so that some chains get further.
      for (let i = 0; i < 8; i++) {
        driver.rings
          .get(0)!
          .writeDescriptor(at, i, random() << 4, random() & 0x3ff, random() & 7, random() & 7);
      }
      driver.bench.storage.view.setUint16(available + 2, random() & 7, true);
      expect(driver.notify(0)).toBe(0);
    }
  });
});

describe('reset', () => {
  test('VDEV_RESET and status 0 forget queues and indicators', () => {
    for (const reset of [() => driver.succeed(0x33, []), () => (driver.status = 0)]) {
      driver = makeDriver();
      beginSmall(driver, {});
      reset();
      driver.rings.get(0)!.add([{ want: 4 }]);
      expect(driver.notify(0)).toBe(0);
      expect(driver.rings.get(0)!.takeUsed()).toBe(undefined);
      expect(driver.status).toBe(0);
    }
  });

  test('a subsystem reset does, and takes the revision back', () => {
    beginSmall(driver, {});
    driver.bench.css.reset();
    driver.bench.enable(0, { sense: true });
    expect(driver.status).toBe(0);
    expect(driver.readFeatures(1)).toBe(0);
  });
});

describe('snapshots', () => {
  test.each([false, true])('work goes on where it was (adapter interruptions: %s)', (adapter) => {
    beginSmall(driver, { features: EVENT_INDEX_FEATURE, adapter });
    const queue = driver.rings.get(0)!;
    driver.request(0, [{ want: 4 }]);
    queue.usedEvent = 1;
    const saved = { css: driver.bench.css.save(), device: driver.ccw.save() };

    const next = makeDriver();
    next.bench.storage.write(0, driver.bench.storage.slice(0, driver.bench.storage.size));
    next.bench.css.load(saved.css);
    next.ccw.load(saved.device);
    next.bench.css.testSubchannel(sidOf(0));
    next.bench.storage.write8(SUMMARY, 0);
    next.modern = true;

    // The driver's own state is that of the first.
    const head = queue.add([{ want: 4 }]);
    next.bench.storage.write(0, driver.bench.storage.slice(0, driver.bench.storage.size));
    next.bench.storage.write8(SUMMARY, 0);
    next.notify(0);
    driver.bench.storage.write(0, next.bench.storage.slice(0, next.bench.storage.size));
    expect(queue.takeUsed()).toEqual({ head, written: 4 });
    expect(next.bench.sink.adapters.length).toBe(adapter ? 1 : 0);
    expect(next.bench.sink.pending.size).toBe(adapter ? 0 : 1);
  });

  test('a snapshot of something else is refused', () => {
    expect(() => driver.ccw.load(null)).toThrow(SnapshotError);
    expect(() => driver.ccw.load({})).toThrow(SnapshotError);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { AbsoluteStorage } from '../../src/memory/absolute-storage.ts';
import type { ConsoleDevice, Drive, Network, Saved } from '../../src/system/services.ts';
import { S390_BUS_SIZE, S390VirtioBus } from '../../src/system/virtio/s390-bus.ts';
import { VirtioBlock } from '../../src/system/virtio/virtio-block.ts';
import { VirtioConsole } from '../../src/system/virtio/virtio-console.ts';
import { VirtioNet } from '../../src/system/virtio/virtio-net.ts';
import { VirtioRng } from '../../src/system/virtio/virtio-rng.ts';

const MEMORY = 0x10_0000;
const NOTIFY = 0n;
const RESET = 1n;
const SET_STATUS = 2n;

class TestConsole implements ConsoleDevice {
  output = '';
  type: (bytes: Uint8Array) => void = () => {};

  write(bytes: Uint8Array): void {
    this.output += new TextDecoder().decode(bytes);
  }

  onInput(listener: (bytes: Uint8Array) => void): void {
    this.type = listener;
  }
}

class ZeroDrive implements Drive {
  readonly size = 1024;
  readonly readOnly = false;
  read(_: number, target: Uint8Array): void {
    target.fill(0x5a);
  }
  write(): void {}
  flush(): void {}
  save(): Saved {
    return null;
  }
  load(): void {}
}

class NoNetwork implements Network {
  send(): void {}
  onFrame(): void {}
  close(): void {}
}

/** What a driver finds by walking the page as Linux does. */
interface Described {
  readonly type: number;
  readonly at: number;
  readonly features: number;
  readonly acceptedAt: number;
  readonly queues: { at: number; address: number; size: number }[];
  readonly configuration: Uint8Array;
}

let storage: AbsoluteStorage;
let terminal: TestConsole;
let bus: S390VirtioBus;
let interrupts: [number, bigint][];

beforeEach(() => {
  storage = new AbsoluteStorage(MEMORY + S390_BUS_SIZE);
  terminal = new TestConsole();
  interrupts = [];
  bus = new S390VirtioBus(storage, MEMORY, (...all) => interrupts.push(all), terminal);
  bus.attach(new VirtioConsole(storage, terminal));
  bus.attach(new VirtioBlock(storage, new ZeroDrive()));
});

function call(code: bigint, operand: number): number {
  return bus.hypercall(Number(code), BigInt(operand));
}

function walk(): Described[] {
  const all: Described[] = [];
  for (let at = MEMORY; storage.read8(at) !== 0;) {
    const [type, count, featureLength, configurationLength] = storage.slice(at, 4);
    const queues = Array.from({ length: count }, (_, i) => {
      const place = at + 5 + 24 * i;
      return {
        at: place,
        address: Number(storage.read64(place + 8)),
        size: storage.read16(place + 16),
      };
    });
    const featuresAt = at + 5 + 24 * count;
    const end = featuresAt + 2 * featureLength + configurationLength;
    all.push({
      type,
      at,
      features: storage.view.getUint32(featuresAt, true),
      acceptedAt: featuresAt + featureLength,
      queues,
      configuration: storage.slice(end - configurationLength, configurationLength),
    });
    at = end;
  }
  return all;
}

describe('the s390 virtio bus', () => {
  test('the page above storage describes the devices', () => {
    const [console, disk, ...others] = walk();
    expect(others).toEqual([]);
    expect([console.type, disk.type]).toEqual([3, 2]);
    expect(disk.queues.map(({ size }) => size)).toEqual([256]);
    const { buffer, byteOffset } = disk.configuration;
    expect(new DataView(buffer, byteOffset).getBigUint64(0)).toBe(2n);
    const rings = [...console.queues, ...disk.queues].map(({ address }) => address);
    expect(new Set(rings).size).toBe(3);
    for (const ring of rings) {
      expect(ring % 4096).toBe(0);
      expect(storage.contains(ring, 3 * 4096) && ring > MEMORY).toBe(true);
    }
    // VIRTIO_F_VERSION_1 does not exist in 32 bits.
    expect(disk.features & (1 << 9)).toBe(1 << 9);
  });

  test('a request: ring, notification, and an interruption with the token', () => {
    const [, disk] = walk();
    call(RESET, disk.at);
    storage.view.setUint32(disk.acceptedAt, 1 << 9, true);
    for (const status of [1, 3, 7]) {
      storage.write8(disk.at + 4, status);
      expect(call(SET_STATUS, disk.at)).toBe(0);
    }
    const [{ at, address, size }] = disk.queues;
    storage.write64(at, 0x1234_5678_9abc_def0n);
    // Header at 0x2000, data at 0x3000, status at 0x4000; big-endian.
    const chain = [
      [0x2000, 16, 1, 1],
      [0x3000, 512, 3, 2],
      [0x4000, 1, 2, 0],
    ];
    storage.write8(0x4000, 0xff);
    chain.forEach(([area, length, flags, next], i) => {
      storage.write64(address + 16 * i, BigInt(area));
      storage.write32(address + 16 * i + 8, length);
      storage.write16(address + 16 * i + 12, flags);
      storage.write16(address + 16 * i + 14, next);
    });
    storage.write16(address + 16 * size + 2, 1);
    expect(call(NOTIFY, address)).toBe(0);
    expect(storage.read8(0x4000)).toBe(0);
    expect(storage.read8(0x3000 + 511)).toBe(0x5a);
    const used = address + 2 * 4096;
    expect(storage.read16(used + 2)).toBe(1);
    expect(storage.read32(used + 8)).toBe(513);
    expect(interrupts).toEqual([[0, 0x1234_5678_9abc_def0n]]);

    call(RESET, disk.at);
    expect(storage.read16(used + 2)).toBe(0);
    expect(storage.read8(disk.at + 4)).toBe(0);
    expect(storage.view.getUint32(disk.acceptedAt, true)).toBe(0);
  });

  test('status 0 is a reset, after which the ring is where it was', () => {
    const [console] = walk();
    const [, { address, size }] = console.queues;
    const print = (text: string): void => {
      storage.write(0x2000, new TextEncoder().encode(text));
      storage.write64(address, 0x2000n);
      storage.write32(address + 8, text.length);
      storage.write16(address + 16 * size + 2, 1);
      expect(call(NOTIFY, address)).toBe(0);
    };
    print('before');
    storage.write8(console.at + 4, 0);
    expect(call(SET_STATUS, console.at)).toBe(0);
    // The ring is empty again.
    expect([storage.read16(address + 16 * size + 2), storage.read8(console.at)]).toEqual([0, 3]);
    print(', after');
    expect(terminal.output).toBe('before, after');
  });

  test('there is room for 60 disks with a network, random numbers and the console', () => {
    for (let i = 1; i < 60; i++) bus.attach(new VirtioBlock(storage, new ZeroDrive()));
    bus.attach(new VirtioNet(storage, new NoNetwork(), new Uint8Array(6)));
    bus.attach(new VirtioRng(storage, () => {}));
    const all = walk();
    expect(all.length).toBe(63);
    const rings = all.flatMap(({ queues }) => queues.map(({ address }) => address));
    expect(new Set(rings).size).toBe(rings.length);
    for (const ring of rings) expect(storage.contains(ring, 3 * 4096)).toBe(true);
  });

  test('text before there are drivers', () => {
    storage.write(0x2000, new TextEncoder().encode('early printk\n\0not this'));
    expect(call(NOTIFY, 0x2000)).toBe(0);
    expect(terminal.output).toBe('early printk\n');
  });

  test('what is not there is an invalid argument', () => {
    expect(call(NOTIFY, MEMORY + 8)).toBe(-22);
    expect(call(RESET, MEMORY + 8)).toBe(-22);
    expect(call(3n, MEMORY)).toBe(-22);
    expect(bus.hypercall(0, 1n << 63n)).toBe(-22);
  });

  test('a snapshot keeps the rings', () => {
    const [console] = walk();
    const [input] = console.queues;
    terminal.type(Uint8Array.of(65));
    bus.load(bus.save());
    storage.write64(input.address, 0x5000n);
    storage.write32(input.address + 8, 10);
    storage.write16(input.address + 12, 2);
    storage.write16(input.address + 16 * input.size + 2, 1);
    call(NOTIFY, input.address);
    expect(storage.read8(0x5000)).toBe(65);
  });
});

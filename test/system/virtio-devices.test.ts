import { beforeEach, describe, expect, test } from 'vitest';
import {
  DriveError,
  type ConsoleDevice,
  type Drive,
  type Network,
  type Saved,
} from '../../src/system/services.ts';
import { VirtioBlock } from '../../src/system/virtio/virtio-block.ts';
import { VirtioConsole } from '../../src/system/virtio/virtio-console.ts';
import { VirtioNet } from '../../src/system/virtio/virtio-net.ts';
import { VirtioRng } from '../../src/system/virtio/virtio-rng.ts';
import { Bench, sidOf } from './css-support.ts';
import { Driver, INDICATORS, type Part } from './virtio-support.ts';

const EVENT_INDEX = 1 << 29;

describe('virtio-blk', () => {
  const READ = 0;
  const WRITE = 1;
  const FLUSH = 4;
  const GET_ID = 8;
  const OK = 0;
  const IOERR = 1;
  const UNSUPP = 2;
  const FLUSH_FEATURE = 1 << 9;
  const SECTORS = 64;

  class MemoryDrive implements Drive {
    readonly size = SECTORS * 512;
    readonly bytes = new Uint8Array(this.size);
    readonly readOnly: boolean;
    flushes = 0;
    broken = false;

    constructor(readOnly = false) {
      this.readOnly = readOnly;
      this.bytes.forEach((_, i) => (this.bytes[i] = (i >>> 9) ^ (i * 7)));
    }

    read(offset: number, target: Uint8Array): void {
      this.#check(offset, target.length);
      target.set(this.bytes.subarray(offset, offset + target.length));
    }

    write(offset: number, bytes: Uint8Array): void {
      this.#check(offset, bytes.length);
      this.bytes.set(bytes, offset);
    }

    flush(): void {
      if (this.broken) throw new DriveError('broken');
      this.flushes++;
    }

    save(): Saved {
      return this.bytes.slice();
    }

    load(saved: Saved): void {
      this.bytes.set(saved as Uint8Array);
    }

    #check(offset: number, length: number): void {
      if (this.broken) throw new DriveError('broken');
      if (offset % 512 || length % 512 || offset + length > this.size) throw new Error('contract');
    }
  }

  let drive: MemoryDrive;
  let driver: Driver;

  function start(options: Parameters<Driver['begin']>[0] = {}, readOnly = false): void {
    const bench = new Bench();
    drive = new MemoryDrive(readOnly);
    driver = new Driver(bench, new VirtioBlock(bench.storage, drive, 'serial-number'));
    driver.begin({ features: FLUSH_FEATURE, ...options });
  }

  function header(type: number, sector: number | bigint): Uint8Array {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, type, driver.modern);
    view.setBigUint64(8, BigInt(sector), driver.modern);
    return bytes;
  }

  /** Status, bytes written, and the areas between header and status. */
  function request(type: number, sector: number | bigint, ...parts: Part[]) {
    const all = [{ give: header(type, sector) }, ...parts, { want: 1 }];
    const { written, areas } = driver.request(0, all);
    return { status: areas.at(-1)![0], written, data: areas.slice(1, -1) };
  }

  beforeEach(() => start());

  test.each([true, false])('configuration (modern: %s)', (modern) => {
    start({ modern, features: 0 });
    const view = new DataView(driver.configuration(24).buffer);
    expect(view.getBigUint64(0, modern)).toBe(BigInt(SECTORS));
    expect(view.getUint32(12, modern)).toBe(254);
    expect(view.getUint32(20, modern)).toBe(512);
    // SEG_MAX, BLK_SIZE, FLUSH.
    expect(driver.readFeatures(0) & 0xffff).toBe((1 << 2) | (1 << 6) | (1 << 9));
  });

  test.each([true, false])('read and write (modern: %s)', (modern) => {
    start({ modern });
    const read = request(READ, 3, { want: 1024 });
    expect(read).toMatchObject({ status: OK, written: 1025 });
    expect(read.data[0]).toEqual(drive.bytes.slice(3 * 512, 5 * 512));
    const bytes = new Uint8Array(1024).map((_, i) => i * 3);
    expect(request(WRITE, 62, { give: bytes })).toMatchObject({ status: OK, written: 1 });
    expect(drive.bytes.slice(62 * 512)).toEqual(bytes);
  });

  test('buffers in pieces: of whole sectors, and of odd sizes', () => {
    for (const sizes of [
      [512, 1024],
      [1, 1000, 535],
      [511, 513, 512],
    ]) {
      const read = request(READ, 5, ...sizes.map((want) => ({ want })));
      expect(read.status).toBe(OK);
      const joined = read.data.flatMap((area) => [...area]);
      expect(joined).toEqual([...drive.bytes.subarray(5 * 512, 8 * 512)]);
      let next = 0;
      const parts = sizes.map((size) => ({
        give: new Uint8Array(size).map(() => (next++ * 5) & 255),
      }));
      expect(request(WRITE, 20, ...parts).status).toBe(OK);
      const expected = new Uint8Array(1536).map((_, i) => i * 5);
      expect(drive.bytes.slice(20 * 512, 23 * 512)).toEqual(expected);
    }
  });

  test('header and status may share buffers with the data', () => {
    // VIRTIO_F_ANY_LAYOUT, and always in virtio 1.
    const bytes = new Uint8Array(512).fill(0x77);
    const { areas } = driver.request(0, [{ give: [...header(WRITE, 1), ...bytes] }, { want: 1 }]);
    expect(areas[1][0]).toBe(OK);
    expect(drive.bytes.slice(512, 1024)).toEqual(bytes);
    const read = driver.request(0, [{ give: header(READ, 1) }, { want: 513 }]);
    expect(read.areas[1]).toEqual(Uint8Array.of(...bytes, OK));
  });

  test.each([
    ['behind the end', READ, 63, 1024],
    ['far behind the end', READ, 1n << 60n, 512],
    ['of half a sector', READ, 0, 256],
  ])('a request %s fails', (_, type, sector, want) => {
    expect(request(type, sector, { want })).toMatchObject({ status: IOERR, written: 1 });
  });

  test('writing to a read-only drive fails, and the guest knows that it is one', () => {
    start({}, true);
    expect(driver.readFeatures(0) & (1 << 5)).toBe(1 << 5);
    const before = drive.bytes.slice();
    expect(request(WRITE, 0, { give: new Uint8Array(512) }).status).toBe(IOERR);
    expect(drive.bytes).toEqual(before);
    expect(request(READ, 0, { want: 512 }).status).toBe(OK);
  });

  test('errors of the drive are I/O errors, and it goes on', () => {
    drive.broken = true;
    expect(request(READ, 0, { want: 512 }).status).toBe(IOERR);
    expect(request(WRITE, 0, { give: new Uint8Array(512) }).status).toBe(IOERR);
    expect(request(FLUSH, 0).status).toBe(IOERR);
    drive.broken = false;
    expect(request(READ, 0, { want: 512 }).status).toBe(OK);
  });

  test('flush makes safe what was written; a driver without it writes through', () => {
    request(WRITE, 0, { give: new Uint8Array(512) });
    expect(drive.flushes).toBe(0);
    expect(request(FLUSH, 0).status).toBe(OK);
    expect(drive.flushes).toBe(1);
    start({ features: 0 });
    request(WRITE, 0, { give: new Uint8Array(512) });
    expect(drive.flushes).toBe(1);
  });

  test('the serial number, and requests that are not known', () => {
    const id = request(GET_ID, 0, { want: 20 });
    expect(id).toMatchObject({ status: OK, written: 21 });
    expect(new TextDecoder().decode(id.data[0])).toBe('serial-number'.padEnd(20, '\0'));
    expect(request(99, 0, { want: 20 })).toMatchObject({ status: UNSUPP, written: 1 });
  });

  test('many requests, one interruption', () => {
    const queue = driver.rings.get(0)!;
    for (let i = 0; i < 4; i++) {
      queue.add([{ give: header(READ, i) }, { want: 512 }, { want: 1 }]);
    }
    const before = driver.bench.sink.raised;
    driver.notify(0);
    expect(driver.bench.sink.raised - before).toBe(1);
    expect(queue.usedIndex).toBe(4);
  });

  test('a request without header or status breaks the device', () => {
    driver.rings.get(0)!.add([{ give: new Uint8Array(15) }, { want: 1 }]);
    driver.notify(0);
    driver.bench.test(0);
    expect(driver.status & 0x40).toBe(0x40);
  });

  test('a snapshot has what the drive keeps', () => {
    request(WRITE, 0, { give: new Uint8Array(512).fill(9) });
    const saved = driver.ccw.save();
    request(WRITE, 0, { give: new Uint8Array(512).fill(8) });
    driver.ccw.load(saved);
    expect(drive.bytes[0]).toBe(9);
  });
});

describe('virtio-net', () => {
  const RECEIVE = 0;
  const TRANSMIT = 1;
  const MERGE = 1 << 15;
  const MAC = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56);

  class TestNetwork implements Network {
    readonly sent: Uint8Array[] = [];
    listener: (frame: Uint8Array) => void = () => {};

    send(frame: Uint8Array): void {
      this.sent.push(frame);
    }

    onFrame(listener: (frame: Uint8Array) => void): void {
      this.listener = listener;
    }

    close(): void {}
  }

  let network: TestNetwork;
  let driver: Driver;

  function start(options: Parameters<Driver['begin']>[0] = {}): void {
    const bench = new Bench();
    network = new TestNetwork();
    driver = new Driver(bench, new VirtioNet(bench.storage, network, MAC));
    driver.begin({ queues: 2, ...options });
  }

  function frame(length: number, first = 1): Uint8Array {
    return new Uint8Array(length).map((_, i) => i + first);
  }

  /** What arrived, in order. */
  function received(): { written: number; areas: Uint8Array[] }[] {
    const ring = driver.rings.get(RECEIVE)!;
    const all = [];
    for (let used; (used = ring.takeUsed());) {
      all.push({ written: used.written, areas: ring.areas(used.head) });
    }
    return all;
  }

  test.each([true, false])('configuration (modern: %s)', (modern) => {
    start({ modern });
    const bytes = driver.configuration(8);
    expect(bytes.slice(0, 6)).toEqual(MAC);
    expect(new DataView(bytes.buffer).getUint16(6, modern)).toBe(1);
    // MAC, MRG_RXBUF, STATUS.
    expect(driver.readFeatures(0) & 0x7ff_ffff).toBe((1 << 5) | (1 << 15) | (1 << 16));
  });

  test.each([
    ['modern', true, 0, 12],
    ['modern, merged buffers', true, MERGE, 12],
    ['legacy', false, 0, 10],
    ['legacy, merged buffers', false, MERGE, 12],
  ])('the header of %s', (_, modern, features, headerSize) => {
    start({ modern, features });
    const header = new Uint8Array(headerSize);
    driver.request(TRANSMIT, [{ give: header }, { give: frame(60) }]);
    driver.request(TRANSMIT, [{ give: [...header, ...frame(1514)] }]);
    expect(network.sent).toEqual([frame(60), frame(1514)]);

    driver.rings.get(RECEIVE)!.add([{ want: headerSize }, { want: 1514 }]);
    network.listener(frame(60));
    const [{ written, areas }] = received();
    expect(written).toBe(headerSize + 60);
    const expected = new Uint8Array(headerSize);
    // num_buffers: 1.
    if (headerSize === 12) expected[modern ? 10 : 11] = 1;
    expect(areas[0]).toEqual(expected);
    expect(areas[1].slice(0, 60)).toEqual(frame(60));
  });

  test('frames that are too large or too small are not sent', () => {
    start();
    for (const length of [1515, 13, 0]) {
      driver.request(TRANSMIT, [{ give: new Uint8Array(12 + length) }]);
    }
    driver.request(TRANSMIT, [{ give: new Uint8Array(5) }]);
    expect(network.sent).toEqual([]);
    driver.request(TRANSMIT, [{ give: new Uint8Array(26) }]);
    expect(network.sent).toEqual([new Uint8Array(14)]);
  });

  test('a large frame is spread over merged buffers', () => {
    start({ features: MERGE });
    const ring = driver.rings.get(RECEIVE)!;
    for (let i = 0; i < 4; i++) ring.add([{ want: 500 }]);
    network.listener(frame(1400));
    const all = received();
    expect(all.map(({ written }) => written)).toEqual([500, 500, 412]);
    const bytes = all.flatMap(({ written, areas }) => [...areas[0].subarray(0, written)]);
    expect(bytes.slice(0, 12)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0]);
    expect(bytes.slice(12)).toEqual([...frame(1400)]);
  });

  test('without merging, a frame that does not fit is lost, the buffer is not', () => {
    start();
    driver.rings.get(RECEIVE)!.add([{ want: 100 }]);
    network.listener(frame(200));
    expect(received()).toEqual([]);
    network.listener(frame(80));
    expect(received().length).toBe(1);
  });

  test.each([0, EVENT_INDEX])('frames wait for buffers, in order (features %i)', (features) => {
    start({ features: (features | MERGE) >>> 0 });
    const ring = driver.rings.get(RECEIVE)!;
    for (let i = 0; i < 3; i++) network.listener(frame(100, i));
    // The driver has to notify now.
    expect(features ? ring.availableEvent : ring.usedFlags).toBe(0);
    ring.add([{ want: 80 }]);
    driver.notify(RECEIVE);
    expect(received()).toEqual([]);
    for (let i = 0; i < 7; i++) ring.add([{ want: 80 }]);
    driver.notify(RECEIVE);
    const all = received();
    expect(all.map(({ written }) => written)).toEqual([80, 32, 80, 32, 80, 32]);
    expect([0, 2, 4].map((i) => all[i].areas[0][12])).toEqual([0, 1, 2]);
    // Two buffers are left, nothing waits: no notification is wanted.
    if (!features) expect(ring.usedFlags).toBe(1);
  });

  test('frames are lost when too many wait, or no driver is there', () => {
    start({ features: MERGE });
    for (let i = 0; i < 2000; i++) network.listener(frame(60));
    const ring = driver.rings.get(RECEIVE)!;
    let count = 0;
    for (;;) {
      for (let i = 0; i < 16; i++) ring.add([{ want: 200 }]);
      driver.notify(RECEIVE);
      const got = received().length;
      count += got;
      if (got < 16) break;
    }
    expect(count).toBe(512);
    start({ features: MERGE });
    driver.status = 0;
    network.listener(frame(60));
    driver.begin({ queues: 2 });
    driver.rings.get(RECEIVE)!.add([{ want: 200 }]);
    driver.notify(RECEIVE);
    expect(received()).toEqual([]);
  });

  test('the indicators tell the queues apart', () => {
    start();
    driver.request(TRANSMIT, [{ give: new Uint8Array(72) }]);
    expect(driver.bench.storage.read64(INDICATORS)).toBe(2n);
    driver.bench.storage.write64(INDICATORS, 0n);
    driver.rings.get(RECEIVE)!.add([{ want: 200 }]);
    network.listener(frame(60));
    expect(driver.bench.storage.read64(INDICATORS)).toBe(1n);
  });

  test('a buffer without room for the header breaks the device', () => {
    start();
    driver.rings.get(RECEIVE)!.add([{ want: 11 }]);
    network.listener(frame(60));
    driver.bench.test(0);
    expect(driver.status & 0x40).toBe(0x40);
    network.listener(frame(60));
  });

  test('a snapshot keeps the frames that wait', () => {
    start();
    network.listener(frame(60));
    const saved = driver.ccw.save();
    driver.ccw.load(saved);
    driver.rings.get(RECEIVE)!.add([{ want: 200 }]);
    driver.notify(RECEIVE);
    expect(received().length).toBe(1);
  });
});

describe('virtio-console', () => {
  class TestConsole implements ConsoleDevice {
    output = '';
    type: (bytes: Uint8Array) => void = () => {};

    write(bytes: Uint8Array): void {
      this.output += new TextDecoder('latin1').decode(bytes);
    }

    onInput(listener: (bytes: Uint8Array) => void): void {
      this.type = listener;
    }
  }

  let terminal: TestConsole;
  let driver: Driver;

  beforeEach(() => {
    const bench = new Bench();
    terminal = new TestConsole();
    driver = new Driver(bench, new VirtioConsole(bench.storage, terminal));
  });

  const encode = (text: string) => new TextEncoder().encode(text);

  test.each([true, false])('output and input (modern: %s)', (modern) => {
    driver.begin({ modern, queues: 2 });
    driver.request(1, [{ give: encode('Hello, ') }, { give: encode('world\n') }]);
    expect(terminal.output).toBe('Hello, world\n');
    const ring = driver.rings.get(0)!;
    ring.add([{ want: 4 }]);
    ring.add([{ want: 100 }]);
    terminal.type(encode('ls -l\n'));
    const [first, second] = [ring.takeUsed()!, ring.takeUsed()!];
    expect([first.written, second.written]).toEqual([4, 2]);
    expect(new TextDecoder().decode(ring.areas(first.head)[0])).toBe('ls -');
  });

  test('input waits for the driver, and for buffers', () => {
    terminal.type(encode('early'));
    driver.begin({ queues: 2 });
    const ring = driver.rings.get(0)!;
    ring.add([{ want: 3 }]);
    driver.notify(0);
    expect(ring.takeUsed()).toMatchObject({ written: 3 });
    driver.ccw.load(driver.ccw.save());
    ring.add([{ want: 3 }]);
    driver.notify(0);
    expect(ring.takeUsed()).toMatchObject({ written: 2 });
  });

  test('an emergency write shows a character before there is a driver', () => {
    driver.setRevision(1);
    driver.writeFeatures(1, 1);
    driver.succeed(0x21, [0, 0, 0, 0, 0, 0, 0, 0, 0x21, 0, 0, 0]);
    expect(terminal.output).toBe('!');
    expect([...driver.configuration(12)]).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
  });
});

describe('virtio-rng', () => {
  test('buffers are filled, at most 64 KiB at once', () => {
    const bench = new Bench();
    const device = new VirtioRng(bench.storage, (bytes) => bytes.fill(0x42));
    const driver = new Driver(bench, device).begin({ size: 8 });
    const { written, areas } = driver.request(0, [{ want: 10 }, { want: 7 }]);
    expect(written).toBe(17);
    expect(areas).toEqual([new Uint8Array(10).fill(0x42), new Uint8Array(7).fill(0x42)]);
    expect(driver.request(0, [{ want: 0x1_8000 }]).written).toBe(0x1_0000);
    expect(bench.css.testSubchannel(sidOf(0)).cc).toBe(0);
  });
});

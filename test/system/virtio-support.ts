import type { VirtioDevice } from '../../src/system/virtio/virtio-device.ts';
import { notifyVirtioCcw, VirtioCcw } from '../../src/system/virtio/virtio-ccw.ts';
import { sidOf, type Bench, type Status } from './css-support.ts';

/** Where the driver has its things; rings from 0x10000, buffers from 0x40000. */
const PROGRAM = 0x2000;
const DATA = 0x3000;
export const INDICATORS = 0x5000;
export const CONFIGURATION_INDICATORS = 0x5008;
export const SUMMARY = 0x5010;
export const BIT_STRING = 0x5020;
const RINGS = 0x1_0000;
const RING_DISTANCE = 0x4000;
const BUFFERS = 0x4_0000;

const SLI = 0x20;

export const NEXT = 1;
export const WRITABLE = 2;
export const INDIRECT = 4;

export interface Part {
  /** Bytes for the device to read, or how many it may write. */
  readonly give?: Uint8Array | number[];
  readonly want?: number;
}

/** A virtio driver as Linux has one, for a device behind subchannel 0. */
export class Driver {
  readonly bench: Bench;
  readonly ccw: VirtioCcw;
  /** Fields are little-endian: the driver accepted VIRTIO_F_VERSION_1. */
  modern = false;
  readonly rings = new Map<number, DriverRing>();
  #buffers = BUFFERS;
  #chosen = false;

  constructor(bench: Bench, device: VirtioDevice) {
    this.bench = bench;
    this.ccw = new VirtioCcw('virtio.0', device, bench.storage, bench.sink);
    bench.css.attach(this.ccw);
    bench.enable(0, { sense: true });
  }

  /** Runs one command; `data` lies in its area before, `count` is the CCW's. */
  command(code: number, data: ArrayLike<number>, flags = 0, count = data.length): Status {
    this.bench.storage.fill(DATA, 0x1000, 0);
    this.bench.storage.write(DATA, Uint8Array.from(data));
    this.bench.ccws(PROGRAM, [code, flags, count, DATA]);
    return this.bench.run(0, PROGRAM);
  }

  /** What lies in the area after a command. */
  result(length: number): number[] {
    return this.bench.bytes(DATA, length);
  }

  /** Runs a command that must succeed. */
  succeed(code: number, data: ArrayLike<number>, flags = 0, count = data.length): void {
    const { device, channel } = this.command(code, data, flags, count);
    if (device !== 0x0c || channel !== 0) {
      throw new Error(`command ${code.toString(16)}: device ${device}, channel ${channel}`);
    }
  }

  setRevision(revision: number): void {
    this.succeed(0x83, [0, revision, 0, 0]);
  }

  readFeatures(index: number): number {
    this.succeed(0x12, [0, 0, 0, 0, index]);
    const [a, b, c, d] = this.result(4);
    return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
  }

  writeFeatures(index: number, word: number): void {
    this.succeed(0x11, [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24, index]);
  }

  get status(): number {
    this.succeed(0x72, [0]);
    return this.result(1)[0];
  }

  set status(status: number) {
    this.succeed(0x31, [status]);
  }

  configuration(length: number): Uint8Array {
    this.succeed(0x22, [], 0, length);
    return Uint8Array.from(this.result(length));
  }

  /** Negotiates, sets up queues and classic indicators, and says that the driver is there. */
  begin({ modern = true, features = 0, queues = 1, adapter = false, size = 16 } = {}): this {
    this.modern = modern;
    // A revision can be chosen only once.
    if (modern && !this.#chosen) this.setRevision(2);
    this.#chosen = modern;
    this.succeed(0x33, []);
    this.status = 1;
    this.status = 3;
    this.writeFeatures(0, features);
    if (modern) {
      this.writeFeatures(1, 1);
      this.status = 0x0b;
    }
    for (let index = 0; index < queues; index++) {
      this.setQueue(index, size, ((features >>> 29) & 1) === 1);
    }
    this.setIndicators(adapter);
    this.succeed(0x53, addressBytes(CONFIGURATION_INDICATORS));
    this.status = modern ? 0x0f : 0x07;
    return this;
  }

  setIndicators(adapter: boolean): void {
    if (!adapter) {
      this.succeed(0x43, addressBytes(INDICATORS));
      return;
    }
    // Bit 5 is this device's first, interruptions have subclass 3.
    this.succeed(0x73, [
      ...addressBytes(SUMMARY),
      ...addressBytes(BIT_STRING),
      ...addressBytes(5),
      3,
    ]);
  }

  queueSize(index: number): number {
    this.succeed(0x32, [index >>> 8, index & 255, 0, 0]);
    const [, , high, low] = this.result(4);
    return (high << 8) | low;
  }

  /** `wanted`: the size of a modern ring. */
  setQueue(index: number, wanted: number, eventIndex: boolean): DriverRing {
    const at = RINGS + index * RING_DISTANCE;
    this.bench.storage.fill(at, RING_DISTANCE, 0);
    const size = this.modern ? wanted : this.queueSize(index);
    const ring = new DriverRing(this, index, at, size, eventIndex);
    this.rings.set(index, ring);
    if (!this.modern) {
      const tail = [0, 0, 0x10, 0, 0, index, size >>> 8, size & 255];
      this.succeed(0x13, [...addressBytes(at), ...tail]);
      return ring;
    }
    this.succeed(0x13, [
      ...addressBytes(at),
      ...[0, 0, 0, 0, 0, index, size >>> 8, size & 255],
      ...addressBytes(ring.available),
      ...addressBytes(ring.used),
    ]);
    return ring;
  }

  notify(index: number): number {
    return notifyVirtioCcw(this.bench.css, sidOf(0), BigInt(index));
  }

  /** Puts a request into a queue, notifies, and returns what came back. */
  request(index: number, parts: Part[]): { written: number; areas: Uint8Array[] } {
    const ring = this.rings.get(index)!;
    const head = ring.add(parts);
    this.notify(index);
    const used = ring.takeUsed();
    if (used?.head !== head) throw new Error('the request did not come back');
    return { written: used.written, areas: ring.areas(head) };
  }

  /** Storage for a buffer. */
  allocate(length: number): number {
    const at = this.#buffers;
    this.#buffers += Math.ceil(length / 16) * 16 + 16;
    if (this.#buffers > 0xf_0000) this.#buffers = BUFFERS;
    return at;
  }
}

/** A split virtqueue from the driver's side. */
export class DriverRing {
  readonly driver: Driver;
  readonly index: number;
  readonly at: number;
  readonly size: number;
  readonly available: number;
  readonly used: number;
  readonly eventIndex: boolean;
  #nextDescriptor = 0;
  #nextAvailable = 0;
  #nextUsed = 0;
  readonly #chains = new Map<number, { at: number; length: number }[]>();

  constructor(driver: Driver, index: number, at: number, size: number, eventIndex: boolean) {
    this.driver = driver;
    this.index = index;
    this.at = at;
    this.size = size;
    this.eventIndex = eventIndex;
    this.available = at + 16 * size;
    const end = this.available + 6 + 2 * size;
    this.used = Math.ceil(end / 4096) * 4096;
  }

  get view(): DataView {
    return this.driver.bench.storage.view;
  }

  get little(): boolean {
    return this.driver.modern;
  }

  writeDescriptor(table: number, i: number, at: number, length: number, flags: number, next = 0) {
    const place = table + 16 * i;
    this.view.setBigUint64(place, BigInt(at), this.little);
    this.view.setUint32(place + 8, length, this.little);
    this.view.setUint16(place + 12, flags, this.little);
    this.view.setUint16(place + 14, next, this.little);
  }

  /** Makes a chain available; `indirect` puts it into a table of its own. */
  add(parts: Part[], { indirect = false } = {}): number {
    const areas = parts.map(({ give, want = 0 }) => {
      const length = give ? give.length : want;
      const at = this.driver.allocate(length);
      if (give) this.driver.bench.storage.write(at, Uint8Array.from(give));
      else this.driver.bench.storage.fill(at, length, 0xee);
      return { at, length };
    });
    const count = indirect ? 1 : parts.length;
    const head = this.#nextDescriptor % this.size;
    const table = indirect ? this.driver.allocate(16 * parts.length) : this.at;
    parts.forEach(({ give }, i) => {
      const place = indirect ? i : (head + i) % this.size;
      const more = i + 1 < parts.length;
      const flags = (give ? 0 : WRITABLE) | (more ? NEXT : 0);
      const next = indirect ? i + 1 : (place + 1) % this.size;
      this.writeDescriptor(table, place, areas[i].at, areas[i].length, flags, more ? next : 0);
    });
    if (indirect) this.writeDescriptor(this.at, head, table, 16 * parts.length, INDIRECT);
    this.#nextDescriptor += count;
    this.#chains.set(head, areas);
    this.offer(head);
    return head;
  }

  /** Makes the chain that begins with a descriptor available. */
  offer(head: number): void {
    const slot = this.available + 4 + 2 * (this.#nextAvailable % this.size);
    this.view.setUint16(slot, head, this.little);
    this.#nextAvailable++;
    this.view.setUint16(this.available + 2, this.#nextAvailable & 0xffff, this.little);
  }

  takeUsed(): { head: number; written: number } | undefined {
    if (this.usedIndex === (this.#nextUsed & 0xffff)) return undefined;
    const slot = this.used + 4 + 8 * (this.#nextUsed % this.size);
    this.#nextUsed++;
    return {
      head: this.view.getUint32(slot, this.little),
      written: this.view.getUint32(slot + 4, this.little),
    };
  }

  /** The writable and readable areas of a chain as they are now. */
  areas(head: number): Uint8Array[] {
    const areas = this.#chains.get(head) ?? [];
    return areas.map(({ at, length }) => this.driver.bench.storage.slice(at, length).slice());
  }

  get usedIndex(): number {
    return this.view.getUint16(this.used + 2, this.little);
  }

  get usedFlags(): number {
    return this.view.getUint16(this.used, this.little);
  }

  /** After which available index the device wants to be notified. */
  get availableEvent(): number {
    return this.view.getUint16(this.used + 4 + 8 * this.size, this.little);
  }

  /** After which used index the driver wants to be interrupted. */
  set usedEvent(index: number) {
    this.view.setUint16(this.available + 4 + 2 * this.size, index, this.little);
  }

  set flags(flags: number) {
    this.view.setUint16(this.available, flags, this.little);
  }
}

export function addressBytes(at: number): number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(at));
  return [...bytes];
}

export { DATA, SLI };

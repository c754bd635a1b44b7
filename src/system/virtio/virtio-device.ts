import { StorageRangeError, type AbsoluteStorage } from '../../memory/absolute-storage.ts';
import { SavedRecord } from '../css/saved-record.ts';
import { SnapshotError, type Saved } from '../services.ts';
import { VirtioError, Virtqueue, type RingPlace } from './virtqueue.ts';

/** Feature bits that are the same for all devices (virtio 1.2, "Reserved Feature Bits"). */
export const FEATURE_ANY_LAYOUT = 1n << 27n;
export const FEATURE_INDIRECT = 1n << 28n;
export const FEATURE_EVENT_INDEX = 1n << 29n;
export const FEATURE_VERSION_1 = 1n << 32n;
const COMMON_FEATURES =
  FEATURE_ANY_LAYOUT | FEATURE_INDIRECT | FEATURE_EVENT_INDEX | FEATURE_VERSION_1;
/** Offered to legacy drivers only. */
const LEGACY_FEATURES = FEATURE_ANY_LAYOUT;

/** Device status (virtio 1.2, "Device Status Field"). */
export const STATUS_FEATURES_OK = 0x08;
export const STATUS_DRIVER_OK = 0x04;
export const STATUS_NEEDS_RESET = 0x40;

/** Device types (virtio 1.2, "Device Types"). */
export const TYPE_NET = 1;
export const TYPE_BLOCK = 2;
export const TYPE_CONSOLE = 3;
export const TYPE_ENTROPY = 4;

/** What a transport does for its device: tells the driver. */
export interface VirtioTransport {
  /** The device has given buffers of this queue back. */
  queueInterrupt(index: number): void;
  configurationInterrupt(): void;
}

/** What makes up a device, apart from its transport. */
export interface DeviceOptions {
  readonly storage: AbsoluteStorage;
  /** TYPE_ value. */
  readonly type: number;
  /** Own features, besides those of all devices. */
  readonly features: bigint;
  /** Most descriptors of each queue: powers of two. */
  readonly queueSizes: readonly number[];
}

/** A virtio device of any type, without a transport. It works when it is notified, and at once. */
export abstract class VirtioDevice {
  readonly type: number;
  readonly queues: readonly Virtqueue[];
  protected readonly storage: AbsoluteStorage;
  readonly #offered: bigint;
  /** What the driver wants, which may be more than was offered. */
  #wanted = 0n;
  #status = 0;
  #broken = false;
  #transport: VirtioTransport | undefined;

  constructor({ storage, type, features, queueSizes }: DeviceOptions) {
    this.type = type;
    this.storage = storage;
    this.#offered = features | COMMON_FEATURES;
    this.queues = queueSizes.map((size, index) => new Virtqueue(index, size, storage));
  }

  connect(transport: VirtioTransport): void {
    this.#transport = transport;
  }

  /** The features offered to a legacy or a modern driver. */
  offered(legacy: boolean): bigint {
    return this.#offered & ~(legacy ? FEATURE_VERSION_1 : LEGACY_FEATURES);
  }

  /** Whether the driver accepted a feature that was offered. */
  has(feature: bigint): boolean {
    return (this.#wanted & this.#offered & feature) !== 0n;
  }

  /** Fields are little-endian. */
  get modern(): boolean {
    return this.has(FEATURE_VERSION_1);
  }

  get status(): number {
    return this.#status;
  }

  /** The driver accepts features: a word of 32, the first or the second. */
  accept(index: 0 | 1, word: number): void {
    if (this.#status & STATUS_FEATURES_OK) return;
    const shift = BigInt(32 * index);
    const others = this.#wanted & ~(0xffff_ffffn << shift);
    this.#wanted = others | (BigInt(word >>> 0) << shift);
    const littleEndian = this.modern;
    const eventIndex = this.has(FEATURE_EVENT_INDEX);
    for (const queue of this.queues) queue.rules = { littleEndian, eventIndex };
  }

  setStatus(status: number): void {
    if (status === 0) {
      this.reset();
      return;
    }
    const impossible = (this.#wanted & ~this.#offered) !== 0n;
    const allowed = impossible ? status & ~STATUS_FEATURES_OK : status;
    this.#status = allowed | (this.#status & STATUS_NEEDS_RESET);
  }

  placeQueue(index: number, place: RingPlace | undefined): void {
    this.queues[index]?.place(place);
  }

  /** The driver made buffers of a queue available. */
  notify(index: number): void {
    const queue = this.queues[index];
    if (queue?.ready) this.guarded(() => this.process(queue));
  }

  reset(): void {
    this.#status = 0;
    this.#broken = false;
    this.accept(0, 0);
    this.accept(1, 0);
    for (const queue of this.queues) queue.place(undefined);
    this.resetDevice();
  }

  /** The configuration fields; all that any accepted feature needs. */
  abstract configuration(littleEndian: boolean): Uint8Array;

  /** The driver wrote the first bytes of the configuration. */
  configure(_bytes: Uint8Array): void {}

  save(): Saved {
    return {
      type: this.type,
      wanted: this.#wanted,
      status: this.#status,
      broken: this.#broken,
      queues: this.queues.map((queue) => queue.save()),
      own: this.saveDevice(),
    };
  }

  load(saved: Saved): void {
    const record = new SavedRecord(saved, `virtio device of type ${this.type}`);
    const queues = record.list('queues');
    if (record.number('type') !== this.type || queues.length !== this.queues.length) {
      throw new SnapshotError('the snapshot is of a machine with other virtio devices');
    }
    this.#wanted = record.bigint('wanted');
    this.#status = record.number('status');
    this.#broken = record.boolean('broken');
    this.queues.forEach((queue, i) => queue.load(queues[i]));
    this.loadDevice(record.field('own'));
  }

  /** Carries out what the queue has. May throw VirtioError. */
  protected abstract process(queue: Virtqueue): void;

  protected resetDevice(): void {}

  protected saveDevice(): Saved {
    return null;
  }

  protected loadDevice(_saved: Saved): void {}

  /** Tells the driver about buffers that were given back, if it wants to know. */
  protected interrupt(queue: Virtqueue): void {
    if (queue.wantsInterrupt()) this.#transport?.queueInterrupt(queue.index);
  }

  /** Does work on queues; a driver that breaks the rules gets a device that needs a reset. */
  protected guarded(work: () => void): void {
    if (this.#broken) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof VirtioError || error instanceof StorageRangeError)) throw error;
      this.#broken = true;
      if (!this.modern) return;
      this.#status |= STATUS_NEEDS_RESET;
      this.#transport?.configurationInterrupt();
    }
  }
}

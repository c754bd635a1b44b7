import { assert } from '../../base/assert.ts';
import type { AbsoluteStorage } from '../../memory/absolute-storage.ts';
import { PAGE_SIZE } from '../../memory/page.ts';
import { SavedRecord } from '../css/saved-record.ts';
import { SnapshotError, type ConsoleDevice, type Saved, type Snapshotable } from '../services.ts';
import type { VirtioDevice, VirtioTransport } from './virtio-device.ts';
import { legacyRing } from './virtqueue.ts';

/**
 * The virtio bus of 2010, before virtio-ccw: devices are described in a page above the guest's
 * storage, with their rings in the pages behind it. Facts are those of Linux' kvm_virtio driver.
 */

/** DIAGNOSE 0x500: function numbers. */
export const S390_BUS_NOTIFY = 0;
export const S390_BUS_RESET = 1;
export const S390_BUS_SET_STATUS = 2;

/** First parameter of the bus's interruptions. */
const RING_INTERRUPT = 0;
const CONFIGURATION_CHANGED = 1;

/** Pages of a ring of 256 descriptors. */
const RING_SIZE = 3 * PAGE_SIZE;
const RING_ALIGNMENT = 4096;
/** Bytes that the bus needs above the guest's storage: a whole number of MiB, as storage is. */
export const S390_BUS_SIZE = 0x10_0000;
const MOST_QUEUES = Math.floor((S390_BUS_SIZE - PAGE_SIZE) / RING_SIZE);

/** A descriptor: header, a configuration for each queue, features offered and accepted, fields. */
const HEADER_SIZE = 5;
const STATUS_FIELD = 4;
const QUEUE_SIZE = 24;
const FEATURE_SIZE = 4;

const EINVAL = 22;
/** Of what a guest without drivers prints by notifying its own storage. */
const LONGEST_TEXT = 4096;

/** Makes the external interruption pending: parameters of 32 and 64 bits. */
export type BusInterrupt = (parameter: number, token: bigint) => void;

interface Slot {
  readonly device: VirtioDevice;
  /** Absolute address of the descriptor. */
  readonly at: number;
  /** Absolute addresses of the rings. */
  readonly rings: readonly number[];
}

/** The bus and its devices. */
export class S390VirtioBus implements Snapshotable {
  readonly snapshotId = 's390-virtio';
  readonly #storage: AbsoluteStorage;
  readonly #at: number;
  readonly #interrupt: BusInterrupt;
  readonly #early: ConsoleDevice | undefined;
  readonly #slots: Slot[] = [];
  #nextDescriptor: number;
  #nextRing: number;

  /**
   * `at`: where the guest's storage ends, and {@link S390_BUS_SIZE} bytes more of `storage` are the
   * bus's. `early`: where text goes before the guest has drivers.
   */
  constructor(
    storage: AbsoluteStorage,
    at: number,
    interrupt: BusInterrupt,
    early?: ConsoleDevice,
  ) {
    assert(storage.contains(at, S390_BUS_SIZE), 'no storage for the virtio bus');
    this.#storage = storage;
    this.#at = at;
    this.#interrupt = interrupt;
    this.#early = early;
    this.#nextDescriptor = at;
    this.#nextRing = at + PAGE_SIZE;
  }

  attach(device: VirtioDevice): void {
    const rings = device.queues.map(() => {
      const ring = this.#nextRing;
      this.#nextRing += RING_SIZE;
      return ring;
    });
    const slot = { device, at: this.#nextDescriptor, rings };
    this.#nextDescriptor += configurationAt(slot) - slot.at + device.configuration(false).length;
    // The page ends with a type of zero.
    const queues = this.#slots.reduce((sum, { rings }) => sum + rings.length, rings.length);
    assert(
      this.#nextDescriptor < this.#at + PAGE_SIZE && queues <= MOST_QUEUES,
      'too many devices for the virtio bus',
    );
    this.#slots.push(slot);
    device.connect(this.#transport(slot));
    this.#reset(slot);
  }

  /**
   * DIAGNOSE 0x500 with a function number and its operand (general registers 1 and 2): what general
   * register 2 is to hold, 0 or a negative Linux error number.
   */
  hypercall(code: number, operand: bigint): number {
    const at = Number(operand);
    if (code === S390_BUS_NOTIFY) return this.#notify(at);
    const slot = this.#slots.find((one) => one.at === at);
    if (!slot) return -EINVAL;
    if (code === S390_BUS_RESET) this.#reset(slot);
    else if (code === S390_BUS_SET_STATUS) this.#setStatus(slot);
    else return -EINVAL;
    return 0;
  }

  reset(): void {
    for (const slot of this.#slots) this.#reset(slot);
  }

  save(): Saved {
    return { devices: this.#slots.map(({ device }) => device.save()) };
  }

  load(saved: Saved): void {
    const devices = new SavedRecord(saved, 'the virtio bus').list('devices');
    if (devices.length !== this.#slots.length) {
      throw new SnapshotError('the snapshot is of a machine with other virtio devices');
    }
    this.#slots.forEach(({ device }, i) => device.load(devices[i]));
  }

  #notify(at: number): number {
    if (at < this.#at) return this.#printEarly(at);
    for (const { device, rings } of this.#slots) {
      const index = rings.indexOf(at);
      if (index < 0) continue;
      device.notify(index);
      return 0;
    }
    return -EINVAL;
  }

  /** Linux' console, before its driver is there, notifies the address of a string. */
  #printEarly(at: number): number {
    const text = this.#storage.slice(at, Math.min(LONGEST_TEXT, this.#at - at));
    const end = text.indexOf(0);
    this.#early?.write(text.slice(0, end < 0 ? text.length : end));
    return 0;
  }

  #setStatus(slot: Slot): void {
    const { device, at, rings } = slot;
    const status = this.#storage.read8(at + STATUS_FIELD);
    // A reset would take the rings, which the driver cannot place anew.
    if (status === 0) {
      this.#reset(slot);
      return;
    }
    const features = this.#storage.slice(at + featuresOffset(rings.length) + FEATURE_SIZE, 4);
    device.accept(0, littleEndianWord(features));
    device.setStatus(status);
  }

  /** Writes the descriptor anew and empties the rings. */
  #reset(slot: Slot): void {
    const { device, at, rings } = slot;
    const storage = this.#storage;
    device.reset();
    const configuration = device.configuration(false);
    storage.write(
      at,
      Uint8Array.of(device.type, rings.length, FEATURE_SIZE, configuration.length, 0),
    );
    rings.forEach((ring, i) => {
      const { maximum } = device.queues[i];
      storage.fill(ring, RING_SIZE, 0);
      device.placeQueue(i, legacyRing(ring, maximum, RING_ALIGNMENT));
      // The token before it stays: the driver wrote it.
      const place = at + HEADER_SIZE + i * QUEUE_SIZE;
      storage.write64(place + 8, BigInt(ring));
      storage.write16(place + 16, maximum);
    });
    const features = new Uint8Array(2 * FEATURE_SIZE);
    const offered = Number(device.offered(true) & 0xffff_ffffn);
    new DataView(features.buffer).setUint32(0, offered, true);
    storage.write(at + featuresOffset(rings.length), features);
    storage.write(configurationAt(slot), configuration);
  }

  #transport(slot: Slot): VirtioTransport {
    const token = (index: number) =>
      this.#storage.read64(slot.at + HEADER_SIZE + index * QUEUE_SIZE);
    return {
      queueInterrupt: (index) => this.#interrupt(RING_INTERRUPT, token(index)),
      configurationInterrupt: () => {
        this.#storage.write(configurationAt(slot), slot.device.configuration(false));
        this.#interrupt(CONFIGURATION_CHANGED, token(0));
      },
    };
  }
}

/** Where the features begin within a descriptor. */
function featuresOffset(queues: number): number {
  return HEADER_SIZE + queues * QUEUE_SIZE;
}

function configurationAt({ at, rings }: Slot): number {
  return at + featuresOffset(rings.length) + 2 * FEATURE_SIZE;
}

function littleEndianWord(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

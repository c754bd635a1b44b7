import type { AbsoluteStorage } from '../../memory/absolute-storage.ts';
import { SavedRecord } from '../css/saved-record.ts';
import type { Saved } from '../services.ts';
import { DescriptorChain, type Area } from './descriptor-chain.ts';

/** The driver broke the rules of virtqueues: the device is to be marked broken. */
export class VirtioError extends Error {}

/** Descriptor flags (virtio 1.2, "The Virtqueue Descriptor Table"). */
const DESCRIPTOR_NEXT = 1;
const DESCRIPTOR_WRITE = 2;
const DESCRIPTOR_INDIRECT = 4;
const DESCRIPTOR_SIZE = 16;

const AVAILABLE_NO_INTERRUPT = 1;
const USED_NO_NOTIFY = 1;
const USED_ELEMENT_SIZE = 8;

/** Where the parts of a ring are, by absolute address. */
export interface RingPlace {
  readonly size: number;
  readonly descriptors: number;
  readonly available: number;
  readonly used: number;
}

/** Bytes of a legacy ring's parts: the used ring begins at the next multiple of `alignment`. */
export function legacyRing(at: number, size: number, alignment: number): RingPlace {
  const available = at + size * DESCRIPTOR_SIZE;
  const end = available + 6 + 2 * size;
  const used = Math.ceil(end / alignment) * alignment;
  return { size, descriptors: at, available, used };
}

/** What the driver and the device agreed on. */
export interface RingRules {
  /** Fields are little-endian (VIRTIO_F_VERSION_1), or as the guest's: big-endian. */
  readonly littleEndian: boolean;
  readonly eventIndex: boolean;
}

/**
 * A split virtqueue in guest storage, from the device's side (virtio 1.2, "Split Virtqueues").
 * What the driver wrote is checked: a method throws {@link VirtioError} and nothing else.
 */
export class Virtqueue {
  readonly index: number;
  /** Most descriptors: what the device offers. */
  readonly maximum: number;
  readonly #storage: AbsoluteStorage;
  readonly #view: DataView;
  #place: RingPlace | undefined;
  #accessible = false;
  #rules: RingRules = { littleEndian: false, eventIndex: false };
  /** Ring indices, modulo 0x10000: next to be taken, next to be given back. */
  #taken = 0;
  #given = 0;
  /** What `#given` was when {@link wantsInterrupt} was last asked. */
  #asked = 0;
  #notifications = true;

  constructor(index: number, maximum: number, storage: AbsoluteStorage) {
    this.index = index;
    this.maximum = maximum;
    this.#storage = storage;
    this.#view = storage.view;
  }

  /** Whether the driver said where the ring is. */
  get ready(): boolean {
    return this.#place !== undefined;
  }

  /** Puts the ring at a place, or nowhere; it is empty then. */
  place(place: RingPlace | undefined): void {
    this.#place = place;
    this.#taken = 0;
    this.#given = 0;
    this.#asked = 0;
    this.#notifications = true;
    this.#accessible = place !== undefined && this.#isAccessible(place);
  }

  set rules(rules: RingRules) {
    this.#rules = rules;
  }

  /** The next chain of descriptors, or undefined when the driver has made no more available. */
  take(): DescriptorChain | undefined {
    const place = this.#usable();
    if (!place || !this.#waiting(place)) return undefined;
    const slot = this.#taken & (place.size - 1);
    const head = this.#read16(place.available + 4 + 2 * slot);
    const chain = this.#chain(place, head);
    this.#taken = (this.#taken + 1) & 0xffff;
    if (this.#notifications) this.#askForNotification(place);
    return chain;
  }

  /** Puts back the `count` chains that were taken last. */
  untake(count: number): void {
    this.#taken = (this.#taken - count) & 0xffff;
  }

  /** Whether {@link take} has something to give. */
  get hasAvailable(): boolean {
    const place = this.#usable();
    return place !== undefined && this.#waiting(place);
  }

  /** Gives a chain back, `written` bytes of whose writable part the device has filled. */
  give(chain: DescriptorChain, written: number): void {
    const place = this.#usable();
    if (!place) return;
    const slot = place.used + 4 + USED_ELEMENT_SIZE * (this.#given & (place.size - 1));
    this.#write32(slot, chain.head);
    this.#write32(slot + 4, written);
    this.#given = (this.#given + 1) & 0xffff;
    this.#write16(place.used + 2, this.#given);
  }

  /** Whether the driver wants an interruption for what was given since this was last asked. */
  wantsInterrupt(): boolean {
    const place = this.#usable();
    const before = this.#asked;
    this.#asked = this.#given;
    if (!place || before === this.#given) return false;
    if (!this.#rules.eventIndex) {
      return (this.#read16(place.available) & AVAILABLE_NO_INTERRUPT) === 0;
    }
    // "Used Buffer Notification Suppression": the driver waits for the used index to pass an event.
    const event = this.#read16(place.available + 4 + 2 * place.size);
    const passed = (this.#given - event - 1) & 0xffff;
    return passed < ((this.#given - before) & 0xffff);
  }

  /** Whether the driver is to notify the device when it makes buffers available. */
  setNotifications(wanted: boolean): void {
    if (this.#notifications === wanted) return;
    this.#notifications = wanted;
    const place = this.#usable();
    if (!place) return;
    if (!this.#rules.eventIndex) this.#write16(place.used, wanted ? 0 : USED_NO_NOTIFY);
    else if (wanted) this.#askForNotification(place);
  }

  save(): Saved {
    const place = this.#place;
    return {
      place: place ? { ...place } : null,
      littleEndian: this.#rules.littleEndian,
      eventIndex: this.#rules.eventIndex,
      taken: this.#taken,
      given: this.#given,
      asked: this.#asked,
      notifications: this.#notifications,
    };
  }

  load(saved: Saved): void {
    const record = new SavedRecord(saved, `virtqueue ${this.index}`);
    this.place(undefined);
    if (record.field('place') !== null) {
      const place = record.record('place');
      this.place({
        size: place.number('size'),
        descriptors: place.number('descriptors'),
        available: place.number('available'),
        used: place.number('used'),
      });
    }
    this.#rules = {
      littleEndian: record.boolean('littleEndian'),
      eventIndex: record.boolean('eventIndex'),
    };
    this.#taken = record.number('taken');
    this.#given = record.number('given');
    this.#asked = record.number('asked');
    this.#notifications = record.boolean('notifications');
  }

  #isAccessible({ size, descriptors, available, used }: RingPlace): boolean {
    return (
      this.#storage.contains(descriptors, size * DESCRIPTOR_SIZE) &&
      this.#storage.contains(available, 6 + 2 * size) &&
      this.#storage.contains(used, 6 + USED_ELEMENT_SIZE * size)
    );
  }

  #usable(): RingPlace | undefined {
    if (this.#place && !this.#accessible) {
      throw new VirtioError(`virtqueue ${this.index} is not in storage`);
    }
    return this.#place;
  }

  #waiting(place: RingPlace): boolean {
    const waiting = (this.#read16(place.available + 2) - this.#taken) & 0xffff;
    if (waiting > place.size) {
      throw new VirtioError(`virtqueue ${this.index}: more buffers available than the ring has`);
    }
    return waiting > 0;
  }

  #askForNotification(place: RingPlace): void {
    if (!this.#rules.eventIndex) return;
    this.#write16(place.used + 4 + USED_ELEMENT_SIZE * place.size, this.#taken);
  }

  /** Follows a chain; no chain is longer than the table that it is in. */
  #chain(place: RingPlace, head: number): DescriptorChain {
    const readable: Area[] = [];
    const writable: Area[] = [];
    let table = place.descriptors;
    let entries = place.size;
    let next = head;
    for (let visited = 0; ; visited++) {
      if (next >= entries || visited >= entries) {
        throw new VirtioError(`virtqueue ${this.index}: a descriptor chain leaves or circles`);
      }
      const at = table + next * DESCRIPTOR_SIZE;
      const area = { at: this.#readAddress(at), length: this.#read32(at + 8) };
      const flags = this.#read16(at + 12);
      if (!this.#storage.contains(area.at, area.length)) {
        throw new VirtioError(`virtqueue ${this.index}: a buffer is not in storage`);
      }
      if (flags & DESCRIPTOR_INDIRECT) {
        if (table !== place.descriptors || flags & DESCRIPTOR_NEXT) {
          throw new VirtioError(`virtqueue ${this.index}: misplaced indirect descriptor`);
        }
        if (area.length === 0 || area.length % DESCRIPTOR_SIZE !== 0) {
          throw new VirtioError(`virtqueue ${this.index}: invalid indirect table`);
        }
        table = area.at;
        // Rings have at most 0x8000 descriptors, chains not more than a ring.
        entries = Math.min(area.length / DESCRIPTOR_SIZE, 0x8000);
        next = 0;
        visited = -1;
        continue;
      }
      if (flags & DESCRIPTOR_WRITE) {
        writable.push(area);
      } else if (writable.length > 0) {
        throw new VirtioError(`virtqueue ${this.index}: a readable buffer after a writable one`);
      } else {
        readable.push(area);
      }
      if (!(flags & DESCRIPTOR_NEXT)) break;
      next = this.#read16(at + 14);
    }
    return new DescriptorChain(this.#storage, head, readable, writable);
  }

  #read16(at: number): number {
    return this.#view.getUint16(at, this.#rules.littleEndian);
  }

  #read32(at: number): number {
    return this.#view.getUint32(at, this.#rules.littleEndian);
  }

  /** A 64-bit address as a number: rounded where it is too large to be in storage anyway. */
  #readAddress(at: number): number {
    const { littleEndian } = this.#rules;
    const first = this.#view.getUint32(at, littleEndian);
    const second = this.#view.getUint32(at + 4, littleEndian);
    return littleEndian ? second * 0x1_0000_0000 + first : first * 0x1_0000_0000 + second;
  }

  #write16(at: number, value: number): void {
    this.#storage.changing(at, 2);
    this.#view.setUint16(at, value, this.#rules.littleEndian);
  }

  #write32(at: number, value: number): void {
    this.#storage.changing(at, 4);
    this.#view.setUint32(at, value, this.#rules.littleEndian);
  }
}

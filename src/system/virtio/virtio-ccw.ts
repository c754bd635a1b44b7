import { ProgramInterruption } from '../../cpu/interruption.ts';
import type { AbsoluteStorage } from '../../memory/absolute-storage.ts';
import type { ChannelSubsystem } from '../css/channel-subsystem.ts';
import {
  COMMAND_DONE,
  failCommand,
  refuseCommand,
  type ChannelDevice,
  type CommandData,
  type CommandResult,
  type DeviceIdentity,
  type SubchannelLink,
} from '../css/device.ts';
import { SENSE_COMMAND_REJECT, SENSE_DATA_CHECK } from '../css/layout.ts';
import { SavedRecord } from '../css/saved-record.ts';
import type { InterruptionSink, Saved, Snapshotable } from '../services.ts';
import { STATUS_FEATURES_OK, type VirtioDevice, type VirtioTransport } from './virtio-device.ts';
import { legacyRing, type RingPlace } from './virtqueue.ts';

/** Control-unit type of all virtio-ccw devices; the model is the virtio device type. */
const CONTROL_UNIT_TYPE = 0x3832;

/** Commands (virtio 1.2, "Virtio over channel I/O"). */
const SET_VQ = 0x13;
const VDEV_RESET = 0x33;
const SET_IND = 0x43;
const SET_CONF_IND = 0x53;
const SET_IND_ADAPTER = 0x73;
const READ_STATUS = 0x72;
const READ_FEAT = 0x12;
const WRITE_FEAT = 0x11;
const READ_CONF = 0x22;
const WRITE_CONF = 0x21;
const WRITE_STATUS = 0x31;
const READ_VQ_CONF = 0x32;
const SET_VIRTIO_REV = 0x83;

const LAST_REVISION = 2;
const LEGACY_ALIGNMENT = 4096;

/** Where the device sets bits for the driver; addresses are absolute. */
interface Indicators {
  /** Classic: 64 bits, one for each queue. Adapter: a bit string that other devices share. */
  readonly at: number;
  /** With an adapter interruption: the queues' first bit, summary byte, interruption subclass. */
  readonly adapter?: { readonly bit: number; readonly summary: number; readonly isc: number };
}

/** A virtio device behind a subchannel: the virtio-ccw transport. */
export class VirtioCcw implements ChannelDevice, VirtioTransport, Snapshotable {
  readonly snapshotId: string;
  readonly identity: DeviceIdentity;
  readonly device: VirtioDevice;
  readonly #storage: AbsoluteStorage;
  readonly #sink: InterruptionSink;
  #link: SubchannelLink | undefined;
  /** Undefined until the driver chooses; a legacy driver chooses 0 by its first other command. */
  #revision: number | undefined;
  #indicators: Indicators | undefined;
  /** Absolute address of the doubleword for configuration changes; 0: none. */
  #configurationIndicators = 0;

  /** `id`: the name in snapshots, such as `virtio-blk.0`. */
  constructor(id: string, device: VirtioDevice, storage: AbsoluteStorage, sink: InterruptionSink) {
    this.snapshotId = id;
    this.device = device;
    this.#storage = storage;
    this.#sink = sink;
    this.identity = {
      controlUnitType: CONTROL_UNIT_TYPE,
      controlUnitModel: device.type,
      deviceType: 0,
      deviceModel: 0,
    };
    device.connect(this);
  }

  attached(link: SubchannelLink): void {
    this.#link = link;
  }

  execute(command: number, data: CommandData): CommandResult {
    if (command === SET_VIRTIO_REV) return this.#setRevision(data);
    this.#revision ??= 0;
    switch (command) {
      case VDEV_RESET:
        this.#resetDevice();
        return COMMAND_DONE;
      case READ_FEAT:
        return this.#readFeatures(data);
      case WRITE_FEAT:
        return this.#writeFeatures(data);
      case READ_CONF:
        data.sendUpTo(this.#configuration());
        return COMMAND_DONE;
      case WRITE_CONF:
        this.device.configure(data.receiveUpTo(this.#configuration().length));
        return COMMAND_DONE;
      case READ_STATUS:
        return result(data.send(Uint8Array.of(this.device.status)));
      case WRITE_STATUS:
        return this.#writeStatus(data);
      case READ_VQ_CONF:
        return this.#readQueueConfiguration(data);
      case SET_VQ:
        return this.#legacy ? this.#setLegacyQueue(data) : this.#setQueue(data);
      case SET_IND:
        return this.#setIndicators(data);
      case SET_CONF_IND:
        return this.#setConfigurationIndicators(data);
      case SET_IND_ADAPTER:
        return this.#setAdapterIndicators(data);
      default:
        return refuseCommand(SENSE_COMMAND_REJECT);
    }
  }

  disabled(): void {
    this.#revision = undefined;
  }

  reset(): void {
    this.#resetDevice();
    this.#revision = undefined;
  }

  queueInterrupt(index: number): void {
    const indicators = this.#indicators;
    if (!indicators) return;
    const { at, adapter } = indicators;
    if (!adapter) {
      if (this.#setBit64(at, index)) this.#link?.alert();
      return;
    }
    const bit = adapter.bit + index;
    const byte = at + Math.floor(bit / 8);
    if (!this.#storage.contains(byte, 1) || !this.#storage.contains(adapter.summary, 1)) return;
    this.#storage.write8(byte, this.#storage.read8(byte) | (0x80 >>> (bit % 8)));
    const summary = this.#storage.read8(adapter.summary);
    this.#storage.write8(adapter.summary, summary | 1);
    // As long as the driver has not seen the summary, it has still to look at the bits.
    if (summary !== 0) return;
    this.#sink.raiseIo({ subsystemId: 0, parameter: 0, isc: adapter.isc, adapter: true });
  }

  configurationInterrupt(): void {
    const at = this.#configurationIndicators;
    if (at !== 0 && this.#setBit64(at, 0)) this.#link?.alert();
  }

  save(): Saved {
    const { at, adapter } = this.#indicators ?? { at: 0 };
    return {
      revision: this.#revision ?? null,
      indicators: at,
      adapter: adapter ? { ...adapter } : null,
      configurationIndicators: this.#configurationIndicators,
      device: this.device.save(),
    };
  }

  load(saved: Saved): void {
    const record = new SavedRecord(saved, this.snapshotId);
    this.#revision = record.field('revision') === null ? undefined : record.number('revision');
    const at = record.number('indicators');
    const adapter = record.field('adapter') === null ? undefined : record.record('adapter');
    this.#indicators = at === 0 ? undefined : { at };
    if (at !== 0 && adapter) {
      const [bit, summary] = [adapter.number('bit'), adapter.number('summary')];
      this.#indicators = { at, adapter: { bit, summary, isc: adapter.number('isc') } };
    }
    this.#configurationIndicators = record.number('configurationIndicators');
    this.device.load(record.field('device'));
  }

  get #legacy(): boolean {
    return (this.#revision ?? 0) === 0;
  }

  #resetDevice(): void {
    this.device.reset();
    this.#indicators = undefined;
    this.#configurationIndicators = 0;
  }

  #setRevision(data: CommandData): CommandResult {
    const header = data.receive(4);
    if (header.length < 4) return result(false);
    const view = viewOf(header);
    const revision = view.getUint16(0);
    const length = view.getUint16(2);
    if (data.receive(length).length < length) return result(false);
    if (this.#revision !== undefined || revision > LAST_REVISION) {
      return refuseCommand(SENSE_COMMAND_REJECT);
    }
    this.#revision = revision;
    return COMMAND_DONE;
  }

  /** The driver puts the number of a word of features behind the place for the word. */
  #readFeatures(data: CommandData): CommandResult {
    const area = data.peek(5);
    const answer = new Uint8Array(5);
    answer[4] = area[4] ?? 0;
    const offered = this.device.offered(this.#legacy);
    const word = area.length < 5 || area[4] > 1 ? 0n : offered >> BigInt(32 * area[4]);
    viewOf(answer).setUint32(0, Number(word & 0xffff_ffffn), true);
    return result(data.send(answer));
  }

  #writeFeatures(data: CommandData): CommandResult {
    const area = data.receive(5);
    if (area.length < 5) return result(false);
    const word = viewOf(area).getUint32(0, true);
    if (area[4] === 0) this.device.accept(0, word);
    else if (area[4] === 1 && !this.#legacy) this.device.accept(1, word);
    return COMMAND_DONE;
  }

  /**
   * Little-endian once the driver accepted VIRTIO_F_VERSION_1. A driver that negotiated a revision
   * for it but has not written its features reads the same: Linux' drivers look before they write.
   */
  #configuration(): Uint8Array {
    const undecided = !this.#legacy && !(this.device.status & STATUS_FEATURES_OK);
    return this.device.configuration(this.device.modern || undecided);
  }

  #writeStatus(data: CommandData): CommandResult {
    const bytes = data.receive(1);
    if (bytes.length < 1) return result(false);
    if (bytes[0] === 0) this.#resetDevice();
    else this.device.setStatus(bytes[0]);
    return COMMAND_DONE;
  }

  #readQueueConfiguration(data: CommandData): CommandResult {
    const area = data.peek(2);
    const index = area.length < 2 ? 0 : viewOf(area).getUint16(0);
    const answer = new Uint8Array(4);
    answer.set(area);
    viewOf(answer).setUint16(2, this.device.queues[index]?.maximum ?? 0);
    return result(data.send(answer));
  }

  #setLegacyQueue(data: CommandData): CommandResult {
    const block = data.receive(16);
    if (block.length < 16) return result(false);
    const view = viewOf(block);
    const at = Number(view.getBigUint64(0));
    const queue = this.device.queues[view.getUint16(12)];
    if (!queue) return refuseCommand(SENSE_COMMAND_REJECT);
    if (at === 0) return this.#placeQueue(queue.index, undefined);
    // The driver cannot choose the size: it has the parts where this size puts them.
    const fits = view.getUint32(8) === LEGACY_ALIGNMENT && view.getUint16(14) === queue.maximum;
    if (!fits) return refuseCommand(SENSE_COMMAND_REJECT);
    return this.#placeQueue(queue.index, legacyRing(at, queue.maximum, LEGACY_ALIGNMENT));
  }

  #setQueue(data: CommandData): CommandResult {
    const block = data.receive(32);
    if (block.length < 32) return result(false);
    const view = viewOf(block);
    const queue = this.device.queues[view.getUint16(12)];
    if (!queue) return refuseCommand(SENSE_COMMAND_REJECT);
    const descriptors = Number(view.getBigUint64(0));
    if (descriptors === 0) return this.#placeQueue(queue.index, undefined);
    const size = view.getUint16(14);
    if (size === 0 || size > queue.maximum || (size & (size - 1)) !== 0) {
      return refuseCommand(SENSE_COMMAND_REJECT);
    }
    const available = Number(view.getBigUint64(16));
    const used = Number(view.getBigUint64(24));
    return this.#placeQueue(queue.index, { size, descriptors, available, used });
  }

  #placeQueue(index: number, place: RingPlace | undefined): CommandResult {
    this.device.placeQueue(index, place);
    return COMMAND_DONE;
  }

  #setIndicators(data: CommandData): CommandResult {
    if (this.#indicators?.adapter) return refuseCommand(SENSE_COMMAND_REJECT);
    const block = data.receive(8);
    if (block.length < 8) return result(false);
    const at = Number(viewOf(block).getBigUint64(0));
    this.#indicators = at === 0 ? undefined : { at };
    return COMMAND_DONE;
  }

  #setConfigurationIndicators(data: CommandData): CommandResult {
    const block = data.receive(8);
    if (block.length < 8) return result(false);
    this.#configurationIndicators = Number(viewOf(block).getBigUint64(0));
    return COMMAND_DONE;
  }

  #setAdapterIndicators(data: CommandData): CommandResult {
    if (this.#indicators && !this.#indicators.adapter) return refuseCommand(SENSE_COMMAND_REJECT);
    const block = data.receive(25);
    if (block.length < 25) return result(false);
    const view = viewOf(block);
    const summary = Number(view.getBigUint64(0));
    const at = Number(view.getBigUint64(8));
    const bit = Number(view.getBigUint64(16));
    const isc = view.getUint8(24);
    if (isc > 7) return refuseCommand(SENSE_COMMAND_REJECT);
    const given = summary !== 0 && at !== 0;
    this.#indicators = given ? { at, adapter: { bit, summary, isc } } : undefined;
    return COMMAND_DONE;
  }

  /** Sets a bit, counted from the right, of a doubleword; false when that is not in storage. */
  #setBit64(at: number, bit: number): boolean {
    if (!this.#storage.contains(at, 8)) return false;
    this.#storage.write64(at, this.#storage.read64(at) | (1n << BigInt(bit)));
    return true;
  }
}

/** Of a command with data of fixed length: whether all of it was transferred. */
function result(complete: boolean): CommandResult {
  return complete ? COMMAND_DONE : failCommand(SENSE_DATA_CHECK);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Linux' number for an invalid argument: what the hypercall answers. */
const EINVAL = 22;

/**
 * DIAGNOSE 0x500 function 3: the driver notifies a queue of the device at `subchannelId` (general
 * register 2); `queue` is general register 3. Returns what general register 2 is to hold: 0, or a
 * negative Linux error number.
 */
export function notifyVirtioCcw(
  subsystem: ChannelSubsystem,
  subchannelId: number,
  queue: bigint,
): number {
  try {
    const device = subsystem.find(subchannelId)?.device;
    if (!(device instanceof VirtioCcw) || queue >= BigInt(device.device.queues.length)) {
      return -EINVAL;
    }
    device.device.notify(Number(queue));
    return 0;
  } catch (error) {
    if (error instanceof ProgramInterruption) return -EINVAL;
    throw error;
  }
}

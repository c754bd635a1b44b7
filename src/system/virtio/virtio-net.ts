import type { AbsoluteStorage } from '../../memory/absolute-storage.ts';
import { SavedRecord } from '../css/saved-record.ts';
import type { Network, Saved } from '../services.ts';
import type { DescriptorChain } from './descriptor-chain.ts';
import { STATUS_DRIVER_OK, TYPE_NET, VirtioDevice } from './virtio-device.ts';
import { VirtioError, type Virtqueue } from './virtqueue.ts';

/** Features and configuration (virtio 1.2, "Network Device"). */
const FEATURE_MAC = 1n << 5n;
const FEATURE_MERGE = 1n << 15n;
const FEATURE_STATUS = 1n << 16n;
const CONFIGURATION_SIZE = 8;
const LINK_UP = 1;

const RECEIVE = 0;
const TRANSMIT = 1;
const QUEUE_SIZE = 256;

const LARGEST_FRAME = 1514;
const SMALLEST_FRAME = 14;
/** Where the header has the number of buffers that a frame takes. */
const BUFFERS_FIELD = 10;
/** Frames that wait for buffers at most; what comes then is lost. */
const MOST_WAITING = 512;

/** A network adapter over a network, without offloads. */
export class VirtioNet extends VirtioDevice {
  readonly #network: Network;
  readonly #mac: Uint8Array;
  #waiting: Uint8Array[] = [];

  /** `mac`: the 6 bytes of the guest's address. */
  constructor(storage: AbsoluteStorage, network: Network, mac: Uint8Array) {
    super({
      storage,
      type: TYPE_NET,
      features: FEATURE_MAC | FEATURE_STATUS | FEATURE_MERGE,
      queueSizes: [QUEUE_SIZE, QUEUE_SIZE],
    });
    this.#network = network;
    this.#mac = mac.slice(0, 6);
    network.onFrame((frame) => this.#receive(frame));
  }

  configuration(littleEndian: boolean): Uint8Array {
    const bytes = new Uint8Array(CONFIGURATION_SIZE);
    bytes.set(this.#mac);
    new DataView(bytes.buffer).setUint16(6, LINK_UP, littleEndian);
    return bytes;
  }

  protected override process(queue: Virtqueue): void {
    if (queue.index === TRANSMIT) this.#transmit(queue);
    else this.#deliver();
  }

  protected override resetDevice(): void {
    this.#waiting = [];
  }

  protected override saveDevice(): Saved {
    return { waiting: this.#waiting };
  }

  protected override loadDevice(saved: Saved): void {
    const frames = new SavedRecord(saved, 'a virtio network adapter').list('waiting');
    this.#waiting = frames.filter((frame) => frame instanceof Uint8Array);
  }

  /** The header in front of frames: 12 bytes, or 10 in legacy mode without merged buffers. */
  get #headerSize(): number {
    return this.modern || this.has(FEATURE_MERGE) ? 12 : 10;
  }

  #transmit(queue: Virtqueue): void {
    let chain;
    while ((chain = queue.take())) {
      const length = chain.readableLength - this.#headerSize;
      // The header asks for no offload: none was offered.
      const frame = length <= LARGEST_FRAME ? chain.read(this.#headerSize, length) : undefined;
      queue.give(chain, 0);
      if (frame && frame.length >= SMALLEST_FRAME) this.#network.send(frame);
    }
    this.interrupt(queue);
  }

  #receive(frame: Uint8Array): void {
    if (!(this.status & STATUS_DRIVER_OK) || this.#waiting.length >= MOST_WAITING) return;
    this.#waiting.push(frame.slice());
    this.guarded(() => this.#deliver());
  }

  /** Gives the waiting frames to the driver, as far as there are buffers. */
  #deliver(): void {
    const queue = this.queues[RECEIVE];
    if (!queue.ready) return;
    // Notifications help only while a frame waits for buffers.
    queue.setNotifications(false);
    let delivered = 0;
    while (delivered < this.#waiting.length && this.#place(queue, this.#waiting[delivered])) {
      delivered++;
    }
    this.#waiting.splice(0, delivered);
    if (this.#waiting.length > 0) queue.setNotifications(true);
    this.interrupt(queue);
  }

  /** Writes a frame into buffers; false when there are too few. */
  #place(queue: Virtqueue, frame: Uint8Array): boolean {
    const merge = this.has(FEATURE_MERGE);
    const packet = new Uint8Array(this.#headerSize + frame.length);
    packet.set(frame, this.#headerSize);
    const chains: DescriptorChain[] = [];
    let room = 0;
    while (room < packet.length) {
      const chain = queue.take();
      if (!chain) {
        queue.untake(chains.length);
        return false;
      }
      if (chain.writableLength < this.#headerSize) {
        throw new VirtioError('a receive buffer without room for the header');
      }
      chains.push(chain);
      room += chain.writableLength;
      if (!merge && room < packet.length) {
        // The driver made its buffers too small for the frame: it is lost.
        queue.untake(1);
        return true;
      }
    }
    if (this.#headerSize > BUFFERS_FIELD) {
      new DataView(packet.buffer).setUint16(BUFFERS_FIELD, chains.length, this.modern);
    }
    let done = 0;
    for (const chain of chains) {
      const written = chain.write(0, packet.subarray(done, done + chain.writableLength));
      queue.give(chain, written);
      done += written;
    }
    return true;
  }
}

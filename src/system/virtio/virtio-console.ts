import type { AbsoluteStorage } from '../../memory/absolute-storage.ts';
import { SavedRecord } from '../css/saved-record.ts';
import type { ConsoleDevice, Saved } from '../services.ts';
import { TYPE_CONSOLE, VirtioDevice } from './virtio-device.ts';
import type { Virtqueue } from './virtqueue.ts';

/** Features and configuration (virtio 1.2, "Console Device"). */
const FEATURE_EMERGENCY_WRITE = 1n << 2n;
const CONFIGURATION_SIZE = 12;
const EMERGENCY_FIELD = 8;

const RECEIVE = 0;
const TRANSMIT = 1;
const QUEUE_SIZE = 128;
/** Bytes written to the console at once. */
const PIECE = 0x1_0000;
/** Input that waits for buffers at most; what comes then is lost. */
const MOST_INPUT = 0x10_0000;

/** A console with one port. Input waits for the driver, also while it resets the device. */
export class VirtioConsole extends VirtioDevice {
  readonly #console: ConsoleDevice;
  #input = new Uint8Array(0);

  constructor(storage: AbsoluteStorage, console: ConsoleDevice) {
    super({
      storage,
      type: TYPE_CONSOLE,
      features: FEATURE_EMERGENCY_WRITE,
      queueSizes: [QUEUE_SIZE, QUEUE_SIZE],
    });
    this.#console = console;
    console.onInput((bytes) => this.#take(bytes));
  }

  /** Bytes of input that wait for the driver. */
  get queuedInput(): number {
    return this.#input.length;
  }

  configuration(littleEndian: boolean): Uint8Array {
    const bytes = new Uint8Array(CONFIGURATION_SIZE);
    // One port; without their feature the size fields do not count.
    new DataView(bytes.buffer).setUint32(4, 1, littleEndian);
    return bytes;
  }

  /** A write to the last field shows a character, whatever state the device is in. */
  override configure(bytes: Uint8Array): void {
    if (bytes.length < CONFIGURATION_SIZE) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#console.write(Uint8Array.of(view.getUint32(EMERGENCY_FIELD, this.modern)));
  }

  protected override process(queue: Virtqueue): void {
    if (queue.index === RECEIVE) {
      this.#deliver();
      return;
    }
    if (queue.index !== TRANSMIT) return;
    let chain;
    while ((chain = queue.take())) {
      for (let done = 0; done < chain.readableLength; done += PIECE) {
        this.#console.write(chain.read(done, PIECE));
      }
      queue.give(chain, 0);
    }
    this.interrupt(queue);
  }

  protected override saveDevice(): Saved {
    return { input: this.#input };
  }

  protected override loadDevice(saved: Saved): void {
    this.#input = new SavedRecord(saved, 'a virtio console').bytes('input').slice();
  }

  #take(bytes: Uint8Array): void {
    const taken = bytes.subarray(0, Math.max(0, MOST_INPUT - this.#input.length));
    const input = new Uint8Array(this.#input.length + taken.length);
    input.set(this.#input);
    input.set(taken, this.#input.length);
    this.#input = input;
    this.guarded(() => this.#deliver());
  }

  #deliver(): void {
    const queue = this.queues[RECEIVE];
    if (!queue.ready) return;
    let done = 0;
    while (done < this.#input.length) {
      const chain = queue.take();
      if (!chain) break;
      const written = chain.write(0, this.#input.subarray(done, done + chain.writableLength));
      queue.give(chain, written);
      done += written;
    }
    this.#input = this.#input.slice(done);
    this.interrupt(queue);
  }
}

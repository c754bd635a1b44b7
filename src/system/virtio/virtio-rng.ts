import type { AbsoluteStorage } from '../../memory/absolute-storage.ts';
import { TYPE_ENTROPY, VirtioDevice } from './virtio-device.ts';
import type { Virtqueue } from './virtqueue.ts';

const QUEUE_SIZE = 8;
/** Random bytes for one request at most: the driver asks again if it needs more. */
const MOST_BYTES = 0x1_0000;

/** A source of random numbers (virtio 1.2, "Entropy Device"). */
export class VirtioRng extends VirtioDevice {
  readonly #random: (bytes: Uint8Array) => void;

  /** `random` fills an array with random bytes. */
  constructor(storage: AbsoluteStorage, random: (bytes: Uint8Array) => void) {
    super({ storage, type: TYPE_ENTROPY, features: 0n, queueSizes: [QUEUE_SIZE] });
    this.#random = random;
  }

  configuration(): Uint8Array {
    return new Uint8Array(0);
  }

  protected override process(queue: Virtqueue): void {
    let chain;
    while ((chain = queue.take())) {
      const bytes = new Uint8Array(Math.min(chain.writableLength, MOST_BYTES));
      this.#random(bytes);
      queue.give(chain, chain.write(0, bytes));
    }
    this.interrupt(queue);
  }
}

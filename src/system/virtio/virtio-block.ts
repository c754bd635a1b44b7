import type { AbsoluteStorage } from '../../memory/absolute-storage.ts';
import { SavedRecord } from '../css/saved-record.ts';
import { DriveError, type Drive, type Saved } from '../services.ts';
import { partOf, type Area, type DescriptorChain } from './descriptor-chain.ts';
import { TYPE_BLOCK, VirtioDevice } from './virtio-device.ts';
import { VirtioError, type Virtqueue } from './virtqueue.ts';

/** Features and configuration (virtio 1.2, "Block Device"). */
const FEATURE_SEGMENTS = 1n << 2n;
const FEATURE_READ_ONLY = 1n << 5n;
const FEATURE_BLOCK_SIZE = 1n << 6n;
const FEATURE_FLUSH = 1n << 9n;
const CONFIGURATION_SIZE = 24;

const READ = 0;
const WRITE = 1;
const FLUSH = 4;
const GET_ID = 8;

const DONE = 0;
const FAILED = 1;
const UNSUPPORTED = 2;

const SECTOR = 512;
const HEADER_SIZE = 16;
const ID_SIZE = 20;
const QUEUE_SIZE = 256;
/** For requests whose buffers do not consist of whole sectors. */
const BOUNCE_SIZE = 0x1_0000;

/** A disk over a drive. Requests are done when the driver notifies. */
export class VirtioBlock extends VirtioDevice {
  readonly #drive: Drive;
  readonly #id: Uint8Array;

  /** `serial`: at most 20 characters of ASCII, for the guest to recognise the disk by. */
  constructor(storage: AbsoluteStorage, drive: Drive, serial = '') {
    super({
      storage,
      type: TYPE_BLOCK,
      features:
        FEATURE_SEGMENTS |
        FEATURE_BLOCK_SIZE |
        FEATURE_FLUSH |
        (drive.readOnly ? FEATURE_READ_ONLY : 0n),
      queueSizes: [QUEUE_SIZE],
    });
    this.#drive = drive;
    this.#id = new Uint8Array(ID_SIZE);
    this.#id.set(new TextEncoder().encode(serial).subarray(0, ID_SIZE));
  }

  configuration(littleEndian: boolean): Uint8Array {
    const bytes = new Uint8Array(CONFIGURATION_SIZE);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(this.#drive.size / SECTOR), littleEndian);
    // With header and status, a request of this many segments fits into the queue.
    view.setUint32(12, QUEUE_SIZE - 2, littleEndian);
    view.setUint32(20, SECTOR, littleEndian);
    return bytes;
  }

  protected override process(queue: Virtqueue): void {
    let chain;
    while ((chain = queue.take())) queue.give(chain, this.#request(chain));
    this.interrupt(queue);
  }

  protected override saveDevice(): Saved {
    return { size: this.#drive.size, drive: this.#drive.save() };
  }

  protected override loadDevice(saved: Saved): void {
    this.#drive.load(new SavedRecord(saved, 'a virtio disk').field('drive'));
  }

  /** Carries out a request; returns how many bytes the driver gets, the status included. */
  #request(chain: DescriptorChain): number {
    const header = chain.read(0, HEADER_SIZE);
    if (header.length < HEADER_SIZE || chain.writableLength < 1) {
      throw new VirtioError('a block request without header or status');
    }
    const view = new DataView(header.buffer);
    const type = view.getUint32(0, this.modern);
    const sector = view.getBigUint64(8, this.modern);
    const room = chain.writableLength - 1;
    let written = 0;
    let status = DONE;
    switch (type) {
      case READ:
        status = this.#transfer(partOf(chain.writable, 0, room), room, sector, false);
        if (status === DONE) written = room;
        break;
      case WRITE: {
        const length = chain.readableLength - HEADER_SIZE;
        const areas = partOf(chain.readable, HEADER_SIZE, length);
        status = this.#transfer(areas, length, sector, true);
        break;
      }
      case FLUSH:
        status = this.#attempt(() => this.#drive.flush());
        break;
      case GET_ID:
        written = chain.write(0, this.#id.subarray(0, room));
        break;
      default:
        status = UNSUPPORTED;
    }
    chain.write(room, Uint8Array.of(status));
    return written + 1;
  }

  #transfer(areas: readonly Area[], length: number, sector: bigint, write: boolean): number {
    const drive = this.#drive;
    if (length % SECTOR !== 0 || (write && drive.readOnly)) return FAILED;
    if (sector > BigInt(drive.size) || Number(sector) * SECTOR + length > drive.size) return FAILED;
    const offset = Number(sector) * SECTOR;
    return this.#attempt(() => {
      if (areas.some((area) => area.length % SECTOR !== 0)) {
        this.#transferInPieces(areas, length, offset, write);
      } else {
        this.#transferDirectly(areas, offset, write);
      }
      // A driver that knows no flush relies on what was written being safe.
      if (write && !this.has(FEATURE_FLUSH)) drive.flush();
    });
  }

  #transferDirectly(areas: readonly Area[], start: number, write: boolean): void {
    let offset = start;
    for (const { at, length } of areas) {
      if (write) {
        this.#drive.write(offset, this.storage.slice(at, length));
      } else {
        this.storage.changing(at, length);
        this.#drive.read(offset, this.storage.bytes.subarray(at, at + length));
      }
      offset += length;
    }
  }

  #transferInPieces(areas: readonly Area[], length: number, start: number, write: boolean): void {
    const bounce = new Uint8Array(Math.min(length, BOUNCE_SIZE));
    for (let done = 0; done < length; done += bounce.length) {
      const piece = bounce.subarray(0, Math.min(bounce.length, length - done));
      if (!write) this.#drive.read(start + done, piece);
      let at = 0;
      for (const area of partOf(areas, done, piece.length)) {
        const part = piece.subarray(at, at + area.length);
        if (write) part.set(this.storage.slice(area.at, area.length));
        else this.storage.write(area.at, part);
        at += area.length;
      }
      if (write) this.#drive.write(start + done, piece);
    }
  }

  #attempt(work: () => void): number {
    try {
      work();
      return DONE;
    } catch (error) {
      if (error instanceof DriveError) return FAILED;
      throw error;
    }
  }
}

import type { AbsoluteStorage } from '../../memory/absolute-storage.ts';

/** Contiguous storage, by absolute address. */
export interface Area {
  readonly at: number;
  readonly length: number;
}

function totalLength(areas: readonly Area[]): number {
  return areas.reduce((sum, { length }) => sum + length, 0);
}

/** One request in a virtqueue: areas for the device to read, then areas for it to write. */
export class DescriptorChain {
  readonly head: number;
  readonly readable: readonly Area[];
  readonly writable: readonly Area[];
  readonly readableLength: number;
  readonly writableLength: number;
  readonly #storage: AbsoluteStorage;

  /** Areas must be in storage. */
  constructor(
    storage: AbsoluteStorage,
    head: number,
    readable: readonly Area[],
    writable: readonly Area[],
  ) {
    this.#storage = storage;
    this.head = head;
    this.readable = readable;
    this.writable = writable;
    this.readableLength = totalLength(readable);
    this.writableLength = totalLength(writable);
  }

  /** A copy of `length` bytes (fewer, if there are fewer) at `offset` of the readable part. */
  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.readableLength - offset)));
    let done = 0;
    for (const { at, length: piece } of partOf(this.readable, offset, bytes.length)) {
      bytes.set(this.#storage.slice(at, piece), done);
      done += piece;
    }
    return bytes;
  }

  /** Writes into the writable part at `offset`; returns how many bytes there was room for. */
  write(offset: number, bytes: Uint8Array): number {
    let done = 0;
    for (const { at, length } of partOf(this.writable, offset, bytes.length)) {
      this.#storage.write(at, bytes.subarray(done, done + length));
      done += length;
    }
    return done;
  }
}

/** What lies in `[offset, offset + length)` of consecutive areas. */
export function partOf(areas: readonly Area[], offset: number, length: number): Area[] {
  const part: Area[] = [];
  let skip = offset;
  let left = length;
  for (const area of areas) {
    if (left <= 0) break;
    if (skip >= area.length) {
      skip -= area.length;
      continue;
    }
    const piece = Math.min(area.length - skip, left);
    part.push({ at: area.at + skip, length: piece });
    skip = 0;
    left -= piece;
  }
  return part;
}

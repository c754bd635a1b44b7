import { EFBIG, EINVAL, EPERM } from '../errno.ts';
import { Description } from './description.ts';
import { O_APPEND, S_IFREG } from './flags.ts';
import type { FileStatus } from './host-files.ts';
import { seekTo } from './regular-file.ts';

/** F_SEAL_ bits of fcntl F_ADD_SEALS. */
export const F_SEAL_SEAL = 1;
export const F_SEAL_SHRINK = 2;
export const F_SEAL_GROW = 4;
export const F_SEAL_WRITE = 8;
export const F_SEAL_FUTURE_WRITE = 16;

/** Largest file kept in js390's own storage, in bytes. */
const LIMIT = 0x4000_0000;

let lastInode = 0;

/** Bytes without a name in any directory (memfd_create); shared by descriptions of one file. */
export class MemoryBytes {
  content: Uint8Array = new Uint8Array(0);
  length = 0;
  seals: number;
  readonly inode = ++lastInode;
  readonly created: bigint;
  mode: number;
  modified: bigint;

  constructor(mode: number, seals: number, created: bigint) {
    this.mode = mode;
    this.seals = seals;
    this.created = created;
    this.modified = created;
  }

  /** @returns 0 or `-errno`. */
  resize(length: number): number {
    if (length > LIMIT) return -EFBIG;
    if (length < this.length && this.seals & F_SEAL_SHRINK) return -EPERM;
    if (length > this.length && this.seals & F_SEAL_GROW) return -EPERM;
    if (length > this.content.length) {
      const larger = new Uint8Array(Math.max(length, Math.min(LIMIT, this.content.length * 2)));
      larger.set(this.content.subarray(0, this.length));
      this.content = larger;
    }
    if (length < this.length) this.content.fill(0, length, this.length);
    this.length = length;
    return 0;
  }
}

/** An open file whose bytes js390 holds itself: memfd_create, and files of /proc as they were read. */
export class MemoryFile extends Description {
  readonly bytes: MemoryBytes;
  readonly #status: FileStatus | undefined;
  #offset = 0;

  /** `status` is what fstat says where the file stands for another one, as those of /proc do. */
  constructor(path: string, flags: number, bytes: MemoryBytes, status?: FileStatus) {
    super(path, flags);
    this.bytes = bytes;
    this.#status = status;
  }

  override status(): FileStatus {
    if (this.#status) return this.#status;
    const { inode, mode, length, created, modified } = this.bytes;
    return {
      ...{ device: 1, inode, mode: S_IFREG | mode, links: 0, uid: 0, gid: 0, special: 0 },
      ...{ size: length, blockSize: 4096, blocks: Math.ceil(length / 512) },
      ...{ accessed: created, modified, changed: modified },
    };
  }

  override size(): number {
    return this.bytes.length;
  }

  override reopen(flags: number): Description {
    return new MemoryFile(this.path, flags, this.bytes, this.#status);
  }

  override tryRead(into: Uint8Array): number {
    const count = this.readAt(into, this.#offset);
    this.#offset += count;
    return count;
  }

  override readAt(into: Uint8Array, position: number): number {
    const end = Math.min(position + into.length, this.bytes.length);
    if (position >= end) return 0;
    into.set(this.bytes.content.subarray(position, end));
    return end - position;
  }

  override tryWrite(from: Uint8Array): number {
    const at = this.flags & O_APPEND ? this.bytes.length : this.#offset;
    const count = this.writeAt(from, at);
    if (count > 0) this.#offset = at + count;
    return count;
  }

  override writeAt(from: Uint8Array, position: number): number {
    const { bytes } = this;
    if (bytes.seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) return -EPERM;
    const end = position + from.length;
    const grown = end > bytes.length ? bytes.resize(end) : 0;
    if (grown < 0) return grown;
    bytes.content.set(from, position);
    return from.length;
  }

  override seek(offset: number, whence: number): number {
    const target = seekTo(offset, whence, this.#offset, this.bytes.length);
    if (target >= 0) this.#offset = target;
    return target;
  }

  override truncate(length: number): number {
    return this.bytes.resize(length);
  }

  override sync(_dataOnly: boolean): number {
    return 0;
  }

  /** fcntl F_ADD_SEALS. */
  addSeals(seals: number): number {
    if (this.bytes.seals & F_SEAL_SEAL) return -EPERM;
    if (seals & ~0x1f) return -EINVAL;
    this.bytes.seals |= seals;
    return 0;
  }
}

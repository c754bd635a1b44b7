import { EINVAL, ENXIO } from '../errno.ts';
import { Description } from './description.ts';
import {
  O_ACCMODE,
  O_APPEND,
  O_RDONLY,
  SEEK_CUR,
  SEEK_DATA,
  SEEK_END,
  SEEK_HOLE,
  SEEK_SET,
} from './flags.ts';
import type { FileStatus, HostFiles } from './host-files.ts';

/**
 * The offset that lseek asks for in a file of `size` bytes, or `-errno`. Files have no holes here:
 * all is data, and the only hole begins at the end.
 */
export function seekTo(offset: number, whence: number, current: number, size: number): number {
  let target = -1;
  if (whence === SEEK_SET) target = offset;
  else if (whence === SEEK_CUR) target = current + offset;
  else if (whence === SEEK_END) target = size + offset;
  else if (whence === SEEK_DATA || whence === SEEK_HOLE) {
    if (offset < 0 || offset >= size) return -ENXIO;
    target = whence === SEEK_DATA ? offset : size;
  }
  return target < 0 ? -EINVAL : target;
}

/** A regular file of the host. */
export class RegularFile extends Description {
  readonly files: HostFiles;
  /** Descriptor of the host. */
  readonly fd: number;
  /** Opened with O_APPEND, so that the host appends whatever the flags say now. */
  readonly appends: boolean;
  offset = 0;

  constructor(files: HostFiles, fd: number, path: string, flags: number) {
    super(path, flags);
    this.files = files;
    this.fd = fd;
    this.appends = (flags & O_APPEND) !== 0;
  }

  override get hostDescriptor(): number {
    return this.fd;
  }

  protected override closed(): void {
    this.files.close(this.fd);
  }

  override status(): FileStatus {
    const status = this.files.statusOf(this.fd);
    if (typeof status === 'number') throw new Error(`fstat of an open file failed: ${status}`);
    return status;
  }

  override tryRead(into: Uint8Array): number {
    const count = this.files.read(this.fd, into, this.offset);
    if (count > 0) this.offset += count;
    return count;
  }

  override tryWrite(from: Uint8Array): number {
    // Set by fcntl, O_APPEND is not known to the host's descriptor.
    if (this.flags & O_APPEND) this.offset = this.size();
    const count = this.files.write(this.fd, from, this.offset);
    if (count > 0) this.offset += count;
    return count;
  }

  override readAt(into: Uint8Array, position: number): number {
    return this.files.read(this.fd, into, position);
  }

  override writeAt(from: Uint8Array, position: number): number {
    // As Linux does (pwrite(2), BUGS): O_APPEND wins over the position.
    return this.files.write(this.fd, from, this.flags & O_APPEND ? this.size() : position);
  }

  override seek(offset: number, whence: number): number {
    const target = seekTo(offset, whence, this.offset, this.size());
    if (target >= 0) this.offset = target;
    return target;
  }

  override truncate(length: number): number {
    return this.files.truncate(this.fd, length);
  }

  override sync(dataOnly: boolean): number {
    return this.files.sync(this.fd, dataOnly);
  }
}

/** How far the guest's offset may be ahead of the host's before the host's is moved, in bytes. */
const LARGEST_LAG = 1 << 26;
const SKIPPED_AT_ONCE = 1 << 20;

/**
 * A regular file inherited as standard input or output. Its offset is shared with processes of the
 * host (`(js390 run head -1; cat) <file`), and Node can neither ask for it nor set it: only reading
 * and writing moves it. So input is read at an offset of the guest's own, which may go back, as a
 * shell's does behind the line it has taken; at the end, or when the guest is far ahead, the
 * host's is moved to it by reading. Output is written at the host's, until the guest seeks.
 */
export class InheritedFile extends RegularFile {
  /** The host's offset is the guest's. */
  #shared = true;
  /** Where the host's offset stands when it is not. */
  #left = 0;

  constructor(files: HostFiles, fd: number, path: string, flags: number) {
    super(files, fd, path, flags);
    const start = (flags & O_ACCMODE) === O_RDONLY ? files.offset(fd) : undefined;
    if (start !== undefined) this.#part(start, start);
  }

  protected override closed(): void {
    // The host's standard streams stay open for js390 itself.
    this.#catchUp();
  }

  override tryRead(into: Uint8Array): number {
    if (this.#shared) return this.files.read(this.fd, into, undefined);
    const count = super.tryRead(into);
    if (this.offset - this.#left > LARGEST_LAG) this.#shared = this.#catchUp();
    return count;
  }

  override tryWrite(from: Uint8Array): number {
    return this.#shared ? this.files.write(this.fd, from, undefined) : super.tryWrite(from);
  }

  override seek(offset: number, whence: number): number {
    if (!this.#shared) return super.seek(offset, whence);
    const current = this.files.offset(this.fd) ?? 0;
    const target = seekTo(offset, whence, current, this.size());
    if (target >= 0 && target !== current) this.#part(current, target);
    return target;
  }

  #part(host: number, guest: number): void {
    this.#shared = false;
    this.#left = host;
    this.offset = guest;
  }

  /** Moves the host's offset on to the guest's; whether they are the same then. */
  #catchUp(): boolean {
    if (this.#shared || (this.flags & O_ACCMODE) !== O_RDONLY) return this.#shared;
    while (this.#left < this.offset) {
      const skipped = new Uint8Array(Math.min(this.offset - this.#left, SKIPPED_AT_ONCE));
      const count = this.files.read(this.fd, skipped, undefined);
      if (count <= 0) return false;
      this.#left += count;
    }
    return this.#left === this.offset;
  }
}

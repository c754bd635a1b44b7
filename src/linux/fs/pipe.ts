import { EAGAIN, EBUSY, EINVAL, EPERM, EPIPE } from '../errno.ts';
import type { SyscallContext } from '../syscall-table.ts';
import { Description } from './description.ts';
import {
  O_RDWR,
  O_WRONLY,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDNORM,
  POLLWRNORM,
  S_IFIFO,
} from './flags.ts';
import type { FileStatus } from './host-files.ts';
import { FIONREAD } from './ioctl.ts';

/** Writes of at most this many bytes are never mixed with others (limits.h). */
export const PIPE_BUF = 4096;
const DEFAULT_CAPACITY = 65536;
const LARGEST_CAPACITY = 1 << 20;

/** A queue of bytes in a ring: pipes, sockets and pseudo-terminals carry their data in these. */
export class ByteQueue {
  #ring: Uint8Array;
  #head = 0;
  length = 0;

  constructor(capacity = DEFAULT_CAPACITY) {
    this.#ring = new Uint8Array(capacity);
  }

  get capacity(): number {
    return this.#ring.length;
  }

  get space(): number {
    return this.#ring.length - this.length;
  }

  /** Appends as much of `from` as fits; the number of bytes. */
  put(from: Uint8Array): number {
    const count = Math.min(from.length, this.space);
    const tail = (this.#head + this.length) % this.#ring.length;
    const first = Math.min(count, this.#ring.length - tail);
    this.#ring.set(from.subarray(0, first), tail);
    this.#ring.set(from.subarray(first, count), 0);
    this.length += count;
    return count;
  }

  /** Copies up to `into.length` bytes from the front without removing them; the number of bytes. */
  peek(into: Uint8Array): number {
    const count = Math.min(into.length, this.length);
    const first = Math.min(count, this.#ring.length - this.#head);
    into.set(this.#ring.subarray(this.#head, this.#head + first));
    into.set(this.#ring.subarray(0, count - first), first);
    return count;
  }

  /** Moves up to `into.length` bytes from the front into `into`; the number of bytes. */
  take(into: Uint8Array): number {
    const count = this.peek(into);
    this.drop(count);
    return count;
  }

  drop(count: number): void {
    this.#head = (this.#head + count) % this.#ring.length;
    this.length -= count;
    if (this.length === 0) this.#head = 0;
  }

  /** `capacity` must hold what is queued. */
  resize(capacity: number): void {
    const ring = new Uint8Array(capacity);
    const { length } = this;
    this.take(ring);
    this.#ring = ring;
    this.#head = 0;
    this.length = length;
  }
}

let lastInode = 0;

/** What the ends of a pipe, or of a FIFO, share. */
export class Pipe {
  readonly queue = new ByteQueue();
  readonly inode = ++lastInode;
  readonly created: bigint;
  readers = 0;
  writers = 0;
  /** Ends ever opened, so that opening a FIFO notices a partner that has come and gone. */
  readersEver = 0;
  writersEver = 0;

  constructor(created: bigint) {
    this.created = created;
  }

  status(): FileStatus {
    const { inode, created } = this;
    return {
      ...{ device: 0xc, inode, mode: S_IFIFO | 0o600, links: 1, uid: 0, gid: 0, special: 0 },
      ...{ size: 0, blockSize: 4096, blocks: 0 },
      ...{ accessed: created, modified: created, changed: created },
    };
  }
}

/** One end of a pipe; both ends in one for a FIFO opened O_RDWR. */
export class PipeEnd extends Description {
  readonly pipe: Pipe;
  readonly #fifoStatus: FileStatus | undefined;
  readonly #reads: boolean;
  readonly #writes: boolean;

  /** `path` and `status` are those of the FIFO's name, where it has one. */
  constructor(pipe: Pipe, flags: number, path = `pipe:[${pipe.inode}]`, status?: FileStatus) {
    super(path, flags);
    this.pipe = pipe;
    this.#fifoStatus = status;
    this.#reads = (flags & (O_WRONLY | O_RDWR)) !== O_WRONLY;
    this.#writes = (flags & (O_WRONLY | O_RDWR)) !== 0;
    if (this.#reads) {
      pipe.readers++;
      pipe.readersEver++;
    }
    if (this.#writes) {
      pipe.writers++;
      pipe.writersEver++;
    }
  }

  protected override closed(): void {
    if (this.#reads) this.pipe.readers--;
    if (this.#writes) this.pipe.writers--;
  }

  override status(): FileStatus {
    return this.#fifoStatus ?? this.pipe.status();
  }

  override reopen(flags: number): Description {
    return new PipeEnd(this.pipe, flags, this.path, this.#fifoStatus);
  }

  override tryRead(into: Uint8Array): number {
    if (into.length === 0) return 0;
    const { queue, writers } = this.pipe;
    if (queue.length > 0) return queue.take(into);
    return writers > 0 ? -EAGAIN : 0;
  }

  override tryWrite(from: Uint8Array): number {
    const { queue, readers } = this.pipe;
    if (readers === 0) return -EPIPE;
    if (from.length === 0) return 0;
    if (queue.space === 0 || (from.length <= PIPE_BUF && queue.space < from.length)) {
      return -EAGAIN;
    }
    return queue.put(from);
  }

  override poll(): number {
    const { queue, readers, writers } = this.pipe;
    let ready = 0;
    if (this.#reads) {
      if (queue.length > 0) ready |= POLLIN | POLLRDNORM;
      // A FIFO whose writer has not come yet is not at its end.
      if (writers === 0 && this.pipe.writersEver > 0) ready |= POLLHUP;
    }
    if (this.#writes) {
      if (queue.space >= PIPE_BUF) ready |= POLLOUT | POLLWRNORM;
      if (readers === 0) ready |= POLLERR;
    }
    return ready;
  }

  override ioctl(context: SyscallContext, request: number, argument: number): number | undefined {
    if (request !== FIONREAD) return undefined;
    context.memory.set32(argument, this.pipe.queue.length);
    return 0;
  }

  /** fcntl F_SETPIPE_SZ: rounded up to a power of two pages; the new capacity or `-errno`. */
  setCapacity(bytes: number): number {
    if (bytes <= 0 || bytes > 0x8000_0000) return -EINVAL;
    if (bytes > LARGEST_CAPACITY) return -EPERM;
    let capacity = 4096;
    while (capacity < bytes) capacity *= 2;
    if (capacity < this.pipe.queue.length) return -EBUSY;
    this.pipe.queue.resize(capacity);
    return capacity;
  }
}

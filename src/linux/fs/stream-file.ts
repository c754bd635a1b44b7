import { EAGAIN, EBADF } from '../errno.ts';
import type { HostStream } from '../host.ts';
import type { SyscallContext } from '../syscall-table.ts';
import { Description } from './description.ts';
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM, S_IFIFO } from './flags.ts';
import type { FileStatus, HostFiles } from './host-files.ts';
import { FIONREAD } from './ioctl.ts';

/** A standard stream of js390 that is neither a terminal nor a regular file: a pipe, a socket... */
export class StreamFile extends Description {
  readonly #stream: HostStream;
  readonly #status: () => FileStatus;

  constructor(stream: HostStream, path: string, flags: number, status: () => FileStatus) {
    super(path, flags);
    this.#stream = stream;
    this.#status = status;
  }

  override status(): FileStatus {
    return this.#status();
  }

  override reopen(flags: number): Description {
    return new StreamFile(this.#stream, this.path, flags, this.#status);
  }

  override tryRead(into: Uint8Array): number {
    if (into.length === 0) return 0;
    const bytes = this.#stream.read(into.length);
    if (bytes === undefined) return -EAGAIN;
    into.set(bytes);
    return bytes.length;
  }

  override tryWrite(from: Uint8Array): number {
    return this.#stream.write(from);
  }

  override poll(): number {
    const ready = POLLOUT | POLLWRNORM;
    return this.#stream.readable() ? ready | POLLIN | POLLRDNORM : ready;
  }

  override ioctl(context: SyscallContext, request: number, argument: number): number | undefined {
    if (request !== FIONREAD) return undefined;
    context.memory.set32(argument, this.#stream.readable() ? 1 : 0);
    return 0;
  }
}

/** What stat says of a stream that is no file of the host: an anonymous pipe. */
export function madeUpStatus(inode: number, created: bigint): FileStatus {
  return {
    ...{ device: 0xc, inode, mode: S_IFIFO | 0o600, links: 1, uid: 0, gid: 0, special: 0 },
    ...{ size: 0, blockSize: 4096, blocks: 0 },
    ...{ accessed: created, modified: created, changed: created },
  };
}

/** How often a file that cannot tell when it is ready is tried again, in nanoseconds. */
const RETRY = 5e6;

/**
 * A FIFO or device of the host, opened by name without O_NONBLOCK's waiting: the guest waits by
 * trying again. Finding out whether there is something to read takes one byte out, which the next
 * read gets.
 */
export class HostDevice extends Description {
  readonly #files: HostFiles;
  readonly #fd: number;
  readonly #ahead: number[] = [];

  constructor(files: HostFiles, fd: number, path: string, flags: number) {
    super(path, flags);
    this.#files = files;
    this.#fd = fd;
  }

  override get hostDescriptor(): number {
    return this.#fd;
  }

  protected override closed(): void {
    this.#files.close(this.#fd);
  }

  override status(): FileStatus {
    const status = this.#files.statusOf(this.#fd);
    if (typeof status === 'number') throw new Error(`fstat of an open file failed: ${status}`);
    return status;
  }

  override tryRead(into: Uint8Array): number {
    if (into.length === 0) return 0;
    const byte = this.#ahead.pop();
    if (byte === undefined) return this.#files.read(this.#fd, into, undefined);
    into[0] = byte;
    return 1;
  }

  override tryWrite(from: Uint8Array): number {
    return this.#files.write(this.#fd, from, undefined);
  }

  override readAt(into: Uint8Array, position: number): number {
    return this.#files.read(this.#fd, into, position);
  }

  override writeAt(from: Uint8Array, position: number): number {
    return this.#files.write(this.#fd, from, position);
  }

  override poll(): number {
    const ready = POLLOUT | POLLWRNORM;
    if (this.#ahead.length === 0) {
      const byte = new Uint8Array(1);
      const count = this.#files.read(this.#fd, byte, undefined);
      if (count === -EBADF || count === -EAGAIN) return ready;
      if (count > 0) this.#ahead.push(byte[0]!);
    }
    return ready | POLLIN | POLLRDNORM;
  }

  override nextEvent(now: number): number {
    return now + RETRY;
  }
}

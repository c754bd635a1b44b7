import { assert } from '../../base/assert.ts';
import { blockUntil } from '../block.ts';
import type { SyscallResult } from '../block.ts';
import { EAGAIN, EINVAL, ESPIPE } from '../errno.ts';
import type { OpenFile } from '../file.ts';
import type { SyscallContext } from '../syscall-table.ts';
import { O_NONBLOCK, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from './flags.ts';
import type { FileStatus } from './host-files.ts';

/** What a regular file answers to poll(2): always ready for both. */
export const ALWAYS_READY = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

/**
 * An open file description. What differs between regular files, pipes, terminals... overrides the
 * calls it supports; the rest answers as Linux does for a file that has no such operation.
 *
 * Transfers never wait: `tryRead` and `tryWrite` answer `-EAGAIN` when they would have to, and the
 * system calls turn that into a Block unless O_NONBLOCK is set.
 */
export abstract class Description implements OpenFile {
  /** Changes when a directory above it is renamed. */
  path: string;
  flags: number;
  /** Counts transfers, which is how edge-triggered epoll knows that a reader has come by. */
  activity = 0;
  /** What else ends with the description: the lock that flock(2) took. */
  onClosed: (() => void) | undefined;
  #references = 1;

  constructor(path: string, flags: number) {
    this.path = path;
    this.flags = flags;
  }

  retain(): void {
    this.#references++;
  }

  release(): void {
    if (--this.#references > 0) return;
    this.closed();
    this.onClosed?.();
  }

  get isOpen(): boolean {
    return this.#references > 0;
  }

  /** Descriptor of the host behind it, for what node:fs does with one. */
  get hostDescriptor(): number | undefined {
    return undefined;
  }

  /** The last descriptor has gone. */
  protected closed(): void {}

  abstract status(): FileStatus;

  /** Bytes read; 0 at the end; `-EAGAIN` when there is nothing yet. */
  tryRead(_into: Uint8Array): number {
    return -EINVAL;
  }

  /** Bytes written, perhaps fewer than given; `-EAGAIN` when none fits now. */
  tryWrite(_from: Uint8Array): number {
    return -EINVAL;
  }

  readAt(_into: Uint8Array, _position: number): number {
    return -ESPIPE;
  }

  writeAt(_from: Uint8Array, _position: number): number {
    return -ESPIPE;
  }

  /** The new offset. */
  seek(_offset: number, _whence: number): number {
    return -ESPIPE;
  }

  size(): number {
    return this.status().size;
  }

  truncate(_length: number): number {
    return -EINVAL;
  }

  sync(_dataOnly: boolean): number {
    return -EINVAL;
  }

  poll(): number {
    return ALWAYS_READY;
  }

  /**
   * Monotonic time in nanoseconds at which {@link poll} may answer differently without any thread
   * having run: timers, and files of the host that cannot tell when they are ready.
   */
  nextEvent(_now: number): number | undefined {
    return undefined;
  }

  /**
   * Another description of the same thing, for opening /proc/self/fd/N; undefined where that means
   * opening the path again.
   */
  reopen(_flags: number): Description | undefined {
    return undefined;
  }

  /** Nanoseconds after which a read that waits gives up with 0 bytes (VTIME of a terminal). */
  readTimeout(): number | undefined {
    return undefined;
  }

  /** Requests of this kind of file; undefined when it has none such (ENOTTY). */
  ioctl(_context: SyscallContext, _request: number, _argument: number): SyscallResult | undefined {
    return undefined;
  }

  identity(): { readonly device: number; readonly inode: number } {
    return this.status();
  }

  read(into: Uint8Array): SyscallResult {
    return blockUntil(() => this.#unlessWaiting(this.tryRead(into)));
  }

  write(from: Uint8Array): SyscallResult {
    return blockUntil(() => this.#unlessWaiting(this.tryWrite(from)));
  }

  #unlessWaiting(result: number): number | undefined {
    return result === -EAGAIN && !(this.flags & O_NONBLOCK) ? undefined : result;
  }
}

/** The description behind a descriptor: all open files are made here. */
export function describe(file: OpenFile): Description {
  assert(file instanceof Description, 'open file of another kind');
  return file;
}

import { EBADF } from '../errno.ts';
import { Description } from './description.ts';
import { POLLNVAL, S_IFDIR } from './flags.ts';
import type { FileStatus } from './host-files.ts';

/** A file opened with O_PATH: a place in the tree, not something to read. */
export class PathFile extends Description {
  readonly isDirectory: boolean;
  readonly #status: () => FileStatus;

  constructor(path: string, flags: number, status: () => FileStatus, type: number) {
    super(path, flags);
    this.#status = status;
    this.isDirectory = type === S_IFDIR;
  }

  override status(): FileStatus {
    return this.#status();
  }

  override tryRead(_into: Uint8Array): number {
    return -EBADF;
  }

  override tryWrite(_from: Uint8Array): number {
    return -EBADF;
  }

  override readAt(_into: Uint8Array, _position: number): number {
    return -EBADF;
  }

  override writeAt(_from: Uint8Array, _position: number): number {
    return -EBADF;
  }

  override seek(_offset: number, _whence: number): number {
    return -EBADF;
  }

  override poll(): number {
    return POLLNVAL;
  }
}

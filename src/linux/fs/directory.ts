import { EBADF, EINVAL, EISDIR } from '../errno.ts';
import { Description } from './description.ts';
import { SEEK_CUR, SEEK_SET } from './flags.ts';
import type { FileStatus } from './host-files.ts';

export interface DirectoryEntry {
  /** Byte string. */
  readonly name: string;
  readonly inode: number;
  /** S_IF type. */
  readonly type: number;
}

/** What a directory shows, asked for when the guest starts reading it. */
export interface DirectoryContent {
  status(): FileStatus;
  /** Names without `.` and `..`. */
  names(): string[];
  entry(name: string): DirectoryEntry | undefined;
  /** Of the directory above. */
  parentInode(): number;
  /** Descriptor of the host; none for directories that js390 makes. */
  readonly hostDescriptor?: number;
  close(): void;
}

/**
 * An open directory. Offsets count entries: 0 is `.`, 1 is `..`. The names are those of the moment
 * when offset 0 was read, so that deleting while listing skips nothing.
 */
export class DirectoryFile extends Description {
  readonly #content: DirectoryContent;
  #names: string[] | undefined;
  #offset = 0;

  constructor(path: string, flags: number, content: DirectoryContent) {
    super(path, flags);
    this.#content = content;
  }

  override get hostDescriptor(): number | undefined {
    return this.#content.hostDescriptor;
  }

  protected override closed(): void {
    this.#content.close();
  }

  override status(): FileStatus {
    return this.#content.status();
  }

  override tryRead(_into: Uint8Array): number {
    return -EISDIR;
  }

  override tryWrite(_from: Uint8Array): number {
    return -EBADF;
  }

  override readAt(_into: Uint8Array, _position: number): number {
    return -EISDIR;
  }

  override sync(_dataOnly: boolean): number {
    return 0;
  }

  override seek(offset: number, whence: number): number {
    if (whence !== SEEK_SET && whence !== SEEK_CUR) return -EINVAL;
    const target = whence === SEEK_SET ? offset : this.#offset + offset;
    if (target < 0) return -EINVAL;
    if (target === 0) this.#names = undefined;
    return (this.#offset = target);
  }

  /** The entry at the offset; undefined at the end. {@link advance} moves on. */
  current(): DirectoryEntry | undefined {
    const { inode } = this.#content.status();
    if (this.#offset === 0) return { name: '.', inode, type: 0o040000 };
    if (this.#offset === 1) {
      return { name: '..', inode: this.#content.parentInode(), type: 0o040000 };
    }
    this.#names ??= this.#content.names();
    for (; this.#offset - 2 < this.#names.length; this.#offset++) {
      const entry = this.#content.entry(this.#names[this.#offset - 2]!);
      // Removed since the names were read.
      if (entry) return entry;
    }
    return undefined;
  }

  /** Moves behind the current entry; the new offset. */
  advance(): number {
    return ++this.#offset;
  }
}

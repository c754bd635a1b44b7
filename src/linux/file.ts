import { EBADF, EMFILE, SyscallError } from './errno.ts';
import type { SyscallResult } from './block.ts';

/** Bit of {@link Descriptor}'s flags (fcntl F_GETFD). */
export const FD_CLOEXEC = 1;

/**
 * An open file description: what open(2) makes and descriptors and file mappings share. The whole
 * implementation lives in fs/; process code needs only these members.
 */
export interface OpenFile {
  /** Absolute guest path, or a name such as `pipe:[7]`, as /proc/self/fd and /proc/self/maps show. */
  readonly path: string;
  /** O_ flags: access mode and status flags. */
  flags: number;
  /** Number of descriptors and mappings; {@link release} at 0 closes. */
  retain(): void;
  release(): void;
  /** Regular files: bytes read at `position` without moving the offset, or `-errno`. */
  readAt(into: Uint8Array, position: number): number;
  /** Regular files: bytes written at `position` without moving the offset, or `-errno`. */
  writeAt(from: Uint8Array, position: number): number;
  /** Regular files: size in bytes; others `-errno`. */
  size(): number;
  /** Device and inode, for /proc/self/maps and for telling mappings of one file apart. */
  identity(): { readonly device: number; readonly inode: number };
  /** POLLIN... bits that hold now. */
  poll(): number;
  read(into: Uint8Array): SyscallResult;
  write(from: Uint8Array): SyscallResult;
}

/** What path lookups of a process depend on; shared by CLONE_FS. Paths are byte strings. */
export class FsContext {
  /** Absolute, normalised guest path. */
  cwd: string;
  umask: number;
  /** What chroot(2) set: an absolute, normalised guest path; `cwd` counts from the real root too. */
  root = '/';

  constructor(cwd: string, umask: number) {
    this.cwd = cwd;
    this.umask = umask;
  }

  copy(): FsContext {
    const copy = new FsContext(this.cwd, this.umask);
    copy.root = this.root;
    return copy;
  }
}

/** What process code (execve, program loading) asks of the file system; implemented in fs/. */
export interface FileSystem {
  /**
   * Opens the file at `path` for execution, following symbolic links.
   * @returns `-errno`: ENOENT, EACCES (no execute permission, a directory), ELOOP...
   */
  openExecutable(context: FsContext, path: string): OpenFile | number;
  /** A process's memory is about to read or change behind files: flush what is cached. */
  close?(): void;
}

interface Descriptor {
  readonly file: OpenFile;
  /** FD_CLOEXEC or 0. */
  flags: number;
}

/** The descriptors of a process; shared by CLONE_FILES. */
export class FdTable {
  readonly #slots: (Descriptor | undefined)[] = [];
  /** RLIMIT_NOFILE. */
  limit = 1024;
  /** Processes using this table. */
  references = 1;

  /** The open file of `fd`. @throws SyscallError EBADF */
  get(fd: number): OpenFile {
    return this.slot(fd).file;
  }

  slot(fd: number): Descriptor {
    const slot = this.#slots[fd];
    if (slot === undefined) throw new SyscallError(EBADF);
    return slot;
  }

  has(fd: number): boolean {
    return this.#slots[fd] !== undefined;
  }

  /** Puts `file` (whose reference passes to the table) at the lowest free number at least `from`. */
  add(file: OpenFile, flags = 0, from = 0): number {
    let fd = from;
    while (this.#slots[fd] !== undefined) fd++;
    if (fd >= this.limit) {
      file.release();
      throw new SyscallError(EMFILE);
    }
    this.#slots[fd] = { file, flags };
    return fd;
  }

  /** Puts `file` (whose reference passes to the table) at `fd`, closing what was there. */
  set(fd: number, file: OpenFile, flags = 0): void {
    if (fd < 0 || fd >= this.limit) {
      file.release();
      throw new SyscallError(EBADF);
    }
    const old = this.#slots[fd];
    this.#slots[fd] = { file, flags };
    old?.file.release();
  }

  /** @throws SyscallError EBADF */
  close(fd: number): void {
    const { file } = this.slot(fd);
    this.#slots[fd] = undefined;
    file.release();
  }

  /** Open descriptor numbers, ascending. */
  *numbers(): Generator<number> {
    for (let fd = 0; fd < this.#slots.length; fd++) if (this.#slots[fd]) yield fd;
  }

  /** The table of a forked child: the same open files. */
  copy(): FdTable {
    const table = new FdTable();
    table.limit = this.limit;
    for (const fd of this.numbers()) {
      const { file, flags } = this.slot(fd);
      file.retain();
      table.#slots[fd] = { file, flags };
    }
    return table;
  }

  /** What execve does: descriptors with FD_CLOEXEC are closed. */
  closeOnExec(): void {
    for (const fd of this.numbers()) if (this.slot(fd).flags & FD_CLOEXEC) this.close(fd);
  }

  /** One user fewer; the last one closes everything. */
  release(): void {
    if (--this.references > 0) return;
    for (const fd of this.numbers()) this.close(fd);
  }
}

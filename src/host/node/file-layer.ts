import fs from 'node:fs';

export interface FileFacts {
  readonly kind: 'file' | 'directory' | 'other';
  /** In bytes. */
  readonly size: number;
  /** When its content last changed, in ns since 1970. */
  readonly modified: bigint;
  readonly device: bigint;
  readonly inode: bigint;
}

/**
 * What drives and snapshots use of node:fs; a test may put one that fails in its place. Everything
 * throws what node:fs throws, with a `code`.
 */
export interface FileLayer {
  /** @param flags `r` to read, `r+` to write as well, `wx` to make a file that is not there yet */
  open(path: string, flags: 'r' | 'r+' | 'wx', mode?: number): number;
  close(fd: number): void;
  /** How many bytes were read, maybe fewer than asked for; 0 at the end. */
  read(fd: number, target: Uint8Array, position: number): number;
  /** How many bytes were written, maybe fewer than given. */
  write(fd: number, bytes: Uint8Array, position: number): number;
  /** Content and size are safe when it returns. */
  sync(fd: number): void;
  /** Content is safe when it returns, and what it takes to find it. */
  syncData(fd: number): void;
  facts(file: string | number): FileFacts;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** The path without symbolic links. */
  resolve(path: string): string;
}

export const NODE_FILES: FileLayer = {
  open: (path, flags, mode) => fs.openSync(path, flags, mode),
  close: (fd) => fs.closeSync(fd),
  read: (fd, target, position) => fs.readSync(fd, target, 0, target.length, position),
  write: (fd, bytes, position) => fs.writeSync(fd, bytes, 0, bytes.length, position),
  sync: (fd) => fs.fsyncSync(fd),
  syncData: (fd) => fs.fdatasyncSync(fd),
  facts(file) {
    const options = { bigint: true } as const;
    const stats =
      typeof file === 'number' ? fs.fstatSync(file, options) : fs.statSync(file, options);
    return {
      kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other',
      size: Number(stats.size),
      modified: stats.mtimeNs,
      device: stats.dev,
      inode: stats.ino,
    };
  },
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.unlinkSync(path),
  resolve: (path) => fs.realpathSync(path),
};

/** Most bytes in one call; the host takes fewer than 2 GiB. */
const MAX_TRANSFER = 0x4000_0000;

/** Fills `target` as far as the file goes. Gives how many bytes there were. */
export function readFully(
  files: FileLayer,
  fd: number,
  target: Uint8Array,
  position: number,
): number {
  let done = 0;
  while (done < target.length) {
    const part = target.subarray(done, done + MAX_TRANSFER);
    const count = files.read(fd, part, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** Writes all of `bytes`, or throws. */
export function writeFully(
  files: FileLayer,
  fd: number,
  bytes: Uint8Array,
  position: number,
): void {
  for (let done = 0; done < bytes.length;) {
    const part = bytes.subarray(done, done + MAX_TRANSFER);
    done += files.write(fd, part, position + done);
  }
}

/** Makes names in a directory safe, where the host can do that; the files are there either way. */
export function syncDirectory(files: FileLayer, directory: string): void {
  try {
    const fd = files.open(directory, 'r');
    try {
      files.sync(fd);
    } finally {
      files.close(fd);
    }
  } catch {
    // Some file systems and hosts do not sync directories.
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file system allows no file of that size',
  EIO: 'the host has an input/output error',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space is left on the disk',
  ENOTDIR: 'part of the path is not a directory',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
};

/** `ENOENT` and its like, of what a call of node:fs threw; else undefined. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** Why a call of node:fs failed, in words. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return (code && REASONS[code]) ?? (error instanceof Error ? error.message : String(error));
}

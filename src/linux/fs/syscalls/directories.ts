import { EACCES, EINVAL, ENOENT, ENOTDIR, EPERM, ERANGE, SyscallError } from '../../errno.ts';
import { syscall } from '../../syscall-table.ts';
import type { Syscall, SyscallContext } from '../../syscall-table.ts';
import { byteString } from '../../user-memory.ts';
import { DirectoryFile } from '../directory.ts';
import type { DirectoryEntry } from '../directory.ts';
import { AT_FDCWD, S_IFDIR, S_IFMT, X_OK } from '../flags.ts';
import { exists } from '../path-walk.ts';
import type { Place } from '../path-walk.ts';
import { anyFile, fileSystemOf, openFile, placeAt, viewOf } from './calls.ts';

/** Listing directories, and where a process stands. */
export const DIRECTORY_SYSCALLS: readonly Syscall[] = [
  // struct linux_dirent: inode, offset, length (2 bytes), name; the type is the last byte.
  syscall(141, 'getdents', 'fd address size', (context, fd, buffer, size) =>
    list(context, fd, size, 18 + 2, (at, length, { name, inode, type }, next) => {
      writeEntry(context, buffer + at, length, inode, next);
      context.memory.write(buffer + at + 18, byteString(name));
      context.memory.set8(buffer + at + length - 1, type >> 12);
    }),
  ),
  // struct linux_dirent64: inode, offset, length (2 bytes), type (1 byte), name.
  syscall(220, 'getdents64', 'fd address size', (context, fd, buffer, size) =>
    list(context, fd, size, 19 + 1, (at, length, { name, inode, type }, next) => {
      writeEntry(context, buffer + at, length, inode, next);
      context.memory.set8(buffer + at + 18, type >> 12);
      context.memory.write(buffer + at + 19, byteString(name));
    }),
  ),
  syscall(183, 'getcwd', 'address size', getcwd),
  syscall(12, 'chdir', 'path', (context, path) => {
    const place = directoryAt(context, placeAt(context, AT_FDCWD, path, true));
    context.process.fs.cwd = place.path;
    return 0;
  }),
  syscall(133, 'fchdir', 'fd', (context, fd) => {
    const { walk } = fileSystemOf(context);
    const file = anyFile(context, fd);
    if ((file.status().mode & S_IFMT) !== S_IFDIR) return -ENOTDIR;
    const place = walk.resolve(viewOf(context), '/', file.path, true);
    context.process.fs.cwd = directoryAt(context, place).path;
    return 0;
  }),
  syscall(61, 'chroot', 'path', (context, path) => {
    const place = directoryAt(context, placeAt(context, AT_FDCWD, path, true));
    if (context.process.credentials.euid !== 0) return -EPERM;
    context.process.fs.root = place.path;
    return 0;
  }),
  syscall(60, 'umask', 'mode', ({ process: { fs } }, mask) => {
    const before = fs.umask;
    fs.umask = mask & 0o777;
    return before;
  }),
];

/** @throws SyscallError ENOENT, ENOTDIR, EACCES */
function directoryAt(context: SyscallContext, place: Place): Place {
  const { files } = fileSystemOf(context);
  if (!exists(place)) throw new SyscallError(ENOENT);
  if (place.node) {
    if (place.node.kind !== 'directory') throw new SyscallError(ENOTDIR);
  } else {
    if (((place.status?.mode ?? 0) & S_IFMT) !== S_IFDIR) throw new SyscallError(ENOTDIR);
    if (files.access(place.host, X_OK) < 0) throw new SyscallError(EACCES);
  }
  return place;
}

function writeEntry(
  { memory }: SyscallContext,
  at: number,
  length: number,
  inode: number,
  next: number,
): void {
  memory.writable(at, length).fill(0);
  memory.set64(at, inode);
  memory.set64(at + 8, next);
  memory.set16(at + 16, length);
}

/** Puts as many entries as fit; `overhead` is an entry's size beside the bytes of its name. */
function list(
  context: SyscallContext,
  fd: number,
  size: number,
  overhead: number,
  put: (at: number, length: number, entry: DirectoryEntry, next: number) => void,
): number {
  const directory = openFile(context, fd);
  if (!(directory instanceof DirectoryFile)) return -ENOTDIR;
  let at = 0;
  for (;;) {
    const entry = directory.current();
    if (!entry) return at;
    const length = (overhead + entry.name.length + 7) & ~7;
    if (at + length > size) return at === 0 ? -EINVAL : at;
    put(at, length, entry, directory.advance());
    at += length;
  }
}

/** The length of the path with its terminating zero. */
function getcwd(context: SyscallContext, buffer: number, size: number): number {
  const { cwd, root } = context.process.fs;
  const { walk } = fileSystemOf(context);
  const view = viewOf(context);
  if (!exists(walk.resolve(view, cwd, '.', true))) return -ENOENT;
  const isBelow = root !== '/' && (cwd === root || cwd.startsWith(`${root}/`));
  const path = byteString(isBelow ? cwd.slice(root.length) || '/' : cwd, 1);
  if (path.length > size) return -ERANGE;
  context.memory.write(buffer, path);
  return path.length;
}

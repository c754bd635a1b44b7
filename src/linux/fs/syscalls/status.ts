import { EACCES, EINVAL, ENOENT } from '../../errno.ts';
import { syscall } from '../../syscall-table.ts';
import type { Syscall, SyscallContext } from '../../syscall-table.ts';
import type { UserMemory } from '../../user-memory.ts';
import { byteString } from '../../user-memory.ts';
import {
  AT_EACCESS,
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  NAME_MAX,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  W_OK,
  X_OK,
} from '../flags.ts';
import type { FileStatus, FileSystemStatus } from '../host-files.ts';
import type { Place } from '../path-walk.ts';
import { exists } from '../path-walk.ts';
import { anyFile, fileSystemOf, placeAt, viewOf } from './calls.ts';
import { writeExactTimespec } from '../../time-structs.ts';

const AT_NO_AUTOMOUNT = 0x800;
const AT_STATX_SYNC_TYPE = 0x6000;
/** STATX_BASIC_STATS and STATX_BTIME. */
const STATX_BASIC = 0x7ff;
const STATX_BTIME = 0x800;

/** f_type of the file systems that js390 makes. */
const PROC_SUPER_MAGIC = 0x9fa0;
const SYSFS_MAGIC = 0x6265_6572;
const TMPFS_MAGIC = 0x0102_1994;
const PIPEFS_MAGIC = 0x5049_5045;

/** What a file is, who may use it, what a file system has left. */
export const STATUS_SYSCALLS: readonly Syscall[] = [
  syscall(106, 'stat', 'path address', (context, path, at) => {
    const place = placeAt(context, AT_FDCWD, path, true);
    return put(context, at, fileSystemOf(context).status(viewOf(context), place));
  }),
  syscall(107, 'lstat', 'path address', (context, path, at) => {
    const place = placeAt(context, AT_FDCWD, path, false);
    return put(context, at, fileSystemOf(context).status(viewOf(context), place));
  }),
  syscall(108, 'fstat', 'fd address', (context, fd, at) =>
    put(context, at, anyFile(context, fd).status()),
  ),
  syscall(293, 'newfstatat', 'fd path address flags', (context, directory, path, at, flags) => {
    const known = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT;
    if (flags & ~known) return -EINVAL;
    return put(context, at, statusAt(context, directory, path, flags));
  }),
  syscall(
    379,
    'statx',
    'fd path flags flags address',
    (context, directory, path, flags, _mask, at) => {
      const known = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_SYNC_TYPE;
      if (flags & ~known || (flags & AT_STATX_SYNC_TYPE) === AT_STATX_SYNC_TYPE) return -EINVAL;
      writeStatx(context.memory, at, statusAt(context, directory, path, flags));
      return 0;
    },
  ),
  syscall(33, 'access', 'path flags', (context, path, mode) =>
    access(context, AT_FDCWD, path, mode, 0),
  ),
  syscall(300, 'faccessat', 'fd path flags', (context, directory, path, mode) =>
    access(context, directory, path, mode, 0),
  ),
  syscall(439, 'faccessat2', 'fd path flags flags', access),
  syscall(85, 'readlink', 'path address size', (context, path, buffer, size) =>
    readLink(context, AT_FDCWD, path, buffer, size),
  ),
  syscall(298, 'readlinkat', 'fd path address size', readLink),
  syscall(99, 'statfs', 'path address', (context, path, at) =>
    writeStatfs(context, at, placeAt(context, AT_FDCWD, path, true)),
  ),
  syscall(265, 'statfs64', 'path size address', (context, path, size, at) =>
    size === STATFS_SIZE
      ? writeStatfs(context, at, placeAt(context, AT_FDCWD, path, true))
      : -EINVAL,
  ),
  syscall(100, 'fstatfs', 'fd address', (context, fd, at) => fstatfs(context, fd, at)),
  syscall(266, 'fstatfs64', 'fd size address', (context, fd, size, at) =>
    size === STATFS_SIZE ? fstatfs(context, fd, at) : -EINVAL,
  ),
];

function put({ memory }: SyscallContext, at: number, status: FileStatus): number {
  writeStat(memory, at, status);
  return 0;
}

/** Of a path, or of the descriptor itself for AT_EMPTY_PATH with an empty one. */
export function statusAt(
  context: SyscallContext,
  directory: number,
  path: number,
  flags: number,
): FileStatus {
  if (flags & AT_EMPTY_PATH && (path === 0 || context.memory.u8(path) === 0)) {
    if (directory !== AT_FDCWD) return anyFile(context, directory).status();
    const view = viewOf(context);
    const { walk } = fileSystemOf(context);
    const { cwd } = context.process.fs;
    return fileSystemOf(context).status(view, walk.resolve(view, cwd, '.', true));
  }
  const place = placeAt(context, directory, path, !(flags & AT_SYMLINK_NOFOLLOW));
  return fileSystemOf(context).status(viewOf(context), place);
}

/** struct stat of s390x (arch/s390/include/uapi/asm/stat.h): 144 bytes. */
export function writeStat(memory: UserMemory, at: number, status: FileStatus): void {
  memory.writable(at, 144).fill(0);
  memory.set64(at, status.device);
  memory.set64(at + 8, status.inode);
  memory.set64(at + 16, status.links);
  memory.set32(at + 24, status.mode);
  memory.set32(at + 28, status.uid);
  memory.set32(at + 32, status.gid);
  memory.set64(at + 40, status.special);
  memory.set64(at + 48, status.size);
  writeExactTimespec(memory, at + 56, status.accessed);
  writeExactTimespec(memory, at + 72, status.modified);
  writeExactTimespec(memory, at + 88, status.changed);
  memory.set64(at + 104, status.blockSize);
  memory.set64(at + 112, status.blocks);
}

/** struct statx (include/uapi/linux/stat.h): 256 bytes on every architecture. */
export function writeStatx(memory: UserMemory, at: number, status: FileStatus): void {
  memory.writable(at, 256).fill(0);
  memory.set32(at, status.born === undefined ? STATX_BASIC : STATX_BASIC | STATX_BTIME);
  memory.set32(at + 4, status.blockSize);
  memory.set32(at + 16, status.links);
  memory.set32(at + 20, status.uid);
  memory.set32(at + 24, status.gid);
  memory.set16(at + 28, status.mode);
  memory.set64(at + 32, status.inode);
  memory.set64(at + 40, status.size);
  memory.set64(at + 48, status.blocks);
  const time = (offset: number, nanoseconds: bigint): void => {
    memory.set64(at + offset, nanoseconds / 1_000_000_000n);
    memory.set32(at + offset + 8, Number(nanoseconds % 1_000_000_000n));
  };
  time(64, status.accessed);
  if (status.born !== undefined) time(80, status.born);
  time(96, status.changed);
  time(112, status.modified);
  [status.special, status.device].forEach((device, i) => {
    memory.set32(at + 128 + 8 * i, (device >>> 8) & 0xfff);
    memory.set32(at + 132 + 8 * i, (device & 0xff) | ((device >>> 12) & 0xfff00));
  });
}

const STATFS_SIZE = 88;

/** struct statfs of s390x (arch/s390/include/uapi/asm/statfs.h); f_type and f_bsize are 32 bits. */
function writeStatfs(context: SyscallContext, at: number, place: Place): number {
  const { files } = fileSystemOf(context);
  if (!exists(place)) return -ENOENT;
  const found = place.status ? files.fileSystemStatus(place.host) : madeFileSystem(place.path);
  return putStatfs(context, at, found);
}

function fstatfs(context: SyscallContext, fd: number, at: number): number {
  const file = anyFile(context, fd);
  if (file.hostDescriptor === undefined) {
    const type = file.path.startsWith('/') ? undefined : PIPEFS_MAGIC;
    return putStatfs(context, at, madeFileSystem(file.path, type));
  }
  const view = viewOf(context);
  const { walk } = fileSystemOf(context);
  // The file itself may have been removed; its directory's file system is the same.
  const place = walk.resolve(view, '/', file.path, true);
  return writeStatfs(context, at, exists(place) ? place : walk.resolve(view, '/', '/', true));
}

function putStatfs(
  { memory }: SyscallContext,
  at: number,
  found: FileSystemStatus | number,
): number {
  if (typeof found === 'number') return found;
  memory.writable(at, STATFS_SIZE).fill(0);
  memory.set32(at, found.type);
  memory.set32(at + 4, found.blockSize);
  memory.set64(at + 8, found.blocks);
  memory.set64(at + 16, found.blocksFree);
  memory.set64(at + 24, found.blocksAvailable);
  memory.set64(at + 32, found.files);
  memory.set64(at + 40, found.filesFree);
  memory.set32(at + 56, NAME_MAX);
  memory.set32(at + 60, found.blockSize);
  return 0;
}

function madeFileSystem(path: string, known?: number): FileSystemStatus {
  const type = path.startsWith('/proc')
    ? PROC_SUPER_MAGIC
    : path.startsWith('/sys')
      ? SYSFS_MAGIC
      : TMPFS_MAGIC;
  return {
    ...{ type: known ?? type, blockSize: 4096, blocks: 0, blocksFree: 0, blocksAvailable: 0 },
    ...{ files: 0, filesFree: 0 },
  };
}

/** The host decides with js390's own ids, which the guest has too. */
function access(
  context: SyscallContext,
  directory: number,
  path: number,
  mode: number,
  flags: number,
): number {
  if (mode & ~7 || flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  const fileSystem = fileSystemOf(context);
  if (flags & AT_EMPTY_PATH && context.memory.u8(path) === 0) {
    statusAt(context, directory, path, flags);
    return 0;
  }
  const place = placeAt(context, directory, path, !(flags & AT_SYMLINK_NOFOLLOW));
  const { mode: bits } = fileSystem.status(viewOf(context), place);
  if (place.status && (bits & S_IFMT) !== S_IFLNK) return fileSystem.files.access(place.host, mode);
  const isDirectory = (bits & S_IFMT) === S_IFDIR;
  if (mode & X_OK && !isDirectory && !(bits & 0o111)) return -EACCES;
  if (mode & W_OK && !(bits & 0o222) && context.process.credentials.uid !== 0) return -EACCES;
  return 0;
}

function readLink(
  context: SyscallContext,
  directory: number,
  path: number,
  buffer: number,
  size: number,
): number {
  if (size <= 0) return -EINVAL;
  const { files } = fileSystemOf(context);
  const view = viewOf(context);
  if (directory !== AT_FDCWD && context.memory.u8(path) === 0) {
    // The link itself was opened with O_PATH | O_NOFOLLOW.
    const place = fileSystemOf(context).walk.resolve(
      view,
      '/',
      anyFile(context, directory).path,
      false,
    );
    return putLink(context, place.status ? files.readLink(place.host) : -ENOENT, buffer, size);
  }
  const place = placeAt(context, directory, path, false);
  const { mode } = fileSystemOf(context).status(view, place);
  if ((mode & S_IFMT) !== S_IFLNK) return -EINVAL;
  const target = place.node?.kind === 'link' ? place.node.target(view) : files.readLink(place.host);
  return putLink(context, target, buffer, size);
}

/** A target too long for the buffer is cut without a word. */
function putLink(
  { memory }: SyscallContext,
  target: string | number,
  buffer: number,
  size: number,
): number {
  if (typeof target === 'number') return target;
  const bytes = byteString(target).subarray(0, size);
  memory.write(buffer, bytes);
  return bytes.length;
}

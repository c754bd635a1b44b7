import {
  EFBIG,
  EINVAL,
  EISDIR,
  ENODATA,
  ENODEV,
  ENOENT,
  EOPNOTSUPP,
  EPERM,
  ESPIPE,
  SyscallError,
} from '../../errno.ts';
import { syscall } from '../../syscall-table.ts';
import type { Syscall, SyscallContext } from '../../syscall-table.ts';
import type { Description } from '../description.ts';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  O_APPEND,
  O_WRONLY,
  S_IFDIR,
  S_IFMT,
} from '../flags.ts';
import type { FileStatus, HostFiles } from '../host-files.ts';
import { MemoryFile } from '../memory-file.ts';
import { RegularFile } from '../regular-file.ts';
import { exists } from '../path-walk.ts';
import { anyFile, fileSystemOf, openFile, placeAt, writableFile } from './calls.ts';

const UTIME_NOW = 0x3fff_ffff;
const UTIME_OMIT = 0x3fff_fffe;
const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;
const FALLOC_FL_ZERO_RANGE = 16;
/** Bytes of zeros written at a time where a hole is asked for. */
const ZEROS = 1 << 16;
const SECOND = 1_000_000_000n;

/** Permissions, owners, times, length, extended attributes. */
export const ATTRIBUTE_SYSCALLS: readonly Syscall[] = [
  syscall(15, 'chmod', 'path mode', (context, path, mode) => chmod(context, AT_FDCWD, path, mode)),
  syscall(299, 'fchmodat', 'fd path mode', chmod),
  syscall(94, 'fchmod', 'fd mode', fchmod),
  syscall(212, 'chown', 'path int int', (context, path, uid, gid) =>
    chown(context, AT_FDCWD, path, uid, gid, 0),
  ),
  syscall(198, 'lchown', 'path int int', (context, path, uid, gid) =>
    chown(context, AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW),
  ),
  syscall(291, 'fchownat', 'fd path int int flags', chown),
  syscall(207, 'fchown', 'fd int int', (context, fd, uid, gid) => {
    const target = openFile(context, fd).hostDescriptor;
    return target === undefined ? 0 : fileSystemOf(context).files.setOwner(target, uid, gid);
  }),
  syscall(30, 'utime', 'path address', (context, path, at) => {
    const { memory } = context;
    const read = (i: number): bigint => BigInt(memory.i64(at + 8 * i)) * SECOND;
    return setTimes(context, AT_FDCWD, path, 0, at === 0 ? undefined : [read(0), read(1)]);
  }),
  syscall(313, 'utimes', 'path address', (context, path, at) =>
    setTimes(context, AT_FDCWD, path, 0, timevals(context, at)),
  ),
  syscall(292, 'futimesat', 'fd path address', (context, directory, path, at) =>
    setTimes(context, directory, path, 0, timevals(context, at)),
  ),
  syscall(315, 'utimensat', 'fd path address flags', (context, directory, path, at, flags) => {
    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
    return setTimes(context, directory, path, flags, timespecs(context, at));
  }),
  syscall(92, 'truncate', 'path offset', truncate),
  syscall(93, 'ftruncate', 'fd offset', (context, fd, length) => {
    const file = openFile(context, fd);
    return length < 0 || !isWritable(file) ? -EINVAL : file.truncate(length);
  }),
  syscall(314, 'fallocate', 'fd flags offset offset', fallocate),
  ...extendedAttributes(),
];

/** Which host file to change: a path, a descriptor, or none for files that js390 makes. */
type Target = string | number | undefined;

function isWritable(file: Description): boolean {
  return (file.flags & 3) !== 0;
}

/** @throws SyscallError ENOENT */
function targetAt(context: SyscallContext, directory: number, path: number, flags: number): Target {
  if (flags & AT_EMPTY_PATH && context.memory.u8(path) === 0) {
    return anyFile(context, directory).hostDescriptor;
  }
  const place = placeAt(context, directory, path, !(flags & AT_SYMLINK_NOFOLLOW));
  if (!exists(place)) throw new SyscallError(ENOENT);
  if (place.file) return place.file.hostDescriptor;
  return place.status ? place.host : undefined;
}

function chmod(context: SyscallContext, directory: number, path: number, mode: number): number {
  const target = targetAt(context, directory, path, 0);
  return target === undefined ? -EPERM : fileSystemOf(context).files.setMode(target, mode & 0o7777);
}

function fchmod(context: SyscallContext, fd: number, mode: number): number {
  const file = openFile(context, fd);
  if (file instanceof MemoryFile) {
    file.bytes.mode = mode & 0o7777;
    return 0;
  }
  const { hostDescriptor } = file;
  if (hostDescriptor === undefined) return -EPERM;
  return fileSystemOf(context).files.setMode(hostDescriptor, mode & 0o7777);
}

function chown(
  context: SyscallContext,
  directory: number,
  path: number,
  uid: number,
  gid: number,
  flags: number,
): number {
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  const target = targetAt(context, directory, path, flags);
  return target === undefined ? -EPERM : fileSystemOf(context).files.setOwner(target, uid, gid);
}

/** Access and modification time in nanoseconds; undefined leaves one as it is. */
type Times = readonly [bigint | undefined, bigint | undefined];

/** Two timevals; undefined (now) when there are none. @throws SyscallError EINVAL */
function timevals({ memory }: SyscallContext, at: number): Times | undefined {
  if (at === 0) return undefined;
  const read = (i: number): bigint => {
    const microseconds = memory.i64(at + 16 * i + 8);
    if (microseconds < 0 || microseconds >= 1e6) throw new SyscallError(EINVAL);
    return BigInt(memory.i64(at + 16 * i)) * SECOND + BigInt(microseconds) * 1000n;
  };
  return [read(0), read(1)];
}

/** Two timespecs, of which each may say UTIME_NOW or UTIME_OMIT. @throws SyscallError EINVAL */
function timespecs({ kernel, memory }: SyscallContext, at: number): Times | undefined {
  if (at === 0) return undefined;
  const now = kernel.host.realtime();
  const read = (i: number): bigint | undefined => {
    const nanoseconds = memory.i64(at + 16 * i + 8);
    if (nanoseconds === UTIME_NOW) return now;
    if (nanoseconds === UTIME_OMIT) return undefined;
    if (nanoseconds < 0 || nanoseconds >= 1e9) throw new SyscallError(EINVAL);
    return BigInt(memory.i64(at + 16 * i)) * SECOND + BigInt(nanoseconds);
  };
  return [read(0), read(1)];
}

function setTimes(
  context: SyscallContext,
  directory: number,
  path: number,
  flags: number,
  times: Times | undefined,
): number {
  const { files } = fileSystemOf(context);
  const target =
    path === 0
      ? openFile(context, directory).hostDescriptor
      : targetAt(context, directory, path, flags);
  if (target === undefined) return 0;
  const now = context.kernel.host.realtime();
  let [accessed, modified] = times ?? [now, now];
  if (accessed === undefined && modified === undefined) return 0;
  if (accessed === undefined || modified === undefined) {
    const status = currentStatus(files, target);
    if (typeof status === 'number') return status;
    accessed ??= status.accessed;
    modified ??= status.modified;
  }
  return files.setTimes(target, accessed, modified);
}

function currentStatus(files: HostFiles, target: string | number): FileStatus | number {
  return typeof target === 'number' ? files.statusOf(target) : files.status(target);
}

function truncate(context: SyscallContext, path: number, length: number): number {
  if (length < 0) return -EINVAL;
  const { files } = fileSystemOf(context);
  const place = placeAt(context, AT_FDCWD, path, true);
  if (!exists(place)) return -ENOENT;
  if (!place.status) return -EINVAL;
  if ((place.status.mode & S_IFMT) === S_IFDIR) return -EISDIR;
  const fd = files.open(place.host, O_WRONLY, 0);
  if (fd < 0) return fd;
  const result = files.truncate(fd, length);
  files.close(fd);
  return result;
}

function fallocate(
  context: SyscallContext,
  fd: number,
  mode: number,
  offset: number,
  length: number,
): number {
  const file = writableFile(context, fd);
  if (offset < 0 || length <= 0) return -EINVAL;
  if (offset + length > Number.MAX_SAFE_INTEGER) return -EFBIG;
  const { mode: bits } = file.status();
  if ((bits & S_IFMT) === 0o010000) return -ESPIPE;
  if (file.hostDescriptor === undefined && !(file instanceof MemoryFile)) return -ENODEV;
  const size = file.size();
  const end = offset + length;
  const keepsSize = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
  switch (mode & ~FALLOC_FL_KEEP_SIZE) {
    case 0:
      return keepsSize || end <= size ? 0 : file.truncate(end);
    case FALLOC_FL_PUNCH_HOLE:
      return keepsSize ? writeZeros(file, offset, Math.min(end, size)) : -EOPNOTSUPP;
    case FALLOC_FL_ZERO_RANGE: {
      const grown = keepsSize || end <= size ? 0 : file.truncate(end);
      return grown < 0 ? grown : writeZeros(file, offset, Math.min(end, size));
    }
    default:
      return -EOPNOTSUPP;
  }
}

function writeZeros(file: Description, start: number, end: number): number {
  // The host itself appends where the file was opened so.
  if (file instanceof RegularFile && file.appends) return -EOPNOTSUPP;
  const zeros = new Uint8Array(ZEROS);
  const { flags } = file;
  file.flags &= ~O_APPEND;
  try {
    let at = start;
    while (at < end) {
      const count = file.writeAt(zeros.subarray(0, Math.min(ZEROS, end - at)), at);
      if (count <= 0) return count;
      at += count;
    }
    return 0;
  } finally {
    file.flags = flags;
  }
}

/** Node has no extended attributes: no file has any, and none can be given one. */
function extendedAttributes(): Syscall[] {
  const nameArguments = 'string address size';
  const on = (follow: boolean, answer: number) => (context: SyscallContext, path: number) => {
    targetAt(context, AT_FDCWD, path, follow ? 0 : AT_SYMLINK_NOFOLLOW);
    return answer;
  };
  const onFile = (answer: number) => (context: SyscallContext, fd: number) => {
    openFile(context, fd);
    return answer;
  };
  return [
    syscall(224, 'setxattr', `path ${nameArguments} int`, on(true, -EOPNOTSUPP)),
    syscall(225, 'lsetxattr', `path ${nameArguments} int`, on(false, -EOPNOTSUPP)),
    syscall(226, 'fsetxattr', `fd ${nameArguments} int`, onFile(-EOPNOTSUPP)),
    syscall(227, 'getxattr', `path ${nameArguments}`, on(true, -ENODATA)),
    syscall(228, 'lgetxattr', `path ${nameArguments}`, on(false, -ENODATA)),
    syscall(229, 'fgetxattr', `fd ${nameArguments}`, onFile(-ENODATA)),
    syscall(230, 'listxattr', 'path address size', on(true, 0)),
    syscall(231, 'llistxattr', 'path address size', on(false, 0)),
    syscall(232, 'flistxattr', 'fd address size', onFile(0)),
    syscall(233, 'removexattr', 'path string', on(true, -ENODATA)),
    syscall(234, 'lremovexattr', 'path string', on(false, -ENODATA)),
    syscall(235, 'fremovexattr', 'fd string', onFile(-ENODATA)),
  ];
}

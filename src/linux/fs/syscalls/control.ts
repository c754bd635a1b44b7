import type { SyscallResult } from '../../block.ts';
import { EAGAIN, EBADF, EINVAL, EPERM } from '../../errno.ts';
import { FD_CLOEXEC } from '../../file.ts';
import { syscall } from '../../syscall-table.ts';
import type { Syscall, SyscallContext } from '../../syscall-table.ts';
import type { Description } from '../description.ts';
import {
  O_ACCMODE,
  O_APPEND,
  O_ASYNC,
  O_DIRECT,
  O_NOATIME,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
  SEEK_CUR,
  SEEK_END,
  SEEK_SET,
} from '../flags.ts';
import { F_RDLCK, F_UNLCK, F_WRLCK } from '../locks.ts';
import type { LockOwner, RecordLock } from '../locks.ts';
import { MemoryFile } from '../memory-file.ts';
import { PathFile } from '../path-file.ts';
import { PipeEnd } from '../pipe.ts';
import { anyFile, fileSystemOf, openFile, wait } from './calls.ts';

const F_DUPFD = 0;
const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const F_GETLK = 5;
const F_SETLK = 6;
const F_SETLKW = 7;
const F_SETOWN = 8;
const F_GETOWN = 9;
const F_SETSIG = 10;
const F_GETSIG = 11;
const F_OFD_GETLK = 36;
const F_OFD_SETLK = 37;
const F_OFD_SETLKW = 38;
const F_DUPFD_CLOEXEC = 1030;
const F_SETPIPE_SZ = 1031;
const F_GETPIPE_SZ = 1032;
const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;

/** Status flags that F_SETFL changes. */
const SETTABLE = O_APPEND | O_ASYNC | O_DIRECT | O_NOATIME | O_NONBLOCK;

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/** Properties of descriptors and open files, and locks. */
export const CONTROL_SYSCALLS: readonly Syscall[] = [
  syscall(55, 'fcntl', 'fd int long', fcntl),
  syscall(143, 'flock', 'fd int', flock),
];

/** What locks go by: the same for all descriptions of one file. */
export function fileKey(file: Description): string {
  const { device, inode } = file.identity();
  return `${device}:${inode}`;
}

function fcntl(
  context: SyscallContext,
  fd: number,
  command: number,
  argument: number,
): SyscallResult {
  const { process } = context;
  const { files } = process;
  const file = anyFile(context, fd);
  const isOnlyPath = file instanceof PathFile;
  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      if (argument < 0 || argument >= files.limit) return -EINVAL;
      file.retain();
      return files.add(file, command === F_DUPFD ? 0 : FD_CLOEXEC, argument);
    case F_GETFD:
      return files.slot(fd).flags;
    case F_SETFD:
      files.slot(fd).flags = argument & FD_CLOEXEC;
      return 0;
    case F_GETFL:
      return file.flags;
    case F_SETFL:
      if (isOnlyPath) return -EBADF;
      file.flags = (file.flags & ~SETTABLE) | (argument & SETTABLE);
      return 0;
    case F_GETLK:
    case F_OFD_GETLK:
      return isOnlyPath ? -EBADF : getLock(context, file, command, argument);
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
      return isOnlyPath ? -EBADF : setLock(context, file, command, argument);
    case F_SETOWN:
    case F_SETSIG:
      return 0;
    case F_GETOWN:
    case F_GETSIG:
      return 0;
    case F_GETPIPE_SZ:
      return file instanceof PipeEnd ? file.pipe.queue.capacity : -EBADF;
    case F_SETPIPE_SZ:
      return file instanceof PipeEnd ? file.setCapacity(argument) : -EBADF;
    case F_GET_SEALS:
      return file instanceof MemoryFile ? file.bytes.seals : -EINVAL;
    case F_ADD_SEALS:
      if (!(file instanceof MemoryFile)) return -EINVAL;
      return (file.flags & O_ACCMODE) === O_RDONLY ? -EPERM : file.addSeals(argument);
    default:
      return -EINVAL;
  }
}

/** struct flock: type and whence (2 bytes each), start at 8, length at 16, pid at 24. */
function readLock(
  { memory, process }: SyscallContext,
  file: Description,
  command: number,
  at: number,
): { readonly type: number; readonly lock: RecordLock } | undefined {
  const type = memory.u16(at);
  const whence = memory.u16(at + 2);
  const length = memory.i64(at + 16);
  let start = memory.i64(at + 8);
  if (whence === SEEK_CUR) start += file.seek(0, SEEK_CUR);
  else if (whence === SEEK_END) start += file.size();
  else if (whence !== SEEK_SET) return undefined;
  if (type > F_UNLCK) return undefined;
  const first = length < 0 ? start + length : start;
  const end = length === 0 ? Infinity : length < 0 ? start : start + length;
  if (first < 0) return undefined;
  const owner: LockOwner = command >= F_OFD_GETLK ? file : process.pid;
  return { type, lock: { owner, type: type === F_WRLCK ? F_WRLCK : F_RDLCK, start: first, end } };
}

function getLock(context: SyscallContext, file: Description, command: number, at: number): number {
  const { kernel, memory } = context;
  const wanted = readLock(context, file, command, at);
  if (!wanted || wanted.type === F_UNLCK) return -EINVAL;
  const found = fileSystemOf(context).recordLocks.conflict(kernel, fileKey(file), wanted.lock);
  memory.set16(at, found ? found.type : F_UNLCK);
  if (!found) return 0;
  memory.set16(at + 2, SEEK_SET);
  memory.set64(at + 8, found.start);
  memory.set64(at + 16, found.end === Infinity ? 0 : found.end - found.start);
  memory.set32(at + 24, typeof found.owner === 'number' ? found.owner : -1);
  return 0;
}

function setLock(
  context: SyscallContext,
  file: Description,
  command: number,
  at: number,
): SyscallResult {
  const { kernel } = context;
  const { recordLocks } = fileSystemOf(context);
  const wanted = readLock(context, file, command, at);
  if (!wanted) return -EINVAL;
  const key = fileKey(file);
  const { type, lock } = wanted;
  const access = file.flags & O_ACCMODE;
  if (type === F_UNLCK) {
    recordLocks.release(kernel, key, lock.owner, lock.start, lock.end);
    return 0;
  }
  if (access === (type === F_RDLCK ? O_WRONLY : O_RDONLY)) return -EBADF;
  const waits = command === F_SETLKW || command === F_OFD_SETLKW;
  return wait(
    context,
    () => [],
    () => {
      if (recordLocks.conflict(kernel, key, lock)) return waits ? undefined : -EAGAIN;
      recordLocks.take(kernel, key, lock);
      return 0;
    },
  );
}

function flock(context: SyscallContext, fd: number, operation: number): SyscallResult {
  const file = openFile(context, fd);
  const { fileLocks } = fileSystemOf(context);
  const key = fileKey(file);
  const kind = operation & ~LOCK_NB;
  if (kind === LOCK_UN) {
    fileLocks.release(key, file);
    return 0;
  }
  if (kind !== LOCK_SH && kind !== LOCK_EX) return -EINVAL;
  return wait(
    context,
    () => [],
    () => {
      if (fileLocks.take(key, file, kind === LOCK_SH ? 'shared' : 'exclusive')) {
        file.onClosed = () => fileLocks.release(key, file);
        return 0;
      }
      return operation & LOCK_NB ? -EAGAIN : undefined;
    },
  );
}

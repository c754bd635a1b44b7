import type { SyscallResult } from '../../block.ts';
import { EAGAIN, EINVAL, EOPNOTSUPP, EPIPE, ERESTARTSYS, SyscallError } from '../../errno.ts';
import { SIGPIPE, SIGTTOU, SI_USER } from '../../signal.ts';
import { syscall } from '../../syscall-table.ts';
import type { Syscall, SyscallContext } from '../../syscall-table.ts';
import type { Description } from '../description.ts';
import { MAX_RW_COUNT, O_NONBLOCK } from '../flags.ts';
import { checkForeground } from '../job-control.ts';
import { TerminalFile } from '../terminal-file.ts';
import { TOSTOP } from '../termios.ts';
import { openFile, readWaiting, readableFile, wait, writableFile } from './calls.ts';

/** Most elements of an I/O vector (UIO_MAXIOV). */
const IOV_MAX = 1024;
/** Larger vectored writes are made piece by piece. */
const GATHER_LIMIT = 1 << 24;
/** Flags of preadv2 and pwritev2 that only advise: RWF_HIPRI, RWF_DSYNC, RWF_SYNC. */
const RWF_ADVICE = 7;

/** Reading, writing and moving the offset. */
export const TRANSFER_SYSCALLS: readonly Syscall[] = [
  syscall(3, 'read', 'fd out size', read),
  syscall(4, 'write', 'fd in size', write),
  syscall(19, 'lseek', 'fd offset int', (context, fd, offset, whence) =>
    openFile(context, fd).seek(offset, whence),
  ),
  syscall(145, 'readv', 'fd address int', readv),
  syscall(146, 'writev', 'fd address int', writev),
  syscall(180, 'pread64', 'fd out size offset', (context, fd, buffer, size, offset) =>
    transferAt(readableFile(context, fd), [{ at: buffer, size }], offset, (file, part, position) =>
      file.readAt(context.memory.writablePrefix(part.at, part.size), position),
    ),
  ),
  syscall(181, 'pwrite64', 'fd in size offset', (context, fd, buffer, size, offset) =>
    transferAt(writableFile(context, fd), [{ at: buffer, size }], offset, (file, part, position) =>
      file.writeAt(context.memory.bytes(part.at, part.size), position),
    ),
  ),
  // The high half of the offset is a second argument, which 64-bit programs leave unused.
  syscall(328, 'preadv', 'fd address int offset', preadv),
  syscall(329, 'pwritev', 'fd address int offset', pwritev),
  syscall(
    376,
    'preadv2',
    'fd address int offset long flags',
    (context, fd, vector, count, offset, _high, flags) => {
      if (flags & ~RWF_ADVICE) return -EOPNOTSUPP;
      return offset === -1
        ? readv(context, fd, vector, count)
        : preadv(context, fd, vector, count, offset);
    },
  ),
  syscall(
    377,
    'pwritev2',
    'fd address int offset long flags',
    (context, fd, vector, count, offset, _high, flags) => {
      if (flags & ~RWF_ADVICE) return -EOPNOTSUPP;
      return offset === -1
        ? writev(context, fd, vector, count)
        : pwritev(context, fd, vector, count, offset);
    },
  ),
];

function read(context: SyscallContext, fd: number, buffer: number, size: number): SyscallResult {
  const file = readableFile(context, fd);
  const { memory } = context;
  const count = Math.min(size, MAX_RW_COUNT);
  return readWaiting(context, file, () => file.tryRead(memory.writablePrefix(buffer, count)));
}

function write(context: SyscallContext, fd: number, buffer: number, size: number): SyscallResult {
  const file = writableFile(context, fd);
  const { memory } = context;
  const count = Math.min(size, MAX_RW_COUNT);
  return writeWaiting(context, file, count, (done) => memory.bytes(buffer + done, count - done));
}

/**
 * Writes all `total` bytes, waiting where it must; `rest(done)` is what is left after `done`. Ends
 * early with what was written when the file is O_NONBLOCK, fails, or a signal comes.
 */
export function writeWaiting(
  context: SyscallContext,
  file: Description,
  total: number,
  rest: (done: number) => Uint8Array,
): SyscallResult {
  let done = 0;
  return wait(
    context,
    () => [file],
    () => {
      if (file instanceof TerminalFile && file.terminal.modes.local & TOSTOP) {
        const stopped = checkForeground(context, file.terminal, SIGTTOU);
        if (stopped < 0) return stopped;
      }
      file.activity++;
      for (;;) {
        const count = file.tryWrite(rest(done));
        if (count === -EAGAIN && !(file.flags & O_NONBLOCK)) return undefined;
        if (count === -EPIPE) brokenPipe(context);
        if (count < 0) return done || count;
        done += count;
        if (done >= total || count === 0) return done;
      }
    },
    { interrupted: () => done || -ERESTARTSYS },
  );
}

/** SIGPIPE for who writes where nobody reads. */
export function brokenPipe({ kernel, process, thread }: SyscallContext): void {
  const { uid } = process.credentials;
  kernel.signalThread(thread, { signal: SIGPIPE, code: SI_USER, pid: process.pid, uid });
}

interface Part {
  readonly at: number;
  readonly size: number;
}

/** The parts of an iovec array that are not empty. @throws SyscallError EINVAL */
function parts({ memory }: SyscallContext, vector: number, count: number): Part[] {
  if (count < 0 || count > IOV_MAX) throw new SyscallError(EINVAL);
  const found: Part[] = [];
  let total = 0;
  for (let i = 0; i < count; i++) {
    const at = memory.pointer(vector + 16 * i);
    const size = memory.pointer(vector + 16 * i + 8);
    if (size >= 2 ** 63) throw new SyscallError(EINVAL);
    const room = Math.min(size, MAX_RW_COUNT - total);
    total += room;
    if (room > 0) found.push({ at, size: room });
  }
  return found;
}

function readv(context: SyscallContext, fd: number, vector: number, count: number): SyscallResult {
  const file = readableFile(context, fd);
  const wanted = parts(context, vector, count);
  return readWaiting(context, file, () => {
    let done = 0;
    for (const { at, size } of wanted) {
      const got = file.tryRead(context.memory.writablePrefix(at, size));
      if (got < 0) return done || got;
      done += got;
      if (got < size) break;
    }
    return done;
  });
}

function writev(context: SyscallContext, fd: number, vector: number, count: number): SyscallResult {
  const file = writableFile(context, fd);
  const given = parts(context, vector, count);
  const { memory } = context;
  const total = given.reduce((sum, { size }) => sum + size, 0);
  if (given.length === 1) {
    const [{ at }] = given as [Part];
    return writeWaiting(context, file, total, (done) => memory.bytes(at + done, total - done));
  }
  if (total > GATHER_LIMIT) {
    return writeWaiting(context, file, total, (done) => {
      let before = 0;
      const part = given.find(({ size }) => (before += size) > done)!;
      const left = before - done;
      return memory.bytes(part.at + part.size - left, left);
    });
  }
  // One write, which pipes then keep in one piece.
  const all = new Uint8Array(total);
  let at = 0;
  for (const part of given) {
    all.set(memory.bytes(part.at, part.size), at);
    at += part.size;
  }
  return writeWaiting(context, file, total, (done) => all.subarray(done));
}

function preadv(
  context: SyscallContext,
  fd: number,
  vector: number,
  count: number,
  offset: number,
): number {
  const wanted = parts(context, vector, count);
  return transferAt(readableFile(context, fd), wanted, offset, (file, part, position) =>
    file.readAt(context.memory.writablePrefix(part.at, part.size), position),
  );
}

function pwritev(
  context: SyscallContext,
  fd: number,
  vector: number,
  count: number,
  offset: number,
): number {
  const given = parts(context, vector, count);
  return transferAt(writableFile(context, fd), given, offset, (file, part, position) =>
    file.writeAt(context.memory.bytes(part.at, part.size), position),
  );
}

function transferAt(
  file: Description,
  list: readonly Part[],
  offset: number,
  transfer: (file: Description, part: Part, position: number) => number,
): number {
  if (offset < 0) return -EINVAL;
  let done = 0;
  for (const { at, size } of list) {
    const part = { at, size: Math.min(size, MAX_RW_COUNT) };
    const count = transfer(file, part, offset + done);
    if (count < 0) return done || count;
    done += count;
    if (count < part.size) break;
  }
  return done;
}

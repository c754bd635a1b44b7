import type { SyscallResult } from '../../block.ts';
import { EAGAIN, EBADF, EINVAL, EPIPE, ERESTARTSYS, ESPIPE } from '../../errno.ts';
import { syscall } from '../../syscall-table.ts';
import type { Syscall, SyscallContext } from '../../syscall-table.ts';
import type { Description } from '../description.ts';
import { MAX_RW_COUNT, O_APPEND, O_NONBLOCK } from '../flags.ts';
import { MemoryFile } from '../memory-file.ts';
import { PipeEnd } from '../pipe.ts';
import { RegularFile } from '../regular-file.ts';
import { readableFile, wait, writableFile } from './calls.ts';
import { brokenPipe } from './transfer.ts';

/** Bytes moved at a time. */
const CHUNK = 1 << 16;
const SPLICE_F_NONBLOCK = 2;

/** Moving bytes between two descriptors without showing them to the program. */
export const COPY_SYSCALLS: readonly Syscall[] = [
  syscall(187, 'sendfile', 'fd fd address size', (context, out, from, offset, size) => {
    const source = readableFile(context, from);
    const target = writableFile(context, out);
    if (!isSeekable(source) || target.flags & O_APPEND) return -EINVAL;
    return copy(context, { file: source, offset }, { file: target, offset: 0 }, size, false);
  }),
  syscall(
    375,
    'copy_file_range',
    'fd address fd address size flags',
    (context, from, fromOffset, out, outOffset, size, flags) => {
      const source = { file: readableFile(context, from), offset: fromOffset };
      const target = { file: writableFile(context, out), offset: outOffset };
      if (flags !== 0 || !isSeekable(source.file) || !isSeekable(target.file)) return -EINVAL;
      if (target.file.flags & O_APPEND) return -EBADF;
      return copy(context, source, target, size, false);
    },
  ),
  syscall(
    306,
    'splice',
    'fd address fd address size flags',
    (context, from, fromOffset, out, outOffset, size, flags) => {
      const source = { file: readableFile(context, from), offset: fromOffset };
      const target = { file: writableFile(context, out), offset: outOffset };
      const pipes = [source, target].filter(({ file }) => file instanceof PipeEnd);
      if (pipes.length === 0) return -EINVAL;
      if (!isSeekable(source.file) && !(source.file instanceof PipeEnd)) return -EINVAL;
      if (pipes.some(({ offset }) => offset !== 0)) return -ESPIPE;
      return copy(context, source, target, size, (flags & SPLICE_F_NONBLOCK) !== 0);
    },
  ),
  // Programs fall back to reading and writing.
  syscall(308, 'tee', 'fd fd size flags', () => -EINVAL),
  syscall(309, 'vmsplice', 'fd address size flags', () => -EINVAL),
];

/** One side of a copy. */
interface Side {
  readonly file: Description;
  /** Where the program keeps its own offset; 0 for the file's. */
  readonly offset: number;
}

function isSeekable(file: Description): boolean {
  return file instanceof RegularFile || file instanceof MemoryFile;
}

/** Copies until `size` bytes are through, the source ends, or a pipe has no more for now. */
function copy(
  context: SyscallContext,
  source: Side,
  target: Side,
  size: number,
  nonBlocking: boolean,
): SyscallResult {
  const { memory } = context;
  const total = Math.min(size, MAX_RW_COUNT);
  const chunk = new Uint8Array(Math.min(total, CHUNK));
  let done = 0;
  let read = source.offset === 0 ? undefined : memory.i64(source.offset);
  let written = target.offset === 0 ? undefined : memory.i64(target.offset);
  if ((read ?? 0) < 0 || (written ?? 0) < 0) return -EINVAL;

  const attempt = (): number => {
    while (done < total) {
      const wanted = chunk.subarray(0, Math.min(chunk.length, total - done));
      const count =
        read === undefined ? peek(source.file, wanted) : source.file.readAt(wanted, read);
      if (count < 0) return done || count;
      if (count === 0) return done;
      const part = wanted.subarray(0, count);
      const put =
        written === undefined ? target.file.tryWrite(part) : target.file.writeAt(part, written);
      if (put === -EPIPE) brokenPipe(context);
      if (put < 0) return done || put;
      done += put;
      if (read === undefined) skip(source.file, put);
      else memory.set64(source.offset, (read += put));
      if (written !== undefined) memory.set64(target.offset, (written += put));
      if (put < count) return done;
    }
    return done;
  };
  const waits = [source.file, target.file].every(
    ({ flags }) => !nonBlocking && !(flags & O_NONBLOCK),
  );
  return wait(
    context,
    () => [source.file, target.file],
    () => {
      const result = attempt();
      return result === -EAGAIN && waits ? undefined : result;
    },
    { interrupted: () => done || -ERESTARTSYS },
  );
}

/** What a read would get, without taking it: the target may not have room for it. */
function peek(file: Description, into: Uint8Array): number {
  if (file instanceof PipeEnd) {
    const { queue, writers } = file.pipe;
    if (queue.length === 0) return writers > 0 ? -EAGAIN : 0;
    return queue.peek(into);
  }
  return file.readAt(into, file.seek(0, 1));
}

function skip(file: Description, count: number): void {
  if (file instanceof PipeEnd) file.pipe.queue.drop(count);
  else file.seek(count, 1);
}

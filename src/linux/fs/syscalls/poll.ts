import type { SyscallResult } from '../../block.ts';
import {
  EBADF,
  EEXIST,
  EINTR,
  EINVAL,
  ENOENT,
  EPERM,
  ERESTARTNOHAND,
  SyscallError,
} from '../../errno.ts';
import { syscall } from '../../syscall-table.ts';
import type { Syscall, SyscallContext } from '../../syscall-table.ts';
import { useMask } from '../../syscalls/signals.ts';
import { readTimespec, readTimeval, writeTimespec, writeTimeval } from '../../time-structs.ts';
import { describe } from '../description.ts';
import type { Description } from '../description.ts';
import { DirectoryFile } from '../directory.ts';
import { EpollFile } from '../epoll.ts';
import {
  O_CLOEXEC,
  O_RDWR,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from '../flags.ts';
import { RegularFile } from '../regular-file.ts';
import { openFile, wait } from './calls.ts';
import { descriptorFlags } from './open.ts';

const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;
/** Bytes of struct epoll_event, which s390x does not pack: events, data at 8. */
const EPOLL_EVENT_SIZE = 16;

/** What makes a descriptor count as readable, writable, exceptional for select (fs/select.c). */
const SELECT_SETS = [
  POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR,
  POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR,
  POLLPRI,
];

/** Waiting for any of several descriptors. */
export const POLL_SYSCALLS: readonly Syscall[] = [
  syscall(168, 'poll', 'address size int', (context, fds, count, milliseconds) =>
    poll(context, fds, count, milliseconds < 0 ? undefined : milliseconds * 1e6, () => {}),
  ),
  syscall(302, 'ppoll', 'address size address address size', ppoll),
  syscall(142, 'select', 'int address address address address', select),
  syscall(301, 'pselect6', 'int address address address address address', pselect),
  syscall(249, 'epoll_create', 'int', ({ process }, size) =>
    size <= 0 ? -EINVAL : process.files.add(new EpollFile(O_RDWR)),
  ),
  syscall(327, 'epoll_create1', 'flags', ({ process }, flags) =>
    flags & ~O_CLOEXEC ? -EINVAL : process.files.add(new EpollFile(O_RDWR), descriptorFlags(flags)),
  ),
  syscall(250, 'epoll_ctl', 'fd int fd address', epollControl),
  syscall(251, 'epoll_wait', 'fd address int int', (context, fd, events, most, milliseconds) =>
    epollWait(context, fd, events, most, milliseconds < 0 ? undefined : milliseconds * 1e6),
  ),
  syscall(
    312,
    'epoll_pwait',
    'fd address int int address size',
    (context, fd, events, most, milliseconds, mask, size) => {
      const time = milliseconds < 0 ? undefined : milliseconds * 1e6;
      waitWithMask(context, mask, size);
      return epollWait(context, fd, events, most, time);
    },
  ),
  syscall(
    441,
    'epoll_pwait2',
    'fd address int address address size',
    (context, fd, events, most, timeout, mask, size) => {
      const time = timeout === 0 ? undefined : readTimespec(context.memory, timeout);
      waitWithMask(context, mask, size);
      return epollWait(context, fd, events, most, time);
    },
  ),
];

/** Sets the signal mask for the duration of a call that is given one. @throws SyscallError EINVAL */
function waitWithMask({ memory, thread }: SyscallContext, mask: number, size: number): void {
  if (mask === 0) return;
  if (size !== 8) throw new SyscallError(EINVAL);
  useMask(thread, memory.u64(mask));
}

/**
 * struct pollfd: descriptor, events, revents (4, 2, 2 bytes). `finish` is told the time left when
 * the call ends. `time` is in nanoseconds; undefined waits for ever.
 */
function poll(
  context: SyscallContext,
  fds: number,
  count: number,
  time: number | undefined,
  finish: (left: number) => void,
): SyscallResult {
  const { kernel, memory, process } = context;
  if (count > process.files.limit) return -EINVAL;
  memory.writable(fds, 8 * count);
  const entries = Array.from({ length: count }, (_, i) => {
    const fd = memory.i32(fds + 8 * i);
    const file = fd >= 0 && process.files.has(fd) ? describe(process.files.get(fd)) : undefined;
    return { fd, file, events: memory.u16(fds + 8 * i + 4), at: fds + 8 * i + 6 };
  });
  const deadline = time === undefined ? Infinity : kernel.now() + time;
  const end = (result: number): number => {
    finish(Math.max(0, deadline - kernel.now()));
    return result;
  };
  return wait(
    context,
    () => entries.flatMap(({ file }) => file ?? []),
    () => {
      let ready = 0;
      for (const { fd, file, events, at } of entries) {
        const found = file ? file.poll() & (events | POLLERR | POLLHUP | POLLNVAL) : POLLNVAL;
        const shown = fd < 0 ? 0 : found;
        memory.set16(at, shown);
        if (shown !== 0) ready++;
      }
      if (ready > 0) return end(ready);
      return kernel.now() >= deadline ? end(0) : undefined;
    },
    { deadline, interrupted: () => end(-ERESTARTNOHAND) },
  );
}

function ppoll(
  context: SyscallContext,
  fds: number,
  count: number,
  timeout: number,
  mask: number,
  size: number,
): SyscallResult {
  const { memory } = context;
  const time = timeout === 0 ? undefined : readTimespec(memory, timeout);
  waitWithMask(context, mask, size);
  return poll(context, fds, count, time, (left) => {
    if (timeout !== 0) writeTimespec(memory, timeout, left);
  });
}

function select(
  context: SyscallContext,
  count: number,
  read: number,
  write: number,
  except: number,
  timeout: number,
): SyscallResult {
  const { memory } = context;
  const time = timeout === 0 ? undefined : readTimeval(memory, timeout);
  return selectUntil(context, count, [read, write, except], time, (left) => {
    if (timeout !== 0) writeTimeval(memory, timeout, left);
  });
}

/** The sixth argument points at the address and the size of a signal set. */
function pselect(
  context: SyscallContext,
  count: number,
  read: number,
  write: number,
  except: number,
  timeout: number,
  signals: number,
): SyscallResult {
  const { memory } = context;
  const time = timeout === 0 ? undefined : readTimespec(memory, timeout);
  if (signals !== 0) {
    waitWithMask(context, memory.pointer(signals), memory.pointer(signals + 8));
  }
  return selectUntil(context, count, [read, write, except], time, (left) => {
    if (timeout !== 0) writeTimespec(memory, timeout, left);
  });
}

/** Sets are arrays of doublewords, bit 0 of each the rightmost: a byte holds 8 descriptors. */
function selectUntil(
  context: SyscallContext,
  count: number,
  sets: readonly number[],
  time: number | undefined,
  finish: (left: number) => void,
): SyscallResult {
  const { kernel, memory, process } = context;
  if (count < 0) return -EINVAL;
  const bytes = 8 * Math.ceil(Math.min(count, process.files.limit) / 64);
  const byteOf = (fd: number): number => (fd & ~63) / 8 + 7 - ((fd & 63) >> 3);
  const wanted = sets.map((at) => (at === 0 ? undefined : memory.bytes(at, bytes).slice()));
  const watched: { readonly fd: number; readonly file: Description; readonly set: number }[] = [];
  wanted.forEach((bits, set) => {
    for (let fd = 0; bits && fd < Math.min(count, bytes * 8); fd++) {
      if (!(bits[byteOf(fd)]! & (1 << (fd & 7)))) continue;
      if (!process.files.has(fd)) throw new SyscallError(EBADF);
      watched.push({ fd, file: describe(process.files.get(fd)), set });
    }
  });
  const deadline = time === undefined ? Infinity : kernel.now() + time;
  const end = (results: readonly (Uint8Array | undefined)[], ready: number): number => {
    results.forEach((bits, set) => {
      if (bits && sets[set] !== 0) memory.write(sets[set]!, bits);
    });
    finish(Math.max(0, deadline - kernel.now()));
    return ready;
  };
  return wait(
    context,
    () => watched.map(({ file }) => file),
    () => {
      const results = sets.map((at) => (at === 0 ? undefined : new Uint8Array(bytes)));
      let ready = 0;
      for (const { fd, file, set } of watched) {
        if (!(file.poll() & SELECT_SETS[set]!)) continue;
        results[set]![byteOf(fd)]! |= 1 << (fd & 7);
        ready++;
      }
      return ready > 0 || kernel.now() >= deadline ? end(results, ready) : undefined;
    },
    { deadline, interrupted: () => end([], -ERESTARTNOHAND) },
  );
}

function epoll(context: SyscallContext, fd: number): EpollFile {
  const file = openFile(context, fd);
  if (!(file instanceof EpollFile)) throw new SyscallError(EINVAL);
  return file;
}

function epollControl(
  context: SyscallContext,
  epfd: number,
  operation: number,
  fd: number,
  event: number,
): number {
  const { memory } = context;
  const watcher = openFile(context, epfd);
  const file = openFile(context, fd);
  if (!(watcher instanceof EpollFile) || watcher === file) return -EINVAL;
  // Files that are always ready cannot be watched.
  if (file instanceof RegularFile || file instanceof DirectoryFile) return -EPERM;
  const interest = watcher.find(fd, file);
  if (operation === EPOLL_CTL_DEL) {
    if (!interest) return -ENOENT;
    watcher.remove(interest);
    return 0;
  }
  const events = memory.u32(event);
  const data = memory.u64(event + 8);
  if (operation === EPOLL_CTL_ADD) {
    return interest ? -EEXIST : watcher.add(fd, file, events, data);
  }
  if (operation !== EPOLL_CTL_MOD) return -EINVAL;
  if (!interest) return -ENOENT;
  watcher.change(interest, events, data);
  return 0;
}

function epollWait(
  context: SyscallContext,
  fd: number,
  at: number,
  most: number,
  time: number | undefined,
): SyscallResult {
  const { kernel, memory } = context;
  const watcher = epoll(context, fd);
  if (most <= 0) return -EINVAL;
  const deadline = time === undefined ? Infinity : kernel.now() + time;
  return wait(
    context,
    () => [watcher],
    () => {
      const found = watcher.collect(most);
      if (found.length === 0) return kernel.now() >= deadline ? 0 : undefined;
      memory.writable(at, EPOLL_EVENT_SIZE * found.length);
      found.forEach(({ events, data }, i) => {
        memory.set32(at + EPOLL_EVENT_SIZE * i, events);
        memory.set64(at + EPOLL_EVENT_SIZE * i + 8, data);
      });
      return found.length;
    },
    { deadline, interrupted: () => -EINTR },
  );
}

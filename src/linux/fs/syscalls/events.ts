import { EBADF, EINVAL } from '../../errno.ts';
import { UNBLOCKABLE } from '../../signal.ts';
import { syscall } from '../../syscall-table.ts';
import type { Syscall, SyscallContext } from '../../syscall-table.ts';
import { readTimespec, writeTimespec } from '../../time-structs.ts';
import { EventCounter, SignalFile, TimerFile } from '../event-files.ts';
import { O_CLOEXEC, O_NONBLOCK, O_RDWR } from '../flags.ts';
import { openFile } from './calls.ts';
import { descriptorFlags } from './open.ts';

const EFD_SEMAPHORE = 1;
const TFD_TIMER_ABSTIME = 1;
const TFD_TIMER_CANCEL_ON_SET = 2;
/** Clocks that count real time: CLOCK_REALTIME, CLOCK_REALTIME_ALARM. */
const REAL_TIME = new Set([0, 8]);
/** And those that count from the start: MONOTONIC, BOOTTIME, BOOTTIME_ALARM. */
const SINCE_START = new Set([1, 7, 9]);

/** Descriptors that stand for counters, timers and signals. */
export const EVENT_SYSCALLS: readonly Syscall[] = [
  syscall(318, 'eventfd', 'flags', (context, value) => eventfd(context, value, 0)),
  syscall(323, 'eventfd2', 'flags flags', eventfd),
  syscall(319, 'timerfd_create', 'int flags', ({ kernel, process }, clock, flags) => {
    const isRealTime = REAL_TIME.has(clock);
    if (flags & ~(O_CLOEXEC | O_NONBLOCK)) return -EINVAL;
    if (!isRealTime && !SINCE_START.has(clock)) return -EINVAL;
    const file = new TimerFile(kernel, isRealTime, O_RDWR | (flags & O_NONBLOCK));
    return process.files.add(file, descriptorFlags(flags));
  }),
  syscall(320, 'timerfd_settime', 'fd flags address address', timerfdSettime),
  syscall(321, 'timerfd_gettime', 'fd address', (context, fd, at) => {
    putTimer(context, timer(context, fd), at);
    return 0;
  }),
  syscall(316, 'signalfd', 'fd address size', (context, fd, mask, size) =>
    signalfd(context, fd, mask, size, 0),
  ),
  syscall(322, 'signalfd4', 'fd address size flags', signalfd),
];

function eventfd({ process }: SyscallContext, value: number, flags: number): number {
  if (flags & ~(O_CLOEXEC | O_NONBLOCK | EFD_SEMAPHORE)) return -EINVAL;
  const isSemaphore = (flags & EFD_SEMAPHORE) !== 0;
  const file = new EventCounter(BigInt(value), isSemaphore, O_RDWR | (flags & O_NONBLOCK));
  return process.files.add(file, descriptorFlags(flags));
}

function timer(context: SyscallContext, fd: number): TimerFile | undefined {
  const file = openFile(context, fd);
  return file instanceof TimerFile ? file : undefined;
}

/** struct itimerspec: the interval, then the time left. */
function putTimer({ memory }: SyscallContext, file: TimerFile | undefined, at: number): void {
  const { left, interval } = file?.get() ?? { left: 0, interval: 0 };
  writeTimespec(memory, at, interval);
  writeTimespec(memory, at + 16, left);
}

function timerfdSettime(
  context: SyscallContext,
  fd: number,
  flags: number,
  value: number,
  old: number,
): number {
  const file = timer(context, fd);
  if (!file || flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) return -EINVAL;
  const interval = readTimespec(context.memory, value);
  const first = readTimespec(context.memory, value + 16);
  if (old !== 0) putTimer(context, file, old);
  file.set(first, interval, (flags & TFD_TIMER_ABSTIME) !== 0);
  return 0;
}

function signalfd(
  context: SyscallContext,
  fd: number,
  maskAt: number,
  size: number,
  flags: number,
): number {
  const { memory, process } = context;
  if (size !== 8 || flags & ~(O_CLOEXEC | O_NONBLOCK)) return -EINVAL;
  const mask = memory.u64(maskAt) & ~UNBLOCKABLE;
  if (fd !== -1) {
    if (!process.files.has(fd)) return -EBADF;
    const file = openFile(context, fd);
    if (!(file instanceof SignalFile)) return -EINVAL;
    file.mask = mask;
    return fd;
  }
  const file = new SignalFile(process, mask, O_RDWR | (flags & O_NONBLOCK));
  return process.files.add(file, descriptorFlags(flags));
}

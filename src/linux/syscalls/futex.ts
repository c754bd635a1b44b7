import type { Block, SyscallResult } from '../block.ts';
import {
  EAGAIN,
  EDEADLK,
  EINTR,
  EINVAL,
  ENOSYS,
  EPERM,
  ERESTARTSYS,
  ESRCH,
  ETIMEDOUT,
} from '../errno.ts';
import type { FutexWaiter } from '../futex-queue.ts';
import { syscall } from '../syscall-table.ts';
import type { Syscall, SyscallContext } from '../syscall-table.ts';
import { readTimespec } from '../time-structs.ts';
import { monotonicOf } from './time.ts';

const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const FUTEX_REQUEUE = 3;
const FUTEX_CMP_REQUEUE = 4;
const FUTEX_WAKE_OP = 5;
const FUTEX_LOCK_PI = 6;
const FUTEX_UNLOCK_PI = 7;
const FUTEX_TRYLOCK_PI = 8;
const FUTEX_WAIT_BITSET = 9;
const FUTEX_WAKE_BITSET = 10;
const FUTEX_LOCK_PI2 = 13;
const FUTEX_PRIVATE_FLAG = 128;
const FUTEX_CLOCK_REALTIME = 256;
const WAITERS = 0x8000_0000;
const OWNER_DIED = 0x4000_0000;
const TID_MASK = 0x3fff_ffff;
const ALL_BITS = 0xffff_ffff;

/** futex(2) and the lists of held mutexes. */
export const FUTEX_SYSCALLS: readonly Syscall[] = [
  syscall(238, 'futex', 'address flags int address address flags', futex),
  syscall(304, 'set_robust_list', 'address size', ({ thread }, head, size) => {
    if (size !== 24) return -EINVAL;
    thread.robustList = head;
    return 0;
  }),
  syscall(305, 'get_robust_list', 'pid address address', (context, tid, head, size) => {
    const { kernel, memory } = context;
    const thread = tid === 0 ? context.thread : kernel.thread(tid);
    if (!thread) return -ESRCH;
    memory.set64(head, thread.robustList);
    memory.set64(size, 24);
    return 0;
  }),
];

function futex(
  context: SyscallContext,
  address: number,
  operation: number,
  value: number,
  timeout: number,
  address2: number,
  value3: number,
): SyscallResult {
  const { kernel, memory, process } = context;
  if (address % 4 !== 0) return -EINVAL;
  const { mm } = process;
  const { futexes } = kernel;
  const key = (at: number): string => mm.futexKey(at);
  const command = operation & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
  const realtime = (operation & FUTEX_CLOCK_REALTIME) !== 0;
  // Where others use it, the fourth argument is a count.
  const count2 = timeout;
  switch (command) {
    case FUTEX_WAIT:
      return wait(context, address, value, relativeDeadline(context, timeout), ALL_BITS);
    case FUTEX_WAIT_BITSET:
      if (value3 === 0) return -EINVAL;
      return wait(context, address, value, deadlineOf(context, timeout, realtime), value3);
    case FUTEX_WAKE:
      return futexes.wake(key(address), value);
    case FUTEX_WAKE_BITSET:
      if (value3 === 0) return -EINVAL;
      return futexes.wake(key(address), value, value3);
    case FUTEX_REQUEUE: {
      const woken = futexes.wake(key(address), value);
      futexes.requeue(key(address), key(address2), count2);
      return woken;
    }
    case FUTEX_CMP_REQUEUE: {
      if (memory.u32(address) !== value3) return -EAGAIN;
      const woken = futexes.wake(key(address), value);
      return woken + futexes.requeue(key(address), key(address2), count2);
    }
    case FUTEX_WAKE_OP:
      return wakeOp(context, address, value, count2, address2, value3);
    case FUTEX_LOCK_PI:
      return lock(context, address, deadlineOf(context, timeout, true));
    case FUTEX_LOCK_PI2:
      return lock(context, address, deadlineOf(context, timeout, realtime));
    case FUTEX_TRYLOCK_PI:
      return tryLock(context, address) ?? -EAGAIN;
    case FUTEX_UNLOCK_PI:
      return unlock(context, address);
    default:
      return -ENOSYS;
  }
}

function relativeDeadline({ kernel, memory }: SyscallContext, timeout: number): number {
  return timeout === 0 ? Infinity : kernel.now() + readTimespec(memory, timeout);
}

function deadlineOf(
  { kernel, memory }: SyscallContext,
  timeout: number,
  realtime: boolean,
): number {
  if (timeout === 0) return Infinity;
  const time = readTimespec(memory, timeout);
  return realtime ? monotonicOf(kernel, time) : time;
}

function wait(
  context: SyscallContext,
  address: number,
  expected: number,
  deadline: number,
  bitset: number,
): SyscallResult {
  const { kernel, memory, process, thread } = context;
  if (memory.i32(address) !== expected) return -EAGAIN;
  const key = process.mm.futexKey(address);
  const waiter: FutexWaiter = { thread, bitset, key, woken: false };
  kernel.futexes.add(waiter);
  return sleep(context, waiter, deadline, () => 0, deadline === Infinity ? -ERESTARTSYS : -EINTR);
}

function sleep(
  { kernel }: SyscallContext,
  waiter: FutexWaiter,
  deadline: number,
  woken: () => number,
  interrupted: number,
): Block {
  return {
    deadline,
    poll: () => {
      if (waiter.woken) return woken();
      if (kernel.now() < deadline) return undefined;
      kernel.futexes.remove(waiter);
      return -ETIMEDOUT;
    },
    interrupted: () => {
      if (waiter.woken) return woken();
      kernel.futexes.remove(waiter);
      return interrupted;
    },
  };
}

/** FUTEX_WAKE_OP: changes one word, wakes on another, and there too if the old value says so. */
function wakeOp(
  { kernel, memory, process }: SyscallContext,
  address: number,
  count: number,
  count2: number,
  address2: number,
  encoded: number,
): number {
  const operation = (encoded >>> 28) & 15;
  const comparison = (encoded >>> 24) & 15;
  const operand = (encoded << 8) >> 20;
  const compared = (encoded << 20) >> 20;
  const amount = operation & 8 ? 1 << (operand & 31) : operand;
  const old = memory.i32(address2);
  const results = [amount, old + amount, old | amount, old & ~amount, old ^ amount];
  const result = results[operation & 7];
  if (result === undefined) return -ENOSYS;
  memory.set32(address2, result);
  const holds = [
    old === compared,
    old !== compared,
    old < compared,
    old <= compared,
    old > compared,
    old >= compared,
  ][comparison];
  if (holds === undefined) return -ENOSYS;
  const { mm } = process;
  let woken = kernel.futexes.wake(mm.futexKey(address), count);
  if (holds) woken += kernel.futexes.wake(mm.futexKey(address2), count2);
  return woken;
}

/** Takes a free lock; undefined when another thread holds it. */
function tryLock({ memory, thread }: SyscallContext, address: number): number | undefined {
  const value = memory.u32(address);
  const owner = value & TID_MASK;
  if (owner === thread.tid) return -EDEADLK;
  if (owner !== 0) return undefined;
  memory.set32(address, thread.tid | (value & (WAITERS | OWNER_DIED)));
  return 0;
}

/** FUTEX_LOCK_PI: without priorities there is nothing to inherit, so it is a fair lock. */
function lock(context: SyscallContext, address: number, deadline: number): SyscallResult {
  const { kernel, memory, process, thread } = context;
  const taken = tryLock(context, address);
  if (taken !== undefined) return taken;
  const value = memory.u32(address);
  if (!kernel.thread(value & TID_MASK)) return -ESRCH;
  memory.set32(address, value | WAITERS);
  const key = process.mm.futexKey(address);
  const waiter: FutexWaiter = { thread, bitset: ALL_BITS, key, woken: false };
  kernel.futexes.add(waiter);
  // Unlocking hands the lock over, so whoever is woken has it, or finds that its owner died.
  const woken = (): number => {
    if ((memory.u32(address) & TID_MASK) !== thread.tid) {
      const rest = memory.u32(address) & (WAITERS | OWNER_DIED);
      memory.set32(address, thread.tid | rest);
    }
    return 0;
  };
  return sleep(context, waiter, deadline, woken, -ERESTARTSYS);
}

function unlock({ kernel, memory, process, thread }: SyscallContext, address: number): number {
  const value = memory.u32(address);
  if ((value & TID_MASK) !== thread.tid) return -EPERM;
  const key = process.mm.futexKey(address);
  const next = kernel.futexes.first(key);
  if (!next) {
    memory.set32(address, 0);
    return 0;
  }
  kernel.futexes.wake(key, 1);
  const more = kernel.futexes.first(key) ? WAITERS : 0;
  memory.set32(address, next.thread.tid | more);
  return 0;
}

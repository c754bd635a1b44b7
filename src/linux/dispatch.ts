import { ProgramInterruption } from '../cpu/interruption.ts';
import type { CpuState } from '../cpu/state.ts';
import { REGISTERS_SET } from './block.ts';
import type { SyscallResult } from './block.ts';
import { EFAULT, ENOSYS, SyscallError } from './errno.ts';
import type { Kernel } from './kernel.ts';
import type { Process } from './process.ts';
import type { ArgumentType, Syscall, SyscallContext } from './syscall-table.ts';
import type { PendingCall, Thread } from './thread.ts';

/** General register 2: first argument and result. */
const R2 = 4;

/** Told of every call, for --strace. */
export interface CallTracer {
  /** Before the call; returns what is to be called with the result. */
  enter(
    context: SyscallContext,
    call: Syscall | undefined,
    args: readonly number[],
  ): (result: number) => void;
}

/** Calls that see file contents, before which stores into shared mappings must have arrived there. */
const READS_FILES = new Set([3, 92, 93, 118, 144, 145, 148, 180, 187, 306, 328, 375, 376]);
/** Calls that change file contents, which shared mappings then show. */
const WRITES_FILES = new Set([4, 92, 93, 146, 181, 187, 306, 314, 329, 375, 377]);

/** Does the system call whose number and arguments are in the registers. */
export function dispatch(
  kernel: Kernel,
  rows: { get(number: number): Syscall | undefined },
  process: Process,
  thread: Thread,
  call: Omit<PendingCall, 'done'>,
  tracer: CallTracer | undefined,
): { readonly result: SyscallResult; readonly call: PendingCall } {
  const { mm } = process;
  const { state } = mm.engine;
  const row = rows.get(call.number);
  const context: SyscallContext = {
    kernel,
    process,
    thread,
    memory: mm.memory,
    number: call.number,
    raw: (index) => state.gr(2 + index),
  };
  const args = row ? row.arguments.map((type, i) => decode(state, type, R2 + 2 * i)) : [];
  const done = tracer?.enter(context, row, args);
  const shared = mm.sharesStores;
  const writes = WRITES_FILES.has(call.number);
  if (shared && (writes || READS_FILES.has(call.number))) mm.flushShared();
  let result: SyscallResult;
  try {
    result = row ? row.handler(context, ...args) : -ENOSYS;
  } catch (error) {
    result = failure(error);
  }
  if (shared && writes && process.mm === mm && process.alive) {
    mm.refreshShared();
  }
  if (result === REGISTERS_SET) done?.(result);
  return { result, call: done ? { ...call, done } : call };
}

/** The result of a call that threw. */
export function failure(error: unknown): number {
  if (error instanceof SyscallError) return -error.errno;
  if (error instanceof ProgramInterruption) return -EFAULT;
  throw error;
}

function decode(state: CpuState, type: ArgumentType, at: number): number {
  const low = state.words[at]!;
  const high = state.words[at + 1]!;
  switch (type) {
    case 'int':
    case 'fd':
    case 'pid':
    case 'signal':
      return low;
    case 'flags':
    case 'mode':
      return low >>> 0;
    case 'long':
    case 'offset':
      return high * 0x1_0000_0000 + (low >>> 0);
    default:
      return (high >>> 0) * 0x1_0000_0000 + (low >>> 0);
  }
}

/**
 * Address of the SVC instruction, for restarting it. It may have been the target of EXECUTE, which
 * is then what runs again.
 */
export function callAddress(bytes: Uint8Array, next: number): number {
  if (bytes[next - 2] === 0x0a) return next - 2;
  return bytes[next - 4] === 0x44 ? next - 4 : next - 6;
}

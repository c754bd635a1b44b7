import { REGISTERS_SET } from '../block.ts';
import type { SyscallResult } from '../block.ts';
import { forceSignal } from '../delivery.ts';
import { EAGAIN, EINTR, EINVAL, ENOMEM, EPERM, ESRCH, SyscallError } from '../errno.ts';
import type { Process } from '../process.ts';
import {
  SIGNALS,
  SIGSEGV,
  SI_KERNEL,
  SI_TKILL,
  SI_USER,
  SA_NODEFER,
  SA_RESETHAND,
  UNBLOCKABLE,
  signalBit,
} from '../signal.ts';
import type { SignalAction, SignalInfo, SignalSet } from '../signal.ts';
import {
  alternateStackFlags,
  leaveHandler,
  readSiginfo,
  readStack,
  writeSiginfo,
  writeStack,
} from '../signal-frame.ts';
import { syscall } from '../syscall-table.ts';
import type { Syscall, SyscallContext } from '../syscall-table.ts';
import { SS_DISABLE, SS_ONSTACK } from '../thread.ts';
import type { Thread } from '../thread.ts';
import { readTimespec } from '../time-structs.ts';

const SIG_BLOCK = 0;
const SIG_UNBLOCK = 1;
const SIG_SETMASK = 2;
const SS_AUTODISARM = 0x8000_0000;
const MINIMAL_STACK = 2048;

/** Signal handling and sending. */
export const SIGNAL_SYSCALLS: readonly Syscall[] = [
  syscall(29, 'pause', '', () => untilSignal()),
  syscall(37, 'kill', 'pid signal', kill),
  syscall(48, 'signal', 'signal address', oldSignal),
  syscall(67, 'sigaction', 'signal address address', (context, signal, act, old) =>
    sigaction(context, signal, act, old, OLD_ACTION),
  ),
  syscall(72, 'sigsuspend', 'long long long', (context) => suspend(context, context.raw(2))),
  syscall(73, 'sigpending', 'address', sigpending),
  syscall(119, 'sigreturn', '', (context) => sigreturn(context, false)),
  syscall(126, 'sigprocmask', 'int address address', (context, how, set, old) =>
    sigprocmask(context, how, set, old, 8),
  ),
  syscall(173, 'rt_sigreturn', '', (context) => sigreturn(context, true)),
  syscall(174, 'rt_sigaction', 'signal address address size', (context, signal, act, old, size) =>
    size === 8 ? sigaction(context, signal, act, old, ACTION) : -EINVAL,
  ),
  syscall(175, 'rt_sigprocmask', 'int address address size', sigprocmask),
  syscall(176, 'rt_sigpending', 'address size', sigpending),
  syscall(177, 'rt_sigtimedwait', 'address address address size', sigtimedwait),
  syscall(178, 'rt_sigqueueinfo', 'pid signal address', (context, pid, signal, info) => {
    const process = alive(context, pid);
    const sent = readSiginfo(context.memory, info, checkedSignal(signal));
    if (signal !== 0) context.kernel.signalProcess(process, sent);
    return 0;
  }),
  syscall(179, 'rt_sigsuspend', 'address size', (context, set, size) =>
    size === 8 ? suspend(context, context.memory.u64(set)) : -EINVAL,
  ),
  syscall(186, 'sigaltstack', 'address address', sigaltstack),
  syscall(237, 'tkill', 'pid signal', (context, tid, signal) => {
    return signalThread(context, tid, signal, threadInfo(context, signal));
  }),
  syscall(241, 'tgkill', 'pid pid signal', (context, pid, tid, signal) => {
    if (context.kernel.thread(tid)?.pid !== pid) return -ESRCH;
    return signalThread(context, tid, signal, threadInfo(context, signal));
  }),
  syscall(330, 'rt_tgsigqueueinfo', 'pid pid signal address', (context, pid, tid, signal, info) => {
    if (context.kernel.thread(tid)?.pid !== pid) return -ESRCH;
    return signalThread(context, tid, signal, readSiginfo(context.memory, info, signal));
  }),
];

/** Offsets in a struct sigaction. */
interface ActionLayout {
  readonly flags: number;
  readonly restorer: number;
  readonly mask: number;
}

const ACTION: ActionLayout = { flags: 8, restorer: 16, mask: 24 };
const OLD_ACTION: ActionLayout = { mask: 8, flags: 16, restorer: 24 };

/** Sleeps until a handler has run. */
function untilSignal(): SyscallResult {
  return { poll: () => undefined, interrupted: () => -EINTR };
}

function checkedSignal(signal: number): number {
  if (signal < 0 || signal > SIGNALS) throw new SyscallError(EINVAL);
  return signal;
}

function alive({ kernel }: SyscallContext, pid: number): Process {
  const process = kernel.processes.get(pid) ?? kernel.processes.get(kernel.thread(pid)?.pid ?? -1);
  if (!process) throw new SyscallError(ESRCH);
  return process;
}

function kill(context: SyscallContext, pid: number, signal: number): number {
  const { kernel, process } = context;
  checkedSignal(signal);
  const info: SignalInfo = {
    signal,
    code: SI_USER,
    pid: process.pid,
    uid: process.credentials.uid,
  };
  const send = (target: Process): void => {
    if (signal !== 0) kernel.signalProcess(target, info);
  };
  if (pid > 0) {
    send(alive(context, pid));
    return 0;
  }
  const group = pid === 0 ? process.pgid : -pid;
  let found = false;
  for (const target of kernel.processes.values()) {
    if (pid === -1 ? target === process : target.pgid !== group) continue;
    found = true;
    send(target);
  }
  return found ? 0 : -ESRCH;
}

function threadInfo({ process }: SyscallContext, signal: number): SignalInfo {
  return { signal, code: SI_TKILL, pid: process.pid, uid: process.credentials.uid };
}

function signalThread(
  { kernel }: SyscallContext,
  tid: number,
  signal: number,
  info: SignalInfo,
): number {
  checkedSignal(signal);
  if (tid <= 0) return -EINVAL;
  const thread = kernel.thread(tid);
  if (!thread) return kernel.processes.has(tid) ? 0 : -ESRCH;
  if (signal !== 0) kernel.signalThread(thread, info);
  return 0;
}

function sigaction(
  { memory, process }: SyscallContext,
  signal: number,
  act: number,
  old: number,
  layout: ActionLayout,
): number {
  if (signal < 1 || signal > SIGNALS) return -EINVAL;
  const previous = process.actions.get(signal);
  if (act !== 0) {
    if (signalBit(signal) & UNBLOCKABLE) return -EINVAL;
    setAction(process, signal, {
      handler: memory.pointer(act),
      flags: Number(memory.u64(act + layout.flags) & 0xffff_ffffn),
      restorer: memory.pointer(act + layout.restorer),
      mask: memory.u64(act + layout.mask) & ~UNBLOCKABLE,
    });
  }
  if (old !== 0) {
    memory.set64(old, previous.handler);
    memory.set64(old + layout.flags, previous.flags);
    memory.set64(old + layout.restorer, previous.restorer);
    memory.set64(old + layout.mask, previous.mask);
  }
  return 0;
}

/** Sets an action; signals that are then ignored are no longer pending. */
function setAction(process: Process, signal: number, action: SignalAction): void {
  process.actions.set(signal, action);
  if (!process.actions.ignores(signal)) return;
  process.pending.discard(signalBit(signal));
  for (const thread of process.threads.values()) thread.pending.discard(signalBit(signal));
}

function oldSignal({ process }: SyscallContext, signal: number, handler: number): number {
  if (signal < 1 || signal > SIGNALS || signalBit(signal) & UNBLOCKABLE) return -EINVAL;
  const previous = process.actions.get(signal);
  const flags = SA_RESETHAND | SA_NODEFER;
  setAction(process, signal, { handler, flags: flags >>> 0, mask: 0n, restorer: 0 });
  return previous.handler;
}

function sigprocmask(
  { memory, thread }: SyscallContext,
  how: number,
  set: number,
  old: number,
  size: number,
): number {
  if (size !== 8) return -EINVAL;
  const previous = thread.blocked;
  if (set !== 0) {
    const mask = memory.u64(set) & ~UNBLOCKABLE;
    if (how === SIG_BLOCK) thread.blocked |= mask;
    else if (how === SIG_UNBLOCK) thread.blocked &= ~mask;
    else if (how === SIG_SETMASK) thread.blocked = mask;
    else return -EINVAL;
  }
  if (old !== 0) memory.set64(old, previous);
  return 0;
}

function sigpending({ memory, process, thread }: SyscallContext, set: number): number {
  memory.set64(set, (thread.pending.set | process.pending.set) & thread.blocked);
  return 0;
}

/** Makes `mask` the thread's mask until the call ends; handlers return to the old one. */
export function useMask(thread: Thread, mask: SignalSet): void {
  thread.savedMask ??= thread.blocked;
  thread.blocked = mask & ~UNBLOCKABLE;
}

function suspend({ thread }: SyscallContext, mask: SignalSet): SyscallResult {
  useMask(thread, mask);
  return untilSignal();
}

function sigtimedwait(
  { kernel, memory, process, thread }: SyscallContext,
  set: number,
  info: number,
  timeout: number,
  size: number,
): SyscallResult {
  if (size !== 8) return -EINVAL;
  const wanted = memory.u64(set) & ~UNBLOCKABLE;
  const deadline = timeout === 0 ? Infinity : kernel.now() + readTimespec(memory, timeout);
  const poll = (): number | undefined => {
    const found = thread.pending.take(wanted) ?? process.pending.take(wanted);
    if (!found) return kernel.now() >= deadline ? -EAGAIN : undefined;
    if (info !== 0) writeSiginfo(memory, info, found);
    return found.signal;
  };
  return poll() ?? { poll, deadline, interrupted: () => -EINTR };
}

function sigreturn(context: SyscallContext, realTime: boolean): number {
  const { kernel, memory, process, thread } = context;
  const state = kernel.registers(thread);
  try {
    const { mask, stack } = leaveHandler(memory, state, realTime);
    thread.blocked = mask & ~UNBLOCKABLE;
    if (stack && alternateStackFlags(thread.alternateStack, Number(state.gr(15))) !== SS_ONSTACK) {
      const { address, size } = stack;
      thread.alternateStack = { address, size, flags: stack.flags & SS_DISABLE };
    }
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    forceSignal(kernel, process, thread, { signal: SIGSEGV, code: SI_KERNEL, address: 0n });
  }
  return REGISTERS_SET;
}

function sigaltstack(
  { kernel, memory, thread }: SyscallContext,
  stack: number,
  old: number,
): number {
  const current = thread.alternateStack;
  const flags = alternateStackFlags(current, Number(kernel.registers(thread).gr(15)));
  const wanted = stack === 0 ? undefined : readStack(memory, stack);
  if (wanted) {
    if (flags === SS_ONSTACK) return -EPERM;
    const mode = wanted.flags & ~SS_AUTODISARM;
    if (mode !== 0 && mode !== SS_DISABLE && mode !== SS_ONSTACK) return -EINVAL;
    if (mode !== SS_DISABLE && wanted.size < MINIMAL_STACK) return -ENOMEM;
    thread.alternateStack =
      mode === SS_DISABLE ? { address: 0, size: 0, flags: SS_DISABLE } : { ...wanted, flags: 0 };
  }
  if (old !== 0) writeStack(memory, old, current, flags);
  return 0;
}

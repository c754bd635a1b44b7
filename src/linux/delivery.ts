import { EINTR, ERESTARTNOHAND, ERESTARTSYS, SyscallError } from './errno.ts';
import type { Kernel } from './kernel.ts';
import type { Process } from './process.ts';
import {
  DEFAULT_ACTION,
  SA_NODEFER,
  SA_RESETHAND,
  SA_RESTART,
  SIGCONT,
  SIGKILL,
  SIGSEGV,
  SIG_DFL,
  SIG_IGN,
  SI_KERNEL,
  UNBLOCKABLE,
  defaultAction,
  signalBit,
} from './signal.ts';
import type { SignalAction, SignalInfo } from './signal.ts';
import { enterHandler } from './signal-frame.ts';
import { CLD_CONTINUED, CORE_DUMPED, endGroup, notifyParent, stopProcess } from './tasks.ts';
import type { Thread } from './thread.ts';

/**
 * Acts on the signals a thread would take now, before it goes on in user mode: default actions,
 * handlers. A handler interrupts the call that the thread sleeps in; anything else leaves it asleep.
 */
export function deliverSignals(kernel: Kernel, process: Process, thread: Thread): void {
  for (;;) {
    if (thread.ended || process.state.kind === 'stopped') return;
    let wanted = kernel.deliverable(thread);
    if (thread.block?.uninterruptible) wanted &= signalBit(SIGKILL);
    if (wanted === 0n) break;
    const info = thread.pending.take(wanted) ?? process.pending.take(wanted);
    if (!info) break;
    act(kernel, process, thread, info);
  }
  if (thread.block) return;
  if (thread.restart !== undefined) restartCall(kernel, thread);
  if (thread.savedMask !== undefined) {
    thread.blocked = thread.savedMask;
    thread.savedMask = undefined;
  }
}

/** A signal that the thread's own instruction caused: neither blocking nor ignoring holds it off. */
export function forceSignal(
  kernel: Kernel,
  process: Process,
  thread: Thread,
  info: SignalInfo,
): void {
  const bit = signalBit(info.signal);
  const { handler } = process.actions.get(info.signal);
  if (thread.blocked & bit || handler === SIG_IGN) {
    process.actions.set(info.signal, DEFAULT_ACTION);
    thread.blocked &= ~bit;
  }
  thread.pending.add(info);
}

/** Tells the parents of processes that SIGCONT set going again. */
export function reportContinued(kernel: Kernel, process: Process): void {
  if (!process.continuedUnreported) return;
  process.continuedUnreported = false;
  notifyParent(kernel, process, CLD_CONTINUED, SIGCONT);
}

function act(kernel: Kernel, process: Process, thread: Thread, info: SignalInfo): void {
  const { signal } = info;
  const action = process.actions.get(signal);
  if (action.handler === SIG_IGN) return;
  if (action.handler !== SIG_DFL) {
    runHandler(kernel, process, thread, action, info);
    return;
  }
  switch (defaultAction(signal)) {
    case 'ignore':
    case 'continue':
      return;
    case 'stop':
      stopProcess(kernel, process, signal);
      return;
    case 'core':
      endGroup(kernel, process, thread, signal | CORE_DUMPED);
      return;
    case 'end':
      endGroup(kernel, process, thread, signal);
  }
}

function runHandler(
  kernel: Kernel,
  process: Process,
  thread: Thread,
  action: SignalAction,
  info: SignalInfo,
): void {
  const state = kernel.registers(thread);
  if (thread.block) {
    thread.restart = thread.block.interrupted?.() ?? -ERESTARTSYS;
    thread.block = undefined;
  }
  if (thread.restart !== undefined) {
    const restarts = thread.restart === -ERESTARTSYS && (action.flags & SA_RESTART) !== 0;
    if (restarts) {
      restartCall(kernel, thread);
    } else {
      const interrupted = thread.restart === -ERESTARTSYS || thread.restart === -ERESTARTNOHAND;
      finishCall(kernel, thread, interrupted ? -EINTR : thread.restart);
    }
  }
  const mask = thread.savedMask ?? thread.blocked;
  thread.savedMask = undefined;
  const { signal } = info;
  if (action.flags & SA_RESETHAND) process.actions.set(signal, DEFAULT_ACTION);
  try {
    enterHandler(process.mm.memory, state, thread, action, info, mask);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    // No room for the frame: as Linux, SIGSEGV, fatally if it was that signal's own frame.
    if (signal === SIGSEGV) process.actions.set(SIGSEGV, DEFAULT_ACTION);
    forceSignal(kernel, process, thread, { signal: SIGSEGV, code: SI_KERNEL, address: 0n });
    return;
  }
  const own = action.flags & SA_NODEFER ? 0n : signalBit(signal);
  thread.blocked = (thread.blocked | action.mask | own) & ~UNBLOCKABLE;
}

/** Puts the registers back to just before the call, so that it is made again. */
function restartCall(kernel: Kernel, thread: Thread): void {
  thread.restart = undefined;
  const { call } = thread;
  if (!call) return;
  thread.call = undefined;
  const state = kernel.registers(thread);
  state.setGr(2, call.firstArgument);
  state.ia = call.address;
}

/** Gives the caller its result. */
export function finishCall(kernel: Kernel, thread: Thread, result: number): void {
  thread.restart = undefined;
  thread.call?.done?.(result);
  thread.call = undefined;
  kernel.registers(thread).setGr(2, BigInt.asUintN(64, BigInt(result)));
}

import { USER_PSW_MASK } from '../cpu/state.ts';
import type { CpuState } from '../cpu/state.ts';
import { EFAULT, SyscallError } from './errno.ts';
import { TRAMPOLINE } from './memory-map.ts';
import {
  SA_ONSTACK,
  SA_RESTORER,
  SA_SIGINFO,
  SIGBUS,
  SIGCHLD,
  SIGFPE,
  SIGILL,
  SIGSEGV,
  SIGTRAP,
  SI_TIMER,
} from './signal.ts';
import type { SignalAction, SignalInfo, SignalSet } from './signal.ts';
import { SS_DISABLE, SS_ONSTACK } from './thread.ts';
import type { AlternateStack, Thread } from './thread.ts';
import type { UserMemory } from './user-memory.ts';

/*
 * Frames as arch/s390/kernel/signal.c lays them out, offsets in bytes. Both begin with the register
 * save area that the handler may use (160 bytes, back chain first).
 *
 *   rt_sigframe: 160 svc_insn, 168 siginfo (128), 296 ucontext
 *   ucontext:    0 flags, 8 link, 16 stack_t, 40 _sigregs, 384 mask (room for 1024 bits)
 *   sigframe:    160 mask, 168 pointer to _sigregs, 176 _sigregs, 520 signal
 *   _sigregs:    0 PSW, 16 general registers, 144 access registers, 208 fpc, 216 fprs; 344 in all
 *
 * A machine without the vector facility has no `_sigregs_ext` at the end of either.
 */
const SAVE_AREA = 160;
const RT_SVC = 160;
const RT_SIGINFO = 168;
const RT_UCONTEXT = 296;
const RT_SIZE = RT_UCONTEXT + 512;
const UC_STACK = 16;
const UC_SIGREGS = 40;
const UC_MASK = 384;
const OLD_SIGREGS = 176;
const OLD_SIGNAL = 520;
const OLD_SVC = 524;
const OLD_SIZE = 528;

const SVC_SIGRETURN = 0x0a77;
const SVC_RT_SIGRETURN = 0x0aad;

/** `svc sigreturn`, `svc rt_sigreturn`: what handlers return to without SA_RESTORER. */
export const TRAMPOLINE_CODE = new Uint8Array([0x0a, 0x77, 0x0a, 0xad]);

/** PSW bits a program may set: address-space control, condition code, program mask, addressing. */
const PSW_MASK_USER = 0x0000_ff01_8000_0000n;
const PSW_64BIT = 0x0000_0001_8000_0000n;
const PSW_ASC = 0x0000_c000_0000_0000n;
/** FPC bits that SET FPC accepts: masks, flags, DXC, rounding mode (PoP, "FPC Register"). */
const FPC_VALID = 0xf8f8_ff77;

/** Whether `address` is on the alternate stack. */
function onStack({ address, size, flags }: AlternateStack, stackPointer: number): boolean {
  if (flags & SS_DISABLE) return false;
  return stackPointer > address && stackPointer - address <= size;
}

/** ss_flags as sigaltstack and `uc_stack` show them. */
export function alternateStackFlags(stack: AlternateStack, stackPointer: number): number {
  if (stack.size === 0) return SS_DISABLE;
  return onStack(stack, stackPointer) ? SS_ONSTACK : 0;
}

/**
 * Makes `state` enter the handler of `info`'s signal: builds the frame and sets the registers.
 * `mask` is what is blocked again when the handler returns.
 * @throws SyscallError EFAULT when the stack cannot take the frame
 */
export function enterHandler(
  memory: UserMemory,
  state: CpuState,
  thread: Thread,
  action: SignalAction,
  info: SignalInfo,
  mask: SignalSet,
): void {
  const realTime = (action.flags & SA_SIGINFO) !== 0;
  const frame = place(state, thread, action, realTime ? RT_SIZE : OLD_SIZE);
  const { signal } = info;
  // The whole frame is checked before any of it is written.
  memory.writable(frame, realTime ? RT_SIZE : OLD_SIZE);
  memory.set64(frame, state.gr(15));
  if (realTime) {
    memory.set16(frame + RT_SVC, SVC_RT_SIGRETURN);
    writeSiginfo(memory, frame + RT_SIGINFO, info);
    const context = frame + RT_UCONTEXT;
    memory.set64(context, 0);
    memory.set64(context + 8, 0);
    const stack = thread.alternateStack;
    const flags = alternateStackFlags(stack, Number(state.gr(15)));
    writeStack(memory, context + UC_STACK, stack, flags);
    writeRegisters(memory, context + UC_SIGREGS, state);
    memory.set64(context + UC_MASK, mask);
  } else {
    memory.set64(frame + SAVE_AREA, mask);
    memory.set64(frame + SAVE_AREA + 8, frame + OLD_SIGREGS);
    writeRegisters(memory, frame + OLD_SIGREGS, state);
    memory.set32(frame + OLD_SIGNAL, state.gr32(2));
    memory.set16(frame + OLD_SVC, SVC_SIGRETURN);
  }
  state.setGr(14, BigInt(returnAddress(action, realTime)));
  state.setGr(15, BigInt(frame));
  state.pswMask = (state.pswMask & ~PSW_ASC) | PSW_64BIT;
  state.ia = action.handler;
  state.setGr(2, BigInt(signal));
  if (realTime) {
    state.setGr(3, BigInt(frame + RT_SIGINFO));
    state.setGr(4, BigInt(frame + RT_UCONTEXT));
    state.setGr(5, 0n);
  } else {
    state.setGr(3, BigInt(frame + SAVE_AREA));
    if ([SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE].includes(signal)) {
      state.setGr(4, 0n);
      state.setGr(5, info.address ?? 0n);
      state.setGr(6, 0n);
    }
  }
}

/** What a sigreturn call found in its frame. */
export interface RestoredFrame {
  readonly mask: SignalSet;
  /** Only `rt_sigreturn` sets the alternate stack again. */
  readonly stack: AlternateStack | undefined;
}

/** Loads `state` from the frame at r15. @throws SyscallError when the frame is not usable */
export function leaveHandler(
  memory: UserMemory,
  state: CpuState,
  realTime: boolean,
): RestoredFrame {
  const frame = Number(state.gr(15));
  if (!realTime) {
    const mask = memory.u64(frame + SAVE_AREA);
    readRegisters(memory, frame + OLD_SIGREGS, state);
    return { mask, stack: undefined };
  }
  const context = frame + RT_UCONTEXT;
  const mask = memory.u64(context + UC_MASK);
  const stack = readStack(memory, context + UC_STACK);
  readRegisters(memory, context + UC_SIGREGS, state);
  return { mask, stack };
}

export function writeStack(
  memory: UserMemory,
  at: number,
  stack: AlternateStack,
  flags: number,
): void {
  memory.set64(at, stack.address);
  memory.set32(at + 8, flags);
  memory.set32(at + 12, 0);
  memory.set64(at + 16, stack.size);
}

export function readStack(memory: UserMemory, at: number): AlternateStack {
  return {
    address: memory.pointer(at),
    flags: memory.u32(at + 8),
    size: memory.pointer(at + 16),
  };
}

/** Writes a siginfo_t (128 bytes). */
export function writeSiginfo(memory: UserMemory, at: number, info: SignalInfo): void {
  memory.writable(at, 128).fill(0);
  memory.set32(at, info.signal);
  memory.set32(at + 4, info.errno ?? 0);
  memory.set32(at + 8, info.code);
  if (info.address !== undefined) {
    memory.set64(at + 16, info.address);
  } else if (info.code === SI_TIMER) {
    memory.set32(at + 16, info.timerId ?? 0);
    memory.set32(at + 20, info.overrun ?? 0);
    memory.set64(at + 24, info.value ?? 0n);
  } else {
    memory.set32(at + 16, info.pid ?? 0);
    memory.set32(at + 20, info.uid ?? 0);
    if (info.signal === SIGCHLD && info.status !== undefined) {
      memory.set32(at + 24, info.status);
    } else if (info.value !== undefined) {
      memory.set64(at + 24, info.value);
    }
  }
}

/** Reads what rt_sigqueueinfo is given. */
export function readSiginfo(memory: UserMemory, at: number, signal: number): SignalInfo {
  return {
    signal,
    code: memory.i32(at + 8),
    errno: memory.i32(at + 4),
    pid: memory.i32(at + 16),
    uid: memory.i32(at + 20),
    value: memory.u64(at + 24),
  };
}

function place(state: CpuState, thread: Thread, action: SignalAction, size: number): number {
  const current = Number(state.gr(15));
  const stack = thread.alternateStack;
  const down = (top: number): number => Math.floor((top - size) / 8) * 8;
  if (onStack(stack, current)) {
    // An overflow of the alternate stack is fatal.
    if (!onStack(stack, down(current))) throw new SyscallError(EFAULT);
    return down(current);
  }
  if (action.flags & SA_ONSTACK && stack.size > 0 && !(stack.flags & SS_DISABLE)) {
    return down(stack.address + stack.size);
  }
  return down(current);
}

function returnAddress(action: SignalAction, realTime: boolean): number {
  if (action.flags & SA_RESTORER) return action.restorer;
  return TRAMPOLINE + (realTime ? 2 : 0);
}

function writeRegisters(memory: UserMemory, at: number, state: CpuState): void {
  memory.set64(at, (USER_PSW_MASK & ~PSW_MASK_USER) | (state.pswMask & PSW_MASK_USER));
  memory.set64(at + 8, state.ia);
  for (let r = 0; r < 16; r++) memory.set64(at + 16 + 8 * r, state.gr(r));
  for (let r = 0; r < 16; r++) memory.set32(at + 144 + 4 * r, state.ar(r));
  memory.set32(at + 208, state.fpc);
  memory.set32(at + 212, 0);
  for (let r = 0; r < 16; r++) memory.set64(at + 216 + 8 * r, state.fpr(r));
}

function readRegisters(memory: UserMemory, at: number, state: CpuState): void {
  memory.bytes(at, 344);
  const fpc = memory.u32(at + 208);
  const rounding = fpc & 7;
  if ((fpc & ~FPC_VALID) !== 0 || (rounding > 3 && rounding < 7)) throw new SyscallError(EFAULT);
  const mask = memory.u64(at) & PSW_MASK_USER;
  state.pswMask = (state.pswMask & ~PSW_MASK_USER) | mask;
  // Extended addressing needs basic addressing.
  if (mask & 0x1_0000_0000n) state.pswMask |= PSW_64BIT;
  state.ia = memory.pointer(at + 8);
  for (let r = 0; r < 16; r++) state.setGr(r, memory.u64(at + 16 + 8 * r));
  for (let r = 0; r < 16; r++) state.setAr(r, memory.i32(at + 144 + 4 * r));
  state.fpc = fpc | 0;
  for (let r = 0; r < 16; r++) state.setFpr(r, memory.u64(at + 216 + 8 * r));
}

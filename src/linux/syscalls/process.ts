import { REGISTERS_SET } from '../block.ts';
import type { SyscallResult } from '../block.ts';
import { EINVAL, EPERM } from '../errno.ts';
import { enterImage, execError, makeImage } from '../exec.ts';
import type { Image } from '../exec.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../process.ts';
import type { Limit } from '../process.ts';
import { SIGCHLD } from '../signal.ts';
import { syscall } from '../syscall-table.ts';
import type { Syscall, SyscallContext } from '../syscall-table.ts';
import { createProcess, createThread, endGroup, endThread } from '../tasks.ts';
import { SS_DISABLE } from '../thread.ts';
import type { Thread } from '../thread.ts';
import { deletePosixTimers } from './timers.ts';

const CSIGNAL = 0xff;
const CLONE_VM = 0x100;
const CLONE_FS = 0x200;
const CLONE_FILES = 0x400;
const CLONE_SIGHAND = 0x800;
const CLONE_VFORK = 0x4000;
const CLONE_PARENT = 0x8000;
const CLONE_THREAD = 0x1_0000;
const CLONE_NEWNS = 0x2_0000;
const CLONE_SETTLS = 0x8_0000;
const CLONE_PARENT_SETTID = 0x10_0000;
const CLONE_CHILD_CLEARTID = 0x20_0000;
const CLONE_CHILD_SETTID = 0x100_0000;
/** Namespaces, which there are none of. */
const CLONE_NEW = CLONE_NEWNS | 0x7e00_0000;

/** Making, replacing and ending processes and threads. */
export const PROCESS_SYSCALLS: readonly Syscall[] = [
  syscall(1, 'exit', 'int', ({ kernel, process, thread }, status) => {
    endThread(kernel, process, thread, (status & 0xff) << 8);
    return REGISTERS_SET;
  }),
  syscall(2, 'fork', '', (context) => clone(context, SIGCHLD, 0, 0, 0, 0n)),
  syscall(11, 'execve', 'path strings address', (context, path, argv, envp) =>
    execve(context, context.memory.path(path), argv, envp),
  ),
  syscall(120, 'clone', 'address flags address address address', (context, stack, flags, ...at) =>
    clone(context, flags, stack, at[0]!, at[1]!, context.raw(4)),
  ),
  syscall(190, 'vfork', '', (context) =>
    clone(context, CLONE_VFORK | CLONE_VM | SIGCHLD, 0, 0, 0, 0n),
  ),
  syscall(248, 'exit_group', 'int', ({ kernel, process, thread }, status) => {
    endGroup(kernel, process, thread, (status & 0xff) << 8);
    return REGISTERS_SET;
  }),
];

function execve(
  context: SyscallContext,
  path: string,
  argvAt: number,
  envpAt: number,
): SyscallResult {
  const { kernel, memory, process, thread } = context;
  const argv = memory.strings(argvAt);
  const environment = memory.strings(envpAt);
  let image: Image;
  try {
    image = makeImage(kernel, process, path, argv.length > 0 ? argv : [''], environment);
  } catch (error) {
    return execError(error);
  }
  if (process.files.references > 1) {
    process.files.references--;
    process.files = process.files.copy();
  }
  process.files.closeOnExec();
  if (process.actions.references > 1) process.actions = process.actions.unshare();
  process.actions.resetHandlers();
  deletePosixTimers(kernel, process);
  enterImage(kernel, process, thread, image, environment);
  return REGISTERS_SET;
}

function clone(
  context: SyscallContext,
  flags: number,
  stack: number,
  parentTid: number,
  childTid: number,
  tls: bigint,
): SyscallResult {
  const { kernel, memory, process, thread } = context;
  if (flags & CLONE_SIGHAND && !(flags & CLONE_VM)) return -EINVAL;
  if (flags & CLONE_THREAD && !(flags & CLONE_SIGHAND)) return -EINVAL;
  if (flags & CLONE_NEW) return -EPERM;
  const tid = kernel.allocatePid();
  if (flags & CLONE_PARENT_SETTID) memory.set32(parentTid, tid);
  const owner = flags & CLONE_THREAD ? process : childProcess(context, flags, tid);
  const child = createThread(kernel, owner, tid);
  child.state.copyFrom(kernel.registers(thread));
  child.state.setGr(2, 0n);
  if (stack !== 0) child.state.setGr(15, BigInt(stack));
  if (flags & CLONE_SETTLS) {
    child.state.setAr(0, Number(BigInt.asIntN(32, tls >> 32n)));
    child.state.setAr(1, Number(BigInt.asIntN(32, tls)));
  }
  child.name = thread.name;
  child.blocked = thread.blocked;
  const keepsStack = !(flags & CLONE_VM) || flags & CLONE_VFORK;
  child.alternateStack = keepsStack
    ? { ...thread.alternateStack }
    : { address: 0, size: 0, flags: SS_DISABLE };
  if (flags & CLONE_CHILD_SETTID) owner.mm.memory.set32(childTid, tid);
  if (flags & CLONE_CHILD_CLEARTID) child.clearChildTid = childTid;
  return flags & CLONE_VFORK ? untilReleased(kernel, owner, child, tid) : tid;
}

function childProcess({ kernel, process }: SyscallContext, flags: number, pid: number): Process {
  const { mm, files, fs, actions } = process;
  if (flags & CLONE_VM) mm.references++;
  if (flags & CLONE_FILES) files.references++;
  if (flags & CLONE_SIGHAND) actions.references++;
  const child = createProcess(kernel, {
    pid,
    parent: flags & CLONE_PARENT ? process.parent : process,
    mm: flags & CLONE_VM ? mm : mm.fork(),
    files: flags & CLONE_FILES ? files : files.copy(),
    fs: flags & CLONE_FS ? fs : fs.copy(),
    actions: flags & CLONE_SIGHAND ? actions : actions.copy(),
    credentials: { ...process.credentials, groups: [...process.credentials.groups] },
    session: process.session,
    pgid: process.pgid,
  });
  child.executable = process.executable;
  child.name = process.name;
  child.arguments = process.arguments;
  child.environment = process.environment;
  child.personality = process.personality;
  child.exitSignal = flags & CSIGNAL;
  child.limits = new Map<number, Limit>(
    [...process.limits].map(([resource, limit]) => [resource, { ...limit }]),
  );
  return child;
}

/** vfork: the parent sleeps until the child has a memory of its own, or is gone. */
function untilReleased(kernel: Kernel, child: Process, thread: Thread, pid: number): SyscallResult {
  const { mm } = child;
  const poll = (): number | undefined =>
    thread.ended || !child.alive || child.mm !== mm ? pid : undefined;
  // Only death interrupts it: handlers wait, so a signal does not wake the parent early.
  return { poll, uninterruptible: true };
}

import { CpuState, USER_PSW_MASK } from '../cpu/state.ts';
import { ElfError } from './elf.ts';
import { ENOEXEC, SyscallError } from './errno.ts';
import type { Kernel } from './kernel.ts';
import type { MemoryMap } from './memory-map.ts';
import type { Process } from './process.ts';
import { closeProgram, loadProgram, openProgram } from './program.ts';
import type { Program } from './program.ts';
import { buildStack } from './stack.ts';
import { endOtherThreads } from './tasks.ts';
import { SS_DISABLE } from './thread.ts';
import type { Thread } from './thread.ts';

const RLIMIT_STACK = 3;
const DEFAULT_STACK = 0x80_0000;
const SMALLEST_STACK = 0x2_0000;
const LARGEST_STACK = 0x2000_0000;

/** A program in storage, ready to start. */
export interface Image {
  readonly mm: MemoryMap;
  /** Address of the first instruction. */
  readonly start: number;
  readonly stackPointer: number;
  readonly executable: string;
  readonly arguments: readonly string[];
}

/**
 * Opens and loads a program for `process` without touching what it runs now.
 * @throws SyscallError as execve(2) fails; ElfError for files that are no s390x program
 */
export function makeImage(
  kernel: Kernel,
  process: Pick<Process, 'fs' | 'limits' | 'credentials'>,
  path: string,
  args: readonly string[],
  environment: readonly string[],
): Image {
  const program = openProgram(kernel.fileSystem, process.fs, path, args);
  const mm = kernel.createMemory();
  try {
    return fill(kernel, process, mm, program, environment);
  } catch (error) {
    mm.release();
    throw error;
  } finally {
    closeProgram(program);
  }
}

function fill(
  kernel: Kernel,
  process: Pick<Process, 'limits' | 'credentials'>,
  mm: MemoryMap,
  program: Program,
  environment: readonly string[],
): Image {
  const limit = process.limits.get(RLIMIT_STACK)?.soft ?? DEFAULT_STACK;
  mm.stackLimit = Math.max(SMALLEST_STACK, Math.min(limit, LARGEST_STACK));
  const loaded = loadProgram(mm, program);
  const random = new Uint8Array(16);
  kernel.random(random);
  const stackPointer = buildStack(mm, {
    arguments: program.arguments,
    environment,
    fileName: program.fileName,
    headers: loaded.headers,
    headerCount: program.image.headerCount,
    base: loaded.base,
    entry: loaded.entry,
    hwcap: kernel.machine.hwcap,
    platform: kernel.machine.platform,
    credentials: process.credentials,
    random,
    executable: program.image.executableStack,
  });
  return {
    mm,
    start: loaded.start,
    stackPointer,
    executable: program.file.path,
    arguments: program.arguments,
  };
}

/** The registers a program starts with: all zero but the stack pointer. */
export function startRegisters(state: CpuState, { start, stackPointer }: Image): void {
  state.copyFrom(new CpuState());
  state.pswMask = USER_PSW_MASK;
  state.ia = start;
  state.setGr(15, BigInt(stackPointer));
}

/** Makes `process` run the image: the part of execve(2) after which there is no way back. */
export function enterImage(
  kernel: Kernel,
  process: Process,
  thread: Thread,
  image: Image,
  environment: readonly string[],
): void {
  endOtherThreads(kernel, process, thread);
  if (thread.clearChildTid !== 0 && process.mm.references > 1) {
    const { mm } = process;
    try {
      mm.memory.set32(thread.clearChildTid, 0);
      kernel.futexes.wake(mm.futexKey(thread.clearChildTid), 1);
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
    }
  }
  if (process.mm.loaded === thread) process.mm.loaded = undefined;
  process.mm.release();
  process.mm = image.mm;
  startRegisters(thread.state, image);
  thread.clearChildTid = 0;
  thread.robustList = 0;
  thread.call = undefined;
  thread.restart = undefined;
  thread.alternateStack = { address: 0, size: 0, flags: SS_DISABLE };
  describe(process, thread, image, environment);
}

/** What /proc shows of a program. */
export function describe(
  process: Process,
  thread: Thread,
  image: Image,
  environment: readonly string[],
): void {
  process.executable = image.executable;
  process.arguments = [...image.arguments];
  process.environment = [...environment];
  process.name = image.executable.slice(image.executable.lastIndexOf('/') + 1).slice(0, 15);
  thread.name = process.name;
}

/** `error` as execve(2) reports it. */
export function execError(error: unknown): number {
  if (error instanceof ElfError) return -ENOEXEC;
  if (error instanceof SyscallError) return -error.errno;
  throw error;
}

import type { SyscallResult } from './block.ts';
import type { Kernel } from './kernel.ts';
import type { Process } from './process.ts';
import type { Thread } from './thread.ts';
import type { UserMemory } from './user-memory.ts';

/**
 * How an argument is taken out of its register and shown by --strace. All arrive as numbers:
 * - `int` `fd` `pid` `signal`: the low word, signed; `flags` `mode`: the low word, unsigned;
 * - `long` `offset`: 64 bits, signed; `size` `address`: 64 bits, unsigned; inexact beyond 2**53;
 * - `path`, `string`, `strings`: as `address`, shown as the text there;
 * - `in`: as `address`, shown as the bytes there, whose number is the next argument; `out` the
 *   same after the call, the result being the number of bytes;
 * - `block`: as `address`, shown as the six arguments there (mmap).
 */
export type ArgumentType =
  | 'int'
  | 'fd'
  | 'pid'
  | 'signal'
  | 'flags'
  | 'mode'
  | 'long'
  | 'offset'
  | 'size'
  | 'address'
  | 'path'
  | 'string'
  | 'strings'
  | 'in'
  | 'out'
  | 'block';

/** Who called, with what. */
export interface SyscallContext {
  readonly kernel: Kernel;
  readonly process: Process;
  readonly thread: Thread;
  readonly memory: UserMemory;
  readonly number: number;
  /** Argument `index` (0-5) exactly: r2 to r7. */
  raw(index: number): bigint;
}

/**
 * Does one call. Returns its result or `-errno`, or a Block; may throw SyscallError. A
 * ProgramInterruption thrown by an access to the caller's storage becomes EFAULT.
 */
export type SyscallHandler = (context: SyscallContext, ...args: number[]) => SyscallResult;

export interface Syscall {
  /** arch/s390/kernel/syscalls/syscall.tbl, the 64-bit column. */
  readonly number: number;
  readonly name: string;
  readonly arguments: readonly ArgumentType[];
  readonly handler: SyscallHandler;
}

/** One row of the table: `syscall(3, 'read', 'fd out size', read)`. */
export function syscall(
  number: number,
  name: string,
  args: string,
  handler: SyscallHandler,
): Syscall {
  return {
    number,
    name,
    arguments: args === '' ? [] : (args.split(' ') as ArgumentType[]),
    handler,
  };
}

/** Rows by number. @throws Error when two rows have one number */
export class SyscallTable {
  readonly #rows: Syscall[] = [];

  constructor(...groups: (readonly Syscall[])[]) {
    for (const row of groups.flat()) {
      if (this.#rows[row.number]) throw new Error(`system call ${row.number} is declared twice`);
      this.#rows[row.number] = row;
    }
  }

  get(number: number): Syscall | undefined {
    return this.#rows[number];
  }

  *[Symbol.iterator](): Generator<Syscall> {
    for (const row of this.#rows) if (row) yield row;
  }
}

import fs from 'node:fs';
import { ElfError } from '../linux/elf.ts';
import {
  EACCES,
  EISDIR,
  ELOOP,
  ENOENT,
  ENOEXEC,
  ENOMEM,
  ENOTDIR,
  SyscallError,
} from '../linux/errno.ts';
import { MissingInterpreter } from '../linux/program.ts';
import { OptionError } from '../host/node/guest.ts';

/** Exit statuses of shells: found and not runnable, not found. */
const NOT_RUNNABLE = 126;
const NOT_FOUND = 127;
/** EX_SOFTWARE of sysexits.h. */
const INTERNAL = 70;
const USAGE = 2;

/** A mistake in how js390 was called: one line, with the fix. */
export class UsageError extends Error {}

/** What to tell the user about an error, and the exit status. */
export interface Failure {
  readonly message: string;
  readonly status: number;
}

const REASONS: Readonly<Record<number, string>> = {
  [EACCES]: 'is not an executable file; use chmod +x if it is a program',
  [EISDIR]: 'is a directory',
  [ENOTDIR]: 'is below something that is not a directory',
  [ELOOP]: 'is behind too many symbolic links or scripts',
  [ENOEXEC]: 'has a #! line that names no program',
  [ENOMEM]: 'does not fit into the 2 GiB of a guest',
};

/** Why `program` could not be run. */
export function describeFailure(error: unknown, program: string): Failure {
  if (error instanceof UsageError || error instanceof OptionError) {
    return { message: error.message, status: USAGE };
  }
  // Its message begins with the path.
  if (error instanceof ElfError) return { message: error.message, status: NOT_RUNNABLE };
  if (error instanceof MissingInterpreter) {
    const { path } = error;
    const fix = 'name a directory that has it with --sysroot (npm run sysroot makes one)';
    return {
      message: `${program} needs the dynamic linker ${path}, which is not here; ${fix}`,
      status: NOT_RUNNABLE,
    };
  }
  if (error instanceof SyscallError) {
    if (error.errno === ENOENT) {
      const message = `${program} does not exist; give the path of an s390x program`;
      return { message, status: NOT_FOUND };
    }
    if (error.errno === EACCES && isDirectory(program)) {
      return { message: `${program} is a directory`, status: NOT_RUNNABLE };
    }
    const reason = REASONS[error.errno] ?? `cannot be opened (error ${error.errno})`;
    return { message: `${program} ${reason}`, status: NOT_RUNNABLE };
  }
  if (error instanceof RangeError && error.message.includes('memory')) {
    const message = 'there is not enough memory for a guest; free some, or raise `ulimit -v`';
    return { message, status: NOT_RUNNABLE };
  }
  const text = error instanceof Error ? error.message : String(error);
  const details = process.env['JS390_DEBUG'] ? '' : '; JS390_DEBUG=1 shows where';
  return { message: `internal error: ${text}${details}`, status: INTERNAL };
}

function isDirectory(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Says what went wrong and ends js390. */
export function fail(error: unknown, program: string): never {
  const { message, status } = describeFailure(error, program);
  process.stderr.write(`js390: ${message}\n`);
  if (process.env['JS390_DEBUG'] && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`);
  }
  process.exit(status);
}

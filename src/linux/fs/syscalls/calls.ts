import { assert } from '../../../base/assert.ts';
import type { SyscallResult } from '../../block.ts';
import { EAGAIN, EBADF, ENOENT, ENOTDIR, SyscallError } from '../../errno.ts';
import { SIGTTIN } from '../../signal.ts';
import type { SyscallContext } from '../../syscall-table.ts';
import { describe } from '../description.ts';
import type { Description } from '../description.ts';
import { DirectoryFile } from '../directory.ts';
import { LinuxFileSystem } from '../file-system.ts';
import { AT_FDCWD, O_ACCMODE, O_NONBLOCK, O_RDONLY, O_WRONLY } from '../flags.ts';
import { checkForeground } from '../job-control.ts';
import { PathFile } from '../path-file.ts';
import type { Place } from '../path-walk.ts';
import { TerminalFile } from '../terminal-file.ts';
import type { View } from '../virtual.ts';

export function fileSystemOf({ kernel }: SyscallContext): LinuxFileSystem {
  assert(kernel.fileSystem instanceof LinuxFileSystem, 'file system of another kind');
  return kernel.fileSystem;
}

export function viewOf({ kernel, process }: SyscallContext): View {
  return { kernel, process, context: process.fs };
}

/** The open file of a descriptor, O_PATH ones included. @throws SyscallError EBADF */
export function anyFile({ process }: SyscallContext, fd: number): Description {
  return describe(process.files.get(fd));
}

/** As {@link anyFile} without those of O_PATH, with which only the path can be used. */
export function openFile(context: SyscallContext, fd: number): Description {
  const file = anyFile(context, fd);
  if (file instanceof PathFile) throw new SyscallError(EBADF);
  return file;
}

export function readableFile(context: SyscallContext, fd: number): Description {
  const file = openFile(context, fd);
  if ((file.flags & O_ACCMODE) === O_WRONLY) throw new SyscallError(EBADF);
  return file;
}

export function writableFile(context: SyscallContext, fd: number): Description {
  const file = openFile(context, fd);
  if ((file.flags & O_ACCMODE) === O_RDONLY) throw new SyscallError(EBADF);
  return file;
}

/** Guest directory from which `path` counts in an ...at call. @throws SyscallError EBADF, ENOTDIR */
export function baseOf(context: SyscallContext, directory: number, path: string): string {
  const { cwd } = context.process.fs;
  if (directory === AT_FDCWD || path.startsWith('/')) return cwd;
  const file = anyFile(context, directory);
  const isDirectory =
    file instanceof DirectoryFile || (file instanceof PathFile && file.isDirectory);
  if (!isDirectory) throw new SyscallError(ENOTDIR);
  return file.path;
}

/** The place of the path at `address`. @throws SyscallError */
export function placeAt(
  context: SyscallContext,
  directory: number,
  address: number,
  follow: boolean,
): Place {
  const path = context.memory.path(address);
  // Before the path is looked at, so that a bad descriptor is noticed.
  if (path === '') throw new SyscallError(ENOENT);
  const base = baseOf(context, directory, path);
  return fileSystemOf(context).walk.resolve(viewOf(context), base, path, follow);
}

export interface WaitOptions {
  /** Monotonic nanoseconds at which `attempt` must be made again. */
  readonly deadline?: number | undefined;
  readonly interrupted?: () => number;
}

/** The result of `attempt`; while it is undefined, a Block that wakes when one of `files` may. */
export function wait(
  { kernel }: SyscallContext,
  files: () => Iterable<Description>,
  attempt: () => number | undefined,
  { deadline = Infinity, interrupted }: WaitOptions = {},
): SyscallResult {
  const first = attempt();
  if (first !== undefined) return first;
  return {
    poll: attempt,
    get deadline() {
      let nearest = deadline;
      const now = kernel.now();
      for (const file of files()) nearest = Math.min(nearest, file.nextEvent(now) ?? Infinity);
      return nearest;
    },
    ...(interrupted ? { interrupted } : {}),
  };
}

/** A read, waiting while `transfer` answers `-EAGAIN` unless the file is O_NONBLOCK. */
export function readWaiting(
  context: SyscallContext,
  file: Description,
  transfer: () => number,
): SyscallResult {
  const timeout = file.readTimeout();
  const deadline = timeout === undefined ? undefined : context.kernel.now() + timeout;
  return wait(
    context,
    () => [file],
    () => {
      if (file instanceof TerminalFile) {
        const stopped = checkForeground(context, file.terminal, SIGTTIN);
        if (stopped < 0) return stopped;
      }
      file.activity++;
      const count = transfer();
      if (count !== -EAGAIN || file.flags & O_NONBLOCK) return count;
      return deadline !== undefined && context.kernel.now() >= deadline ? 0 : undefined;
    },
    { deadline },
  );
}

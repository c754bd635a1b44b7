import { blockUntil } from '../../block.ts';
import type { SyscallResult } from '../../block.ts';
import { E2BIG, EAGAIN, EBADF, EINVAL, ENAMETOOLONG, ERESTARTSYS } from '../../errno.ts';
import { FD_CLOEXEC } from '../../file.ts';
import { syscall } from '../../syscall-table.ts';
import type { Syscall, SyscallContext } from '../../syscall-table.ts';
import type { Description } from '../description.ts';
import {
  AT_FDCWD,
  O_ACCMODE,
  O_CLOEXEC,
  O_CREAT,
  O_LARGEFILE,
  O_NOCTTY,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  S_IFIFO,
  S_IFMT,
} from '../flags.ts';
import { F_SEAL_SEAL, MemoryBytes, MemoryFile } from '../memory-file.ts';
import { Pipe, PipeEnd } from '../pipe.ts';
import { partnerCame } from '../special-files.ts';
import { TerminalFile } from '../terminal-file.ts';
import { anyFile, baseOf, fileSystemOf, viewOf } from './calls.ts';
import { fileKey } from './control.ts';

const CLOSE_RANGE_UNSHARE = 2;
const CLOSE_RANGE_CLOEXEC = 4;
const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
/** Executable or not makes no difference here: MFD_NOEXEC_SEAL, MFD_EXEC. */
const MFD_IGNORED = 0x18;
const MEMFD_NAME_MAX = 249;

/** Making, copying and closing descriptors. */
export const OPEN_SYSCALLS: readonly Syscall[] = [
  syscall(5, 'open', 'path flags mode', (context, path, flags, mode) =>
    open(context, AT_FDCWD, path, flags, mode),
  ),
  syscall(8, 'creat', 'path mode', (context, path, mode) =>
    open(context, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode),
  ),
  syscall(288, 'openat', 'fd path flags mode', open),
  syscall(437, 'openat2', 'fd path address size', openat2),
  syscall(6, 'close', 'fd', close),
  syscall(436, 'close_range', 'flags flags flags', closeRange),
  syscall(41, 'dup', 'fd', ({ process }, fd) => {
    const { file } = process.files.slot(fd);
    file.retain();
    return process.files.add(file);
  }),
  syscall(63, 'dup2', 'fd fd', (context, from, to) =>
    from === to && context.process.files.has(from) ? to : duplicate(context, from, to, 0),
  ),
  syscall(326, 'dup3', 'fd fd flags', (context, from, to, flags) =>
    from === to || flags & ~O_CLOEXEC ? -EINVAL : duplicate(context, from, to, flags),
  ),
  syscall(42, 'pipe', 'address', (context, at) => pipe(context, at, 0)),
  syscall(325, 'pipe2', 'address flags', pipe),
  syscall(350, 'memfd_create', 'string flags', memfdCreate),
];

/** FD_CLOEXEC for O_CLOEXEC. */
export function descriptorFlags(flags: number): number {
  return flags & O_CLOEXEC ? FD_CLOEXEC : 0;
}

function open(
  context: SyscallContext,
  directory: number,
  pathAt: number,
  flags: number,
  mode: number,
): SyscallResult {
  const { memory, process } = context;
  const path = memory.path(pathAt);
  const base = baseOf(context, directory, path);
  const file = fileSystemOf(context).open(viewOf(context), base, path, flags, mode);
  if (file instanceof TerminalFile && !(flags & O_NOCTTY)) takeTerminal(context, file);
  const add = (): number => process.files.add(file, descriptorFlags(flags));
  return waitForPartner(file, add) ?? add();
}

/** Opening one end of a FIFO waits for the other end. */
function waitForPartner(file: Description, add: () => number): SyscallResult | undefined {
  const access = file.flags & O_ACCMODE;
  if (!(file instanceof PipeEnd) || file.flags & O_NONBLOCK || access === O_RDWR) return undefined;
  if ((file.status().mode & S_IFMT) !== S_IFIFO || !file.path.startsWith('/')) return undefined;
  const { pipe: shared } = file;
  const seen = access === O_RDONLY ? shared.writersEver : shared.readersEver;
  return blockUntil(() => (partnerCame(file, seen) ? add() : undefined), {
    interrupted() {
      file.release();
      return -ERESTARTSYS;
    },
  });
}

/** A session leader without a terminal gets the first one that it opens. */
function takeTerminal({ kernel, process }: SyscallContext, { terminal }: TerminalFile): void {
  const { session } = process;
  if (session.id !== process.pid || session.terminal) return;
  if ([...kernel.sessions.values()].some((other) => other.terminal === terminal)) return;
  session.terminal = terminal;
  terminal.foreground = process.pgid;
}

/** struct open_how: flags, mode, resolve, 8 bytes each. No way to resolve is supported. */
function openat2(
  context: SyscallContext,
  directory: number,
  path: number,
  how: number,
  size: number,
): SyscallResult {
  if (size < 24) return -EINVAL;
  if (size > 4096) return -E2BIG;
  const { memory } = context;
  const [flags, mode, resolve] = [
    memory.pointer(how),
    memory.pointer(how + 8),
    memory.u64(how + 16),
  ];
  if (memory.bytes(how + 24, size - 24).some((byte) => byte !== 0)) return -E2BIG;
  if (flags > 0x7fff_ffff || (mode !== 0 && !(flags & O_CREAT)) || mode > 0o7777) return -EINVAL;
  // Programs that ask for a restricted lookup do it themselves where the kernel cannot.
  if (resolve !== 0n) return -EAGAIN;
  return open(context, directory, path, flags, mode);
}

function close(context: SyscallContext, fd: number): number {
  const { process } = context;
  releaseRecordLocks(context, fd);
  process.files.close(fd);
  return 0;
}

/** Closing any descriptor of a file ends the record locks that the process has on it. */
function releaseRecordLocks(context: SyscallContext, fd: number): void {
  const { recordLocks } = fileSystemOf(context);
  if (recordLocks.isEmpty || !context.process.files.has(fd)) return;
  recordLocks.release(context.kernel, fileKey(anyFile(context, fd)), context.process.pid);
}

function closeRange(context: SyscallContext, first: number, last: number, flags: number): number {
  if (first > last || flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) return -EINVAL;
  const { process } = context;
  if (flags & CLOSE_RANGE_UNSHARE && process.files.references > 1) {
    const copy = process.files.copy();
    process.files.release();
    process.files = copy;
  }
  for (const fd of [...process.files.numbers()]) {
    if (fd < first || fd > last) continue;
    if (flags & CLOSE_RANGE_CLOEXEC) process.files.slot(fd).flags |= FD_CLOEXEC;
    else close(context, fd);
  }
  return 0;
}

function duplicate(context: SyscallContext, from: number, to: number, flags: number): number {
  const { process } = context;
  const { file } = process.files.slot(from);
  if (to < 0 || to >= process.files.limit) return -EBADF;
  releaseRecordLocks(context, to);
  file.retain();
  process.files.set(to, file, descriptorFlags(flags));
  return to;
}

function pipe({ kernel, memory, process }: SyscallContext, at: number, flags: number): number {
  if (flags & ~(O_CLOEXEC | O_NONBLOCK | 0o40000)) return -EINVAL;
  memory.writable(at, 8);
  const shared = new Pipe(kernel.host.realtime());
  const kept = flags & ~O_CLOEXEC;
  const ends = [
    new PipeEnd(shared, O_RDONLY | kept),
    new PipeEnd(shared, O_WRONLY | kept),
  ] as const;
  const reader = process.files.add(ends[0], descriptorFlags(flags));
  let writer: number;
  try {
    writer = process.files.add(ends[1], descriptorFlags(flags));
  } catch (error) {
    process.files.close(reader);
    throw error;
  }
  memory.set32(at, reader);
  memory.set32(at + 4, writer);
  return 0;
}

function memfdCreate({ kernel, memory, process }: SyscallContext, nameAt: number, flags: number) {
  if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_IGNORED)) return -EINVAL;
  const name = memory.string(nameAt, MEMFD_NAME_MAX + 1, ENAMETOOLONG);
  const seals = flags & MFD_ALLOW_SEALING ? 0 : F_SEAL_SEAL;
  const bytes = new MemoryBytes(0o777, seals, kernel.host.realtime());
  const file = new MemoryFile(`/memfd:${name} (deleted)`, O_RDWR | O_LARGEFILE, bytes);
  return process.files.add(file, flags & MFD_CLOEXEC ? FD_CLOEXEC : 0);
}

import type { SyscallResult } from '../../block.ts';
import { ENOTTY, EOPNOTSUPP } from '../../errno.ts';
import { FD_CLOEXEC } from '../../file.ts';
import { syscall } from '../../syscall-table.ts';
import type { Syscall, SyscallContext } from '../../syscall-table.ts';
import { O_ASYNC, O_NONBLOCK, S_IFDIR, S_IFMT, S_IFREG } from '../flags.ts';
import {
  FICLONE,
  FICLONERANGE,
  FIOASYNC,
  FIOCLEX,
  FIONBIO,
  FIONCLEX,
  FIONREAD,
  FIOQSIZE,
} from '../ioctl.ts';
import { openFile } from './calls.ts';

/** Requests that every file knows (fs/ioctl.c), and those of its kind. */
export const IOCTL_SYSCALLS: readonly Syscall[] = [syscall(54, 'ioctl', 'fd flags address', ioctl)];

function ioctl(
  context: SyscallContext,
  fd: number,
  request: number,
  argument: number,
): SyscallResult {
  const { memory, process } = context;
  const file = openFile(context, fd);
  const setFlag = (flag: number): number => {
    const isOn = memory.i32(argument) !== 0;
    file.flags = isOn ? file.flags | flag : file.flags & ~flag;
    return 0;
  };
  switch (request) {
    case FIOCLEX:
      process.files.slot(fd).flags |= FD_CLOEXEC;
      return 0;
    case FIONCLEX:
      process.files.slot(fd).flags &= ~FD_CLOEXEC;
      return 0;
    case FIONBIO:
      return setFlag(O_NONBLOCK);
    case FIOASYNC:
      return setFlag(O_ASYNC);
    case FICLONE:
    case FICLONERANGE:
      return -EOPNOTSUPP;
  }
  const special = file.ioctl(context, request, argument);
  if (special !== undefined) return special;
  const { mode, size } = file.status();
  const type = mode & S_IFMT;
  if (request === FIONREAD && type === S_IFREG) {
    memory.set32(argument, size - file.seek(0, 1));
    return 0;
  }
  if (request === FIOQSIZE && (type === S_IFREG || type === S_IFDIR)) {
    memory.set64(argument, size);
    return 0;
  }
  return -ENOTTY;
}

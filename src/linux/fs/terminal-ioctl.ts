import type { SyscallResult } from '../block.ts';
import { EINVAL, ENOTTY, EPERM, ESRCH } from '../errno.ts';
import { SIGTTOU } from '../signal.ts';
import type { SyscallContext } from '../syscall-table.ts';
import {
  FIONREAD,
  TCFLSH,
  TCGETS,
  TCGETS2,
  TCSBRK,
  TCSBRKP,
  TCSETS,
  TCSETS2,
  TCSETSF,
  TCSETSF2,
  TCSETSW,
  TCSETSW2,
  TCXONC,
  TIOCEXCL,
  TIOCGPGRP,
  TIOCGSID,
  TIOCGWINSZ,
  TIOCNOTTY,
  TIOCNXCL,
  TIOCOUTQ,
  TIOCSCTTY,
  TIOCSPGRP,
  TIOCSTI,
  TIOCSWINSZ,
} from './ioctl.ts';
import { checkForeground } from './job-control.ts';
import { resize } from './terminal.ts';
import type { Terminal } from './terminal.ts';
import { readTermios, writeTermios, writeTermios2 } from './termios.ts';

/** One ioctl on a terminal; undefined when terminals do not know the request. */
export function terminalIoctl(
  context: SyscallContext,
  terminal: Terminal,
  request: number,
  argument: number,
): SyscallResult | undefined {
  const { memory } = context;
  switch (request) {
    case TCGETS:
      writeTermios(memory, argument, terminal.modes);
      return 0;
    case TCGETS2:
      writeTermios2(memory, argument, terminal.modes);
      return 0;
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
    case TCSETS2:
    case TCSETSW2:
    case TCSETSF2: {
      const modes = readTermios(memory, argument);
      const stopped = checkForeground(context, terminal, SIGTTOU);
      if (stopped < 0) return stopped;
      if (request === TCSETSF || request === TCSETSF2) terminal.flushInput();
      terminal.setModes(modes);
      return 0;
    }
    case TCFLSH:
      if (argument > 2) return -EINVAL;
      if (argument !== 1) terminal.flushInput();
      return 0;
    case TCSBRK:
    case TCSBRKP:
    case TCXONC:
    case TIOCEXCL:
    case TIOCNXCL:
      return 0;
    case TIOCOUTQ:
      memory.set32(argument, 0);
      return 0;
    case FIONREAD:
      memory.set32(argument, terminal.available());
      return 0;
    case TIOCSTI:
      terminal.typed(memory.bytes(argument, 1));
      return 0;
    case TIOCGWINSZ: {
      const { rows, columns } = terminal.windowSize;
      memory.writable(argument, 8).fill(0);
      memory.set16(argument, rows);
      memory.set16(argument + 2, columns);
      return 0;
    }
    case TIOCSWINSZ:
      resize(terminal, { rows: memory.u16(argument), columns: memory.u16(argument + 2) });
      return 0;
    case TIOCGPGRP:
    case TIOCGSID:
    case TIOCSPGRP:
    case TIOCSCTTY:
    case TIOCNOTTY:
      return sessionIoctl(context, terminal, request, argument);
    default:
      return undefined;
  }
}

/** Requests about sessions and process groups (tty_jobctrl.c). */
function sessionIoctl(
  context: SyscallContext,
  terminal: Terminal,
  request: number,
  argument: number,
): number {
  const { kernel, memory, process } = context;
  const { session } = process;
  if (request === TIOCSCTTY) {
    const isLeader = session.id === process.pid;
    if (isLeader && session.terminal === terminal) return 0;
    const isTaken = [...kernel.sessions.values()].some((other) => other.terminal === terminal);
    if (!isLeader || session.terminal || isTaken) return -EPERM;
    session.terminal = terminal;
    terminal.foreground = process.pgid;
    return 0;
  }
  if (session.terminal !== terminal) return -ENOTTY;
  switch (request) {
    case TIOCGPGRP:
      memory.set32(argument, terminal.foreground);
      return 0;
    case TIOCGSID:
      memory.set32(argument, session.id);
      return 0;
    case TIOCNOTTY:
      if (session.id === process.pid) session.terminal = undefined;
      return 0;
    default: {
      const stopped = checkForeground(context, terminal, SIGTTOU);
      if (stopped < 0) return stopped;
      const group = memory.i32(argument);
      if (group < 0) return -EINVAL;
      const members = [...kernel.processes.values()].filter(({ pgid }) => pgid === group);
      if (members.length === 0) return -ESRCH;
      if (members.every((member) => member.session !== session)) return -EPERM;
      terminal.foreground = group;
      return 0;
    }
  }
}

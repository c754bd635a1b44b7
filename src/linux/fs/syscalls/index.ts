import type { Syscall } from '../../syscall-table.ts';
import { ATTRIBUTE_SYSCALLS } from './attributes.ts';
import { CONTROL_SYSCALLS } from './control.ts';
import { COPY_SYSCALLS } from './copy.ts';
import { DIRECTORY_SYSCALLS } from './directories.ts';
import { EVENT_SYSCALLS } from './events.ts';
import { IOCTL_SYSCALLS } from './ioctl.ts';
import { NAME_SYSCALLS } from './names.ts';
import { OPEN_SYSCALLS } from './open.ts';
import { POLL_SYSCALLS } from './poll.ts';
import { SOCKET_SYSCALLS } from './socket.ts';
import { STATUS_SYSCALLS } from './status.ts';
import { REFUSED_SYSCALLS, SYNC_SYSCALLS } from './sync.ts';
import { TRANSFER_SYSCALLS } from './transfer.ts';

/** Every system call about files, terminals, sockets and waiting for them. */
export const FILE_SYSCALLS: readonly Syscall[] = [
  ...OPEN_SYSCALLS,
  ...TRANSFER_SYSCALLS,
  ...COPY_SYSCALLS,
  ...CONTROL_SYSCALLS,
  ...STATUS_SYSCALLS,
  ...NAME_SYSCALLS,
  ...ATTRIBUTE_SYSCALLS,
  ...DIRECTORY_SYSCALLS,
  ...IOCTL_SYSCALLS,
  ...SYNC_SYSCALLS,
  ...EVENT_SYSCALLS,
  ...POLL_SYSCALLS,
  ...SOCKET_SYSCALLS,
  ...REFUSED_SYSCALLS,
];

import { EINVAL, ENOSYS, EPERM, ESPIPE } from '../../errno.ts';
import { syscall } from '../../syscall-table.ts';
import type { Syscall } from '../../syscall-table.ts';
import { PipeEnd } from '../pipe.ts';
import { openFile } from './calls.ts';

/** Getting data onto the disk, and advice about what will be read. */
export const SYNC_SYSCALLS: readonly Syscall[] = [
  syscall(36, 'sync', '', () => 0),
  syscall(118, 'fsync', 'fd', (context, fd) => openFile(context, fd).sync(false)),
  syscall(148, 'fdatasync', 'fd', (context, fd) => openFile(context, fd).sync(true)),
  syscall(338, 'syncfs', 'fd', (context, fd) => (openFile(context, fd) ? 0 : 0)),
  syscall(307, 'sync_file_range', 'fd offset offset flags', (context, fd) =>
    openFile(context, fd) instanceof PipeEnd ? -ESPIPE : 0,
  ),
  syscall(222, 'readahead', 'fd offset size', (context, fd) =>
    openFile(context, fd) instanceof PipeEnd ? -EINVAL : 0,
  ),
  syscall(253, 'fadvise64', 'fd offset offset int', (context, fd, _offset, _length, advice) => {
    if (openFile(context, fd) instanceof PipeEnd) return -ESPIPE;
    return advice >= 0 && advice <= 7 ? 0 : -EINVAL;
  }),
];

/** What a user may not do, or js390 does not have; listed so that --strace can name it. */
export const REFUSED_SYSCALLS: readonly Syscall[] = [
  ...refuse(-EPERM, {
    mount: 21,
    umount: 22,
    acct: 51,
    umount2: 52,
    swapon: 87,
    swapoff: 115,
    quotactl: 131,
    pivot_root: 217,
    open_tree: 428,
    move_mount: 429,
    fsopen: 430,
    mount_setattr: 442,
  }),
  ...refuse(-ENOSYS, {
    io_setup: 243,
    io_destroy: 244,
    io_getevents: 245,
    io_submit: 246,
    io_cancel: 247,
    mq_open: 271,
    mq_unlink: 272,
    inotify_init: 284,
    inotify_add_watch: 285,
    inotify_rm_watch: 286,
    inotify_init1: 324,
    fanotify_init: 332,
    fanotify_mark: 333,
    name_to_handle_at: 335,
    open_by_handle_at: 336,
  }),
];

function refuse(answer: number, calls: Readonly<Record<string, number>>): Syscall[] {
  return Object.entries(calls).map(([name, number]) =>
    syscall(number, name, 'address address address address', () => answer),
  );
}

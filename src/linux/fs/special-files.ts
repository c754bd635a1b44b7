import { ENXIO } from '../errno.ts';
import { O_ACCMODE, O_NONBLOCK, O_RDONLY, O_WRONLY, S_IFIFO, S_IFSOCK } from './flags.ts';
import type { FileStatus } from './host-files.ts';
import { Pipe, PipeEnd } from './pipe.ts';
import { inodeOf, virtualStatus } from './virtual.ts';
import type { View, VirtualFile } from './virtual.ts';

/** What FIFOs and bound sockets have in common: names that exist for the guest only. */
function madeFile(view: View, path: string, mode: number): FileStatus {
  const node: VirtualFile = { kind: 'file', mode, open: () => -ENXIO };
  const { euid = 0, egid = 0 } = view.process?.credentials ?? {};
  return { ...virtualStatus(node, path, view), inode: inodeOf(path), uid: euid, gid: egid };
}

/** A FIFO: programs that open its two ends share a pipe, which lives while any end is open. */
export function fifo(view: View, at: string, mode: number): VirtualFile {
  const status = madeFile(view, at, S_IFIFO | mode);
  let pipe: Pipe | undefined;
  return {
    kind: 'file',
    mode: S_IFIFO | mode,
    status: () => status,
    open(opener, flags, path) {
      if (!pipe || pipe.readers + pipe.writers === 0) {
        pipe = new Pipe(opener.kernel.host.realtime());
      }
      const access = flags & O_ACCMODE;
      if (access === O_WRONLY && flags & O_NONBLOCK && pipe.readers === 0) return -ENXIO;
      return new PipeEnd(pipe, flags, path, status);
    },
  };
}

/**
 * Whether the other end of a FIFO has come, for which open(2) waits: it may have gone again since
 * `seen`, the ends ever opened when waiting began.
 */
export function partnerCame(end: PipeEnd, seen: number): boolean {
  const { readers, writers, readersEver, writersEver } = end.pipe;
  const forReading = (end.flags & O_ACCMODE) === O_RDONLY;
  return forReading ? writers > 0 || writersEver > seen : readers > 0 || readersEver > seen;
}

/** The name of a bound socket; it is connected to, not opened. */
export function socketName(view: View, at: string, mode: number): VirtualFile {
  const status = madeFile(view, at, S_IFSOCK | mode);
  return { kind: 'file', mode: S_IFSOCK | mode, status: () => status, open: () => -ENXIO };
}

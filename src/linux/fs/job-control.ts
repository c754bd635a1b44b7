import { EIO, ERESTARTSYS } from '../errno.ts';
import type { ControllingTerminal } from '../process.ts';
import { SIGTTIN, SI_KERNEL, signalBit } from '../signal.ts';
import type { SyscallContext } from '../syscall-table.ts';

/**
 * What becomes of a background process that reads from its terminal (SIGTTIN) or changes it
 * (SIGTTOU): 0 when it may go on, `-EIO`, or `-ERESTARTSYS` after its group was told to stop.
 */
export function checkForeground(
  { kernel, process, thread }: SyscallContext,
  terminal: ControllingTerminal,
  signal: number,
): number {
  const { foreground } = terminal;
  if (process.session.terminal !== terminal || foreground === 0) return 0;
  if (process.pgid === foreground) return 0;
  const deaf = process.actions.ignores(signal) || (thread.blocked & signalBit(signal)) !== 0n;
  if (deaf) return signal === SIGTTIN ? -EIO : 0;
  // With the shell gone nobody could continue the group again.
  if (![...kernel.processes.values()].some((other) => other.alive && other.pgid === foreground)) {
    return signal === SIGTTIN ? -EIO : 0;
  }
  kernel.signalGroup(process.pgid, { signal, code: SI_KERNEL });
  return -ERESTARTSYS;
}

import type { SyscallResult } from '../block.ts';
import type { SyscallContext } from '../syscall-table.ts';
import { Description } from './description.ts';
import { POLLERR, POLLHUP } from './flags.ts';
import type { FileStatus } from './host-files.ts';
import { terminalIoctl } from './terminal-ioctl.ts';
import type { Terminal } from './terminal.ts';

/** A descriptor of a terminal. */
export class TerminalFile extends Description {
  readonly terminal: Terminal;

  constructor(terminal: Terminal, flags: number, path = terminal.name) {
    super(path, flags);
    this.terminal = terminal;
    terminal.opened();
  }

  protected override closed(): void {
    this.terminal.closed();
  }

  override status(): FileStatus {
    return this.terminal.status();
  }

  override reopen(flags: number): Description {
    return new TerminalFile(this.terminal, flags, this.path);
  }

  override tryRead(into: Uint8Array): number {
    return this.terminal.tryRead(into);
  }

  override tryWrite(from: Uint8Array): number {
    return this.terminal.tryWrite(from);
  }

  override poll(): number {
    const ready = this.terminal.poll();
    return ready & POLLHUP ? ready | POLLERR : ready;
  }

  override readTimeout(): number | undefined {
    return this.terminal.readTimeout();
  }

  override ioctl(
    context: SyscallContext,
    request: number,
    argument: number,
  ): SyscallResult | undefined {
    return terminalIoctl(context, this.terminal, request, argument);
  }
}

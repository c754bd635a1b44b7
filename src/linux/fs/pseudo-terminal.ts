import type { SyscallResult } from '../block.ts';
import { EAGAIN, EIO } from '../errno.ts';
import { FD_CLOEXEC } from '../file.ts';
import type { TerminalModes } from '../host.ts';
import { SIGHUP } from '../signal.ts';
import type { SyscallContext } from '../syscall-table.ts';
import { Description } from './description.ts';
import {
  O_CLOEXEC,
  O_NOCTTY,
  O_RDWR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDNORM,
  POLLWRNORM,
  S_IFCHR,
  makeDevice,
} from './flags.ts';
import type { FileStatus } from './host-files.ts';
import { FIONREAD, TIOCGPTLCK, TIOCGPTN, TIOCGPTPEER, TIOCSPTLCK } from './ioctl.ts';
import { LineDiscipline } from './line-discipline.ts';
import { ByteQueue } from './pipe.ts';
import { terminalIoctl } from './terminal-ioctl.ts';
import { TerminalFile } from './terminal-file.ts';
import { Terminal, terminalStatus } from './terminal.ts';
import type { SignalGroup, WindowSize } from './terminal.ts';

/** The slave side of a pseudo-terminal: a terminal whose keyboard and screen are its master. */
export class PseudoTerminal extends Terminal {
  readonly number: number;
  readonly created: bigint;
  /** What was written and echoed, for the master to read. */
  readonly screen = new ByteQueue();
  readonly discipline: LineDiscipline;
  locked = true;
  masterIsOpen = true;
  slaves = 0;
  everOpened = false;
  #size: WindowSize = { rows: 0, columns: 0 };

  constructor(number: number, created: bigint, signalGroup: SignalGroup) {
    super(`/dev/pts/${number}`, signalGroup);
    this.number = number;
    this.created = created;
    this.discipline = new LineDiscipline({
      send: (bytes) => (this.screen.space === 0 ? -EAGAIN : this.screen.put(bytes)),
      discard: () => this.screen.drop(this.screen.length),
      signal: (signal) => {
        if (this.foreground > 0) this.signalGroup(this.foreground, signal);
      },
    });
  }

  override get modes(): TerminalModes {
    return this.discipline.modes;
  }

  override setModes(modes: TerminalModes): void {
    this.discipline.setModes(modes);
  }

  override get windowSize(): WindowSize {
    return this.#size;
  }

  override setWindowSize(size: WindowSize): void {
    this.#size = size;
  }

  override status(): FileStatus {
    return terminalStatus(this.number, this.created);
  }

  override tryRead(into: Uint8Array): number {
    const count = this.discipline.tryRead(into);
    return count === -EAGAIN && !this.masterIsOpen ? 0 : count;
  }

  override tryWrite(from: Uint8Array): number {
    return this.masterIsOpen ? this.discipline.tryWrite(from) : -EIO;
  }

  override poll(): number {
    let ready = 0;
    if (this.discipline.readable()) ready |= POLLIN | POLLRDNORM;
    if (!this.masterIsOpen) return ready | POLLIN | POLLHUP;
    if (this.screen.space > 0) ready |= POLLOUT | POLLWRNORM;
    return ready;
  }

  override available(): number {
    return this.discipline.available;
  }

  override flushInput(): void {
    this.discipline.flushInput();
  }

  override typed(bytes: Uint8Array): void {
    this.discipline.input(bytes);
  }

  override opened(): void {
    this.slaves++;
    this.everOpened = true;
  }

  override closed(): void {
    this.slaves--;
  }
}

/** The master side, as opening /dev/ptmx gives it. */
export class PseudoTerminalMaster extends Description {
  readonly terminal: PseudoTerminal;
  readonly #hangUp: () => void;

  constructor(terminal: PseudoTerminal, flags: number, hangUp: () => void) {
    super('/dev/ptmx', flags);
    this.terminal = terminal;
    this.#hangUp = hangUp;
  }

  protected override closed(): void {
    const { terminal } = this;
    terminal.masterIsOpen = false;
    if (terminal.foreground > 0) terminal.signalGroup(terminal.foreground, SIGHUP);
    this.#hangUp();
  }

  override status(): FileStatus {
    const { created } = this.terminal;
    return {
      ...{ device: 6, inode: 2, mode: S_IFCHR | 0o666, links: 1, uid: 0, gid: 5 },
      ...{ special: makeDevice(5, 2), size: 0, blockSize: 4096, blocks: 0 },
      ...{ accessed: created, modified: created, changed: created },
    };
  }

  override tryRead(into: Uint8Array): number {
    const { screen, slaves, everOpened } = this.terminal;
    if (screen.length > 0) return screen.take(into);
    return slaves === 0 && everOpened ? -EIO : -EAGAIN;
  }

  override tryWrite(from: Uint8Array): number {
    this.terminal.typed(from);
    return from.length;
  }

  override poll(): number {
    const { screen, slaves, everOpened } = this.terminal;
    let ready = POLLOUT | POLLWRNORM;
    if (screen.length > 0) ready |= POLLIN | POLLRDNORM;
    if (slaves === 0 && everOpened) ready |= POLLHUP;
    return ready;
  }

  override ioctl(
    context: SyscallContext,
    request: number,
    argument: number,
  ): SyscallResult | undefined {
    const { memory, process } = context;
    const { terminal } = this;
    switch (request) {
      case TIOCGPTN:
        memory.set32(argument, terminal.number);
        return 0;
      case TIOCSPTLCK:
        terminal.locked = memory.i32(argument) !== 0;
        return 0;
      case TIOCGPTLCK:
        memory.set32(argument, terminal.locked ? 1 : 0);
        return 0;
      case TIOCGPTPEER:
        return process.files.add(
          new TerminalFile(terminal, argument & ~(O_CLOEXEC | O_NOCTTY)),
          argument & O_CLOEXEC ? FD_CLOEXEC : 0,
        );
      case FIONREAD:
        memory.set32(argument, terminal.screen.length);
        return 0;
      default:
        return terminalIoctl(context, terminal, request, argument);
    }
  }
}

/** The pseudo-terminals that exist (/dev/pts). */
export class PseudoTerminals {
  readonly #terminals = new Map<number, PseudoTerminal>();
  readonly #signalGroup: SignalGroup;

  constructor(signalGroup: SignalGroup) {
    this.#signalGroup = signalGroup;
  }

  /** What opening /dev/ptmx does. Numbers start above those that a host is likely to use. */
  open(flags: number, created: bigint): PseudoTerminalMaster {
    let number = 1000;
    while (this.#terminals.has(number)) number++;
    const terminal = new PseudoTerminal(number, created, this.#signalGroup);
    this.#terminals.set(number, terminal);
    return new PseudoTerminalMaster(terminal, flags | O_RDWR, () => {
      this.#terminals.delete(number);
    });
  }

  get(number: number): PseudoTerminal | undefined {
    return this.#terminals.get(number);
  }

  numbers(): number[] {
    return [...this.#terminals.keys()];
  }
}

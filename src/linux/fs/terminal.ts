import { EAGAIN } from '../errno.ts';
import type { HostStream, TerminalModes } from '../host.ts';
import type { ControllingTerminal } from '../process.ts';
import { SIGWINCH } from '../signal.ts';
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM, S_IFCHR, makeDevice } from './flags.ts';
import type { FileStatus } from './host-files.ts';
import { LineDiscipline } from './line-discipline.ts';
import { ECHO, ICANON, ISIG, VMIN, VTIME, sameModes, standardModes } from './termios.ts';

/** Sends a signal to every process of a group. */
export type SignalGroup = (group: number, signal: number) => void;

export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

/** What programs see of a terminal, whichever kind stands behind it. */
export abstract class Terminal implements ControllingTerminal {
  /** Path of its device. */
  readonly name: string;
  foreground = 0;
  readonly signalGroup: SignalGroup;

  constructor(name: string, signalGroup: SignalGroup) {
    this.name = name;
    this.signalGroup = signalGroup;
  }

  abstract get modes(): TerminalModes;
  abstract setModes(modes: TerminalModes): void;
  abstract get windowSize(): WindowSize;
  abstract setWindowSize(size: WindowSize): void;
  abstract status(): FileStatus;
  abstract tryRead(into: Uint8Array): number;
  abstract tryWrite(from: Uint8Array): number;
  abstract poll(): number;
  /** Bytes that a read would get now. */
  abstract available(): number;
  abstract flushInput(): void;
  /** Bytes as if typed (TIOCSTI). */
  abstract typed(bytes: Uint8Array): void;
  /** A descriptor of it was opened or closed. */
  opened(): void {}
  closed(): void {}

  /** VTIME in nanoseconds, when it limits how long a read waits. */
  readTimeout(): number | undefined {
    const { local, characters } = this.modes;
    if (local & ICANON || characters[VMIN] !== 0 || characters[VTIME] === 0) return undefined;
    return characters[VTIME]! * 1e8;
  }
}

/** A terminal whose bytes are no file of the host's. */
export function terminalStatus(number: number, created: bigint): FileStatus {
  return {
    ...{ device: 0x18, inode: number + 3, mode: S_IFCHR | 0o620, links: 1, uid: 0, gid: 5 },
    ...{ special: makeDevice(136, number), size: 0, blockSize: 1024, blocks: 0 },
    ...{ accessed: created, modified: created, changed: created },
  };
}

/**
 * The terminal js390 itself runs on. Where the host lets its modes be set exactly, it does all the
 * editing, echoing and signalling; js390 leaves them alone until the guest changes them. Elsewhere
 * the host only knows cooked and raw, and a line discipline of our own makes the rest when raw.
 */
export class HostTerminal extends Terminal {
  readonly #input: HostStream;
  readonly #output: HostStream;
  readonly #status: () => FileStatus;
  readonly #discipline: LineDiscipline;
  #modes: TerminalModes | undefined;
  #exact = false;
  #raw = false;
  #ended = false;
  #size: WindowSize | undefined;

  constructor(
    name: string,
    input: HostStream,
    output: HostStream,
    status: () => FileStatus,
    signalGroup: SignalGroup,
  ) {
    super(name, signalGroup);
    this.#input = input;
    this.#output = output;
    this.#status = status;
    this.#discipline = new LineDiscipline({
      send: (bytes) => output.write(bytes),
      discard: () => {},
      signal: (signal) => this.signalGroup(this.foreground, signal),
    });
  }

  override get modes(): TerminalModes {
    if (this.#modes === undefined) {
      const exact = this.#input.modes?.();
      this.#exact = exact !== undefined;
      this.#modes = exact ?? standardModes();
    }
    return this.#modes;
  }

  override setModes(modes: TerminalModes): void {
    if (sameModes(this.modes, modes)) return;
    this.#modes = modes;
    const characters = modes.characters.slice();
    // Reads of the host never wait, so the least number of bytes and the time are counted here.
    if (!(modes.local & ICANON)) characters.set([0, 1], VTIME);
    if (this.#exact && this.#input.setModes!({ ...modes, characters })) return;
    this.#exact = false;
    const cooked = ICANON | ECHO | ISIG;
    this.#raw = (modes.local & cooked) !== cooked;
    this.#input.setRaw(this.#raw);
    this.#discipline.setModes(modes);
  }

  override get windowSize(): WindowSize {
    return this.#size ?? this.#output.size() ?? { rows: 24, columns: 80 };
  }

  override setWindowSize(size: WindowSize): void {
    this.#size = size;
  }

  override status(): FileStatus {
    return this.#status();
  }

  override tryRead(into: Uint8Array): number {
    if (into.length === 0) return 0;
    if (this.#raw) {
      this.#pump();
      const count = this.#discipline.tryRead(into);
      return count === -EAGAIN && this.#ended ? 0 : count;
    }
    const bytes = this.#input.read(into.length);
    if (bytes) {
      into.set(bytes);
      return bytes.length;
    }
    const { local, characters } = this.modes;
    return !(local & ICANON) && characters[VMIN] === 0 && characters[VTIME] === 0 ? 0 : -EAGAIN;
  }

  override tryWrite(from: Uint8Array): number {
    return this.#raw ? this.#discipline.tryWrite(from) : this.#output.write(from);
  }

  override poll(): number {
    const ready = POLLOUT | POLLWRNORM;
    return this.#readable() ? ready | POLLIN | POLLRDNORM : ready;
  }

  override available(): number {
    if (this.#raw) {
      this.#pump();
      return this.#discipline.available;
    }
    return this.#input.readable() ? 1 : 0;
  }

  override flushInput(): void {
    while (this.#input.read(4096)?.length) continue;
    this.#discipline.flushInput();
  }

  override typed(bytes: Uint8Array): void {
    this.#discipline.input(bytes);
  }

  #readable(): boolean {
    if (!this.#raw) return this.#input.readable();
    this.#pump();
    return this.#ended || this.#discipline.readable();
  }

  #pump(): void {
    while (!this.#ended) {
      const bytes = this.#input.read(4096);
      if (bytes === undefined) return;
      if (bytes.length === 0) this.#ended = true;
      this.#discipline.input(bytes);
    }
  }
}

/** Tells the foreground group that the window's size has changed, when it has. */
export function resize(terminal: Terminal, size: WindowSize): void {
  const { rows, columns } = terminal.windowSize;
  terminal.setWindowSize(size);
  if (rows === size.rows && columns === size.columns) return;
  if (terminal.foreground > 0) terminal.signalGroup(terminal.foreground, SIGWINCH);
}

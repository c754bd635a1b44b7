import { EIO, ENOSPC, EPIPE } from '../../linux/errno.ts';
import type { HostStream } from '../../linux/host.ts';
import type { ConsoleDevice } from '../../system/services.ts';
import { NodeStream } from './terminal.ts';

const CTRL_A = 0x01;
const LINE_FEED = 10;
/** Bytes of input that are handed on at once; what a terminal sends is less. */
const PIECE = 1024;
/** Milliseconds until input is handed on that the guest has no room for. */
const BUSY_RETRY = 10;

/** What a key after Ctrl-A asks of js390. */
export type EscapeCommand = 'help' | 'exit' | 'power-down';

const COMMANDS: Readonly<Record<string, EscapeCommand>> = {
  h: 'help',
  '?': 'help',
  x: 'exit',
  p: 'power-down',
};

const HELP =
  '\n' +
  'Ctrl-A H       this help\n' +
  'Ctrl-A X       end js390\n' +
  'Ctrl-A P       ask the guest to shut down\n' +
  'Ctrl-A Ctrl-A  send Ctrl-A to the guest\n';

/** Tells what is typed for the guest from what is for js390: QEMU's keys, with Ctrl-A first. */
export class EscapeKeys {
  #escaped = false;

  /** What the bytes are, in order; a key after Ctrl-A that means nothing is left out. */
  feed(bytes: Uint8Array): (Uint8Array | EscapeCommand)[] {
    const found: (Uint8Array | EscapeCommand)[] = [];
    let start = 0;
    const endInput = (end: number): void => {
      if (end > start) found.push(bytes.slice(start, end));
    };
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (!this.#escaped) {
        if (byte !== CTRL_A) continue;
        endInput(at);
        this.#escaped = true;
        start = at + 1;
        continue;
      }
      this.#escaped = false;
      // A second Ctrl-A is input.
      if (byte === CTRL_A) continue;
      start = at + 1;
      const command = commandOf(byte);
      if (command !== undefined) found.push(command);
    }
    endInput(bytes.length);
    return found;
  }
}

function commandOf(byte: number): EscapeCommand | undefined {
  // Letters count with Shift and with Ctrl still held as well.
  const code = byte >= 1 && byte <= 26 ? byte + 0x60 : byte;
  return COMMANDS[String.fromCharCode(code).toLowerCase()];
}

export interface BootTerminalOptions {
  /** The keys that end js390 were pressed. */
  readonly onExit: () => void;
  /** Those that ask the guest to shut down. */
  readonly onPowerDown?: () => void;
  /**
   * Standard output takes no more; called once. Without a problem, which is a line for the user,
   * nobody reads it any more.
   */
  readonly onClosed: (problem?: string) => void;
  /** Bytes that are written, before they are. */
  readonly onOutput?: (bytes: Uint8Array) => void;
  /** While true, input that does not come from a terminal waits. */
  readonly isBusy?: () => boolean;
  /** The streams, for tests; `wake` is called when there is input after none. */
  readonly open?: (descriptor: 0 | 1, wake: () => void) => HostStream;
}

/**
 * A guest's console on standard input and output. A terminal is raw until {@link close}: every key
 * goes to the guest but those of {@link EscapeKeys}. Other input goes there as it is, and its end
 * means that there is no more.
 */
export class BootTerminal implements ConsoleDevice {
  readonly #options: BootTerminalOptions;
  readonly #input: HostStream;
  readonly #output: HostStream;
  readonly #keys: EscapeKeys | undefined;
  #listener: ((bytes: Uint8Array) => void) | undefined;
  #state: 'new' | 'open' | 'closed' = 'new';
  #inputEnded = false;
  #outputClosed = false;
  #lineOpen = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BootTerminalOptions) {
    const { open = (descriptor, wake) => new NodeStream(descriptor, wake) } = options;
    this.#options = options;
    this.#input = open(0, () => this.#read());
    this.#output = open(1, () => {});
    this.#keys = this.#input.isTerminal ? new EscapeKeys() : undefined;
  }

  /** Whether keys, and not a file or a pipe, are the input. */
  get isTerminal(): boolean {
    return this.#input.isTerminal;
  }

  onInput(listener: (bytes: Uint8Array) => void): void {
    this.#listener = listener;
    if (this.#state === 'open') this.#readSoon(0);
  }

  /** Begins to read. */
  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'open';
    if (this.#input.isTerminal) this.#input.setRaw(true);
    this.#readSoon(0);
  }

  /** Writes all, or waits; loses nothing. */
  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#options.onOutput?.(bytes);
    if (this.#outputClosed) return;
    this.#lineOpen = bytes[bytes.length - 1] !== LINE_FEED;
    for (let done = 0; done < bytes.length;) {
      const written = this.#output.write(bytes.subarray(done));
      if (written < 0) {
        this.#outputClosed = true;
        this.#options.onClosed(problemOf(-written));
        return;
      }
      done += written;
    }
  }

  /**
   * Stops reading and makes the terminal what it was.
   * @param endLine on a terminal, what is written next begins on a line of its own
   */
  close({ endLine = this.#output.isTerminal } = {}): void {
    if (this.#state === 'closed') return;
    if (endLine && this.#lineOpen && !this.#outputClosed) {
      this.#output.write(Uint8Array.of(LINE_FEED));
    }
    if (this.#state === 'open' && this.#input.isTerminal) this.#input.setRaw(false);
    this.#state = 'closed';
    clearTimeout(this.#timer);
  }

  #readSoon(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#read(), milliseconds);
    // A machine that has ended waits for no input.
    this.#timer.unref();
  }

  /** Hands one piece on; the next comes after the machine has run. */
  #read(): void {
    if (this.#state !== 'open' || this.#inputEnded || !this.#listener) return;
    if (!this.#keys && this.#options.isBusy?.()) {
      this.#readSoon(BUSY_RETRY);
      return;
    }
    const bytes = this.#input.read(PIECE);
    // The stream calls again when there is something.
    if (bytes === undefined) return;
    if (bytes.length === 0) {
      this.#inputEnded = true;
      return;
    }
    if (this.#keys) this.#takeKeys(this.#keys.feed(bytes));
    else this.#listener(bytes);
    this.#readSoon(0);
  }

  #takeKeys(keys: readonly (Uint8Array | EscapeCommand)[]): void {
    for (const key of keys) {
      if (typeof key !== 'string') this.#listener?.(key);
      else if (key === 'exit') this.#options.onExit();
      else if (key === 'power-down') this.#options.onPowerDown?.();
      else this.#output.write(new TextEncoder().encode(HELP));
    }
  }
}

/** A reader that has gone, or a terminal, is no problem. */
function problemOf(errno: number): string | undefined {
  if (errno === EPIPE || errno === EIO) return undefined;
  const reason = errno === ENOSPC ? 'the disk is full' : `error ${errno}`;
  return `cannot write to standard output: ${reason}`;
}

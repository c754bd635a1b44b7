import { EAGAIN } from '../errno.ts';
import type { TerminalModes } from '../host.ts';
import { SIGINT, SIGQUIT, SIGTSTP } from '../signal.ts';
import { ByteQueue } from './pipe.ts';
import {
  ECHO,
  ECHOCTL,
  ECHOE,
  ECHOK,
  ECHONL,
  ICANON,
  ICRNL,
  IEXTEN,
  IGNCR,
  INLCR,
  ISIG,
  IUTF8,
  NOFLSH,
  OCRNL,
  ONLCR,
  OPOST,
  VEOF,
  VEOL,
  VEOL2,
  VERASE,
  VINTR,
  VKILL,
  VLNEXT,
  VMIN,
  VQUIT,
  VSUSP,
  VWERASE,
  standardModes,
} from './termios.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BACKSPACE = 8;
const SPACE = 32;
const CARET = 0x5e;
const TAB = 9;
/** Longest line that can be edited (MAX_CANON is less; n_tty takes this). */
const LONGEST_LINE = 4095;

/** Where the discipline sends what it produces. */
export interface LineDisciplineOutput {
  /** Bytes for the other side: echo, and what programs write. Returns how many were taken. */
  send(bytes: Uint8Array): number;
  /** Forgets what was sent and has not been taken yet. */
  discard(): void;
  /** SIGINT, SIGQUIT or SIGTSTP for the foreground process group. */
  signal(signal: number): void;
}

/**
 * The part of a terminal between its two sides (termios(3); Linux's n_tty): edits lines, echoes,
 * turns control characters into signals, and maps line ends. Not done: tabs and delays on output,
 * flow control by XON and XOFF, REPRINT.
 */
export class LineDiscipline {
  modes: TerminalModes = standardModes();
  readonly #output: LineDisciplineOutput;
  /** Bytes that programs may read. */
  readonly #ready = new ByteQueue();
  /** In canonical mode, the length of each line in `#ready`; an end-of-file makes one of 0. */
  readonly #lines: number[] = [];
  #edited: number[] = [];
  #literal = false;

  constructor(output: LineDisciplineOutput) {
    this.#output = output;
  }

  get canonical(): boolean {
    return (this.modes.local & ICANON) !== 0;
  }

  /** Leaving canonical mode makes the unfinished line readable. */
  setModes(modes: TerminalModes): void {
    const wasCanonical = this.canonical;
    this.modes = modes;
    if (wasCanonical === this.canonical) return;
    this.#commit();
    this.#lines.length = 0;
    if (this.canonical && this.#ready.length > 0) this.#lines.push(this.#ready.length);
  }

  /** Bytes that arrived from the keyboard. */
  input(bytes: Uint8Array): void {
    for (const byte of bytes) this.#inputByte(byte);
  }

  /** Forgets what was typed and not yet read. */
  flushInput(): void {
    this.#ready.drop(this.#ready.length);
    this.#lines.length = 0;
    this.#edited = [];
  }

  /** Bytes that a read would get. */
  get available(): number {
    return this.canonical ? (this.#lines[0] ?? 0) : this.#ready.length;
  }

  readable(): boolean {
    if (this.canonical) return this.#lines.length > 0;
    return this.#ready.length >= Math.max(1, this.modes.characters[VMIN]!);
  }

  /** As Description.tryRead. VMIN of 0 reads what there is, even nothing; VTIME is the caller's. */
  tryRead(into: Uint8Array): number {
    if (!this.canonical) {
      const least = Math.min(this.modes.characters[VMIN]!, into.length);
      return this.#ready.length < least ? -EAGAIN : this.#ready.take(into);
    }
    const line = this.#lines[0];
    if (line === undefined) return -EAGAIN;
    const count = this.#ready.take(into.subarray(0, Math.min(line, into.length)));
    if (count === line) this.#lines.shift();
    else this.#lines[0] = line - count;
    return count;
  }

  /** As Description.tryWrite. */
  tryWrite(from: Uint8Array): number {
    if (!(this.modes.output & OPOST)) return this.#output.send(from);
    let done = 0;
    while (done < from.length) {
      let end = done;
      while (end < from.length && !this.#mapsOnOutput(from[end]!)) end++;
      if (end > done) {
        const sent = this.#output.send(from.subarray(done, end));
        if (sent < 0) return done || sent;
        done += sent;
        if (done < end) return done;
      }
      if (done < from.length) {
        const mapped = from[done] === LINE_FEED ? [CARRIAGE_RETURN, LINE_FEED] : [LINE_FEED];
        const sent = this.#output.send(Uint8Array.from(mapped));
        // All or nothing: the caller writes this byte again.
        if (sent < mapped.length) return done || -EAGAIN;
        done++;
      }
    }
    return done;
  }

  #mapsOnOutput(byte: number): boolean {
    const { output } = this.modes;
    return (
      (byte === LINE_FEED && (output & ONLCR) !== 0) ||
      (byte === CARRIAGE_RETURN && (output & OCRNL) !== 0)
    );
  }

  #inputByte(byte: number): void {
    const { input, local, characters } = this.modes;
    if (this.#literal) {
      this.#literal = false;
      this.#accept(byte);
      return;
    }
    if (byte === CARRIAGE_RETURN) {
      if (input & IGNCR) return;
      if (input & ICRNL) byte = LINE_FEED;
    } else if (byte === LINE_FEED && input & INLCR) byte = CARRIAGE_RETURN;

    if (local & ISIG && byte !== 0) {
      const at = [VINTR, VQUIT, VSUSP].find((index) => characters[index] === byte);
      if (at !== undefined) {
        if (!(local & NOFLSH)) {
          this.flushInput();
          this.#output.discard();
        }
        this.#echo(byte);
        this.#output.signal(at === VINTR ? SIGINT : at === VQUIT ? SIGQUIT : SIGTSTP);
        return;
      }
    }
    if (local & ICANON) this.#edit(byte);
    else this.#accept(byte);
  }

  /** Canonical mode. */
  #edit(byte: number): void {
    const { local, characters } = this.modes;
    const is = (index: number): boolean => byte !== 0 && characters[index] === byte;
    if (is(VERASE)) this.#erase(1);
    else if (is(VKILL)) {
      if (local & ECHOE) this.#erase(this.#edited.length);
      else this.#edited = [];
      if (local & ECHOK && !(local & ECHOE)) this.#echo(LINE_FEED);
    } else if (is(VWERASE) && local & IEXTEN) {
      let count = 0;
      const back = (): number => this.#edited[this.#edited.length - 1 - count]!;
      while (count < this.#edited.length && isBlank(back())) count++;
      while (count < this.#edited.length && !isBlank(back())) count++;
      this.#erase(count);
    } else if (is(VLNEXT) && local & IEXTEN) {
      this.#literal = true;
      if (local & ECHO && local & ECHOCTL) this.#send([CARET, BACKSPACE]);
    } else if (is(VEOF)) this.#commit(true);
    else if (byte === LINE_FEED || is(VEOL) || (is(VEOL2) && local & IEXTEN)) {
      this.#edited.push(byte);
      if (local & ECHO) this.#echo(byte);
      else if (byte === LINE_FEED && local & ECHONL) this.#send([LINE_FEED]);
      this.#commit();
    } else this.#accept(byte);
  }

  #accept(byte: number): void {
    if (this.canonical) {
      if (this.#edited.length >= LONGEST_LINE) return;
      this.#edited.push(byte);
    } else this.#ready.put(Uint8Array.of(byte));
    this.#echo(byte);
  }

  /** Makes the edited line readable. An empty one only matters as an end-of-file. */
  #commit(endOfFile = false): void {
    const count = this.#ready.put(Uint8Array.from(this.#edited));
    if (count > 0 || endOfFile) this.#lines.push(count);
    this.#edited = [];
  }

  #erase(count: number): void {
    const { local } = this.modes;
    for (let i = 0; i < count; i++) {
      let byte = this.#edited.pop();
      if (byte === undefined) return;
      // A UTF-8 character goes as a whole where the terminal is told that there are such.
      if (this.modes.input & IUTF8) {
        while ((byte! & 0xc0) === 0x80 && this.#edited.length > 0) byte = this.#edited.pop();
      }
      if (!(local & ECHO) || !(local & ECHOE)) continue;
      const width = local & ECHOCTL && isControl(byte!) ? 2 : 1;
      for (let k = 0; k < width; k++) this.#send([BACKSPACE, SPACE, BACKSPACE]);
    }
  }

  #echo(byte: number): void {
    const { local } = this.modes;
    if (!(local & ECHO)) return;
    if (local & ECHOCTL && isControl(byte)) this.#send([CARET, byte ^ 0x40]);
    else if (byte === LINE_FEED) this.tryWrite(Uint8Array.of(LINE_FEED));
    else this.#send([byte]);
  }

  #send(bytes: readonly number[]): void {
    this.#output.send(Uint8Array.from(bytes));
  }
}

function isControl(byte: number): boolean {
  return (byte < SPACE && byte !== TAB && byte !== LINE_FEED) || byte === 127;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

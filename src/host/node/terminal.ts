import fs from 'node:fs';
import type { Socket } from 'node:net';
import type { ReadStream, WriteStream } from 'node:tty';
import { EAGAIN, EINTR } from '../../linux/errno.ts';
import type { HostStream, TerminalModes } from '../../linux/host.ts';
import { errnoOf } from './errors.ts';

/** Milliseconds until a stream that had nothing is tried again: quickly first, then at leisure. */
const READ_RETRIES = [1, 1, 1, 1, 2, 2, 4, 4, 8];
/** The same for a full pipe of another process's making, which is waited for. */
const WRITE_RETRY = 2;
/** Most bytes that one read asks the host for. */
const READ_SIZE = 65_536;
/** stty stops when js390 runs in the background; then it fails after so many milliseconds. */
const STTY_TIMEOUT = 1000;
const LINE_FEED = 10;
/** Control characters in Linux's struct termios. */
const NCCS = 19;

/** What {@link Atomics.wait} sleeps on. */
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * A standard stream of this process. Input is read without waiting, and no further than the guest
 * asked, so that the next program of the same shell finds the rest: on Linux through a second,
 * non-blocking descriptor of the same pipe or terminal, as O_NONBLOCK on the shared one would
 * trouble others. Where that cannot be had, one read at a time waits in Node's thread pool.
 */
export class NodeStream implements HostStream {
  readonly descriptor: number;
  readonly #wake: () => void;
  #terminal: boolean | undefined;
  /** Descriptor to read from; undefined before the first read. */
  #reader: number | undefined;
  /** Reading waits, so it is done in the thread pool. */
  #waits = false;
  #reading = false;
  /** Read and not yet asked for; empty at the end of input. */
  #ahead: Uint8Array | undefined;
  /** An empty array when the end of input was found behind `#ahead`. */
  #endsBehind: Uint8Array | undefined;
  /** Bytes that the guest last asked for. */
  #wanted = 1;
  #timer: NodeJS.Timeout | undefined;
  #tries = 0;
  #window: WriteStream | undefined;
  #rawMode: ReadStream | undefined;
  /** Keeps a socket non-blocking. */
  #socket: Socket | undefined;
  /** Modes at the start, as `stty -g` prints them, to be restored at the end. */
  #savedModes: string | undefined;
  #restores = false;

  /** `wake` is called when there is something after a read that found nothing. */
  constructor(descriptor: 0 | 1 | 2, wake: () => void) {
    this.descriptor = descriptor;
    this.#wake = wake;
  }

  get isTerminal(): boolean {
    return (this.#terminal ??= isTerminal(this.descriptor));
  }

  get name(): string | undefined {
    try {
      return fs.readlinkSync(`/proc/self/fd/${this.descriptor}`, 'latin1');
    } catch {
      return undefined;
    }
  }

  read(max: number): Uint8Array | undefined {
    this.#wanted = Math.min(max, READ_SIZE);
    if (this.#ahead === undefined) this.#fetch(this.#wanted);
    else if (this.#ahead.length > 0) this.#addTo(this.#ahead);
    const ahead = this.#ahead;
    if (ahead === undefined) {
      this.#await();
      return undefined;
    }
    this.#tries = 0;
    this.#ahead = ahead.length > max ? ahead.subarray(max) : this.#endsBehind;
    this.#endsBehind = undefined;
    return ahead.subarray(0, max);
  }

  readable(): boolean {
    // One byte tells; the next read gets it.
    this.#wanted = 1;
    if (this.#ahead === undefined) this.#fetch(1);
    if (this.#ahead === undefined) this.#await();
    return this.#ahead !== undefined;
  }

  write(bytes: Uint8Array): number {
    let done = 0;
    while (done < bytes.length) {
      try {
        done += fs.writeSync(this.descriptor, bytes, done);
      } catch (error) {
        const failure = errnoOf(error);
        if (failure !== -EAGAIN && failure !== -EINTR) return done || failure;
        Atomics.wait(sleeper, 0, 0, WRITE_RETRY);
      }
    }
    return done;
  }

  size(): { readonly rows: number; readonly columns: number } | undefined {
    if (!this.isTerminal) return undefined;
    const { WriteStream } = process.getBuiltinModule('node:tty');
    this.#window ??= new WriteStream(this.descriptor);
    const [columns, rows] = this.#window.getWindowSize();
    return { rows, columns };
  }

  /** Node puts the terminal back when it exits. */
  setRaw(raw: boolean): void {
    const { ReadStream } = process.getBuiltinModule('node:tty');
    this.#rawMode ??= new ReadStream(this.descriptor);
    this.#rawMode.setRawMode(raw);
  }

  /** Through stty(1), whose -g form on Linux lists the structure's members in hexadecimal. */
  modes(): TerminalModes | undefined {
    if (process.platform !== 'linux') return undefined;
    const words = this.#stty('-g')?.trim().split(':') ?? [];
    if (words.length < 4 + NCCS || !words.every((word) => /^[0-9a-f]+$/i.test(word))) {
      return undefined;
    }
    this.#savedModes ??= words.join(':');
    const [input, output, control, local, ...characters] = words.map((word) => parseInt(word, 16));
    return {
      ...{ input: input!, output: output!, control: control!, local: local!, line: 0 },
      characters: Uint8Array.from(characters.slice(0, NCCS)),
    };
  }

  setModes({ input, output, control, local, characters }: TerminalModes): boolean {
    const saved = this.#savedModes;
    if (saved === undefined) return false;
    if (!this.#restores) {
      this.#restores = true;
      process.once('exit', () => this.#stty(saved));
    }
    const words = [input, output, control, local, ...characters].map((word) => word.toString(16));
    return this.#stty([...words, ...saved.split(':').slice(words.length)].join(':')) !== undefined;
  }

  #stty(argument: string): string | undefined {
    const { spawnSync } = process.getBuiltinModule('node:child_process');
    const { status, stdout } = spawnSync('stty', [argument], {
      stdio: [this.descriptor, 'pipe', 'ignore'],
      encoding: 'latin1',
      timeout: STTY_TIMEOUT,
    });
    return status === 0 ? stdout : undefined;
  }

  /** Tries to get up to `max` bytes. */
  #fetch(max: number): void {
    this.#reader ??= this.#openReader();
    if (this.#waits) {
      this.#fetchInPool(max);
      return;
    }
    const bytes = new Uint8Array(max);
    try {
      this.#ahead = bytes.subarray(0, fs.readSync(this.#reader, bytes));
    } catch (error) {
      const failure = errnoOf(error);
      // A terminal that has gone gives EIO, which programs take for the end.
      if (failure !== -EAGAIN && failure !== -EINTR) this.#ahead = bytes.subarray(0, 0);
    }
  }

  /** Completes what was read to see whether there is something, as a terminal's reads are lines. */
  #addTo(ahead: Uint8Array): void {
    const missing = this.#wanted - ahead.length;
    if (this.#waits || missing <= 0 || ahead.at(-1) === LINE_FEED) return;
    this.#fetch(missing);
    const more = this.#ahead;
    if (more === ahead) return;
    this.#ahead = ahead;
    if (more === undefined) return;
    if (more.length === 0) this.#endsBehind = more;
    else this.#ahead = Uint8Array.from([...ahead, ...more]);
  }

  #openReader(): number {
    const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = fs.constants;
    try {
      // Regular files never make wait, and their offset is to be shared.
      if (fs.fstatSync(this.descriptor).isFile()) return this.descriptor;
      return fs.openSync(`/proc/self/fd/${this.descriptor}`, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    } catch {
      this.#waits = !this.#makeNonBlocking();
      return this.descriptor;
    }
  }

  /**
   * Sockets cannot be opened again, and a read in the thread pool would keep js390 from ending. A
   * socket is rarely shared with the next program, so O_NONBLOCK on it does no harm; Node sets it
   * when it takes the descriptor over, and nothing is read through it.
   */
  #makeNonBlocking(): boolean {
    try {
      if (!fs.fstatSync(this.descriptor).isSocket()) return false;
      const { Socket } = process.getBuiltinModule('node:net');
      // pauseOnCreate is what cluster and child_process use; the types do not know it.
      const options = { fd: this.descriptor, readable: true, pauseOnCreate: true };
      this.#socket = new Socket(options);
      this.#socket.unref();
      return true;
    } catch {
      return false;
    }
  }

  #fetchInPool(max: number): void {
    if (this.#reading) return;
    this.#reading = true;
    const bytes = new Uint8Array(max);
    fs.read(this.descriptor, bytes, 0, max, null, (error, count) => {
      this.#reading = false;
      // Non-blocking already, by another process: try again later.
      if (error && errnoOf(error) === -EAGAIN) this.#await();
      else {
        this.#ahead = bytes.subarray(0, error ? 0 : count);
        this.#wake();
      }
    });
  }

  /** Tries again from the event loop until something has come. */
  #await(): void {
    if (this.#reading || this.#timer) return;
    const delay = READ_RETRIES[Math.min(this.#tries++, READ_RETRIES.length - 1)];
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#ahead === undefined) this.#fetch(this.#wanted);
      if (this.#ahead === undefined) this.#await();
      else this.#wake();
    }, delay);
    // A guest that has ended waits for nothing any more.
    this.#timer.unref();
  }
}

/** Loads `node:tty` only for character devices: most runs write to pipes and files. */
function isTerminal(fd: number): boolean {
  try {
    return fs.fstatSync(fd).isCharacterDevice() && process.getBuiltinModule('node:tty').isatty(fd);
  } catch {
    return false;
  }
}

import fs from 'node:fs';
import type { ReadStream } from 'node:tty';
import { EAGAIN, EIO, EPIPE } from '../../linux/errno.ts';
import type { HostStream } from '../../linux/host.ts';

/** How long to wait before trying again when a pipe that somebody else made non-blocking is full. */
const RETRY_MILLISECONDS = 2;
const READ_SIZE = 65_536;

/** Bytes that {@link Atomics.wait} may sleep on. */
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * A standard stream. Files and devices are read when asked; pipes, sockets and terminals ahead, by
 * events, so that waiting for input does not stop timers and signals.
 */
export class NodeStream implements HostStream {
  readonly descriptor: number;
  readonly #wake: () => void;
  #chunks: Uint8Array[] = [];
  #ended = false;
  #source: ReadStream | undefined;
  /** Undefined until asked: whether reading waits, so that it must be done ahead. */
  #waits: boolean | undefined;
  #terminal: boolean | undefined;

  constructor(descriptor: number, wake: () => void) {
    this.descriptor = descriptor;
    this.#wake = wake;
  }

  get isTerminal(): boolean {
    return (this.#terminal ??= isTerminal(this.descriptor));
  }

  get name(): string {
    try {
      return fs.readlinkSync(`/proc/self/fd/${this.descriptor}`, 'latin1');
    } catch {
      return '/dev/tty';
    }
  }

  read(max: number): Uint8Array | undefined {
    if (!this.#readsAhead()) return this.#readNow(max);
    const [first] = this.#chunks;
    if (first === undefined) return this.#ended ? new Uint8Array(0) : undefined;
    if (first.length <= max) {
      this.#chunks.shift();
      if (this.#chunks.length === 0) this.#source?.resume();
      return first;
    }
    this.#chunks[0] = first.subarray(max);
    return first.subarray(0, max);
  }

  readable(): boolean {
    return !this.#readsAhead() || this.#chunks.length > 0 || this.#ended;
  }

  write(bytes: Uint8Array): number {
    let written = 0;
    while (written < bytes.length) {
      try {
        written += fs.writeSync(this.descriptor, bytes, written, bytes.length - written);
      } catch (error) {
        const { code, errno } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN') {
          Atomics.wait(sleeper, 0, 0, RETRY_MILLISECONDS);
          continue;
        }
        if (written > 0) return written;
        if (code === 'EPIPE') return -EPIPE;
        return errno ?? -EIO;
      }
    }
    return written;
  }

  size(): { readonly rows: number; readonly columns: number } | undefined {
    for (const stream of [process.stdout, process.stderr]) {
      if (stream.isTTY) return { rows: stream.rows, columns: stream.columns };
    }
    return undefined;
  }

  setRaw(raw: boolean): void {
    if (!this.isTerminal || this.descriptor !== 0) return;
    this.#readsAhead();
    this.#source?.setRawMode(raw);
  }

  #readNow(max: number): Uint8Array | undefined {
    const into = new Uint8Array(Math.min(max, READ_SIZE * 16));
    try {
      return into.subarray(0, fs.readSync(this.descriptor, into, 0, into.length, null));
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      return errno === -EAGAIN ? undefined : new Uint8Array(0);
    }
  }

  /** Starts reading ahead where that is needed; whether it is. */
  #readsAhead(): boolean {
    if (this.#waits !== undefined) return this.#waits;
    this.#waits = this.descriptor === 0 && waits(this.descriptor);
    if (!this.#waits) return false;
    const source = process.stdin;
    this.#source = source;
    source.on('data', (chunk: Uint8Array) => {
      this.#chunks.push(chunk);
      source.pause();
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    source.on('end', end);
    source.on('error', end);
    return true;
  }
}

/** Loads `node:tty` only for character devices: most runs write to pipes and files. */
function isTerminal(fd: number): boolean {
  try {
    if (!fs.fstatSync(fd).isCharacterDevice()) return false;
  } catch {
    return false;
  }
  return process.getBuiltinModule('node:tty').isatty(fd);
}

function waits(fd: number): boolean {
  try {
    const status = fs.fstatSync(fd);
    return status.isFIFO() || status.isSocket() || isTerminal(fd);
  } catch {
    return false;
  }
}

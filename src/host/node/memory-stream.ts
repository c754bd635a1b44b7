import { EBADF } from '../../linux/errno.ts';
import type { HostStream } from '../../linux/host.ts';

/** Standard input out of memory. */
export class InputStream implements HostStream {
  readonly isTerminal = false;
  #rest: Uint8Array;

  constructor(input: string | Uint8Array) {
    this.#rest = typeof input === 'string' ? Buffer.from(input, 'utf8') : input;
  }

  read(max: number): Uint8Array {
    const bytes = this.#rest.subarray(0, max);
    this.#rest = this.#rest.subarray(max);
    return bytes;
  }

  readable(): boolean {
    return true;
  }

  write(): number {
    return -EBADF;
  }

  size(): undefined {
    return undefined;
  }

  setRaw(): void {}
}

/** Standard output or error into a function, which gets bytes of its own. */
export class OutputStream implements HostStream {
  readonly isTerminal = false;
  readonly #receive: (bytes: Uint8Array) => void;

  constructor(receive: (bytes: Uint8Array) => void) {
    this.#receive = receive;
  }

  read(): Uint8Array {
    return new Uint8Array(0);
  }

  readable(): boolean {
    return true;
  }

  write(bytes: Uint8Array): number {
    this.#receive(bytes.slice());
    return bytes.length;
  }

  size(): undefined {
    return undefined;
  }

  setRaw(): void {}
}

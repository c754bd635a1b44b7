import { AbsoluteStorage } from '../../src/memory/absolute-storage.ts';
import { Sclp, type SclpOptions } from '../../src/system/sclp/sclp.ts';
import type { ConsoleDevice, InterruptionSink } from '../../src/system/services.ts';

/** A console that remembers what was written, and on which a test can type. */
export class TestConsole implements ConsoleDevice {
  readonly #written: Uint8Array[] = [];
  #listener: (bytes: Uint8Array) => void = () => {};

  write(bytes: Uint8Array): void {
    this.#written.push(bytes);
  }

  get output(): string {
    return Buffer.concat(this.#written).toString('utf8');
  }

  onInput(listener: (bytes: Uint8Array) => void): void {
    this.#listener = listener;
  }

  type(text: string | Uint8Array): void {
    this.#listener(Buffer.from(text as string));
  }
}

export const READ_SCP_INFO = 0x0002_0001;
export const READ_CPU_INFO = 0x0001_0001;
export const READ_EVENT_DATA = 0x0077_0005;
export const WRITE_EVENT_DATA = 0x0076_0005;
export const WRITE_EVENT_MASK = 0x0078_0005;

/** Where the tests' SCCBs are. */
export const SCCB = 0x3_0000;

/** An SCLP with both consoles, and the service signals that it raised. */
export class Machine {
  readonly storage = new AbsoluteStorage(0x10_0000);
  readonly line = new TestConsole();
  readonly vt220 = new TestConsole();
  readonly signals: number[] = [];
  readonly sclp: Sclp;

  constructor(options: Partial<SclpOptions> = {}) {
    const unexpected = (): never => {
      throw new Error('SCLP raises service signals only');
    };
    const sink: InterruptionSink = {
      raiseIo: unexpected,
      clearIo: unexpected,
      takeIo: unexpected,
      raiseChannelReport: unexpected,
      raiseService: (parameter) => this.signals.push(parameter),
    };
    this.sclp = new Sclp({
      ...{ storage: this.storage, sink, memorySize: 0x2000_0000, cpuCount: 1 },
      ...{ lineMode: this.line, vt220: this.vt220 },
      ...options,
    });
  }

  /**
   * Puts an SCCB at `at`, of `length` bytes when its own bytes do not say, and calls.
   * @returns the SCCB afterwards, as long as its header then says, in hexadecimal without the
   * zeros at the end
   */
  call(command: number, sccb: string, { length = 4096, at = SCCB } = {}): string {
    const bytes = Buffer.from(sccb.replaceAll(/\s/g, ''), 'hex');
    this.storage.fill(at, Math.min(0x2000, this.storage.size - at), 0);
    this.storage.write16(at, length);
    this.storage.write(at + 2, bytes);
    const cc = this.sclp.serviceCall(command, at);
    if (cc !== 0) throw new Error(`condition code ${cc}`);
    return this.response(at);
  }

  response(at = SCCB): string {
    const length = this.storage.read16(at);
    return trim(Buffer.from(this.storage.slice(at, length)).toString('hex'));
  }

  /** WRITE EVENT DATA with these event buffers, in hexadecimal. */
  write(...buffers: string[]): string {
    const data = buffers.join('').replaceAll(/\s/g, '');
    return this.call(WRITE_EVENT_DATA, `00 000000 0000 ${data}`, { length: 8 + data.length / 2 });
  }

  /** The guest wants all kinds of events that Linux wants. */
  enableEvents(mask = '80800048'): void {
    this.call(WRITE_EVENT_MASK, `00 000000 0000 0000 0004 ${mask} 40800040`);
    this.signals.length = 0;
  }
}

export function trim(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  while (bytes.at(-1) === '00') bytes.pop();
  return bytes.join('');
}

/** `text` in EBCDIC, by another table than ours; lower-case letters, digits and a few more. */
export function ebcdicHex(text: string): string {
  const codes: Readonly<Record<string, string>> = { ' ': '40', '[': '4a', ']': '5a', '^': '5f' };
  const letter = (character: string): string => {
    const at = character.charCodeAt(0) - 0x61;
    if (at < 9) return (0x81 + at).toString(16);
    return (at < 18 ? 0x91 + at - 9 : 0xa2 + at - 18).toString(16);
  };
  return [...text].map((c) => codes[c] ?? (/\d/.test(c) ? `f${c}` : letter(c))).join('');
}

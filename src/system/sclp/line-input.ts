import { NO_NEW_LINE } from './message.ts';

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const CTRL_U = 0x15;
const CTRL_Z = 0x1a;
const DELETE = 0x7f;

const ERASE = '\b \b';

/**
 * Makes lines of what is typed, since the line-mode console takes nothing else. Backspace and
 * Ctrl-U erase; Ctrl-C, Ctrl-D and Ctrl-Z become the `^c`, `^d` and `^z` by which Linux knows them.
 */
export class LineInput {
  readonly #send: (line: string) => void;
  readonly #echo: (text: string) => void;
  #line: number[] = [];
  #afterReturn = false;

  constructor(send: (line: string) => void, echo: (text: string) => void = () => {}) {
    this.#send = send;
    this.#echo = echo;
  }

  /** What was typed of a line that has not ended. */
  get typed(): Uint8Array {
    return Uint8Array.from(this.#line);
  }

  set typed(bytes: Uint8Array) {
    this.#line = [...bytes];
    this.#afterReturn = false;
  }

  add(bytes: Uint8Array): void {
    for (const byte of bytes) this.#addByte(byte);
  }

  #addByte(byte: number): void {
    const isSecondHalf = byte === LINE_FEED && this.#afterReturn;
    this.#afterReturn = byte === RETURN;
    switch (byte) {
      case LINE_FEED:
      case RETURN:
        // Return and line feed together end one line.
        if (!isSecondHalf) this.#end('');
        return;
      case BACKSPACE:
      case DELETE:
        this.#erase();
        return;
      case CTRL_U:
        while (this.#line.length > 0) this.#erase();
        return;
      case CTRL_C:
      case CTRL_Z:
        this.#line = [];
        this.#send(byte === CTRL_C ? '^c' : '^z');
        return;
      case CTRL_D:
        // As on other terminals: the end of input, or of what was typed so far.
        if (this.#line.length === 0) this.#send('^d');
        else this.#end(NO_NEW_LINE);
        return;
      default:
        this.#line.push(byte);
        this.#echo(String.fromCharCode(byte));
    }
  }

  /** Erases a character, which is several bytes in UTF-8. */
  #erase(): void {
    if (this.#line.length === 0) return;
    while ((this.#line.pop()! & 0xc0) === 0x80 && this.#line.length > 0);
    this.#echo(ERASE);
  }

  #end(suffix: string): void {
    const text = new TextDecoder().decode(this.typed);
    this.#line = [];
    this.#send(text + suffix);
  }
}

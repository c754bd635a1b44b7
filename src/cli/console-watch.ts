/** Characters of the console's output that are kept. */
const KEPT = 8192;
/** Sequences that steer terminals (ECMA-48, and xterm's titles): they carry no text. */
const SEQUENCE =
  // eslint-disable-next-line no-control-regex
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,256}(?:\x07|\x1b\\)|[ -/]+[0-~]|[0-Z\\^-~])/g;
/** The beginning of one, at the end of what has come; longer ones are none. */
// eslint-disable-next-line no-control-regex
const BEGINNING = /\x1b(?:\[[0-?]{0,32}[ -/]{0,4}|\][^\x07\x1b]{0,256}\x1b?|[ -/]{0,4})$/;

/** What a console showed last, and whether something was among it. */
export class ConsoleWatch {
  readonly #decoder = new TextDecoder();
  readonly #pattern: RegExp | undefined;
  readonly #onMatch: () => void;
  #text = '';
  /** A terminal sequence of which more has to come. */
  #begun = '';
  #matched = false;

  /** `onMatch` is called once, when `pattern` matches in what was written, over lines' ends too. */
  constructor(pattern?: RegExp, onMatch: () => void = () => {}) {
    this.#pattern = pattern;
    this.#onMatch = onMatch;
  }

  get matched(): boolean {
    return this.#matched;
  }

  /** The last characters; lines end with line feeds only, and terminal sequences are left out. */
  get text(): string {
    return this.#text;
  }

  add(bytes: Uint8Array): void {
    const come = this.#begun + this.#decoder.decode(bytes, { stream: true });
    const text = come.replaceAll('\r', '').replace(SEQUENCE, '');
    this.#begun = BEGINNING.exec(text)?.[0] ?? '';
    const shown = text.slice(0, text.length - this.#begun.length);
    this.#text = (this.#text + shown).slice(-KEPT);
    if (this.#matched || !this.#pattern?.test(this.#text)) return;
    this.#matched = true;
    this.#onMatch();
  }
}

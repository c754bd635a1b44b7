/** Characters of the console's output that are kept. */
const KEPT = 8192;

/** What a console showed last, and whether something was among it. */
export class ConsoleWatch {
  readonly #decoder = new TextDecoder();
  readonly #pattern: RegExp | undefined;
  readonly #onMatch: () => void;
  #text = '';
  #matched = false;

  /** `onMatch` is called once, when `pattern` matches in what was written, over lines' ends too. */
  constructor(pattern?: RegExp, onMatch: () => void = () => {}) {
    this.#pattern = pattern;
    this.#onMatch = onMatch;
  }

  get matched(): boolean {
    return this.#matched;
  }

  /** The last characters; lines end with line feeds only. */
  get text(): string {
    return this.#text;
  }

  add(bytes: Uint8Array): void {
    const text = this.#decoder.decode(bytes, { stream: true }).replaceAll('\r', '');
    this.#text = (this.#text + text).slice(-KEPT);
    if (this.#matched || !this.#pattern?.test(this.#text)) return;
    this.#matched = true;
    this.#onMatch();
  }
}

/** A guest's console as a person would use it: wait for a prompt, type, read what came of it. */
import type { ChildProcess } from 'node:child_process';

/** What a console shows until `expect` finds its pattern; the message says what came instead. */
export class ConsoleTimeout extends Error {}

/** How the machine's process ended. */
export interface SessionEnd {
  /** Undefined after a signal. */
  readonly status: number | undefined;
  readonly stderr: string;
  /** Since the start of the process. */
  readonly seconds: number;
}

/** A point in the console's text, with the time at which it was there. */
export interface Mark {
  /** What came since the mark before. */
  readonly text: string;
  /** Since the start of the process. */
  readonly seconds: number;
}

/** Sequences that shells ask and steer terminals with (ECMA-48); they carry no text. */
// eslint-disable-next-line no-control-regex
const ESCAPES = /\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>78])/g;

/** Console text without terminal sequences and carriage returns. */
export function plainText(raw: string): string {
  return raw.replace(ESCAPES, '').replaceAll('\r', '');
}

/**
 * The console on a machine's standard input and output. The process is the session's: it is stopped
 * by `kill`, which every user calls in a `finally`.
 */
export class ConsoleSession {
  readonly ended: Promise<SessionEnd>;
  #child: ChildProcess;
  #started = performance.now();
  #raw = '';
  #stderr = '';
  #position = 0;
  #over = false;
  #wake: (() => void)[] = [];

  /** `onOutput` gets what the console shows, as it comes. */
  constructor(child: ChildProcess, onOutput?: (text: string) => void) {
    this.#child = child;
    child.stdout!.setEncoding('latin1').on('data', (text: string) => {
      this.#raw += text;
      onOutput?.(text);
      this.#notify();
    });
    child.stderr!.setEncoding('latin1').on('data', (text: string) => (this.#stderr += text));
    // A machine that has ended takes no more input; what it ended with is told otherwise.
    child.stdin!.on('error', () => {});
    this.ended = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => {
        this.#over = true;
        this.#notify();
        const stderr = this.#stderr;
        resolve({ status: status ?? undefined, stderr, seconds: this.seconds });
      });
    });
    // Whoever waits gets the rejection; nobody has to.
    this.ended.catch(() => this.#notify());
  }

  /** Since the start of the process. */
  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** All that the console has shown, without terminal sequences. */
  get text(): string {
    return plainText(this.#raw);
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  /**
   * Waits until the console shows `pattern` behind what was waited for before.
   *
   * @throws ConsoleTimeout when it does not come in time, or the machine ends before
   */
  async expect(pattern: string | RegExp, seconds: number): Promise<Mark> {
    const deadline = performance.now() + seconds * 1000;
    while (true) {
      const ahead = plainText(this.#raw).slice(this.#position);
      const end = endOfMatch(ahead, pattern);
      if (end !== undefined) {
        this.#position += end;
        return { text: ahead.slice(0, end), seconds: this.seconds };
      }
      const left = deadline - performance.now();
      if (this.#over || left <= 0) {
        const why = this.#over ? 'the machine ended' : `not within ${seconds} s`;
        throw new ConsoleTimeout(
          `no ${String(pattern)} on the console: ${why}\n${lastLines(this.text)}\n${this.#stderr}`,
        );
      }
      await this.#change(left);
    }
  }

  /** Returns when there may be something new. */
  #change(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Sends keys to the guest as they are; a line wants its `\n`. */
  type(keys: string): void {
    this.#child.stdin!.write(keys, 'latin1');
  }

  /** What the console has shown since the last `expect`. */
  get rest(): string {
    return plainText(this.#raw).slice(this.#position);
  }

  /**
   * Waits for the end of the machine.
   *
   * @throws ConsoleTimeout when it goes on running
   */
  async end(seconds: number): Promise<SessionEnd> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const shown = lastLines(this.text);
        reject(new ConsoleTimeout(`the machine does not end within ${seconds} s\n${shown}`));
      }, seconds * 1000);
    });
    try {
      return await Promise.race([this.ended, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the machine's process if it is still there. */
  kill(): void {
    if (!this.#over) this.#child.kill('SIGKILL');
  }
}

function endOfMatch(text: string, pattern: string | RegExp): number | undefined {
  if (typeof pattern === 'string') {
    const at = text.indexOf(pattern);
    return at < 0 ? undefined : at + pattern.length;
  }
  const match = pattern.exec(text);
  return match ? match.index + match[0].length : undefined;
}

/** The end of a console's text, for messages. */
export function lastLines(text: string): string {
  return text.split('\n').slice(-40).join('\n');
}

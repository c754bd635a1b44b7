import type { ConsoleDevice, Saved } from '../services.ts';
import {
  EVENT_HEADER,
  EVENT_MESSAGE,
  EVENT_OPERATOR_COMMAND,
  EVENT_PRIORITY_MESSAGE,
  maskOf,
  type EventSource,
} from './event-facility.ts';
import { LineInput } from './line-input.ts';
import { commandsOf, messageTexts, putCommand } from './message.ts';
import { INCONSISTENT_LENGTHS, NORMAL_COMPLETION } from './sccb.ts';

/**
 * The operator's console, which shows lines and takes lines: Linux's `ttyS0`. A message begins on
 * a new line and does not end it, so that what follows a prompt stands behind it.
 */
export class LineConsole implements EventSource {
  readonly name = 'line';
  readonly sends = maskOf(EVENT_OPERATOR_COMMAND, EVENT_PRIORITY_MESSAGE);
  readonly receives = maskOf(EVENT_MESSAGE, EVENT_PRIORITY_MESSAGE);
  readonly #device: ConsoleDevice;
  readonly #commands: string[] = [];
  readonly #input: LineInput;
  #written = false;

  /** `announce` is called when there is a line; `echo`: what is typed is shown at once. */
  constructor(device: ConsoleDevice, announce: () => void, echo: boolean) {
    this.#device = device;
    const send = (line: string): void => {
      this.#commands.push(...commandsOf(line));
      announce();
    };
    this.#input = new LineInput(send, echo ? (text) => this.#write(text, 'latin1') : undefined);
    device.onInput((bytes) => this.#input.add(bytes));
  }

  get pending(): boolean {
    return this.#commands.length > 0;
  }

  /** Characters that the guest has not read. */
  get queued(): number {
    return this.#commands.reduce((sum, command) => sum + command.length, 0);
  }

  read(room: Uint8Array): number {
    let used = 0;
    while (this.#commands.length > 0) {
      const size = putCommand(room.subarray(used), this.#commands[0]!);
      if (size === 0) break;
      used += size;
      this.#commands.shift();
    }
    return used;
  }

  write(buffer: Uint8Array): number {
    const texts = messageTexts(buffer.subarray(EVENT_HEADER));
    if (texts === undefined) return INCONSISTENT_LENGTHS;
    for (const text of texts) {
      this.#write((this.#written ? '\n' : '') + text, 'utf-8');
      this.#written = true;
    }
    return NORMAL_COMPLETION;
  }

  #write(text: string, encoding: 'utf-8' | 'latin1'): void {
    this.#device.write(
      encoding === 'utf-8'
        ? new TextEncoder().encode(text)
        : Uint8Array.from(text, (character) => character.charCodeAt(0)),
    );
  }

  /** What was typed is kept for the program that comes next. */
  reset(): void {}

  save(): Saved {
    return { commands: [...this.#commands], typed: this.#input.typed, written: this.#written };
  }

  load(saved: Saved): void {
    const { commands, typed, written } = saved as Readonly<Record<string, Saved>>;
    this.#commands.splice(0, this.#commands.length, ...(commands as string[]));
    this.#input.typed = typed as Uint8Array;
    this.#written = written as boolean;
  }
}

import type { ConsoleDevice, Saved } from '../services.ts';
import {
  EVENT_ASCII_CONSOLE,
  EVENT_HEADER,
  maskOf,
  putEventHeader,
  type EventSource,
} from './event-facility.ts';
import { InputQueue } from './input-queue.ts';
import { NORMAL_COMPLETION } from './sccb.ts';

/** First byte of an event for the guest: characters follow. */
const CHARACTERS = 0x00;

/** The ASCII console of a VT220 terminal: Linux's `ttysclp0`. Bytes go both ways as they are. */
export class Vt220Console implements EventSource {
  readonly name = 'vt220';
  readonly sends = maskOf(EVENT_ASCII_CONSOLE);
  readonly receives = maskOf(EVENT_ASCII_CONSOLE);
  readonly #device: ConsoleDevice;
  readonly #input = new InputQueue();

  /** `announce` is called when there is input. */
  constructor(device: ConsoleDevice, announce: () => void) {
    this.#device = device;
    device.onInput((bytes) => {
      if (bytes.length === 0) return;
      this.#input.add(bytes);
      announce();
    });
  }

  get pending(): boolean {
    return this.#input.length > 0;
  }

  /** Bytes that the guest has not read. */
  get queued(): number {
    return this.#input.length;
  }

  read(room: Uint8Array): number {
    const space = room.length - EVENT_HEADER - 1;
    if (space <= 0) return 0;
    const bytes = this.#input.take(space);
    room[EVENT_HEADER] = CHARACTERS;
    room.set(bytes, EVENT_HEADER + 1);
    return putEventHeader(room, EVENT_ASCII_CONSOLE, EVENT_HEADER + 1 + bytes.length);
  }

  write(buffer: Uint8Array): number {
    // A copy: the buffer is part of the SCCB.
    this.#device.write(buffer.slice(EVENT_HEADER));
    return NORMAL_COMPLETION;
  }

  /** What was typed is kept for the program that comes next. */
  reset(): void {}

  save(): Saved {
    return this.#input.save();
  }

  load(saved: Saved): void {
    this.#input.load(saved);
  }
}

import type { Saved } from '../services.ts';
import {
  EVENT_HEADER,
  EVENT_SIGNAL_QUIESCE,
  maskOf,
  putEventHeader,
  type EventSource,
} from './event-facility.ts';
import { INVALID_FUNCTION } from './sccb.ts';

/** The header, a time limit (2 bytes), and its unit (1). */
const QUIESCE_SIZE = EVENT_HEADER + 3;

/** Asks the guest to shut down: the operator's power button. */
export class QuiesceSignal implements EventSource {
  readonly name = 'quiesce';
  readonly sends = maskOf(EVENT_SIGNAL_QUIESCE);
  readonly receives = 0;
  #pending = false;

  get pending(): boolean {
    return this.#pending;
  }

  signal(): void {
    this.#pending = true;
  }

  read(room: Uint8Array): number {
    if (room.length < QUIESCE_SIZE) return 0;
    this.#pending = false;
    // No time limit.
    room.fill(0, EVENT_HEADER, QUIESCE_SIZE);
    return putEventHeader(room, EVENT_SIGNAL_QUIESCE, QUIESCE_SIZE);
  }

  write(): number {
    return INVALID_FUNCTION;
  }

  reset(): void {
    this.#pending = false;
  }

  save(): Saved {
    return this.#pending;
  }

  load(saved: Saved): void {
    this.#pending = saved as boolean;
  }
}

import type { InterruptionSink, Saved } from '../services.ts';
import type { SavedRecord } from './saved-record.ts';

/** Channel-report word (PoP, "Channel-Report Word"). */
export const CRW_SOLICITED = 0x4000_0000;
export const CRW_OVERFLOW = 0x2000_0000;
export const CRW_SOURCE_CHANNEL_PATH = 0x0400_0000;
export const CRW_INITIALIZED = 0x0002_0000;

/** Reports that wait at most; what comes then is lost, and the next one says so. */
const MOST_REPORTS = 32;

/** Channel reports that wait for STORE CHANNEL REPORT WORD. */
export class ChannelReports {
  readonly #sink: InterruptionSink;
  #pending: number[] = [];
  #overflow = false;
  /** A machine check was made pending, and the program has not yet stored all reports. */
  #announced = false;

  constructor(sink: InterruptionSink) {
    this.#sink = sink;
  }

  report(word: number): void {
    if (this.#pending.length >= MOST_REPORTS) {
      this.#overflow = true;
      return;
    }
    this.#pending.push(this.#overflow ? word | CRW_OVERFLOW : word);
    this.#overflow = false;
    if (this.#announced) return;
    this.#announced = true;
    this.#sink.raiseChannelReport();
  }

  /** Condition code and CRW: 0 and the oldest report, or 1 and zeros. */
  take(): { cc: number; crw: number } {
    const crw = this.#pending.shift();
    if (crw !== undefined) return { cc: 0, crw };
    this.#announced = false;
    return { cc: 1, crw: 0 };
  }

  reset(): void {
    this.#pending = [];
    this.#overflow = false;
    this.#announced = false;
  }

  save(): Saved {
    return { pending: this.#pending, overflow: this.#overflow, announced: this.#announced };
  }

  load(saved: SavedRecord): void {
    this.#pending = saved.list('pending').map(Number);
    this.#overflow = saved.boolean('overflow');
    this.#announced = saved.boolean('announced');
  }
}

import { ByteQueue } from './byte-queue.ts';
import { Congestion } from './tcp-congestion.ts';
import { ACK, FIN, MAX_SEGMENT, PSH, SYN } from './tcp-segment.ts';
import { RetransmissionTimeout } from './tcp-timeout.ts';

/** How often the same is sent without any answer before the guest counts as gone. */
const RETRIES = 12;
const SYN_RETRIES = 6;

/** Sends `length` bytes from `position` on, and the SYN or FIN that `flags` has. */
export type Emit = (position: number, length: number, flags: number) => void;

/**
 * Our half of a connection: what the guest is to get (RFC 9293, section 3.8). Positions count from
 * the SYN, which is at 0, and never wrap; the first byte is at 1, and the FIN behind the last.
 */
export class TcpSender {
  readonly #initial: number;
  readonly #timeout = new RetransmissionTimeout();
  readonly #queue = new ByteQueue();
  #segment = MAX_SEGMENT;
  #congestion = new Congestion(MAX_SEGMENT);
  /** Behind the last byte that was given to us. */
  #end = 1;
  #finished = false;
  /** The first position that is not acknowledged. */
  #unacknowledged = 0;
  /** The position to send next; it goes back after a time-out. */
  #next = 0;
  /** Behind everything that was ever sent. */
  #sent = 0;
  /** Bytes that the guest takes beyond the acknowledged ones; the most it ever took. */
  #window = 0;
  #largestWindow = 0;
  /** The segment that told the window: where it began and what it acknowledged. */
  #windowFrom = { position: 0, acknowledgment: 0 };
  /** The first unacknowledged segment is to be sent again. */
  #again = false;
  #retries = 0;
  /** When something was sent the acknowledgment of which is measured; undefined: nothing is. */
  #measured: { readonly position: number; readonly at: number } | undefined;
  /** When {@link elapsed} is due. */
  #deadline = Infinity;

  /** `initial` is the sequence number of the SYN. */
  constructor(initial: number) {
    this.#initial = initial;
  }

  /** Bytes not acknowledged yet. */
  get buffered(): number {
    return this.#queue.length;
  }

  /** The guest knows that we want the connection. */
  get synchronised(): boolean {
    return this.#unacknowledged > 0;
  }

  get finSent(): boolean {
    return this.#sent > this.#end;
  }

  get finAcknowledged(): boolean {
    return this.#unacknowledged > this.#end;
  }

  /** When to call {@link elapsed}, by the clock that `now` comes from. */
  get deadline(): number {
    return this.#deadline;
  }

  /** The sequence number of what would be sent next. */
  get nextSequence(): number {
    return this.sequence(this.#sent);
  }

  sequence(position: number): number {
    return (this.#initial + position) >>> 0;
  }

  /** The position that an acknowledgment number, which is near the current one, stands for. */
  position(acknowledgment: number): number {
    return this.#unacknowledged + ((acknowledgment - this.sequence(this.#unacknowledged)) | 0);
  }

  /** Whether a position acknowledges nothing but what was sent. */
  wasSent(position: number): boolean {
    return position <= this.#sent;
  }

  /** What the guest's SYN says: bytes in a segment. */
  limitSegment(size: number): void {
    this.#segment = size;
    this.#congestion = new Congestion(size);
  }

  push(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    this.#end += bytes.length;
  }

  /** Nothing more will be pushed: the FIN follows. */
  finish(): void {
    this.#finished = true;
  }

  /** The guest asks again: our SYN was lost. */
  repeatSyn(): void {
    if (!this.synchronised) this.#next = 0;
  }

  /**
   * An acknowledgment for which {@link wasSent}. `window` is in bytes; `from` is where the segment
   * is in the guest's numbers, and `bare` says that there is nothing else in it.
   */
  acknowledge(position: number, window: number, from: number, bare: boolean, now: number): void {
    const acknowledged = position - this.#unacknowledged;
    this.#retries = 0;
    if (acknowledged > 0) {
      this.#advance(position, acknowledged, now);
    } else if (acknowledged === 0 && bare && window === this.#window) {
      if (this.#next > position && this.#congestion.duplicated(position, this.#sent)) {
        this.#again = true;
      }
    }
    const told = this.#windowFrom;
    if (
      from > told.position ||
      (from === told.position && position >= told.acknowledgment) ||
      acknowledged > 0
    ) {
      this.#window = window;
      this.#largestWindow = Math.max(this.#largestWindow, window);
      this.#windowFrom = { position: from, acknowledgment: position };
    }
  }

  #advance(position: number, acknowledged: number, now: number): void {
    const firstByte = Math.max(this.#unacknowledged, 1);
    const lastByte = Math.min(position, this.#end);
    if (lastByte > firstByte) this.#queue.drop(lastByte - firstByte);
    this.#unacknowledged = position;
    if (this.#next < position) this.#next = position;
    if (this.#congestion.advanced(acknowledged, position)) this.#again = true;
    if (this.#measured && position >= this.#measured.position) {
      this.#timeout.measured(now - this.#measured.at);
      this.#measured = undefined;
    } else {
      this.#timeout.settle();
    }
    this.#deadline = Infinity;
  }

  /** Sends what may be sent now. */
  send(now: number, emit: Emit): void {
    if (this.#unacknowledged === 0) {
      if (this.#next === 0) this.#emit(0, 0, SYN, now, emit);
    } else {
      if (this.#again) this.#sendAgain(now, emit);
      while (this.#sendNext(now, emit));
    }
    const waiting = this.#unacknowledged < this.#end + (this.#finished ? 1 : 0);
    if (!waiting) this.#deadline = Infinity;
    else if (this.#deadline === Infinity) this.#deadline = now + this.#timeout.milliseconds;
  }

  #sendNext(now: number, emit: Emit): boolean {
    const unsent = this.#end - this.#next;
    const allowed = Math.min(this.#window, this.#congestion.window);
    const room = this.#unacknowledged + allowed - this.#next;
    const length = Math.max(0, Math.min(unsent, this.#segment, room));
    const fin = this.#finished && length === unsent;
    if (length === 0 && !fin) return false;
    // No silly windows: rather nothing than little because of the window (RFC 9293, 3.8.6.2.1).
    if (length < Math.min(unsent, this.#segment, this.#largestWindow / 2)) return false;
    this.#emit(this.#next, length, fin ? FIN : 0, now, emit);
    return true;
  }

  #sendAgain(now: number, emit: Emit): void {
    this.#again = false;
    const position = this.#unacknowledged;
    const length = Math.min(this.#segment, this.#end - position, this.#sent - position);
    const fin = this.finSent && position + length === this.#end;
    if (length <= 0 && !fin) return;
    const next = this.#next;
    this.#emit(position, Math.max(length, 0), fin ? FIN : 0, now, emit);
    this.#next = Math.max(next, this.#next);
  }

  #emit(position: number, length: number, flags: number, now: number, emit: Emit): void {
    const end = position + length + (flags ? 1 : 0);
    if (position < this.#sent) {
      // Which of the two was acknowledged would not be known.
      this.#measured = undefined;
    } else if (!this.#measured) {
      this.#measured = { position: end, at: now };
    }
    this.#next = end;
    this.#sent = Math.max(this.#sent, end);
    const last = length > 0 && position + length === this.#end;
    emit(position, length, flags | (last ? PSH : 0) | ACK);
  }

  /** Copies what {@link Emit} was asked to send. */
  copy(position: number, length: number, target: Uint8Array, at: number): void {
    this.#queue.copy(position - Math.max(this.#unacknowledged, 1), length, target, at);
  }

  /** The {@link deadline} is over; false when the guest has been silent for too long. */
  elapsed(now: number, emit: Emit): boolean {
    this.#retries++;
    if (this.#retries > (this.synchronised ? RETRIES : SYN_RETRIES)) return false;
    this.#timeout.backOff();
    this.#deadline = Infinity;
    if (this.#next > this.#unacknowledged) {
      this.#congestion.timedOut(this.#unacknowledged, this.#sent);
      this.#next = this.#unacknowledged;
      this.#again = false;
    } else if (this.#end > this.#unacknowledged) {
      // The window is closed, or nearly: a probe asks whether that is still so.
      const next = this.#next;
      const most = Math.min(this.#segment, this.#end - this.#unacknowledged);
      const length = Math.min(Math.max(this.#window, 1), most);
      this.#emit(this.#unacknowledged, length, 0, now, emit);
      this.#next = next;
    }
    this.send(now, emit);
    return true;
  }

  /** Forgets what was not sent. */
  clear(): void {
    this.#queue.clear();
    this.#deadline = Infinity;
  }
}

import { ByteQueue } from './byte-queue.ts';
import { PositionRanges, type Range } from './position-ranges.ts';
import { Congestion } from './tcp-congestion.ts';
import { ACK, FIN, MAX_SEGMENT, PSH, SYN } from './tcp-segment.ts';
import { RetransmissionTimeout } from './tcp-timeout.ts';

/** How often the same is sent without any answer before the guest counts as gone. */
const RETRIES = 12;
const SYN_RETRIES = 6;
/** Ranges that came behind gaps; a guest that tells of more is not to cost us time. */
const MAX_RANGES = 256;

/** Sends `length` bytes from `position` on, and the SYN or FIN that `flags` has. */
export type Emit = (position: number, length: number, flags: number) => void;

/** What a segment of the guest says about ours. */
export interface Acknowledgment {
  /** All before it has come. */
  readonly position: number;
  /** Behind that, this has. */
  readonly arrived: readonly Range[];
  /** Bytes that the guest takes beyond `position`. */
  readonly window: number;
  /** Where the segment is in the guest's numbers. */
  readonly from: number;
  /** There is nothing else in it. */
  readonly bare: boolean;
}

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
  /** The guest tells what came behind a gap (RFC 2018): this did. */
  #selective = false;
  readonly #arrived = new PositionRanges();
  /** All before has arrived or is lost, and of the lost, all before the second was sent again. */
  #lost = 0;
  #repeated = 0;
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

  /** What the guest's SYN says: bytes in a segment, and whether it tells what came. */
  agree(size: number, selective: boolean): void {
    this.#segment = size;
    this.#selective = selective;
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

  /** `acknowledgment` is one for which {@link wasSent}. */
  acknowledge(acknowledgment: Acknowledgment, now: number): void {
    const { position, window, from, bare } = acknowledgment;
    const acknowledged = position - this.#unacknowledged;
    const repeats = acknowledged === 0 && bare && window === this.#window && this.#next > position;
    this.#retries = 0;
    if (acknowledged > 0) this.#advance(position, acknowledged, now);
    this.#findLosses(acknowledgment, acknowledged > 0, repeats);
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

  /**
   * The cable keeps the order: what is missing before something that came is lost, and even one
   * repeated acknowledgment tells of that.
   */
  #findLosses({ arrived }: Acknowledgment, advanced: boolean, repeats: boolean): void {
    const congestion = this.#congestion;
    if (this.#selective) {
      for (const range of arrived) if (this.#isUseful(range)) this.#arrived.add(range);
      this.#lost = Math.max(this.#lost, this.#arrived.end);
    } else if (advanced ? congestion.recovering : repeats) {
      this.#lost = Math.max(this.#lost, this.#unacknowledged + this.#segment);
      if (repeats && congestion.recovering) congestion.window += this.#segment;
    }
    if (this.#lost > this.#unacknowledged) congestion.lost(this.#unacknowledged, this.#sent);
  }

  #isUseful({ start, end }: Range): boolean {
    const inOrder = this.#unacknowledged < start && start < end && end <= this.#sent;
    return inOrder && this.#arrived.ranges.length < MAX_RANGES;
  }

  #advance(position: number, acknowledged: number, now: number): void {
    const firstByte = Math.max(this.#unacknowledged, 1);
    const lastByte = Math.min(position, this.#end);
    if (lastByte > firstByte) this.#queue.drop(lastByte - firstByte);
    this.#unacknowledged = position;
    if (this.#next < position) this.#next = position;
    this.#arrived.dropBefore(position);
    this.#congestion.advanced(acknowledged, position);
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
      this.#sendAgain(now, emit);
      while (this.#sendNext(now, emit));
    }
    const waiting = this.#unacknowledged < this.#end + (this.#finished ? 1 : 0);
    if (!waiting) this.#deadline = Infinity;
    else if (this.#deadline === Infinity) this.#deadline = now + this.#timeout.milliseconds;
  }

  #sendNext(now: number, emit: Emit): boolean {
    const unsent = this.#end - this.#next;
    const allowed = Math.min(this.#window, this.#congestion.window + this.#arrived.size);
    const room = this.#unacknowledged + allowed - this.#next;
    const length = Math.max(0, Math.min(unsent, this.#segment, room));
    const fin = this.#finished && length === unsent;
    if (length === 0 && !fin) return false;
    // No silly windows: rather nothing than little because of the window (RFC 9293, 3.8.6.2.1).
    if (length < Math.min(unsent, this.#segment, this.#largestWindow / 2)) return false;
    this.#emit(this.#next, length, fin ? FIN : 0, now, emit);
    return true;
  }

  /** Fills the gaps. */
  #sendAgain(now: number, emit: Emit): void {
    if (!this.#congestion.recovering) return;
    const next = this.#next;
    const fin = this.finSent;
    let budget = this.#congestion.window;
    let at = Math.max(this.#repeated, this.#unacknowledged);
    while (at < Math.min(this.#lost, this.#sent) && budget > 0) {
      const arrived = this.#arrived.at(at);
      if (arrived) {
        at = arrived.end;
        continue;
      }
      const gap = this.#arrived.nextStart(at) - at;
      const length = Math.min(this.#segment, gap, this.#end - at, this.#sent - at);
      const withFin = fin && at + length === this.#end && gap > length;
      this.#emit(at, length, withFin ? FIN : 0, now, emit);
      at = this.#next;
      budget -= length;
    }
    this.#repeated = at;
    this.#next = next;
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
      // It may have changed its mind about what it told (RFC 2018, section 8).
      this.#arrived.clear();
      this.#lost = 0;
      this.#repeated = 0;
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

import { PositionRanges, type Range } from './position-ranges.ts';

/** Bytes that the guest may send before the host has taken them. */
export const RECEIVE_BUFFER = 0x4_0000;
/** Shift of our window-scale option: 16 bits are to hold {@link RECEIVE_BUFFER}. */
export const WINDOW_SCALE = 3;
/** Most segments that wait for an earlier one. */
const MAX_WAITING = 512;
/** Less is told as nothing, and a window that grew by less is not worth a segment. */
const LEAST_WINDOW = 0x4000;

interface Waiting {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/**
 * The guest's half of a connection: what it sends to the host. Positions count from its SYN, which
 * is at 0, and never wrap.
 */
export class TcpReceiver {
  readonly #initial: number;
  /** 0 when the guest does not scale windows; then neither do we. */
  readonly #scale: number;
  #next = 1;
  /** The guest was told that it may send up to here. */
  #edge: number;
  /** Where the guest's FIN is, once it is known. */
  #fin = Infinity;
  /** Came early; by position, may overlap. */
  #waiting: Waiting[] = [];
  /** The same as ranges, and where the latest began. */
  readonly #arrived = new PositionRanges();
  #latest = 0;

  /** `initial` is the sequence number of the guest's SYN, `told` the window it knows of already. */
  constructor(initial: number, scales: boolean, told: number) {
    this.#initial = initial;
    this.#scale = scales ? WINDOW_SCALE : 0;
    this.#edge = 1 + told;
  }

  get scales(): boolean {
    return this.#scale > 0;
  }

  /** Everything has come, the FIN too. */
  get finished(): boolean {
    return this.#next > this.#fin;
  }

  /** The position of what comes next. */
  get next(): number {
    return this.#next;
  }

  /** What came early, in sequence numbers, the latest first (RFC 2018, section 4). */
  get arrived(): Range[] {
    const { ranges } = this.#arrived;
    if (ranges.length === 0) return [];
    const latest = this.#arrived.at(this.#latest);
    const others = ranges.filter((range) => range !== latest);
    return (latest ? [latest, ...others] : others).map(({ start, end }) => ({
      start: (this.#initial + start) >>> 0,
      end: (this.#initial + end) >>> 0,
    }));
  }

  /** The acknowledgment number. */
  get acknowledgment(): number {
    return (this.#initial + this.#next) >>> 0;
  }

  /** The position that a sequence number, which is near the current one, stands for. */
  position(sequence: number): number {
    return this.#next + ((sequence - this.acknowledgment) | 0);
  }

  /** Whether a segment of `length` touches the window (RFC 9293, section 3.10.7.4). */
  isAcceptable(position: number, length: number): boolean {
    return position + length >= this.#next && position <= this.#edge;
  }

  /**
   * Takes bytes at `position`, and the FIN behind them; `deliver` gets what is complete, in order,
   * and keeps it. False when there is something missing before, or nothing new.
   */
  receive(
    position: number,
    bytes: Uint8Array,
    fin: boolean,
    deliver: (bytes: Uint8Array) => void,
  ): boolean {
    if (this.finished) return false;
    if (fin && position + bytes.length <= this.#edge && this.#fin === Infinity) {
      this.#fin = position + bytes.length;
    }
    const from = Math.max(this.#next - position, 0);
    const to = Math.min(this.#edge, this.#fin) - position;
    const before = this.#next;
    if (to > from) {
      // The frame is the guest's again when this returns.
      const piece = { position: position + from, bytes: bytes.slice(from, to) };
      if (piece.position === this.#next) this.#deliver(piece, deliver);
      else this.#keep(piece);
    }
    if (this.#next === this.#fin) this.#next++;
    return this.#next > before;
  }

  #deliver({ bytes }: Waiting, deliver: (bytes: Uint8Array) => void): void {
    this.#next += bytes.length;
    if (bytes.length > 0) deliver(bytes);
    let taken = 0;
    while (taken < this.#waiting.length && this.#waiting[taken].position <= this.#next) {
      const { position, bytes: early } = this.#waiting[taken++];
      const fresh = early.subarray(this.#next - position);
      this.#next += fresh.length;
      if (fresh.length > 0) deliver(fresh);
    }
    if (taken === 0) return;
    this.#waiting.splice(0, taken);
    this.#arrived.dropBefore(this.#next);
  }

  #keep(piece: Waiting): void {
    if (piece.bytes.length === 0 || this.#waiting.length >= MAX_WAITING) return;
    this.#latest = piece.position;
    let at = this.#waiting.length;
    while (at > 0 && this.#waiting[at - 1].position > piece.position) at--;
    const before = this.#waiting[at - 1];
    const end = piece.position + piece.bytes.length;
    if (before && before.position + before.bytes.length >= end) return;
    this.#waiting.splice(at, 0, piece);
    this.#arrived.add({ start: piece.position, end });
  }

  /** Whether the guest would be glad to hear that it may send more. */
  isWindowWorthTelling(buffered: number): boolean {
    const window = this.#free(buffered);
    return window >= LEAST_WINDOW && this.#next + window - this.#edge >= LEAST_WINDOW;
  }

  /** The header's window while the host has `buffered` bytes to pass on; `syn`: in a SYN. */
  window(buffered: number, syn: boolean): number {
    const scale = syn ? 0 : this.#scale;
    const free = Math.min(this.#free(buffered), 0xffff << scale);
    // A window never shrinks; and none is better than a small one (RFC 9293, 3.8.6.2.2).
    if (free >= LEAST_WINDOW) this.#edge = Math.max(this.#edge, this.#next + free);
    return Math.min((this.#edge - this.#next) >>> scale, 0xffff);
  }

  #free(buffered: number): number {
    return Math.min(RECEIVE_BUFFER - buffered, 0xffff << this.#scale);
  }
}

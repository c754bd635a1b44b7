import type { Clock, Timer } from '../../src/system/net/clock.ts';
import type { UserNetwork } from '../../src/system/net/user-network.ts';
import {
  GATEWAY_MAC,
  GUEST_IP,
  GUEST_MAC,
  TCP,
  ethernet,
  ip,
  readEthernet,
  readIpv4,
  readTcp,
  tcpFrame,
  u16,
  type ReadPacket,
  type ReadSegment,
} from './net-frames.ts';

/** A guest's network card: keeps what comes, and passes TCP on to connections. */
export class GuestCard {
  readonly network: UserNetwork;
  /** What came and went to no connection, until {@link take}n. */
  frames: Uint8Array[] = [];
  readonly #connections = new Map<number, (segment: ReadSegment) => void>();
  /** Decides what the cable loses. */
  losesToGuest: (frame: Uint8Array) => boolean = () => false;
  losesFromGuest: (frame: Uint8Array) => boolean = () => false;

  constructor(network: UserNetwork) {
    this.network = network;
    network.onFrame((frame) => this.receive(frame));
    // Tells the network who we are, as every system does when it configures an address.
    const message = [0, 1, 8, 0, 6, 4, 0, 1, ...GUEST_MAC, ...ip(GUEST_IP), 0, 0, 0, 0, 0, 0];
    this.send(ethernet(0x0806, [...message, ...ip(GUEST_IP)]));
  }

  send(frame: Uint8Array): void {
    if (this.losesFromGuest(frame)) return;
    const buffer = frame.slice();
    this.network.send(buffer);
    // As a driver uses its buffers again.
    buffer.fill(0xee);
  }

  /** Segments for `port` go to `receive` instead of {@link frames}. */
  bind(port: number, receive: (segment: ReadSegment) => void): void {
    this.#connections.set(port, receive);
  }

  /** What came since this was last called. */
  take(): Uint8Array[] {
    return this.frames.splice(0);
  }

  takePackets(): ReadPacket[] {
    return this.take().map(readIpv4);
  }

  takeSegments(): ReadSegment[] {
    return this.takePackets().map(readTcp);
  }

  receive(frame: Uint8Array): void {
    if (this.losesToGuest(frame)) return;
    const { to, from } = readEthernet(frame);
    if (`${to}` !== `${GUEST_MAC}` && !(to[0] & 1)) throw new Error(`frame for ${to}`);
    if (`${from}` !== `${GATEWAY_MAC}`) throw new Error(`frame from ${from}`);
    const packet = readEthernet(frame).type === 0x0800 ? readIpv4(frame) : undefined;
    const segment = packet?.protocol === TCP ? readTcp(packet) : undefined;
    const connection = segment && this.#connections.get(segment.toPort);
    if (connection) connection(segment);
    else this.frames.push(frame);
  }
}

export interface GuestTcpOptions {
  readonly sequence?: number;
  /** Bytes of the window, when `scale` is 0. */
  readonly window?: number;
  readonly scale?: number;
  /** Undefined: the option is not sent. */
  readonly segmentSize?: number | undefined;
}

/** Milliseconds after which all that is not acknowledged is sent again. */
const RETRANSMISSION = 400;
const CONGESTION_WINDOW = 64 * 1024;

/**
 * The guest's end of a connection, simple and strict: what is missing is sent again from there on,
 * and what comes early waits.
 */
export class GuestTcp {
  readonly #card: GuestCard;
  readonly #clock: Clock;
  readonly #to: string;
  readonly #ports: { readonly fromPort: number; readonly toPort: number };
  readonly #scale: number;
  readonly #segmentSize: number | undefined;
  /** Bytes that have room until they are read. */
  capacity: number;
  /** The program does not read what comes, until {@link read}. */
  holds = false;
  #unread = 0;
  readonly received: Uint8Array[] = [];
  receivedBytes = 0;
  /** `closed`: both ends have said all. */
  state: 'opening' | 'open' | 'reset' | 'closed' = 'opening';
  farEnded = false;
  onChange: () => void = () => {};
  /** Segments of the far end that came more than once. */
  repeated = 0;
  #initial: number;
  #data: Uint8Array = new Uint8Array();
  #ends = false;
  /** Offsets in the stream, the SYN being at 0. */
  #acknowledged = 0;
  #sent = 1;
  /** The most that {@link #sent} ever was. */
  #farthest = 1;
  #farWindow = 0;
  #farScale = 0;
  #farInitial = 0;
  #next = 0;
  #duplicates = 0;
  /** By offset. */
  readonly #early = new Map<number, ReadSegment>();
  #timer: Timer | undefined;

  constructor(
    card: GuestCard,
    clock: Clock,
    fromPort: number,
    to: string,
    toPort: number,
    { sequence = 1000, window = 65_535, scale = 0, segmentSize = 1460 }: GuestTcpOptions = {},
  ) {
    this.#card = card;
    this.#clock = clock;
    this.#to = to;
    this.#ports = { fromPort, toPort };
    this.#initial = sequence;
    this.capacity = window;
    this.#scale = scale;
    this.#segmentSize = segmentSize;
    card.bind(fromPort, (segment) => this.#receive(segment));
    this.#sendSyn();
    this.#setTimer();
  }

  /** What the far end may send beyond what came. */
  get window(): number {
    return this.capacity - this.#unread;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Everything that is to be sent: given once. */
  write(bytes: Uint8Array): void {
    this.#data = bytes;
    this.#push();
  }

  end(): void {
    this.#ends = true;
    this.#push();
  }

  /** The program reads up to `count` bytes. */
  read(count: number): void {
    this.#unread -= Math.min(count, this.#unread);
    this.update();
  }

  /** Tells the window again. */
  update(): void {
    this.#send('A');
  }

  reset(): void {
    this.#send('RA');
    this.state = 'reset';
    this.#timer?.cancel();
  }

  bytes(): Uint8Array {
    const whole = new Uint8Array(this.receivedBytes);
    let at = 0;
    for (const piece of this.received) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  #sendSyn(): void {
    const size = this.#segmentSize;
    const options = size === undefined ? [] : [2, 4, ...u16(size)];
    if (this.#scale > 0) options.push(1, 3, 3, this.#scale);
    const window = Math.min(this.window, 65_535);
    this.#card.send(
      tcpFrame({ ...this.#ports, sequence: this.#initial, flags: 'S', window, options }, this.#to),
    );
  }

  #send(flags: string, offset = this.#sent, payload: Uint8Array = new Uint8Array()): void {
    const sequence = (this.#initial + offset) >>> 0;
    const acknowledgment = (this.#farInitial + this.#next) >>> 0;
    const window = Math.min(this.window >>> this.#scale, 65_535);
    const fields = { ...this.#ports, sequence, acknowledgment, flags, window, payload };
    this.#card.send(tcpFrame(fields, this.#to));
  }

  #push(): void {
    if (this.state !== 'open') return;
    const end = 1 + this.#data.length;
    const edge = this.#acknowledged + Math.min(this.#farWindow, CONGESTION_WINDOW);
    while (this.#sent < end) {
      const length = Math.min(end - this.#sent, 1460, edge - this.#sent);
      if (length <= 0) break;
      const piece = this.#data.subarray(this.#sent - 1, this.#sent - 1 + length);
      this.#send('PA', this.#sent, piece);
      this.#sent += length;
    }
    this.#farthest = Math.max(this.#farthest, this.#sent);
    if (this.#ends && this.#sent === end) {
      this.#send('FA');
      this.#sent++;
    }
    this.#setTimer();
  }

  #setTimer(): void {
    if (this.#timer) return;
    this.#timer = this.#clock.after(RETRANSMISSION, () => {
      this.#timer = undefined;
      if (this.state === 'opening') this.#sendSyn();
      else if (this.#acknowledged === 1 + this.#data.length + (this.#ends ? 1 : 0)) return;
      else this.#repeat();
      this.#setTimer();
    });
  }

  #repeat(): void {
    const last = this.#sent;
    this.#farthest = Math.max(this.#farthest, last);
    this.#sent = Math.max(this.#acknowledged, 1);
    this.#push();
    // A closed window is asked about by a byte beyond it.
    if (this.#sent < last || this.#farWindow === 0) {
      this.#send('A', this.#sent, this.#data.subarray(this.#sent - 1, this.#sent));
    }
  }

  #receive(segment: ReadSegment): void {
    const { flags, payload } = segment;
    if (flags.includes('R')) {
      // Late answers to what was sent twice.
      if (this.state === 'closed') return;
      this.state = 'reset';
      this.#timer?.cancel();
    } else if (this.state === 'opening') {
      if (flags !== 'SA' || segment.acknowledgment !== (this.#initial + 1) >>> 0) return;
      this.#farInitial = segment.sequence;
      this.#farWindow = segment.window;
      const at = this.#scale > 0 ? segment.options.indexOf(3) : -1;
      if (at >= 0) this.#farScale = segment.options[at + 2];
      this.#next = 1;
      this.#acknowledged = 1;
      this.state = 'open';
      this.#send('A');
      this.#push();
    } else if (flags.includes('S')) {
      this.repeated++;
      this.#send('A');
    } else {
      this.#receiveAcknowledgment(segment);
      const offset = this.#next + ((segment.sequence - this.#farInitial - this.#next) | 0);
      if (payload.length > 0 || flags.includes('F')) this.#receiveData(offset, segment);
    }
    this.onChange();
  }

  #receiveAcknowledgment({ acknowledgment, window, payload }: ReadSegment): void {
    const known = this.#acknowledged;
    const offset = known + ((acknowledgment - this.#initial - known) | 0);
    if (offset > this.#farthest + 1)
      throw new Error('something was acknowledged that was not sent');
    const same = this.#farWindow === window << this.#farScale;
    this.#farWindow = window << this.#farScale;
    if (offset > known) {
      this.#acknowledged = offset;
      this.#sent = Math.max(this.#sent, offset);
      this.#duplicates = 0;
      this.#timer?.cancel();
      this.#timer = undefined;
    } else if (offset === known && same && payload.length === 0 && this.#sent > known) {
      if (++this.#duplicates === 3) {
        this.#repeat();
        return;
      }
    }
    this.#push();
    this.#checkClosed();
  }

  #receiveData(offset: number, segment: ReadSegment): void {
    const { flags, payload } = segment;
    if (offset > this.#next) {
      this.#early.set(offset, segment);
      this.#send('A');
      return;
    }
    const fresh = payload.slice(this.#next - offset);
    if (payload.length > 0 && fresh.length === 0) this.repeated++;
    if (fresh.length > this.window) {
      if (fresh.length > 1) throw new Error('more came than the window allows');
      this.#send('A');
      return;
    }
    this.received.push(fresh);
    this.receivedBytes += fresh.length;
    if (this.holds) this.#unread += fresh.length;
    this.#next += fresh.length;
    if (flags.includes('F') && !this.farEnded && offset + payload.length === this.#next) {
      this.farEnded = true;
      this.#next++;
    }
    const early = this.#early.get(this.#next);
    this.#early.delete(this.#next);
    if (early) {
      this.#receiveData(this.#next, early);
      return;
    }
    this.#send('A');
    this.#checkClosed();
  }

  #checkClosed(): void {
    const all = 1 + this.#data.length + 1;
    if (this.farEnded && this.#ends && this.#acknowledged === all) this.state = 'closed';
  }
}

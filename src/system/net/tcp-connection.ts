import type { Clock, Timer } from './clock.ts';
import type { HostStream, HostStreamEvents, StreamFailure } from './host-sockets.ts';
import { HOST_UNREACHABLE, unreachable } from './icmp.ts';
import type { Packet } from './ipv4.ts';
import type { Link, Sender } from './link.ts';
import { TcpReceiver, WINDOW_SCALE } from './tcp-receiver.ts';
import {
  ACK,
  FIN,
  RST,
  SYN,
  buildSegment,
  resetFor,
  segmentLength,
  type Endpoints,
  type Segment,
} from './tcp-segment.ts';
import { TcpSender } from './tcp-sender.ts';

/** Bytes for the guest above which the host is asked to wait. */
const SEND_BUFFER = 0x4_0000;
/** The window in a SYN of ours. */
const FIRST_WINDOW = 0xffff;
/** Acknowledgments sent at once; more duplicates tell the guest nothing new. */
const MAX_ACKNOWLEDGMENTS = 8;
/** Milliseconds in TIME-WAIT. Nothing old can be on the cable; the guest may miss an answer. */
const TIME_WAIT = 10_000;

/** As in RFC 9293, section 3.3.2; `CONNECTING`: a SYN came, and the host has no answer yet. */
export type TcpState =
  | 'CONNECTING'
  | 'SYN-SENT'
  | 'SYN-RECEIVED'
  | 'ESTABLISHED'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSE-WAIT'
  | 'CLOSING'
  | 'LAST-ACK'
  | 'TIME-WAIT'
  | 'CLOSED';

export interface TcpEnvironment {
  readonly clock: Clock;
  readonly link: Link;
  /** A sequence number to begin with. */
  initialSequence(): number;
  /** The connection has ended for the guest; for the host perhaps not yet. */
  ended(connection: TcpConnection): void;
  /** The host's stream has ended too. */
  released(connection: TcpConnection): void;
}

/**
 * A TCP connection between the guest and a stream of the host, with the remote end's part of the
 * protocol played here: what a stream and its two halves do not say, this does.
 */
export class TcpConnection implements Sender, HostStreamEvents {
  readonly endpoints: Endpoints;
  readonly #environment: TcpEnvironment;
  readonly #sender: TcpSender;
  /** Missing until the guest's SYN has come. */
  #receiver: TcpReceiver | undefined;
  /** The guest's shift of windows. */
  #scale = 0;
  /** Both ends tell what came behind a gap (RFC 2018). */
  #selective = true;
  #host: HostStream | undefined;
  #connected = false;
  #paused = false;
  /** The packet with the SYN, while the host may still find that there is no way. */
  #opening: Packet | undefined;
  /** The guest sent its FIN before we did. */
  #guestClosedFirst = false;
  #timeWait = false;
  #ended = false;
  #acknowledgmentsDue = 0;
  #timer: Timer | undefined;
  #timerAt = Infinity;
  #heardAt: number;

  private constructor(environment: TcpEnvironment, endpoints: Endpoints) {
    this.#environment = environment;
    this.endpoints = endpoints;
    this.#sender = new TcpSender(environment.initialSequence());
    this.#heardAt = environment.clock.now();
  }

  /** The guest's SYN: connected for it is what `open` opens. */
  static accept(
    environment: TcpEnvironment,
    syn: Segment,
    packet: Packet,
    open: (events: HostStreamEvents) => HostStream,
  ): TcpConnection {
    const connection = new TcpConnection(environment, syn.endpoints);
    // The frame is the guest's again when this returns.
    const [header, payload] = [packet.header.slice(), packet.payload.slice(0, 8)];
    connection.#opening = { ...packet, header, payload };
    connection.#synchronise(syn);
    connection.#host = open(connection);
    return connection;
  }

  /** A connection to the guest, for a stream of the host that exists already. */
  static connect(
    environment: TcpEnvironment,
    endpoints: Endpoints,
    open: (events: HostStreamEvents) => HostStream,
  ): TcpConnection {
    const connection = new TcpConnection(environment, endpoints);
    connection.#connected = true;
    connection.#host = open(connection);
    connection.#wake();
    return connection;
  }

  get state(): TcpState {
    const sender = this.#sender;
    const finished = this.#receiver?.finished === true;
    if (this.#ended) return 'CLOSED';
    if (!this.#connected) return 'CONNECTING';
    if (!this.#receiver) return 'SYN-SENT';
    if (this.#timeWait) return 'TIME-WAIT';
    if (!sender.synchronised) return 'SYN-RECEIVED';
    if (!sender.finSent) return finished ? 'CLOSE-WAIT' : 'ESTABLISHED';
    if (finished) return this.#guestClosedFirst ? 'LAST-ACK' : 'CLOSING';
    return sender.finAcknowledged ? 'FIN-WAIT-2' : 'FIN-WAIT-1';
  }

  /** When the guest last sent anything, by the clock. */
  get heardAt(): number {
    return this.#heardAt;
  }

  // From the guest.

  receive(segment: Segment): void {
    this.#heardAt = this.#environment.clock.now();
    const receiver = this.#receiver;
    if (!receiver) {
      this.#receiveSynAnswer(segment);
      return;
    }
    const { flags, payload } = segment;
    const position = receiver.position(segment.sequence);
    if (!this.#connected) {
      // A repeated SYN is answered when the host has.
      if (flags & RST && position === receiver.next) this.#abandon();
      return;
    }
    if (flags & SYN && position === 0 && !this.#sender.synchronised) {
      this.#sender.repeatSyn();
      this.#wake();
      return;
    }
    // RFC 9293, section 3.10.7.4, in its order.
    if (!receiver.isAcceptable(position, segmentLength(segment))) {
      if (!(flags & RST)) this.#acknowledge();
      return;
    }
    if (flags & RST) {
      // Others may be forged or late (RFC 5961): the guest, asked, tells the exact number.
      if (position === receiver.next) this.#abandon();
      else this.#acknowledge();
      return;
    }
    if (flags & SYN) {
      this.#acknowledge();
      return;
    }
    if (!(flags & ACK) || !this.#receiveAcknowledgment(segment, position)) return;
    if (payload.length > 0 || flags & FIN) this.#receiveData(receiver, segment, position);
    this.#finish();
  }

  /** In SYN-SENT (RFC 9293, section 3.10.7.3). */
  #receiveSynAnswer(segment: Segment): void {
    const { flags, acknowledgment } = segment;
    const answers = this.#sender.position(acknowledgment) === 1 && this.#sender.wasSent(1);
    if (!(flags & ACK) || !answers) {
      const reset = flags & ACK ? resetFor(segment) : undefined;
      if (reset) this.#transmit(reset);
    } else if (flags & RST) {
      this.#abandon();
    } else if (flags & SYN) {
      this.#synchronise(segment);
      this.#tell(segment, 1, 0, 0);
      this.#acknowledge();
    }
  }

  /** Takes what a SYN says. */
  #synchronise({ sequence, segmentSize, windowScale, selective }: Segment): void {
    const told = this.#connected ? FIRST_WINDOW : 0;
    this.#receiver = new TcpReceiver(sequence, windowScale !== undefined, told);
    this.#scale = windowScale ?? 0;
    this.#selective = selective;
    this.#sender.agree(segmentSize, selective);
  }

  /** False when the rest of the segment is not to be looked at. */
  #receiveAcknowledgment(segment: Segment, position: number): boolean {
    const sender = this.#sender;
    const acknowledged = sender.position(segment.acknowledgment);
    if (!sender.wasSent(acknowledged) || (!sender.synchronised && acknowledged <= 0)) {
      // Before the handshake is over, it is not about this connection.
      const reset = sender.synchronised ? undefined : resetFor(segment);
      if (reset) this.#transmit(reset);
      else this.#acknowledge();
      return false;
    }
    this.#tell(segment, acknowledged, position, this.#scale);
    this.#resume();
    this.#wake();
    return true;
  }

  /** Passes on what a segment says about ours. */
  #tell(segment: Segment, position: number, from: number, scale: number): void {
    const sender = this.#sender;
    const arrived = segment.arrived.map(({ start, end }) => ({
      start: sender.position(start),
      end: sender.position(end),
    }));
    const window = segment.window << scale;
    const bare = segmentLength(segment) === 0;
    sender.acknowledge({ position, arrived, window, from, bare }, this.#environment.clock.now());
  }

  #receiveData(receiver: TcpReceiver, { flags, payload }: Segment, position: number): void {
    const fin = (flags & FIN) !== 0;
    const fresh = receiver.receive(position, payload, fin, (bytes) => this.#host?.write(bytes));
    if (fresh) this.#acknowledge();
    else this.#acknowledgeAgain();
    if (receiver.finished && fresh) {
      this.#guestClosedFirst = !this.#sender.finSent;
      this.#host?.end();
    }
  }

  /** Ends the connection when both ends have said all. */
  #finish(): void {
    if (!this.#sender.finAcknowledged || !this.#receiver?.finished || this.#timeWait) return;
    if (this.#guestClosedFirst) {
      this.end();
      return;
    }
    this.#timeWait = true;
    this.#timer?.cancel();
    this.#timer = this.#environment.clock.after(TIME_WAIT, () => this.end());
  }

  // From the host.

  connected(): void {
    this.#connected = true;
    this.#opening = undefined;
    this.#wake();
  }

  data(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#sender.push(bytes);
    if (!this.#paused && this.#sender.buffered > SEND_BUFFER) {
      this.#paused = true;
      this.#host?.pause();
    }
    this.#wake();
  }

  ended(): void {
    if (this.#ended) return;
    this.#sender.finish();
    this.#wake();
  }

  drained(): void {
    if (this.#ended || !this.#receiver?.isWindowWorthTelling(this.#host?.buffered ?? 0)) return;
    this.#acknowledge();
  }

  closed(failure: StreamFailure | undefined): void {
    this.#host = undefined;
    if (this.#ended) {
      this.#environment.released(this);
      return;
    }
    if (this.#connected) {
      if (failure !== undefined) this.reset();
      return;
    }
    // After a time-out the guest asks again, or gives up by itself.
    if (failure === 'unreachable' && this.#opening) {
      this.#transmit(unreachable(this.#opening, HOST_UNREACHABLE));
      this.end();
    } else if (failure === 'timeout') {
      this.end();
    } else {
      this.reset();
    }
  }

  // To the guest.

  /** What is due: called by the link, once for all that has happened since. */
  send(): void {
    if (this.#ended || !this.#connected || this.#timeWait) {
      if (this.#timeWait) this.#sendAcknowledgments();
      return;
    }
    this.#sender.send(this.#environment.clock.now(), this.#emit);
    this.#sendAcknowledgments();
    this.#setTimer();
  }

  /** Asks whether the guest still knows of the connection; it answers if so. */
  probe(): void {
    if (!this.#receiver || !this.#sender.synchronised) return;
    const sequence = (this.#sender.nextSequence - 1) >>> 0;
    this.#transmit(this.#segment(sequence, ACK));
  }

  /** Ends the connection at once, on both sides. */
  reset(): void {
    if (this.#ended) return;
    this.#transmit(this.#segment(this.#sender.nextSequence, this.#receiver ? RST | ACK : RST));
    this.#abandon();
  }

  /** Ends what is left of the host's side, without a word to the guest. */
  #abandon(): void {
    const host = this.#host;
    this.#host = undefined;
    host?.reset();
    this.end();
  }

  /** No word to the guest; the host's stream goes on to send what it has, if there is any. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer?.cancel();
    this.#sender.clear();
    this.#environment.ended(this);
    if (!this.#host) this.#environment.released(this);
  }

  /** Gives up a host's stream that does not end. */
  release(): void {
    const host = this.#host;
    this.#host = undefined;
    host?.reset();
    this.#environment.released(this);
  }

  #acknowledge(): void {
    this.#acknowledgmentsDue ||= 1;
    this.#wake();
  }

  /** One for each segment behind a gap, as the guest counts them to find what was lost. */
  #acknowledgeAgain(): void {
    this.#acknowledgmentsDue++;
    this.#wake();
  }

  #wake(): void {
    this.#environment.link.wake(this);
  }

  #resume(): void {
    if (!this.#paused || this.#sender.buffered > SEND_BUFFER / 2) return;
    this.#paused = false;
    this.#host?.resume();
  }

  readonly #emit = (position: number, length: number, flags: number): void => {
    const sequence = this.#sender.sequence(position);
    const known = this.#receiver ? flags : flags & ~ACK;
    this.#transmit(this.#segment(sequence, known, position, length));
    if (this.#acknowledgmentsDue === 1) this.#acknowledgmentsDue = 0;
  };

  #segment(sequence: number, flags: number, position = 0, length = 0): Uint8Array {
    const receiver = this.#receiver;
    const syn = (flags & SYN) !== 0;
    const scales = syn && (receiver === undefined || receiver.scales);
    const header = {
      sequence,
      acknowledgment: receiver?.acknowledgment ?? 0,
      flags,
      window: receiver?.window(this.#host?.buffered ?? 0, syn) ?? FIRST_WINDOW,
      windowScale: scales ? WINDOW_SCALE : undefined,
      selective: syn && this.#selective,
      arrived: this.#selective && length === 0 ? receiver?.arrived : undefined,
    };
    return buildSegment(this.endpoints, header, length, (frame, at) => {
      if (length > 0) this.#sender.copy(position, length, frame, at);
    });
  }

  #sendAcknowledgments(): void {
    const count = Math.min(this.#acknowledgmentsDue, MAX_ACKNOWLEDGMENTS);
    this.#acknowledgmentsDue = 0;
    if (!this.#receiver) return;
    for (let i = 0; i < count; i++) {
      this.#transmit(this.#segment(this.#sender.nextSequence, ACK));
    }
  }

  #transmit(frame: Uint8Array): void {
    this.#environment.link.transmitPacket(frame, this.endpoints.guest);
  }

  /** A timer is rarely due when it fires, as acknowledgments come: it is then set again. */
  #setTimer(): void {
    const { deadline } = this.#sender;
    if (deadline === Infinity || this.#timerAt <= deadline) return;
    this.#timer?.cancel();
    this.#timerAt = deadline;
    const { clock } = this.#environment;
    this.#timer = clock.after(Math.max(deadline - clock.now(), 0), () => this.#elapsed());
  }

  #elapsed(): void {
    this.#timerAt = Infinity;
    const now = this.#environment.clock.now();
    if (now >= this.#sender.deadline && !this.#sender.elapsed(now, this.#emit)) {
      this.reset();
      return;
    }
    this.#setTimer();
  }
}

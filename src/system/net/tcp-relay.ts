import { GATEWAY, NAME_SERVER, toHost } from './addresses.ts';
import type { Clock, Timer } from './clock.ts';
import type { HostSockets, HostStream, HostStreamEvents } from './host-sockets.ts';
import type { Packet } from './ipv4.ts';
import type { Link } from './link.ts';
import { TcpConnection, type TcpEnvironment } from './tcp-connection.ts';
import {
  ACK,
  RST,
  SYN,
  parseSegment,
  resetFor,
  type Endpoints,
  type Segment,
} from './tcp-segment.ts';

/** Connections at once; SYNs beyond that get no answer. */
const MAX_CONNECTIONS = 512;
/** Milliseconds between two looks at which connections are dead. */
const SWEEP = 60_000;
/** A guest that was silent for so long is asked whether it is still there, at each look. */
const IDLE = 2 * 3_600_000;
/** After so long, it is not. */
const GONE = IDLE + 8 * SWEEP;
/** What the host has to send may take so long after the guest is done. */
const LINGER = 2 * SWEEP;

const DNS_PORT = 53;
const FIRST_EPHEMERAL = 49_152;
const EPHEMERALS = 16_384;

/** The guest's TCP connections, each with one of the host. */
export class TcpRelay implements TcpEnvironment {
  readonly clock: Clock;
  readonly link: Link;
  readonly #host: HostSockets;
  readonly #random: () => number;
  readonly #connections = new Map<string, TcpConnection>();
  /** Over for the guest, not for the host; with the time when that was. */
  readonly #lingering = new Map<TcpConnection, number>();
  #sweeper: Timer | undefined;
  #ephemeral = 0;

  /** `random`: numbers from 0 to less than 1. */
  constructor(clock: Clock, link: Link, host: HostSockets, random: () => number) {
    this.clock = clock;
    this.link = link;
    this.#host = host;
    this.#random = random;
  }

  get size(): number {
    return this.#connections.size + this.#lingering.size;
  }

  receive(packet: Packet): void {
    const segment = parseSegment(packet);
    if (!segment) return;
    const known = this.#connections.get(keyOf(segment.endpoints));
    const opens = (segment.flags & (SYN | ACK | RST)) === SYN;
    if (known && !(opens && known.state === 'TIME-WAIT')) {
      known.receive(segment);
    } else if (opens) {
      known?.end();
      this.#open(segment, packet);
    } else {
      this.#refuse(segment);
    }
  }

  #open(segment: Segment, packet: Packet): void {
    const { remote, remotePort } = segment.endpoints;
    const target = this.#targetOf(remote, remotePort);
    if (!target) {
      this.#refuse(segment);
    } else if (this.#hasRoom()) {
      const connect = (events: HostStreamEvents): HostStream =>
        this.#host.connect(target.address, target.port, events);
      this.#add(TcpConnection.accept(this, segment, packet, connect));
    }
  }

  #targetOf(remote: number, port: number): { address: string; port: number } | undefined {
    if (remote === NAME_SERVER) return port === DNS_PORT ? this.#host.nameServer : undefined;
    const address = toHost(remote);
    return address === undefined ? undefined : { address, port };
  }

  #refuse(segment: Segment): void {
    const reset = resetFor(segment);
    if (reset) this.link.transmitPacket(reset, segment.endpoints.guest);
  }

  /** Connects a stream that came to a port of the host to one of the guest; false when full. */
  forward(
    guest: number,
    guestPort: number,
    open: (events: HostStreamEvents) => HostStream,
  ): boolean {
    if (!this.#hasRoom()) return false;
    let endpoints: Endpoints;
    do {
      const remotePort = FIRST_EPHEMERAL + (this.#ephemeral++ % EPHEMERALS);
      endpoints = { guest, guestPort, remote: GATEWAY, remotePort };
    } while (this.#connections.has(keyOf(endpoints)));
    this.#add(TcpConnection.connect(this, endpoints, open));
    return true;
  }

  close(): void {
    this.#sweeper?.cancel();
    for (const connection of this.#connections.values()) connection.reset();
    for (const connection of this.#lingering.keys()) connection.release();
  }

  initialSequence(): number {
    return Math.floor(this.#random() * 0x1_0000_0000);
  }

  ended(connection: TcpConnection): void {
    const key = keyOf(connection.endpoints);
    if (this.#connections.get(key) !== connection) return;
    this.#connections.delete(key);
    this.#lingering.set(connection, this.clock.now());
  }

  released(connection: TcpConnection): void {
    this.#lingering.delete(connection);
  }

  #add(connection: TcpConnection): void {
    this.#connections.set(keyOf(connection.endpoints), connection);
    this.#sweeper ??= this.clock.after(SWEEP, () => this.#sweep());
  }

  /** Makes room by giving up a connection in TIME-WAIT, if it must and can. */
  #hasRoom(): boolean {
    if (this.size < MAX_CONNECTIONS) return true;
    for (const connection of this.#connections.values()) {
      if (connection.state !== 'TIME-WAIT') continue;
      connection.end();
      return this.size < MAX_CONNECTIONS;
    }
    return false;
  }

  #sweep(): void {
    const now = this.clock.now();
    for (const connection of this.#connections.values()) {
      const idle = now - connection.heardAt;
      if (idle >= GONE) connection.reset();
      else if (idle >= IDLE) connection.probe();
    }
    for (const [connection, since] of this.#lingering) {
      if (now - since >= LINGER) connection.release();
    }
    this.#sweeper = this.size > 0 ? this.clock.after(SWEEP, () => this.#sweep()) : undefined;
  }
}

function keyOf({ guest, guestPort, remote, remotePort }: Endpoints): string {
  return `${guest} ${guestPort} ${remote} ${remotePort}`;
}

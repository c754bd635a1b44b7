import { toGuest, toHost } from './addresses.ts';
import type { Clock, Timer } from './clock.ts';
import type { HostDatagrams, HostSockets } from './host-sockets.ts';
import type { Link } from './link.ts';
import { MAX_DATAGRAM, buildDatagram, type Datagram } from './udp.ts';

/** Ports of the guest that have a socket of the host at once. */
const MAX_PORTS = 256;
/** Hosts that may answer to one port. */
const MAX_PEERS = 1024;
/** Milliseconds without a datagram after which a socket is closed. */
const IDLE = 180_000;
/** Milliseconds between two looks. */
const SWEEP = 30_000;

/** A port of the guest. */
interface Port {
  readonly guest: number;
  readonly number: number;
  readonly socket: HostDatagrams;
  /** Who was sent something, and may answer: from any port, as TFTP does. */
  readonly peers: Set<number>;
  usedAt: number;
}

/** The guest's UDP ports, each with a socket of the host's. */
export class UdpRelay {
  readonly #clock: Clock;
  readonly #link: Link;
  readonly #host: HostSockets;
  /** The longest unused is first. */
  readonly #ports = new Map<string, Port>();
  #sweeper: Timer | undefined;

  constructor(clock: Clock, link: Link, host: HostSockets) {
    this.#clock = clock;
    this.#link = link;
    this.#host = host;
  }

  get size(): number {
    return this.#ports.size;
  }

  receive({ source, sourcePort, destination, destinationPort, payload }: Datagram): void {
    const address = toHost(destination);
    if (address === undefined) return;
    const port = this.#portOf(source, sourcePort);
    if (port.peers.size >= MAX_PEERS && !port.peers.has(destination)) {
      port.peers.delete(port.peers.values().next().value!);
    }
    port.peers.add(destination);
    this.#used(port);
    // The frame is the guest's again when this returns.
    port.socket.send(payload.slice(), address, destinationPort);
  }

  close(): void {
    this.#sweeper?.cancel();
    for (const port of this.#ports.values()) port.socket.close();
    this.#ports.clear();
  }

  #portOf(guest: number, number: number): Port {
    const known = this.#ports.get(keyOf(guest, number));
    if (known) return known;
    if (this.#ports.size >= MAX_PORTS) this.#close(this.#ports.values().next().value!);
    const socket = this.#host.openDatagrams((bytes, address, from) =>
      this.#deliver(port, bytes, address, from),
    );
    const port: Port = { guest, number, socket, peers: new Set(), usedAt: this.#clock.now() };
    this.#sweeper ??= this.#clock.after(SWEEP, () => this.#sweep());
    return port;
  }

  #deliver(port: Port, bytes: Uint8Array, address: string, sourcePort: number): void {
    const source = toGuest(address);
    if (source === undefined || !port.peers.has(source) || bytes.length > MAX_DATAGRAM) return;
    this.#used(port);
    const ends = { source, sourcePort, destination: port.guest, destinationPort: port.number };
    this.#link.transmitPacket(buildDatagram({ ...ends, payload: bytes }), port.guest);
  }

  #used(port: Port): void {
    const key = keyOf(port.guest, port.number);
    port.usedAt = this.#clock.now();
    this.#ports.delete(key);
    this.#ports.set(key, port);
  }

  #close(port: Port): void {
    port.socket.close();
    this.#ports.delete(keyOf(port.guest, port.number));
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const port of this.#ports.values()) {
      if (now - port.usedAt < IDLE) break;
      this.#close(port);
    }
    const more = this.#ports.size > 0;
    this.#sweeper = more ? this.#clock.after(SWEEP, () => this.#sweep()) : undefined;
  }
}

function keyOf(guest: number, port: number): string {
  return `${guest} ${port}`;
}

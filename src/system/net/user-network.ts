import type { Network } from '../services.ts';
import {
  GATEWAY,
  GUEST,
  LIMITED_BROADCAST,
  NAME_SERVER,
  NETWORK_BROADCAST,
  isGuest,
  isInNetwork,
  toHost,
} from './addresses.ts';
import { receiveArp } from './arp.ts';
import { get16 } from './bytes.ts';
import type { Clock } from './clock.ts';
import { SERVER_PORT as DHCP_PORT, answerDhcp } from './dhcp.ts';
import { DnsForwarder } from './dns.ts';
import { ETHERNET_HEADER, MAC_LENGTH, MTU, TYPE_ARP, TYPE_IPV4, isForUs } from './ethernet.ts';
import type { HostListener, HostSockets } from './host-sockets.ts';
import { PROHIBITED, echoReply, isEchoRequest, unreachable } from './icmp.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP, parsePacket, type Packet } from './ipv4.ts';
import { Link } from './link.ts';
import { Reassembly } from './reassembly.ts';
import { TcpRelay } from './tcp-relay.ts';
import { UdpRelay } from './udp-relay.ts';
import { buildDatagram, parseDatagram, type Datagram } from './udp.ts';

const DNS_PORT = 53;

export interface UserNetworkOptions {
  readonly host: HostSockets;
  readonly clock: Clock;
  /** Numbers from 0 to less than 1, for what should be hard to guess; `Math.random` by default. */
  readonly random?: () => number;
}

/** A port of the host that leads to one of the guest. */
export type HostForward = {
  readonly protocol: 'tcp';
  /** `127.0.0.1` by default: this machine's own programs only. */
  readonly hostAddress?: string;
  /** 0 for any that is free. */
  readonly hostPort: number;
  /** Of the address that DHCP gives. */
  readonly guestPort: number;
};

/**
 * A network that needs no rights on the host: the guest's connections become the host's own, as in
 * QEMU's user-mode network, whose addresses it has. IPv4 only.
 *
 * | Address | What is there |
 * |---|---|
 * | 10.0.2.15 | the guest, by DHCP |
 * | 10.0.2.2 | gateway, DHCP server; the host's loopback for TCP and UDP |
 * | 10.0.2.3 | DNS, forwarded to the host's name servers |
 */
export class UserNetwork implements Network {
  readonly #host: HostSockets;
  readonly #link: Link;
  readonly #reassembly: Reassembly;
  readonly #tcp: TcpRelay;
  readonly #udp: UdpRelay;
  readonly #dns: DnsForwarder;
  readonly #listeners: HostListener[] = [];
  #closed = false;

  constructor({ host, clock, random = Math.random }: UserNetworkOptions) {
    this.#host = host;
    this.#link = new Link(clock);
    this.#reassembly = new Reassembly(clock);
    this.#tcp = new TcpRelay(clock, this.#link, host, random);
    this.#udp = new UdpRelay(clock, this.#link, host);
    this.#dns = new DnsForwarder(host);
  }

  /** Frames come from the host's event loop, never from within {@link send}. */
  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#link.onFrame(listener);
  }

  /** The frame may be used for something else afterwards. */
  send(frame: Uint8Array): void {
    if (this.#closed || frame.length < ETHERNET_HEADER || frame.length > ETHERNET_HEADER + MTU) {
      return;
    }
    if (!isForUs(frame)) return;
    const type = get16(frame, 12);
    if (type === TYPE_ARP) this.#receiveArp(frame);
    else if (type === TYPE_IPV4) this.#receivePacket(frame);
  }

  /**
   * Opens a port of the host that leads to the guest's, and tells which.
   * @throws NetworkError when the host's port cannot be had
   */
  async forward({ hostAddress = '127.0.0.1', hostPort, guestPort }: HostForward): Promise<number> {
    const listener = await this.#host.listen(hostAddress, hostPort, (open) =>
      this.#tcp.forward(GUEST, guestPort, open),
    );
    if (this.#closed) listener.close();
    else this.#listeners.push(listener);
    return listener.port;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of this.#listeners) listener.close();
    this.#tcp.close();
    this.#udp.close();
    this.#host.close();
    this.#link.close();
  }

  #receiveArp(frame: Uint8Array): void {
    const message = receiveArp(frame);
    if (message?.sender) this.#link.learn(message.sender.address, message.sender.mac, 0);
    if (message?.reply) this.#link.transmit(message.reply);
  }

  #receivePacket(frame: Uint8Array): void {
    const part = parsePacket(frame);
    if (!part) return;
    const unconfigured = part.source === 0 && part.protocol === PROTOCOL_UDP;
    if (!unconfigured && !isGuest(part.source)) return;
    // Group addresses belong to nobody.
    if (!unconfigured && (frame[MAC_LENGTH] & 1) === 0) {
      this.#link.learn(part.source, frame, MAC_LENGTH);
    }
    const packet = this.#reassembly.receive(part);
    if (packet?.protocol === PROTOCOL_UDP) this.#receiveUdp(packet);
    else if (packet?.protocol === PROTOCOL_TCP) this.#tcp.receive(packet);
    else if (packet?.protocol === PROTOCOL_ICMP) this.#receiveIcmp(packet);
  }

  #receiveIcmp(packet: Packet): void {
    if (!isEchoRequest(packet)) return;
    const { source, destination } = packet;
    if (destination === GATEWAY || destination === NAME_SERVER) {
      this.#link.transmitPacket(echoReply(packet), source);
    } else if (!isInNetwork(destination) && toHost(destination) !== undefined) {
      // The host would need rights for this.
      this.#link.transmitPacket(unreachable(packet, PROHIBITED), source);
    }
  }

  #receiveUdp(packet: Packet): void {
    const datagram = parseDatagram(packet);
    if (!datagram) return;
    const { source, destination, destinationPort, payload } = datagram;
    if (destinationPort === DHCP_PORT && isDhcpServer(destination)) {
      const reply = answerDhcp(payload);
      if (reply) this.#link.transmitPacket(reply.frame, reply.destination, reply.mac);
    } else if (destination === NAME_SERVER) {
      if (destinationPort === DNS_PORT && source !== 0) this.#receiveQuery(datagram);
    } else if (source !== 0) {
      this.#udp.receive(datagram);
    }
  }

  #receiveQuery({ source, sourcePort, payload }: Datagram): void {
    this.#dns.resolve(payload, (answer) => {
      const ends = { source: NAME_SERVER, sourcePort: DNS_PORT, destination: source };
      const frame = buildDatagram({ ...ends, destinationPort: sourcePort, payload: answer });
      this.#link.transmitPacket(frame, source);
    });
  }
}

function isDhcpServer(destination: number): boolean {
  return (
    destination === LIMITED_BROADCAST ||
    destination === NETWORK_BROADCAST ||
    destination === GATEWAY
  );
}

import { LIMITED_BROADCAST, NETWORK, NETWORK_BROADCAST } from './addresses.ts';
import { arpRequest } from './arp.ts';
import { sameBytes } from './bytes.ts';
import type { Clock, Timer } from './clock.ts';
import {
  BROADCAST_MAC,
  GATEWAY_MAC,
  MAC_LENGTH,
  TYPE_IPV4,
  putEthernetHeader,
} from './ethernet.ts';
import { fragment } from './ipv4.ts';

/** Something that may have packets to send; asked once for each time it said so. */
export interface Sender {
  send(): void;
}

/**
 * The cable to the guest. What the guest sends is handled at once, while its CPU waits, but what
 * goes to it waits until the host's event loop comes round: no device is called from within its
 * own call, and one acknowledgment does for all that came meanwhile.
 */
export class Link {
  readonly #clock: Clock;
  #listener: (frame: Uint8Array) => void = () => {};
  #frames: Uint8Array[] = [];
  #senders = new Set<Sender>();
  #timer: Timer | undefined;
  /** Hardware addresses by the last byte of the IPv4 address. */
  readonly #neighbours = new Map<number, Uint8Array>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#listener = listener;
  }

  /** Notes that `[at, at + 6)` of `bytes` is the hardware address of a guest's address. */
  learn(address: number, bytes: Uint8Array, at: number): void {
    const known = this.#neighbours.get(address - NETWORK);
    if (known && sameBytes(known, 0, bytes, at, MAC_LENGTH)) return;
    this.#neighbours.set(address - NETWORK, bytes.slice(at, at + MAC_LENGTH));
  }

  /** Calls `sender` soon, once for any number of calls. */
  wake(sender: Sender): void {
    this.#senders.add(sender);
    this.#arm();
  }

  /** Sends a frame that is complete. */
  transmit(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#arm();
  }

  /**
   * Sends a frame of {@link newPacket}, in fragments where it is long. Without a `mac`, and when
   * nobody in the network is known to have the address, this asks who has it; the packet is lost.
   */
  transmitPacket(frame: Uint8Array, destination: number, mac = this.#macOf(destination)): void {
    if (mac === undefined) {
      this.transmit(arpRequest(destination));
      return;
    }
    for (const part of fragment(frame)) {
      putEthernetHeader(part, mac, GATEWAY_MAC, TYPE_IPV4);
      this.transmit(part);
    }
  }

  close(): void {
    this.#timer?.cancel();
    this.#listener = () => {};
    this.#frames = [];
    this.#senders.clear();
  }

  #macOf(address: number): Uint8Array | undefined {
    if (address === LIMITED_BROADCAST || address === NETWORK_BROADCAST) return BROADCAST_MAC;
    return this.#neighbours.get(address - NETWORK);
  }

  #arm(): void {
    this.#timer ??= this.#clock.after(0, () => this.#deliver());
  }

  #deliver(): void {
    // What comes up meanwhile sets the next timer, but for the frames of these senders.
    const senders = this.#senders;
    this.#senders = new Set();
    for (const sender of senders) sender.send();
    this.#timer = undefined;
    const frames = this.#frames;
    this.#frames = [];
    if (this.#senders.size > 0) this.#arm();
    for (const frame of frames) this.#listener(frame);
  }
}

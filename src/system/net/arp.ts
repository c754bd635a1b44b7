import { GATEWAY, NAME_SERVER, isGuest } from './addresses.ts';
import { get16, get32, put16, put32 } from './bytes.ts';
import {
  BROADCAST_MAC,
  ETHERNET_HEADER,
  GATEWAY_MAC,
  MAC_LENGTH,
  TYPE_ARP,
  TYPE_IPV4,
  macOf,
  putEthernetHeader,
} from './ethernet.ts';

/** Address resolution (RFC 826), Ethernet and IPv4. Offsets are those in the frame. */
const HARDWARE = ETHERNET_HEADER;
const PROTOCOL = ETHERNET_HEADER + 2;
const LENGTHS = ETHERNET_HEADER + 4;
const OPERATION = ETHERNET_HEADER + 6;
const SENDER_MAC = ETHERNET_HEADER + 8;
const SENDER = ETHERNET_HEADER + 14;
const TARGET_MAC = ETHERNET_HEADER + 18;
const TARGET = ETHERNET_HEADER + 24;
const FRAME_LENGTH = ETHERNET_HEADER + 28;

const HARDWARE_ETHERNET = 1;
const REQUEST = 1;
const REPLY = 2;

export interface ArpMessage {
  /** The guest that sent it, when it has an address already. */
  readonly sender: { readonly address: number; readonly mac: Uint8Array } | undefined;
  /** The answer, when one of our addresses was asked for. */
  readonly reply: Uint8Array | undefined;
}

/** Understands a frame of {@link TYPE_ARP}; undefined when it is damaged. */
export function receiveArp(frame: Uint8Array): ArpMessage | undefined {
  if (
    frame.length < FRAME_LENGTH ||
    get16(frame, HARDWARE) !== HARDWARE_ETHERNET ||
    get16(frame, PROTOCOL) !== TYPE_IPV4 ||
    get16(frame, LENGTHS) !== ((MAC_LENGTH << 8) | 4)
  ) {
    return undefined;
  }
  const address = get32(frame, SENDER);
  const mac = frame.slice(SENDER_MAC, SENDER_MAC + MAC_LENGTH);
  const sender = isGuest(address) && (mac[0] & 1) === 0 ? { address, mac } : undefined;
  const target = get32(frame, TARGET);
  const asked = get16(frame, OPERATION) === REQUEST;
  const ours = target === GATEWAY || target === NAME_SERVER;
  return { sender, reply: asked && ours ? arpFrame(REPLY, target, address, mac) : undefined };
}

/** Asks who has `target`. */
export function arpRequest(target: number): Uint8Array {
  return arpFrame(REQUEST, GATEWAY, target, undefined);
}

function arpFrame(
  operation: number,
  sender: number,
  target: number,
  targetMac: Uint8Array | undefined,
): Uint8Array {
  const frame = new Uint8Array(FRAME_LENGTH);
  putEthernetHeader(frame, targetMac ?? BROADCAST_MAC, GATEWAY_MAC, TYPE_ARP);
  put16(frame, HARDWARE, HARDWARE_ETHERNET);
  put16(frame, PROTOCOL, TYPE_IPV4);
  put16(frame, LENGTHS, (MAC_LENGTH << 8) | 4);
  put16(frame, OPERATION, operation);
  frame.set(macOf(sender), SENDER_MAC);
  put32(frame, SENDER, sender);
  if (targetMac) frame.set(targetMac, TARGET_MAC);
  put32(frame, TARGET, target);
  return frame;
}

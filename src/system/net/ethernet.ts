import { put16, put32, sameBytes } from './bytes.ts';
import { GATEWAY, NAME_SERVER, NETWORK } from './addresses.ts';

/** Bytes of destination, source and type in front of a frame's payload. */
export const ETHERNET_HEADER = 14;
/** Most bytes behind the header. */
export const MTU = 1500;
export const MAC_LENGTH = 6;

export const TYPE_IPV4 = 0x0800;
export const TYPE_ARP = 0x0806;

export const BROADCAST_MAC = Uint8Array.of(255, 255, 255, 255, 255, 255);
export const GATEWAY_MAC = macOf(GATEWAY);

/** The hardware address of a host that is ours: a locally administered prefix and its address. */
export function macOf(address: number): Uint8Array {
  const mac = Uint8Array.of(0x52, 0x55, 0, 0, 0, 0);
  put32(mac, 2, address);
  return mac;
}

/** Whether a frame is for us: for one of our addresses, or for a group. */
export function isForUs(frame: Uint8Array): boolean {
  if (frame[0] & 1) return true;
  if (!sameBytes(frame, 0, GATEWAY_MAC, 0, MAC_LENGTH - 1)) return false;
  const address = NETWORK + frame[MAC_LENGTH - 1];
  return address === GATEWAY || address === NAME_SERVER;
}

export function putEthernetHeader(
  frame: Uint8Array,
  destination: Uint8Array,
  source: Uint8Array,
  type: number,
): void {
  frame.set(destination, 0);
  frame.set(source, MAC_LENGTH);
  put16(frame, 12, type);
}

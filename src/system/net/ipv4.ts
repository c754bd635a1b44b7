import { get16, get32, put16, put32 } from './bytes.ts';
import { addWords, checksumOf } from './checksum.ts';
import { ETHERNET_HEADER, MTU } from './ethernet.ts';

/** IPv4 (RFC 791). */
export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;

/** Bytes of a header without options. */
const HEADER = 20;
/** Where the payload begins in frames that {@link newPacket} makes. */
export const PAYLOAD = ETHERNET_HEADER + HEADER;
/** Most bytes of a packet's payload, fragmented or not. */
export const MAX_PAYLOAD = 65_535 - HEADER;

const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;
const TIME_TO_LIVE = 64;

/** A packet that came; the arrays are parts of the frame. */
export interface Packet {
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  readonly identification: number;
  /** Where a fragment's payload belongs in the whole, in bytes. */
  readonly offset: number;
  readonly moreFragments: boolean;
  /** The header with its options. */
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
}

/** Understands a frame; undefined when the packet is damaged or not of version 4. */
export function parsePacket(frame: Uint8Array): Packet | undefined {
  const start = ETHERNET_HEADER;
  if (frame.length < PAYLOAD || frame[start] >>> 4 !== 4) return undefined;
  const headerLength = (frame[start] & 15) * 4;
  const length = get16(frame, start + 2);
  // Short frames are padded, so there may be more than the packet.
  if (headerLength < HEADER || length < headerLength || start + length > frame.length) {
    return undefined;
  }
  if (checksumOf(addWords(frame, start, start + headerLength)) !== 0) return undefined;
  const fragment = get16(frame, start + 6);
  return {
    source: get32(frame, start + 12),
    destination: get32(frame, start + 16),
    protocol: frame[start + 9],
    identification: get16(frame, start + 4),
    offset: (fragment & OFFSET_MASK) * 8,
    moreFragments: (fragment & MORE_FRAGMENTS) !== 0,
    header: frame.subarray(start, start + headerLength),
    payload: frame.subarray(start + headerLength, start + length),
  };
}

let lastIdentification = 0;

/**
 * A frame with room for an Ethernet header, an IPv4 header that is filled in, and `length` bytes
 * of payload at {@link PAYLOAD}. With more than {@link MTU} allows it must be {@link fragment}ed.
 */
export function newPacket(
  protocol: number,
  source: number,
  destination: number,
  length: number,
): Uint8Array {
  const frame = new Uint8Array(PAYLOAD + length);
  const start = ETHERNET_HEADER;
  lastIdentification = (lastIdentification + 1) & 0xffff;
  frame[start] = (4 << 4) | (HEADER / 4);
  put16(frame, start + 2, HEADER + length);
  put16(frame, start + 4, lastIdentification);
  put16(frame, start + 6, HEADER + length <= MTU ? DONT_FRAGMENT : 0);
  frame[start + 8] = TIME_TO_LIVE;
  frame[start + 9] = protocol;
  put32(frame, start + 12, source);
  put32(frame, start + 16, destination);
  sealHeader(frame);
  return frame;
}

function sealHeader(frame: Uint8Array): void {
  put16(frame, ETHERNET_HEADER + 10, 0);
  put16(frame, ETHERNET_HEADER + 10, checksumOf(addWords(frame, ETHERNET_HEADER, PAYLOAD)));
}

/** The frames to be sent for one of {@link newPacket}, which is whole. */
export function fragment(frame: Uint8Array): Uint8Array[] {
  if (frame.length <= ETHERNET_HEADER + MTU) return [frame];
  const most = (MTU - HEADER) & ~7;
  const fragments: Uint8Array[] = [];
  for (let offset = 0; PAYLOAD + offset < frame.length; offset += most) {
    const payload = frame.subarray(PAYLOAD + offset, PAYLOAD + offset + most);
    const last = PAYLOAD + offset + most >= frame.length;
    const part = new Uint8Array(PAYLOAD + payload.length);
    part.set(frame.subarray(0, PAYLOAD));
    part.set(payload, PAYLOAD);
    put16(part, ETHERNET_HEADER + 2, HEADER + payload.length);
    put16(part, ETHERNET_HEADER + 6, (last ? 0 : MORE_FRAGMENTS) | (offset / 8));
    sealHeader(part);
    fragments.push(part);
  }
  return fragments;
}

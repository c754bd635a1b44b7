import { get16, put16 } from './bytes.ts';
import { addWords, checksumOf, pseudoHeaderSum } from './checksum.ts';
import { MAX_PAYLOAD, PAYLOAD, PROTOCOL_UDP, newPacket, type Packet } from './ipv4.ts';

/** UDP (RFC 768). */
const HEADER = 8;
export const MAX_DATAGRAM = MAX_PAYLOAD - HEADER;

export interface Datagram {
  readonly source: number;
  readonly sourcePort: number;
  readonly destination: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** Understands a whole packet; undefined when the datagram is damaged. */
export function parseDatagram(packet: Packet): Datagram | undefined {
  const { source, destination, payload } = packet;
  if (payload.length < HEADER) return undefined;
  const length = get16(payload, 4);
  if (length < HEADER || length > payload.length) return undefined;
  // 0 means that there is no checksum.
  if (get16(payload, 6) !== 0) {
    const sum = pseudoHeaderSum(source, destination, PROTOCOL_UDP, length);
    if (checksumOf(addWords(payload, 0, length, sum)) !== 0) return undefined;
  }
  const sourcePort = get16(payload, 0);
  const destinationPort = get16(payload, 2);
  if (sourcePort === 0 || destinationPort === 0) return undefined;
  const body = payload.subarray(HEADER, length);
  return { source, sourcePort, destination, destinationPort, payload: body };
}

/** A frame without Ethernet header; more than one when it is {@link fragment}ed. */
export function buildDatagram(datagram: Datagram): Uint8Array {
  const { source, sourcePort, destination, destinationPort, payload } = datagram;
  const length = HEADER + payload.length;
  const frame = newPacket(PROTOCOL_UDP, source, destination, length);
  put16(frame, PAYLOAD, sourcePort);
  put16(frame, PAYLOAD + 2, destinationPort);
  put16(frame, PAYLOAD + 4, length);
  frame.set(payload, PAYLOAD + HEADER);
  const sum = pseudoHeaderSum(source, destination, PROTOCOL_UDP, length);
  put16(frame, PAYLOAD + 6, checksumOf(addWords(frame, PAYLOAD, frame.length, sum)) || 0xffff);
  return frame;
}

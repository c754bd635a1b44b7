import { GATEWAY } from './addresses.ts';
import { put16 } from './bytes.ts';
import { addWords, checksumOf } from './checksum.ts';
import { PAYLOAD, PROTOCOL_ICMP, newPacket, type Packet } from './ipv4.ts';

/** ICMP (RFC 792). */
const HEADER = 8;
const ECHO_REPLY = 0;
const DESTINATION_UNREACHABLE = 3;
const ECHO_REQUEST = 8;

export const HOST_UNREACHABLE = 1;
/** "Communication administratively prohibited" (RFC 1812). */
export const PROHIBITED = 13;

/** Whether this is a whole, undamaged request for an echo. */
export function isEchoRequest({ protocol, payload }: Packet): boolean {
  return (
    protocol === PROTOCOL_ICMP &&
    payload.length >= HEADER &&
    payload[0] === ECHO_REQUEST &&
    payload[1] === 0 &&
    checksumOf(addWords(payload, 0, payload.length)) === 0
  );
}

/** The answer to a request for which {@link isEchoRequest} holds. */
export function echoReply({ source, destination, payload }: Packet): Uint8Array {
  const frame = newPacket(PROTOCOL_ICMP, destination, source, payload.length);
  frame.set(payload, PAYLOAD);
  frame[PAYLOAD] = ECHO_REPLY;
  seal(frame);
  return frame;
}

/** Tells the sender of a packet that it cannot be delivered. */
export function unreachable(packet: Packet, code: number): Uint8Array {
  const { source, header, payload } = packet;
  const quoted = payload.subarray(0, 8);
  const length = HEADER + header.length + quoted.length;
  const frame = newPacket(PROTOCOL_ICMP, GATEWAY, source, length);
  frame[PAYLOAD] = DESTINATION_UNREACHABLE;
  frame[PAYLOAD + 1] = code;
  frame.set(header, PAYLOAD + HEADER);
  frame.set(quoted, PAYLOAD + HEADER + header.length);
  seal(frame);
  return frame;
}

function seal(frame: Uint8Array): void {
  put16(frame, PAYLOAD + 2, 0);
  put16(frame, PAYLOAD + 2, checksumOf(addWords(frame, PAYLOAD, frame.length)));
}

import { get16, get32, put16, put32 } from './bytes.ts';
import { addWords, checksumOf, pseudoHeaderSum } from './checksum.ts';
import { MTU } from './ethernet.ts';
import { PAYLOAD, PROTOCOL_TCP, newPacket, type Packet } from './ipv4.ts';

/** TCP segments (RFC 9293, section 3.1). */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

const HEADER = 20;
/** Most payload of a segment without options. */
export const MAX_SEGMENT = MTU - 40;
/** What a peer takes that does not say. */
const DEFAULT_SEGMENT = 536;
/** Less is not believed, as each segment costs a frame. */
const LEAST_SEGMENT = 64;
/** The largest shift of the window-scale option (RFC 7323). */
const MAX_SCALE = 14;

const OPTION_END = 0;
const OPTION_NOP = 1;
const OPTION_MSS = 2;
const OPTION_WINDOW_SCALE = 3;
const OPTION_SACK_PERMITTED = 4;
const OPTION_SACK = 5;
/** Ranges that fit a header beside nothing else. */
const MAX_RANGES = 4;

/** The two ends of a connection, as addresses and ports that the guest sees. */
export interface Endpoints {
  readonly guest: number;
  readonly guestPort: number;
  readonly remote: number;
  readonly remotePort: number;
}

/** Sequence numbers from `start` up to `end`, which is not in the range. */
export interface SequenceRange {
  readonly start: number;
  readonly end: number;
}

export interface Segment {
  readonly endpoints: Endpoints;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  /** As it stands in the header. */
  readonly window: number;
  /** Bytes of payload that the guest takes; for a SYN only. */
  readonly segmentSize: number;
  /** Undefined when the option is missing. */
  readonly windowScale: number | undefined;
  /** Selective acknowledgments (RFC 2018) are welcome; for a SYN only. */
  readonly selective: boolean;
  /** Pairs of sequence numbers: what came behind a gap. */
  readonly arrived: readonly SequenceRange[];
  readonly payload: Uint8Array;
}

/** Understands a whole packet from the guest; undefined when the segment is damaged. */
export function parseSegment({ source, destination, payload }: Packet): Segment | undefined {
  if (payload.length < HEADER) return undefined;
  const headerLength = (payload[12] >>> 4) * 4;
  if (headerLength < HEADER || headerLength > payload.length) return undefined;
  const sum = pseudoHeaderSum(source, destination, PROTOCOL_TCP, payload.length);
  if (checksumOf(addWords(payload, 0, payload.length, sum)) !== 0) return undefined;
  const guestPort = get16(payload, 0);
  const remotePort = get16(payload, 2);
  if (guestPort === 0 || remotePort === 0) return undefined;
  return {
    endpoints: { guest: source, guestPort, remote: destination, remotePort },
    sequence: get32(payload, 4),
    acknowledgment: get32(payload, 8),
    flags: payload[13],
    window: get16(payload, 14),
    ...parseOptions(payload.subarray(HEADER, headerLength)),
    payload: payload.subarray(headerLength),
  };
}

type Options = Pick<Segment, 'segmentSize' | 'windowScale' | 'selective' | 'arrived'>;

function parseOptions(options: Uint8Array): Options {
  let segmentSize = DEFAULT_SEGMENT;
  let windowScale: number | undefined;
  let selective = false;
  const arrived: SequenceRange[] = [];
  for (let at = 0; at < options.length && options[at] !== OPTION_END;) {
    if (options[at] === OPTION_NOP) {
      at++;
      continue;
    }
    const kind = options[at];
    const length = options[at + 1];
    // Also when there is no length.
    if (!(length >= 2 && at + length <= options.length)) break;
    if (kind === OPTION_MSS && length === 4) {
      segmentSize = Math.min(Math.max(get16(options, at + 2), LEAST_SEGMENT), MAX_SEGMENT);
    } else if (kind === OPTION_WINDOW_SCALE && length === 3) {
      windowScale = Math.min(options[at + 2], MAX_SCALE);
    } else if (kind === OPTION_SACK_PERMITTED) {
      selective = true;
    } else if (kind === OPTION_SACK) {
      for (let pair = at + 2; pair + 8 <= at + length; pair += 8) {
        arrived.push({ start: get32(options, pair), end: get32(options, pair + 4) });
      }
    }
    at += length;
  }
  return { segmentSize, windowScale, selective, arrived };
}

/** Sequence numbers that a segment takes. */
export function segmentLength({ flags, payload }: Segment): number {
  return payload.length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
}

export interface SegmentHeader {
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
  /** For a SYN. */
  readonly windowScale?: number | undefined;
  readonly selective?: boolean | undefined;
  /** What came behind a gap, the latest first. */
  readonly arrived?: readonly SequenceRange[] | undefined;
}

/** A multiple of four bytes. */
function optionsOf({ flags, windowScale, selective, arrived = [] }: SegmentHeader): number[] {
  const options: number[] = [];
  if (flags & SYN) {
    options.push(OPTION_MSS, 4, MAX_SEGMENT >>> 8, MAX_SEGMENT & 255);
    if (windowScale !== undefined) options.push(OPTION_NOP, OPTION_WINDOW_SCALE, 3, windowScale);
    if (selective) options.push(OPTION_NOP, OPTION_NOP, OPTION_SACK_PERMITTED, 2);
  } else if (arrived.length > 0) {
    const ranges = arrived.slice(0, MAX_RANGES).flatMap(({ start, end }) => [start, end]);
    options.push(OPTION_NOP, OPTION_NOP, OPTION_SACK, 2 + 4 * ranges.length);
    for (const edge of ranges) options.push(edge >>> 24, edge >>> 16, edge >>> 8, edge);
  }
  return options;
}

/**
 * A frame of {@link newPacket} for the guest with `length` bytes of payload, which `fill` writes
 * at the offset it is told.
 */
export function buildSegment(
  { guest, guestPort, remote, remotePort }: Endpoints,
  header: SegmentHeader,
  length = 0,
  fill?: (frame: Uint8Array, at: number) => void,
): Uint8Array {
  const { sequence, acknowledgment, flags, window } = header;
  const options = optionsOf(header);
  const headerLength = HEADER + options.length;
  const frame = newPacket(PROTOCOL_TCP, remote, guest, headerLength + length);
  put16(frame, PAYLOAD, remotePort);
  put16(frame, PAYLOAD + 2, guestPort);
  put32(frame, PAYLOAD + 4, sequence);
  put32(frame, PAYLOAD + 8, acknowledgment);
  frame[PAYLOAD + 12] = (headerLength / 4) << 4;
  frame[PAYLOAD + 13] = flags;
  put16(frame, PAYLOAD + 14, window);
  frame.set(options, PAYLOAD + HEADER);
  fill?.(frame, PAYLOAD + headerLength);
  const sum = pseudoHeaderSum(remote, guest, PROTOCOL_TCP, headerLength + length);
  put16(frame, PAYLOAD + 16, checksumOf(addWords(frame, PAYLOAD, frame.length, sum)));
  return frame;
}

/** The answer to a segment that belongs to no connection; undefined for a RST. */
export function resetFor(segment: Segment): Uint8Array | undefined {
  const { endpoints, sequence, acknowledgment, flags } = segment;
  if (flags & RST) return undefined;
  if (flags & ACK) {
    const header = { sequence: acknowledgment, acknowledgment: 0, flags: RST, window: 0 };
    return buildSegment(endpoints, header);
  }
  const next = (sequence + segmentLength(segment)) >>> 0;
  return buildSegment(endpoints, {
    sequence: 0,
    acknowledgment: next,
    flags: RST | ACK,
    window: 0,
  });
}

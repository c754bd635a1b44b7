import type { Clock } from './clock.ts';
import { MAX_PAYLOAD, type Packet } from './ipv4.ts';

/** Packets of which some fragments are missing; the oldest is given up for one more. */
const MAX_PACKETS = 16;
/** Milliseconds that a packet's fragments are kept. */
const LIFETIME = 30_000;

interface Partial {
  readonly deadline: number;
  /** By offset, never overlapping. */
  readonly parts: Packet[];
  /** Bytes in `parts`. */
  length: number;
  /** Bytes of the whole, once the last fragment is here. */
  total: number | undefined;
}

/** Puts fragments together again. */
export class Reassembly {
  readonly #clock: Clock;
  readonly #partials = new Map<string, Partial>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The whole packet that `packet` is or completes; undefined when more is needed. */
  receive(packet: Packet): Packet | undefined {
    if (packet.offset === 0 && !packet.moreFragments) return packet;
    const key = `${packet.source} ${packet.destination} ${packet.protocol} ${packet.identification}`;
    const partial = this.#partialOf(key);
    if (!add(partial, packet)) {
      this.#partials.delete(key);
      return undefined;
    }
    if (partial.length !== partial.total) return undefined;
    this.#partials.delete(key);
    const payload = new Uint8Array(partial.total);
    for (const part of partial.parts) payload.set(part.payload, part.offset);
    return { ...partial.parts[0], moreFragments: false, payload };
  }

  #partialOf(key: string): Partial {
    const now = this.#clock.now();
    for (const [old, { deadline }] of this.#partials) {
      if (deadline <= now) this.#partials.delete(old);
    }
    let partial = this.#partials.get(key);
    if (!partial) {
      if (this.#partials.size >= MAX_PACKETS) {
        this.#partials.delete(this.#partials.keys().next().value!);
      }
      partial = { deadline: now + LIFETIME, parts: [], length: 0, total: undefined };
      this.#partials.set(key, partial);
    }
    return partial;
  }
}

/** False when the fragments contradict each other. */
function add(partial: Partial, packet: Packet): boolean {
  const { offset, moreFragments } = packet;
  const length = packet.payload.length;
  const end = offset + length;
  if (end > MAX_PAYLOAD || length === 0 || (moreFragments && length % 8 !== 0)) return false;
  if (moreFragments ? end > (partial.total ?? end) : partial.total !== undefined) return false;
  const { parts } = partial;
  let at = parts.length;
  while (at > 0 && parts[at - 1].offset > offset) at--;
  if (at > 0 && parts[at - 1].offset + parts[at - 1].payload.length > offset) return false;
  if (at < parts.length && (parts[at].offset < end || !moreFragments)) return false;
  // The frame is the guest's again when this returns.
  parts.splice(at, 0, {
    ...packet,
    header: packet.header.slice(),
    payload: packet.payload.slice(),
  });
  partial.length += length;
  if (!moreFragments) partial.total = end;
  return true;
}

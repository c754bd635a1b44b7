import type { Saved } from '../services.ts';
import * as sccb from './sccb.ts';
import type { Sccb } from './sccb.ts';

/** Event types, and their bits in masks: bit `type` of 1-32, from the left. */
export const EVENT_OPERATOR_COMMAND = 0x01;
export const EVENT_MESSAGE = 0x02;
export const EVENT_PRIORITY_MESSAGE = 0x09;
export const EVENT_ASCII_CONSOLE = 0x1a;
export const EVENT_SIGNAL_QUIESCE = 0x1d;

/** An event buffer's header: length (2), type (1), flags (1), 2 reserved bytes. */
export const EVENT_HEADER = 6;
/** In the flags: the receiver has taken the buffer. */
const ACCEPTED = 0x80;

/** Function codes of READ EVENT DATA. */
const UNCONDITIONAL_READ = 0;
const SELECTIVE_READ = 1;
const NORMAL_WRITE = 0;
/** Most bytes of a mask, of which the first four are used: four of them must fit into an SCCB. */
const MAX_MASK_LENGTH = 1021;
const MASKS = 12;

export function maskOf(...types: readonly number[]): number {
  return types.reduce((mask, type) => mask | (1 << (32 - type)), 0) >>> 0;
}

/** What exchanges events of certain types with the guest. */
export interface EventSource {
  readonly name: string;
  /** Mask bits of the events that it has for the guest. */
  readonly sends: number;
  /** Mask bits of those that it takes. */
  readonly receives: number;
  /** Whether there is an event for the guest. */
  readonly pending: boolean;
  /** Stores event buffers at the start of `room`, as many as fit: bytes stored. */
  read(room: Uint8Array): number;
  /** Takes an event buffer of a type in `receives`: response code. */
  write(buffer: Uint8Array): number;
  reset(): void;
  save(): Saved;
  load(saved: Saved): void;
}

/** The part of SCLP through which events go: which of them the guest wants, and what there is. */
export class EventFacility {
  readonly #sources: readonly EventSource[];
  /** Events that the guest wants. */
  #receiveMask = 0;
  /** Bytes of the masks that the guest gives. */
  #maskLength = 4;

  constructor(sources: readonly EventSource[]) {
    this.#sources = sources;
  }

  /** Whether there is an event that the guest wants. */
  get pending(): boolean {
    return this.#sources.some((source) => source.pending && this.wants(source));
  }

  /** Whether the guest wants events of this source. */
  wants(source: EventSource): boolean {
    return (source.sends & this.#receiveMask) !== 0;
  }

  writeMask(block: Sccb): void {
    const length = block.size < MASKS ? 1 : block.view.getUint16(10);
    if (length === 0 || length > MAX_MASK_LENGTH) {
      block.responseCode = sccb.INVALID_MASK_LENGTH;
      return;
    }
    if (block.size < MASKS + 4 * length) {
      block.responseCode = sccb.INSUFFICIENT_LENGTH;
      return;
    }
    this.#receiveMask = readMask(block.bytes, MASKS, length);
    this.#maskLength = length;
    // What the guest sends, at MASKS + length, does not matter.
    putMask(block.bytes, MASKS + 2 * length, length, this.#all('receives'));
    putMask(block.bytes, MASKS + 3 * length, length, this.#all('sends'));
    block.responseCode = sccb.NORMAL_COMPLETION;
  }

  read(block: Sccb): void {
    if (block.size !== sccb.SCCB_SIZE) {
      block.responseCode = sccb.INSUFFICIENT_LENGTH;
    } else if (block.functionCode === UNCONDITIONAL_READ) {
      this.#readEvents(block, this.#receiveMask);
    } else if (block.functionCode === SELECTIVE_READ) {
      const selection = readMask(block.bytes, sccb.SCCB_HEADER, this.#maskLength);
      if (this.#receiveMask === 0 || (selection & ~this.#receiveMask) !== 0) {
        block.responseCode = sccb.INVALID_SELECTION_MASK;
      } else {
        this.#readEvents(block, selection);
      }
    } else {
      block.responseCode = sccb.INVALID_FUNCTION;
    }
  }

  #readEvents(block: Sccb, mask: number): void {
    const { data } = block;
    let used = 0;
    for (const source of this.#sources) {
      if ((source.sends & mask) === 0 || !source.pending) continue;
      used += source.read(data.subarray(used));
    }
    block.responseCode = used === 0 ? sccb.NO_EVENT_BUFFERS_STORED : sccb.NORMAL_COMPLETION;
    if (block.variableLengthResponse) block.shorten(sccb.SCCB_HEADER + used);
    // Whoever goes by the lengths of the buffers finds the end where one is zero.
    else data.fill(0, used, used + EVENT_HEADER);
  }

  write(block: Sccb): void {
    if (block.functionCode !== NORMAL_WRITE) {
      block.responseCode = sccb.INVALID_FUNCTION;
      return;
    }
    const buffers = split(block.data);
    if (buffers === undefined) {
      block.responseCode = sccb.EVENT_BUFFER_SYNTAX_ERROR;
      return;
    }
    let response: number = sccb.NORMAL_COMPLETION;
    for (const buffer of buffers) {
      // Those behind one that was refused are not looked at.
      if (response === sccb.NORMAL_COMPLETION) response = this.#writeEvent(buffer);
      if (response === sccb.NORMAL_COMPLETION) buffer[3]! |= ACCEPTED;
      else buffer[3]! &= ~ACCEPTED;
    }
    block.responseCode = response;
  }

  #writeEvent(buffer: Uint8Array): number {
    const type = buffer[2]!;
    const bit = type >= 1 && type <= 32 ? maskOf(type) : 0;
    const source = this.#sources.find(({ receives }) => (receives & bit) !== 0);
    return source ? source.write(buffer) : sccb.INVALID_FUNCTION;
  }

  reset(): void {
    this.#receiveMask = 0;
    this.#maskLength = 4;
    for (const source of this.#sources) source.reset();
  }

  save(): { readonly [name: string]: Saved } {
    return {
      receiveMask: this.#receiveMask,
      maskLength: this.#maskLength,
      sources: Object.fromEntries(this.#sources.map((source) => [source.name, source.save()])),
    };
  }

  load(saved: Saved): void {
    const { receiveMask, maskLength, sources } = saved as ReturnType<EventFacility['save']>;
    this.#receiveMask = receiveMask as number;
    this.#maskLength = maskLength as number;
    const states = sources as { readonly [name: string]: Saved };
    for (const source of this.#sources) {
      // A console that the saved machine did not have starts as new.
      const state = states[source.name];
      if (state === undefined) source.reset();
      else source.load(state);
    }
  }

  #all(direction: 'sends' | 'receives'): number {
    return this.#sources.reduce((mask, source) => mask | source[direction], 0) >>> 0;
  }
}

/** Puts a buffer's header in front of what it holds: the whole length. */
export function putEventHeader(room: Uint8Array, type: number, length: number): number {
  room.set([length >> 8, length & 255, type, ACCEPTED, 0, 0]);
  return length;
}

/** The event buffers, which must fill `data`. */
function split(data: Uint8Array): Uint8Array[] | undefined {
  const buffers: Uint8Array[] = [];
  for (let at = 0; at < data.length;) {
    const length = (data[at]! << 8) | (data[at + 1] ?? 0);
    if (length < EVENT_HEADER || at + length > data.length) return undefined;
    buffers.push(data.subarray(at, at + length));
    at += length;
  }
  return buffers;
}

/** The first 32 bits of a mask that may be shorter or longer. */
function readMask(bytes: Uint8Array, at: number, length: number): number {
  let mask = 0;
  for (let i = 0; i < 4; i++) mask = (mask << 8) | (i < length ? bytes[at + i]! : 0);
  return mask >>> 0;
}

function putMask(bytes: Uint8Array, at: number, length: number, mask: number): void {
  for (let i = 0; i < length; i++) bytes[at + i] = i < 4 ? (mask >>> (24 - 8 * i)) & 255 : 0;
}

import type { Saved } from '../services.ts';
import { malformed } from './layout.ts';

/** How a value is encoded: a byte of these, then what the comment says. */
const NULL = 0;
const FALSE = 1;
const TRUE = 2;
/** A safe integer n >= 0: n as varint. */
const INTEGER = 3;
/** A safe integer n < 0: -1 - n as varint. */
const NEGATIVE = 4;
/** Any other number: IEEE binary64, big-endian. */
const DOUBLE = 5;
/** A bigint n >= 0: number of bytes as varint, bytes, big-endian. */
const BIG = 6;
/** A bigint n < 0: -1 - n as BIG. */
const BIG_NEGATIVE = 7;
/** Length in bytes as varint, UTF-8. */
const STRING = 8;
/** With lone surrogates: length in units as varint, UTF-16 big-endian. */
const STRING16 = 9;
/** Length as varint, bytes. */
const BYTES = 10;
/** Number of elements as varint, elements. */
const ARRAY = 11;
/** Number of properties as varint, then for each: name (as a value), value. */
const OBJECT = 12;

/** Containers within containers; deeper is a mistake (a cycle) or a forgery. */
const MAX_DEPTH = 64;

/**
 * Bytes of a value: compact, and different for different values.
 * @throws Error for what is not {@link Saved}, with the way to it: a mistake of who saved it
 */
export function encodeSaved(value: Saved): Uint8Array {
  const encoder = new Encoder();
  encoder.value(value);
  return encoder.bytes();
}

/**
 * The value that {@link encodeSaved} was given; its byte arrays are copies.
 * @throws SnapshotError when `bytes` are not exactly one encoded value
 */
export function decodeSaved(bytes: Uint8Array): Saved {
  const decoder = new Decoder(bytes);
  const value = decoder.value(0);
  decoder.end();
  return value;
}

class Encoder {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  /** The way from the outermost container to the value at hand. */
  readonly #way: (string | number)[] = [];

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  value(value: Saved): void {
    switch (typeof value) {
      case 'boolean':
        return this.#byte(value ? TRUE : FALSE);
      case 'number':
        return this.#number(value);
      case 'bigint':
        return this.#bigint(value);
      case 'string':
        return this.#string(value);
      case 'object':
        if (value === null) return this.#byte(NULL);
        if (value instanceof Uint8Array) {
          this.#counted(BYTES, value.length);
          return this.#append(value);
        }
        if (this.#way.length >= MAX_DEPTH) this.#refuse('too deep');
        if (Array.isArray(value)) return this.#array(value);
        return this.#object(value as { readonly [name: string]: Saved });
      default:
        this.#refuse(typeof value);
    }
  }

  #array(values: readonly Saved[]): void {
    this.#counted(ARRAY, values.length);
    for (let i = 0; i < values.length; i++) this.#member(i, values[i]);
  }

  #object(value: { readonly [name: string]: Saved }): void {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      this.#refuse(`a ${value.constructor.name}`);
    }
    const entries = Object.entries(value);
    this.#counted(OBJECT, entries.length);
    for (const [name, member] of entries) {
      this.#string(name);
      this.#member(name, member);
    }
  }

  #member(name: string | number, value: Saved): void {
    this.#way.push(name);
    this.value(value);
    this.#way.pop();
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.#byte(DOUBLE);
      this.#reserve(8);
      this.#view.setFloat64(this.#length, value);
      this.#length += 8;
    } else if (value < 0) {
      this.#counted(NEGATIVE, -1 - value);
    } else {
      this.#counted(INTEGER, value);
    }
  }

  #bigint(value: bigint): void {
    const digits = (value < 0n ? -1n - value : value).toString(16);
    const length = (digits.length + 1) >>> 1;
    const even = digits.padStart(length * 2, '0');
    this.#counted(value < 0n ? BIG_NEGATIVE : BIG, length);
    for (let i = 0; i < length; i++) this.#byte(parseInt(even.slice(2 * i, 2 * i + 2), 16));
  }

  #string(value: string): void {
    if (value.isWellFormed()) {
      const bytes = new TextEncoder().encode(value);
      this.#counted(STRING, bytes.length);
      return this.#append(bytes);
    }
    this.#counted(STRING16, value.length);
    for (let i = 0; i < value.length; i++) {
      this.#byte(value.charCodeAt(i) >>> 8);
      this.#byte(value.charCodeAt(i) & 0xff);
    }
  }

  #counted(tag: number, count: number): void {
    this.#byte(tag);
    let rest = count;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#byte(0x80 | (rest % 0x80));
    this.#byte(rest);
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + length));
    grown.set(this.bytes());
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  #refuse(what: string): never {
    throw new Error(`a snapshot cannot hold .${this.#way.join('.')}: ${what}`);
  }
}

class Decoder {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  value(depth: number): Saved {
    const tag = this.#take(1)[0]!;
    switch (tag) {
      case NULL:
        return null;
      case FALSE:
      case TRUE:
        return tag === TRUE;
      case INTEGER:
        return this.#count();
      case NEGATIVE:
        return -1 - this.#count();
      case DOUBLE:
        this.#take(8);
        return this.#view.getFloat64(this.#at - 8);
      case BIG:
        return this.#magnitude();
      case BIG_NEGATIVE:
        return -1n - this.#magnitude();
      case STRING:
      case STRING16:
        return this.#string(tag);
      case BYTES:
        // Not slice(), which copies nothing when the codec gives Node's own arrays.
        return new Uint8Array(this.#take(this.#count()));
      case ARRAY:
      case OBJECT:
        if (depth >= MAX_DEPTH) throw malformed('saved state');
        return tag === ARRAY ? this.#array(depth) : this.#object(depth);
      default:
        throw malformed('saved state');
    }
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw malformed('saved state');
  }

  #array(depth: number): Saved[] {
    const count = this.#count();
    const values: Saved[] = [];
    for (let i = 0; i < count; i++) values.push(this.value(depth + 1));
    return values;
  }

  #object(depth: number): { [name: string]: Saved } {
    const count = this.#count();
    const entries: [string, Saved][] = [];
    for (let i = 0; i < count; i++) {
      const name = this.#string(this.#take(1)[0]!);
      entries.push([name, this.value(depth + 1)]);
    }
    // Not by assignment, which is something else for `__proto__`.
    return Object.fromEntries(entries);
  }

  #string(tag: number): string {
    if (tag === STRING) {
      // A byte-order mark at the beginning is a character like others.
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      return decoder.decode(this.#take(this.#count()));
    }
    if (tag !== STRING16) throw malformed('saved state');
    const bytes = this.#take(this.#count() * 2);
    let text = '';
    for (let i = 0; i < bytes.length; i += 2) {
      text += String.fromCharCode((bytes[i]! << 8) | bytes[i + 1]!);
    }
    return text;
  }

  #magnitude(): bigint {
    const bytes = this.#take(this.#count());
    let digits = '0';
    for (const byte of bytes) digits += byte.toString(16).padStart(2, '0');
    return BigInt(`0x${digits}`);
  }

  #count(): number {
    let count = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#take(1)[0]!;
      count += (byte & 0x7f) * scale;
      if (count > Number.MAX_SAFE_INTEGER) throw malformed('saved state');
      if (byte < 0x80) return count;
    }
  }

  #take(length: number): Uint8Array {
    const at = this.#at;
    if (length > this.#bytes.length - at) throw malformed('saved state');
    this.#at = at + length;
    return this.#bytes.subarray(at, this.#at);
  }
}

/** Numbers in network byte order. */

export function get16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

export function get32(bytes: Uint8Array, at: number): number {
  return ((get16(bytes, at) << 16) | get16(bytes, at + 2)) >>> 0;
}

export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value >>> 16);
  put16(bytes, at + 2, value);
}

/** Whether `[a, a + length)` of one equals `[b, b + length)` of the other. */
export function sameBytes(
  one: Uint8Array,
  a: number,
  other: Uint8Array,
  b: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i++) if (one[a + i] !== other[b + i]) return false;
  return true;
}

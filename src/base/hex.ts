/** `value` (a non-negative safe integer or bigint) in hexadecimal, padded with zeros to `digits`. */
export function hex(value: number | bigint, digits = 0): string {
  return value.toString(16).padStart(digits, '0');
}

/** A 64-bit value given as int32 halves, as 16 hexadecimal digits. */
export function hex64(hi: number, lo: number): string {
  return hex(hi >>> 0, 8) + hex(lo >>> 0, 8);
}

/** Bytes as hexadecimal digits without separators. */
export function hexBytes(bytes: ArrayLike<number>): string {
  return Array.from(bytes, (byte) => hex(byte, 2)).join('');
}

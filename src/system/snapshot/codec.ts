/** What the format needs of its host: compression and checksums. */
export interface SnapshotCodec {
  /** Name of the compression, 1-8 ASCII characters; a snapshot is read by a codec of that name. */
  readonly compression: string;
  compress(bytes: Uint8Array): Uint8Array;
  /**
   * @param size length of what was compressed, in bytes
   * @throws Error when `bytes` are not what {@link compress} made of `size` bytes
   */
  decompress(bytes: Uint8Array, size: number): Uint8Array;
  /** CRC-32 (IEEE 802.3) of `bytes`, unsigned; goes on from `before`, that of bytes before them. */
  crc32(bytes: Uint8Array, before?: number): number;
}

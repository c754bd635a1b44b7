import zlib from 'node:zlib';
import type { FileIdentity } from './drive-file.ts';
import { CLUSTER_SIZE } from './clusters.ts';

/*
 * An overlay is a header, a table, and clusters; numbers are big-endian.
 *
 * Header, 4096 bytes, written once and never again:
 *   0    magic, 16 bytes
 *   16   format
 *   20   bytes of a cluster
 *   24   size of the base in bytes, 8 bytes
 *   32   when the base was last written, in ns since 1970, 8 bytes, signed
 *   40   length in bytes of the base's path
 *   44   the base's path, UTF-8
 *   4092 CRC-32 of bytes 0-4091
 *
 * Table: for each cluster of the base 8 bytes. 0: the cluster is the base's. Else 4 bytes that
 * check the entry (see checkOf), and 4 bytes with 1 + where the cluster is, counted in clusters
 * from the first multiple of a cluster's size after the table.
 *
 * A cluster is written and made safe before its entry is: after a crash, an entry is there and so
 * is its cluster, or neither counts, and the place is used again.
 */

const MAGIC = 'js390 overlay\x1a\n\0';
const FORMAT = 1;
export const HEADER_SIZE = 4096;
const MAX_PATH = HEADER_SIZE - 48;

/** Bytes of an entry of the table. */
export const ENTRY_SIZE = 8;

/** Where things are in the overlay of a base. */
export interface OverlayLayout {
  /** Clusters of the base. */
  readonly count: number;
  /** Where the first cluster is in the file. */
  readonly data: number;
}

/** @param size of the base, in bytes */
export function layoutOf(size: number): OverlayLayout {
  const count = Math.ceil(size / CLUSTER_SIZE);
  const end = HEADER_SIZE + count * ENTRY_SIZE;
  return { count, data: Math.ceil(end / CLUSTER_SIZE) * CLUSTER_SIZE };
}

export function encodeHeader(base: FileIdentity): Uint8Array {
  const bytes = new Uint8Array(HEADER_SIZE);
  const view = new DataView(bytes.buffer);
  // The path is for people: one that is too long is cut.
  const path = Buffer.from(base.path).subarray(0, MAX_PATH);
  bytes.set(Buffer.from(MAGIC, 'latin1'));
  view.setUint32(16, FORMAT);
  view.setUint32(20, CLUSTER_SIZE);
  view.setBigUint64(24, BigInt(base.size));
  view.setBigInt64(32, base.modified);
  view.setUint32(40, path.length);
  bytes.set(path, 44);
  view.setUint32(HEADER_SIZE - 4, zlib.crc32(bytes.subarray(0, HEADER_SIZE - 4)));
  return bytes;
}

/** The base that a header names; a string says what is wrong with the header. */
export function decodeHeader(bytes: Uint8Array): FileIdentity | string {
  const fix = 'give the name of a file that is not there yet, and it is made';
  const magic = Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1');
  if (bytes.length === HEADER_SIZE && bytes.every((byte) => byte === 0)) {
    return 'making it was not finished; remove it';
  }
  if (magic !== MAGIC) return `it is not a js390 overlay; ${fix}`;
  if (bytes.length < HEADER_SIZE) return 'it is truncated';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const check = zlib.crc32(bytes.subarray(0, HEADER_SIZE - 4));
  if (check !== view.getUint32(HEADER_SIZE - 4)) return 'its header is damaged';
  const format = view.getUint32(16);
  if (format !== FORMAT || view.getUint32(20) !== CLUSTER_SIZE) {
    return `it was made by another js390 (format ${format}; this one has ${FORMAT}): update js390`;
  }
  return {
    path: Buffer.from(bytes.subarray(44, 44 + view.getUint32(40))).toString(),
    size: Number(view.getBigUint64(24)),
    modified: view.getBigInt64(32),
  };
}

/** What makes it unlikely that bytes which are no entry look like one. */
export function checkOf(cluster: number, place: number): number {
  const mixed = Math.imul(cluster ^ 0x6a33_3930, 0x9e37_79b1) ^ Math.imul(place, 0x85eb_ca77);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

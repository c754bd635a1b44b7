import { SnapshotError } from '../services.ts';
import type { SnapshotCodec } from './codec.ts';

/*
 * A snapshot is a preamble and records; numbers are big-endian.
 *
 * Preamble, the same in every format, 32 bytes:
 *   0  magic, 16 bytes
 *   16 format
 *   20 name of the compression, ASCII, filled with zeros, 8 bytes
 *   28 CRC-32 of bytes 0-27
 *
 * Record: 24 bytes, then its data:
 *   0  kind, four ASCII characters
 *   4  flags
 *   8  length of the data as it is in the file
 *   12 length before compression
 *   16 CRC-32 of the data as it is in the file
 *   20 CRC-32 of bytes 0-19, gone on from the one at this place in the record before (the first:
 *      from the preamble's): records that are missing or in another order are found out
 *
 * In order: HEAD; PARTs; KEYS; PAGEs; DONE, with which the file ends. Other than PAGEs, what is
 * long is in several records, all but the last of which have MORE set.
 */

export const MAGIC = 'js390 snapshot\x1a\n';
/** The format that is written, and the oldest that can be read. */
export const FORMAT = 1;
export const OLDEST_FORMAT = 1;
export const PREAMBLE_SIZE = 32;
export const RECORD_SIZE = 24;

/** JSON as UTF-8, not compressed: see {@link Head}. */
export const HEAD = kind('HEAD');
/** A section: [id, what was saved] as encodeSaved() has it. */
export const PART = kind('PART');
/** The storage keys of all pages. */
export const KEYS = kind('KEYS');
/** Pages that are not all zeros: see pages.ts. */
export const PAGE = kind('PAGE');
export const DONE = kind('DONE');

/** The data is compressed. */
export const COMPRESSED = 1;
/** The next record goes on with it. */
export const MORE = 2;

/** Most bytes of a record's data before compression that are written, and that are read. */
export const PIECE_SIZE = 0x10_0000;
export const MAX_PIECE_SIZE = 0x100_0000;

/** JSON values: what a snapshot says about itself for people and other programs to read. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export interface Head {
  /** Bytes of main storage. */
  readonly storage: number;
  /** The ids of all sections. */
  readonly sections: readonly string[];
  readonly config: Json;
}

export interface RecordHeader {
  readonly kind: number;
  readonly flags: number;
  readonly stored: number;
  readonly length: number;
  readonly dataCheck: number;
}

export function encodePreamble(codec: SnapshotCodec): Uint8Array {
  const bytes = new Uint8Array(PREAMBLE_SIZE);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(16, FORMAT);
  bytes.set(new TextEncoder().encode(codec.compression).subarray(0, 8), 20);
  view.setUint32(28, codec.crc32(bytes.subarray(0, 28)));
  return bytes;
}

/** @param before the checksum at the end of the record before, or of the preamble */
export function encodeRecord(
  header: RecordHeader,
  before: number,
  codec: SnapshotCodec,
): Uint8Array {
  const bytes = new Uint8Array(RECORD_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, header.kind);
  view.setUint32(4, header.flags);
  view.setUint32(8, header.stored);
  view.setUint32(12, header.length);
  view.setUint32(16, header.dataCheck);
  view.setUint32(20, codec.crc32(bytes.subarray(0, 20), before));
  return bytes;
}

export function decodeRecord(view: DataView, at: number): RecordHeader {
  return {
    kind: view.getUint32(at),
    flags: view.getUint32(at + 4),
    stored: view.getUint32(at + 8),
    length: view.getUint32(at + 12),
    dataCheck: view.getUint32(at + 16),
  };
}

/** The checksums are right, and yet it is not what js390 writes. */
export function malformed(what: string): SnapshotError {
  return new SnapshotError(`cannot be used: ${what} in it is not well-formed`);
}

function kind(name: string): number {
  return [...name].reduce((number, letter) => number * 256 + letter.charCodeAt(0), 0);
}

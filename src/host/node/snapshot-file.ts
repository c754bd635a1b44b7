import path from 'node:path';
import zlib from 'node:zlib';
import type { SnapshotCodec } from '../../system/snapshot/codec.ts';
import { readSnapshot, type Snapshot } from '../../system/snapshot/read-snapshot.ts';
import { writeSnapshot, type SnapshotParts } from '../../system/snapshot/write-snapshot.ts';
import { SnapshotError } from '../../system/services.ts';
import { NODE_FILES, codeOf, readFully, reasonOf, type FileLayer } from './file-layer.ts';
import { replaceFile } from './replace-file.ts';

const { ZSTD_c_compressionLevel: LEVEL } = zlib.constants;

/** Zstandard at its fastest ordinary level: half a second for 100 MB of a Linux guest. */
export const NODE_CODEC: SnapshotCodec = {
  compression: 'zstd',
  compress(bytes) {
    // With room for all, Node makes one buffer and copies nothing.
    const chunkSize = Math.max(1024, bytes.length + (bytes.length >>> 7) + 512);
    return zlib.zstdCompressSync(bytes, { chunkSize, params: { [LEVEL]: 1 } });
  },
  decompress(bytes, size) {
    const chunkSize = Math.max(1024, size + 64);
    return zlib.zstdDecompressSync(bytes, { chunkSize, maxOutputLength: Math.max(1, size) });
  },
  crc32: (bytes, before = 0) => zlib.crc32(bytes, before),
};

/**
 * Writes a snapshot, or leaves what was at `file` as it was. Only its owner may read it, since it
 * has all that the guest has in storage.
 * @throws SnapshotError a line that says why it could not be written
 */
export function saveSnapshotFile(file: string, parts: SnapshotParts, files = NODE_FILES): void {
  let target = path.resolve(file);
  let there = 'nothing';
  try {
    there = files.facts(target).kind;
    target = files.resolve(target);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw unwritable(file, error);
  }
  // Putting a file in its place would take a device away.
  if (there !== 'nothing' && there !== 'file') {
    const what = there === 'directory' ? 'it is a directory' : 'it is not a regular file';
    throw new SnapshotError(`cannot write snapshot ${file}: ${what}`);
  }
  try {
    replaceFile(target, writeSnapshot(parts, NODE_CODEC), files);
  } catch (error) {
    throw unwritable(file, error);
  }
}

/**
 * Reads and checks a snapshot.
 * @throws SnapshotError a line that says what is wrong
 */
export function loadSnapshotFile(file: string, files = NODE_FILES): Snapshot {
  return readSnapshot(readFile(file, files), NODE_CODEC, file);
}

function readFile(file: string, files: FileLayer): Uint8Array {
  let fd: number | undefined;
  try {
    const { kind } = files.facts(file);
    if (kind === 'other') throw new SnapshotError(`${file} is not a js390 snapshot`);
    fd = files.open(file, 'r');
    const bytes = Buffer.allocUnsafeSlow(files.facts(fd).size);
    const length = readFully(files, fd, bytes, 0);
    return bytes.subarray(0, length);
  } catch (error) {
    if (error instanceof SnapshotError) throw error;
    throw new SnapshotError(`cannot read snapshot ${file}: ${reasonOf(error)}`);
  } finally {
    if (fd !== undefined) files.close(fd);
  }
}

function unwritable(file: string, error: unknown): unknown {
  if (codeOf(error) === undefined) return error;
  const fix =
    codeOf(error) === 'ENOENT'
      ? `make the directory ${path.dirname(file)} first`
      : codeOf(error) === 'ENOSPC'
        ? 'free some, or choose another place'
        : 'choose another place';
  return new SnapshotError(`cannot write snapshot ${file}: ${reasonOf(error)}; ${fix}`);
}

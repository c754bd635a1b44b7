import type { AbsoluteStorage } from '../../memory/absolute-storage.ts';
import type { Saved } from '../services.ts';
import type { SnapshotCodec } from './codec.ts';
import * as layout from './layout.ts';
import { pageGroups } from './pages.ts';
import { encodeSaved } from './saved.ts';

/** What goes into a snapshot. */
export interface SnapshotParts {
  /** What the machine is to be made of again, and facts for people: when and by whom it was made. */
  readonly config: layout.Json;
  /** What each part of the machine saved, by its id. */
  readonly sections: ReadonlyMap<string, Saved>;
  readonly storage: AbsoluteStorage;
}

/**
 * The bytes of a snapshot, piece by piece. Storage is read while they are taken: the machine is to
 * stand still until the last.
 */
export function* writeSnapshot(parts: SnapshotParts, codec: SnapshotCodec): Generator<Uint8Array> {
  const preamble = layout.encodePreamble(codec);
  let check = new DataView(preamble.buffer).getUint32(28);
  yield preamble;

  function* record(kind: number, flags: number, bytes: Uint8Array): Generator<Uint8Array> {
    const data = flags & layout.COMPRESSED ? codec.compress(bytes) : bytes;
    const dataCheck = codec.crc32(data);
    const header = { kind, flags, stored: data.length, length: bytes.length, dataCheck };
    const encoded = layout.encodeRecord(header, check, codec);
    check = new DataView(encoded.buffer).getUint32(20);
    yield encoded;
    if (data.length > 0) yield data;
  }

  function* records(kind: number, flags: number, bytes: Uint8Array): Generator<Uint8Array> {
    let at = 0;
    for (; bytes.length - at > layout.PIECE_SIZE; at += layout.PIECE_SIZE) {
      const piece = bytes.subarray(at, at + layout.PIECE_SIZE);
      yield* record(kind, flags | layout.MORE, piece);
    }
    yield* record(kind, flags, bytes.subarray(at));
  }

  const { config, sections, storage } = parts;
  const head: layout.Head = { storage: storage.size, sections: [...sections.keys()], config };
  yield* records(layout.HEAD, 0, new TextEncoder().encode(JSON.stringify(head)));
  for (const section of sections) {
    yield* records(layout.PART, layout.COMPRESSED, encodeSaved(section));
  }
  yield* records(layout.KEYS, layout.COMPRESSED, storage.keys);
  for (const group of pageGroups(storage)) yield* record(layout.PAGE, layout.COMPRESSED, group);
  yield* record(layout.DONE, 0, new Uint8Array(0));
}

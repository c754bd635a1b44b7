import type { AbsoluteStorage } from '../../memory/absolute-storage.ts';
import { SnapshotError, type Saved } from '../services.ts';
import type { SnapshotCodec } from './codec.ts';
import * as layout from './layout.ts';
import { restoreGroup } from './pages.ts';
import { decodeSaved } from './saved.ts';

/** A snapshot that was found to be whole. */
export interface Snapshot {
  readonly config: layout.Json;
  /** Bytes of main storage of the machine that it is of. */
  readonly storageSize: number;
  /** What each part of the machine saved, by its id. */
  readonly sections: ReadonlyMap<string, Saved>;
  /**
   * Makes storage and its keys what they were; no translated code of what it held before is left.
   * @param options.fresh nothing was written to `storage` yet, so there is nothing to be cleared
   * @throws SnapshotError when it is of another size
   */
  restoreStorage(storage: AbsoluteStorage, options?: { readonly fresh?: boolean }): void;
}

/** Data of a record, as it is in the file. */
interface Piece {
  readonly flags: number;
  readonly length: number;
  readonly data: Uint8Array;
}

/** All records of a kind, pieces that belong together together. */
type Records = ReadonlyMap<number, readonly (readonly Piece[])[]>;

/**
 * Checks every byte of a snapshot and reads it, all but storage.
 * @param bytes all of it; they are kept, for restoreStorage()
 * @param name what messages call it: its path
 * @throws SnapshotError a line that says what is wrong with it
 */
export function readSnapshot(
  bytes: Uint8Array,
  codec: SnapshotCodec,
  name = 'the snapshot',
): Snapshot {
  try {
    return new SnapshotReader(bytes, codec, name).read();
  } catch (error) {
    throw named(error, name);
  }
}

class SnapshotReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #codec: SnapshotCodec;
  readonly #name: string;

  constructor(bytes: Uint8Array, codec: SnapshotCodec, name: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#codec = codec;
    this.#name = name;
  }

  read(): Snapshot {
    this.#checkPreamble();
    const records = this.#records();
    const head = this.#head(records);
    const sections = new Map<string, Saved>();
    for (const part of records.get(layout.PART) ?? []) {
      const section = decodeSaved(this.#join(part));
      if (!Array.isArray(section) || typeof section[0] !== 'string')
        throw layout.malformed('a section');
      sections.set(section[0], section[1]);
    }
    if (JSON.stringify(head.sections) !== JSON.stringify([...sections.keys()]))
      throw layout.malformed('the sections');
    return {
      config: head.config,
      storageSize: head.storage,
      sections,
      restoreStorage: (storage, options) => {
        try {
          if (storage.size !== head.storage) throw otherSize(head.storage, storage.size);
          this.#restore(records, storage, options?.fresh ?? false);
        } catch (error) {
          throw named(error, this.#name);
        }
      },
    };
  }

  #restore(records: Records, storage: AbsoluteStorage, fresh: boolean): void {
    const [keys, another] = records.get(layout.KEYS) ?? [];
    if (!keys || another) throw layout.malformed('the storage keys');
    const bytes = this.#join(keys);
    if (bytes.length !== storage.keys.length) throw layout.malformed('the storage keys');
    if (!fresh) storage.clear();
    for (const group of records.get(layout.PAGE) ?? []) restoreGroup(this.#join(group), storage);
    // Last, since what is written sets reference and change bits.
    storage.keys.set(bytes);
  }

  #checkPreamble(): void {
    const bytes = this.#bytes;
    const magic = new TextEncoder().encode(layout.MAGIC);
    const there = Math.min(bytes.length, magic.length);
    if (there === 0 || magic.subarray(0, there).some((byte, i) => byte !== bytes[i])) {
      throw new SnapshotError('is not a js390 snapshot');
    }
    if (bytes.length < layout.PREAMBLE_SIZE) throw this.#truncated();
    if (this.#codec.crc32(bytes.subarray(0, 28)) !== this.#view.getUint32(28)) throw damaged(0);
    const format = this.#view.getUint32(16);
    if (format > layout.FORMAT) {
      const limit = `format ${format}; this one reads up to ${layout.FORMAT}`;
      throw new SnapshotError(`was made by a newer js390 (${limit}): update js390`);
    }
    if (format < layout.OLDEST_FORMAT) {
      const limit = `format ${format}; this one reads ${layout.OLDEST_FORMAT} and later`;
      throw new SnapshotError(`was made by an older js390 (${limit}): make it again`);
    }
    const compression = String.fromCharCode(...bytes.subarray(20, 28)).replace(/\0+$/, '');
    if (compression !== this.#codec.compression) {
      const ours = this.#codec.compression;
      throw new SnapshotError(`is compressed by ${compression}, and js390 here reads ${ours} only`);
    }
  }

  /** Goes over the whole file: after this, every byte of it has been checked. */
  #records(): Records {
    const records = new Map<number, Piece[][]>();
    const codec = this.#codec;
    let check = this.#view.getUint32(28);
    let continued = 0;
    let at = layout.PREAMBLE_SIZE;
    while (true) {
      const start = at;
      if (this.#bytes.length - at < layout.RECORD_SIZE) throw this.#truncated();
      const { kind, flags, stored, length, dataCheck } = layout.decodeRecord(this.#view, at);
      check = codec.crc32(this.#bytes.subarray(at, at + 20), check);
      if (check !== this.#view.getUint32(at + 20)) throw damaged(start);
      at += layout.RECORD_SIZE;
      if (this.#bytes.length - at < stored) throw this.#truncated();
      const data = this.#bytes.subarray(at, at + stored);
      if (codec.crc32(data) !== dataCheck) throw damaged(start);
      at += stored;
      if (continued ? kind !== continued : !KINDS.has(kind)) throw layout.malformed('a record');
      if (kind === layout.DONE) break;
      const all = records.get(kind) ?? [];
      if (!continued) all.push([]);
      all.at(-1)!.push({ flags, length, data });
      records.set(kind, all);
      continued = flags & layout.MORE ? kind : 0;
    }
    if (at !== this.#bytes.length) {
      throw new SnapshotError(`is damaged (${this.#bytes.length - at} bytes after its end)${FIX}`);
    }
    return records;
  }

  #head(records: Records): layout.Head {
    const [pieces, another] = records.get(layout.HEAD) ?? [];
    if (!pieces || another) throw layout.malformed('the header');
    let head: Partial<layout.Head> | null;
    try {
      const text = new TextDecoder().decode(this.#join(pieces));
      head = JSON.parse(text) as Partial<layout.Head> | null;
    } catch {
      throw layout.malformed('the header');
    }
    const { storage, sections, config } = head ?? {};
    if (!Number.isSafeInteger(storage) || !Array.isArray(sections) || config === undefined) {
      throw layout.malformed('the header');
    }
    return { storage: storage!, sections, config };
  }

  /** What pieces of one thing were before compression. */
  #join(pieces: readonly Piece[]): Uint8Array {
    const parts = pieces.map((piece) => this.#decompress(piece));
    if (parts.length === 1) return parts[0]!;
    const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  #decompress({ flags, length, data }: Piece): Uint8Array {
    if (length > layout.MAX_PIECE_SIZE) throw layout.malformed('a record');
    let bytes = data;
    if (flags & layout.COMPRESSED) {
      try {
        bytes = this.#codec.decompress(data, length);
      } catch {
        throw layout.malformed('compressed data');
      }
    }
    if (bytes.length !== length) throw layout.malformed('a record');
    return bytes;
  }

  #truncated(): SnapshotError {
    return new SnapshotError(`is truncated (it ends after ${this.#bytes.length} bytes)${FIX}`);
  }
}

const KINDS = new Set([layout.HEAD, layout.PART, layout.KEYS, layout.PAGE, layout.DONE]);
const FIX = ': copy it again, or make it again';

function damaged(at: number): SnapshotError {
  return new SnapshotError(`is damaged (wrong checksum at byte ${at})${FIX}`);
}

function otherSize(saved: number, here: number): SnapshotError {
  const sizes = [saved, here].map((size) => `${size / 0x10_0000} MiB`);
  return new SnapshotError(`is of a machine with ${sizes[0]} of storage, and this has ${sizes[1]}`);
}

function named(error: unknown, name: string): unknown {
  return error instanceof SnapshotError ? new SnapshotError(`${name} ${error.message}`) : error;
}

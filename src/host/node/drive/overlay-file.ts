import path from 'node:path';
import { DriveError, SnapshotError, type Saved } from '../../../system/services.ts';
import { DriveFile, asIdentity, differenceOf, type FileIdentity } from './drive-file.ts';
import { codeOf, reasonOf, syncDirectory, writeFully, type FileLayer } from '../file-layer.ts';
import { changed } from './host-drive.ts';
import { CLUSTER_SIZE, type Clusters } from './clusters.ts';
import {
  ENTRY_SIZE,
  HEADER_SIZE,
  checkOf,
  decodeHeader,
  encodeHeader,
  layoutOf,
} from './overlay-header.ts';

/** Entries of the table that are written together: 4 KiB. */
const BLOCK_ENTRIES = 512;
/** Bytes of the table that are read or made at once. */
const TABLE_PIECE = 0x10_0000;

export interface OverlayFileOptions {
  readonly files: FileLayer;
  readonly onProblem: (message: string) => void;
}

/** Clusters in a file that later runs go on with: see overlay-header.ts for what is in it. */
export class OverlayFile implements Clusters {
  readonly #file: DriveFile;
  /** Where the first cluster is in the file. */
  readonly #data: number;
  /** For each cluster of the base 0, or 1 + where it is. */
  readonly #table: Uint32Array;
  /** How many clusters the file has: where the next one goes. */
  #used = 0;
  /** Blocks of the table with entries that are not in the file yet. */
  readonly #dirty = new Set<number>();

  private constructor(file: DriveFile, size: number) {
    const { count, data } = layoutOf(size);
    this.#file = file;
    this.#data = data;
    this.#table = new Uint32Array(count);
  }

  /**
   * Opens the overlay of a base; makes it when there is no such file.
   * @throws DriveError a line that says why it cannot be used, with the fix
   */
  static async open(
    file: string,
    base: FileIdentity,
    options: OverlayFileOptions,
  ): Promise<OverlayFile> {
    if (!isThere(file, options.files)) makeOverlay(file, base, options.files);
    const access = { ...options, role: 'overlay', access: 'write' } as const;
    const opened = await DriveFile.open(file, access);
    try {
      checkHeader(opened, base);
      const overlay = new OverlayFile(opened, base.size);
      overlay.#readTable();
      return overlay;
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  has(cluster: number): boolean {
    return this.#table[cluster] !== 0;
  }

  read(cluster: number, offset: number, target: Uint8Array): void {
    this.#file.read(this.#position(cluster) + offset, target);
  }

  write(cluster: number, offset: number, bytes: Uint8Array): void {
    this.#file.write(this.#position(cluster) + offset, bytes);
  }

  add(cluster: number, bytes: Uint8Array): void {
    // When it fails, the next one is tried at the same place.
    this.#file.write(this.#data + this.#used * CLUSTER_SIZE, bytes);
    this.#table[cluster] = ++this.#used;
    this.#dirty.add(Math.floor(cluster / BLOCK_ENTRIES));
  }

  flush(): void {
    this.#file.sync();
    if (this.#dirty.size === 0) return;
    for (const block of this.#dirty) {
      const position = HEADER_SIZE + block * BLOCK_ENTRIES * ENTRY_SIZE;
      this.#file.write(position, this.#encodeBlock(block));
    }
    this.#file.sync();
    this.#dirty.clear();
  }

  save(): Saved {
    this.flush();
    return { overlay: this.#file.identity() };
  }

  load(saved: Saved): void {
    const name = `overlay ${this.#file.path}`;
    if (saved === null) {
      if (this.#used === 0) return;
      const fix = 'remove it, or name another one';
      throw new SnapshotError(`${name} was not there when the snapshot was taken; ${fix}`);
    }
    const then = asIdentity((saved as { readonly overlay?: Saved }).overlay);
    if (!then) {
      const fix = 'resume with ,snapshot instead of it';
      throw new SnapshotError(`${name} was not there when the snapshot was taken; ${fix}`);
    }
    const difference = differenceOf(then, this.#file.identity());
    if (difference !== undefined) throw new SnapshotError(changed(name, difference));
  }

  close(): void {
    this.#file.close();
  }

  #position(cluster: number): number {
    return this.#data + (this.#table[cluster]! - 1) * CLUSTER_SIZE;
  }

  #encodeBlock(block: number): Uint8Array {
    const first = block * BLOCK_ENTRIES;
    const end = Math.min(first + BLOCK_ENTRIES, this.#table.length);
    const view = new DataView(new ArrayBuffer((end - first) * ENTRY_SIZE));
    for (let cluster = first; cluster < end; cluster++) {
      const place = this.#table[cluster]!;
      if (place === 0) continue;
      view.setUint32((cluster - first) * ENTRY_SIZE, checkOf(cluster, place));
      view.setUint32((cluster - first) * ENTRY_SIZE + 4, place);
    }
    return new Uint8Array(view.buffer);
  }

  #readTable(): void {
    const name = `overlay ${this.#file.path}`;
    const size = this.#file.size();
    if (size < this.#data) throw new DriveError(`${name}: it is truncated`);
    const places = Math.floor((size - this.#data) / CLUSTER_SIZE);
    const taken = new Uint8Array(places + 1);
    const entries = TABLE_PIECE / ENTRY_SIZE;
    for (let first = 0; first < this.#table.length; first += entries) {
      const count = Math.min(entries, this.#table.length - first);
      const bytes = new Uint8Array(count * ENTRY_SIZE);
      this.#file.read(HEADER_SIZE + first * ENTRY_SIZE, bytes);
      const view = new DataView(bytes.buffer);
      for (let i = 0; i < count; i++) {
        const check = view.getUint32(i * ENTRY_SIZE);
        const place = view.getUint32(i * ENTRY_SIZE + 4);
        if (place === 0 && check === 0) continue;
        if (place === 0 || check !== checkOf(first + i, place) || taken[place]) {
          throw new DriveError(`${name}: its table is damaged`);
        }
        if (place > places) throw new DriveError(`${name}: it is truncated`);
        taken[place] = 1;
        this.#table[first + i] = place;
        this.#used = Math.max(this.#used, place);
      }
    }
  }
}

function isThere(file: string, files: FileLayer): boolean {
  try {
    files.facts(file);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ENOENT';
  }
}

/** The header comes last, and makes it an overlay. The table gets its place on the disk now. */
function makeOverlay(file: string, base: FileIdentity, files: FileLayer): void {
  let fd: number | undefined;
  try {
    fd = files.open(file, 'wx', 0o666);
    const { data } = layoutOf(base.size);
    const zeros = new Uint8Array(TABLE_PIECE);
    for (let at = 0; at < data; at += zeros.length) {
      writeFully(files, fd, zeros.subarray(0, data - at), at);
    }
    files.sync(fd);
    writeFully(files, fd, encodeHeader(base), 0);
    files.sync(fd);
    files.close(fd);
    syncDirectory(files, path.dirname(file));
  } catch (error) {
    if (fd !== undefined) {
      files.close(fd);
      files.remove(file);
    }
    const fix = codeOf(error) === 'ENOENT' ? '; make the directory first' : '';
    throw new DriveError(`cannot make overlay ${file}: ${reasonOf(error)}${fix}`);
  }
}

function checkHeader(file: DriveFile, base: FileIdentity): void {
  const bytes = new Uint8Array(Math.min(HEADER_SIZE, file.size()));
  file.read(0, bytes);
  const then = decodeHeader(bytes);
  if (typeof then === 'string') throw new DriveError(`overlay ${file.path}: ${then}`);
  const difference = differenceOf(then, base);
  if (difference === undefined) return;
  const what = `overlay ${file.path} is for drive ${then.path} as it was before: ${difference}`;
  throw new DriveError(`${what}; put that file back, or remove the overlay to begin anew`);
}

import { DriveError, SnapshotError, type Saved } from '../../../system/services.ts';
import type { DriveFile } from './drive-file.ts';
import { checkBase, checkRange, type HostDrive, type SavedDrive } from './host-drive.ts';

/** A drive whose blocks are those of a file. */
export class RawDrive implements HostDrive {
  readonly name: string;
  readonly size: number;
  readonly readOnly: boolean;
  readonly #file: DriveFile;
  #closed = false;

  /** @throws DriveError when the file's size is none of a drive */
  constructor(file: DriveFile, readOnly: boolean) {
    this.name = file.path;
    this.size = file.size();
    this.readOnly = readOnly;
    this.#file = file;
    if (this.size === 0) {
      const fix = 'give it a size with `truncate -s 4G FILE`';
      throw new DriveError(`drive ${file.path}: it is empty; ${fix}`);
    }
    if (this.size % 512 !== 0) {
      const fix = 'if it is a raw disk image, `truncate -s %512 FILE` makes it one';
      const size = `its size, ${this.size} bytes, is not a multiple of 512`;
      throw new DriveError(`drive ${file.path}: ${size}; ${fix}`);
    }
  }

  read(offset: number, target: Uint8Array): void {
    checkRange(this, offset, target.length);
    this.#file.read(offset, target);
  }

  write(offset: number, bytes: Uint8Array): void {
    checkRange(this, offset, bytes.length);
    if (this.readOnly) throw new DriveError(`drive ${this.name}: it is read-only`);
    this.#file.write(offset, bytes);
  }

  flush(): void {
    if (!this.readOnly) this.#file.sync();
  }

  save(): SavedDrive {
    this.flush();
    return { base: this.#file.identity(), written: null };
  }

  load(saved: Saved): void {
    const { written } = checkBase(this.name, saved, this.#file.identity());
    if (written === null) return;
    const fix = 'resume with the same options of the drive (,snapshot or ,overlay=FILE)';
    throw new SnapshotError(
      `drive ${this.name} had an overlay when the snapshot was taken; ${fix}`,
    );
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.flush();
    } finally {
      this.#file.close();
    }
  }
}

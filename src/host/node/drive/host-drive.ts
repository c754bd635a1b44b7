import { DriveError, SnapshotError, type Drive, type Saved } from '../../../system/services.ts';
import { asIdentity, differenceOf, type FileIdentity } from './drive-file.ts';

/** A drive in files of the host. */
export interface HostDrive extends Drive {
  /** The path as the user gave it. */
  readonly name: string;
  /** Flushes, and gives the files back; after it, reading and writing fail. A second does nothing. */
  close(): void;
}

/** What a drive saves for a snapshot. */
export type SavedDrive = {
  readonly base: FileIdentity;
  /** What was written over the base; null when it is in the base. */
  readonly written: Saved;
};

/** @throws DriveError when a request is not for whole blocks of the drive */
export function checkRange(drive: Drive, offset: number, length: number): void {
  const whole = offset % 512 === 0 && length % 512 === 0;
  if (whole && offset >= 0 && offset + length <= drive.size) return;
  throw new DriveError(`${length} bytes at ${offset} are not blocks of a drive of ${drive.size}`);
}

/**
 * What was saved of a drive whose base is what it was then.
 * @throws SnapshotError when it has changed
 */
export function checkBase(name: string, saved: Saved, base: FileIdentity): SavedDrive {
  const { base: then, written } = (saved ?? {}) as Partial<SavedDrive>;
  const identity = asIdentity(then);
  if (!identity || written === undefined) {
    throw new SnapshotError(`the snapshot does not say what drive ${name} was`);
  }
  const difference = differenceOf(identity, base);
  if (difference !== undefined) throw new SnapshotError(changed(`drive ${name}`, difference));
  return { base: identity, written };
}

/** For files that are not what they were when the snapshot was taken. */
export function changed(what: string, difference: string): string {
  const fix = 'put the file of that time back, or boot anew';
  return `${what} has changed since the snapshot was taken: ${difference}; ${fix}`;
}

import type { Kernel } from '../kernel.ts';

/** Lock types of struct flock. */
export const F_RDLCK = 0;
export const F_WRLCK = 1;
export const F_UNLCK = 2;

/** Who holds a range: a process, or an open file description (F_OFD_SETLK). */
export type LockOwner = number | object;

export interface RecordLock {
  readonly owner: LockOwner;
  readonly type: typeof F_RDLCK | typeof F_WRLCK;
  readonly start: number;
  /** First byte behind it; Infinity for a lock to the end of the file. */
  readonly end: number;
}

/**
 * Locks on byte ranges (fcntl F_SETLK), between guests only: Node gives no way to lock for the
 * host's other processes. Locks of processes that have ended count as released.
 */
export class RecordLocks {
  readonly #locks = new Map<string, RecordLock[]>();

  /** A lock that keeps `wanted` from being taken. */
  conflict(kernel: Kernel, file: string, wanted: RecordLock): RecordLock | undefined {
    return this.#alive(kernel, file).find(
      (lock) =>
        lock.owner !== wanted.owner &&
        (lock.type === F_WRLCK || wanted.type === F_WRLCK) &&
        lock.start < wanted.end &&
        wanted.start < lock.end,
    );
  }

  /** Takes a range that nothing conflicts with, replacing what the owner had there. */
  take(kernel: Kernel, file: string, lock: RecordLock): void {
    this.release(kernel, file, lock.owner, lock.start, lock.end);
    const locks = [...this.#alive(kernel, file), lock];
    this.#locks.set(file, locks);
  }

  /** Gives up the owner's part of a range. */
  release(kernel: Kernel, file: string, owner: LockOwner, start = 0, end = Infinity): void {
    const left = this.#alive(kernel, file).flatMap((lock) => {
      if (lock.owner !== owner || lock.end <= start || lock.start >= end) return [lock];
      const parts = [];
      if (lock.start < start) parts.push({ ...lock, end: start });
      if (lock.end > end) parts.push({ ...lock, start: end });
      return parts;
    });
    if (left.length > 0) this.#locks.set(file, left);
    else this.#locks.delete(file);
  }

  get isEmpty(): boolean {
    return this.#locks.size === 0;
  }

  #alive(kernel: Kernel, file: string): RecordLock[] {
    const locks = this.#locks.get(file) ?? [];
    return locks.filter(
      ({ owner }) => typeof owner !== 'number' || kernel.processes.get(owner)?.alive,
    );
  }
}

/** How flock(2) is held: by one open file description alone, or by several together. */
export type FlockKind = 'shared' | 'exclusive';

/** Whole-file locks (flock), between guests only, held by open file descriptions. */
export class FileLocks {
  readonly #holders = new Map<string, Map<object, FlockKind>>();

  /** Whether the lock was free to take. The one held before is kept when it was not. */
  take(file: string, owner: object, kind: FlockKind): boolean {
    const holders = this.#holders.get(file) ?? new Map<object, FlockKind>();
    for (const [holder, held] of holders) {
      if (holder !== owner && (held === 'exclusive' || kind === 'exclusive')) return false;
    }
    holders.set(owner, kind);
    this.#holders.set(file, holders);
    return true;
  }

  release(file: string, owner: object): void {
    const holders = this.#holders.get(file);
    holders?.delete(owner);
    if (holders?.size === 0) this.#holders.delete(file);
  }
}

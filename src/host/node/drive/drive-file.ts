import path from 'node:path';
import { DriveError, type Saved } from '../../../system/services.ts';
import { isLocked, lockDrive, type DriveLock } from './lock.ts';
import { codeOf, readFully, reasonOf, writeFully, type FileLayer } from '../file-layer.ts';

/** Which content a file has, as far as can be told without reading it. */
export type FileIdentity = {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** When its content last changed, in ns since 1970. */
  readonly modified: bigint;
};

export interface DriveFileOptions {
  readonly files: FileLayer;
  /** What it is for, in messages: `drive`, `overlay`. */
  readonly role: string;
  readonly access: 'read' | 'write';
  /** Gets one line for each kind of error of the host, the first time. */
  readonly onProblem: (message: string) => void;
}

/** Two changes this far apart, in ms, have different times: the clock of files ticks at 100 Hz. */
const TICK = 20;

/** A file that a drive keeps its bytes in. Errors of the host become {@link DriveError}s. */
export class DriveFile {
  readonly path: string;
  readonly #files: FileLayer;
  readonly #role: string;
  readonly #onProblem: (message: string) => void;
  readonly #fd: number;
  readonly #reported = new Set<string>();
  #lock: DriveLock | undefined;
  #open = true;
  /** Set when the host lost what it had taken; from then on, nothing can be promised. */
  #lost: DriveError | undefined;

  private constructor(file: string, fd: number, options: DriveFileOptions) {
    this.path = file;
    this.#files = options.files;
    this.#role = options.role;
    this.#onProblem = options.onProblem;
    this.#fd = fd;
  }

  /**
   * Opens a regular file and, for writing, locks it.
   * @throws DriveError a line that says why it cannot be used, with the fix
   */
  static async open(file: string, options: DriveFileOptions): Promise<DriveFile> {
    const { files, access, role } = options;
    const name = `${role} ${file}`;
    let opened: DriveFile;
    try {
      const { kind } = files.facts(file);
      if (kind === 'directory') throw new DriveError(`${name}: it is a directory`);
      if (kind === 'other') throw new DriveError(`${name}: it is no regular file; copy it to one`);
      opened = new DriveFile(file, files.open(file, access === 'read' ? 'r' : 'r+'), options);
    } catch (error) {
      throw error instanceof DriveError ? error : unopenable(name, error, options);
    }
    const facts = files.facts(opened.#fd);
    if (access === 'write') opened.#lock = await lockDrive(facts);
    if (access === 'read' ? await isLocked(facts) : !opened.#lock) {
      opened.close();
      const whose = 'a js390 has it open for writing';
      throw new DriveError(`${name}: ${whose}; end that one, or use a copy of the file`);
    }
    return opened;
  }

  size(): number {
    return this.#attempt('read', () => this.#files.facts(this.#fd).size);
  }

  /** What to recognise its content by later; what was written is to be flushed before. */
  identity(): FileIdentity {
    const { size, modified } = this.#attempt('read', () => this.#files.facts(this.#fd));
    // What is written from now on must not have the same time.
    const rest = Number(modified / 1_000_000n) + TICK - Date.now();
    if (rest <= TICK) waitFor(rest);
    return { path: path.resolve(this.path), size, modified };
  }

  read(position: number, target: Uint8Array): void {
    const count = this.#attempt('read', () => readFully(this.#files, this.#fd, target, position));
    if (count < target.length) {
      this.#fail('read', 'SHORT', 'it has become shorter; do not change it while js390 runs');
    }
  }

  write(position: number, bytes: Uint8Array): void {
    this.#attempt('write', () => writeFully(this.#files, this.#fd, bytes, position));
  }

  /** What was written is safe when it returns; after one failure it fails for ever. */
  sync(): void {
    if (this.#lost) throw this.#lost;
    try {
      this.#attempt('write', () => this.#files.syncData(this.#fd));
    } catch (error) {
      // The host has dropped what it could not write, and would call the next sync a success.
      if (error instanceof DriveError) this.#lost = error;
      throw error;
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#lock?.release();
    this.#files.close(this.#fd);
  }

  #attempt<T>(verb: 'read' | 'write', action: () => T): T {
    if (!this.#open) throw new DriveError(`${this.#role} ${this.path}: it is closed`);
    try {
      return action();
    } catch (error) {
      this.#fail(verb, codeOf(error) ?? '', reasonOf(error));
    }
  }

  #fail(verb: 'read' | 'write', code: string, reason: string): never {
    const what = `cannot ${verb} ${this.#role} ${this.path}: ${reason}`;
    if (!this.#reported.has(`${verb} ${code}`)) {
      this.#reported.add(`${verb} ${code}`);
      const consequence =
        verb === 'write'
          ? 'the guest sees an I/O error, and what it wrote before is kept'
          : 'the guest sees an I/O error';
      this.#onProblem(`${what}; ${consequence}`);
    }
    throw new DriveError(what);
  }
}

/** How `now` differs from `then` in more than its name; undefined when it does not. */
export function differenceOf(then: FileIdentity, now: FileIdentity): string | undefined {
  if (then.size !== now.size) return `it had ${then.size} bytes and has ${now.size}`;
  if (then.modified === now.modified) return undefined;
  return `it was last written at ${timeOf(then.modified)}, and now at ${timeOf(now.modified)}`;
}

/** An identity out of a snapshot, or undefined for what is none. */
export function asIdentity(saved: Saved | undefined): FileIdentity | undefined {
  const identity = saved as Partial<FileIdentity> | null | undefined;
  const fits =
    typeof identity?.path === 'string' &&
    typeof identity.size === 'number' &&
    typeof identity.modified === 'bigint';
  return fits ? (identity as FileIdentity) : undefined;
}

function waitFor(milliseconds: number): void {
  if (milliseconds <= 0) return;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function timeOf(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}

function unopenable(name: string, error: unknown, options: DriveFileOptions): DriveError {
  const { role, access } = options;
  let fix = '';
  if (role === 'drive' && codeOf(error) === 'ENOENT') {
    fix = '; make one with `truncate -s 4G FILE`, or give the path of a disk image';
  } else if (role === 'drive' && access === 'write' && isForbidden(error)) {
    fix = '; make it writable, or add ,readonly or ,snapshot to it';
  } else if (access === 'read' && isForbidden(error)) {
    fix = '; make it readable';
  }
  const purpose = access === 'read' ? 'reading' : 'writing';
  return new DriveError(`cannot open ${name} for ${purpose}: ${reasonOf(error)}${fix}`);
}

function isForbidden(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS', 'ETXTBSY'].includes(codeOf(error) ?? '');
}

import fs from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { ENOENT } from '../../linux/errno.ts';
import type { FileStatus, FileSystemStatus, HostFiles } from '../../linux/fs/host-files.ts';
import { errnoOf } from './errors.ts';

const { constants } = fs;

/** Guest open flags (Linux's generic values) and the host's name for each. */
const OPEN_FLAGS: readonly (readonly [number, number | undefined])[] = [
  [0o1, constants.O_WRONLY],
  [0o2, constants.O_RDWR],
  [0o100, constants.O_CREAT],
  [0o200, constants.O_EXCL],
  [0o400, constants.O_NOCTTY],
  [0o1000, constants.O_TRUNC],
  [0o2000, constants.O_APPEND],
  [0o4000, constants.O_NONBLOCK],
  [0o10000, constants.O_DSYNC],
  [0o200000, constants.O_DIRECTORY],
  [0o400000, constants.O_NOFOLLOW],
  [0o4000000, constants.O_SYNC],
];
const CREATES = 0o100;

/** Times set to the nanosecond that Node could only set roughly. */
interface ExactTimes {
  /** What the host then says. */
  readonly rough: readonly [bigint, bigint];
  readonly exact: readonly [bigint, bigint];
}

/** Remembers at most this many files' exact times. */
const EXACT_TIMES_LIMIT = 10_000;

/** The host's files through node:fs. */
export class NodeFiles implements HostFiles {
  /** The umask js390 was started with, which the host applies on top of the guest's own. */
  readonly umask = process.umask();
  /** By device and inode: node:fs takes times as a double of seconds, good to 0.2 us. */
  readonly #exactTimes = new Map<string, ExactTimes>();

  open(path: string, flags: number, mode: number): number {
    const created = (flags & CREATES) !== 0;
    return attempt(() => {
      const fd = fs.openSync(hostPath(path), hostFlags(flags), mode);
      if (created && mode & this.umask) fs.fchmodSync(fd, mode);
      return fd;
    });
  }

  close(fd: number): void {
    attempt(() => fs.closeSync(fd));
  }

  read(fd: number, into: Uint8Array, position: number | undefined): number {
    if (into.length === 0) return 0;
    try {
      return fs.readSync(fd, into, 0, into.length, position ?? null);
    } catch (error) {
      return errnoOf(error);
    }
  }

  write(fd: number, from: Uint8Array, position: number | undefined): number {
    if (from.length === 0) return 0;
    try {
      return fs.writeSync(fd, from, 0, from.length, position ?? null);
    } catch (error) {
      return errnoOf(error);
    }
  }

  offset(fd: number): number | undefined {
    try {
      const found = /^pos:\s*(\d+)/m.exec(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'));
      return found ? Number(found[1]) : undefined;
    } catch {
      return undefined;
    }
  }

  truncate(fd: number, length: number): number {
    return attempt(() => fs.ftruncateSync(fd, length));
  }

  sync(fd: number, dataOnly: boolean): number {
    return attempt(() => (dataOnly ? fs.fdatasyncSync(fd) : fs.fsyncSync(fd)));
  }

  status(path: string): FileStatus | number {
    try {
      const stats = fs.lstatSync(hostPath(path), { bigint: true, throwIfNoEntry: false });
      return stats ? this.#status(stats) : -ENOENT;
    } catch (error) {
      return errnoOf(error);
    }
  }

  statusOf(fd: number): FileStatus | number {
    try {
      return this.#status(fs.fstatSync(fd, { bigint: true }));
    } catch (error) {
      return errnoOf(error);
    }
  }

  fileSystemStatus(path: string): FileSystemStatus | number {
    try {
      const found = fs.statfsSync(hostPath(path));
      return {
        type: found.type,
        blockSize: found.bsize,
        blocks: found.blocks,
        blocksFree: found.bfree,
        blocksAvailable: found.bavail,
        files: found.files,
        filesFree: found.ffree,
      };
    } catch (error) {
      return errnoOf(error);
    }
  }

  access(path: string, mode: number): number {
    return attempt(() => fs.accessSync(hostPath(path), mode));
  }

  list(path: string): string[] | number {
    try {
      return fs.readdirSync(hostPath(path), 'latin1');
    } catch (error) {
      return errnoOf(error);
    }
  }

  readLink(path: string): string | number {
    try {
      return fs.readlinkSync(hostPath(path), 'latin1');
    } catch (error) {
      return errnoOf(error);
    }
  }

  makeDirectory(path: string, mode: number): number {
    return attempt(() => {
      fs.mkdirSync(hostPath(path), mode);
      if (!(mode & this.umask)) return;
      // The group bit that a directory takes over from the one above is to stay.
      const inherited = fs.statSync(hostPath(path)).mode & 0o2000;
      fs.chmodSync(hostPath(path), mode | inherited);
    });
  }

  makeLink(target: string, path: string): number {
    return attempt(() => fs.symlinkSync(hostPath(target), hostPath(path)));
  }

  link(from: string, to: string): number {
    return attempt(() => fs.linkSync(hostPath(from), hostPath(to)));
  }

  unlink(path: string): number {
    return attempt(() => fs.unlinkSync(hostPath(path)));
  }

  removeDirectory(path: string): number {
    return attempt(() => fs.rmdirSync(hostPath(path)));
  }

  rename(from: string, to: string): number {
    return attempt(() => fs.renameSync(hostPath(from), hostPath(to)));
  }

  setMode(target: string | number, mode: number): number {
    return attempt(() =>
      typeof target === 'number'
        ? fs.fchmodSync(target, mode)
        : fs.chmodSync(hostPath(target), mode),
    );
  }

  setOwner(target: string | number, uid: number, gid: number): number {
    return attempt(() =>
      typeof target === 'number'
        ? fs.fchownSync(target, uid, gid)
        : fs.lchownSync(hostPath(target), uid, gid),
    );
  }

  setTimes(target: string | number, accessed: bigint, modified: bigint): number {
    return attempt(() => {
      const times = [Number(accessed) / 1e9, Number(modified) / 1e9] as const;
      if (typeof target === 'number') fs.futimesSync(target, ...times);
      else fs.lutimesSync(hostPath(target), ...times);
      const stats =
        typeof target === 'number'
          ? fs.fstatSync(target, { bigint: true })
          : fs.lstatSync(hostPath(target), { bigint: true });
      const { atimeNs, mtimeNs } = stats;
      const key = `${stats.dev}:${stats.ino}`;
      this.#exactTimes.delete(key);
      if (atimeNs === accessed && mtimeNs === modified) return;
      if (this.#exactTimes.size >= EXACT_TIMES_LIMIT) this.#exactTimes.clear();
      this.#exactTimes.set(key, { rough: [atimeNs, mtimeNs], exact: [accessed, modified] });
    });
  }

  #status(stats: BigIntStats): FileStatus {
    let { atimeNs: accessed, mtimeNs: modified } = stats;
    if (this.#exactTimes.size > 0) {
      const times = this.#exactTimes.get(`${stats.dev}:${stats.ino}`);
      if (times?.rough[0] === accessed) accessed = times.exact[0];
      if (times?.rough[1] === modified) modified = times.exact[1];
    }
    return {
      device: Number(stats.dev),
      inode: Number(stats.ino),
      mode: Number(stats.mode),
      links: Number(stats.nlink),
      uid: Number(stats.uid),
      gid: Number(stats.gid),
      special: Number(stats.rdev),
      size: Number(stats.size),
      blockSize: Number(stats.blksize),
      blocks: Number(stats.blocks),
      accessed,
      modified,
      changed: stats.ctimeNs,
      born: stats.birthtimeNs,
    };
  }
}

/** 0 or the positive number that `action` gives; `-errno` when it throws. */
function attempt(action: () => number | void): number {
  try {
    return action() ?? 0;
  } catch (error) {
    return errnoOf(error);
  }
}

/** A byte string as node:fs wants it: strings are encoded as UTF-8, so other bytes need a Buffer. */
function hostPath(path: string): string | Buffer {
  for (let i = 0; i < path.length; i++) {
    if (path.charCodeAt(i) > 0x7f) return Buffer.from(path, 'latin1');
  }
  return path;
}

function hostFlags(flags: number): number {
  let host = 0;
  for (const [guest, flag] of OPEN_FLAGS) if (flags & guest) host |= flag ?? 0;
  return host;
}

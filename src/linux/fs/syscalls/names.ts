import {
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  SyscallError,
} from '../../errno.ts';
import { syscall } from '../../syscall-table.ts';
import type { Syscall, SyscallContext } from '../../syscall-table.ts';
import { describe } from '../description.ts';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_REMOVEDIR,
  AT_SYMLINK_FOLLOW,
  O_CREAT,
  O_EXCL,
  O_WRONLY,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from '../flags.ts';
import { exists } from '../path-walk.ts';
import type { Place } from '../path-walk.ts';
import { fifo, socketName } from '../special-files.ts';
import { fileSystemOf, placeAt, viewOf } from './calls.ts';

const RENAME_NOREPLACE = 1;

/** Making, removing and moving names. */
export const NAME_SYSCALLS: readonly Syscall[] = [
  syscall(39, 'mkdir', 'path mode', (context, path, mode) =>
    makeDirectory(context, AT_FDCWD, path, mode),
  ),
  syscall(289, 'mkdirat', 'fd path mode', makeDirectory),
  syscall(40, 'rmdir', 'path', (context, path) => removeDirectory(context, AT_FDCWD, path)),
  syscall(10, 'unlink', 'path', (context, path) => unlink(context, AT_FDCWD, path)),
  syscall(294, 'unlinkat', 'fd path flags', (context, directory, path, flags) => {
    if (flags & ~AT_REMOVEDIR) return -EINVAL;
    return flags ? removeDirectory(context, directory, path) : unlink(context, directory, path);
  }),
  syscall(83, 'symlink', 'path path', (context, target, path) =>
    makeLink(context, target, AT_FDCWD, path),
  ),
  syscall(297, 'symlinkat', 'path fd path', makeLink),
  syscall(9, 'link', 'path path', (context, from, to) =>
    link(context, AT_FDCWD, from, AT_FDCWD, to, 0),
  ),
  syscall(296, 'linkat', 'fd path fd path flags', link),
  syscall(38, 'rename', 'path path', (context, from, to) =>
    rename(context, AT_FDCWD, from, AT_FDCWD, to, 0),
  ),
  syscall(295, 'renameat', 'fd path fd path', (context, fromAt, from, toAt, to) =>
    rename(context, fromAt, from, toAt, to, 0),
  ),
  syscall(347, 'renameat2', 'fd path fd path flags', rename),
  syscall(14, 'mknod', 'path mode long', (context, path, mode) =>
    makeNode(context, AT_FDCWD, path, mode),
  ),
  syscall(290, 'mknodat', 'fd path mode long', makeNode),
];

/** Where a new name goes. @throws SyscallError EEXIST, ENOENT */
function newPlace(context: SyscallContext, directory: number, path: number): Place {
  const place = placeAt(context, directory, path, false);
  if (exists(place)) throw new SyscallError(EEXIST);
  return place;
}

function makeDirectory(
  context: SyscallContext,
  directory: number,
  path: number,
  mode: number,
): number {
  const { host } = newPlace(context, directory, path);
  const { umask } = context.process.fs;
  return fileSystemOf(context).files.makeDirectory(host, mode & 0o1777 & ~umask);
}

function removeDirectory(context: SyscallContext, directory: number, path: number): number {
  const { files, walk } = fileSystemOf(context);
  const place = placeAt(context, directory, path, false);
  if (!exists(place)) return -ENOENT;
  if (place.last === '.') return -EINVAL;
  if (place.last === '..') return -ENOTEMPTY;
  if (place.node) return place.node.kind === 'directory' ? -EBUSY : -ENOTDIR;
  const beneath = `${place.path}/`;
  if ([...walk.specials.keys()].some((at) => at.startsWith(beneath))) return -ENOTEMPTY;
  const result = files.removeDirectory(place.host);
  if (result === 0) walk.forget();
  return result;
}

function unlink(context: SyscallContext, directory: number, path: number): number {
  const { files, walk } = fileSystemOf(context);
  const place = placeAt(context, directory, path, false);
  if (!exists(place)) return -ENOENT;
  const { status } = place;
  const isDirectory = place.node?.kind === 'directory' || (status && isType(status.mode, S_IFDIR));
  if (isDirectory) return -EISDIR;
  if (place.mustBeDirectory) return -ENOTDIR;
  if (walk.specials.delete(place.path)) return 0;
  if (!status) return -EPERM;
  const result = files.unlink(place.host);
  if (result === 0 && isType(status.mode, S_IFLNK)) walk.forget();
  return result;
}

function isType(mode: number, type: number): boolean {
  return (mode & S_IFMT) === type;
}

function makeLink(
  context: SyscallContext,
  targetAt: number,
  directory: number,
  path: number,
): number {
  const target = context.memory.path(targetAt);
  if (target === '') return -ENOENT;
  const place = newPlace(context, directory, path);
  if (place.mustBeDirectory) return -ENOENT;
  return fileSystemOf(context).files.makeLink(target, place.host);
}

function link(
  context: SyscallContext,
  fromAt: number,
  from: number,
  toAt: number,
  to: number,
  flags: number,
): number {
  if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  const source = placeAt(context, fromAt, from, (flags & AT_SYMLINK_FOLLOW) !== 0);
  if (!exists(source)) return -ENOENT;
  const target = newPlace(context, toAt, to);
  if (!source.status || isType(source.status.mode, S_IFDIR)) return -EPERM;
  return fileSystemOf(context).files.link(source.host, target.host);
}

function rename(
  context: SyscallContext,
  fromAt: number,
  from: number,
  toAt: number,
  to: number,
  flags: number,
): number {
  // Exchanging two names cannot be done in one step by the host's calls that there are.
  if (flags & ~RENAME_NOREPLACE) return -EINVAL;
  const { files, walk } = fileSystemOf(context);
  const source = placeAt(context, fromAt, from, false);
  const target = placeAt(context, toAt, to, false);
  if (!exists(source)) return -ENOENT;
  if ([source.last, target.last].some((name) => name === '.' || name === '..')) return -EBUSY;
  if (flags & RENAME_NOREPLACE && exists(target)) return -EEXIST;
  const special = walk.specials.get(source.path);
  if (special) {
    if (target.status && isType(target.status.mode, S_IFDIR)) return -EISDIR;
    if (target.status) files.unlink(target.host);
    walk.specials.delete(source.path);
    walk.specials.set(target.path, special);
    return 0;
  }
  if (!source.status) return -EBUSY;
  const isDirectory = isType(source.status.mode, S_IFDIR);
  if (!isDirectory && (source.mustBeDirectory || target.mustBeDirectory)) return -ENOTDIR;
  if (target.node && !walk.specials.delete(target.path)) return -EBUSY;
  const result = files.rename(source.host, target.host);
  if (result < 0) return result;
  walk.forget();
  followRename(context, source.path, target.path);
  return 0;
}

/** Everything that goes by the path of what was renamed, or of something in it. */
function followRename(context: SyscallContext, from: string, to: string): void {
  const moved = (path: string): string =>
    path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : path;
  for (const { fs, files } of context.kernel.processes.values()) {
    fs.cwd = moved(fs.cwd);
    fs.root = moved(fs.root);
    for (const fd of files.numbers()) {
      const file = describe(files.get(fd));
      file.path = moved(file.path);
    }
  }
  const { specials } = fileSystemOf(context).walk;
  for (const [at, node] of [...specials]) {
    if (moved(at) === at) continue;
    specials.delete(at);
    specials.set(moved(at), node);
  }
}

function makeNode(context: SyscallContext, directory: number, path: number, mode: number): number {
  const { files, walk } = fileSystemOf(context);
  const place = newPlace(context, directory, path);
  const permissions = mode & 0o7777 & ~context.process.fs.umask;
  switch (mode & S_IFMT) {
    case 0:
    case S_IFREG: {
      const fd = files.open(place.host, O_CREAT | O_EXCL | O_WRONLY, permissions);
      if (fd < 0) return fd;
      files.close(fd);
      return 0;
    }
    case S_IFIFO:
      walk.specials.set(place.path, fifo(viewOf(context), place.path, permissions));
      return 0;
    case S_IFSOCK:
      walk.specials.set(place.path, socketName(viewOf(context), place.path, permissions));
      return 0;
    default:
      return -EPERM;
  }
}

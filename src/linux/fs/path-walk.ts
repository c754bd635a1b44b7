import { EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, SyscallError } from '../errno.ts';
import type { Description } from './description.ts';
import { NAME_MAX, S_IFDIR, S_IFLNK, S_IFMT } from './flags.ts';
import type { FileStatus, HostFiles } from './host-files.ts';
import type { View, VirtualDirectory, VirtualLink, VirtualNode } from './virtual.ts';

/** Symbolic links that one lookup may follow (MAXSYMLINKS). */
const MOST_LINKS = 40;

/**
 * Directories that are the host's with a sysroot too, if the host has them: what is the user's or
 * the machine's, where guest and host want to see the same files.
 */
const HOST_OWNED = new Set(
  '/dev /home /media /mnt /proc /root /run /srv /sys /tmp /var/tmp'.split(' '),
);

/** Where a path leads. Nothing exists there when `node`, `file` and `status` are all undefined. */
export interface Place {
  /** Guest path without symbolic links, `.` and `..` (but for a final link not followed). */
  readonly path: string;
  /** Host path where the file is, or would be made. */
  readonly host: string;
  /** Of the host's file; a symbolic link's own when it was not followed. */
  readonly status?: FileStatus | undefined;
  readonly node?: VirtualNode | undefined;
  /** An open file without a path, found through /proc/self/fd. */
  readonly file?: Description | undefined;
  /** The path ended in a slash: only a directory will do. */
  readonly mustBeDirectory: boolean;
  /** The last component as written: `.` and `..` cannot be made or removed. */
  readonly last: string;
}

/** A directory that a lookup has reached. */
interface Directory {
  readonly path: string;
  /** The sysroot has it: look there first. */
  readonly upper: boolean;
  readonly node: VirtualDirectory | undefined;
}

/** A component yet to be looked up. */
interface Pending {
  readonly name: string;
  /** The path as the caller wrote it up to here, where this component ends a part of that. */
  readonly written: string | undefined;
}

interface Child {
  readonly path: string;
  readonly host: string;
  readonly upper: boolean;
  readonly status?: FileStatus;
  readonly node?: VirtualNode | undefined;
}

/**
 * Turns guest paths into files. The guest sees the union of the sysroot and the host: a path that
 * exists in the sysroot is taken from there, any other from the host, and symbolic links lead on in
 * that same union, so that an absolute link in the sysroot stays in it where it can. A new file is
 * made in the sysroot when its directory exists there, else on the host. Listing a directory shows
 * one of the two. /proc, /dev and parts of /sys are js390's own.
 */
export class PathWalk {
  readonly #files: HostFiles;
  /** Host path without a final slash; empty for none. */
  readonly #sysroot: string;
  /** Directories that js390 makes, by path. */
  readonly #mounts: ReadonlyMap<string, VirtualDirectory>;
  /** FIFOs and sockets that guests made; they exist for guests only. */
  readonly specials = new Map<string, VirtualNode>();
  /**
   * Directories by path as written, links in it followed, so that the usual lookup only looks at
   * the last component. Only what a change on the host cannot make wrong is kept: plain
   * directories, and links of the sysroot. Emptied when a guest may have changed one.
   */
  readonly #known = new Map<string, Directory>();
  readonly #top: Directory;

  constructor(
    files: HostFiles,
    sysroot: string | undefined,
    mounts: ReadonlyMap<string, VirtualDirectory>,
  ) {
    this.#files = files;
    this.#sysroot = sysroot === undefined ? '' : sysroot.replace(/\/+$/, '');
    this.#mounts = mounts;
    this.#top = { path: '/', upper: this.#sysroot !== '', node: undefined };
  }

  /** A directory or symbolic link was moved or removed. */
  forget(): void {
    this.#known.clear();
  }

  /**
   * The place of `text` (absolute, or relative to the guest directory `base`).
   * @throws SyscallError ENOENT, ENOTDIR, ELOOP, EACCES, ENAMETOOLONG; but for the last component
   * being absent, which the place tells.
   */
  resolve(view: View, base: string, text: string, follow: boolean): Place {
    if (text === '') throw new SyscallError(ENOENT);
    const root = this.#directoryAt(view, view.context.root);
    const quick = this.#quick(view, root, base, text, follow);
    if (quick) return quick;

    const absolute = text.startsWith('/');
    let dir = absolute ? root : this.#directoryAt(view, base);
    const pending = pend(text, absolute ? '/' : base);
    let mustBeDirectory = text.endsWith('/');
    let mayRemember = root.path === '/';
    let last = '.';
    let links = 0;
    while (pending.length > 0) {
      const { name, written } = pending.pop()!;
      const isLast = pending.length === 0;
      last = name;
      if (name === '.') continue;
      if (name === '..') {
        if (dir.path !== root.path) dir = this.#directoryAt(view, parentOf(dir.path));
        continue;
      }
      const child = this.#lookup(view, dir, name);
      const kind = kindOf(child);
      if (kind === undefined) {
        if (isLast) return { ...child, mustBeDirectory, last };
        throw new SyscallError(ENOENT);
      }
      if (kind === 'link' && (!isLast || follow || mustBeDirectory)) {
        if (++links > MOST_LINKS) throw new SyscallError(ELOOP);
        const link = child.node as VirtualLink | undefined;
        const file = link?.file?.(view);
        if (file && !isLast) throw new SyscallError(ENOTDIR);
        if (file) return { ...child, file, node: undefined, mustBeDirectory, last };
        const target = link ? link.target(view) : this.#files.readLink(child.host);
        if (typeof target === 'number') throw new SyscallError(-target);
        if (target === '') throw new SyscallError(ENOENT);
        if (target.startsWith('/')) dir = root;
        if (isLast && target.endsWith('/')) mustBeDirectory = true;
        pending.push(...pend(target, undefined, written));
        mayRemember &&= child.upper;
        continue;
      }
      if (isLast) return { ...child, mustBeDirectory, last };
      if (kind !== 'directory') throw new SyscallError(ENOTDIR);
      dir = directoryOf(child);
      if (mayRemember && written !== undefined && !child.node) this.#known.set(written, dir);
    }
    return { ...this.#placeOf(view, dir), mustBeDirectory, last };
  }

  /** The lookup when everything before the last component is known: one or two lstat calls. */
  #quick(
    view: View,
    root: Directory,
    base: string,
    text: string,
    follow: boolean,
  ): Place | undefined {
    const cut = text.lastIndexOf('/');
    const last = text.slice(cut + 1);
    if (root.path !== '/' || last === '' || last === '.' || last === '..') return undefined;
    let written = base;
    if (cut >= 0)
      written = text[0] === '/' ? text.slice(0, cut) || '/' : join(base, text.slice(0, cut));
    const dir = written === '/' ? this.#top : this.#known.get(written);
    if (!dir) return undefined;
    const child = this.#lookup(view, dir, last);
    if (follow && kindOf(child) === 'link') return undefined;
    return { ...child, mustBeDirectory: false, last };
  }

  /** A guest path that has no links in it: a working directory, a root, a parent. */
  #directoryAt(view: View, path: string): Directory {
    if (path === '/') return this.#top;
    const known = this.#known.get(path);
    if (known) return known;
    let dir = this.#top;
    for (const name of components(path)) {
      const child = this.#lookup(view, dir, name);
      const kind = kindOf(child);
      // A directory that was removed while a process was in it has no children.
      if (kind === undefined) throw new SyscallError(ENOENT);
      dir = directoryOf(child);
    }
    if (!dir.node) this.#known.set(path, dir);
    return dir;
  }

  #lookup(view: View, dir: Directory, name: string): Child {
    if (name.length > NAME_MAX) throw new SyscallError(ENAMETOOLONG);
    const path = join(dir.path, name);
    const node = this.#mounts.get(path) ?? this.specials.get(path) ?? dir.node?.lookup(name, view);
    if (node) return { path, host: path, upper: false, node };
    if (dir.node && (!dir.node.fallsThrough || dir.node.hides?.(name)))
      return { path, host: path, upper: false };
    const own: Child = { path, host: path, upper: false };
    const inSysroot: Child = { path, host: this.#sysroot + path, upper: true };
    const sides = dir.upper ? [inSysroot, own] : [own];
    if (HOST_OWNED.has(path)) sides.reverse();
    for (const side of sides) {
      const status = this.#status(side.host);
      if (status) return { ...side, status };
    }
    return sides[0]!;
  }

  #status(host: string): FileStatus | undefined {
    const status = this.#files.status(host);
    if (typeof status !== 'number') return status;
    if (status === -EACCES || status === -ENAMETOOLONG || status === -ELOOP) {
      throw new SyscallError(-status);
    }
    return undefined;
  }

  #placeOf(view: View, dir: Directory): Child {
    const { path, upper, node } = dir;
    if (node) return { path, host: path, upper, node };
    const mounted = this.#mounts.get(path);
    if (mounted) return { path, host: path, upper, node: mounted };
    const host = upper ? this.#sysroot + path : path;
    const status = this.#status(host);
    return status ? { path, host, upper, status } : { path, host, upper };
  }
}

function kindOf(child: Child): 'directory' | 'link' | 'other' | undefined {
  if (child.node) return child.node.kind === 'file' ? 'other' : child.node.kind;
  if (!child.status) return undefined;
  const type = child.status.mode & S_IFMT;
  return type === S_IFDIR ? 'directory' : type === S_IFLNK ? 'link' : 'other';
}

function directoryOf({ path, upper, node }: Child): Directory {
  return { path, upper, node: node?.kind === 'directory' ? node : undefined };
}

/**
 * The components of `path`, first one last. Those of a caller's path stand for its text behind
 * `before`; the last one of a link's target stands for what the link did.
 */
function pend(path: string, before: string | undefined, atEnd?: string): Pending[] {
  let written = before;
  const names = components(path);
  const found = names.map((name, i): Pending => {
    if (written !== undefined) written = join(written, name);
    return { name, written: written ?? (i === names.length - 1 ? atEnd : undefined) };
  });
  return found.reverse();
}

function components(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

/** `directory` (absolute) with `name` (relative) behind it. */
export function join(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

/** The directory above an absolute normalised path; `/` is its own. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** Whether a place has something at it. */
export function exists(place: Place): boolean {
  return Boolean(place.status ?? place.node ?? place.file);
}

import {
  EACCES,
  EBADF,
  EEXIST,
  EISDIR,
  ELOOP,
  ENOENT,
  ENOTDIR,
  EOPNOTSUPP,
  SyscallError,
} from '../errno.ts';
import { FdTable } from '../file.ts';
import type { FileSystem, FsContext, OpenFile } from '../file.ts';
import type { Host, HostStream } from '../host.ts';
import type { Kernel } from '../kernel.ts';
import { SI_KERNEL } from '../signal.ts';
import type { Description } from './description.ts';
import { deviceDirectory } from './dev.ts';
import { DirectoryFile } from './directory.ts';
import type { DirectoryContent, DirectoryEntry } from './directory.ts';
import {
  O_ACCMODE,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_LARGEFILE,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  O_TMPFILE_BIT,
  O_TRUNC,
  O_WRONLY,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  X_OK,
} from './flags.ts';
import type { FileStatus, HostFiles } from './host-files.ts';
import { FileLocks, RecordLocks } from './locks.ts';
import { MemoryFile } from './memory-file.ts';
import { PathFile } from './path-file.ts';
import { PathWalk, exists, join, parentOf } from './path-walk.ts';
import type { Place } from './path-walk.ts';
import { processDirectory } from './proc.ts';
import { PseudoTerminals } from './pseudo-terminal.ts';
import { InheritedFile, RegularFile } from './regular-file.ts';
import { HostDevice, StreamFile, madeUpStatus } from './stream-file.ts';
import { systemDirectory } from './sys.ts';
import { TerminalFile } from './terminal-file.ts';
import { HostTerminal, terminalStatus } from './terminal.ts';
import type { Terminal } from './terminal.ts';
import { virtualStatus } from './virtual.ts';
import type { View, VirtualDirectory, VirtualNode } from './virtual.ts';

export interface FileSystemOptions {
  readonly host: Host;
  readonly files: HostFiles;
  /** Host path of a directory in which absolute guest paths are looked up first (qemu's -L). */
  readonly sysroot?: string | undefined;
}

/** Flags that only matter while opening; F_GETFL does not show them. */
const OPENING = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC;

/** All files a guest can see; {@link PathWalk} says what a path means. */
export class LinuxFileSystem implements FileSystem {
  readonly files: HostFiles;
  readonly walk: PathWalk;
  readonly recordLocks = new RecordLocks();
  readonly fileLocks = new FileLocks();
  /** js390's own, when one of its standard streams is one. */
  readonly terminal: Terminal | undefined;
  readonly #host: Host;
  readonly #mounts: ReadonlyMap<string, VirtualDirectory>;
  #kernel: Kernel | undefined;

  constructor({ host, files, sysroot }: FileSystemOptions) {
    this.#host = host;
    this.files = files;
    const signalGroup = (group: number, signal: number): void => {
      this.#kernel?.signalGroup(group, { signal, code: SI_KERNEL });
    };
    this.terminal = this.#hostTerminal(signalGroup);
    const dev = deviceDirectory(new PseudoTerminals(signalGroup), () => this.terminal);
    this.#mounts = new Map([
      ['/dev', dev],
      ['/proc', processDirectory()],
      ['/sys', systemDirectory()],
    ]);
    this.walk = new PathWalk(files, sysroot, this.#mounts);
  }

  /** Must be called before any path is looked up: /proc shows what the kernel knows. */
  attach(kernel: Kernel): void {
    this.#kernel = kernel;
  }

  /** Descriptors 0, 1 and 2 of the first program. */
  standardFiles(): FdTable {
    const table = new FdTable();
    for (const fd of [0, 1, 2] as const) table.set(fd, this.#standardFile(fd));
    return table;
  }

  openExecutable(context: FsContext, path: string): OpenFile | number {
    const kernel = this.#kernel!;
    const process = [...kernel.processes.values()].find(({ fs }) => fs === context);
    const view = { kernel, context, process };
    try {
      const place = this.walk.resolve(view, context.cwd, path, true);
      if (!exists(place)) return -ENOENT;
      if (place.file instanceof MemoryFile) return place.file.reopen(O_RDONLY);
      if (!place.status || (place.status.mode & S_IFMT) !== S_IFREG) return -EACCES;
      const allowed = this.files.access(place.host, X_OK);
      if (allowed < 0) return allowed;
      return this.#openPlace(view, place, O_RDONLY, 0);
    } catch (error) {
      if (error instanceof SyscallError) return -error.errno;
      throw error;
    }
  }

  /** open(2) without the descriptor. @throws SyscallError */
  open(view: View, base: string, path: string, flags: number, mode: number): Description {
    if (flags & O_TMPFILE_BIT) throw new SyscallError(EOPNOTSUPP);
    const exclusive = (flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0;
    const follow = !(flags & O_NOFOLLOW) && !exclusive;
    const place = this.walk.resolve(view, base, path, follow);
    if (exists(place)) {
      if (exclusive) throw new SyscallError(EEXIST);
    } else if (!(flags & O_CREAT)) throw new SyscallError(ENOENT);
    const file = this.#openPlace(view, place, flags, mode);
    if (typeof file === 'number') throw new SyscallError(-file);
    return file;
  }

  /** What stat says of a place. @throws SyscallError ENOENT, ENOTDIR */
  status(view: View, place: Place): FileStatus {
    const status =
      place.file?.status() ??
      (place.node ? virtualStatus(place.node, place.path, view) : place.status);
    if (!status) throw new SyscallError(ENOENT);
    if (place.mustBeDirectory && (status.mode & S_IFMT) !== S_IFDIR) {
      throw new SyscallError(ENOTDIR);
    }
    return status;
  }

  #openPlace(view: View, place: Place, flags: number, mode: number): Description | number {
    const { path, host, node, file, status, mustBeDirectory } = place;
    const kept = flags & ~OPENING;
    if (!exists(place)) {
      if (mustBeDirectory) return -EISDIR;
      const fd = this.files.open(host, flags, mode & 0o7777 & ~view.context.umask);
      return fd < 0 ? fd : new RegularFile(this.files, fd, path, kept | O_LARGEFILE);
    }
    const type = this.status(view, { ...place, mustBeDirectory: false }).mode & S_IFMT;
    const wantsDirectory = mustBeDirectory || (flags & O_DIRECTORY) !== 0;
    if (wantsDirectory && type !== S_IFDIR) return -ENOTDIR;
    if (flags & O_PATH) return new PathFile(path, kept, () => this.status(view, place), type);
    if (type === S_IFLNK) return -ELOOP;
    if (type === S_IFDIR) {
      if ((flags & O_ACCMODE) !== O_RDONLY || flags & O_CREAT) return -EISDIR;
      return this.#openDirectory(view, place, kept | O_LARGEFILE);
    }
    if (file) return file.reopen(kept) ?? sameAgain(file);
    if (node) return node.kind === 'file' ? node.open(view, kept, path) : -EACCES;
    if (type === S_IFREG) {
      const fd = this.files.open(host, flags & ~(O_CREAT | O_EXCL), 0);
      return fd < 0 ? fd : new RegularFile(this.files, fd, path, kept | O_LARGEFILE);
    }
    const fd = this.files.open(host, (flags & ~OPENING) | O_NONBLOCK | O_NOCTTY, 0);
    return fd < 0 || !status ? fd : new HostDevice(this.files, fd, path, kept | O_LARGEFILE);
  }

  #openDirectory(view: View, place: Place, flags: number): Description | number {
    const { path, host, node } = place;
    if (node?.kind === 'directory') {
      return new DirectoryFile(path, flags, this.#virtualContent(view, path, node));
    }
    const fd = this.files.open(host, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) return fd;
    return new DirectoryFile(path, flags, {
      ...this.#listing(view, path, host),
      status: () => this.files.statusOf(fd) as FileStatus,
      hostDescriptor: fd,
      close: () => this.files.close(fd),
    });
  }

  /** The names and entries of a directory of the host, with what js390 has put into it. */
  #listing(
    view: View,
    path: string,
    host: string,
  ): Pick<DirectoryContent, 'names' | 'entry' | 'parentInode'> {
    const { files } = this;
    const { specials } = this.walk;
    const extra = (name: string): VirtualNode | undefined => {
      const at = join(path, name);
      return specials.get(at) ?? this.#mounts.get(at);
    };
    return {
      names() {
        const names = files.list(host);
        const own = [...specials.keys()].filter((at) => parentOf(at) === path);
        const ownNames = own.map((at) => at.slice(at.lastIndexOf('/') + 1));
        return [...new Set([...(typeof names === 'number' ? [] : names), ...ownNames])];
      },
      entry(name) {
        const node = extra(name);
        const status = node
          ? virtualStatus(node, join(path, name), view)
          : files.status(join(host, name));
        return typeof status === 'number' ? undefined : entryOf(name, status);
      },
      parentInode() {
        const above = path === '/' ? files.status(host) : files.status(join(host, '..'));
        return typeof above === 'number' ? 1 : above.inode;
      },
    };
  }

  #virtualContent(view: View, path: string, node: VirtualDirectory): DirectoryContent {
    const beneath = node.fallsThrough ? this.#listing(view, path, path) : undefined;
    return {
      status: () => virtualStatus(node, path, view),
      names() {
        const names = new Set(node.names(view));
        for (const name of beneath?.names() ?? []) if (!node.hides?.(name)) names.add(name);
        return [...names];
      },
      entry(name) {
        const child = node.lookup(name, view);
        if (!child) return beneath?.entry(name);
        return entryOf(name, virtualStatus(child, join(path, name), view));
      },
      parentInode: () => virtualStatus(node, parentOf(path), view).inode,
      close() {},
    };
  }

  #standardFile(fd: 0 | 1 | 2): Description {
    const stream = this.#host.stream(fd);
    const { descriptor } = stream;
    if (stream.isTerminal && this.terminal) return new TerminalFile(this.terminal, O_RDWR);
    const created = this.#host.realtime();
    const flags = fd === 0 ? O_RDONLY : O_WRONLY;
    if (descriptor === undefined) {
      const made = madeUpStatus(fd + 1, created);
      return new StreamFile(stream, `pipe:[${made.inode}]`, flags, () => made);
    }
    const first = this.files.statusOf(descriptor);
    if (typeof first === 'number') throw new SyscallError(EBADF);
    const type = first.mode & S_IFMT;
    const path = stream.name ?? `${type === S_IFREG ? '/' : 'pipe:'}[${first.inode}]`;
    if (type === S_IFREG) return new InheritedFile(this.files, descriptor, path, flags);
    const status = (): FileStatus => {
      const now = this.files.statusOf(descriptor);
      return typeof now === 'number' ? first : now;
    };
    return new StreamFile(stream, path, flags, status);
  }

  #hostTerminal(signalGroup: (group: number, signal: number) => void): Terminal | undefined {
    const find = (order: readonly (0 | 1 | 2)[]): HostStream | undefined =>
      order.map((fd) => this.#host.stream(fd)).find((stream) => stream.isTerminal);
    const input = find([0, 1, 2]);
    const output = find([1, 2, 0]);
    if (!input || !output) return undefined;
    const created = this.#host.realtime();
    const status = (): FileStatus => {
      const known = input.descriptor === undefined ? -1 : this.files.statusOf(input.descriptor);
      return typeof known === 'number' ? terminalStatus(0, created) : known;
    };
    return new HostTerminal(input.name ?? '/dev/pts/0', input, output, status, signalGroup);
  }
}

function entryOf(name: string, { inode, mode }: FileStatus): DirectoryEntry {
  return { name, inode, type: mode & S_IFMT };
}

function sameAgain(file: Description): Description {
  file.retain();
  return file;
}

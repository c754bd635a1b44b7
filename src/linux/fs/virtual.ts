import type { FsContext } from '../file.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../process.ts';
import { byteString } from '../user-memory.ts';
import type { Description } from './description.ts';
import { S_IFDIR, S_IFLNK, S_IFREG } from './flags.ts';
import type { FileStatus } from './host-files.ts';
import { MemoryBytes, MemoryFile } from './memory-file.ts';

/** Who looks: where relative paths start, and what /proc/self is. */
export interface View {
  readonly kernel: Kernel;
  readonly context: FsContext;
  /** None while the first program is being loaded. */
  readonly process: Process | undefined;
}

export interface VirtualDirectory {
  readonly kind: 'directory';
  /** Names that it does not know may still be found in the host's directory of the same path. */
  readonly fallsThrough: boolean;
  /** Of those, the ones that must not be seen. */
  hides?(name: string): boolean;
  lookup(name: string, view: View): VirtualNode | undefined;
  names(view: View): string[];
}

export interface VirtualLink {
  readonly kind: 'link';
  /** Byte string. @returns `-errno` */
  target(view: View): string | number;
  /** Where following it leads to something without a path: /proc/self/fd/N of a pipe. */
  file?(view: View): Description | undefined;
}

export interface VirtualFile {
  readonly kind: 'file';
  /** S_IF type and permissions. */
  readonly mode: number;
  /** Device number, for device files. */
  readonly special?: number;
  /** What stat says, where the file knows better. */
  status?(): FileStatus;
  /** @returns `-errno` */
  open(view: View, flags: number, path: string): Description | number;
}

/** A file that js390 makes: parts of /proc, /dev and /sys, and FIFOs and sockets of the guest. */
export type VirtualNode = VirtualDirectory | VirtualLink | VirtualFile;

/** A directory with fixed entries. */
export function directory(
  entries: Record<string, VirtualNode>,
  { fallsThrough = false } = {},
): VirtualDirectory {
  return {
    kind: 'directory',
    fallsThrough,
    lookup: (name) => (Object.hasOwn(entries, name) ? entries[name] : undefined),
    names: () => Object.keys(entries),
  };
}

export function link(target: (view: View) => string | number): VirtualLink {
  return { kind: 'link', target };
}

/** A file whose text is made when it is opened. `write` gets what is written, at once. */
export function textFile(
  text: (view: View) => string,
  { mode = 0o444, write }: { mode?: number; write?: (view: View, text: string) => number } = {},
): VirtualFile {
  const node: VirtualFile = {
    kind: 'file',
    mode: S_IFREG | mode,
    open(view, flags, path) {
      const content = byteString(text(view));
      const bytes = new MemoryBytes(mode, 0, view.kernel.host.realtime());
      bytes.content = content;
      bytes.length = content.length;
      const status = virtualStatus(node, path, view);
      if (!write) return new MemoryFile(path, flags, bytes, status);
      return new WritableText(path, flags, bytes, status, (from) => write(view, from));
    },
  };
  return node;
}

class WritableText extends MemoryFile {
  readonly #write: (text: string) => number;

  constructor(
    path: string,
    flags: number,
    bytes: MemoryBytes,
    status: FileStatus,
    write: (text: string) => number,
  ) {
    super(path, flags, bytes, status);
    this.#write = write;
  }

  override tryWrite(from: Uint8Array): number {
    const result = this.#write(String.fromCharCode(...from.subarray(0, 4096)));
    return result < 0 ? result : from.length;
  }

  override truncate(_length: number): number {
    return 0;
  }
}

/** What stat says of a node at `path`. */
export function virtualStatus(node: VirtualNode, path: string, view: View): FileStatus {
  if (node.kind === 'file' && node.status) return node.status();
  const { uid = 0, gid = 0 } = view.process?.credentials ?? {};
  const now = view.kernel.host.realtime();
  const mode =
    node.kind === 'directory'
      ? S_IFDIR | 0o555
      : node.kind === 'link'
        ? S_IFLNK | 0o777
        : node.mode;
  const isProcess = /^\/proc\/\d/.test(path);
  return {
    ...{ device: 0x15, inode: inodeOf(path), mode, links: 1, size: 0, blockSize: 1024, blocks: 0 },
    ...{ uid: isProcess ? uid : 0, gid: isProcess ? gid : 0 },
    special: node.kind === 'file' ? (node.special ?? 0) : 0,
    ...{ accessed: now, modified: now, changed: now },
  };
}

/** A number that stays the same for one path (FNV-1a). */
export function inodeOf(path: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < path.length; i++) {
    hash = Math.imul(hash ^ path.charCodeAt(i), 0x0100_0193);
  }
  return hash >>> 0;
}

/**
 * Archives in the cpio format "newc", which the Linux kernel unpacks as its first root directory
 * (Linux, Documentation/driver-api/early-userspace/buffer-format.rst).
 */

export interface CpioEntry {
  /** Path without a slash in front. Parents come before what is in them. */
  readonly name: string;
  /** File type and permissions, as in `st_mode`. */
  readonly mode: number;
  /** A file's content or a link's target. */
  readonly data?: Uint8Array;
  /** Of a device: major and minor number. */
  readonly device?: readonly [number, number];
}

export const S_IFREG = 0o100000;
export const S_IFDIR = 0o040000;
export const S_IFLNK = 0o120000;
export const S_IFCHR = 0o020000;

const MAGIC = '070701';
const TRAILER = 'TRAILER!!!';

export function directory(name: string, mode = 0o755): CpioEntry {
  return { name, mode: S_IFDIR | mode };
}

export function file(name: string, data: Uint8Array | string, mode = 0o644): CpioEntry {
  return { name, mode: S_IFREG | mode, data: typeof data === 'string' ? Buffer.from(data) : data };
}

export function link(name: string, target: string): CpioEntry {
  return { name, mode: S_IFLNK | 0o777, data: Buffer.from(target) };
}

export function characterDevice(name: string, major: number, minor: number): CpioEntry {
  return { name, mode: S_IFCHR | 0o600, device: [major, minor] };
}

/** The archive. Everything belongs to root and is dated 1970, so that it depends on `entries` only. */
export function cpio(entries: readonly CpioEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  const push = (bytes: Uint8Array): void => {
    const padding = -bytes.length & 3;
    parts.push(bytes, new Uint8Array(padding));
    length += bytes.length + padding;
  };
  const all = [...entries, { name: TRAILER, mode: 0 } satisfies CpioEntry];
  for (const [i, { name, mode, data, device = [0, 0] }] of (all as CpioEntry[]).entries()) {
    const bytes = Buffer.from(`${name}\0`);
    const links = (mode & S_IFDIR) === S_IFDIR ? 2 : 1;
    const fields = [
      ...[name === TRAILER ? 0 : i + 1, mode, 0, 0, links, 0],
      ...[data?.length ?? 0, 0, 0, ...device, bytes.length, 0],
    ];
    const header = MAGIC + fields.map((field) => field.toString(16).padStart(8, '0')).join('');
    // Header and name are padded as one.
    push(Buffer.concat([Buffer.from(header), bytes]));
    if (data) push(data);
  }
  // Loaders and decompressors like whole blocks.
  parts.push(new Uint8Array(-length & 511));
  return Buffer.concat(parts);
}

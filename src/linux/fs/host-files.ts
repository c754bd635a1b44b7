/** What stat(2) says, whatever the file is. */
export interface FileStatus {
  readonly device: number;
  readonly inode: number;
  /** S_IF type and permissions. */
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  /** st_rdev: which device a device file is. */
  readonly special: number;
  readonly size: number;
  readonly blockSize: number;
  /** Of 512 bytes. */
  readonly blocks: number;
  /** Nanoseconds since 1970-01-01 UTC. */
  readonly accessed: bigint;
  readonly modified: bigint;
  readonly changed: bigint;
  readonly born?: bigint;
}

/** What statfs(2) says; counts are of blocks and of files. */
export interface FileSystemStatus {
  readonly type: number;
  readonly blockSize: number;
  readonly blocks: number;
  readonly blocksFree: number;
  readonly blocksAvailable: number;
  readonly files: number;
  readonly filesFree: number;
}

/**
 * The host's files. Paths are byte strings (one character a byte), absolute, in the host's name
 * space. Every function answers with `-errno` (Linux's numbers) where it fails; flags, modes and
 * ids are Linux's too. Nothing here waits: FIFOs and devices are opened non-blocking.
 */
export interface HostFiles {
  /** A descriptor of the host. O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NONBLOCK, O_SYNC... */
  open(path: string, flags: number, mode: number): number;
  close(fd: number): void;
  /** At `position`, or where the host's own offset stands when it is undefined. */
  read(fd: number, into: Uint8Array, position: number | undefined): number;
  write(fd: number, from: Uint8Array, position: number | undefined): number;
  /** The host's own offset of a descriptor; undefined where it cannot be learned. */
  offset(fd: number): number | undefined;
  truncate(fd: number, length: number): number;
  sync(fd: number, dataOnly: boolean): number;

  /** Does not follow a final symbolic link. */
  status(path: string): FileStatus | number;
  statusOf(fd: number): FileStatus | number;
  fileSystemStatus(path: string): FileSystemStatus | number;
  /** `mode` is of R_OK, W_OK, X_OK. */
  access(path: string, mode: number): number;
  /** Names only, without `.` and `..`. */
  list(path: string): string[] | number;
  readLink(path: string): string | number;

  makeDirectory(path: string, mode: number): number;
  makeLink(target: string, path: string): number;
  link(from: string, to: string): number;
  unlink(path: string): number;
  removeDirectory(path: string): number;
  rename(from: string, to: string): number;
  /** Of a descriptor, or of a path that is no symbolic link. */
  setMode(target: string | number, mode: number): number;
  /** Of a descriptor or path; of a link itself. -1 leaves an id as it is. */
  setOwner(target: string | number, uid: number, gid: number): number;
  /** Of a descriptor or path; of a link itself. In nanoseconds since 1970. */
  setTimes(target: string | number, accessed: bigint, modified: bigint): number;
}

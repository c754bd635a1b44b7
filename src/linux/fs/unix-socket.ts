import { EAGAIN, ECONNREFUSED, ECONNRESET, EINVAL, EMSGSIZE, ENOTCONN, EPIPE } from '../errno.ts';
import type { Credentials } from '../process.ts';
import type { SyscallContext } from '../syscall-table.ts';
import { Description } from './description.ts';
import {
  O_RDWR,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRNORM,
  S_IFSOCK,
} from './flags.ts';
import type { FileStatus } from './host-files.ts';
import { FIONREAD } from './ioctl.ts';

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_SEQPACKET = 5;
export type SocketType = typeof SOCK_STREAM | typeof SOCK_DGRAM | typeof SOCK_SEQPACKET;

/** Bytes that may wait in one direction (net.core.wmem_default). */
const CAPACITY = 212_992;

/** What one send made: streams may be read across messages, the other types not. */
export interface Message {
  bytes: Uint8Array;
  /** Open files sent along (SCM_RIGHTS), a reference held for each. */
  rights: Description[];
  /** Address of the sender, for datagrams. */
  readonly from: string | undefined;
}

/** What a process is told of who is at the other end (SO_PEERCRED). */
export interface PeerCredentials extends Pick<Credentials, 'uid' | 'gid'> {
  readonly pid: number;
}

let lastInode = 0;

/** An AF_UNIX socket; both ends are in this guest. */
export class UnixSocket extends Description {
  readonly type: SocketType;
  readonly inode = ++lastInode;
  readonly owner: PeerCredentials;
  /** Where connect or socketpair leads; for datagrams the default target. */
  peer: UnixSocket | undefined;
  peerOwner: PeerCredentials | undefined;
  /** Name given by bind: bytes of sun_path, the leading zero of abstract ones included. */
  address = '';
  /** Once listening: connections that wait for accept, and how many may. */
  backlog: UnixSocket[] | undefined;
  backlogLimit = 0;
  /** Set by shutdown. */
  readingEnded = false;
  writingEnded = false;
  readonly #received: Message[] = [];
  #queued = 0;

  constructor(type: SocketType, flags: number, owner: PeerCredentials) {
    super('', flags | O_RDWR);
    this.type = type;
    this.owner = owner;
    this.path = `socket:[${this.inode}]`;
  }

  protected override closed(): void {
    const { peer, type } = this;
    if (peer?.peer === this && type !== SOCK_DGRAM) {
      peer.peerClosed = true;
      if (this.#received.length > 0) peer.wasReset = true;
    }
    for (const { rights } of this.#received.splice(0)) for (const file of rights) file.release();
    for (const waiting of this.backlog ?? []) waiting.release();
    this.backlog = undefined;
  }

  /** The other end has closed; `wasReset`: without reading everything. */
  peerClosed = false;
  wasReset = false;

  get isConnected(): boolean {
    return this.peer !== undefined;
  }

  connectTo(peer: UnixSocket): void {
    this.peer = peer;
    this.peerOwner = peer.owner;
  }

  override status(): FileStatus {
    const { inode } = this;
    return {
      ...{ device: 8, inode, mode: S_IFSOCK | 0o777, links: 1, uid: 0, gid: 0, special: 0 },
      ...{ size: 0, blockSize: 4096, blocks: 0, accessed: 0n, modified: 0n, changed: 0n },
    };
  }

  override tryRead(into: Uint8Array): number {
    const message = this.receive(into.length, false);
    if (typeof message === 'number') return message;
    into.set(message.bytes.subarray(0, into.length));
    for (const file of message.rights) file.release();
    return Math.min(message.bytes.length, into.length);
  }

  override tryWrite(from: Uint8Array): number {
    return this.send(from, [], this.peer);
  }

  /**
   * Queues bytes at `target`. A stream takes what fits, the other types all or nothing.
   * @returns bytes taken, `-EAGAIN`, `-EPIPE`...
   */
  send(from: Uint8Array, rights: Description[], target: UnixSocket | undefined): number {
    if (!target) return this.type === SOCK_DGRAM ? -ENOTCONN : this.#unconnectedError();
    if (this.writingEnded || target.readingEnded) return -EPIPE;
    if (this.peerClosed) return -EPIPE;
    if (!target.isOpen) return this.type === SOCK_DGRAM ? -ECONNREFUSED : -EPIPE;
    const isStream = this.type === SOCK_STREAM;
    if (!isStream && from.length > CAPACITY) return -EMSGSIZE;
    if (isStream && from.length === 0) return 0;
    const space = CAPACITY - target.#queued;
    if (isStream ? space <= 0 : space < from.length) return -EAGAIN;
    const bytes = from.slice(0, isStream ? space : from.length);
    for (const file of rights) file.retain();
    const sender = this.address === '' ? undefined : this.address;
    target.#received.push({ bytes, rights, from: sender });
    target.#queued += bytes.length;
    return bytes.length;
  }

  #unconnectedError(): number {
    return this.backlog ? -EINVAL : -ENOTCONN;
  }

  /**
   * Takes what one receive gets: up to `max` bytes of a stream, else a whole message, which may be
   * longer. With `peeks` it stays. @returns `-EAGAIN`, `-ECONNRESET`...; an empty message at the end
   */
  receive(max: number, peeks: boolean): Message | number {
    const [first] = this.#received;
    if (!first) {
      if (this.type !== SOCK_DGRAM && !this.isConnected) return this.#unconnectedError();
      if (this.wasReset) {
        this.wasReset = false;
        return -ECONNRESET;
      }
      const ended = this.readingEnded || this.peerClosed || this.peer?.writingEnded;
      return ended ? { bytes: new Uint8Array(0), rights: [], from: undefined } : -EAGAIN;
    }
    if (this.type !== SOCK_STREAM) {
      if (!peeks) this.#remove(first);
      return peeks ? { ...first, rights: [] } : first;
    }
    return this.#receiveStream(max, peeks);
  }

  /** Joins messages until one carries files, which must not be joined with what comes before. */
  #receiveStream(max: number, peeks: boolean): Message {
    const parts: Uint8Array[] = [];
    let rights: Description[] = [];
    let length = 0;
    for (const message of [...this.#received]) {
      if (length === max || (length > 0 && message.rights.length > 0)) break;
      const part = message.bytes.subarray(0, max - length);
      parts.push(part);
      length += part.length;
      if (peeks) continue;
      rights = rights.length > 0 ? rights : message.rights;
      const hadRights = message.rights.length > 0;
      message.rights = [];
      if (part.length === message.bytes.length) this.#remove(message);
      else {
        message.bytes = message.bytes.subarray(part.length);
        this.#queued -= part.length;
      }
      if (hadRights) break;
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return { bytes, rights, from: undefined };
  }

  #remove(message: Message): void {
    this.#received.splice(this.#received.indexOf(message), 1);
    this.#queued -= message.bytes.length;
  }

  override poll(): number {
    if (this.backlog) return this.backlog.length > 0 ? POLLIN | POLLRDNORM : 0;
    let ready = 0;
    const ended = this.peerClosed || this.readingEnded || this.peer?.writingEnded === true;
    if (this.#received.length > 0 || ended) ready |= POLLIN | POLLRDNORM;
    if (ended) ready |= POLLRDHUP;
    if (this.peerClosed || (this.readingEnded && this.writingEnded)) ready |= POLLHUP;
    if (this.type !== SOCK_DGRAM && !this.isConnected) return ready | POLLOUT | POLLHUP;
    if (this.wasReset) ready |= POLLERR;
    if (!this.peer || this.peer.#queued < CAPACITY || this.peerClosed) {
      ready |= POLLOUT | POLLWRNORM;
    }
    return ready;
  }

  override ioctl(context: SyscallContext, request: number, argument: number): number | undefined {
    if (request !== FIONREAD) return undefined;
    const [first] = this.#received;
    const isStream = this.type === SOCK_STREAM;
    context.memory.set32(argument, isStream ? this.#queued : (first?.bytes.length ?? 0));
    return 0;
  }
}

/** Both ends of a new connection know each other. */
export function connectPair(a: UnixSocket, b: UnixSocket): void {
  a.connectTo(b);
  b.connectTo(a);
}

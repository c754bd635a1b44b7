import type { SyscallResult } from '../../block.ts';
import { EAGAIN, EINVAL, EISCONN, EPIPE, ERESTARTSYS } from '../../errno.ts';
import { FD_CLOEXEC } from '../../file.ts';
import type { SyscallContext } from '../../syscall-table.ts';
import type { UserMemory } from '../../user-memory.ts';
import type { Description } from '../description.ts';
import { MAX_RW_COUNT, O_NONBLOCK } from '../flags.ts';
import { SOCK_DGRAM, SOCK_STREAM } from '../unix-socket.ts';
import type { Message, UnixSocket } from '../unix-socket.ts';
import { anyFile, wait } from './calls.ts';
import { boundSocket, putAddress, socketOf } from './socket-names.ts';
import { brokenPipe } from './transfer.ts';

const MSG_PEEK = 2;
const MSG_CTRUNC = 8;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const MSG_WAITALL = 0x100;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x4000_0000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
/** Bytes of struct cmsghdr: length (8), level, type. */
const CMSG_HEADER = 16;
/** struct msghdr: name 0, its length 8, iovec 16, their number 24, control 32, its length 40, flags 48. */
const MSGHDR = {
  name: 0,
  nameLength: 8,
  vector: 16,
  count: 24,
  control: 32,
  length: 40,
  flags: 48,
};
const MOST_MESSAGES = 1024;

interface Part {
  readonly at: number;
  readonly size: number;
}

export function sendTo(
  context: SyscallContext,
  fd: number,
  buffer: number,
  size: number,
  flags: number,
  address: number,
  length: number,
): SyscallResult {
  const bytes = context.memory.bytes(buffer, Math.min(size, MAX_RW_COUNT));
  return send(context, socketOf(context, fd), bytes, [], flags, address, length);
}

function send(
  context: SyscallContext,
  own: UnixSocket,
  bytes: Uint8Array,
  rights: Description[],
  flags: number,
  address: number,
  length: number,
): SyscallResult {
  if (address !== 0 && own.type !== SOCK_DGRAM && own.isConnected) return -EISCONN;
  const target = address === 0 ? own.peer : boundSocket(context, own, address, length);
  const waits = !(flags & MSG_DONTWAIT) && !(own.flags & O_NONBLOCK);
  // The program may change its buffer once it has been told to go on, not before.
  const content = waits ? bytes.slice() : bytes;
  let done = 0;
  return wait(
    context,
    () => [],
    () => {
      own.activity++;
      for (;;) {
        const count = own.send(content.subarray(done), done === 0 ? rights : [], target);
        if (count === -EAGAIN && waits) return undefined;
        if (count === -EPIPE && !(flags & MSG_NOSIGNAL)) brokenPipe(context);
        if (count < 0) return done || count;
        done += count;
        if (done >= content.length || own.type !== SOCK_STREAM) return done;
      }
    },
    { interrupted: () => done || -ERESTARTSYS },
  );
}

export function receiveFrom(
  context: SyscallContext,
  fd: number,
  buffer: number,
  size: number,
  flags: number,
  address: number,
  lengthAt: number,
): SyscallResult {
  const part = { at: buffer, size: Math.min(size, MAX_RW_COUNT) };
  return receive(context, socketOf(context, fd), [part], flags, (message) => {
    for (const file of message.rights) file.release();
    if (address !== 0) putAddress(context, message.from ?? '', address, lengthAt);
  });
}

/** Waits for a message and puts it into `parts`; `take` gets what else there is to it. */
function receive(
  context: SyscallContext,
  own: UnixSocket,
  parts: readonly Part[],
  flags: number,
  take: (message: Message, isCut: boolean) => void,
): SyscallResult {
  const { memory } = context;
  const room = parts.reduce((sum, { size }) => sum + size, 0);
  const waits = !(flags & MSG_DONTWAIT) && !(own.flags & O_NONBLOCK);
  let done = 0;
  return wait(
    context,
    () => [],
    () => {
      own.activity++;
      for (;;) {
        const message = own.receive(room - done, (flags & MSG_PEEK) !== 0);
        if (message === -EAGAIN && waits) return undefined;
        if (typeof message === 'number') return done || message;
        const { bytes } = message;
        scatter(memory, parts, done, bytes);
        done += Math.min(bytes.length, room - done);
        take(message, bytes.length > room);
        if (bytes.length > room && flags & MSG_TRUNC) return bytes.length;
        const fills = flags & MSG_WAITALL && !(flags & MSG_PEEK) && own.type === SOCK_STREAM;
        if (!fills || done >= room || bytes.length === 0) return done;
      }
    },
    { interrupted: () => done || -ERESTARTSYS },
  );
}

/** Writes `bytes` into the parts from byte `skip` of them on. */
function scatter(
  memory: UserMemory,
  parts: readonly Part[],
  skip: number,
  bytes: Uint8Array,
): void {
  let before = 0;
  let from = 0;
  for (const { at, size } of parts) {
    const start = Math.max(0, skip - before);
    before += size;
    if (start >= size) continue;
    const piece = bytes.subarray(from, from + size - start);
    memory.write(at + start, piece);
    from += piece.length;
  }
}

function vectorOf({ memory }: SyscallContext, header: number): Part[] | undefined {
  const at = memory.pointer(header + MSGHDR.vector);
  const count = memory.pointer(header + MSGHDR.count);
  if (count > MOST_MESSAGES) return undefined;
  return Array.from({ length: count }, (_, i) => ({
    at: memory.pointer(at + 16 * i),
    size: Math.min(memory.pointer(at + 16 * i + 8), MAX_RW_COUNT),
  }));
}

export function sendMessage(
  context: SyscallContext,
  fd: number,
  header: number,
  flags: number,
): SyscallResult {
  const { memory } = context;
  const own = socketOf(context, fd);
  const parts = vectorOf(context, header);
  if (!parts) return -EINVAL;
  const bytes = new Uint8Array(parts.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(memory.bytes(part.at, part.size), at);
    at += part.size;
  }
  const rights = rightsIn(context, header);
  if (!rights) return -EINVAL;
  const name = memory.pointer(header + MSGHDR.name);
  return send(context, own, bytes, rights, flags, name, memory.i32(header + MSGHDR.nameLength));
}

/** The open files in a message's control part; undefined when that is not well-formed. */
function rightsIn(context: SyscallContext, header: number): Description[] | undefined {
  const { memory } = context;
  const control = memory.pointer(header + MSGHDR.control);
  const length = control === 0 ? 0 : memory.pointer(header + MSGHDR.length);
  const rights: Description[] = [];
  for (let at = 0; at + CMSG_HEADER <= length;) {
    const size = memory.pointer(control + at);
    if (size < CMSG_HEADER || at + size > length) return undefined;
    const level = memory.i32(control + at + 8);
    const type = memory.i32(control + at + 12);
    if (level === SOL_SOCKET && type === SCM_RIGHTS) {
      for (let fd = CMSG_HEADER; fd + 4 <= size; fd += 4) {
        rights.push(anyFile(context, memory.i32(control + at + fd)));
      }
    }
    at += (size + 7) & ~7;
  }
  return rights;
}

export function receiveMessage(
  context: SyscallContext,
  fd: number,
  header: number,
  flags: number,
): SyscallResult {
  const { memory } = context;
  const own = socketOf(context, fd);
  const parts = vectorOf(context, header);
  if (!parts) return -EINVAL;
  return receive(context, own, parts, flags, ({ from, rights }, isCut) => {
    const name = memory.pointer(header + MSGHDR.name);
    if (name !== 0) putAddress(context, from ?? '', name, header + MSGHDR.nameLength);
    const shown = putRights(context, header, rights, flags);
    const cut = (isCut ? MSG_TRUNC : 0) | (shown < rights.length ? MSG_CTRUNC : 0);
    memory.set32(header + MSGHDR.flags, cut);
  });
}

/** Gives the receiver descriptors of the files that came along; returns how many had room. */
function putRights(
  { memory, process }: SyscallContext,
  header: number,
  rights: readonly Description[],
  flags: number,
): number {
  const control = memory.pointer(header + MSGHDR.control);
  const room = control === 0 ? 0 : memory.pointer(header + MSGHDR.length);
  const count = Math.min(rights.length, Math.max(0, Math.floor((room - CMSG_HEADER) / 4)));
  rights.slice(count).forEach((file) => file.release());
  const used = count === 0 ? 0 : Math.min(room, (CMSG_HEADER + 4 * count + 7) & ~7);
  memory.set64(header + MSGHDR.length, used);
  if (count === 0) return 0;
  memory.set64(control, CMSG_HEADER + 4 * count);
  memory.set32(control + 8, SOL_SOCKET);
  memory.set32(control + 12, SCM_RIGHTS);
  rights.slice(0, count).forEach((file, i) => {
    const fd = process.files.add(file, flags & MSG_CMSG_CLOEXEC ? FD_CLOEXEC : 0);
    memory.set32(control + CMSG_HEADER + 4 * i, fd);
  });
  return count;
}

/** struct mmsghdr: a msghdr, then the number of bytes at 56; 64 bytes. Only the first may wait. */
export function sendMessages(
  context: SyscallContext,
  fd: number,
  vector: number,
  count: number,
  flags: number,
): SyscallResult {
  return several(context, vector, count, (at, i) =>
    sendMessage(context, fd, at, i === 0 ? flags : flags | MSG_DONTWAIT),
  );
}

export function receiveMessages(
  context: SyscallContext,
  fd: number,
  vector: number,
  count: number,
  flags: number,
): SyscallResult {
  return several(context, vector, count, (at, i) =>
    receiveMessage(context, fd, at, i === 0 ? flags : flags | MSG_DONTWAIT),
  );
}

/** Several messages in one call, as many as there are without waiting; how many it were. */
function several(
  { memory }: SyscallContext,
  vector: number,
  count: number,
  one: (at: number, index: number) => SyscallResult,
): SyscallResult {
  const rest = (first: number): number => {
    if (first < 0) return first;
    memory.set32(vector + 56, first);
    for (let i = 1; i < Math.min(count, MOST_MESSAGES); i++) {
      const result = one(vector + 64 * i, i);
      if (typeof result !== 'number' || result < 0) return i;
      memory.set32(vector + 64 * i + 56, result);
    }
    return Math.min(count, MOST_MESSAGES);
  };
  if (count === 0) return 0;
  const first = one(vector, 0);
  if (typeof first === 'number') return rest(first);
  return {
    poll() {
      const result = first.poll();
      return result === undefined ? undefined : rest(result);
    },
    ...(first.interrupted ? { interrupted: () => first.interrupted!() } : {}),
  };
}

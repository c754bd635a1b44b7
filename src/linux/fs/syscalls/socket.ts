import type { SyscallResult } from '../../block.ts';
import {
  EADDRINUSE,
  EAFNOSUPPORT,
  EAGAIN,
  ECONNREFUSED,
  EINVAL,
  EISCONN,
  ENOPROTOOPT,
  ENOTCONN,
  EOPNOTSUPP,
  EPROTONOSUPPORT,
  ESOCKTNOSUPPORT,
  SyscallError,
} from '../../errno.ts';
import { syscall } from '../../syscall-table.ts';
import type { Syscall, SyscallContext, SyscallHandler } from '../../syscall-table.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../flags.ts';
import { exists } from '../path-walk.ts';
import { socketName } from '../special-files.ts';
import {
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  UnixSocket,
  connectPair,
} from '../unix-socket.ts';
import type { SocketType } from '../unix-socket.ts';
import { fileSystemOf, viewOf, wait } from './calls.ts';
import { descriptorFlags } from './open.ts';
import {
  receiveFrom,
  receiveMessage,
  receiveMessages,
  sendMessage,
  sendMessages,
  sendTo,
} from './socket-messages.ts';
import { AF_UNIX, boundSocket, names, putAddress, readAddress, socketOf } from './socket-names.ts';

const SOCK_TYPE_MASK = 0xf;
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_ERROR = 4;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_PEERCRED = 17;
const SO_ACCEPTCONN = 30;
const SO_PROTOCOL = 38;
const SO_DOMAIN = 39;
const BUFFER_SIZE = 212_992;
const SOMAXCONN = 4096;

/** AF_UNIX sockets; of other families there are none. */
export const SOCKET_SYSCALLS: readonly Syscall[] = [
  syscall(102, 'socketcall', 'int address', socketCall),
  syscall(359, 'socket', 'int int int', socket),
  syscall(360, 'socketpair', 'int int int address', socketPair),
  syscall(361, 'bind', 'fd address size', bind),
  syscall(362, 'connect', 'fd address size', connect),
  syscall(363, 'listen', 'fd int', listen),
  syscall(364, 'accept4', 'fd address address flags', accept),
  syscall(365, 'getsockopt', 'fd int int address address', getOption),
  syscall(366, 'setsockopt', 'fd int int address size', setOption),
  syscall(367, 'getsockname', 'fd address address', getSocketName),
  syscall(368, 'getpeername', 'fd address address', getPeerName),
  syscall(369, 'sendto', 'fd in size flags address size', sendTo),
  syscall(370, 'sendmsg', 'fd address flags', sendMessage),
  syscall(371, 'recvfrom', 'fd out size flags address address', receiveFrom),
  syscall(372, 'recvmsg', 'fd address flags', receiveMessage),
  syscall(373, 'shutdown', 'fd int', shutdown),
  syscall(357, 'recvmmsg', 'fd address flags flags address', receiveMessages),
  syscall(358, 'sendmmsg', 'fd address flags flags', sendMessages),
];

/** The calls as socketcall numbers them, from 1, with how many arguments each has. */
const NUMBERED: readonly (readonly [SyscallHandler, number])[] = [
  [socket, 3],
  [bind, 3],
  [connect, 3],
  [listen, 2],
  [(context, fd, at, lengthAt) => accept(context, fd, at, lengthAt, 0), 3],
  [getSocketName, 3],
  [getPeerName, 3],
  [socketPair, 4],
  [(context, fd, buffer, size, flags) => sendTo(context, fd, buffer, size, flags, 0, 0), 4],
  [(context, fd, buffer, size, flags) => receiveFrom(context, fd, buffer, size, flags, 0, 0), 4],
  [sendTo, 6],
  [receiveFrom, 6],
  [shutdown, 2],
  [setOption, 5],
  [getOption, 5],
  [sendMessage, 3],
  [receiveMessage, 3],
  [accept, 4],
  [receiveMessages, 5],
  [sendMessages, 4],
];

/** The one entry of old programs: arguments are doublewords in storage. */
function socketCall(context: SyscallContext, call: number, at: number): SyscallResult {
  const found = NUMBERED[call - 1];
  if (!found) return -EINVAL;
  const [handler, count] = found;
  return handler(
    context,
    ...Array.from({ length: count }, (_, i) => context.memory.i64(at + 8 * i)),
  );
}

function makeSocket({ process }: SyscallContext, type: number): UnixSocket {
  const { uid, gid } = process.credentials;
  const flags = type & O_NONBLOCK;
  return new UnixSocket(socketType(type), flags, { pid: process.pid, uid, gid });
}

function socketType(type: number): SocketType {
  const kind = type & SOCK_TYPE_MASK;
  if (kind === SOCK_STREAM || kind === SOCK_DGRAM || kind === SOCK_SEQPACKET) return kind;
  throw new SyscallError(ESOCKTNOSUPPORT);
}

function checkFamily(family: number, type: number, protocol: number): number {
  if (type & ~(SOCK_TYPE_MASK | O_CLOEXEC | O_NONBLOCK)) return -EINVAL;
  if (family !== AF_UNIX) return -EAFNOSUPPORT;
  return protocol === 0 || protocol === AF_UNIX ? 0 : -EPROTONOSUPPORT;
}

function socket(context: SyscallContext, family: number, type: number, protocol: number): number {
  const wrong = checkFamily(family, type, protocol);
  return wrong || context.process.files.add(makeSocket(context, type), descriptorFlags(type));
}

function socketPair(
  context: SyscallContext,
  family: number,
  type: number,
  protocol: number,
  at: number,
): number {
  const wrong = checkFamily(family, type, protocol);
  if (wrong) return wrong;
  const { memory, process } = context;
  memory.writable(at, 8);
  const [a, b] = [makeSocket(context, type), makeSocket(context, type)];
  connectPair(a, b);
  const first = process.files.add(a, descriptorFlags(type));
  memory.set32(at, first);
  memory.set32(at + 4, process.files.add(b, descriptorFlags(type)));
  return 0;
}

function bind(context: SyscallContext, fd: number, at: number, length: number): number {
  const own = socketOf(context, fd);
  const address = readAddress(context, at, length);
  if (own.address !== '' || address === '') return -EINVAL;
  let key = address;
  if (!address.startsWith('\0')) {
    const { walk } = fileSystemOf(context);
    const view = viewOf(context);
    const place = walk.resolve(view, context.process.fs.cwd, address, false);
    if (exists(place)) return -EADDRINUSE;
    const permissions = 0o777 & ~context.process.fs.umask;
    walk.specials.set(place.path, socketName(view, place.path, permissions));
    key = place.path;
  } else if (names(context).get(key)?.isOpen) return -EADDRINUSE;
  own.address = address;
  names(context).set(key, own);
  own.onClosed = () => {
    if (names(context).get(key) === own) names(context).delete(key);
  };
  return 0;
}

function connect(context: SyscallContext, fd: number, at: number, length: number): SyscallResult {
  const own = socketOf(context, fd);
  if (own.type === SOCK_DGRAM) {
    own.connectTo(boundSocket(context, own, at, length));
    return 0;
  }
  if (own.isConnected) return -EISCONN;
  if (own.backlog) return -EINVAL;
  return wait(
    context,
    () => [],
    () => {
      const server = boundSocket(context, own, at, length);
      if (!server.backlog) return -ECONNREFUSED;
      if (server.backlog.length > server.backlogLimit) {
        return own.flags & O_NONBLOCK ? -EAGAIN : undefined;
      }
      const accepted = new UnixSocket(own.type, 0, server.owner);
      accepted.address = server.address;
      connectPair(own, accepted);
      server.backlog.push(accepted);
      return 0;
    },
  );
}

function listen(context: SyscallContext, fd: number, limit: number): number {
  const own = socketOf(context, fd);
  if (own.type === SOCK_DGRAM) return -EOPNOTSUPP;
  if (own.address === '' || own.isConnected) return -EINVAL;
  own.backlog ??= [];
  own.backlogLimit = Math.min(Math.max(limit, 0), SOMAXCONN);
  return 0;
}

function accept(
  context: SyscallContext,
  fd: number,
  at: number,
  lengthAt: number,
  flags: number,
): SyscallResult {
  const own = socketOf(context, fd);
  if (flags & ~(O_CLOEXEC | O_NONBLOCK)) return -EINVAL;
  if (own.type === SOCK_DGRAM) return -EOPNOTSUPP;
  if (!own.backlog) return -EINVAL;
  return wait(
    context,
    () => [],
    () => {
      const accepted = own.backlog?.shift();
      if (!accepted) return own.flags & O_NONBLOCK ? -EAGAIN : undefined;
      accepted.flags |= flags & O_NONBLOCK;
      if (at !== 0) putAddress(context, accepted.peer?.address ?? '', at, lengthAt);
      return context.process.files.add(accepted, descriptorFlags(flags));
    },
  );
}

function getSocketName(context: SyscallContext, fd: number, at: number, lengthAt: number): number {
  return putAddress(context, socketOf(context, fd).address, at, lengthAt);
}

function getPeerName(context: SyscallContext, fd: number, at: number, lengthAt: number): number {
  const { peer } = socketOf(context, fd);
  return peer ? putAddress(context, peer.address, at, lengthAt) : -ENOTCONN;
}

function shutdown(context: SyscallContext, fd: number, how: number): number {
  const own = socketOf(context, fd);
  if (how < 0 || how > 2) return -EINVAL;
  if (!own.isConnected) return -ENOTCONN;
  if (how !== 1) own.readingEnded = true;
  if (how !== 0) own.writingEnded = true;
  return 0;
}

/** Buffers do not grow, and nothing is kept alive: options are taken and change nothing. */
function setOption(context: SyscallContext, fd: number): number {
  socketOf(context, fd);
  return 0;
}

function getOption(
  context: SyscallContext,
  fd: number,
  level: number,
  option: number,
  at: number,
  lengthAt: number,
): number {
  const own = socketOf(context, fd);
  const { memory } = context;
  const room = memory.i32(lengthAt);
  if (room < 0) return -EINVAL;
  if (level !== SOL_SOCKET) return -EOPNOTSUPP;
  const values = optionValues(own, option);
  if (!values) return -ENOPROTOOPT;
  const bytes = new Uint8Array(4 * values.length);
  values.forEach((value, i) => new DataView(bytes.buffer).setInt32(4 * i, value));
  memory.write(at, bytes.subarray(0, room));
  memory.set32(lengthAt, Math.min(room, bytes.length));
  return 0;
}

function optionValues(own: UnixSocket, option: number): number[] | undefined {
  switch (option) {
    case SO_TYPE:
      return [own.type];
    case SO_ERROR:
    case SO_PROTOCOL:
      return [0];
    case SO_DOMAIN:
      return [AF_UNIX];
    case SO_SNDBUF:
    case SO_RCVBUF:
      return [BUFFER_SIZE];
    case SO_ACCEPTCONN:
      return [own.backlog ? 1 : 0];
    case SO_PEERCRED: {
      const { pid, uid, gid } = own.peerOwner ?? { pid: 0, uid: -1, gid: -1 };
      return [pid, uid, gid];
    }
    default:
      return undefined;
  }
}

import {
  EAFNOSUPPORT,
  ECONNREFUSED,
  EINVAL,
  ENOENT,
  ENOTSOCK,
  EPROTOTYPE,
  SyscallError,
} from '../../errno.ts';
import type { SyscallContext } from '../../syscall-table.ts';
import { byteString } from '../../user-memory.ts';
import { exists } from '../path-walk.ts';
import { UnixSocket } from '../unix-socket.ts';
import { fileSystemOf, openFile, viewOf } from './calls.ts';

export const AF_UNIX = 1;
/** sun_path, which follows the 2 bytes of the family. */
const SUN_PATH_MAX = 108;

/** Sockets by the name they were bound to. Names are a guest's own: other programs see none. */
const bound = new WeakMap<object, Map<string, UnixSocket>>();

export function socketOf(context: SyscallContext, fd: number): UnixSocket {
  const file = openFile(context, fd);
  if (!(file instanceof UnixSocket)) throw new SyscallError(ENOTSOCK);
  return file;
}

/** Sockets of this guest by the name they are bound to. */
export function names({ kernel }: SyscallContext): Map<string, UnixSocket> {
  const known = bound.get(kernel) ?? new Map<string, UnixSocket>();
  bound.set(kernel, known);
  return known;
}

/** The bytes of sun_path: to the first zero, or all of an abstract name, which begins with one. */
export function readAddress({ memory }: SyscallContext, at: number, length: number): string {
  if (length < 2 || length > 2 + SUN_PATH_MAX) throw new SyscallError(EINVAL);
  if (memory.u16(at) !== AF_UNIX) throw new SyscallError(EAFNOSUPPORT);
  const path = String.fromCharCode(...memory.bytes(at + 2, length - 2));
  return path.startsWith('\0') ? path : path.replace(/\0.*$/s, '');
}

/** Writes an address and its full length; what does not fit is cut. */
export function putAddress(
  { memory }: SyscallContext,
  address: string,
  at: number,
  lengthAt: number,
): number {
  const room = memory.i32(lengthAt);
  if (room < 0) return -EINVAL;
  const isPath = address !== '' && !address.startsWith('\0');
  const bytes = Uint8Array.from([0, AF_UNIX, ...byteString(address, isPath ? 1 : 0)]);
  memory.write(at, bytes.subarray(0, room));
  memory.set32(lengthAt, bytes.length);
  return 0;
}

/** The socket bound to the address. @throws SyscallError ECONNREFUSED, ENOENT, EPROTOTYPE */
export function boundSocket(
  context: SyscallContext,
  own: UnixSocket,
  at: number,
  length: number,
): UnixSocket {
  const address = readAddress(context, at, length);
  let key = address;
  if (!address.startsWith('\0')) {
    const { walk } = fileSystemOf(context);
    const place = walk.resolve(viewOf(context), context.process.fs.cwd, address, true);
    if (!exists(place)) throw new SyscallError(ENOENT);
    key = place.path;
  }
  const found = names(context).get(key);
  if (!found?.isOpen) throw new SyscallError(ECONNREFUSED);
  if (found.type !== own.type) throw new SyscallError(EPROTOTYPE);
  return found;
}

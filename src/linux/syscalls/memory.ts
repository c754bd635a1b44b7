import { PAGE_SIZE } from '../../memory/page.ts';
import { EACCES, EINVAL, ENODEV, ENOMEM, SyscallError } from '../errno.ts';
import type { OpenFile } from '../file.ts';
import { pageUp } from '../memory-map.ts';
import type { MapRequest } from '../memory-map.ts';
import {
  MADV_DONTNEED,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MAP_TYPE,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  PROT_WRITE,
} from '../mman.ts';
import { AnonymousStore } from '../shared-store.ts';
import { syscall } from '../syscall-table.ts';
import type { Syscall, SyscallContext } from '../syscall-table.ts';

const O_ACCMODE = 3;
const O_WRONLY = 1;
const O_RDWR = 2;

/** mmap(2) and its relatives. */
export const MEMORY_SYSCALLS: readonly Syscall[] = [
  syscall(45, 'brk', 'address', ({ process }, address) => process.mm.setBrk(address)),
  syscall(90, 'mmap', 'block', mmap),
  syscall(91, 'munmap', 'address size', ({ process }, address, length) => {
    if (address % PAGE_SIZE !== 0 || !(length > 0)) return -EINVAL;
    process.mm.unmap(address, checkedLength(length));
    return 0;
  }),
  syscall(125, 'mprotect', 'address size flags', ({ process }, address, length, prot) => {
    if (address % PAGE_SIZE !== 0) return -EINVAL;
    if (length > 0) process.mm.protect(address, checkedLength(length), prot);
    return 0;
  }),
  syscall(144, 'msync', 'address size flags', ({ process }, address, length) => {
    if (address % PAGE_SIZE !== 0) return -EINVAL;
    process.mm.flushShared(address, address + pageUp(checkedLength(length)));
    return 0;
  }),
  syscall(163, 'mremap', 'address size size flags address', mremap),
  syscall(218, 'mincore', 'address size address', ({ memory }, address, length, vector) => {
    if (address % PAGE_SIZE !== 0) return -EINVAL;
    if (!memory.space.isMapped(address, checkedLength(length))) return -ENOMEM;
    memory.writable(vector, pageUp(length) / PAGE_SIZE).fill(1);
    return 0;
  }),
  syscall(219, 'madvise', 'address size int', ({ process }, address, length, advice) => {
    if (address % PAGE_SIZE !== 0) return -EINVAL;
    if (advice === MADV_DONTNEED) process.mm.discard(address, checkedLength(length));
    return 0;
  }),
  syscall(150, 'mlock', 'address size', () => 0),
  syscall(151, 'munlock', 'address size', () => 0),
  syscall(152, 'mlockall', 'flags', () => 0),
  syscall(153, 'munlockall', '', () => 0),
  syscall(374, 'mlock2', 'address size flags', () => 0),
];

/** The arguments of mmap are in storage: this system call is older than six-argument calls. */
function mmap(context: SyscallContext, block: number): number {
  const { memory, process } = context;
  const [address, length, prot, flags, fd, offset] = [0, 1, 2, 3, 4, 5].map((i) =>
    memory.pointer(block + 8 * i),
  ) as [number, number, number, number, number, number];
  const type = flags & MAP_TYPE;
  if (type !== MAP_SHARED && type !== MAP_PRIVATE && type !== MAP_SHARED_VALIDATE) return -EINVAL;
  if (!(length > 0) || offset % PAGE_SIZE !== 0) return -EINVAL;
  const fixed =
    flags & MAP_FIXED_NOREPLACE ? 'keep' : flags & MAP_FIXED ? ('replace' as const) : undefined;
  if (fixed && address % PAGE_SIZE !== 0) return -EINVAL;
  const shared = type !== MAP_PRIVATE;
  const request: MapRequest = {
    length: checkedLength(length),
    prot: prot & 7,
    address,
    shared,
    growsDown: (flags & MAP_GROWSDOWN) !== 0,
    ...(fixed ? { fixed } : {}),
  };
  if (flags & MAP_ANONYMOUS) {
    return process.mm.map(shared ? { ...request, store: new AnonymousStore(length) } : request);
  }
  return process.mm.map(fileRequest(process.files.get(fd | 0), request, offset));
}

function fileRequest(file: OpenFile, request: MapRequest, offset: number): MapRequest {
  if (file.path === '/dev/zero') return request;
  if (file.size() < 0) throw new SyscallError(ENODEV);
  const access = file.flags & O_ACCMODE;
  if (access === O_WRONLY) throw new SyscallError(EACCES);
  const writable = access === O_RDWR;
  if (request.shared && request.prot & PROT_WRITE && !writable) throw new SyscallError(EACCES);
  return { ...request, file, offset, ...(request.shared && writable ? { store: file } : {}) };
}

function mremap(
  { process }: SyscallContext,
  address: number,
  oldLength: number,
  newLength: number,
  flags: number,
  to: number,
): number {
  const fixed = (flags & MREMAP_FIXED) !== 0;
  const mayMove = (flags & MREMAP_MAYMOVE) !== 0;
  if (address % PAGE_SIZE !== 0 || !(newLength > 0) || flags & ~3) return -EINVAL;
  if (fixed && (!mayMove || to % PAGE_SIZE !== 0)) return -EINVAL;
  const oldSize = checkedLength(oldLength);
  const newSize = checkedLength(newLength);
  return process.mm.remap(address, oldSize, newSize, { mayMove, ...(fixed ? { to } : {}) });
}

/** @throws SyscallError ENOMEM for lengths that no address space has room for */
function checkedLength(length: number): number {
  if (length > 0x8000_0000) throw new SyscallError(ENOMEM);
  return length;
}

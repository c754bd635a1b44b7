import { PAGE_WRITE } from '../memory/user-space.ts';
import { PAGE_SHIFT } from '../memory/page.ts';
import type { AddressSpace } from '../memory/user-space.ts';
import { E2BIG, EFAULT, ENAMETOOLONG, SyscallError } from './errno.ts';

/** Longest path of Linux, with its terminating zero. */
export const PATH_MAX = 4096;

/**
 * A process's storage as system calls see it: big-endian, and EFAULT instead of interruptions.
 * Addresses are numbers; anything outside the address space, however large, gives EFAULT.
 * Strings are byte strings: one character per byte, so that any file name survives.
 */
export class UserMemory {
  readonly space: AddressSpace;
  readonly #resolve: (address: number, isStore: boolean) => boolean;

  /** `resolve` may open a closed page, as a page fault does (growing stacks, files read late). */
  constructor(
    space: AddressSpace,
    resolve: (address: number, isStore: boolean) => boolean = () => false,
  ) {
    this.space = space;
    this.#resolve = resolve;
  }

  /** The storage itself, for reading. @throws SyscallError EFAULT */
  bytes(address: number, length: number): Uint8Array {
    if (length === 0) return new Uint8Array(0);
    this.#check(address, length, false);
    return this.space.bytes.subarray(address, address + length);
  }

  /** The storage itself, for writing (translations of code in it are dropped). */
  writable(address: number, length: number): Uint8Array {
    if (length === 0) return new Uint8Array(0);
    this.#check(address, length, true);
    return this.space.bytes.subarray(address, address + length);
  }

  /**
   * As {@link writable} for as many of `length` bytes as may be stored, as read(2) into a buffer
   * whose end is not mapped. @throws SyscallError EFAULT when not one byte may.
   */
  writablePrefix(address: number, length: number): Uint8Array {
    if (length === 0) return new Uint8Array(0);
    const { flags, size } = this.space;
    let end = address;
    while (end < address + length && end < size) {
      if (!(flags[end >>> PAGE_SHIFT]! & PAGE_WRITE) && !this.#resolve(end, true)) break;
      end = ((end >>> PAGE_SHIFT) + 1) * (1 << PAGE_SHIFT);
    }
    return this.writable(address, Math.max(1, Math.min(end - address, length)));
  }

  /** Copies `source` to `address`. */
  write(address: number, source: Uint8Array): void {
    this.writable(address, source.length).set(source);
  }

  u8(address: number): number {
    this.#check(address, 1, false);
    return this.space.bytes[address]!;
  }

  u16(address: number): number {
    this.#check(address, 2, false);
    return this.space.view.getUint16(address);
  }

  u32(address: number): number {
    this.#check(address, 4, false);
    return this.space.view.getUint32(address);
  }

  i32(address: number): number {
    return this.u32(address) | 0;
  }

  u64(address: number): bigint {
    this.#check(address, 8, false);
    return this.space.view.getBigUint64(address);
  }

  /** A signed doubleword as a number (inexact beyond 2**53). */
  i64(address: number): number {
    this.#check(address, 8, false);
    const { view } = this.space;
    return view.getInt32(address) * 0x1_0000_0000 + view.getUint32(address + 4);
  }

  /** A pointer or size as a number (inexact beyond 2**53). */
  pointer(address: number): number {
    this.#check(address, 8, false);
    const { view } = this.space;
    return view.getUint32(address) * 0x1_0000_0000 + view.getUint32(address + 4);
  }

  set8(address: number, value: number): void {
    this.#check(address, 1, true);
    this.space.bytes[address] = value;
  }

  set16(address: number, value: number): void {
    this.#check(address, 2, true);
    this.space.view.setUint16(address, value);
  }

  set32(address: number, value: number): void {
    this.#check(address, 4, true);
    this.space.view.setInt32(address, value);
  }

  /** Stores a doubleword; numbers must be integers below 2**63 in magnitude. */
  set64(address: number, value: number | bigint): void {
    this.#check(address, 8, true);
    this.space.view.setBigInt64(address, BigInt.asIntN(64, BigInt(value)));
  }

  /** The zero-terminated byte string at `address`. @throws SyscallError EFAULT, `tooLong` */
  string(address: number, limit = 131072, tooLong = E2BIG): string {
    let text = '';
    for (let at = address; at - address < limit; at++) {
      const byte = this.u8(at);
      if (byte === 0) return text;
      text += String.fromCharCode(byte);
    }
    throw new SyscallError(tooLong);
  }

  path(address: number): string {
    return this.string(address, PATH_MAX, ENAMETOOLONG);
  }

  /** The strings of a zero-terminated array of pointers (argv, envp); none when `address` is 0. */
  strings(address: number): string[] {
    const found: string[] = [];
    if (address === 0) return found;
    for (let at = address; ; at += 8) {
      const pointer = this.pointer(at);
      if (pointer === 0) return found;
      found.push(this.string(pointer));
    }
  }

  #check(address: number, length: number, store: boolean): void {
    const { space } = this;
    if (!(address >= 0 && length >= 0 && address + length <= space.size)) {
      throw new SyscallError(EFAULT);
    }
    const closed = store ? space.noWrite : space.noRead;
    const last = (address + length - 1) >>> PAGE_SHIFT;
    for (let page = address >>> PAGE_SHIFT; page <= last; page++) {
      if (closed[page]) {
        // A page may be closed to direct stores only because it holds translated code.
        if (store && space.flags[page]! & PAGE_WRITE) {
          space.writable(0, page << PAGE_SHIFT, 1);
        } else if (!this.#resolve(page << PAGE_SHIFT, store)) {
          throw new SyscallError(EFAULT);
        }
      }
    }
  }
}

/** `text`, one byte a character, with `terminator` zero bytes behind. */
export function byteString(text: string, terminator = 0): Uint8Array {
  const bytes = new Uint8Array(text.length + terminator);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

import { assert } from '../base/assert.ts';
import type { CodePageListener } from './code-source.ts';
import { PAGE_SHIFT, PAGE_SIZE } from './page.ts';

/** The one thing used of the global, which no `lib` without `dom` declares. */
declare const WebAssembly: {
  Memory: new (pages: { initial: number; maximum: number; shared: boolean }) => {
    readonly buffer: ArrayBuffer;
  };
};

/** Bytes behind the guest's storage for operands that are not contiguous in absolute storage. */
export const WINDOW_SIZE = 0x2_0000;
/** Most bytes of absolute storage. */
export const MAX_STORAGE = 0x7ff0_0000;

/** Storage-key bits, as SET STORAGE KEY EXTENDED has them in bits 56-62 of its operand. */
export const KEY_ACCESS = 0xf0;
export const KEY_FETCH = 0x08;
export const KEY_REFERENCE = 0x04;
export const KEY_CHANGE = 0x02;

/**
 * A machine's main storage by absolute address, big-endian, with a storage key for each page.
 *
 * Devices and the machine read and write through the methods here: they check the range, set the
 * change bit, and tell {@link codeListeners} before a page that holds translated code changes.
 * All addresses are absolute byte addresses, plain numbers.
 */
export class AbsoluteStorage {
  /** Bytes of storage that the guest has; a multiple of 1 MiB. */
  readonly size: number;
  /** The storage, and behind it {@link WINDOW_SIZE} bytes that no guest address reaches. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  /** The storage key of each page: KEY_ bits. */
  readonly keys: Uint8Array;
  /** 1 where translated code was made from the page. */
  readonly codePages: Uint8Array;
  readonly codeListeners = new Set<CodePageListener>();

  constructor(size: number) {
    assert(size % 0x10_0000 === 0 && size > 0 && size <= MAX_STORAGE, 'storage size');
    this.size = size;
    const pages = (size + WINDOW_SIZE) / 65536;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: false });
    this.bytes = new Uint8Array(memory.buffer);
    this.view = new DataView(memory.buffer);
    this.keys = new Uint8Array(size >>> PAGE_SHIFT);
    this.codePages = new Uint8Array((size + WINDOW_SIZE) >>> PAGE_SHIFT);
  }

  /** Whether `[at, at + length)` is storage. */
  contains(at: number, length: number): boolean {
    return at >= 0 && length >= 0 && at + length <= this.size;
  }

  /** To be called before `[at, at + length)` changes by other ways than the methods here. */
  changing(at: number, length: number): void {
    if (length <= 0) return;
    const last = (at + length - 1) >>> PAGE_SHIFT;
    for (let page = at >>> PAGE_SHIFT; page <= last; page++) {
      this.keys[page]! |= KEY_REFERENCE | KEY_CHANGE;
      if (this.codePages[page]) this.announce(page);
    }
  }

  /** Tells the listeners that a page with translated code is about to change. */
  announce(page: number): void {
    if (!this.codePages[page]) return;
    this.codePages[page] = 0;
    for (const listener of this.codeListeners) listener.codePageChanged(page);
  }

  /** The bytes of `[at, at + length)`, not copied: to be read only. */
  slice(at: number, length: number): Uint8Array {
    this.#check(at, length);
    return this.bytes.subarray(at, at + length);
  }

  write(at: number, bytes: Uint8Array): void {
    this.#check(at, bytes.length);
    this.changing(at, bytes.length);
    this.bytes.set(bytes, at);
  }

  fill(at: number, length: number, byte: number): void {
    this.#check(at, length);
    this.changing(at, length);
    this.bytes.fill(byte, at, at + length);
  }

  read8(at: number): number {
    this.#check(at, 1);
    return this.bytes[at]!;
  }

  read16(at: number): number {
    this.#check(at, 2);
    return this.view.getUint16(at);
  }

  read32(at: number): number {
    this.#check(at, 4);
    return this.view.getUint32(at);
  }

  read64(at: number): bigint {
    this.#check(at, 8);
    return this.view.getBigUint64(at);
  }

  write8(at: number, value: number): void {
    this.#check(at, 1);
    this.changing(at, 1);
    this.bytes[at] = value;
  }

  write16(at: number, value: number): void {
    this.#check(at, 2);
    this.changing(at, 2);
    this.view.setUint16(at, value);
  }

  write32(at: number, value: number): void {
    this.#check(at, 4);
    this.changing(at, 4);
    this.view.setUint32(at, value);
  }

  write64(at: number, value: bigint): void {
    this.#check(at, 8);
    this.changing(at, 8);
    this.view.setBigUint64(at, value);
  }

  /** Clears all of storage and its keys, as a clear reset does. */
  clear(): void {
    for (let page = 0; page < this.keys.length; page++) {
      if (this.codePages[page]) this.announce(page);
    }
    // What was never written to is not to take the host's memory now.
    const words = new Int32Array(this.bytes.buffer, 0, this.size / 4);
    for (let at = 0; at < words.length; at++) {
      if (words[at] === 0) continue;
      const end = (at | (PAGE_SIZE / 4 - 1)) + 1;
      words.fill(0, at, end);
      at = end - 1;
    }
    this.keys.fill(0);
  }

  #check(at: number, length: number): void {
    if (!this.contains(at, length)) throw new StorageRangeError(at, length);
  }
}

/** A device or the machine was given an address outside of storage; guests cause it. */
export class StorageRangeError extends Error {
  constructor(at: number, length: number) {
    super(`${length} bytes at absolute ${at.toString(16)} are not in storage`);
  }
}

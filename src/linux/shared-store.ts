import { PAGE_SIZE } from '../memory/page.ts';
import type { AddressSpace } from '../memory/user-space.ts';
import type { OpenFile } from './file.ts';
import type { Area, SharedStore } from './mm.ts';

/*
 * Shared mappings. Every process has storage of its own, so what several map is copied: stores go to
 * the common SharedStore when another process gets its turn or a system call looks at the file, and
 * come from there when the process gets its turn again. Only one process runs at a time, so nobody
 * can tell the difference.
 */

let lastKey = 0;
const keys = new WeakMap<SharedStore, string>();

/** A name that nothing else has, for the futexes of one address space. */
export function uniqueKey(): string {
  return String(++lastKey);
}

/** A name for a store; files by identity, for each open(2) makes another object. */
export function storeKey(store: SharedStore): string {
  if ('identity' in store) {
    const { device, inode } = (store as OpenFile).identity();
    return `file ${device} ${inode}`;
  }
  let key = keys.get(store);
  if (key === undefined) keys.set(store, (key = uniqueKey()));
  return key;
}

/** Carries what was stored into a mapping to its store. */
export function flushStore(space: AddressSpace, area: Area, store: SharedStore): void {
  const known = new Uint8Array(area.end - area.start);
  const size = Math.max(store.readAt(known, area.offset), 0);
  for (let at = 0; at < size; at += PAGE_SIZE) {
    const end = Math.min(at + PAGE_SIZE, size);
    const now = space.bytes.subarray(area.start + at, area.start + end);
    if (!sameBytes(now, known.subarray(at, end))) store.writeAt(now, area.offset + at);
  }
}

/** Whether two ranges of the same length hold the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Storage behind a shared anonymous mapping. */
export class AnonymousStore implements SharedStore {
  readonly #bytes: Uint8Array;

  constructor(length: number) {
    this.#bytes = new Uint8Array(length);
  }

  readAt(into: Uint8Array, position: number): number {
    const source = this.#bytes.subarray(position, position + into.length);
    into.set(source);
    return source.length;
  }

  writeAt(from: Uint8Array, position: number): number {
    this.#bytes.set(from, position);
    return from.length;
  }
}

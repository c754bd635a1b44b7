import type { AddressSpace } from '../memory/user-space.ts';
import type { OpenFile } from './file.ts';

/** What a shared mapping shows: a file, or storage that only forked processes share. */
export interface SharedStore {
  readAt(into: Uint8Array, position: number): number;
  writeAt(from: Uint8Array, position: number): number;
}

/** One mapping, as a line of /proc/self/maps. Addresses in bytes, page multiples. */
export interface Area {
  readonly start: number;
  readonly end: number;
  /** PAGE_READ | PAGE_WRITE | PAGE_EXEC. */
  readonly prot: number;
  readonly shared: boolean;
  readonly growsDown: boolean;
  /** What is mapped, and from which byte; undefined for anonymous storage. */
  readonly file: OpenFile | undefined;
  readonly offset: number;
  /** For shared mappings: where stores go. */
  readonly store: SharedStore | undefined;
  /** `[heap]`, `[stack]` or empty. */
  readonly name: string;
}

/** The memory of a process: storage and what is mapped where; shared by CLONE_VM. */
export interface Mm {
  readonly space: AddressSpace;
  /** Mappings by ascending address, not overlapping. */
  areas(): Iterable<Area>;
  /** Bytes of argv and environment on the stack, auxiliary vector: for /proc/self/{cmdline,environ,auxv}. */
  readonly auxiliaryVector: Uint8Array;
}

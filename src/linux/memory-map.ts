import { LOWEST_ADDRESS, PAGE_EXEC, PAGE_READ, PAGE_WRITE } from '../memory/user-space.ts';
import { PAGE_SHIFT, PAGE_SIZE } from '../memory/page.ts';
import type { AddressSpace } from '../memory/user-space.ts';
import { AreaList } from './areas.ts';
import { EEXIST, EINVAL, ENOMEM, SyscallError } from './errno.ts';
import type { OpenFile } from './file.ts';
import type { GuestEngine } from './guest-engine.ts';
import type { Area, Mm, SharedStore } from './mm.ts';
import { flushStore, sameBytes, storeKey, uniqueKey } from './shared-store.ts';
import type { AddressSpacePool } from './space-pool.ts';
import type { Thread } from './thread.ts';
import { UserMemory } from './user-memory.ts';

/** The page with the instructions that a signal handler returns to (Linux has them in its vDSO). */
export const TRAMPOLINE = 0x7fff_d000;
/** Where the first stack ends; everything else is mapped below it. */
export const STACK_TOP = 0x7fff_c000;
/** Distance kept between a stack that may grow and the mapping below it. */
const STACK_GAP = 0x10_0000;
/** Storage added to a growing stack at once. */
const STACK_STEP = 0x1_0000;
/** Private file mappings above this size are read page by page as they are touched. */
const EAGER_LIMIT = 0x10_0000;
/** How much is read at once then. */
const READ_AROUND = 0x2_0000;

export function pageUp(value: number): number {
  return Math.ceil(value / PAGE_SIZE) * PAGE_SIZE;
}

export function pageDown(value: number): number {
  return Math.floor(value / PAGE_SIZE) * PAGE_SIZE;
}

export interface MapRequest {
  readonly length: number;
  readonly prot: number;
  /** Wanted address; a hint unless `fixed`. */
  readonly address?: number;
  /** `replace`: over whatever is there. `keep`: fail with EEXIST then. */
  readonly fixed?: 'replace' | 'keep';
  readonly growsDown?: boolean;
  readonly file?: OpenFile;
  readonly offset?: number;
  readonly store?: SharedStore;
  readonly shared?: boolean;
  readonly name?: string;
  /** Read the whole file range now, whatever its size. */
  readonly eager?: boolean;
}

/** Why an access failed, or that it may be tried again. */
export type FaultOutcome = 'resolved' | 'unmapped' | 'protection' | 'beyondFile';

/**
 * The memory of one process: which parts of its address space show what, and the engine that runs
 * the code in it. Shared between threads, and by vfork until execve.
 */
export class MemoryMap implements Mm {
  readonly space: AddressSpace;
  readonly engine: GuestEngine;
  readonly memory: UserMemory;
  /** The thread whose registers are in the engine's register file. */
  loaded: Thread | undefined;
  references = 1;
  auxiliaryVector = new Uint8Array(0);
  /** Lowest address of a growing stack; set by RLIMIT_STACK when a program is loaded. */
  stackLimit = 0x80_0000;
  brkStart = 0;
  brk = 0;
  readonly #areas = new AreaList();
  readonly #files = new Set<OpenFile>();
  /** 1 where a page of a file mapping has not been read yet, or lies beyond the file's end. */
  readonly #absent = new Uint8Array(1 << 19);
  readonly #pool: AddressSpacePool;
  readonly #key = uniqueKey();
  #storeAreas = 0;

  constructor(space: AddressSpace, engine: GuestEngine, pool: AddressSpacePool) {
    this.space = space;
    this.engine = engine;
    this.#pool = pool;
    this.memory = new UserMemory(space, (address, isStore) => {
      return this.fault(address, isStore) === 'resolved';
    });
  }

  areas(): Iterable<Area> {
    return this.#areas;
  }

  areaAt(address: number): Area | undefined {
    return this.#areas.at(address);
  }

  /** Top of the region in which the kernel chooses addresses. */
  get #top(): number {
    return STACK_TOP - pageUp(this.stackLimit) - STACK_GAP;
  }

  /**
   * Maps; returns the address.
   * @throws SyscallError ENOMEM (no room, or outside the address space), EEXIST
   */
  map(request: MapRequest): number {
    const length = pageUp(request.length);
    if (!(length > 0)) throw new SyscallError(EINVAL);
    const start = this.#place(length, request);
    const { prot, file, store, offset = 0 } = request;
    this.#release(this.#areas.remove(start, start + length));
    this.#absent.fill(0, start >>> PAGE_SHIFT, (start + length) / PAGE_SIZE);
    const area: Area = {
      start,
      end: start + length,
      prot: prot & (PAGE_READ | PAGE_WRITE | PAGE_EXEC),
      shared: request.shared ?? false,
      growsDown: request.growsDown ?? false,
      file,
      offset,
      store,
      name: request.name ?? '',
    };
    if (file && !this.#files.has(file)) {
      file.retain();
      this.#files.add(file);
    }
    this.#areas.add(area);
    this.#countStores();
    this.space.map(start, length, area.prot);
    if (store) this.#fill(area, store);
    else if (file) this.#fillFrom(area, file, request.eager);
    return start;
  }

  /** Unmaps whatever is in the range. */
  unmap(start: number, length: number): void {
    const end = Math.min(start + pageUp(length), this.space.size);
    if (end <= start) return;
    this.flushShared(start, end);
    this.#release(this.#areas.remove(start, end));
    this.#countStores();
    this.#absent.fill(0, start >>> PAGE_SHIFT, end / PAGE_SIZE);
    this.space.unmap(start, end - start);
  }

  /** Changes permissions. @throws SyscallError ENOMEM when part of the range is not mapped */
  protect(start: number, length: number, prot: number): void {
    const end = start + pageUp(length);
    if (!this.#areas.covers(start, end)) throw new SyscallError(ENOMEM);
    const access = prot & (PAGE_READ | PAGE_WRITE | PAGE_EXEC);
    for (const area of this.#areas.remove(start, end)) {
      this.#areas.add({ ...area, prot: access });
      this.space.protect(area.start, area.end - area.start, access);
      if (area.file) this.#closeAbsent(area);
    }
  }

  /** mremap(2). @throws SyscallError EFAULT, ENOMEM, EINVAL */
  remap(
    start: number,
    oldLength: number,
    newLength: number,
    { mayMove, to }: { readonly mayMove: boolean; readonly to?: number },
  ): number {
    const oldSize = pageUp(oldLength);
    const newSize = pageUp(newLength);
    const area = this.#areas.at(start);
    if (!area || area.end < start + oldSize) throw new SyscallError(14);
    if (to === undefined) {
      if (newSize <= oldSize) {
        if (newSize < oldSize) this.unmap(start + newSize, oldSize - newSize);
        return start;
      }
      const next = this.#areas.from(start + oldSize);
      const room = next ? next.start : this.space.size;
      if (area.end === start + oldSize && start + newSize <= room) {
        this.#extend(area, start + oldSize, newSize - oldSize);
        return start;
      }
      if (!mayMove) throw new SyscallError(ENOMEM);
    } else if (to < start + oldSize && start < to + newSize) {
      throw new SyscallError(EINVAL);
    }
    this.flushShared(start, start + oldSize);
    const where = this.map({
      ...area,
      offset: area.offset + (start - area.start),
      length: newSize,
      ...(to === undefined ? {} : { address: to, fixed: 'replace' as const }),
    } as MapRequest);
    const kept = Math.min(oldSize, newSize);
    if (!area.store) this.#move(start, where, kept, area.prot);
    this.unmap(start, oldSize);
    return where;
  }

  /** brk(2): the new end of the heap, or the old one where it cannot move. */
  setBrk(address: number): number {
    if (address < this.brkStart || address > this.space.size) return this.brk;
    const oldEnd = pageUp(this.brk);
    const newEnd = pageUp(address);
    if (newEnd > oldEnd) {
      const next = this.#areas.from(oldEnd);
      if (newEnd > (next ? next.start : this.space.size)) return this.brk;
      const prot = PAGE_READ | PAGE_WRITE;
      const length = newEnd - oldEnd;
      this.map({ address: oldEnd, length, prot, fixed: 'replace', name: '[heap]' });
    } else if (newEnd < oldEnd) {
      this.unmap(newEnd, oldEnd - newEnd);
    }
    this.brk = address;
    return address;
  }

  /** madvise(MADV_DONTNEED): private pages are what they were when mapped. */
  discard(start: number, length: number): void {
    for (const area of this.#areas.within(start, start + pageUp(length))) {
      if (area.store) continue;
      this.space.map(area.start, area.end - area.start, area.prot);
      if (area.file) this.#fillFrom(area, area.file);
    }
  }

  /** What a failing access means; reads file pages and grows stacks where that is due. */
  fault(address: number, isStore: boolean): FaultOutcome {
    if (!(address >= 0 && address < this.space.size)) return 'unmapped';
    const area = this.#areas.at(address);
    if (!area) return this.#growStack(address) ? 'resolved' : 'unmapped';
    if (!(area.prot & (isStore ? PAGE_WRITE : PAGE_READ | PAGE_EXEC))) return 'protection';
    if (this.#absent[address >>> PAGE_SHIFT]) {
      return this.#load(area, address) ? 'resolved' : 'beyondFile';
    }
    return 'protection';
  }

  /** What identifies the futex at `address`: the same for all who share the storage. */
  futexKey(address: number): string {
    const area = this.#areas.at(address);
    if (area?.store) return `${storeKey(area.store)}+${area.offset + (address - area.start)}`;
    return `${this.#key}+${address}`;
  }

  /** A copy for a forked child. */
  fork(): MemoryMap {
    this.flushShared();
    const space = this.#pool.take();
    space.copyFrom(this.space);
    const child = new MemoryMap(space, this.engine.fork(space), this.#pool);
    for (const area of this.#areas) child.#areas.add(area);
    child.#countStores();
    for (const file of this.#files) {
      file.retain();
      child.#files.add(file);
    }
    child.#absent.set(this.#absent);
    child.auxiliaryVector = this.auxiliaryVector;
    child.stackLimit = this.stackLimit;
    child.brkStart = this.brkStart;
    child.brk = this.brk;
    return child;
  }

  /** One user fewer; the last one gives the storage back. */
  release(): void {
    if (--this.references > 0) return;
    if (this.sharesStores) this.flushShared();
    this.#storeAreas = 0;
    for (const file of this.#files) file.release();
    this.#files.clear();
    this.loaded = undefined;
    this.#pool.give(this.space);
  }

  /** Whether stores must be carried to files or other processes. */
  get sharesStores(): boolean {
    return this.#storeAreas > 0;
  }

  /** Carries stores into shared mappings of `[start, end)` to what is mapped. */
  flushShared(start = 0, end = this.space.size): void {
    for (const area of this.#areas.within(start, end)) {
      if (area.store && area.prot & PAGE_WRITE) flushStore(this.space, area, area.store);
    }
  }

  /** Shows in shared mappings what others stored meanwhile. */
  refreshShared(): void {
    for (const area of this.#areas) {
      if (area.store) this.#fill(area, area.store);
    }
  }

  #countStores(): void {
    this.#storeAreas = 0;
    for (const { store } of this.#areas) if (store) this.#storeAreas++;
  }

  #place(length: number, { address = 0, fixed, growsDown }: MapRequest): number {
    const end = address + length;
    const inside = address >= LOWEST_ADDRESS && end <= this.space.size;
    const wanted = pageDown(address);
    if (fixed !== undefined) {
      if (!inside) throw new SyscallError(ENOMEM);
      if (fixed === 'keep' && this.#areas.within(address, end).length > 0) {
        throw new SyscallError(EEXIST);
      }
      if (fixed === 'replace') this.flushShared(address, end);
      return address;
    }
    if (wanted >= LOWEST_ADDRESS && wanted + length <= this.#top) {
      if (this.#areas.within(wanted, wanted + length).length === 0) return wanted;
    }
    const extra = growsDown ? STACK_GAP : 0;
    const found = this.#areas.highestGap(length + extra, LOWEST_ADDRESS, this.#top);
    if (found === undefined) throw new SyscallError(ENOMEM);
    return found + extra;
  }

  #extend(area: Area, start: number, length: number): void {
    const offset = area.offset + (start - area.start);
    this.map({ ...area, address: start, length, offset, fixed: 'replace' } as MapRequest);
  }

  /** Copies storage between mappings, whatever their permissions. */
  #move(from: number, to: number, length: number, prot: number): void {
    for (let at = 0; at < length; at += PAGE_SIZE) this.#ensure(from + at);
    this.space.protect(to, length, PAGE_READ | PAGE_WRITE);
    this.space.bytes.copyWithin(to, from, from + length);
    this.space.protect(to, length, prot);
    this.#absent.copyWithin(to >>> PAGE_SHIFT, from >>> PAGE_SHIFT, (from + length) / PAGE_SIZE);
    const area = this.#areas.at(to);
    if (area?.file) this.#closeAbsent(area);
  }

  #ensure(address: number): void {
    const area = this.#areas.at(address);
    if (area && this.#absent[address >>> PAGE_SHIFT]) this.#load(area, address);
  }

  #release(removed: readonly Area[]): void {
    for (const { file } of removed) {
      if (!file || !this.#files.has(file)) continue;
      let used = false;
      for (const area of this.#areas) used ||= area.file === file;
      if (used) continue;
      this.#files.delete(file);
      file.release();
    }
  }

  #fillFrom(area: Area, file: OpenFile, eager = false): void {
    const length = area.end - area.start;
    // Code is read at once: the translator looks ahead without faulting.
    const lazy = !eager && length > EAGER_LIMIT && !(area.prot & PAGE_EXEC);
    const read = lazy ? 0 : this.#read(area, file, area.start, length);
    const present = pageUp(read);
    if (present === length) return;
    this.#absent.fill(1, (area.start + present) / PAGE_SIZE, area.end / PAGE_SIZE);
    this.#closeAbsent(area);
  }

  #read(area: Area, file: OpenFile, start: number, length: number): number {
    const into = this.space.bytes.subarray(start, start + length);
    if (!area.prot) this.space.protect(start, length, PAGE_READ);
    const read = file.readAt(into, area.offset + (start - area.start));
    if (!area.prot) this.space.protect(start, length, 0);
    return Math.max(read, 0);
  }

  /** Reads the file around an absent page; false when the page is beyond the file's end. */
  #load(area: Area, address: number): boolean {
    const { file } = area;
    if (!file) return false;
    const page = pageDown(address);
    if (area.offset + (page - area.start) >= file.size()) return false;
    const start = Math.max(area.start, page - (page % READ_AROUND));
    const end = Math.min(area.end, start + READ_AROUND);
    for (let at = start; at < end; at += PAGE_SIZE) {
      if (!this.#absent[at >>> PAGE_SHIFT]) continue;
      this.space.protect(at, PAGE_SIZE, area.prot || PAGE_READ);
      if (this.#read(area, file, at, PAGE_SIZE) > 0) this.#absent[at >>> PAGE_SHIFT] = 0;
      this.space.protect(at, PAGE_SIZE, this.#absent[at >>> PAGE_SHIFT] ? 0 : area.prot);
    }
    return !this.#absent[page >>> PAGE_SHIFT];
  }

  #closeAbsent(area: Area): void {
    const end = area.end / PAGE_SIZE;
    let page = this.#absent.indexOf(1, area.start >>> PAGE_SHIFT);
    while (page >= 0 && page < end) {
      const first = page;
      while (page < end && this.#absent[page]) page++;
      this.space.protect(first * PAGE_SIZE, (page - first) * PAGE_SIZE, 0);
      page = this.#absent.indexOf(1, page);
    }
  }

  #growStack(address: number): boolean {
    const area = this.#areas.from(address);
    if (!area?.growsDown) return false;
    const lowest = area.name === '[stack]' ? area.end - this.stackLimit : area.end - 0x80_0000;
    if (address < lowest) return false;
    let start = Math.max(lowest, pageDown(address) - STACK_STEP);
    for (const below of this.#areas.within(start, area.start)) start = below.end + PAGE_SIZE;
    if (start > address) return false;
    const length = area.start - start;
    this.map({ ...area, address: start, length, fixed: 'replace' } as MapRequest);
    return true;
  }

  /** Shows the store's bytes in a shared mapping, which pages beyond its end are not part of. */
  #fill(area: Area, store: SharedStore): void {
    const length = area.end - area.start;
    const current = new Uint8Array(length);
    const read = Math.max(store.readAt(current, area.offset), 0);
    const { space } = this;
    for (let at = 0; at < length; at += PAGE_SIZE) {
      const page = (area.start + at) >>> PAGE_SHIFT;
      if (at >= pageUp(read)) {
        if (area.file && !this.#absent[page]) {
          this.#absent[page] = 1;
          space.protect(area.start + at, PAGE_SIZE, 0);
        }
        continue;
      }
      if (this.#absent[page]) {
        this.#absent[page] = 0;
        space.protect(area.start + at, PAGE_SIZE, area.prot);
      }
      const old = space.bytes.subarray(area.start + at, area.start + at + PAGE_SIZE);
      const now = current.subarray(at, at + PAGE_SIZE);
      if (sameBytes(old, now)) continue;
      if (space.codePages[page]) space.protect(area.start + at, PAGE_SIZE, area.prot);
      old.set(now);
    }
  }
}

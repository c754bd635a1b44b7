import type { AbsoluteStorage } from '../../memory/absolute-storage.ts';
import { PAGE_SHIFT, PAGE_SIZE } from '../../memory/page.ts';
import { malformed } from './layout.ts';

/*
 * A group of pages: number of runs (4 bytes); for each run the number of its first page and how
 * many pages it has (4 bytes each); then the pages. Numbers are big-endian.
 */

/** Pages in a group at most, in a snapshot that is written. */
const GROUP_PAGES = 256;

interface Run {
  readonly page: number;
  count: number;
}

/** The pages of storage that are not all zeros, in groups. */
export function* pageGroups(storage: AbsoluteStorage): Generator<Uint8Array> {
  const words = new Int32Array(storage.bytes.buffer, storage.bytes.byteOffset, storage.size >>> 2);
  const end = storage.size >>> PAGE_SHIFT;
  let runs: Run[] = [];
  let pages = 0;
  for (let page = 0; page < end; page++) {
    if (isZero(words, page)) continue;
    const run = runs.at(-1);
    if (run && run.page + run.count === page) run.count++;
    else runs.push({ page, count: 1 });
    if (++pages < GROUP_PAGES) continue;
    yield groupOf(storage, runs, pages);
    runs = [];
    pages = 0;
  }
  if (pages > 0) yield groupOf(storage, runs, pages);
}

/**
 * Writes the pages of a group.
 * @throws SnapshotError when it is not well-formed, or has pages that are not in storage
 */
export function restoreGroup(group: Uint8Array, storage: AbsoluteStorage): void {
  const view = new DataView(group.buffer, group.byteOffset, group.length);
  const count = group.length >= 4 ? view.getUint32(0) : 0;
  let from = 4 + 8 * count;
  if (from > group.length) throw malformed('a group of pages');
  for (let i = 0; i < count; i++) {
    const at = view.getUint32(4 + 8 * i) * PAGE_SIZE;
    const length = view.getUint32(8 + 8 * i) * PAGE_SIZE;
    if (from + length > group.length || !storage.contains(at, length)) {
      throw malformed('a group of pages');
    }
    storage.write(at, group.subarray(from, from + length));
    from += length;
  }
  if (from !== group.length) throw malformed('a group of pages');
}

function groupOf(storage: AbsoluteStorage, runs: readonly Run[], pages: number): Uint8Array {
  let to = 4 + 8 * runs.length;
  const group = new Uint8Array(to + pages * PAGE_SIZE);
  const view = new DataView(group.buffer);
  view.setUint32(0, runs.length);
  for (const [i, { page, count }] of runs.entries()) {
    view.setUint32(4 + 8 * i, page);
    view.setUint32(8 + 8 * i, count);
    group.set(storage.slice(page * PAGE_SIZE, count * PAGE_SIZE), to);
    to += count * PAGE_SIZE;
  }
  return group;
}

function isZero(words: Int32Array, page: number): boolean {
  const end = (page + 1) << (PAGE_SHIFT - 2);
  for (let i = page << (PAGE_SHIFT - 2); i < end; i += 4) {
    if (words[i]! | words[i + 1]! | words[i + 2]! | words[i + 3]!) return false;
  }
  return true;
}

import type { Area } from './mm.ts';

/** Mappings of an address space: sorted, disjoint; neighbours that continue each other are merged. */
export class AreaList {
  #areas: Area[] = [];

  [Symbol.iterator](): IterableIterator<Area> {
    return this.#areas.values();
  }

  /** The area that contains `address`. */
  at(address: number): Area | undefined {
    const area = this.#areas[this.#firstEndingAfter(address)];
    return area && area.start <= address ? area : undefined;
  }

  /** The first area whose end is above `address`. */
  from(address: number): Area | undefined {
    return this.#areas[this.#firstEndingAfter(address)];
  }

  /** Areas that overlap `[start, end)`, cut to it. */
  within(start: number, end: number): Area[] {
    const found: Area[] = [];
    for (let i = this.#firstEndingAfter(start); i < this.#areas.length; i++) {
      const area = this.#areas[i]!;
      if (area.start >= end) break;
      found.push(cut(area, start, end));
    }
    return found;
  }

  /** Whether areas cover `[start, end)` without a hole. */
  covers(start: number, end: number): boolean {
    let at = start;
    for (const area of this.within(start, end)) {
      if (area.start > at) return false;
      at = area.end;
    }
    return at >= end;
  }

  /** Takes `[start, end)` out; returns what was there. */
  remove(start: number, end: number): Area[] {
    const first = this.#firstEndingAfter(start);
    let last = first;
    const removed: Area[] = [];
    const kept: Area[] = [];
    for (; last < this.#areas.length; last++) {
      const area = this.#areas[last]!;
      if (area.start >= end) break;
      removed.push(cut(area, start, end));
      if (area.start < start) kept.push(cut(area, area.start, start));
      if (area.end > end) kept.push(cut(area, end, area.end));
    }
    this.#areas.splice(first, last - first, ...kept);
    return removed;
  }

  /** Puts in an area where nothing is. */
  add(area: Area): void {
    let at = this.#firstEndingAfter(area.start);
    const before = this.#areas[at - 1];
    let merged = area;
    let count = 0;
    if (before && continues(before, area)) {
      merged = { ...area, start: before.start, offset: before.offset };
      at--;
      count++;
    }
    const after = this.#areas[at + count];
    if (after && continues(merged, after)) {
      merged = { ...merged, end: after.end };
      count++;
    }
    this.#areas.splice(at, count, merged);
  }

  /** The highest gap of `length` bytes that ends at or below `top` and starts at or above `bottom`. */
  highestGap(length: number, bottom: number, top: number): number | undefined {
    let end = top;
    for (let i = this.#areas.length - 1; i >= -1; i--) {
      const area = this.#areas[i];
      const floor = Math.max(area ? area.end : bottom, bottom);
      if (end - floor >= length) return end - length;
      if (!area || area.start < bottom) break;
      end = Math.min(end, area.start);
    }
    return undefined;
  }

  #firstEndingAfter(address: number): number {
    let low = 0;
    let high = this.#areas.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#areas[middle]!.end > address) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function cut(area: Area, start: number, end: number): Area {
  const from = Math.max(area.start, start);
  const to = Math.min(area.end, end);
  if (from === area.start && to === area.end) return area;
  return { ...area, start: from, end: to, offset: area.offset + (from - area.start) };
}

function continues(a: Area, b: Area): boolean {
  return (
    a.end === b.start &&
    a.prot === b.prot &&
    a.shared === b.shared &&
    a.growsDown === b.growsDown &&
    a.file === b.file &&
    a.store === undefined &&
    b.store === undefined &&
    a.name === b.name &&
    (a.file === undefined || a.offset + (a.end - a.start) === b.offset)
  );
}

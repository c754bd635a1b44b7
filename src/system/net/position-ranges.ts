/** Bytes from `start` up to `end`, which is not in the range. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A set of positions in a stream, as ranges in order that do not touch each other. */
export class PositionRanges {
  #ranges: Range[] = [];
  /** Positions in the set. */
  size = 0;

  get ranges(): readonly Range[] {
    return this.#ranges;
  }

  /** Behind the last position; 0 when there is none. */
  get end(): number {
    return this.#ranges.at(-1)?.end ?? 0;
  }

  add({ start, end }: Range): void {
    const before = this.#ranges.filter((range) => range.end < start);
    const after = this.#ranges.filter((range) => range.start > end);
    for (const range of this.#ranges.slice(before.length, this.#ranges.length - after.length)) {
      start = Math.min(start, range.start);
      end = Math.max(end, range.end);
    }
    this.#set([...before, { start, end }, ...after]);
  }

  /** Removes all before `position`. */
  dropBefore(position: number): void {
    if (this.#ranges.length === 0 || this.#ranges[0].start >= position) return;
    const kept = this.#ranges.filter(({ end }) => end > position);
    this.#set(kept.map(({ start, end }) => ({ start: Math.max(start, position), end })));
  }

  clear(): void {
    this.#set([]);
  }

  /** The range that has `position`. */
  at(position: number): Range | undefined {
    return this.#ranges.find(({ start, end }) => position >= start && position < end);
  }

  /** Where the first range behind `position` begins, which is in none; infinite without one. */
  nextStart(position: number): number {
    return this.#ranges.find(({ start }) => start > position)?.start ?? Infinity;
  }

  #set(ranges: Range[]): void {
    this.#ranges = ranges;
    this.size = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  }
}

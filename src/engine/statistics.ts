/** Counters of one engine, or of several added up. */
export class Statistics {
  /** Guest instructions interpreted. */
  interpreted = 0;
  /** Guest instructions in generated code; counted only with `countInstructions`. */
  compiled = 0;
  blocks = 0;
  regions = 0;
  /** Regions whose sources were kept from before. */
  restored = 0;
  /** Guest instructions that were translated into regions. */
  regionInsns = 0;
  /** Characters of generated source. */
  sourceSize = 0;
  /** Milliseconds making IR, source and functions. */
  translationTime = 0;
  invalidations = 0;
  exits: Record<string, number> = {};

  exit(reason: string): void {
    this.exits[reason] = (this.exits[reason] ?? 0) + 1;
  }

  add(other: Statistics): void {
    this.interpreted += other.interpreted;
    this.compiled += other.compiled;
    this.blocks += other.blocks;
    this.regions += other.regions;
    this.restored += other.restored;
    this.regionInsns += other.regionInsns;
    this.sourceSize += other.sourceSize;
    this.translationTime += other.translationTime;
    this.invalidations += other.invalidations;
    for (const [reason, count] of Object.entries(other.exits)) {
      this.exits[reason] = (this.exits[reason] ?? 0) + count;
    }
  }

  get instructions(): number {
    return this.interpreted + this.compiled;
  }
}

/** A small seeded generator (xoshiro128**): the same seed gives the same cases on every machine. */
export class Random {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    // SplitMix32 spreads the seed over the state.
    let z = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      z = (z + 0x9e3779b9) >>> 0;
      let t = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
      this.#state[i] = t ^ (t >>> 15);
    }
  }

  /** An unsigned 32-bit integer. */
  next(): number {
    const s = this.#state;
    const product = Math.imul(s[1]!, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result;
  }

  /** An integer in `[0, end)`. */
  below(end: number): number {
    return this.next() % end;
  }

  /** True once in `n` times on average. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  next64(): bigint {
    return (BigInt(this.next()) << 32n) | BigInt(this.next());
  }
}

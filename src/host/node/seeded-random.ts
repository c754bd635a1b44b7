/** Numbers that a seed fixes: Marsaglia's xorshift32 per byte group. Not for secrets. */
export class SeededRandom {
  #state: number;

  constructor(seed: string) {
    // FNV-1a of the seed's characters; zero would stay zero.
    let hash = 0x811c_9dc5;
    for (const character of seed) {
      hash = Math.imul(hash ^ character.codePointAt(0)!, 0x0100_0193);
    }
    this.#state = hash || 1;
  }

  fill(into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) {
      this.#state ^= this.#state << 13;
      this.#state ^= this.#state >>> 17;
      this.#state ^= this.#state << 5;
      into[i] = this.#state >>> 11;
    }
  }
}

import { CONSTANTS } from '../../cpu/state.ts';

/**
 * Constants of all blocks, behind the temporaries in the register file: no step has to put them
 * there. When there is no more room, blocks make their own as they go.
 */
export class ConstantPool {
  readonly #words: Int32Array;
  readonly #slots = new Map<string, number>();
  #next = CONSTANTS;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  /** The slot of a constant, or undefined when all are taken. */
  slotOf(high: number, low: number): number | undefined {
    const key = `${high},${low}`;
    let slot = this.#slots.get(key);
    if (slot === undefined && this.#next + 2 <= this.#words.length) {
      slot = this.#next;
      this.#next += 2;
      this.#words[slot] = low;
      this.#words[slot + 1] = high;
      this.#slots.set(key, slot);
    }
    return slot;
  }
}

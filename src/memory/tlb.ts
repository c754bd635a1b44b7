/**
 * Translations of data accesses, direct-mapped, in one array that generated code probes inline.
 *
 * A context is what makes a translation mean something: CPU, ASCE, key, control bits. Its entries
 * begin at `base`; that of a page at `base + entryOffset(lo)`. An entry has three words for fetches
 * and three for stores: page (low word), high word of the address, and what to add to an address's
 * low word to get the offset in storage. The page's word of an empty entry is odd, so no address
 * matches. A hit costs two comparisons:
 *
 *     e = base + (lo >>> 9 & INDEX_MASK)
 *     (tlb[e] ^ (lo + size - 1 & -4096) | tlb[e + 1] ^ hi) === 0
 *
 * The first one fails too where the last byte lies on another page.
 */
export const TLB_ENTRIES = 4096;
/** Words of an entry; the words for stores follow those for fetches at STORE_WORDS. */
export const ENTRY_WORDS = 8;
export const STORE_WORDS = 4;
export const INDEX_SHIFT = 9;
export const INDEX_MASK = (TLB_ENTRIES - 1) * ENTRY_WORDS;
/**
 * Behind them two entries for the pages of the prefix area, for accesses whose address generated
 * code knows and that low-address protection does not concern.
 */
export const LOWCORE_ENTRIES = TLB_ENTRIES * ENTRY_WORDS;
const CONTEXT_WORDS = LOWCORE_ENTRIES + 2 * ENTRY_WORDS;
const EMPTY = 1;
/** Contexts that are kept; one more stays empty for ever. */
const CONTEXTS = 12;

/** One context's place in the array. */
export interface TlbContext {
  readonly base: number;
  /** What it belongs to: see {@link Tlb.context}. */
  cpu: number;
  asceHigh: number;
  asceLow: number;
  bits: number;
  /** When it was last asked for. */
  used: number;
  isEmpty: boolean;
}

export class Tlb {
  readonly words = new Int32Array((CONTEXTS + 1) * CONTEXT_WORDS).fill(EMPTY);
  /** A base at which nothing is ever found. */
  readonly nowhere = CONTEXTS * CONTEXT_WORDS;
  readonly #contexts: TlbContext[] = [];
  #time = 0;

  /**
   * The context of a CPU, an ASCE (0 when DAT is off) and whatever else decides about accesses,
   * packed into `bits`. The one used longest ago makes room for a new one.
   */
  context(cpu: number, asceHigh: number, asceLow: number, bits: number): TlbContext {
    const now = ++this.#time;
    let oldest: TlbContext | undefined;
    for (const c of this.#contexts) {
      if (c.asceLow === asceLow && c.bits === bits && c.cpu === cpu && c.asceHigh === asceHigh) {
        c.used = now;
        return c;
      }
      if (!oldest || c.used < oldest.used) oldest = c;
    }
    if (this.#contexts.length < CONTEXTS) {
      const base = this.#contexts.length * CONTEXT_WORDS;
      const made = { base, cpu, asceHigh, asceLow, bits, used: now, isEmpty: true };
      this.#contexts.push(made);
      return made;
    }
    this.#clear(oldest!);
    return Object.assign(oldest!, { cpu, asceHigh, asceLow, bits, used: now });
  }

  /** Enters a page: `hi:lo` (any address in it) is at `offset` (its first byte). */
  fill(context: TlbContext, hi: number, lo: number, offset: number, isStore: boolean): void {
    const at = context.base + ((lo >>> INDEX_SHIFT) & INDEX_MASK);
    this.#set(context, at + (isStore ? STORE_WORDS : 0), hi, lo, offset);
  }

  /** The same for a page of the prefix area: see {@link LOWCORE_ENTRIES}. */
  fillLowcore(context: TlbContext, lo: number, offset: number, isStore: boolean): void {
    const at = context.base + LOWCORE_ENTRIES + (lo >>> 12) * ENTRY_WORDS;
    this.#set(context, at + (isStore ? STORE_WORDS : 0), 0, lo, offset);
  }

  #set(context: TlbContext, at: number, hi: number, lo: number, offset: number): void {
    const { words } = this;
    words[at] = lo & ~0xfff;
    words[at + 1] = hi;
    words[at + 2] = offset - (lo & ~0xfff);
    context.isEmpty = false;
  }

  /** Forgets a CPU's translations, or everybody's. */
  purge(cpu?: number): void {
    for (const c of this.#contexts) if (cpu === undefined || c.cpu === cpu) this.#clear(c);
  }

  /** Forgets what was made from the tables of an ASCE. */
  purgeAsce(hi: number, lo: number): void {
    for (const c of this.#contexts) {
      if (c.asceHigh === hi && (c.asceLow & ~0xfff) === (lo & ~0xfff)) this.#clear(c);
    }
  }

  /** Forgets a page in all contexts. */
  purgePage(hi: number, lo: number): void {
    const { words } = this;
    for (const { base } of this.#contexts) {
      const entries = [base + ((lo >>> INDEX_SHIFT) & INDEX_MASK)];
      if (hi === 0 && lo >>> 13 === 0)
        entries.push(base + LOWCORE_ENTRIES + (lo >>> 12) * ENTRY_WORDS);
      for (const at of entries) {
        for (const e of [at, at + STORE_WORDS]) {
          if (words[e] === (lo & ~0xfff) && words[e + 1] === hi) words[e] = EMPTY;
        }
      }
    }
  }

  /** Forgets translations to the page of storage at `offset`: those for stores, or all. */
  purgeFrame(offset: number, storesOnly: boolean): void {
    const { words } = this;
    for (const { base, isEmpty } of this.#contexts) {
      if (isEmpty) continue;
      for (let e = base; e < base + CONTEXT_WORDS; e += STORE_WORDS) {
        if (storesOnly && (e & STORE_WORDS) === 0) continue;
        if (words[e] !== EMPTY && ((words[e]! + words[e + 2]!) | 0) === offset) words[e] = EMPTY;
      }
    }
  }

  #clear(context: TlbContext): void {
    if (context.isEmpty) return;
    this.words.fill(EMPTY, context.base, context.base + CONTEXT_WORDS);
    context.isEmpty = true;
  }
}

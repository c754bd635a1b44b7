import { AS_ACCESS_REGISTER, AS_HOME, AS_PRIMARY, HIGH_DAT } from '../arch/psw.ts';
import { fromBigInt, high, highWord, lowWord, toNumber } from '../base/int64.ts';
import {
  PIC_ADDRESSING,
  PIC_PROTECTION,
  PIC_TRANSLATION_SPECIFICATION,
  ProgramInterruption,
} from '../cpu/interruption.ts';
import { CPU_ADDRESS, PSW_MASK, TLB_BASE, type CpuState } from '../cpu/state.ts';
import {
  KEY_ACCESS,
  KEY_CHANGE,
  KEY_FETCH,
  KEY_REFERENCE,
  type AbsoluteStorage,
} from './absolute-storage.ts';
import { accessTo, type Access } from './access.ts';
import type { CodePageListener, CodeSource, TranslationListener } from './code-source.ts';
import { pageNumber, PAGE_SHIFT, PAGE_SIZE } from './page.ts';
import type { AccessControl, RealAddress, SystemStorage } from './system-storage.ts';
import {
  ENTRY_WORDS,
  INDEX_MASK,
  INDEX_SHIFT,
  LOWCORE_ENTRIES,
  STORE_WORDS,
  Tlb,
  type TlbContext,
} from './tlb.ts';
import { Translator } from './translator.ts';
import { Windows } from './windows.ts';

const LAST_PAGE = 2 ** 64 - PAGE_SIZE;

/**
 * Main storage as the CPU sees whose registers are in `state`: DAT, prefixing, keys and protection
 * in front of absolute storage, and the TLB that generated code probes.
 */
export class DatStorage implements SystemStorage, CodeSource {
  readonly storage: AbsoluteStorage;
  readonly state: CpuState;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  readonly size: number;
  readonly tlb = new Tlb();
  readonly listeners = new Set<TranslationListener>();
  accessRegister = 0;
  /** Those of the present instruction's operands. */
  #operandRegisters: readonly number[] = [];
  readonly #windows: Windows;
  readonly #translator: Translator;
  /** 1 for each page to which the TLB may have an entry for stores. */
  readonly #stored: Uint8Array;
  #access: Access;
  #context: TlbContext | undefined;

  constructor(storage: AbsoluteStorage, state: CpuState, { enhancedDat = false } = {}) {
    this.storage = storage;
    this.state = state;
    this.bytes = storage.bytes;
    this.view = storage.view;
    this.size = storage.size;
    this.#windows = new Windows(storage);
    this.#translator = new Translator(storage, state.words, enhancedDat);
    this.#stored = new Uint8Array(storage.size >>> PAGE_SHIFT);
    this.#access = accessTo(state.words, false, AS_PRIMARY, 0);
    this.modeChanged();
  }

  get codeListeners(): Set<CodePageListener> {
    return this.storage.codeListeners;
  }

  get open(): number {
    return this.#windows.open;
  }

  settle(): void {
    if (this.#windows.open !== 0) this.#windows.settle();
  }

  /** Base of the current context in the TLB. */
  get base(): number {
    return this.state.words[TLB_BASE]!;
  }

  // ---- what translations depend on ----

  /** To be called when the PSW, control registers or the prefix may have changed. */
  modeChanged(): void {
    const { words } = this.state;
    if (!this.#translator.load()) this.purge();
    const mask = words[PSW_MASK + 1]!;
    const space = (mask >>> 14) & 3;
    this.#access = accessTo(words, (mask & HIGH_DAT) !== 0, space, (mask >>> 20) & 15);
    this.#context = undefined;
    const noContext = this.#access.dat && space === AS_ACCESS_REGISTER;
    words[TLB_BASE] = noContext ? this.tlb.nowhere : this.#contextOf(this.#access).base;
  }

  #contextOf({ dat, asceHigh, asceLow, key }: Access): TlbContext {
    const context = this.tlb.context(
      this.state.words[CPU_ADDRESS]!,
      asceHigh,
      asceLow,
      (dat ? 1 : 0) | (key << 1),
    );
    this.#context = context;
    return context;
  }

  controlLoaded(): void {
    this.modeChanged();
  }

  prefixLoaded(): void {
    this.purge();
    this.modeChanged();
  }

  purge(): void {
    this.tlb.purge(this.state.words[CPU_ADDRESS]!);
    for (const listener of this.listeners) listener.purged(undefined);
  }

  purgeAll(): void {
    this.tlb.purge();
    for (const listener of this.listeners) listener.purged(undefined);
  }

  purgePage(hi: number, lo: number): void {
    this.tlb.purgePage(hi, lo);
    for (const listener of this.listeners) listener.pagePurged(pageNumber(hi, lo));
  }

  purgeAsce(hi: number, lo: number): void {
    this.tlb.purgeAsce(hi, lo);
    for (const listener of this.listeners) listener.purged({ hi, lo });
  }

  keyChanged(page: number, before: number): void {
    const now = this.storage.keys[page]!;
    const protection = (before ^ now) & (KEY_ACCESS | KEY_FETCH);
    const cleared = before & ~now & (KEY_REFERENCE | KEY_CHANGE);
    if (protection || cleared) this.tlb.purgeFrame(page * PAGE_SIZE, cleared === KEY_CHANGE);
    // Instructions must be fetched anew: perhaps that is not permitted any more.
    if (protection) this.storage.announce(page);
  }

  /** Stores to the page of storage are announced from now on: translated code was made from it. */
  markCode(page: number): void {
    if (this.storage.codePages[page]) return;
    this.storage.codePages[page] = 1;
    if (!this.#stored[page]) return;
    this.#stored[page] = 0;
    this.tlb.purgeFrame(page * PAGE_SIZE, true);
  }

  // ---- accesses in the current mode ----

  readable(hi: number, lo: number, size: number): number {
    if (this.#windows.open === 0) {
      const { words } = this.tlb;
      const e = this.base + ((lo >>> INDEX_SHIFT) & INDEX_MASK);
      const last = (lo + size - 1) & ~0xfff;
      if (((words[e]! ^ last) | (words[e + 1]! ^ hi)) === 0) return (lo + words[e + 2]!) | 0;
      if ((lo & ~0xfff) === last) return this.#page(hi, lo, false) + (lo & 0xfff);
    }
    return this.#apart(hi, lo, size, false);
  }

  writable(hi: number, lo: number, size: number): number {
    if (this.#windows.open === 0) {
      const { words } = this.tlb;
      const e = this.base + ((lo >>> INDEX_SHIFT) & INDEX_MASK) + STORE_WORDS;
      const last = (lo + size - 1) & ~0xfff;
      if (((words[e]! ^ last) | (words[e + 1]! ^ hi)) === 0) return (lo + words[e + 2]!) | 0;
      if ((lo & ~0xfff) === last) return this.#page(hi, lo, true) + (lo & 0xfff);
    }
    return this.#apart(hi, lo, size, true);
  }

  /** As {@link readable}, for one load: what is found is good until the next access. */
  loadable(hi: number, lo: number, size: number): number {
    const at = this.readable(hi, lo, size);
    this.settle();
    return at;
  }

  load8(hi: number, lo: number): number {
    return this.bytes[this.readable(hi, lo, 1)]!;
  }

  store8(hi: number, lo: number, value: number): void {
    this.bytes[this.writable(hi, lo, 1)] = value;
  }

  isReadable(hi: number, lo: number, size: number): boolean {
    const last = (lo + size - 1) | 0;
    const carry = last >>> 0 < lo >>> 0 ? 1 : 0;
    const isOpen = (h: number, l: number): boolean =>
      this.#translate(this.#access, h, l, false, false) === 0;
    return isOpen(hi, lo) && (((lo ^ last) & ~0xfff) === 0 || isOpen((hi + carry) | 0, last));
  }

  /**
   * Tries to bring `size` bytes, at most a page, into the TLB for generated code; false when they
   * cannot be accessed, or not in this way. Raises nothing.
   */
  fills(hi: number, lo: number, size: number, isStore: boolean): boolean {
    if (((lo ^ (lo + size - 1)) & ~0xfff) !== 0) return false;
    if (this.#translate(this.#access, hi, lo, isStore, isStore) !== 0) return false;
    const { words } = this.tlb;
    const e = this.base + ((lo >>> INDEX_SHIFT) & INDEX_MASK) + (isStore ? STORE_WORDS : 0);
    return words[e] === (lo & ~0xfff) && words[e + 1] === hi;
  }

  /** The same for an address in the prefix area: see LOWCORE_ENTRIES in tlb.ts. */
  fillsLowcore(lo: number, isStore: boolean): boolean {
    if (!this.#context || this.#translate(this.#access, 0, lo, isStore, isStore) !== 0)
      return false;
    const { words } = this.tlb;
    const e = this.base + LOWCORE_ENTRIES + (lo >>> 12) * ENTRY_WORDS + (isStore ? STORE_WORDS : 0);
    return words[e] === (lo & ~0xfff);
  }

  /** Offset of the page at an address. */
  #page(hi: number, lo: number, isStore: boolean): number {
    return this.#pageFor(this.#access, hi, lo, isStore);
  }

  #pageFor(access: Access, hi: number, lo: number, isStore: boolean): number {
    const code = this.#translate(access, hi, lo, isStore, false);
    if (code !== 0) throw this.#interruption(code, hi, lo, isStore);
    return this.#translator.offset;
  }

  /** An operand that may lie on two pages, or in a window. */
  #apart(hi: number, lo: number, size: number, isStore: boolean): number {
    const access = this.#access;
    const page = pageNumber(hi, lo);
    const find = (p: number, store: boolean): number => {
      if (p === page) return this.#pageFor(access, hi, lo, store);
      const number = p % 2 ** 52;
      return this.#pageFor(access, (number / 2 ** 20) | 0, (number % 2 ** 20) << 12, store);
    };
    const at = lo & 0xfff;
    // Operands overlap where the ASCE is the same, whatever key or access register they have.
    if (access.dat && access.space === AS_ACCESS_REGISTER) {
      this.#translator.resolveAccessRegister(access, this.accessRegister);
    }
    const space = access.dat ? toNumber(access.asceHigh, access.asceLow) : -2;
    return this.#windows.place(space, page, at, size, isStore, find) ?? find(page, isStore) + at;
  }

  // ---- accesses in other spaces and with other keys ----

  /** In the access-register mode: the registers that go with an instruction's operands. */
  setOperands(registers: readonly number[]): void {
    this.#operandRegisters = registers;
    this.accessRegister = registers[0] ?? 0;
  }

  operand(index: number): void {
    this.accessRegister = this.#operandRegisters[index] ?? 0;
  }

  /** Runs what accesses the space that instructions come from: relative operands do. */
  amongInstructions(run: () => void): void {
    const { words } = this.state;
    const [access, context, base] = [this.#access, this.#context, this.base];
    this.#access = this.#codeAccess();
    words[TLB_BASE] = this.#contextOf(this.#access).base;
    try {
      run();
    } finally {
      this.#access = access;
      this.#context = context;
      words[TLB_BASE] = base;
    }
  }

  readableAs(control: AccessControl, hi: number, lo: number, size: number): number {
    return this.#operandAs(control, hi, lo, size, false);
  }

  writableAs(control: AccessControl, hi: number, lo: number, size: number): number {
    return this.#operandAs(control, hi, lo, size, true);
  }

  #operandAs(
    { space, key }: AccessControl,
    hi: number,
    lo: number,
    size: number,
    isStore: boolean,
  ): number {
    const saved = this.#access;
    const context = this.#context;
    this.#access = accessTo(this.state.words, saved.dat, space, key);
    this.#context = undefined;
    try {
      if (!(saved.dat && space === AS_ACCESS_REGISTER)) this.#contextOf(this.#access);
      if (this.#windows.open === 0 && (lo & 0xfff) + size <= PAGE_SIZE) {
        return this.#page(hi, lo, isStore) + (lo & 0xfff);
      }
      return this.#apart(hi, lo, size, isStore);
    } finally {
      this.#access = saved;
      this.#context = context;
    }
  }

  real(hi: number, lo: number, size: number): number {
    return this.#translator.real(hi, lo, size);
  }

  // ---- instructions ----

  /**
   * See `CodeSource`. In the home-space mode instructions come from the home space, else from the
   * primary one.
   */
  codeOffset(address: number): number {
    // The last addresses are rounded to 2**64 where they are numbers.
    const at = Math.min(address, LAST_PAGE);
    const lo = lowWord(at);
    const code = this.#translator.translateFetch(this.#codeAccess(), highWord(at), lo);
    return code === 0 ? this.#translator.offset + (lo & 0xfff) : -code;
  }

  codePage(address: number): number {
    return this.codeOffset(address) >> PAGE_SHIFT;
  }

  isVolatile(address: number): boolean {
    return this.#translator.isPrefixArea(this.codePage(address));
  }

  /** The interruption that fetching the halfword at an address is: it has just failed. */
  fetchInterruption(address: bigint): ProgramInterruption {
    const lo = fromBigInt(address);
    const hi = high.word;
    const code = this.#translator.translateFetch(this.#codeAccess(), hi, lo);
    return this.#translator.interruption(code, hi, lo, { isFetch: true }, 0);
  }

  #codeAccess(): Access {
    const { dat, space, key } = this.#access;
    return accessTo(this.state.words, dat, space === AS_HOME ? AS_HOME : AS_PRIMARY, key);
  }

  /** The ASCE that instructions are fetched with, as a key for what was found by it. */
  codeSpace(): { dat: boolean; hi: number; lo: number } {
    const { dat, asceHigh: hi, asceLow: lo } = this.#codeAccess();
    return { dat, hi, lo };
  }

  // ---- LRA, TPROT ----

  loadRealAddress(hi: number, lo: number, accessRegister: number): RealAddress {
    const { space, key } = this.#access;
    const mask = this.state.words[PSW_MASK + 1]!;
    const wanted = this.#access.dat ? space : (mask >>> 14) & 3;
    const access = accessTo(this.state.words, true, wanted, key);
    return this.#translator.loadRealAddress(access, accessRegister, hi, lo);
  }

  testProtection(hi: number, lo: number, key: number): number {
    const { dat, space } = this.#access;
    const access = accessTo(this.state.words, dat, space, key);
    const fetch = this.#translate(access, hi, lo, false, true);
    if (fetch === PIC_ADDRESSING || fetch === PIC_TRANSLATION_SPECIFICATION) {
      throw new ProgramInterruption(fetch);
    }
    if (fetch !== 0) return fetch === PIC_PROTECTION ? 2 : 3;
    return this.#translate(access, hi, lo, true, true) === 0 ? 0 : 1;
  }

  // ---- translation ----

  /**
   * Translates and checks an access to the page of an address: 0 with the page's offset in the
   * translator, or the code of the exception. `quiet`: a store that is not to happen yet, so code
   * on the page stays, and the answer is a protection exception where there is some.
   */
  #translate(access: Access, hi: number, lo: number, isStore: boolean, quiet: boolean): number {
    const code = this.#translator.translate(access, this.accessRegister, hi, lo, isStore);
    if (code !== 0 || (quiet && access !== this.#access)) return code;
    const { storage } = this;
    const at = this.#translator.offset;
    const page = at >>> PAGE_SHIFT;
    storage.keys[page]! |= isStore ? KEY_REFERENCE | KEY_CHANGE : KEY_REFERENCE;
    if (isStore && storage.codePages[page]) {
      if (quiet) return PIC_PROTECTION;
      storage.announce(page);
      return 0;
    }
    this.#fill(access, hi, lo, at, isStore);
    return 0;
  }

  #fill(access: Access, hi: number, lo: number, at: number, isStore: boolean): void {
    const context = this.#context;
    if (access !== this.#access || !context) return;
    if (isStore) this.#stored[at >>> PAGE_SHIFT] = 1;
    const isPrefixArea = hi === 0 && lo >>> 13 === 0;
    if (isPrefixArea && !isStore && this.#translator.isHalfOpen(access.key, at)) return;
    if (isPrefixArea) this.tlb.fillLowcore(context, lo, at, isStore);
    // Stores elsewhere in a page that low-address protection concerns are checked one by one.
    if (isStore && isPrefixArea && this.#translator.isLowProtected(access)) return;
    this.tlb.fill(context, hi, lo, at, isStore);
  }

  #interruption(code: number, hi: number, lo: number, isStore: boolean): ProgramInterruption {
    const usesRegister = this.#access.dat && this.#access.space === AS_ACCESS_REGISTER;
    const register = usesRegister ? this.accessRegister : 0;
    return this.#translator.interruption(code, hi, lo, { isStore }, register);
  }
}

import {
  ASCE_PRIVATE,
  CR0_ENHANCED_DAT,
  CR0_FETCH_PROTECTION_OVERRIDE,
  CR0_HIGH_EXECUTION_PROTECTION,
  CR0_LOW_ADDRESS_PROTECTION,
  CR0_STORAGE_PROTECTION_OVERRIDE,
  TEID_DAT_PROTECTION,
  TEID_FETCH,
  TEID_KEY,
  TEID_LOW_ADDRESS,
  TEID_NO_EXECUTE,
  TEID_STORE,
} from '../arch/dat-format.ts';
import { PREFIX_SIZE } from '../arch/lowcore.ts';
import { AS_ACCESS_REGISTER, AS_HOME, AS_PRIMARY, AS_SECONDARY, HIGH_DAT } from '../arch/psw.ts';
import { toBigUint, toNumber } from '../base/int64.ts';
import {
  PIC_ADDRESSING,
  PIC_ALET_SPECIFICATION,
  PIC_EXTENDED_AUTHORITY,
  PIC_PROTECTION,
  PIC_SEGMENT_TRANSLATION,
  PIC_PAGE_TRANSLATION,
  PIC_TRANSLATION_SPECIFICATION,
  ProgramInterruption,
} from '../cpu/interruption.ts';
import { AR, CPU_ADDRESS, CR, PREFIX, PSW_MASK, TLB_BASE, type CpuState } from '../cpu/state.ts';
import {
  KEY_ACCESS,
  KEY_CHANGE,
  KEY_FETCH,
  KEY_REFERENCE,
  type AbsoluteStorage,
} from './absolute-storage.ts';
import { PAGE_SHIFT, PAGE_SIZE } from './page.ts';
import { accessRegisterAsce, type FoundAsce } from './access-register-translation.ts';
import { datWalk, type WalkResult } from './dat.ts';
import type { CodeSource } from './code-source.ts';
import type { CodePageListener } from './code-source.ts';
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
import { Windows } from './windows.ts';

/** What an access is translated and checked with. */
interface Access {
  readonly dat: boolean;
  asceHigh: number;
  asceLow: number;
  /** By the access-list entry. */
  isFetchOnly: boolean;
  /** AS_ value, for the translation-exception identification. */
  readonly space: number;
  /** Access key, 0-15. */
  readonly key: number;
}

/** Told when translations that code was found by may hold no longer. */
export interface TranslationListener {
  /** Those of an ASCE's tables, or all. */
  purged(asce: { readonly hi: number; readonly lo: number } | undefined): void;
  /** Those of one page, by its number in any address space. */
  pagePurged(page: number): void;
}

/** The control bits that translations rely on, as they were when a CPU's were made. */
interface Basis {
  cr0: number;
  cr0High: number;
  prefix: number;
}

const CR0_BITS =
  CR0_LOW_ADDRESS_PROTECTION |
  CR0_FETCH_PROTECTION_OVERRIDE |
  CR0_STORAGE_PROTECTION_OVERRIDE |
  CR0_ENHANCED_DAT;

/** ASCEs of the address-space-control values, by control register. */
const ASCE_REGISTERS = { [AS_PRIMARY]: 1, [AS_SECONDARY]: 7, [AS_HOME]: 13 } as const;

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
  readonly #hasEnhancedDat: boolean;
  readonly #bases = new Map<number, Basis>();
  /** 1 for each page to which the TLB may have an entry for stores. */
  readonly #stored: Uint8Array;
  #basis: Basis = { cr0: 0, cr0High: 0, prefix: 0 };
  #access: Access;
  #context: TlbContext | undefined;
  /** Results of {@link #translate}: the page's offset, or the low bits of the identification. */
  #offset = 0;
  #identification: number | undefined;

  constructor(storage: AbsoluteStorage, state: CpuState, { enhancedDat = false } = {}) {
    this.storage = storage;
    this.state = state;
    this.bytes = storage.bytes;
    this.view = storage.view;
    this.size = storage.size;
    this.#windows = new Windows(storage);
    this.#hasEnhancedDat = enhancedDat;
    this.#stored = new Uint8Array(storage.size >>> PAGE_SHIFT);
    this.#access = this.#accessFor(false, AS_PRIMARY, 0);
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
    const cpu = words[CPU_ADDRESS]!;
    const cr0 = words[CR]! & CR0_BITS;
    const cr0High = words[CR + 1]!;
    const prefix = words[PREFIX]!;
    let basis = this.#bases.get(cpu);
    if (!basis) this.#bases.set(cpu, (basis = { cr0, cr0High, prefix }));
    if (basis.cr0 !== cr0 || basis.prefix !== prefix || basis.cr0High !== cr0High) {
      Object.assign(basis, { cr0, cr0High, prefix });
      this.tlb.purge(cpu);
      for (const listener of this.listeners) listener.purged(undefined);
    }
    this.#basis = basis;
    const high = words[PSW_MASK + 1]!;
    const space = (high >>> 14) & 3;
    this.#access = this.#accessFor((high & HIGH_DAT) !== 0, space, (high >>> 20) & 15);
    this.#context = undefined;
    const noContext = this.#access.dat && space === AS_ACCESS_REGISTER;
    words[TLB_BASE] = noContext ? this.tlb.nowhere : this.#contextOf(this.#access).base;
  }

  #accessFor(dat: boolean, space: number, key: number): Access {
    const isFetchOnly = false;
    if (!dat) return { dat, asceHigh: 0, asceLow: 0, isFetchOnly, space: AS_PRIMARY, key };
    const { words } = this.state;
    const at = space === AS_ACCESS_REGISTER ? CR + 2 : CR + 2 * ASCE_REGISTERS[space as 0 | 2 | 3];
    return { dat, asceHigh: words[at + 1]!, asceLow: words[at]!, isFetchOnly, space, key };
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
    return this.#offset;
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
      this.#resolveAccessRegister(access, this.accessRegister);
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
    this.#access = this.#accessFor(saved.dat, space, key);
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
    const at = this.#absolute(toNumber(hi, lo));
    if (!this.storage.contains(at, size)) throw new ProgramInterruption(PIC_ADDRESSING);
    return at;
  }

  /** PoP, "Prefixing": forward and backward swap of the first 8 KiB and the prefix area. */
  #absolute(real: number): number {
    const prefix = this.#basis.prefix;
    if (real < PREFIX_SIZE) return real + prefix;
    if (real >= prefix && real < prefix + PREFIX_SIZE) return real - prefix;
    return real;
  }

  // ---- instructions ----

  /**
   * See `CodeSource`. In the home-space mode instructions come from the home space, else from the
   * primary one.
   */
  codeOffset(address: number): number {
    // The last addresses are rounded to 2**64 where they are numbers.
    const { hi, lo } = words(Math.min(address, LAST_PAGE));
    const code = this.#translateFetch(this.#codeAccess(), hi, lo);
    return code === 0 ? this.#offset + (lo & 0xfff) : -code;
  }

  codePage(address: number): number {
    return this.codeOffset(address) >> PAGE_SHIFT;
  }

  isVolatile(address: number): boolean {
    return this.codePage(address) >>> 1 === this.#basis.prefix >>> (PAGE_SHIFT + 1);
  }

  /** The interruption that fetching the halfword at an address is: it has just failed. */
  fetchInterruption(hi: number, lo: number): ProgramInterruption {
    const code = this.#translateFetch(this.#codeAccess(), hi, lo);
    return this.#interruption(code, hi, lo, false, true);
  }

  #codeAccess(): Access {
    const { dat, space, key } = this.#access;
    return this.#accessFor(dat, space === AS_HOME ? AS_HOME : AS_PRIMARY, key);
  }

  /** The ASCE that instructions are fetched with, as a key for what was found by it. */
  codeSpace(): { dat: boolean; hi: number; lo: number } {
    const { dat, asceHigh: hi, asceLow: lo } = this.#codeAccess();
    return { dat, hi, lo };
  }

  // ---- LRA, TPROT ----

  loadRealAddress(hi: number, lo: number, accessRegister: number): RealAddress {
    const { space, key } = this.#access;
    const high = this.state.words[PSW_MASK + 1]!;
    const wanted = this.#access.dat ? space : (high >>> 14) & 3;
    const access = this.#accessFor(true, wanted, key);
    if (wanted === AS_ACCESS_REGISTER) {
      const code = this.#resolveAccessRegister(access, accessRegister);
      if (code !== 0) return { cc: 3, hi: 0, lo: 0x8000_0000 | code };
    }
    const walk = this.#walk(access, hi, lo);
    const { code, entry } = walk;
    if (code === 0) return { cc: 0, ...words(walk.page + (lo & 0xfff)) };
    if (code === PIC_SEGMENT_TRANSLATION && entry >= 0) return { cc: 1, ...words(entry) };
    if (code === PIC_PAGE_TRANSLATION) return { cc: 2, ...words(entry) };
    if (code === PIC_ADDRESSING || code === PIC_TRANSLATION_SPECIFICATION) {
      throw new ProgramInterruption(code);
    }
    return { cc: 3, hi: 0, lo: 0x8000_0000 | code };
  }

  testProtection(hi: number, lo: number, key: number): number {
    const { dat, space } = this.#access;
    const access = this.#accessFor(dat, space, key);
    const fetch = this.#translate(access, hi, lo, false, true);
    if (fetch === PIC_ADDRESSING || fetch === PIC_TRANSLATION_SPECIFICATION) {
      throw new ProgramInterruption(fetch);
    }
    if (fetch !== 0) return fetch === PIC_PROTECTION ? 2 : 3;
    return this.#translate(access, hi, lo, true, true) === 0 ? 0 : 1;
  }

  // ---- translation ----

  #walk(access: Access, hi: number, lo: number): WalkResult {
    const enhanced = this.#hasEnhancedDat && (this.#basis.cr0 & CR0_ENHANCED_DAT) !== 0;
    return datWalk(this.storage, access.asceHigh, access.asceLow, hi, lo, enhanced);
  }

  /**
   * Translates and checks an access to the page of an address: 0 with the page's offset in
   * `#offset`, or the code of the exception. `quiet`: a store that is not to happen yet, so code on
   * the page stays, and the answer is a protection exception where there is some.
   */
  #translate(access: Access, hi: number, lo: number, isStore: boolean, quiet: boolean): number {
    const low = hi === 0 && (lo & ~0x11ff) === 0;
    this.#identification = access.space | (isStore ? TEID_STORE : TEID_FETCH);
    if (isStore && low && this.#isLowProtected(access)) {
      this.#identification |= TEID_LOW_ADDRESS;
      return PIC_PROTECTION;
    }
    let real: number;
    if (access.dat) {
      if (access.space === AS_ACCESS_REGISTER) {
        const code = this.#resolveAccessRegister(access, this.accessRegister);
        if (code !== 0) return code;
      }
      const walk = this.#walk(access, hi, lo);
      if (walk.code !== 0) return walk.code;
      if (isStore && access.isFetchOnly) {
        this.#identification |= TEID_KEY | TEID_DAT_PROTECTION;
        return PIC_PROTECTION;
      }
      if (isStore && walk.isProtected) {
        this.#identification |= TEID_DAT_PROTECTION;
        return PIC_PROTECTION;
      }
      real = walk.page;
    } else real = toNumber(hi, lo & ~0xfff);
    const at = this.#absolute(real);
    if (!this.storage.contains(at, PAGE_SIZE)) return PIC_ADDRESSING;
    const page = at >>> PAGE_SHIFT;
    if (!this.#keyAllows(access.key, this.storage.keys[page]!, isStore, hi, lo)) {
      this.#identification |= TEID_KEY;
      return PIC_PROTECTION;
    }
    this.#offset = at;
    if (quiet && access !== this.#access) return 0;
    this.storage.keys[page]! |= isStore ? KEY_REFERENCE | KEY_CHANGE : KEY_REFERENCE;
    if (isStore && this.storage.codePages[page]) {
      if (quiet) return PIC_PROTECTION;
      this.storage.announce(page);
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
    // Fetch-protection override may open half of the first page.
    if (isPrefixArea && !isStore && this.#basis.cr0 & CR0_FETCH_PROTECTION_OVERRIDE) {
      const storageKey = this.storage.keys[at >>> PAGE_SHIFT]!;
      if (!this.#keyAllows(access.key, storageKey, false, hi, OVERRIDDEN)) return;
    }
    if (isPrefixArea) this.tlb.fillLowcore(context, lo, at, isStore);
    // Stores elsewhere in a page that low-address protection concerns are checked one by one.
    if (isStore && isPrefixArea && this.#isLowProtected(access)) return;
    this.tlb.fill(context, hi, lo, at, isStore);
  }

  #translateFetch(access: Access, hi: number, lo: number): number {
    this.#identification = access.space | TEID_FETCH;
    let real: number;
    if (access.dat) {
      const walk = this.#walk(access, hi, lo);
      if (walk.code !== 0) return walk.code;
      if (walk.isNoExecute && this.#basis.cr0High & CR0_HIGH_EXECUTION_PROTECTION) {
        this.#identification |= TEID_NO_EXECUTE | TEID_DAT_PROTECTION;
        return PIC_PROTECTION;
      }
      real = walk.page;
    } else real = toNumber(hi, lo & ~0xfff);
    const at = this.#absolute(real);
    if (!this.storage.contains(at, PAGE_SIZE)) return PIC_ADDRESSING;
    const page = at >>> PAGE_SHIFT;
    if (!this.#keyAllows(access.key, this.storage.keys[page]!, false, hi, lo)) {
      this.#identification |= TEID_KEY;
      return PIC_PROTECTION;
    }
    this.storage.keys[page]! |= KEY_REFERENCE;
    this.#offset = at;
    return 0;
  }

  /** PoP, "Low-Address Protection": not in a private space. */
  #isLowProtected({ dat, asceLow }: Access): boolean {
    if ((this.#basis.cr0 & CR0_LOW_ADDRESS_PROTECTION) === 0) return false;
    return !dat || (asceLow & ASCE_PRIVATE) === 0;
  }

  /** PoP, "Key-Controlled Protection". */
  #keyAllows(key: number, storageKey: number, isStore: boolean, hi: number, lo: number): boolean {
    if (key === 0) return true;
    const access = storageKey >>> 4;
    if (key === access) return true;
    const { cr0 } = this.#basis;
    if (cr0 & CR0_STORAGE_PROTECTION_OVERRIDE && access === 9) return true;
    if (isStore) return false;
    if ((storageKey & KEY_FETCH) === 0) return true;
    return (cr0 & CR0_FETCH_PROTECTION_OVERRIDE) !== 0 && hi === 0 && lo >>> 0 < OVERRIDDEN;
  }

  #resolveAccessRegister(access: Access, register: number): number {
    const { words: w } = this.state;
    const found: FoundAsce = accessRegisterAsce(this, register === 0 ? 0 : w[AR + register]!, w);
    access.asceHigh = found.hi;
    access.asceLow = found.lo;
    access.isFetchOnly = found.isFetchOnly;
    return found.code;
  }

  #interruption(
    code: number,
    hi: number,
    lo: number,
    isStore: boolean,
    isFetch = false,
  ): ProgramInterruption {
    const hasIdentification =
      code !== PIC_ADDRESSING &&
      code !== PIC_TRANSLATION_SPECIFICATION &&
      !(code >= PIC_ALET_SPECIFICATION && code <= PIC_EXTENDED_AUTHORITY);
    const usesRegister = this.#access.dat && this.#access.space === AS_ACCESS_REGISTER;
    return new ProgramInterruption(code, {
      address: toBigUint(hi, lo & ~0xfff),
      isStore,
      isFetch,
      ...(usesRegister && !isFetch ? { accessRegister: this.accessRegister } : {}),
      ...(hasIdentification ? { identification: this.#identification } : {}),
    });
  }
}

/** The number of an address's page. */
export function pageNumber(hi: number, lo: number): number {
  return (hi >>> 0) * 2 ** 20 + (lo >>> 12);
}

const LAST_PAGE = 2 ** 64 - PAGE_SIZE;
/** Bytes that fetch-protection override opens. */
const OVERRIDDEN = 2048;

function words(address: number): { hi: number; lo: number } {
  return { hi: Math.floor(address / 2 ** 32) | 0, lo: address | 0 };
}

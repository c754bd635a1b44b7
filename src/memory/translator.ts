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
import { AS_ACCESS_REGISTER } from '../arch/psw.ts';
import { toBigUint, toNumber } from '../base/int64.ts';
import {
  PIC_ADDRESSING,
  PIC_ALET_SPECIFICATION,
  PIC_EXTENDED_AUTHORITY,
  PIC_PAGE_TRANSLATION,
  PIC_PROTECTION,
  PIC_SEGMENT_TRANSLATION,
  PIC_TRANSLATION_SPECIFICATION,
  ProgramInterruption,
} from '../cpu/interruption.ts';
import { AR, CPU_ADDRESS, CR, PREFIX } from '../cpu/state.ts';
import { KEY_FETCH, KEY_REFERENCE, type AbsoluteStorage } from './absolute-storage.ts';
import { accessRegisterAsce } from './access-register-translation.ts';
import type { Access } from './access.ts';
import { datWalk, type WalkResult } from './dat.ts';
import { PAGE_SHIFT, PAGE_SIZE } from './page.ts';
import type { RealAddress } from './system-storage.ts';

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

/** Bytes that fetch-protection override opens. */
const OVERRIDDEN = 2048;

/**
 * From logical addresses to absolute ones: access-register translation, DAT, prefixing, and
 * protection on the way. The CPU is the one whose registers are in `words`. Nothing is remembered
 * here: see `DatStorage` and its TLB.
 */
export class Translator {
  readonly storage: AbsoluteStorage;
  readonly #words: Int32Array;
  readonly #hasEnhancedDat: boolean;
  readonly #bases = new Map<number, Basis>();
  #basis: Basis = { cr0: 0, cr0High: 0, prefix: 0 };
  /** What the last translation found: the page's offset in storage. */
  offset = 0;
  /** What there is to tell of one that failed: the low bits of its identification. */
  #identification = 0;

  constructor(storage: AbsoluteStorage, words: Int32Array, hasEnhancedDat: boolean) {
    this.storage = storage;
    this.#words = words;
    this.#hasEnhancedDat = hasEnhancedDat;
  }

  /** Takes the CPU's control bits; false when its translations were made with others. */
  load(): boolean {
    const words = this.#words;
    const cpu = words[CPU_ADDRESS]!;
    const cr0 = words[CR]! & CR0_BITS;
    const cr0High = words[CR + 1]!;
    const prefix = words[PREFIX]!;
    let basis = this.#bases.get(cpu);
    if (!basis) this.#bases.set(cpu, (basis = { cr0, cr0High, prefix }));
    this.#basis = basis;
    if (basis.cr0 === cr0 && basis.prefix === prefix && basis.cr0High === cr0High) return true;
    Object.assign(basis, { cr0, cr0High, prefix });
    return false;
  }

  // ---- addresses ----

  /** See `SystemStorage`. */
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

  /** Whether a page of storage is one of the prefix area. */
  isPrefixArea(page: number): boolean {
    return page >>> 1 === this.#basis.prefix >>> (PAGE_SHIFT + 1);
  }

  #walk(access: Access, hi: number, lo: number): WalkResult {
    const enhanced = this.#hasEnhancedDat && (this.#basis.cr0 & CR0_ENHANCED_DAT) !== 0;
    return datWalk(this.storage, access.asceHigh, access.asceLow, hi, lo, enhanced);
  }

  /** Gives the access the ASCE that an access register designates; 0 or the exception's code. */
  resolveAccessRegister(access: Access, register: number): number {
    const words = this.#words;
    const found = accessRegisterAsce(this, register === 0 ? 0 : words[AR + register]!, words);
    access.asceHigh = found.hi;
    access.asceLow = found.lo;
    access.isFetchOnly = found.isFetchOnly;
    return found.code;
  }

  /**
   * Translates and checks an access to the page of an address: 0 with the page's offset in
   * {@link offset}, or the code of the exception. `register`: in the access-register mode.
   */
  translate(access: Access, register: number, hi: number, lo: number, isStore: boolean): number {
    const low = hi === 0 && (lo & ~0x11ff) === 0;
    this.#identification = access.space | (isStore ? TEID_STORE : TEID_FETCH);
    if (isStore && low && this.isLowProtected(access)) {
      this.#identification |= TEID_LOW_ADDRESS;
      return PIC_PROTECTION;
    }
    let real: number;
    if (access.dat) {
      if (access.space === AS_ACCESS_REGISTER) {
        const code = this.resolveAccessRegister(access, register);
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
    return this.#place(access, real, hi, lo, isStore);
  }

  /** The same for fetching an instruction, which is a reference to its page. */
  translateFetch(access: Access, hi: number, lo: number): number {
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
    const code = this.#place(access, real, hi, lo, false);
    if (code === 0) this.storage.keys[this.offset >>> PAGE_SHIFT]! |= KEY_REFERENCE;
    return code;
  }

  /** Finds a real page in storage, whose key must allow the access. */
  #place(access: Access, real: number, hi: number, lo: number, isStore: boolean): number {
    const at = this.#absolute(real);
    if (!this.storage.contains(at, PAGE_SIZE)) return PIC_ADDRESSING;
    if (!this.#keyAllows(access.key, this.storage.keys[at >>> PAGE_SHIFT]!, isStore, hi, lo)) {
      this.#identification |= TEID_KEY;
      return PIC_PROTECTION;
    }
    this.offset = at;
    return 0;
  }

  // ---- protection ----

  /** PoP, "Low-Address Protection": not in a private space. */
  isLowProtected({ dat, asceLow }: Access): boolean {
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

  /** Whether fetch-protection override opens no more than half of the page at `at`, logically 0. */
  isHalfOpen(key: number, at: number): boolean {
    if ((this.#basis.cr0 & CR0_FETCH_PROTECTION_OVERRIDE) === 0) return false;
    return !this.#keyAllows(key, this.storage.keys[at >>> PAGE_SHIFT]!, false, 0, OVERRIDDEN);
  }

  // ---- what is told of translations ----

  /** LRA: see `SystemStorage`. `access` is one as if DAT were on. */
  loadRealAddress(access: Access, register: number, hi: number, lo: number): RealAddress {
    if (access.space === AS_ACCESS_REGISTER) {
      const code = this.resolveAccessRegister(access, register);
      if (code !== 0) return { cc: 3, hi: 0, lo: 0x8000_0000 | code };
    }
    const { code, entry, page } = this.#walk(access, hi, lo);
    if (code === 0) return { cc: 0, ...words(page + (lo & 0xfff)) };
    if (code === PIC_SEGMENT_TRANSLATION && entry >= 0) return { cc: 1, ...words(entry) };
    if (code === PIC_PAGE_TRANSLATION) return { cc: 2, ...words(entry) };
    if (code === PIC_ADDRESSING || code === PIC_TRANSLATION_SPECIFICATION) {
      throw new ProgramInterruption(code);
    }
    return { cc: 3, hi: 0, lo: 0x8000_0000 | code };
  }

  /**
   * The interruption that the translation is which has just failed, with `code`. `register`: the
   * access register that was used, 0 outside of the access-register mode.
   */
  interruption(
    code: number,
    hi: number,
    lo: number,
    how: { readonly isStore?: boolean; readonly isFetch?: boolean },
    accessRegister: number,
  ): ProgramInterruption {
    const hasIdentification =
      code !== PIC_ADDRESSING &&
      code !== PIC_TRANSLATION_SPECIFICATION &&
      !(code >= PIC_ALET_SPECIFICATION && code <= PIC_EXTENDED_AUTHORITY);
    return new ProgramInterruption(code, {
      address: toBigUint(hi, lo & ~0xfff),
      ...how,
      accessRegister,
      ...(hasIdentification ? { identification: this.#identification } : {}),
    });
  }
}

function words(address: number): { hi: number; lo: number } {
  return { hi: Math.floor(address / 2 ** 32) | 0, lo: address | 0 };
}

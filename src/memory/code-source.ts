import type { GuestStorage } from './guest-storage.ts';

/** Told before bytes on a page that holds translated code change or lose execute permission. */
export interface CodePageListener {
  codePageChanged(page: number): void;
}

/** Told when translations that code was found by may hold no longer. */
export interface TranslationListener {
  /** Those of an ASCE's tables, or all. */
  purged(asce: { readonly hi: number; readonly lo: number } | undefined): void;
  /** Those of one page, by its number in any address space. */
  pagePurged(page: number): void;
}

/** Where instructions come from, by instruction address. */
export interface CodeSource {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /**
   * Offset in `bytes` of the halfword at an even address, or the negative of the code of the
   * program interruption that fetching it is.
   */
  codeOffset(address: number): number;
  /** The page of `bytes` (offset >>> 12) with the byte at an address from which code was fetched. */
  codePage(address: number): number;
  /**
   * Whether stores to the page at an address are not announced, because there are many: the prefix
   * area, where Linux keeps an instruction among its data. Code there is compared before it runs.
   */
  isVolatile(address: number): boolean;
}

/** Storage that programs run from: of a process or a machine. */
export interface ProgramStorage extends GuestStorage, CodeSource {
  readonly codeListeners: Set<CodePageListener>;
  /** Stores into the page of storage are announced from now on. */
  markCode(page: number): void;
}

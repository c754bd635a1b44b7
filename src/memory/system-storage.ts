import type { AbsoluteStorage } from './absolute-storage.ts';
import type { GuestStorage } from './guest-storage.ts';

/** Which space and key an access uses that is not an ordinary one: MVCOS, MVCP, MVCK... */
export interface AccessControl {
  /** AS_ value of arch/psw.ts: which space's ASCE translates. With DAT off, addresses are real. */
  readonly space: number;
  /** Access key 0-15. */
  readonly key: number;
}

/** What LRA and its like find. */
export interface RealAddress {
  /** 0 translated; 1 segment-table, 2 page-table entry invalid; 3 table length or region invalid. */
  readonly cc: number;
  /** cc 0: the real address. Else the address of the entry, or the interruption code (LRAG). */
  readonly hi: number;
  readonly lo: number;
}

/**
 * Storage behind DAT, prefixing and keys, for one accelerator: what control instructions do to it.
 * The current CPU is the one in the accelerator's registers.
 */
export interface SystemStorage extends GuestStorage {
  readonly storage: AbsoluteStorage;
  /**
   * The absolute address of `size` bytes (within a page) at a real address, by prefixing.
   * @throws ProgramInterruption addressing, when it is not in storage
   */
  real(hi: number, lo: number, size: number): number;
  /** As {@link GuestStorage.readable} and `writable`, in another space or with another key. */
  readableAs(control: AccessControl, hi: number, lo: number, size: number): number;
  writableAs(control: AccessControl, hi: number, lo: number, size: number): number;
  /** LRA: translates in the current mode as if DAT were on, and raises no translation exception. */
  loadRealAddress(hi: number, lo: number, accessRegister: number): RealAddress;
  /** TPROT: 0 fetch and store, 1 fetch only, 2 neither, 3 translation not available. */
  testProtection(hi: number, lo: number, key: number): number;
  /**
   * Registers that decide about translation were loaded: control registers (bit r set), prefix.
   * SET PREFIX purges.
   */
  controlLoaded(registers: number): void;
  prefixLoaded(): void;
  /** PTLB: forgets the current CPU's translations. */
  purge(): void;
  /** CSP, CSPG, and broadcasting forms: those of every CPU. */
  purgeAll(): void;
  /** IPTE: forgets, in every CPU, the page's translations. */
  purgePage(hi: number, lo: number): void;
  /** IDTE: forgets what was made with the ASCE whose table origin is `hi:lo`. */
  purgeAsce(hi: number, lo: number): void;
  /** A storage key changed from `before`: translations that relied on it are forgotten. */
  keyChanged(page: number, before: number): void;
}

/**
 * A guest's storage as instructions see it, by logical address: the flat storage of a process
 * (`AddressSpace`) or storage behind DAT and prefixing (`DatStorage`). Addresses are given as two
 * int32 words. An offset that a method returns is a place in `bytes` and `view`.
 */
export interface GuestStorage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  /**
   * In the access-register mode: the access register that the next accesses use. Register 0 stands
   * for the primary space.
   */
  accessRegister: number;
  /** The next accesses are to the instruction's operand `index`, counted from 0. */
  operand(index: number): void;
  /**
   * Offset at which `size` bytes (at most a page) may be read.
   * @throws ProgramInterruption an access exception
   */
  readable(hi: number, lo: number, size: number): number;
  /**
   * As {@link readable}, where they may be written. What is written beyond a page boundary may go
   * to a window, and home when {@link settle} is called: helpers are called so that it is.
   */
  writable(hi: number, lo: number, size: number): number;
  load8(hi: number, lo: number): number;
  store8(hi: number, lo: number, value: number): void;
  /** Whether `size` bytes (at most a page) may be read; raises nothing. */
  isReadable(hi: number, lo: number, size: number): boolean;
  /** How many pages are in windows: see {@link writable}. While some are, offsets may have moved. */
  readonly open: number;
  /** Brings what was written to windows home. */
  settle(): void;
}

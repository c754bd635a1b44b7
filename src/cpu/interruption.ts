/** Program-interruption codes (PoP, "Program-Interruption Codes"). */
export const PIC_OPERATION = 0x01;
export const PIC_PRIVILEGED_OPERATION = 0x02;
export const PIC_EXECUTE = 0x03;
export const PIC_PROTECTION = 0x04;
export const PIC_ADDRESSING = 0x05;
export const PIC_SPECIFICATION = 0x06;
export const PIC_DATA = 0x07;
export const PIC_FIXED_POINT_OVERFLOW = 0x08;
export const PIC_FIXED_POINT_DIVIDE = 0x09;
export const PIC_DECIMAL_OVERFLOW = 0x0a;
export const PIC_DECIMAL_DIVIDE = 0x0b;
export const PIC_SEGMENT_TRANSLATION = 0x10;
export const PIC_PAGE_TRANSLATION = 0x11;
export const PIC_MONITOR_EVENT = 0x40;

/**
 * A program interruption raised by the instruction at the current instruction address.
 * `completed` is true when the instruction's results stand (PoP, "Completion"): the old PSW then
 * points behind it. Otherwise it is suppressed or nullified and nothing has changed.
 */
export class ProgramInterruption {
  readonly code: number;
  /** Failing address for access exceptions, else 0n. */
  readonly address: bigint;
  /** Data-exception code, for PIC_DATA. */
  readonly dxc: number;
  readonly completed: boolean;
  /** True when a store (not a fetch) failed. */
  readonly isStore: boolean;
  /** True when fetching the instruction failed. */
  readonly isFetch: boolean;

  constructor(
    code: number,
    {
      address = 0n,
      dxc = 0,
      completed = false,
      isStore = false,
      isFetch = false,
    }: {
      address?: bigint;
      dxc?: number;
      completed?: boolean;
      isStore?: boolean;
      isFetch?: boolean;
    } = {},
  ) {
    this.code = code;
    this.address = address;
    this.dxc = dxc;
    this.completed = completed;
    this.isStore = isStore;
    this.isFetch = isFetch;
  }
}

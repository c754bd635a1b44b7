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
export const PIC_TRANSLATION_SPECIFICATION = 0x12;
export const PIC_SPECIAL_OPERATION = 0x13;
export const PIC_OPERAND = 0x15;
export const PIC_SPACE_SWITCH = 0x1c;
export const PIC_AFX_TRANSLATION = 0x20;
export const PIC_ASX_TRANSLATION = 0x21;
export const PIC_SECONDARY_AUTHORITY = 0x25;
export const PIC_ALET_SPECIFICATION = 0x28;
export const PIC_ALEN_TRANSLATION = 0x29;
export const PIC_ALE_SEQUENCE = 0x2a;
export const PIC_ASTE_VALIDITY = 0x2b;
export const PIC_EXTENDED_AUTHORITY = 0x2d;
export const PIC_ASTE_INSTANCE = 0x2f;
export const PIC_ASCE_TYPE = 0x38;
export const PIC_REGION_FIRST_TRANSLATION = 0x39;
export const PIC_REGION_SECOND_TRANSLATION = 0x3a;
export const PIC_REGION_THIRD_TRANSLATION = 0x3b;
export const PIC_MONITOR_EVENT = 0x40;
/** A PER event, alone or with another interruption's code. */
export const PIC_PER_EVENT = 0x80;

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
  /** With `completed`, where nobody else knows it: the instruction's length in bytes. */
  readonly length: number | undefined;
  /** True when a store (not a fetch) failed. */
  readonly isStore: boolean;
  /** True when fetching the instruction failed. */
  readonly isFetch: boolean;
  /** Low 12 bits of the translation-exception identification; undefined where none is stored. */
  readonly identification: number | undefined;
  /** Of an access exception in the access-register mode: the register that was used. */
  readonly accessRegister: number;

  constructor(
    code: number,
    {
      address = 0n,
      dxc = 0,
      completed = false,
      length,
      isStore = false,
      isFetch = false,
      identification,
      accessRegister = 0,
    }: {
      address?: bigint;
      dxc?: number;
      completed?: boolean;
      length?: number;
      isStore?: boolean;
      isFetch?: boolean;
      identification?: number;
      accessRegister?: number;
    } = {},
  ) {
    this.code = code;
    this.address = address;
    this.dxc = dxc;
    this.completed = completed;
    this.length = length;
    this.isStore = isStore;
    this.isFetch = isFetch;
    this.identification = identification;
    this.accessRegister = accessRegister;
  }
}

/** The service-call control block, its commands and codes, as QEMU and Linux have them. */

/** SERVICE CALL commands. The second byte from the right does not count: {@link COMMAND_MASK}. */
export const READ_SCP_INFO = 0x0002_0001;
export const READ_SCP_INFO_FORCED = 0x0012_0001;
export const READ_CPU_INFO = 0x0001_0001;
export const READ_EVENT_DATA = 0x0077_0005;
export const WRITE_EVENT_DATA = 0x0076_0005;
export const WRITE_EVENT_MASK = 0x0078_0005;
export const COMMAND_MASK = 0xffff_00ff;

/** Response codes. */
export const NORMAL_READ_COMPLETION = 0x0010;
export const NORMAL_COMPLETION = 0x0020;
export const BOUNDARY_VIOLATION = 0x0100;
export const INVALID_COMMAND = 0x01f0;
export const INSUFFICIENT_LENGTH = 0x0300;
export const INVALID_FUNCTION = 0x40f0;
export const NO_EVENT_BUFFERS_STORED = 0x60f0;
export const INVALID_SELECTION_MASK = 0x70f0;
export const INCONSISTENT_LENGTHS = 0x72f0;
export const EVENT_BUFFER_SYNTAX_ERROR = 0x73f0;
export const INVALID_MASK_LENGTH = 0x74f0;

/** Bytes of the header: length (2), function code (1), control mask (3), response code (2). */
export const SCCB_HEADER = 8;
/** Most bytes of an SCCB that is not of extended length. */
export const SCCB_SIZE = 4096;

const VARIABLE_LENGTH_RESPONSE = 0x80;

/** A copy of the guest's SCCB: the guest may change its own meanwhile. */
export class Sccb {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  /** `bytes` is the whole SCCB, as long as its header says. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that the guest gave. */
  get size(): number {
    return this.bytes.length;
  }

  get functionCode(): number {
    return this.bytes[2]!;
  }

  get variableLengthResponse(): boolean {
    return (this.bytes[5]! & VARIABLE_LENGTH_RESPONSE) !== 0;
  }

  set responseCode(code: number) {
    this.view.setUint16(6, code);
  }

  /** Everything behind the header. */
  get data(): Uint8Array {
    return this.bytes.subarray(SCCB_HEADER);
  }

  /** Ends a response of variable length after `length` bytes. */
  shorten(length: number): void {
    this.bytes[5]! &= ~VARIABLE_LENGTH_RESPONSE;
    this.view.setUint16(0, length);
  }

  /** What goes back to the guest. */
  get response(): Uint8Array {
    return this.bytes.subarray(0, this.view.getUint16(0));
  }
}

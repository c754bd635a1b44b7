import { PIC_OPERAND, ProgramInterruption } from '../../cpu/interruption.ts';
import {
  ORB_2K_IDAW,
  ORB_BYTE_7_RESERVED,
  ORB_FORMAT_1,
  ORB_FORMAT_2_IDAW,
  ORB_LENGTH_SUPPRESSION,
  ORB_MODIFIED_IDAW,
  ORB_TRANSPORT_MODE,
} from './layout.ts';

/** An operation-request block (PoP, "Operation-Request Block"). */
export interface Orb {
  readonly parameter: number;
  /** ORB_ bits of the halfword at byte 4, key included. */
  readonly flags: number;
  readonly pathMask: number;
  /** Absolute address of the first CCW. */
  readonly programAddress: number;
  /** Access key 0-15 of the channel program. */
  readonly key: number;
  readonly format1: boolean;
  /** Lengths of immediate operations are not checked (format 1). */
  readonly lengthSuppressed: boolean;
  /** Bytes of an IDAW: 4 or 8; and of the block that all but the first designate. */
  readonly idawSize: number;
  readonly idawBlock: number;
}

/**
 * Reads an ORB of at least 12 bytes.
 * @throws ProgramInterruption operand, for what is not provided here: transport mode, modified
 * indirect addressing, reserved bits
 */
export function readOrb(bytes: Uint8Array): Orb {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint16(4);
  const last = view.getUint8(7);
  const programAddress = view.getUint32(8);
  if (
    flags & ORB_TRANSPORT_MODE ||
    last & (ORB_BYTE_7_RESERVED | ORB_MODIFIED_IDAW) ||
    programAddress > 0x7fff_ffff
  ) {
    throw new ProgramInterruption(PIC_OPERAND);
  }
  const wide = (flags & ORB_FORMAT_2_IDAW) !== 0;
  return {
    parameter: view.getUint32(0),
    flags,
    pathMask: view.getUint8(6),
    programAddress,
    key: flags >>> 12,
    format1: (flags & ORB_FORMAT_1) !== 0,
    lengthSuppressed: (last & ORB_LENGTH_SUPPRESSION) !== 0,
    idawSize: wide ? 8 : 4,
    // PoP, "Indirect-Data-Address Words": 2K blocks, but 4K in format 2 unless the ORB's T is one.
    idawBlock: wide && !(flags & ORB_2K_IDAW) ? 4096 : 2048,
  };
}

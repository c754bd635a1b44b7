/** A loadable piece of an executable. */
export interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
  /** Bytes in storage; more than `bytes` are zero. */
  readonly size?: number;
  readonly writable?: boolean;
  readonly executable?: boolean;
}

const PAGE = 4096;
const HEADER = 64;
const PROGRAM_HEADER = 56;

/** A static s390x executable of these segments (ELF-64, big-endian). */
export function elfImage(entry: number, segments: readonly Segment[]): Uint8Array {
  const offsets: number[] = [];
  let end = HEADER + PROGRAM_HEADER * segments.length;
  for (const { bytes } of segments) {
    end = Math.ceil(end / PAGE) * PAGE;
    offsets.push(end);
    end += bytes.length;
  }
  const image = new Uint8Array(end);
  const view = new DataView(image.buffer);
  image.set([0x7f, 0x45, 0x4c, 0x46, 2, 2, 1]);
  view.setUint16(16, 2); // ET_EXEC
  view.setUint16(18, 22); // EM_S390
  view.setUint32(20, 1);
  view.setBigUint64(24, BigInt(entry));
  view.setBigUint64(32, BigInt(HEADER));
  view.setUint16(52, HEADER);
  view.setUint16(54, PROGRAM_HEADER);
  view.setUint16(56, segments.length);
  segments.forEach(({ address, bytes, size = bytes.length, writable, executable }, i) => {
    const at = HEADER + PROGRAM_HEADER * i;
    view.setUint32(at, 1); // PT_LOAD
    view.setUint32(at + 4, 4 | (writable ? 2 : 0) | (executable ? 1 : 0));
    view.setBigUint64(at + 8, BigInt(offsets[i]!));
    view.setBigUint64(at + 16, BigInt(address));
    view.setBigUint64(at + 24, BigInt(address));
    view.setBigUint64(at + 32, BigInt(bytes.length));
    view.setBigUint64(at + 40, BigInt(size));
    view.setBigUint64(at + 48, BigInt(PAGE));
    image.set(bytes, offsets[i]);
  });
  return image;
}

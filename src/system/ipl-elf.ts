import { hex } from '../base/hex.ts';
import type { AbsoluteStorage } from '../memory/absolute-storage.ts';
import { IplError } from './ipl-error.ts';

const HEADER_SIZE = 64;
const PHDR_SIZE = 56;
const PT_LOAD = 1;
const EM_S390 = 22;
const ET_EXEC = 2;
const ELFCLASS64 = 2;
const ELFDATA2MSB = 2;
const MAGIC = [0x7f, 0x45, 0x4c, 0x46];

const MACHINES: Readonly<Record<number, string>> = {
  3: 'x86',
  8: 'MIPS',
  20: '32-bit PowerPC',
  21: '64-bit PowerPC',
  40: 'ARM',
  62: 'x86-64',
  183: 'AArch64',
  243: 'RISC-V',
};

/** Bytes to be put at an absolute address, followed by zeros up to `size`. */
export interface LoadedSegment {
  readonly address: number;
  readonly size: number;
  readonly bytes: Uint8Array;
}

export interface ElfKernel {
  readonly entry: number;
  readonly segments: readonly LoadedSegment[];
  /** First address behind all of them. */
  readonly end: number;
}

export function isElf(image: Uint8Array): boolean {
  return MAGIC.every((byte, i) => image[i] === byte);
}

/**
 * What an ELF file for a bare machine asks to be loaded, by physical addresses.
 * @throws IplError
 */
export function parseElfKernel(image: Uint8Array): ElfKernel {
  checkIdentification(image);
  const view = new DataView(image.buffer, image.byteOffset, image.length);
  const offset = u64(view, 32);
  const count = view.getUint16(56);
  if (view.getUint16(54) !== PHDR_SIZE || count === 0) {
    throw damaged('has no usable program headers');
  }
  if (!(offset + count * PHDR_SIZE <= image.length)) throw truncated();
  const segments: LoadedSegment[] = [];
  for (let at = offset; at < offset + count * PHDR_SIZE; at += PHDR_SIZE) {
    if (view.getUint32(at) === PT_LOAD) segments.push(segment(image, view, at));
  }
  const end = Math.max(0, ...segments.map(({ address, size }) => address + size));
  if (end === 0) throw damaged('has nothing to load');
  return { entry: u64(view, 24), segments: segments.filter(({ size }) => size > 0), end };
}

/** Loads it; who calls has checked that it ends within storage. */
export function loadSegments(storage: AbsoluteStorage, { segments }: ElfKernel): void {
  for (const { address, size, bytes } of segments) {
    storage.write(address, bytes);
    storage.fill(address + bytes.length, size - bytes.length, 0);
  }
}

function segment(image: Uint8Array, view: DataView, at: number): LoadedSegment {
  const offset = u64(view, at + 8);
  const address = u64(view, at + 24);
  const fileSize = u64(view, at + 32);
  const size = u64(view, at + 40);
  if (fileSize > size) throw damaged('has a segment with more bytes in the file than in storage');
  if (!(offset + fileSize <= image.length)) throw truncated();
  if (!(address + size < 0x8000_0000)) {
    throw new IplError('kernel', `has a segment at 0x${hex(address)}; storage ends below 2 GiB`);
  }
  return { address, size, bytes: image.subarray(offset, offset + fileSize) };
}

function checkIdentification(image: Uint8Array): void {
  if (!isElf(image)) throw new IplError('kernel', 'is not an ELF file');
  if (image.length < HEADER_SIZE) throw truncated();
  const view = new DataView(image.buffer, image.byteOffset, image.length);
  const littleEndian = image[5] !== ELFDATA2MSB;
  const machine = view.getUint16(18, littleEndian);
  const why = notThis(image, machine, littleEndian);
  if (why !== undefined) throw new IplError('kernel', `is not an s390x Linux kernel: ${why}`);
  if (view.getUint16(16) !== ET_EXEC) {
    throw new IplError(
      'kernel',
      'is not a linked ELF executable; give vmlinuz, bzImage or vmlinux',
    );
  }
}

function notThis(image: Uint8Array, machine: number, littleEndian: boolean): string | undefined {
  if (machine !== EM_S390) return `it is for ${MACHINES[machine] ?? `machine ${machine}`}`;
  if (littleEndian) return 'it is little-endian';
  return image[4] === ELFCLASS64 ? undefined : 'it is a 31-bit program';
}

function damaged(what: string): IplError {
  return new IplError('kernel', `${what}; the file is damaged`);
}

function truncated(): IplError {
  return new IplError('kernel', 'is truncated; get it again');
}

function u64(view: DataView, at: number): number {
  return view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
}

import { hex } from '../base/hex.ts';
import { LOWEST_ADDRESS, USER_SPACE_SIZE } from '../memory/user-space.ts';
import { PAGE_SIZE } from '../memory/page.ts';

const HEADER_SIZE = 64;
const PHDR_SIZE = 56;
const PT_LOAD = 1;
const PT_INTERP = 3;
const PT_PHDR = 6;
const PT_GNU_STACK = 0x6474_e551;
const EM_S390 = 22;
const ET_EXEC = 2;
const ET_DYN = 3;

const MACHINES: Readonly<Record<number, string>> = {
  3: 'i386',
  8: 'MIPS',
  20: '32-bit PowerPC',
  21: '64-bit PowerPC',
  40: 'ARM',
  43: 'SPARC',
  62: 'x86-64',
  183: 'AArch64',
  243: 'RISC-V',
  258: 'LoongArch',
};

/** The file is no program that can run; the message says why, without the file's name. */
export class ElfError extends Error {}

/** One PT_LOAD segment. */
export interface Segment {
  readonly address: number;
  readonly memorySize: number;
  readonly offset: number;
  readonly fileSize: number;
  /** PROT_ bits. */
  readonly prot: number;
}

export interface ElfImage {
  /** Position-independent: addresses are relative to where it is put. */
  readonly relocatable: boolean;
  readonly entry: number;
  readonly segments: readonly Segment[];
  /** Address of the program headers in storage, and how many. */
  readonly headers: number;
  readonly headerCount: number;
  /** Lowest and highest address, in whole pages. */
  readonly start: number;
  readonly end: number;
  /** PT_INTERP: the dynamic linker's path. */
  readonly interpreter: string | undefined;
  readonly executableStack: boolean;
}

/** Reads `length` bytes at `offset`; fewer at the end of the file. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

/**
 * Checks an ELF file's headers and describes what to load.
 * @throws ElfError for anything but a well-formed s390x executable
 */
export function parseElf(read: ReadAt, fileSize: number): ElfImage {
  const header = read(0, HEADER_SIZE);
  checkIdentification(header);
  const view = viewOf(header);
  const type = view.getUint16(16);
  if (type !== ET_EXEC && type !== ET_DYN) {
    throw new ElfError(`is not an executable (ELF type ${type}); link it first`);
  }
  const offset = u64(view, 32);
  const count = view.getUint16(56);
  if (view.getUint16(54) !== PHDR_SIZE || count === 0) {
    throw new ElfError('has no usable program headers; the file is damaged');
  }
  if (!(offset + count * PHDR_SIZE <= fileSize)) {
    throw new ElfError('is truncated: the program headers lie beyond its end');
  }
  const table = viewOf(read(offset, count * PHDR_SIZE));
  const relocatable = type === ET_DYN;
  const segments: Segment[] = [];
  let interpreter: string | undefined;
  let headers = 0;
  let executableStack = false;
  for (let i = 0; i < count; i++) {
    const at = i * PHDR_SIZE;
    const kind = table.getUint32(at);
    const flags = table.getUint32(at + 4);
    if (kind === PT_LOAD) {
      const segment = loadSegment(table, at, fileSize);
      if (segment.memorySize > 0) segments.push(segment);
    } else if (kind === PT_INTERP) {
      interpreter = interpreterPath(read, u64(table, at + 8), u64(table, at + 32), fileSize);
    } else if (kind === PT_PHDR) {
      headers = u64(table, at + 16);
    } else if (kind === PT_GNU_STACK) {
      executableStack = (flags & 1) !== 0;
    }
  }
  if (segments.length === 0) throw new ElfError('has nothing to load; the file is damaged');
  const start = Math.min(...segments.map(({ address }) => down(address)));
  const end = Math.max(...segments.map(({ address, memorySize }) => up(address + memorySize)));
  const lowest = relocatable ? 0 : LOWEST_ADDRESS;
  if (start < lowest || end > USER_SPACE_SIZE || (relocatable && end - start > 0x4000_0000)) {
    throw new ElfError(
      `needs the addresses 0x${hex(start)}-0x${hex(end)}; ` +
        `0x${hex(lowest)}-0x${hex(USER_SPACE_SIZE)} are available`,
    );
  }
  if (headers === 0) {
    const first = segments.find((s) => s.offset <= offset && offset < s.offset + s.fileSize);
    if (first) headers = first.address + (offset - first.offset);
  }
  const entry = u64(view, 24);
  return {
    relocatable,
    entry,
    segments,
    headers,
    headerCount: count,
    start,
    end,
    interpreter,
    executableStack,
  };
}

function checkIdentification(header: Uint8Array): void {
  const magic = [0x7f, 0x45, 0x4c, 0x46];
  if (!magic.every((byte, i) => header[i] === byte)) {
    throw new ElfError('is not an ELF file; js390 runs Linux s390x executables');
  }
  if (header.length < HEADER_SIZE) throw new ElfError('is truncated: the ELF header is incomplete');
  const view = viewOf(header);
  const machine = view.getUint16(18, header[5] === 1);
  const name = MACHINES[machine];
  const needed = 'js390 runs 64-bit big-endian s390x executables';
  if (machine !== EM_S390) {
    throw new ElfError(`is a program for ${name ?? `machine ${machine}`}; ${needed}`);
  }
  if (header[4] !== 2) throw new ElfError(`is a 31-bit s390 program; ${needed}`);
  if (header[5] !== 2) throw new ElfError(`is not big-endian; ${needed}`);
  if (header[6] !== 1 || view.getUint32(20) !== 1) {
    throw new ElfError('has an unknown ELF version; the file is damaged');
  }
}

function loadSegment(table: DataView, at: number, fileSize: number): Segment {
  const flags = table.getUint32(at + 4);
  const segment = {
    offset: u64(table, at + 8),
    address: u64(table, at + 16),
    fileSize: u64(table, at + 32),
    memorySize: u64(table, at + 40),
    prot: ((flags & 4) >> 2) | (flags & 2) | ((flags & 1) << 2),
  };
  if (segment.fileSize > segment.memorySize) {
    throw new ElfError('has a segment with more bytes in the file than in storage; it is damaged');
  }
  if (!(segment.offset + segment.fileSize <= fileSize)) {
    throw new ElfError('is truncated: a segment lies beyond its end');
  }
  if ((segment.address - segment.offset) % PAGE_SIZE !== 0) {
    throw new ElfError('has a segment that is not aligned to pages; the file is damaged');
  }
  if (!(segment.address + segment.memorySize <= USER_SPACE_SIZE)) {
    throw new ElfError(
      `has a segment at 0x${hex(segment.address)} of 0x${hex(segment.memorySize)} bytes; ` +
        `addresses end at 0x${hex(USER_SPACE_SIZE)}`,
    );
  }
  return segment;
}

function interpreterPath(read: ReadAt, offset: number, size: number, fileSize: number): string {
  if (size < 2 || size > 4096 || !(offset + size <= fileSize)) {
    throw new ElfError('names no usable dynamic linker; the file is damaged');
  }
  const bytes = read(offset, size);
  const end = bytes.indexOf(0);
  if (end <= 0) throw new ElfError('names no usable dynamic linker; the file is damaged');
  return String.fromCharCode(...bytes.subarray(0, end));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function u64(view: DataView, at: number): number {
  return view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
}

function down(address: number): number {
  return address - (address % PAGE_SIZE);
}

function up(address: number): number {
  return down(address + PAGE_SIZE - 1);
}

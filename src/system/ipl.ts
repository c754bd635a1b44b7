import { hex } from '../base/hex.ts';
import type { AbsoluteStorage } from '../memory/absolute-storage.ts';
import { isElf, loadSegments, parseElfKernel } from './ipl-elf.ts';
import { IplError, type IplPart } from './ipl-error.ts';
import * as linux from './ipl-image.ts';

export { IplError, type IplPart } from './ipl-error.ts';

/** The PSW with which the machine starts. */
export interface InitialPsw {
  readonly mask: bigint;
  readonly address: number;
}

/** Called while large images are loaded: bytes so far, of how many. */
export type Progress = (done: number, total: number) => void;

export interface LinuxOptions {
  readonly storage: AbsoluteStorage;
  /** `vmlinuz`, `bzImage`, `image` or `vmlinux`. */
  readonly kernel: Uint8Array;
  readonly initrd?: Uint8Array;
  readonly commandLine: string;
  /** Bytes of storage that the guest knows of; default all. */
  readonly memorySize?: number;
  readonly onProgress?: Progress;
}

export interface FlatOptions {
  readonly storage: AbsoluteStorage;
  readonly image: Uint8Array;
  /** Absolute address; for an ELF file, which has its own, without effect. */
  readonly at?: number;
  /** Address of the first instruction; default `at`, or what the ELF file says. */
  readonly entry?: number;
  readonly onProgress?: Progress;
}

/** 64-bit addressing mode; no interruptions, no DAT, key 0, supervisor state. */
const IPL_PSW_MASK = 0x0000_0001_8000_0000n;
/** Where an initial RAM disk goes when the kernel leaves room: as QEMU does it. */
const INITRD_AT = 0x80_0000;
const MIB = 0x10_0000;
/** Entry of old ELF kernels that is for another loader. */
const SALIPL_ENTRY = 0x800;
/** Bytes that are loaded between calls of `onProgress`. */
const PIECE = 16 * MIB;

/**
 * Puts a Linux kernel, its initial RAM disk and its command line into storage, which is otherwise
 * as after a clear reset.
 * @throws IplError
 */
export function loadLinux(options: LinuxOptions): InitialPsw {
  const { storage, kernel, initrd, commandLine } = options;
  const memorySize = options.memorySize ?? storage.size;
  const total = kernel.length + (initrd?.length ?? 0);
  const progress = progressOf(total, options.onProgress);
  const end = isElf(kernel)
    ? loadElfLinux(storage, kernel, memorySize)
    : loadImageLinux(storage, kernel, memorySize, progress);
  progress(kernel.length);
  putCommandLine(storage, storage.slice(0, Math.min(end, storage.size)), commandLine);
  if (initrd) {
    const at = placeInitrd(end, initrd.length, memorySize);
    put(storage, at, initrd, (done) => progress(kernel.length + done));
    storage.write64(linux.INITRD_START, BigInt(at));
    storage.write64(linux.INITRD_SIZE, BigInt(initrd.length));
  }
  return { mask: IPL_PSW_MASK, address: linux.LINUX_ENTRY };
}

/**
 * Puts a program for the bare machine into storage: an ELF file, or bytes that go to `at`.
 * @throws IplError
 */
export function loadFlat(options: FlatOptions): InitialPsw {
  const { storage, image, at = 0 } = options;
  if (isElf(image)) {
    const elf = parseElfKernel(image);
    checkFits('kernel', elf.end, storage.size);
    loadSegments(storage, elf);
    return { mask: IPL_PSW_MASK, address: options.entry ?? elf.entry };
  }
  if (image.length === 0) throw new IplError('kernel', 'is empty');
  checkFits('kernel', at + image.length, storage.size);
  put(storage, at, image, progressOf(image.length, options.onProgress));
  return { mask: IPL_PSW_MASK, address: options.entry ?? at };
}

function loadImageLinux(
  storage: AbsoluteStorage,
  kernel: Uint8Array,
  memorySize: number,
  progress: (done: number) => void,
): number {
  const why = linux.whyNotLinux(kernel);
  if (why !== undefined) throw notLinux(why);
  linux.checkWhole(kernel);
  checkFits('kernel', kernel.length, memorySize);
  put(storage, 0, kernel, progress);
  return kernel.length;
}

function loadElfLinux(storage: AbsoluteStorage, kernel: Uint8Array, memorySize: number): number {
  const elf = parseElfKernel(kernel);
  checkFits('kernel', elf.end, memorySize);
  if (elf.entry !== linux.LINUX_ENTRY && elf.entry !== SALIPL_ENTRY) {
    const entry = `its entry point is 0x${hex(elf.entry)}, not 0x10000`;
    throw notLinux(`${entry}; give vmlinuz or bzImage`);
  }
  loadSegments(storage, elf);
  const why = linux.whyNotLinux(storage.slice(0, elf.end));
  if (why !== undefined) throw notLinux(why);
  return elf.end;
}

function putCommandLine(storage: AbsoluteStorage, image: Uint8Array, commandLine: string): void {
  const bytes = new TextEncoder().encode(`${commandLine}\0`);
  const max = linux.maxCommandLine(image);
  if (bytes.length > max) {
    const [is, most] = [bytes.length - 1, max - 1];
    const message = `has ${is} bytes; this kernel takes at most ${most}`;
    throw new IplError('command line', message);
  }
  if (bytes.indexOf(0) !== bytes.length - 1) {
    throw new IplError('command line', 'has a zero byte, where it would end');
  }
  storage.write(linux.COMMAND_LINE, bytes);
}

/** At the first whole MiB from 8 MiB on that is a MiB behind the kernel. */
function placeInitrd(kernelEnd: number, size: number, memorySize: number): number {
  if (size === 0) throw new IplError('initrd', 'is empty; leave --initrd out, or give another');
  const at = Math.max(INITRD_AT, Math.ceil((kernelEnd + MIB) / MIB) * MIB);
  checkFits('initrd', at + size, memorySize);
  return at;
}

function checkFits(part: IplPart, end: number, memorySize: number): void {
  if (end <= memorySize) return;
  const [has, needed] = [memorySize / MIB, Math.ceil(end / MIB)];
  const fix = `give the machine more than ${needed}M`;
  throw new IplError(part, `does not fit into ${has}M of memory; ${fix}`);
}

function put(
  storage: AbsoluteStorage,
  at: number,
  bytes: Uint8Array,
  progress: (done: number) => void,
): void {
  for (let done = 0; done < bytes.length;) {
    const piece = bytes.subarray(done, done + PIECE);
    storage.write(at + done, piece);
    done += piece.length;
    progress(done);
  }
}

function progressOf(total: number, onProgress: Progress | undefined): (done: number) => void {
  let last = -1;
  return (done) => {
    if (done === last) return;
    last = done;
    onProgress?.(done, total);
  };
}

function notLinux(why: string): IplError {
  return new IplError('kernel', `is not an s390x Linux kernel: ${why}`);
}

import { IplError } from './ipl-error.ts';

/** Where a Linux image is entered, and its first instruction and mark. */
export const LINUX_ENTRY = 0x1_0000;
const ENTRY_MARK = 'S390EP';
const ENTRY_MARK_AT = 0x1_0008;
/** BASR 13,0: how kernels began that had no mark, before 2011. */
const OLD_ENTRY = 0x0dd0;

/** Fields of the parameter area, 8 bytes each. */
export const INITRD_START = 0x1_0408;
export const INITRD_SIZE = 0x1_0410;
const KERNEL_VERSION = 0x1_0428;
const MAX_COMMAND_LINE = 0x1_0430;
export const COMMAND_LINE = 0x1_0480;
/** Bytes of a command line with its final zero, where the kernel does not say. */
const OLD_MAX_COMMAND_LINE = 896;

/** What the first bytes of files say that are often given by mistake. */
const KNOWN: readonly (readonly [at: number, magic: string, why: string])[] = [
  [0, '\x1f\x8b', 'it is compressed; unpack it with gunzip'],
  [0, '\xfd7zXZ', 'it is compressed; unpack it with unxz'],
  [0, '\x28\xb5\x2f\xfd', 'it is compressed; unpack it with unzstd'],
  [0, 'BZh', 'it is compressed; unpack it with bunzip2'],
  [0, '070701', 'it is an initramfs; give it with --initrd'],
  [0, '!<arch>\ndebian-binary', 'it is a Debian package; unpack it with dpkg-deb -x'],
  [0x202, 'HdrS', 'it is for x86'],
  [0x38, 'ARM\x64', 'it is for AArch64'],
  [0x30, 'RISCV', 'it is for RISC-V'],
  [0x1fe, '\x55\xaa', 'it is a disk image'],
];

/**
 * Why `image`, as it is in storage from address 0, is no Linux kernel, or undefined when it is.
 * An ELF file's segments make an image as well.
 */
export function whyNotLinux(image: Uint8Array): string | undefined {
  if (isLinux(image)) return undefined;
  if (image.length === 0) return 'it is empty';
  const known = KNOWN.find(([at, magic]) => hasText(image, at, magic));
  if (known) return known[2];
  if (image.length < COMMAND_LINE) return 'it is too short';
  return 'there is no entry point at 0x10000; give vmlinuz or bzImage';
}

function isLinux(image: Uint8Array): boolean {
  if (image.length < COMMAND_LINE) return false;
  if (hasText(image, ENTRY_MARK_AT, ENTRY_MARK)) return true;
  const first = (image[LINUX_ENTRY]! << 8) | image[LINUX_ENTRY + 1]!;
  return first === OLD_ENTRY && hasIplPsw(image);
}

/** Old images always begin with the PSW of an IPL from a card reader: 31-bit mode, disabled. */
function hasIplPsw(image: Uint8Array): boolean {
  return image[0] === 0x00 && image[1] === 0x08 && (image[4]! & 0x80) !== 0;
}

/** @throws IplError when the image ends before things that it points to */
export function checkWhole(image: Uint8Array): void {
  const version = readNumber(image, KERNEL_VERSION);
  if (version > 0 && version < 0x8000_0000 && version >= image.length) {
    throw new IplError('kernel', 'is truncated; get it again');
  }
}

/** Most bytes of the command line, with the final zero. */
export function maxCommandLine(image: Uint8Array): number {
  const size = readNumber(image, MAX_COMMAND_LINE);
  // Old kernels have code or padding there.
  return size > 0 && size <= 0x1_0000 ? size : OLD_MAX_COMMAND_LINE;
}

function readNumber(image: Uint8Array, at: number): number {
  const view = new DataView(image.buffer, image.byteOffset, image.length);
  return Number(view.getBigUint64(at));
}

function hasText(image: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (image[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

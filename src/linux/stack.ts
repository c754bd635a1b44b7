import { PAGE_READ, PAGE_WRITE } from '../memory/user-space.ts';
import { PAGE_SIZE } from '../memory/page.ts';
import { PROT_EXEC } from './mman.ts';
import { STACK_TOP, pageUp } from './memory-map.ts';
import type { MemoryMap } from './memory-map.ts';
import { E2BIG, SyscallError } from './errno.ts';
import type { Credentials } from './process.ts';
import { byteString } from './user-memory.ts';

/** Auxiliary vector types (include/uapi/linux/auxvec.h). */
const AT_NULL = 0;
const AT_PHDR = 3;
const AT_PHENT = 4;
const AT_PHNUM = 5;
const AT_PAGESZ = 6;
const AT_BASE = 7;
const AT_FLAGS = 8;
const AT_ENTRY = 9;
const AT_UID = 11;
const AT_EUID = 12;
const AT_GID = 13;
const AT_EGID = 14;
const AT_PLATFORM = 15;
const AT_HWCAP = 16;
const AT_CLKTCK = 17;
const AT_SECURE = 23;
const AT_RANDOM = 25;
const AT_HWCAP2 = 26;
const AT_EXECFN = 31;

/** Arguments and environment together, as Linux limits them by default. */
const ARGUMENTS_LIMIT = 0x20_0000;
/** Storage mapped below the arguments at first; the rest is mapped as the stack grows. */
const INITIAL_STACK = 0x2_0000;

export interface StackContents {
  readonly arguments: readonly string[];
  readonly environment: readonly string[];
  /** Path as given to execve. */
  readonly fileName: string;
  readonly headers: number;
  readonly headerCount: number;
  /** Where the dynamic linker was put, else 0. */
  readonly base: number;
  readonly entry: number;
  readonly hwcap: number;
  readonly platform: string;
  readonly credentials: Credentials;
  /** 16 random bytes. */
  readonly random: Uint8Array;
  readonly executable: boolean;
}

/** Maps and fills the first stack; returns the stack pointer, at argc. @throws SyscallError E2BIG */
export function buildStack(mm: MemoryMap, contents: StackContents): number {
  const strings = [...contents.arguments, ...contents.environment, contents.fileName];
  const bytes = strings.reduce((sum, text) => sum + text.length + 9, 0);
  if (bytes > ARGUMENTS_LIMIT) throw new SyscallError(E2BIG);
  const length = pageUp(bytes) + INITIAL_STACK;
  mm.map({
    address: STACK_TOP - length,
    length,
    prot: PAGE_READ | PAGE_WRITE | (contents.executable ? PROT_EXEC : 0),
    fixed: 'replace',
    growsDown: true,
    name: '[stack]',
  });
  const { memory } = mm;
  let at = STACK_TOP - 8;
  const push = (text: string): number => {
    at -= text.length + 1;
    memory.write(at, byteString(text, 1));
    return at;
  };
  const fileName = push(contents.fileName);
  const environment = contents.environment.map(push);
  const argv = contents.arguments.map(push);
  const platform = push(contents.platform);
  at -= 16;
  memory.write(at, contents.random);
  const random = at;
  const { uid, euid, gid, egid } = contents.credentials;
  const auxiliary: [number, number][] = [
    [AT_HWCAP, contents.hwcap],
    [AT_PAGESZ, PAGE_SIZE],
    [AT_CLKTCK, 100],
    [AT_PHDR, contents.headers],
    [AT_PHENT, 56],
    [AT_PHNUM, contents.headerCount],
    [AT_BASE, contents.base],
    [AT_FLAGS, 0],
    [AT_ENTRY, contents.entry],
    [AT_UID, uid],
    [AT_EUID, euid],
    [AT_GID, gid],
    [AT_EGID, egid],
    [AT_SECURE, 0],
    [AT_RANDOM, random],
    [AT_HWCAP2, 0],
    [AT_EXECFN, fileName],
    [AT_PLATFORM, platform],
    [AT_NULL, 0],
  ];
  const words = [argv.length, ...argv, 0, ...environment, 0, ...auxiliary.flat()];
  // The stack pointer is 16-byte aligned at program start.
  const stackPointer = Math.floor((at - 8 * words.length) / 16) * 16;
  words.forEach((word, i) => memory.set64(stackPointer + 8 * i, word));
  const auxiliaryAt = stackPointer + 8 * (words.length - 2 * auxiliary.length);
  mm.auxiliaryVector = memory.bytes(auxiliaryAt, 16 * auxiliary.length).slice();
  return stackPointer;
}

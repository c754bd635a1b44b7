import { clearBytes } from '../base/clear-bytes.ts';
import { PAGE_EXEC, PAGE_READ } from '../memory/user-space.ts';
import { PAGE_SIZE } from '../memory/page.ts';
import { ElfError, parseElf } from './elf.ts';
import type { ElfImage, Segment } from './elf.ts';
import { ELIBBAD, ELOOP, ENOEXEC, ENOMEM, SyscallError } from './errno.ts';
import type { FileSystem, FsContext, OpenFile } from './file.ts';
import { TRAMPOLINE, pageDown, pageUp } from './memory-map.ts';
import type { MemoryMap } from './memory-map.ts';
import { PROT_WRITE } from './mman.ts';
import { TRAMPOLINE_CODE } from './signal-frame.ts';

/** Where position-independent programs are put; the heap follows them. */
export const PIE_BASE = 0x2aa0_0000;
/** How often a script's interpreter may be a script itself (Linux: 4 in all). */
const SCRIPT_DEPTH = 4;

/** A program that was found and checked, and is not yet in storage. */
export interface Program {
  readonly file: OpenFile;
  readonly image: ElfImage;
  /** The dynamic linker. */
  readonly interpreter: { readonly file: OpenFile; readonly image: ElfImage } | undefined;
  /** argv, with what `#!` lines put in front. */
  readonly arguments: readonly string[];
  /** Path for AT_EXECFN. */
  readonly fileName: string;
}

/** Where things ended up. */
export interface LoadedProgram {
  /** First instruction: the dynamic linker's, if there is one. */
  readonly start: number;
  /** The program's own entry point (AT_ENTRY). */
  readonly entry: number;
  readonly headers: number;
  /** Load address of the dynamic linker, else 0 (AT_BASE). */
  readonly base: number;
}

/**
 * Opens the program at `path`, following `#!` lines.
 * @throws SyscallError as execve(2) fails; ElfError (with the path in front) for bad files
 */
export function openProgram(
  fileSystem: FileSystem,
  context: FsContext,
  path: string,
  args: readonly string[],
): Program {
  let current = path;
  let argv = args;
  for (let depth = 0; depth <= SCRIPT_DEPTH; depth++) {
    const file = open(fileSystem, context, current);
    try {
      const line = scriptLine(file);
      if (line === undefined) {
        const image = parse(file, current);
        const interpreter = openInterpreter(fileSystem, context, image);
        return { file, image, interpreter, arguments: argv, fileName: path };
      }
      const [, name, argument] = /^[ \t]*([^ \t]+)[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
      if (!name) throw new SyscallError(ENOEXEC);
      argv = [name, ...(argument ? [argument] : []), current, ...argv.slice(1)];
      current = name;
    } catch (error) {
      file.release();
      throw error;
    }
    file.release();
  }
  throw new SyscallError(ELOOP);
}

/** Drops what {@link openProgram} opened; mappings keep their own references. */
export function closeProgram({ file, interpreter }: Program): void {
  file.release();
  interpreter?.file.release();
}

/** Puts a program into an empty memory map. @throws SyscallError ENOMEM */
export function loadProgram(mm: MemoryMap, { file, image, interpreter }: Program): LoadedProgram {
  const bias = image.relocatable ? PIE_BASE : 0;
  mapImage(mm, file, image, bias);
  mm.brkStart = pageUp(bias + image.end);
  mm.brk = mm.brkStart;
  const entry = bias + image.entry;
  const headers = image.headers === 0 ? 0 : bias + image.headers;
  mapTrampoline(mm);
  if (!interpreter) return { start: entry, entry, headers, base: 0 };
  const linker = interpreter.image;
  let base = 0;
  if (linker.relocatable) {
    // Reserves the whole range first, so that all segments find room beside each other.
    base = mm.map({ length: linker.end - linker.start, prot: 0 }) - linker.start;
  }
  mapImage(mm, interpreter.file, linker, base);
  return { start: base + linker.entry, entry, headers, base };
}

function open(fileSystem: FileSystem, context: FsContext, path: string): OpenFile {
  const file = fileSystem.openExecutable(context, path);
  if (typeof file === 'number') throw new SyscallError(-file);
  return file;
}

function parse(file: OpenFile, name: string): ElfImage {
  const size = file.size();
  try {
    return parseElf((offset, length) => readBytes(file, offset, length), size);
  } catch (error) {
    if (error instanceof ElfError) throw new ElfError(`${name} ${error.message}`);
    throw error;
  }
}

function openInterpreter(
  fileSystem: FileSystem,
  context: FsContext,
  { interpreter: path }: ElfImage,
): Program['interpreter'] {
  if (path === undefined) return undefined;
  const found = fileSystem.openExecutable(context, path);
  if (typeof found === 'number') throw new MissingInterpreter(path, -found);
  try {
    const image = parse(found, path);
    if (image.interpreter !== undefined) throw new SyscallError(ELIBBAD);
    return { file: found, image };
  } catch (error) {
    found.release();
    throw error;
  }
}

/** The dynamic linker that a program names cannot be opened. */
export class MissingInterpreter extends SyscallError {
  readonly path: string;

  constructor(path: string, errno: number) {
    super(errno);
    this.path = path;
  }
}

function readBytes(file: OpenFile, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const read = file.readAt(bytes, offset);
  if (read < 0) throw new SyscallError(-read);
  return bytes.subarray(0, read);
}

/** The text behind `#!`, or undefined when the file does not start with it. */
function scriptLine(file: OpenFile): string | undefined {
  const bytes = readBytes(file, 0, 256);
  if (bytes[0] !== 0x23 || bytes[1] !== 0x21) return undefined;
  const end = bytes.indexOf(0x0a);
  return String.fromCharCode(...bytes.subarray(2, end < 0 ? bytes.length : end));
}

function mapImage(mm: MemoryMap, file: OpenFile, image: ElfImage, bias: number): void {
  for (const segment of image.segments) mapSegment(mm, file, segment, bias);
}

/** Maps one segment as Linux does: whole pages from the file, then zeros up to the size in storage. */
function mapSegment(mm: MemoryMap, file: OpenFile, segment: Segment, bias: number): void {
  const { address, offset, fileSize, memorySize, prot } = segment;
  const start = pageDown(bias + address);
  const fileEnd = bias + address + fileSize;
  const end = bias + address + memorySize;
  if (end > mm.space.size) throw new SyscallError(ENOMEM);
  let mapped = start;
  if (fileSize > 0) {
    mapped = pageUp(fileEnd);
    mm.map({
      address: start,
      length: mapped - start,
      prot,
      fixed: 'replace',
      file,
      offset: offset - (bias + address - start),
      eager: true,
    });
    if (memorySize > fileSize && prot & PROT_WRITE) {
      clearBytes(mm.space.bytes.subarray(fileEnd, Math.min(mapped, pageUp(end))));
    }
  }
  if (pageUp(end) > mapped) {
    mm.map({ address: mapped, length: pageUp(end) - mapped, prot, fixed: 'replace' });
  }
}

function mapTrampoline(mm: MemoryMap): void {
  const prot = PAGE_READ | PAGE_EXEC;
  mm.map({ address: TRAMPOLINE, length: PAGE_SIZE, prot, fixed: 'replace', name: '[vdso]' });
  mm.space.bytes.set(TRAMPOLINE_CODE, TRAMPOLINE);
}

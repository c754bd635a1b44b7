import type { ReadAt } from './elf.ts';

const SHDR_SIZE = 64;
const SYMBOL_SIZE = 24;
const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const SHN_UNDEF = 0;

/** A name of an address in an ELF file, before it is moved anywhere. */
export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  /** Bytes; 0 when the file does not say. */
  readonly size: number;
}

/**
 * The defined symbols of a well-formed ELF file, those of .symtab first, then of .dynsym; empty
 * for a file without section headers. Damaged tables end where they stop making sense.
 */
export function* elfSymbols(read: ReadAt, fileSize: number): Generator<ElfSymbol> {
  const header = viewOf(read(0, 64));
  const sections = u64(header, 40);
  const count = header.getUint16(60);
  if (sections === 0 || sections + count * SHDR_SIZE > fileSize) return;
  const table = viewOf(read(sections, count * SHDR_SIZE));
  for (const wanted of [SHT_SYMTAB, SHT_DYNSYM]) {
    for (let i = 0; i < count; i++) {
      if (table.getUint32(i * SHDR_SIZE + 4) !== wanted) continue;
      const strings = table.getUint32(i * SHDR_SIZE + 40);
      const symbols = sectionOf(table, i, read, fileSize);
      const names = strings < count ? sectionOf(table, strings, read, fileSize) : undefined;
      if (symbols && names) yield* symbolsIn(viewOf(symbols), names);
    }
  }
}

function* symbolsIn(table: DataView, names: Uint8Array): Generator<ElfSymbol> {
  for (let at = 0; at + SYMBOL_SIZE <= table.byteLength; at += SYMBOL_SIZE) {
    if (table.getUint16(at + 6) === SHN_UNDEF) continue;
    const start = table.getUint32(at);
    const end = names.indexOf(0, start);
    if (end <= start) continue;
    const name = String.fromCharCode(...names.subarray(start, end));
    yield { name, address: u64(table, at + 8), size: u64(table, at + 16) };
  }
}

/** The bytes of section `i`, unless they lie beyond the file's end. */
function sectionOf(
  table: DataView,
  i: number,
  read: ReadAt,
  fileSize: number,
): Uint8Array | undefined {
  const offset = u64(table, i * SHDR_SIZE + 24);
  const size = u64(table, i * SHDR_SIZE + 32);
  return offset + size <= fileSize ? read(offset, size) : undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function u64(view: DataView, at: number): number {
  return view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
}

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import { packTranslations, unpackTranslations } from '../../engine/translation-archive.ts';
import { TranslationStore } from '../../engine/translation-store.ts';
import { NODE_FILES } from './file-layer.ts';
import { replaceFile } from './replace-file.ts';

/** `js390TRN`, CRC-32 of what follows it, length unpacked; then Zstandard. */
const MAGIC = 'js390TRN';
const HEADER = MAGIC.length + 8;
/** Files of other versions of js390, or of other options, that are left. */
const OTHERS = 4;
const NAME = /^[0-9a-f]{16}\.translations$/;

/** Where translations are kept unless the user says otherwise. */
function translationFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  return path.join(cache, 'js390', 'translations');
}

/**
 * Translations in a folder, from one run to the next. There is a file for each version of js390 and
 * each `key` (see `translationKey`). It is a cache: what cannot be read or written is done without,
 * and its code is as trusted as the folder, which only its owner may write to.
 */
export class TranslationFile {
  readonly store = new TranslationStore();
  readonly #folder: string;
  #file: string | undefined;

  constructor(folder = translationFolder()) {
    this.#folder = folder;
  }

  /** Fills the store with what is kept for `key`; false when there is nothing, or nothing whole. */
  load(key: string): boolean {
    const name = createHash('sha256').update(programText()).update(key).digest('hex');
    this.#file = path.join(this.#folder, `${name.slice(0, 16)}.translations`);
    try {
      const { uid, mode } = fs.statSync(this.#file);
      // Somebody else's code is not run.
      if (process.getuid && (uid !== process.getuid() || (mode & 0o022) !== 0)) return false;
      const bytes = fs.readFileSync(this.#file);
      if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return false;
      if (zlib.crc32(bytes.subarray(MAGIC.length + 4)) !== bytes.readUInt32LE(MAGIC.length)) {
        return false;
      }
      const size = bytes.readUInt32LE(MAGIC.length + 4);
      const packed = zlib.zstdDecompressSync(bytes.subarray(HEADER), {
        chunkSize: size + 64,
        maxOutputLength: size,
      });
      unpackTranslations(packed, this.store);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Keeps what the store has, if anything of it is new, and removes the oldest files of others; false
   * when nothing was written. For after `load`.
   */
  save(): boolean {
    if (this.#file === undefined || !this.store.hasNew) return false;
    const packed = packTranslations(this.store);
    const { ZSTD_c_compressionLevel: level } = zlib.constants;
    const compressed = zlib.zstdCompressSync(packed, { params: { [level]: 1 } });
    const bytes = Buffer.alloc(HEADER + compressed.length);
    bytes.write(MAGIC, 'latin1');
    bytes.writeUInt32LE(packed.length, MAGIC.length + 4);
    bytes.set(compressed, HEADER);
    bytes.writeUInt32LE(zlib.crc32(bytes.subarray(MAGIC.length + 4)), MAGIC.length);
    try {
      fs.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      replaceFile(this.#file, [bytes], NODE_FILES);
      this.#removeOthers();
      return true;
    } catch {
      return false;
    }
  }

  #removeOthers(): void {
    const others = fs
      .readdirSync(this.#folder)
      .filter((name) => NAME.test(name))
      .map((name) => path.join(this.#folder, name))
      .filter((file) => file !== this.#file)
      .map((file) => ({ file, time: fs.statSync(file).mtimeMs }))
      .sort((a, b) => b.time - a.time);
    for (const { file } of others.slice(OTHERS)) fs.rmSync(file, { force: true });
  }
}

/** All of js390, since any part of it may decide what a translation looks like. */
function programText(): string {
  const here = fileURLToPath(import.meta.url);
  // In a checkout `src`, in a package the folder of the bundle.
  const isSource = here.endsWith('.ts');
  const root = isSource ? path.resolve(path.dirname(here), '../..') : path.dirname(here);
  return fs
    .readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(isSource ? '.ts' : '.js'))
    .sort()
    .map((name) => fs.readFileSync(path.join(root, name), 'latin1'))
    .join('\n');
}

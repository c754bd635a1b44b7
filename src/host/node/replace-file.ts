import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { syncDirectory, writeFully, type FileLayer } from './file-layer.ts';

/**
 * Writes to a file beside `target` and then gives it its name: at no time there is half a file. Only
 * its owner may read it.
 */
export function replaceFile(target: string, chunks: Iterable<Uint8Array>, files: FileLayer): void {
  const directory = path.dirname(target);
  const unique = randomBytes(4).toString('hex');
  const temporary = path.join(directory, `.${path.basename(target)}.${unique}.tmp`);
  const fd = files.open(temporary, 'wx', 0o600);
  let open = true;
  try {
    let at = 0;
    for (const chunk of chunks) {
      writeFully(files, fd, chunk, at);
      at += chunk.length;
    }
    files.sync(fd);
    open = false;
    files.close(fd);
    files.rename(temporary, target);
  } catch (error) {
    try {
      if (open) files.close(fd);
    } finally {
      files.remove(temporary);
    }
    throw error;
  }
  syncDirectory(files, directory);
}

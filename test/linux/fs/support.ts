import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NodeFiles } from '../../../src/host/node/file-system.ts';
import { FsContext } from '../../../src/linux/file.ts';
import type { Kernel } from '../../../src/linux/kernel.ts';
import type { View } from '../../../src/linux/fs/virtual.ts';

/** A new empty folder, without symbolic links in its path. */
export function temporaryFolder(): string {
  return fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'js390-fs-')));
}

/** Makes files from `name: text`; a name that ends in a slash makes a folder, `->` a link. */
export function makeTree(root: string, tree: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(tree)) {
    const at = path.join(root, name);
    fs.mkdirSync(path.dirname(at), { recursive: true });
    if (name.endsWith('/')) fs.mkdirSync(at, { recursive: true });
    else if (text.startsWith('-> ')) fs.symlinkSync(text.slice(3), at);
    else fs.writeFileSync(at, text);
  }
}

/** Somebody who looks paths up: no process, in `cwd`. */
export function viewFrom(cwd = '/', root = '/'): View {
  const context = new FsContext(cwd, 0o022);
  context.root = root;
  return { kernel: {} as Kernel, context, process: undefined };
}

export const files = new NodeFiles();

/** The byte string of a text: one character a byte. */
export function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

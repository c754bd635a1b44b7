import fs from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { O_RDONLY, O_WRONLY, SEEK_CUR, SEEK_SET } from '../../../src/linux/fs/flags.ts';
import { InheritedFile } from '../../../src/linux/fs/regular-file.ts';
import { files, temporaryFolder } from './support.ts';

const top = temporaryFolder();
afterAll(() => fs.rmSync(top, { recursive: true }));

const path = `${top}/file`;

/** What the next process of the shell would read from the same descriptor. */
function next(fd: number, count: number): string {
  const bytes = Buffer.alloc(count);
  return bytes.toString('latin1', 0, fs.readSync(fd, bytes, 0, count, null));
}

function read(file: InheritedFile, count: number): string {
  const bytes = Buffer.alloc(count);
  return bytes.toString('latin1', 0, file.tryRead(bytes));
}

describe.skipIf(process.platform !== 'linux')(
  'a file as standard input (needs Linux, where offsets can be learned)',
  () => {
    test('goes on for the next process where the guest stopped, even after going back', () => {
      fs.writeFileSync(path, 'one\ntwo\nthree\n');
      const fd = fs.openSync(path, 'r');
      expect(next(fd, 1)).toBe('o');
      const file = new InheritedFile(files, fd, path, O_RDONLY);
      expect(file.seek(0, SEEK_CUR)).toBe(1);
      expect(read(file, 100)).toBe('ne\ntwo\nthree\n');
      expect(file.seek(-6, SEEK_CUR)).toBe(8);
      file.release();
      expect(next(fd, 100)).toBe('three\n');
      fs.closeSync(fd);
    });

    test('that is large moves the host’s offset along, to skip little at the end', () => {
      const size = (1 << 26) + 5000;
      fs.writeFileSync(path, '');
      fs.truncateSync(path, size);
      const fd = fs.openSync(path, 'r');
      const file = new InheritedFile(files, fd, path, O_RDONLY);
      const buffer = new Uint8Array(1 << 20);
      let total = 0;
      while (total <= 1 << 26) total += file.tryRead(buffer);
      expect(files.offset(fd)).toBe(total);
      file.release();
      expect(fs.readSync(fd, buffer, 0, buffer.length, null)).toBe(size - total);
      fs.closeSync(fd);
    });
  },
);

test('a file as standard output is written where the host’s offset is, until the guest seeks', () => {
  fs.writeFileSync(path, '');
  const fd = fs.openSync(path, 'w');
  fs.writeSync(fd, 'before ');
  const file = new InheritedFile(files, fd, path, O_WRONLY);
  file.tryWrite(Buffer.from('guest '));
  fs.writeSync(fd, 'after ');
  file.tryWrite(Buffer.from('again'));
  expect(fs.readFileSync(path, 'utf8')).toBe('before guest after again');
  expect(file.seek(0, SEEK_SET)).toBe(0);
  file.tryWrite(Buffer.from('BE'));
  file.release();
  expect(fs.readFileSync(path, 'utf8')).toBe('BEfore guest after again');
  fs.closeSync(fd);
});

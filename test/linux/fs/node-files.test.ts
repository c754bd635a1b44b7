import fs from 'node:fs';
import { afterAll, beforeEach, expect, test } from 'vitest';
import {
  EEXIST,
  EISDIR,
  ELOOP,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EXDEV,
} from '../../../src/linux/errno.ts';
import {
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from '../../../src/linux/fs/flags.ts';
import type { FileStatus } from '../../../src/linux/fs/host-files.ts';
import { bytesOf, files, makeTree, temporaryFolder } from './support.ts';

const top = temporaryFolder();
afterAll(() => fs.rmSync(top, { recursive: true }));

let at = '';
let count = 0;
beforeEach(() => {
  at = `${top}/${count++}`;
  fs.mkdirSync(at);
});

const status = (path: string): FileStatus => {
  const found = files.status(path);
  if (typeof found === 'number') throw new Error(`no status: ${found}`);
  return found;
};

test('errors are Linux’s numbers', () => {
  makeTree(at, { 'd/f': 'x', loop: '-> loop' });
  expect(files.open(`${at}/none`, O_RDONLY, 0)).toBe(-ENOENT);
  expect(files.open(`${at}/d`, O_RDWR, 0)).toBe(-EISDIR);
  expect(files.open(`${at}/d/f`, O_RDONLY | O_DIRECTORY, 0)).toBe(-ENOTDIR);
  expect(files.open(`${at}/loop`, O_RDONLY, 0)).toBe(-ELOOP);
  expect(files.open(`${at}/d/f`, O_RDWR | O_CREAT | O_EXCL, 0o600)).toBe(-EEXIST);
  expect(files.removeDirectory(`${at}/d`)).toBe(-ENOTEMPTY);
  expect(files.status(`${at}/none`)).toBe(-ENOENT);
  expect(files.readLink(`${at}/none`)).toBe(-ENOENT);
  expect(files.list(`${at}/d/f`)).toBe(-ENOTDIR);
  expect(EXDEV).toBe(18);
});

test('names are bytes: one that is no UTF-8 survives', () => {
  const name = '\xff\x80 caf\xe9';
  const fd = files.open(`${at}/${name}`, O_WRONLY | O_CREAT, 0o600);
  expect(fd).toBeGreaterThan(0);
  files.close(fd);
  expect(files.list(at)).toEqual([name]);
  expect(files.makeLink(`${name}\xfe`, `${at}/link`)).toBe(0);
  expect(files.readLink(`${at}/link`)).toBe(`${name}\xfe`);
  expect(files.rename(`${at}/${name}`, `${at}/${bytesOf('é')}`)).toBe(0);
  expect(fs.readdirSync(at).sort()).toEqual(['link', 'é']);
});

test('a mode is the guest’s alone: the umask of js390 is not applied on top', () => {
  const fd = files.open(`${at}/file`, O_RDWR | O_CREAT, 0o666);
  files.close(fd);
  expect(status(`${at}/file`).mode & 0o7777).toBe(0o666);
  expect(files.makeDirectory(`${at}/folder`, 0o777)).toBe(0);
  expect(status(`${at}/folder`).mode & 0o7777).toBe(0o777);
});

test('times are kept to the nanosecond, though node:fs sets them roughly', () => {
  makeTree(at, { file: 'x', link: '-> file' });
  expect(files.setTimes(`${at}/file`, 1_000_000_000_123_456_789n, 1_700_000_000_987_654_321n)).toBe(
    0,
  );
  expect(status(`${at}/file`).accessed).toBe(1_000_000_000_123_456_789n);
  expect(status(`${at}/file`).modified).toBe(1_700_000_000_987_654_321n);
  const { mtimeNs } = fs.statSync(`${at}/file`, { bigint: true });
  expect(Math.abs(Number(mtimeNs - 1_700_000_000_987_654_321n))).toBeLessThan(1000);
  expect(files.setTimes(`${at}/link`, 5n * 10n ** 9n, 6n * 10n ** 9n)).toBe(0);
  expect(status(`${at}/link`).modified).toBe(6n * 10n ** 9n);
  expect(status(`${at}/file`).modified).toBe(1_700_000_000_987_654_321n);
  fs.appendFileSync(`${at}/file`, 'y');
  expect(status(`${at}/file`).modified).toBeGreaterThan(1_700_000_000_987_654_321n);
});

test('transfers go where they are told, and flags mean what they mean to Linux', () => {
  const fd = files.open(`${at}/file`, O_RDWR | O_CREAT, 0o600);
  expect(files.write(fd, Buffer.from('hello world'), 0)).toBe(11);
  expect(files.write(fd, Buffer.from('J'), 0)).toBe(1);
  const into = new Uint8Array(20);
  expect(files.read(fd, into, 6)).toBe(5);
  expect(Buffer.from(into.subarray(0, 5)).toString()).toBe('world');
  expect(files.read(fd, into, 100)).toBe(0);
  files.close(fd);
  const append = files.open(`${at}/file`, O_WRONLY | O_APPEND, 0);
  expect(files.write(append, Buffer.from('!'), 0)).toBe(1);
  files.close(append);
  expect(fs.readFileSync(`${at}/file`, 'utf8')).toBe('Jello world!');
  files.close(files.open(`${at}/file`, O_WRONLY | O_TRUNC, 0));
  expect(status(`${at}/file`).size).toBe(0);
  makeTree(at, { link: '-> file' });
  expect(files.open(`${at}/link`, O_RDONLY | O_NOFOLLOW, 0)).toBe(-ELOOP);
});

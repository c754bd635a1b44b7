import fs from 'node:fs';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  EINVAL,
  ELOOP,
  ENAMETOOLONG,
  ENOENT,
  ENOTDIR,
  SyscallError,
} from '../../../src/linux/errno.ts';
import { PathWalk, exists } from '../../../src/linux/fs/path-walk.ts';
import { directory, link, textFile } from '../../../src/linux/fs/virtual.ts';
import { files, makeTree, temporaryFolder, viewFrom } from './support.ts';

const top = temporaryFolder();
/** What the host's `/` is in these tests. */
const hostRoot = `${top}/host`;
const sysroot = `${top}/sysroot`;
const host = '/work';
/** Host paths as the walk gives them to where they are. */
const real = (path: string): string => (path.startsWith(sysroot) ? path : hostRoot + path);
const rooted = new Proxy(files, {
  get: (target, name: 'status' | 'readLink') => (path: string) => target[name](real(path)),
});
afterAll(() => fs.rmSync(top, { recursive: true }));

let walk: PathWalk;

beforeEach(() => {
  fs.rmSync(hostRoot, { recursive: true, force: true });
  fs.rmSync(sysroot, { recursive: true, force: true });
  makeTree(hostRoot + host, {
    'both/only-host': 'h',
    'both/shared': 'h',
    'host/file': 'h',
    plain: 'h',
  });
  makeTree(sysroot, {
    'usr/lib/libc.so': 's',
    lib: '-> usr/lib',
    'etc/passwd': 's',
    'etc/absolute': '-> /etc/passwd',
    'etc/outside': `-> ${host}/plain`,
    'etc/up': '-> ../etc/passwd',
    'etc/above': '-> ../../../../etc/passwd',
    'etc/dangling': '-> /etc/new',
    'etc/loop': '-> loop',
    'etc/to-directory': '-> /usr/lib/',
    'new-root/etc/inner': 'r',
    'new-root/link': '-> /etc/inner',
    'new-root/escape': '-> ../../etc/passwd',
  });
  // A directory that exists on both sides.
  makeTree(sysroot + host, { 'both/only-sysroot': 's', 'both/shared': 's' });
  const mounts = new Map([
    [
      '/proc',
      directory({
        self: link(() => '12'),
        '12': directory({ exe: link(() => '/etc/passwd') }),
        text: textFile(() => ''),
      }),
    ],
  ]);
  walk = new PathWalk(rooted, sysroot, mounts);
});

/** Host path of what a guest path leads to; undefined when nothing is there. */
function find(path: string, { base = '/', follow = true } = {}): string | undefined {
  const place = walk.resolve(viewFrom(base), base, path, follow);
  return exists(place) ? place.host : undefined;
}

function errnoOf(action: () => unknown): number {
  try {
    action();
  } catch (error) {
    if (error instanceof SyscallError) return error.errno;
    throw error;
  }
  return 0;
}

describe('a path with a sysroot', () => {
  test('is taken from the sysroot where it exists there, else from the host', () => {
    expect(find('/etc/passwd')).toBe(`${sysroot}/etc/passwd`);
    expect(find(`${host}/plain`)).toBe(`${host}/plain`);
    expect(find(`${host}/both/shared`)).toBe(`${sysroot}${host}/both/shared`);
    expect(find(`${host}/both/only-host`)).toBe(`${host}/both/only-host`);
    expect(find(`${host}/both/only-sysroot`)).toBe(`${sysroot}${host}/both/only-sysroot`);
    expect(find(`${host}/both/neither`)).toBeUndefined();
  });

  test.each([
    ['/lib/libc.so', '/usr/lib/libc.so'],
    ['/etc/absolute', '/etc/passwd'],
    ['/etc/up', '/etc/passwd'],
    ['/etc/above', '/etc/passwd'],
    ['/etc/to-directory/libc.so', '/usr/lib/libc.so'],
    ['/lib/../../etc/passwd', '/etc/passwd'],
    ['/etc/./../etc//passwd', '/etc/passwd'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['etc/passwd', '/etc/passwd'],
  ])('leads through links inside the sysroot: %s', (path, target) => {
    const place = walk.resolve(viewFrom(), '/', path, true);
    expect(place.path).toBe(target);
    expect(place.host).toBe(sysroot + target);
  });

  test('leads from a link in the sysroot to the host, when the target is only there', () => {
    expect(find('/etc/outside')).toBe(`${host}/plain`);
  });

  test('is relative to a directory in both at once', () => {
    const base = `${host}/both`;
    expect(find('only-host', { base })).toBe(`${base}/only-host`);
    expect(find('only-sysroot', { base })).toBe(`${sysroot}${base}/only-sysroot`);
    expect(find('../plain', { base })).toBe(`${host}/plain`);
  });

  test('of a new file lies in the sysroot when its directory does, else on the host', () => {
    const newFile = (path: string) => walk.resolve(viewFrom(), '/', path, true).host;
    expect(newFile('/etc/new')).toBe(`${sysroot}/etc/new`);
    expect(newFile('/etc/dangling')).toBe(`${sysroot}/etc/new`);
    expect(newFile(`${host}/host/new`)).toBe(`${host}/host/new`);
    expect(newFile(`${host}/both/new`)).toBe(`${sysroot}${host}/both/new`);
  });

  test('below /tmp, /home, /srv... is the host’s, if the host has that directory', () => {
    makeTree(sysroot, { 'srv/x': 's', 'var/tmp/x': 's', 'var/lib/x': 's', 'media/x': 's' });
    makeTree(hostRoot, { 'srv/': '', 'var/tmp/x': 'h', 'var/lib/x': 'h' });
    expect(find('/srv/x')).toBeUndefined();
    expect(walk.resolve(viewFrom(), '/', '/srv/new', true).host).toBe('/srv/new');
    expect(find('/var/tmp/x')).toBe('/var/tmp/x');
    expect(find('/var/lib/x')).toBe(`${sysroot}/var/lib/x`);
    expect(find('/media/x')).toBe(`${sysroot}/media/x`);
  });

  test('keeps a final link that is not to be followed', () => {
    expect(find('/etc/absolute', { follow: false })).toBe(`${sysroot}/etc/absolute`);
    const place = walk.resolve(viewFrom(), '/', '/etc/to-directory/', false);
    expect(place.path).toBe('/usr/lib');
    expect(place.mustBeDirectory).toBe(true);
  });

  test.each([
    ['', ENOENT],
    ['/etc/none/x', ENOENT],
    ['/etc/passwd/x', ENOTDIR],
    ['/etc/loop', ELOOP],
    [`/etc/${'n'.repeat(256)}`, ENAMETOOLONG],
  ])('fails with the error of path_resolution(7): %s', (path, errno) => {
    expect(errno).not.toBe(EINVAL);
    expect(errnoOf(() => walk.resolve(viewFrom(), '/', path, true))).toBe(errno);
  });

  test('follows 40 links and no more', () => {
    for (let i = 1; i <= 41; i++) {
      fs.symlinkSync(i === 1 ? 'passwd' : `chain${i - 1}`, `${sysroot}/etc/chain${i}`);
    }
    expect(find('/etc/chain40')).toBe(`${sysroot}/etc/passwd`);
    expect(errnoOf(() => walk.resolve(viewFrom(), '/', '/etc/chain41', true))).toBe(ELOOP);
  });

  test('stays below the root that chroot set', () => {
    const view = viewFrom('/new-root', '/new-root');
    const resolve = (path: string) => walk.resolve(view, '/new-root', path, true).path;
    expect(resolve('/etc/inner')).toBe('/new-root/etc/inner');
    expect(resolve('/link')).toBe('/new-root/etc/inner');
    expect(resolve('../../etc/inner')).toBe('/new-root/etc/inner');
    expect(resolve('escape')).toBe('/new-root/etc/passwd');
  });
});

describe('what lookups remember', () => {
  test('does not outlive a removed or replaced directory, once told', () => {
    expect(find(`${host}/host/file`)).toBe(`${host}/host/file`);
    fs.renameSync(`${hostRoot}${host}/host`, `${hostRoot}${host}/moved`);
    fs.symlinkSync('moved', `${hostRoot}${host}/host`);
    walk.forget();
    expect(walk.resolve(viewFrom(), '/', `${host}/host/file`, true).path).toBe(
      `${host}/moved/file`,
    );
  });

  test('is never a link of the host, which others may change', () => {
    fs.symlinkSync('host', `${hostRoot}${host}/link`);
    makeTree(hostRoot + host, { 'other/file': 'o' });
    const found = () => walk.resolve(viewFrom(), '/', `${host}/link/file`, true).path;
    expect(found()).toBe(`${host}/host/file`);
    fs.unlinkSync(`${hostRoot}${host}/link`);
    fs.symlinkSync('other', `${hostRoot}${host}/link`);
    expect(found()).toBe(`${host}/other/file`);
  });

  test('is never that something is absent', () => {
    expect(find(`${host}/late`)).toBeUndefined();
    makeTree(hostRoot + host, { 'late/file': 'l' });
    expect(find(`${host}/late/file`)).toBe(`${host}/late/file`);
  });
});

describe('directories that js390 makes', () => {
  test('hide the host’s, and links in them lead on in the guest’s name space', () => {
    expect(find('/proc/self/exe')).toBe(`${sysroot}/etc/passwd`);
    const place = walk.resolve(viewFrom(), '/', '/proc/self/../text', true);
    expect(place.path).toBe('/proc/text');
    expect(place.node?.kind).toBe('file');
    expect(find('/proc/1')).toBeUndefined();
  });
});

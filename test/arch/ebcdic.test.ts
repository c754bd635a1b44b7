import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { CODE_PAGE_37, CODE_PAGE_500, decodeEbcdic, encodeEbcdic } from '../../src/arch/ebcdic.ts';

const ALL = Uint8Array.from({ length: 256 }, (_, code) => code);
const hasIconv = spawnSync('iconv', ['--version']).status === 0;

test.skipIf(!hasIconv).each([
  ['IBM037', CODE_PAGE_37],
  ['IBM500', CODE_PAGE_500],
])('the characters of %s are those of iconv, but for new line', (name, page) => {
  const { stdout } = spawnSync('iconv', ['-f', name, '-t', 'UTF-16LE'], { input: ALL });
  const theirs = [...stdout.toString('utf16le')];
  // CDRA has next line (U+0085) at 0x15 and line feed at 0x25.
  [theirs[0x15], theirs[0x25]] = ['\n', '\u0085'];
  expect([...decodeEbcdic(ALL, page)]).toEqual(theirs);
});

test.each([CODE_PAGE_37, CODE_PAGE_500])('every code comes back from its character', (page) => {
  expect(encodeEbcdic(decodeEbcdic(ALL, page), page)).toEqual(ALL);
});

// What a guest sent to QEMU's line-mode console, and what that showed.
test('what QEMU shows for a message is what we decode', () => {
  const message = Buffer.from('c885d3d396404aa75a4f405fbbc0d0a1e0797c7b5b', 'hex');
  expect(decodeEbcdic(message)).toBe('HeLLo [x]! ^|{}~\\`@#$');
});

test('characters that EBCDIC does not have become question marks, each a single one', () => {
  expect(decodeEbcdic(encodeEbcdic('a€b😀c'))).toBe('a?b?c');
});

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ElfError, parseElf } from '../../src/linux/elf.ts';

const HELLO = fs.readFileSync(
  fileURLToPath(new URL('../../bench/kernels/hello.s390x', import.meta.url)),
);

function parse(bytes: Uint8Array) {
  return parseElf((offset, length) => bytes.subarray(offset, offset + length), bytes.length);
}

/** A copy with the bytes at `offset` replaced. */
function withBytes(offset: number, ...bytes: number[]): Buffer {
  const copy = Buffer.from(HELLO);
  copy.set(bytes, offset);
  return copy;
}

function reason(bytes: Uint8Array): string {
  try {
    parse(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(ElfError);
    return (error as Error).message;
  }
  return 'none';
}

describe('the ELF loader', () => {
  test('describes a static executable as readelf does', () => {
    const image = parse(HELLO);
    expect(image.relocatable).toBe(false);
    expect(image.interpreter).toBeUndefined();
    expect(image.entry).toBe(Number(HELLO.readBigUInt64BE(24)));
    expect(image.segments.length).toBeGreaterThan(0);
    expect(image.headers % 8).toBe(0);
  });

  test.each([
    ['a text file', Buffer.from('#! no\n'), /not an ELF file/],
    ['an empty file', Buffer.alloc(0), /not an ELF file/],
    ['half a header', HELLO.subarray(0, 40), /header is incomplete/],
    ['a header alone', HELLO.subarray(0, 64), /program headers lie beyond/],
    ['half a program', HELLO.subarray(0, 400), /truncated: a segment lies beyond/],
    ['an x86-64 program', withBytes(4, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 62, 0), /x86-64/],
    ['an AArch64 program', withBytes(18, 0, 183), /AArch64/],
    ['a 31-bit program', withBytes(4, 1), /31-bit/],
    [
      'a little-endian s390x program',
      withBytes(5, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 22),
      /big-endian/,
    ],
    ['an object file', withBytes(16, 0, 1), /not an executable/],
    ['another version', withBytes(6, 9), /version/],
    ['program headers of another size', withBytes(54, 0, 32), /no usable program headers/],
    ['no program headers', withBytes(56, 0, 0), /no usable program headers/],
    ['a header table beyond 2**63', withBytes(32, 0xff), /beyond its end/],
  ])('refuses %s', (_, bytes, message) => {
    expect(reason(bytes)).toMatch(message);
  });

  test('gives an error or an image for every truncation', () => {
    for (let length = 0; length < HELLO.length; length += 7) {
      expect(typeof reason(HELLO.subarray(0, length))).toBe('string');
    }
  });

  test('gives an error or an image, never another exception, for every changed header byte', () => {
    for (let at = 0; at < 64 + 56 * HELLO.readUInt16BE(56); at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff, HELLO[at]! ^ 1]) {
        expect(typeof reason(withBytes(at, value))).toBe('string');
      }
    }
  });
});

import { expect, test } from 'vitest';
import { high, mul64, mulHigh64u } from '../../src/base/int64.ts';
import { multiply64, scratch32 } from '../../src/base/product.ts';

const WORDS = [0, 1, 2, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x8bb84b93];

/** All pairs of doublewords made of edge words, often enough for V8 to optimise what they test. */
function* pairs(): Generator<[ah: number, al: number, bh: number, bl: number]> {
  for (const ah of WORDS)
    for (const al of WORDS)
      for (const bh of WORDS) for (const bl of WORDS) yield [ah | 0, al | 0, bh | 0, bl | 0];
}

const unsigned = (hi: number, lo: number): bigint => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
const low = (): bigint => unsigned(scratch32[1], scratch32[0]);

test('products of 64 bits', () => {
  for (const [ah, al, bh, bl] of pairs()) {
    const exact = unsigned(ah, al) * unsigned(bh, bl);
    multiply64(ah, al, bh, bl);
    expect(low()).toBe(BigInt.asUintN(64, exact));
  }
});

test('products of words are the same', () => {
  for (const [ah, al, bh, bl] of pairs()) {
    const exact = unsigned(ah, al) * unsigned(bh, bl);
    const lo = mul64(ah, al, bh, bl);
    expect(unsigned(high.word, lo)).toBe(BigInt.asUintN(64, exact));
    const hi = mulHigh64u(ah, al, bh, bl);
    expect(unsigned(high.word, hi)).toBe(exact >> 64n);
  }
});

/**
 * DIVIDE TO INTEGER, which qemu-s390x 7.2 does not have. Expected values: the PoP's figure 19-7,
 * the results of the Hercules BFP validation package (compared with a zEC12), and those published
 * with QEMU's later implementation.
 */
import { describe, expect, test } from 'vitest';
import type { BfpFormat } from '../../src/runtime/bfp/softfloat.ts';
import * as bfp from '../../src/runtime/bfp/softfloat.ts';
import { LONG, SHORT, applyExceptions } from '../../src/runtime/bfp/softfloat.ts';
import { randomOperands } from './bfp/operands.ts';

interface Answer {
  readonly remainder: bigint;
  readonly quotient: bigint;
  readonly cc: number | undefined;
  /** FPC flag byte and DXC. */
  readonly fpc: number;
}

/** DIEBR or DIDBR with an FPC whose first and last byte are the masks and the rounding mode. */
function divide(format: BfpFormat, a: bigint, b: bigint, m4: number, fpc: number): Answer {
  const brm = fpc & 7;
  const masks = fpc >>> 24;
  const result = bfp.divideToInteger(
    format,
    a,
    b,
    bfp.roundingMode(m4, brm),
    bfp.roundingMode(0, brm),
  );
  const { bits, dxc, flags, suppressed, cc } = applyExceptions(result, masks);
  if (suppressed) return { remainder: a, quotient: 0x12345678n, cc: 0, fpc: dxc << 8 };
  return { remainder: bits, quotient: result.quotient, cc, fpc: (flags << 16) | (dxc << 8) };
}

describe('DIEBR', () => {
  test.each([
    // dividend, divisor, M4, FPC; remainder, quotient, CC, flags and DXC
    [0x43e1f1f1n, 0x43e61616n, 7, 0, 0x43e1f1f1n, 0n, 0, 0],
    [0x43f00000n, 0n, 0, 0, 0x7fc00000n, 0x7fc00000n, 1, 0x800000],
    [0xffffffffn, 0xffffffffn, 0, 0, 0xffffffffn, 0xffffffffn, 1, 0],
    [0xb2b2b2b2n, 0xb2b2b2b2n, 0, 0, 0x80000000n, 0x3f800000n, 0, 0],
    [0x3d3d3d3dn, 0xaeaeaeaen, 0, 0, 0x2f38b8c0n, 0xce0aaaabn, 2, 0],
    [0x0c0c0c0cn, 0x400c0c0cn, 6, 0, 0xc00c0c0cn, 0x3f800000n, 0, 0x80000],
    [0x7070ffffn, 0x90909090n, 0, 0, 0x6431c0c0n, 0xbf5562aan, 3, 0],
    [0xb7b7b7b7n, 0x15000000n, 7, 0, 0x80000000n, 0xe237b7b7n, 0, 0],
    [0n, 0n, 1, 0, 0x7fc00000n, 0x7fc00000n, 1, 0x800000],
    [0x09b2b2b2n, 0xb2b2b2b2n, 0, 0xfc000007, 0xb2b2b2b1n, 0xbf800000n, 0, 0x800],
    [0x000d0100n, 0xb0b0b0b0n, 6, 0xfc000000, 0x5ed01000n, 0x80000000n, 0, 0x1000],
    [0x4c4c4c4cn, 0xe1e1e1e1n, 0, 0xfc000007, 0xe1e1e1e1n, 0xbf800000n, 0, 0xc00],
    [0n, 0n, 0, 0xfc000007, 0n, 0x12345678n, 0, 0x8000],
    [0x26262626n, 0x79262626n, 6, 0, 0xf9262626n, 0x3f800000n, 0, 0x80000],
    [0xdcdcdcdcn, 0x00dcdcdcn, 7, 0xfc000000, 0x80000000n, 0xbb800000n, 1, 0],
    [0xdbdb240bn, 0xffac73ffn, 4, 0, 0xffec73ffn, 0xffec73ffn, 1, 0x800000],
    [0x00ff0987n, 0x0987c6f6n, 6, 0x08000000, 0x8987c6b6n, 0x3f800000n, 0, 0x800],
    [0xd30a0040n, 0xc6d30a00n, 0, 0xc4000000, 0xc74a4400n, 0x4ba766c6n, 2, 0],
    [0x0c000029n, 0xff800000n, 0, 0, 0x0c000029n, 0x80000000n, 0, 0],
    [0xffff94ffn, 0xff94ff24n, 4, 7, 0xffd4ff24n, 0xffd4ff24n, 1, 0x800000],
    [0x000000c8n, 0xff800000n, 0, 0x7c000007, 0x000000c8n, 0x80000000n, 0, 0],
    [0xff00003dn, 0xff800000n, 0, 0, 0xff00003dn, 0n, 0, 0],
    // 2 ** 26 / 3: the zEC12 leaves remainder 4
    [0x4c800000n, 0x40400000n, 0, 0, 0x40800000n, 0x4baaaaaan, 2, 0],
  ] as const)('%o / %o M4 %i FPC %o', (a, b, m4, fpc, remainder, quotient, cc, after) => {
    expect(divide(SHORT, a, b, m4, fpc)).toEqual({ remainder, quotient, cc, fpc: after });
  });
});

describe('DIDBR', () => {
  test.each([
    [0x00e100e100e100e1n, 0x00e100e100e100e1n, 0, 1, 0n, 0x3ff0000000000000n, 0, 0],
    [
      0x0200230200230200n,
      0x0023020023020023n,
      0,
      0,
      0x8001a017d247b3f4n,
      0x41cb2aa05f000000n,
      0,
      0,
    ],
    [
      0xb063eb3d63b063ebn,
      0xeb3d63b063eb3d63n,
      3,
      0xe8000000,
      0x6b3d63b063eb3d63n,
      0x3ff0000000000000n,
      0,
      0xc00,
    ],
    [0x0200000000000000n, 0x53020000n, 0, 0, 0x8000000020820000n, 0x4338ac20dd47c6c1n, 0, 0],
    // Hercules, finite tests 33-38, without and with all traps
    [
      0x4044000000000000n,
      0xc022000000000000n,
      0,
      0,
      0x4010000000000000n,
      0xc010000000000000n,
      0,
      0,
    ],
    [0x7fefffffffffffffn, 1n, 0, 0, 0n, 0x630fffffffffffffn, 1, 0],
    [0x7fefffffffffffffn, 3n, 0, 0, 0x7ca0000000000000n, 0x62f5555555555554n, 3, 0],
    [0x7fefffffffffffffn, 3n, 0, 0xf8000000, 0x7ca0000000000000n, 0x62f5555555555554n, 3, 0],
    [0x000fffffffffffffn, 0x000ffffffffffffen, 0, 0, 1n, 0x3ff0000000000000n, 0, 0],
    [
      0x000fffffffffffffn,
      0x000ffffffffffffen,
      0,
      0xf8000000,
      0x5cd0000000000000n,
      0x3ff0000000000000n,
      0,
      0x1000,
    ],
    [
      0x4370000000000000n,
      0x4008000000000000n,
      0,
      0,
      0x4010000000000000n,
      0x4355555555555555n,
      2,
      0,
    ],
    [0x4002000000000000n, 0x4024000000000000n, 0, 0, 0x4002000000000000n, 0n, 0, 0],
  ] as const)('%o / %o M4 %i FPC %o', (a, b, m4, fpc, remainder, quotient, cc, after) => {
    expect(divide(LONG, a, b, m4, fpc)).toEqual({ remainder, quotient, cc, fpc: after });
  });

  test('a repeated DIVIDE TO INTEGER computes the remainder of IEEE 754, as % does', () => {
    const values = randomOperands(LONG, 3, 600);
    const view = new Float64Array(new BigUint64Array(values).buffer);
    for (let i = 0; i + 1 < view.length; i++) {
      const [a, b] = [values[i], values[i + 1]];
      if (!Number.isFinite(view[i]) || !Number.isFinite(view[i + 1]) || view[i + 1] === 0) continue;
      let remainder = a;
      let cc = 2;
      for (let round = 0; cc >= 2; round++) {
        expect(round).toBeLessThan(60);
        const answer = divide(LONG, remainder, b, 5, 0);
        remainder = answer.remainder;
        cc = answer.cc!;
      }
      const expected = new BigUint64Array(new Float64Array([view[i] % view[i + 1]]).buffer)[0];
      expect(remainder).toBe(expected);
    }
  });
});

describe('a quotient is final when both neighbouring integers can be represented', () => {
  const short = (value: number): bigint =>
    BigInt(new Uint32Array(new Float32Array([value]).buffer)[0]);
  test.each([
    // dividend, divisor; quotient, remainder, CC: the limit is 2 ** 24
    [2 ** 24 - 1, 2, 2 ** 23, -1, 0],
    [(2 ** 24 - 1) * 4, 4, 2 ** 24 - 1, 0, 0],
    [2 ** 24 - 2, 3, 5592405, -1, 0],
    [2 ** 25 - 2, 2 ** -1 * 3, 22369620, 0, 0],
    [2 ** 25 + 4, 3, 11184812, 0, 0],
    [2 ** 26 + 8, 3, 22369624, 0, 0],
    [2 ** 26 + 16, 3, 22369626, 2, 2],
  ])('%d / %d', (a, b, quotient, remainder, cc) => {
    const answer = divide(SHORT, short(a), short(b), 4, 0);
    expect(answer).toEqual({ quotient: short(quotient), remainder: short(remainder), cc, fpc: 0 });
  });
});

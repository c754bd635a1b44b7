/**
 * What no emulator at hand does right: NaN precedence of the fused instructions, widening
 * multiplication, NaNs converted to integers, and traps. Expected values are the PoP's figures and
 * the published results of the Hercules BFP validation package (S. R. Orso), which were compared
 * with a zEC12.
 */
import { describe, expect, test } from 'vitest';
import type { BfpFormat, BfpResult } from '../../src/runtime/bfp/softfloat.ts';
import * as bfp from '../../src/runtime/bfp/softfloat.ts';
import {
  EXTENDED,
  LONG,
  SHORT,
  TIES_EVEN,
  applyExceptions,
} from '../../src/runtime/bfp/softfloat.ts';
import { FORMATS } from './bfp/oracle.ts';
import { edges, randomOperands } from './bfp/operands.ts';

const ALL_MASKS = 0xf8;

/** A short number's bits, and back. */
function short(value: number): bigint {
  return BigInt(new Uint32Array(new Float32Array([value]).buffer)[0]);
}

function long(value: number): bigint {
  return new BigUint64Array(new Float64Array([value]).buffer)[0];
}

function shortValue(bits: bigint): number {
  return new Float32Array(new Uint32Array([Number(bits)]).buffer)[0];
}

describe('MULTIPLY AND ADD takes its NaN as the PoP figure says', () => {
  // Rows: third operand (a), columns: second operand (b). P: the product goes on to the addition,
  // as a number or as the quiet NaN named; a* b* d: invalid, the final result is that NaN.
  const CLASSES = ['-inf', '-fn', '-0', '+0', '+fn', '+inf', 'qnan', 'snan'];
  const PRODUCT: Record<string, string> = {
    '-inf': 'P P d d P P b b*',
    '-fn': 'P P P P P P b b*',
    '-0': 'd P P P P d b b*',
    '+0': 'd P P P P d b b*',
    '+fn': 'P P P P P P b b*',
    '+inf': 'P P d d P P b b*',
    qnan: 'a a a a a a a b*',
    snan: 'a* a* a* a* a* a* a* a*',
  };

  /** A datum of the class whose payload tells which operand it was. */
  function datum(format: BfpFormat, name: string, payload: bigint): bigint {
    const one = BigInt(format.bias) << format.fractionBits;
    const magnitudes: Record<string, bigint> = { inf: format.infinity, fn: one, 0: 0n };
    if (name === 'qnan') return format.defaultNan | payload;
    if (name === 'snan') return format.infinity | payload | format.signBit;
    const magnitude = magnitudes[name.slice(1)];
    return name.startsWith('-') ? magnitude | format.signBit : magnitude;
  }

  test.each([SHORT, LONG])('$name', (format) => {
    for (const [first, row] of Object.entries(PRODUCT)) {
      row.split(' ').forEach((cell, column) => {
        const op3 = datum(format, first, 1n);
        const op2 = datum(format, CLASSES[column], 2n);
        for (const addend of CLASSES) {
          const op1 = datum(format, addend, 4n);
          let expected: string;
          const name = (bits: bigint, flags: number): string => `${bits.toString(16)}/${flags}`;
          const quiet = (bits: bigint): string => name(bits | format.quietBit, 0x80);
          if (cell === 'd') expected = name(format.defaultNan, 0x80);
          else if (cell === 'a*') expected = quiet(op3);
          else if (cell === 'b*') expected = quiet(op2);
          else if (addend === 'snan') expected = quiet(op1);
          else if (cell === 'a') expected = name(op3, 0);
          else if (cell === 'b') expected = name(op2, 0);
          else if (addend === 'qnan') expected = name(op1, 0);
          else continue;
          for (const fused of [bfp.multiplyAndAdd, bfp.multiplyAndSubtract]) {
            const { bits, flags } = fused(format, op1, op2, op3, TIES_EVEN);
            expect(`${first} ${CLASSES[column]} ${addend} ${name(bits, flags)}`).toBe(
              `${first} ${CLASSES[column]} ${addend} ${expected}`,
            );
          }
        }
      });
    }
  });
});

describe('MULTIPLY to a longer format', () => {
  test('short numbers multiply exactly: a double holds every product', () => {
    const values = [...edges(SHORT, false), ...randomOperands(SHORT, 5, 200)];
    for (const a of values) {
      for (const b of values) {
        if (bfp.isNan(SHORT, a) || bfp.isNan(SHORT, b)) continue;
        const product = shortValue(a) * shortValue(b);
        const { bits, flags } = bfp.multiplyLengthened(SHORT, LONG, a, b);
        if (Number.isNaN(product)) expect([bits, flags]).toEqual([LONG.defaultNan, 0x80]);
        else expect([bits, flags]).toEqual([long(product), 0]);
      }
    }
  });

  test.each([
    // op1, op2, result: the first signalling NaN, else the first quiet one, lengthened
    [0x7f810000n, 0x7fc20000n, 0x7ff8200000000000n, 0x80],
    [0x7fc20000n, 0xff810000n, 0xfff8200000000000n, 0x80],
    [0x7fc20000n, 0x7fc40000n, 0x7ff8400000000000n, 0],
    [0x3f800000n, 0xffc40000n, 0xfff8800000000000n, 0],
    [0x7f800000n, 0x00000000n, 0x7ff8000000000000n, 0x80],
  ])('MDEBR %o %o', (a, b, bits, flags) => {
    expect(bfp.multiplyLengthened(SHORT, LONG, a, b)).toMatchObject({ bits, flags });
  });
});

describe('a NaN converted to an integer', () => {
  // CFEBR pairs 5 and 6 of bfp-006-cvttofix: FPC 00880003 without, F8008000 with all masks.
  test.each([0x7f810000n, 0x7fc10000n])('%o is invalid and inexact, CC 3', (nan) => {
    const result = bfp.convertToFixed(SHORT, nan, 32, true, TIES_EVEN);
    expect(result).toMatchObject({ bits: 0x80000000n, flags: 0x88, cc: 3 });
    expect(applyExceptions(result, ALL_MASKS)).toMatchObject({ dxc: 0x80, suppressed: true });
    // Only inexact trapped: the invalid flag is set and the limit stored before the interruption.
    expect(applyExceptions(result, 0x08)).toMatchObject({
      dxc: 0x08,
      bits: 0x80000000n,
      flags: 0x80,
    });
    const suppressed = bfp.convertToFixed(SHORT, nan, 32, true, TIES_EVEN, true);
    expect(suppressed.flags).toBe(0x80);
  });

  test('a logical one is zero', () => {
    const result = bfp.convertToFixed(LONG, LONG.defaultNan, 64, false, TIES_EVEN);
    expect(result).toMatchObject({ bits: 0n, flags: 0x88, cc: 3 });
  });
});

describe('LOAD AND TEST of a signalling NaN', () => {
  test.each(FORMATS)('$name: invalid, and the NaN becomes quiet', (format) => {
    const nan = format.infinity | format.signBit | 1n;
    const result = bfp.loadAndTest(format, nan);
    expect(result).toMatchObject({ bits: nan | format.quietBit, flags: 0x80, cc: 3 });
    expect(applyExceptions(result, 0x80)).toMatchObject({ dxc: 0x80, suppressed: true });
  });
});

describe('LOAD ROUNDED', () => {
  // bfp-002-loadr, all exceptions trapped: [source, scaled result in the source format, DXC].
  const EXTENDED_TO_SHORT: [bigint, bigint, number][] = [
    [0x407effffffffffffffffffffffffffffn, 0x207f0000000000000000000000000000n, 0x2c],
    [0xc07effffffffffffffffffffffffffffn, 0xa07f0000000000000000000000000000n, 0x2c],
    [0x407ffffffeffffffffffffffffffffffn, 0x207ffffffe0000000000000000000000n, 0x28],
    [0xc07ffffffeffffffffffffffffffffffn, 0xa07ffffffe0000000000000000000000n, 0x28],
    [0x3f690000000000000000000000000000n, 0x5f690000000000000000000000000000n, 0x10],
    [0xbf690000000000000000000000000000n, 0xdf690000000000000000000000000000n, 0x10],
    [0x407f0000000000000000000000000000n, 0x207f0000000000000000000000000000n, 0x20],
    [0xc07f0000000000000000000000000000n, 0xa07f0000000000000000000000000000n, 0x20],
  ];
  const EXTENDED_TO_LONG: [bigint, bigint, number][] = [
    [0x43feffffffffffffffffffffffffffffn, 0x23ff0000000000000000000000000000n, 0x2c],
    [0xc3feffffffffffffffffffffffffffffn, 0xa3ff0000000000000000000000000000n, 0x2c],
    [0x43fffffffffffffff7ffffffffffffffn, 0x23fffffffffffffff000000000000000n, 0x28],
    [0x3bcc0000000000000000000000000000n, 0x5bcc0000000000000000000000000000n, 0x10],
    [0x43ff0000000000000000000000000000n, 0x23ff0000000000000000000000000000n, 0x20],
  ];

  test.each(EXTENDED_TO_SHORT)('extended to short %o traps', (source, bits, dxc) => {
    const outcome = applyExceptions(bfp.loadRounded(EXTENDED, SHORT, source, TIES_EVEN), ALL_MASKS);
    expect(outcome).toMatchObject({ bits, dxc, format: EXTENDED, flags: 0, suppressed: false });
  });

  test.each(EXTENDED_TO_LONG)('extended to long %o traps', (source, bits, dxc) => {
    const outcome = applyExceptions(bfp.loadRounded(EXTENDED, LONG, source, TIES_EVEN), ALL_MASKS);
    expect(outcome).toMatchObject({ bits, dxc, format: EXTENDED, flags: 0, suppressed: false });
  });

  test('long to short scales by 2 ** 512', () => {
    const source = long(2 ** 200 * (1 + 2 ** -30));
    const outcome = applyExceptions(bfp.loadRounded(LONG, SHORT, source, TIES_EVEN), 0x20);
    expect(outcome).toMatchObject({ bits: long(2 ** (200 - 512)), dxc: 0x28, format: LONG });
  });

  test('XxC keeps the inexact flag off and leaves the DXC alone', () => {
    const source = EXTENDED_TO_SHORT[0][0];
    // "LEXBRA +overflow FPCR modes": XxC one and M3 zero, FPC modes RZ, RP: 00000001, 00200002.
    const toward = (brm: number): BfpResult =>
      bfp.loadRounded(EXTENDED, SHORT, source, bfp.roundingMode(0, brm), true);
    expect(toward(1)).toMatchObject({ bits: 0x7f7fffffn, flags: 0 });
    expect(toward(2)).toMatchObject({ bits: 0x7f800000n, flags: 0x20 });
    expect(applyExceptions(toward(2), 0x28).dxc).toBe(0x2c);
    const tiny = bfp.loadRounded(EXTENDED, SHORT, EXTENDED_TO_SHORT[4][0], bfp.TOWARD_PLUS, true);
    expect(tiny).toMatchObject({ bits: 1n, flags: 0x10 });
  });
});

describe('traps of the arithmetic instructions', () => {
  test('short products and quotients out of range are scaled by 2 ** 192', () => {
    const values = randomOperands(SHORT, 11, 3000).map(shortValue).filter(Number.isFinite);
    let overflows = 0;
    let underflows = 0;
    for (let i = 0; i + 1 < values.length; i++) {
      for (const name of ['multiply', 'divide'] as const) {
        const [a, b] = [values[i], values[i + 1]];
        if (b === 0) continue;
        // A double holds the product exactly and the quotient to well below short's last place.
        const precise = name === 'multiply' ? a * b : a / b;
        const magnitude = Math.abs(precise);
        const result = bfp[name](SHORT, short(a), short(b), TIES_EVEN);
        const outcome = applyExceptions(result, 0x30);
        const scale = magnitude > 1 ? 2 ** -192 : 2 ** 192;
        const scaled = Math.fround(precise * scale);
        const inexact = name === 'multiply' ? scaled !== precise * scale : scaled * b !== a * scale;
        const dxc =
          (magnitude > 1 ? 0x20 : 0x10) +
          (inexact ? 8 : 0) +
          (inexact && Math.abs(scaled) > magnitude * scale ? 4 : 0);
        if (Number.isFinite(Math.fround(precise)) && (magnitude >= 2 ** -126 || precise === 0)) {
          expect(outcome.dxc).toBe(0);
        } else {
          expect(outcome).toMatchObject({ bits: short(scaled), dxc, flags: 0 });
          if (magnitude > 1) overflows++;
          else underflows++;
        }
      }
    }
    expect(overflows).toBeGreaterThan(100);
    expect(underflows).toBeGreaterThan(100);
  });

  test.each([
    // Nmax + Nmax = 2 ** 1025 - 2 ** 972, scaled by 2 ** -1536; half of Dmin scaled by 2 ** 1536
    ['add', LONG.maxFinite, LONG.maxFinite, long((2 - 2 ** -52) * 2 ** (1024 - 1536)), 0x20],
    ['divide', 1n, long(2), long(2 ** (1536 - 1075)), 0x10],
    ['multiply', 1n, 1n, long(2 ** (1536 - 2148)), 0x10],
    ['divide', LONG.maxFinite, 1n, long((2 - 2 ** -52) * 2 ** (1023 + 1074 - 1536)), 0x20],
  ] as const)('long %s %o %o', (name, a, b, bits, dxc) => {
    const outcome = applyExceptions(bfp[name](LONG, a, b, TIES_EVEN), ALL_MASKS);
    expect(outcome).toMatchObject({ bits, dxc, flags: 0, suppressed: false });
  });

  test('extended scales by 2 ** 24576', () => {
    const outcome = applyExceptions(bfp.multiply(EXTENDED, 1n, 1n, TIES_EVEN), 0x10);
    const exponent = -16494 * 2 + 24576;
    expect(outcome.bits).toBe(BigInt(exponent + 16383) << 112n);
  });

  test('a tiny exact sum underflows only when that is trapped', () => {
    const result = bfp.add(SHORT, 1n, 1n, TIES_EVEN);
    expect(result).toMatchObject({ bits: 2n, flags: 0, cc: 2 });
    expect(applyExceptions(result, 0xe8)).toMatchObject({ bits: 2n, dxc: 0, flags: 0 });
    const trapped = applyExceptions(result, 0x10);
    expect(trapped).toMatchObject({ bits: short(2 ** (192 - 148)), dxc: 0x10, cc: 2, flags: 0 });
  });

  test('CC of ADD follows the scaled result', () => {
    // Nothing else changes it from zero: the usual result of a tiny difference is never zero, so
    // an overflow toward zero serves, whose sign stays.
    const result = bfp.subtract(SHORT, 0xff7fffffn, 0x7f7fffffn, bfp.TOWARD_ZERO);
    expect(result).toMatchObject({ bits: 0xff7fffffn, flags: 0x28, cc: 1 });
    expect(applyExceptions(result, 0x20)).toMatchObject({ dxc: 0x20, cc: 1 });
  });

  test('inexact tells truncated from incremented and comes after flags that are not trapped', () => {
    const third = bfp.divide(SHORT, short(1), short(3), TIES_EVEN);
    expect(shortValue(third.bits)).toBeGreaterThan(1 / 3);
    expect(applyExceptions(third, 0x08)).toMatchObject({ dxc: 0x0c, flags: 0, bits: third.bits });
    const down = bfp.divide(SHORT, short(1), short(3), bfp.TOWARD_MINUS);
    expect(applyExceptions(down, 0x08)).toMatchObject({ dxc: 0x08, flags: 0 });
    const over = bfp.multiply(SHORT, SHORT.maxFinite, short(2), TIES_EVEN);
    expect(applyExceptions(over, 0x08)).toMatchObject({
      dxc: 0x0c,
      flags: 0x20,
      bits: SHORT.infinity,
    });
    const under = bfp.multiply(SHORT, 1n, short(0.25), bfp.TOWARD_ZERO);
    expect(applyExceptions(under, 0x08)).toMatchObject({ dxc: 0x08, flags: 0x10, bits: 0n });
  });

  test('invalid operation and division by zero suppress', () => {
    const zeroByZero = bfp.divide(LONG, 0n, 0n, TIES_EVEN);
    expect(applyExceptions(zeroByZero, 0x80)).toMatchObject({
      dxc: 0x80,
      suppressed: true,
      flags: 0,
    });
    expect(applyExceptions(zeroByZero, 0x78)).toMatchObject({ dxc: 0, flags: 0x80 });
    const oneByZero = bfp.divide(LONG, long(-1), 0n, TIES_EVEN);
    expect(oneByZero).toMatchObject({ bits: LONG.infinity | LONG.signBit, flags: 0x40 });
    expect(applyExceptions(oneByZero, 0x40)).toMatchObject({
      dxc: 0x40,
      suppressed: true,
      flags: 0,
    });
  });
});

test('the M3 field chooses a mode, zero the FPC', () => {
  expect([0, 1, 2, 3, 7].map((brm) => bfp.roundingMode(0, brm))).toEqual([4, 5, 6, 7, 3]);
  expect([1, 3, 4, 5, 6, 7].map((m3) => bfp.roundingMode(m3, 2))).toEqual([1, 3, 4, 5, 6, 7]);
});

/**
 * The quick paths against the exact ones: same bits and flags wherever they answer, and they do
 * answer for everything ordinary.
 */
import { describe, expect, test } from 'vitest';
import type { BfpFormat, BfpResult } from '../../src/runtime/bfp/softfloat.ts';
import * as bfp from '../../src/runtime/bfp/softfloat.ts';
import { LONG, SHORT, TIES_EVEN } from '../../src/runtime/bfp/softfloat.ts';
import * as fast from '../../src/runtime/bfp/fast.ts';
import * as fastShort from '../../src/runtime/bfp/fast-short.ts';
import * as scratch from '../../src/runtime/bfp/scratch.ts';
import type { Request } from './bfp/oracle.ts';
import { OP, nativeOracle } from './bfp/oracle.ts';
import { edges, random, randomOperands } from './bfp/operands.ts';

const toLong = scratch.f64FromBigint;
const toShort = (bits: bigint): number => scratch.f32FromBits(Number(bits));
const shortBits = (value: number): bigint => BigInt(scratch.f32Bits(value) >>> 0);

type Quick = (...operands: number[]) => [value: number, flags: number];
type Exact = (format: BfpFormat, ...operands: bigint[]) => BfpResult;

const exact: Record<string, Exact> = {
  add: (format, a, b) => bfp.add(format, a, b, TIES_EVEN),
  multiply: (format, a, b) => bfp.multiply(format, a, b, TIES_EVEN),
  divide: (format, a, b) => bfp.divide(format, a, b, TIES_EVEN),
  squareRoot: (format, a) => bfp.squareRoot(format, a, TIES_EVEN),
  multiplyAndAdd: (format, a, b, c) => bfp.multiplyAndAdd(format, c, b, a, TIES_EVEN),
};

const quickLong: Record<string, Quick> = {
  add: (a, b) => [a + b, fast.addFlags(a, b, a + b)],
  multiply: (a, b) => [a * b, fast.mulFlags(a, b, a * b)],
  divide: (a, b) => [a / b, fast.divFlags(a, b, a / b)],
  squareRoot: (a) => [Math.sqrt(a), fast.sqrtFlags(a, Math.sqrt(a))],
  multiplyAndAdd: (a, b, c) => [fast.fma64(a, b, c), fast.fma64Flags()],
};

const quickShort: Record<string, Quick> = {
  add: (a, b) => pair(Math.fround(a + b), (r) => fastShort.addFlags32(a, b, r)),
  multiply: (a, b) => pair(Math.fround(a * b), (r) => fastShort.mulFlags32(a, b, r)),
  divide: (a, b) => pair(Math.fround(a / b), (r) => fastShort.divFlags32(a, b, r)),
  squareRoot: (a) => pair(Math.fround(Math.sqrt(a)), (r) => fastShort.sqrtFlags32(a, r)),
  multiplyAndAdd: (a, b, c) => [fastShort.fma32(a, b, c), fastShort.fma32Flags()],
};

function pair(r: number, flags: (r: number) => number): [number, number] {
  return [r, flags(r)];
}

const ARITY: Record<string, number> = {
  add: 2,
  multiply: 2,
  divide: 2,
  squareRoot: 1,
  multiplyAndAdd: 3,
};

/** Tuples of edge values, and of random ones in all and in neighbouring magnitudes. */
function tuples(format: BfpFormat, arity: number): bigint[][] {
  const draw = random(77);
  const values = edges(format);
  const list = Array.from({ length: 20000 }, () =>
    Array.from({ length: arity }, () => values[Number(draw(20)) % values.length]),
  );
  const drawn = randomOperands(format, 78, 20000);
  for (let i = 0; i + arity <= drawn.length; i += arity) list.push(drawn.slice(i, i + arity));
  return list;
}

describe.each([
  ['long', LONG, quickLong, toLong, scratch.f64ToBigint],
  ['short', SHORT, quickShort, toShort, shortBits],
] as const)('%s', (_, format, quick, fromBits, toBits) => {
  test.each(Object.keys(ARITY))('%s', (name) => {
    let unanswered = 0;
    const differences: string[] = [];
    for (const operands of tuples(format, ARITY[name])) {
      const [value, flags] = quick[name](...operands.map(fromBits));
      const expected = exact[name](format, ...operands);
      const ordinary = operands.every((bits) => {
        const magnitude = Math.abs(fromBits(bits));
        return magnitude === 0 || (magnitude > 1e-10 && magnitude < 1e10);
      });
      const where = operands.map((bits) => bits.toString(16)).join(' ');
      if (flags === -1) {
        unanswered++;
        // Ordinary operands go to the slow path only for what has no number as its result.
        const number = (expected.bits & format.magnitudeMask) < format.infinity;
        if (ordinary && number) differences.push(`${where}: no answer`);
      } else {
        const got = `${where}: ${toBits(value).toString(16)}/${flags}`;
        const wanted = `${where}: ${expected.bits.toString(16)}/${expected.flags}`;
        if (got !== wanted) differences.push(`${got}, exactly ${wanted}`);
      }
    }
    expect(differences.slice(0, 5)).toEqual([]);
    expect(unanswered).toBeGreaterThan(100);
  });
});

test('LOAD ROUNDED long to short', () => {
  const values = [...edges(LONG), ...randomOperands(LONG, 9, 4000)];
  // Short exponents with a long fraction, so that most results are neither zero nor infinity.
  values.push(...randomOperands(SHORT, 10, 4000).map((bits) => wider(bits)));
  for (const bits of values) {
    const value = toLong(bits);
    const r = Math.fround(value);
    const flags = fastShort.roundFlags32(value, r);
    const expected = bfp.loadRounded(LONG, SHORT, bits, TIES_EVEN);
    if (flags === -1) expect(Number.isFinite(value)).toBe(false);
    else expect([shortBits(r), flags]).toEqual([expected.bits, expected.flags]);
  }

  function wider(bits: bigint): bigint {
    return bfp.loadLengthened(SHORT, LONG, bits).bits ^ ((bits % 999983n) << 6n);
  }
});

test('64-bit integers to long and short', () => {
  const draw = random(5);
  const values = [0n, 1n, -1n, 1n << 63n, (1n << 64n) - 1n, (1n << 63n) - 1n, (1n << 53n) + 1n];
  for (let i = 0; i < 5000; i++) values.push(draw(64) >> (draw(6) & 63n));
  // Halfway cases of short whose last bits long would round away.
  for (let i = 0n; i < 40n; i++) values.push((1n << 63n) + (1n << 39n) + (1n << i));
  for (const value of values) {
    const low = Number(BigInt.asIntN(32, value));
    for (const signed of [true, false]) {
      const integer = signed ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
      const high = Number(integer >> 32n);
      const long = fast.longFromInteger(high, low);
      const inLong = bfp.convertFromFixed(LONG, integer, TIES_EVEN);
      expect([scratch.f64ToBigint(long), fast.longFromIntegerFlags(high, low, long)]).toEqual([
        inLong.bits,
        inLong.flags,
      ]);
      const short = fastShort.shortFromInteger(high, low);
      const inShort = bfp.convertFromFixed(SHORT, integer, TIES_EVEN);
      expect([shortBits(short), fastShort.shortFromIntegerFlags(high, low, short)]).toEqual([
        inShort.bits,
        inShort.flags,
      ]);
    }
  }
});

const native = nativeOracle();
test.skipIf(native === undefined)('fma64 and fma32 agree with the host', () => {
  const draw = random(41);
  const requests: Request[] = [];
  const ours: string[] = [];
  /** Where `fma64Quick` is sure of something else than `fma64`, and how often it is sure. */
  const wrong: string[] = [];
  let quick = 0;
  const note = (value: bigint, flags: number): void => {
    ours.push(`${value.toString(16)}/${flags}`);
  };
  for (const format of [LONG, SHORT]) {
    const drawn = randomOperands(format, 40, 60000).filter(
      (bits) => (bits & format.magnitudeMask) < format.infinity,
    );
    for (let i = 0; i + 2 < drawn.length; i += 3) {
      const [a, b] = drawn.slice(i, i + 2);
      let c = drawn[i + 2];
      // Every other addend lies at or near the product, so that the sum cancels.
      if (i % 2 === 0) {
        c = bfp.multiply(format, a, b, TIES_EVEN).bits ^ format.signBit ^ (draw(6) >> draw(3));
        if ((c & format.magnitudeMask) >= format.infinity) continue;
      }
      const request = { op: OP.multiplyAndAdd, format, brm: 0, operands: [c, b, a] };
      if (format === LONG) {
        const value = fast.fma64(toLong(a), toLong(b), toLong(c));
        note(scratch.f64ToBigint(value), fast.fma64Flags());
        const sure = fast.fma64Quick(toLong(a), toLong(b), toLong(c));
        if (sure === sure) {
          quick++;
          if (!Object.is(sure, value)) wrong.push([toLong(a), toLong(b), toLong(c)].join(' '));
        }
      } else {
        const value = fastShort.fma32(toShort(a), toShort(b), toShort(c));
        note(shortBits(value), fastShort.fma32Flags());
      }
      requests.push(request);
    }
  }
  const differences = native!(requests)
    .map(({ bits, flags }) => `${bits.toString(16)}/${flags}`)
    .map((theirs, i) => (theirs === ours[i] ? '' : `${requests[i].operands}: ${ours[i]} ${theirs}`))
    .filter((text) => text !== '');
  expect(differences.slice(0, 5)).toEqual([]);
  expect(requests.length).toBeGreaterThan(20000);
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(quick).toBeGreaterThan(5000);
});

test('words of host numbers', () => {
  expect(scratch.f64FromBits(0x3ff80000, 1)).toBe(1.5 + 2 ** -52);
  expect([scratch.f64High(-2), scratch.f64Low(-2)]).toEqual([0xc0000000 | 0, 0]);
  expect(scratch.f64Low(1 + 2 ** -52)).toBe(1);
  expect(scratch.f32FromBits(0x3fc00000)).toBe(1.5);
  expect(scratch.f32Bits(-1.5)).toBe(0xbfc00000 | 0);
  expect(scratch.towardOdd(1, -(2 ** -60))).toBe(1 - 2 ** -53);
  expect(scratch.towardOdd(1, 2 ** -60)).toBe(1 + 2 ** -52);
  expect(scratch.towardOdd(-1, 2 ** -60)).toBe(-1 + 2 ** -53);
});

import { expect, test } from 'vitest';
import { divide64s, divide64u, quotient, remainder } from '../../src/base/divide64.ts';
import { Random } from '../fuzz/random.ts';

const high = (value: bigint): number => Number(BigInt.asIntN(32, value >> 32n));
const low = (value: bigint): number => Number(BigInt.asIntN(32, value));
const joined = ({ high: h, low: l }: { high: number; low: number }): bigint =>
  (BigInt(h >>> 0) << 32n) | BigInt(l >>> 0);

/** Numbers of every length, and neighbours of powers of two. */
function operand(random: Random): bigint {
  const value = random.next64() >> BigInt(random.below(64));
  if (!random.oneIn(3)) return value;
  const power = 1n << BigInt(random.below(64));
  return BigInt.asUintN(64, power + BigInt(random.below(5)) - 2n);
}

test('quotients and remainders are those of BigInt', () => {
  const random = new Random(64);
  const wrong: string[] = [];
  for (let i = 0; i < 100_000; i++) {
    const b = operand(random);
    if (b === 0n) continue;
    // Often next to a multiple of the divisor, where rounding would show.
    const near = BigInt.asUintN(64, b * (operand(random) >> 32n) + BigInt(random.below(3)) - 1n);
    const a = random.oneIn(2) ? near : operand(random);
    divide64u(high(a), low(a), high(b), low(b));
    if (joined(quotient) !== a / b || joined(remainder) !== a % b) wrong.push(`${a} / ${b}`);

    const signedA = BigInt.asIntN(64, a);
    const signedB = BigInt.asIntN(64, b);
    if (signedB === -1n && signedA === -(1n << 63n)) continue;
    divide64s(high(a), low(a), high(b), low(b));
    const [q, r] = [BigInt.asIntN(64, joined(quotient)), BigInt.asIntN(64, joined(remainder))];
    if (q !== signedA / signedB || r !== signedA % signedB) wrong.push(`${signedA} / ${signedB}`);
  }
  expect(wrong).toEqual([]);
});

/** DIVIDE TO INTEGER (DIEBR, DIDBR). Source: PoP, chapter 19, "DIVIDE TO INTEGER". */
import type { BfpFormat, Unpacked } from './format.ts';
import { INFINITY, ZERO, bitLength, unpack, withSign } from './format.ts';
import { invalid, propagateNan } from './nan.ts';
import type { BfpResult, RoundingMode } from './round.ts';
import { TOWARD_ZERO, plainResult, roundShift, roundToFormat } from './round.ts';

/**
 * The BFP result proper is the remainder (first operand); exceptions come from it alone. `cc`:
 * 0 remainder complete, 1 complete but the quotient overflowed or is a NaN, 2 remainder
 * incomplete, 3 incomplete and the quotient overflowed.
 */
export interface DivideToIntegerResult extends BfpResult {
  /** The integer quotient (third operand), divided by 2 ** scale when it overflowed. */
  readonly quotient: bigint;
}

/**
 * @param quotientMode effective mode from M4
 * @param remainderMode the FPC's own mode
 */
export function divideToInteger(
  format: BfpFormat,
  dividend: bigint,
  divisor: bigint,
  quotientMode: RoundingMode,
  remainderMode: RoundingMode,
): DivideToIntegerResult {
  const a = unpack(format, dividend);
  const b = unpack(format, divisor);
  const nan =
    propagateNan(format, dividend, a, divisor, b) ??
    (a.kind === INFINITY || b.kind === ZERO ? invalid(format) : undefined);
  if (nan !== undefined) return { ...nan, cc: 1, quotient: nan.bits };
  const negative = a.negative !== b.negative;
  if (a.kind === ZERO || b.kind === INFINITY) {
    return { ...plainResult(dividend, 0, 0), quotient: withSign(format, 0n, negative) };
  }
  return divideFinite(format, a, b, negative, quotientMode, remainderMode);
}

function divideFinite(
  format: BfpFormat,
  a: Unpacked,
  b: Unpacked,
  negative: boolean,
  quotientMode: RoundingMode,
  remainderMode: RoundingMode,
): DivideToIntegerResult {
  // Both magnitudes in units of 2 ** unit.
  const unit = Math.min(a.exponent, b.exponent);
  const x = a.significand << BigInt(a.exponent - unit);
  const y = b.significand << BigInt(b.exponent - unit);
  const whole = x / y;
  const rest = x - whole * y;
  if (rest === 0n) {
    const { quotient, overflowed } = packQuotient(format, negative, whole);
    const remainder = withSign(format, 0n, a.negative);
    return { ...plainResult(remainder, 0, overflowed ? 1 : 0), quotient };
  }
  // A quotient between two integers is final when both can be represented.
  const excess = bitLength(whole) - format.precision;
  if (excess > 0) {
    const partial = (whole >> BigInt(excess)) << BigInt(excess);
    const { quotient, overflowed } = packQuotient(format, negative, partial);
    // Always exact, and no exception is recognised for it.
    const { bits } = roundToFormat(format, a.negative, x - partial * y, unit, TOWARD_ZERO);
    return { ...plainResult(bits, 0, overflowed ? 3 : 2), quotient };
  }
  // Two more places tell below, at and above one half from each other.
  const twice = 2n * rest;
  const fraction = twice < y ? 1n : twice === y ? 2n : 3n;
  const final = roundShift((whole << 2n) | fraction, 2, negative, quotientMode).value;
  const difference = x - final * y;
  const remainder = roundToFormat(
    format,
    difference < 0n ? !a.negative : a.negative,
    difference < 0n ? -difference : difference,
    unit,
    remainderMode,
  );
  return { ...remainder, cc: 0, quotient: packQuotient(format, negative, final).quotient };
}

/** An integer that is representable but for its exponent; out of range it is scaled down. */
function packQuotient(
  format: BfpFormat,
  negative: boolean,
  value: bigint,
): { quotient: bigint; overflowed: boolean } {
  const { bits, scaled } = roundToFormat(format, negative, value, 0, TOWARD_ZERO);
  return { quotient: scaled === undefined ? bits : scaled.bits, overflowed: scaled !== undefined };
}

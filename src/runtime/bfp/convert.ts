/**
 * CONVERT FROM and TO FIXED and LOGICAL, LOAD LENGTHENED, LOAD ROUNDED, LOAD FP INTEGER.
 * Source: PoP, chapter 19. `suppressInexact` is always the XxC bit of the M4 field.
 */
import type { BfpFormat } from './format.ts';
import { FINITE, INFINITY, QNAN, SNAN, ZERO, unpack, withSign } from './format.ts';
import type { BfpResult, RoundingMode } from './round.ts';
import { INEXACT, INVALID, plainResult, roundShift, roundToFormat } from './round.ts';

/**
 * CONVERT FROM FIXED and CONVERT FROM LOGICAL (CEFBR ... CXLGBR).
 * @param value the integer with its sign: -2 ** 63 to 2 ** 64 - 1
 */
export function convertFromFixed(
  format: BfpFormat,
  value: bigint,
  mode: RoundingMode,
  suppressInexact = false,
): BfpResult {
  const negative = value < 0n;
  return roundToFormat(format, negative, negative ? -value : value, 0, mode, suppressInexact);
}

/**
 * CONVERT TO FIXED (`signed`) and CONVERT TO LOGICAL (CFEBR ... CLGXBR).
 *
 * The result's bits are the integer as `width` bits of a register. CC 0 source zero, 1 less than
 * zero, 2 greater, 3 special case: a NaN or a value out of range is invalid and, when that is not
 * trapped, inexact too, with the nearest limit for a result (a NaN gives the lowest).
 */
export function convertToFixed(
  format: BfpFormat,
  bits: bigint,
  width: 32 | 64,
  signed: boolean,
  mode: RoundingMode,
  suppressInexact = false,
): BfpResult {
  const a = unpack(format, bits);
  if (a.kind === ZERO) return plainResult(0n, 0, 0);
  const places = BigInt(width);
  const lowest = signed ? -(1n << (places - 1n)) : 0n;
  const highest = signed ? -lowest - 1n : (1n << places) - 1n;
  const special = (limit: bigint): BfpResult => {
    const flags = suppressInexact ? INVALID : INVALID | INEXACT;
    return plainResult(BigInt.asUintN(width, limit), flags, 3);
  };
  if (a.kind === QNAN || a.kind === SNAN) return special(lowest);
  // Far out of range: not worth a bigint of 16,000 bits.
  if (a.kind === INFINITY || a.exponent > width) return special(a.negative ? lowest : highest);
  const rounded = roundShift(a.significand, -a.exponent, a.negative, mode);
  const value = a.negative ? -rounded.value : rounded.value;
  if (value < lowest) return special(lowest);
  if (value > highest) return special(highest);
  return {
    bits: BigInt.asUintN(width, value),
    flags: rounded.inexact && !suppressInexact ? INEXACT : 0,
    cc: a.negative ? 1 : 2,
    incremented: rounded.incremented,
    scaled: undefined,
  };
}

/** LOAD LENGTHENED (LDEB, LXDB, LXEB): exact; a signalling NaN is invalid and becomes quiet. */
export function loadLengthened(from: BfpFormat, to: BfpFormat, bits: bigint): BfpResult {
  const a = unpack(from, bits);
  switch (a.kind) {
    case FINITE:
      // Every number of the shorter format is a normal number of the longer one.
      return roundToFormat(to, a.negative, a.significand, a.exponent, 5);
    case ZERO:
      return plainResult(withSign(to, 0n, a.negative));
    default: {
      // Infinity and NaN: the fraction keeps its leftmost position.
      const fraction = a.significand << (to.fractionBits - from.fractionBits);
      const wide = withSign(to, to.infinity | fraction, a.negative);
      return a.kind === SNAN ? plainResult(wide | to.quietBit, INVALID) : plainResult(wide);
    }
  }
}

/**
 * LOAD ROUNDED (LEDBR, LDXBR, LEXBR and their A forms). A trapped overflow or underflow leaves
 * the rounded value, scaled, in the source format.
 */
export function loadRounded(
  from: BfpFormat,
  to: BfpFormat,
  bits: bigint,
  mode: RoundingMode,
  suppressInexact = false,
): BfpResult {
  const a = unpack(from, bits);
  switch (a.kind) {
    case FINITE: {
      const target = { format: from, scale: from.loadRoundedScale };
      const { negative, significand, exponent } = a;
      return roundToFormat(to, negative, significand, exponent, mode, suppressInexact, target);
    }
    case ZERO:
      return plainResult(withSign(to, 0n, a.negative));
    case INFINITY:
      return plainResult(withSign(to, to.infinity, a.negative));
    default: {
      // Rightmost payload bits are lost; the quiet bit keeps the rest from becoming an infinity.
      const fraction = a.significand >> (from.fractionBits - to.fractionBits);
      const narrow = withSign(to, to.infinity | to.quietBit | fraction, a.negative);
      return plainResult(narrow, a.kind === SNAN ? INVALID : 0);
    }
  }
}

/** LOAD FP INTEGER (FIEBR, FIDBR, FIXBR): a zero result keeps the operand's sign. */
export function loadFpInteger(
  format: BfpFormat,
  bits: bigint,
  mode: RoundingMode,
  suppressInexact = false,
): BfpResult {
  const a = unpack(format, bits);
  if (a.kind === SNAN) return plainResult(bits | format.quietBit, INVALID);
  if (a.kind !== FINITE || a.exponent >= 0) return plainResult(bits);
  const rounded = roundShift(a.significand, -a.exponent, a.negative, mode);
  const integer = roundToFormat(format, a.negative, rounded.value, 0, mode);
  return {
    bits: integer.bits,
    flags: rounded.inexact && !suppressInexact ? INEXACT : 0,
    cc: undefined,
    incremented: rounded.incremented,
    scaled: undefined,
  };
}

/**
 * Rounding: from an exact value to a BFP format or to an integer, and what is recognised on the
 * way. Source: PoP, chapter 9 "Rounding Methods", chapter 19 "IEEE Exceptions".
 */
import type { BfpFormat } from './format.ts';
import { bitLength, withSign } from './format.ts';

/** FPC flag byte (and, with the same bit positions, FPC mask byte). */
export const INVALID = 0x80;
export const DIVIDE_BY_ZERO = 0x40;
export const OVERFLOW = 0x20;
export const UNDERFLOW = 0x10;
export const INEXACT = 0x08;

/** Rounding modes as the M3 field encodes them; 0 there means the FPC's own. */
export const TIES_AWAY = 1;
export const SHORTER_PRECISION = 3;
export const TIES_EVEN = 4;
export const TOWARD_ZERO = 5;
export const TOWARD_PLUS = 6;
export const TOWARD_MINUS = 7;
export type RoundingMode =
  | typeof TIES_AWAY
  | typeof SHORTER_PRECISION
  | typeof TIES_EVEN
  | typeof TOWARD_ZERO
  | typeof TOWARD_PLUS
  | typeof TOWARD_MINUS;

/**
 * What a trapped overflow or underflow delivers in place of the usual result: the value rounded
 * as if exponents had no limit, then scaled into range. `dxc` tells which trap and how it rounded.
 */
export interface ScaledResult {
  readonly bits: bigint;
  /** LOAD ROUNDED leaves its scaled result in the source format. */
  readonly format: BfpFormat;
  readonly dxc: number;
  /** CC that replaces the usual one, where CC is set from the result. */
  readonly cc: number | undefined;
}

/** Result of one BFP operation before the FPC masks are looked at. */
export interface BfpResult {
  /** Result with every trap disabled. */
  readonly bits: bigint;
  /** FPC flag byte with every trap disabled. */
  readonly flags: number;
  /** Condition code, for the instructions that set one. */
  readonly cc: number | undefined;
  /** The result is larger in magnitude than the precise value (DXC "incremented"). */
  readonly incremented: boolean;
  /** Present when the value overflowed or is tiny, even when it is tiny and exact. */
  readonly scaled: ScaledResult | undefined;
}

export function plainResult(bits: bigint, flags = 0, cc?: number): BfpResult {
  return { bits, flags, cc, incremented: false, scaled: undefined };
}

// RNE, RZ, RP, RM, three values that SET BFP ROUNDING MODE refuses, prepare for shorter precision.
const FPC_MODES: readonly RoundingMode[] = [4, 5, 6, 7, 4, 4, 4, 3];

/**
 * Effective rounding mode of an instruction.
 * @param m3 the rounding-mode modifier, 0-7 without 2; 0 chooses the FPC's mode
 * @param brm the FPC's BFP rounding mode: 0-3 or 7
 */
export function roundingMode(m3: number, brm: number): RoundingMode {
  return m3 === 0 ? FPC_MODES[brm] : (m3 as RoundingMode);
}

/** An integer obtained by dropping low bits. */
export interface Rounded {
  readonly value: bigint;
  readonly inexact: boolean;
  /** Rounded away from zero. */
  readonly incremented: boolean;
}

/** Rounds significand / 2 ** shift to an integer; a shift of zero or less is exact. */
export function roundShift(
  significand: bigint,
  shift: number,
  negative: boolean,
  mode: RoundingMode,
): Rounded {
  if (shift <= 0) {
    return { value: significand << BigInt(-shift), inexact: false, incremented: false };
  }
  const places = BigInt(shift);
  const value = significand >> places;
  const rest = significand - (value << places);
  if (rest === 0n) return { value, inexact: false, incremented: false };
  const half = 1n << (places - 1n);
  let increment: boolean;
  switch (mode) {
    case TIES_EVEN:
      increment = rest > half || (rest === half && (value & 1n) !== 0n);
      break;
    case TIES_AWAY:
      increment = rest >= half;
      break;
    case SHORTER_PRECISION:
      // The rightmost bit becomes one, so that a later rounding sees what was lost.
      increment = (value & 1n) === 0n;
      break;
    case TOWARD_ZERO:
      increment = false;
      break;
    case TOWARD_PLUS:
      increment = !negative;
      break;
    case TOWARD_MINUS:
      increment = negative;
      break;
  }
  return { value: increment ? value + 1n : value, inexact: true, incremented: increment };
}

/** Where a trapped result goes when it is not simply the target format. */
export interface TrapTarget {
  readonly format: BfpFormat;
  readonly scale: number;
}

/**
 * Rounds the value (-1) ** negative * significand * 2 ** exponent into `format`.
 *
 * A significand that stands for more bits than it has must carry a one in its lowest bit for
 * them, at least two places below the format's last. Tininess is judged before rounding, and the
 * underflow flag needs inexactness as well. `suppressInexact` is the XxC bit of M4: the inexact
 * flag stays off, but the DXC of a trapped overflow or underflow tells the truth (PoP, "LOAD
 * ROUNDED").
 */
export function roundToFormat(
  format: BfpFormat,
  negative: boolean,
  significand: bigint,
  exponent: number,
  mode: RoundingMode,
  suppressInexact = false,
  trapTarget?: TrapTarget,
): BfpResult {
  if (significand === 0n) return plainResult(withSign(format, 0n, negative));
  const { precision, minExponent } = format;
  const length = bitLength(significand);
  const tiny = exponent + length - 1 < minExponent;
  const lowest = minExponent - precision + 1;
  const lsb = tiny ? lowest : exponent + length - precision;
  const rounded = roundShift(significand, lsb - exponent, negative, mode);
  // The unit bit of a normal number is added into the exponent field, and so is a carry out of it.
  let magnitude = (BigInt(lsb - lowest) << format.fractionBits) + rounded.value;
  let flags = rounded.inexact ? INEXACT : 0;
  let incremented = rounded.incremented;
  let scaled: ScaledResult | undefined;
  if (magnitude >= format.infinity) {
    const target = trapTarget ?? { format, scale: format.scale };
    scaled = scaledResult(target, negative, rounded, lsb, -target.scale, OVERFLOW);
    flags = OVERFLOW | INEXACT;
    incremented = overflowsToInfinity(mode, negative);
    magnitude = incremented ? format.infinity : format.maxFinite;
  } else if (tiny) {
    if (rounded.inexact) flags |= UNDERFLOW;
    const free = exponent + length - precision;
    const unbounded = roundShift(significand, free - exponent, negative, mode);
    const target = trapTarget ?? { format, scale: format.scale };
    scaled = scaledResult(target, negative, unbounded, free, target.scale, UNDERFLOW);
  }
  if (suppressInexact) flags &= ~INEXACT;
  const bits = withSign(format, magnitude, negative);
  return { bits, flags, cc: undefined, incremented, scaled };
}

function overflowsToInfinity(mode: RoundingMode, negative: boolean): boolean {
  switch (mode) {
    case TIES_EVEN:
    case TIES_AWAY:
      return true;
    case TOWARD_PLUS:
      return !negative;
    case TOWARD_MINUS:
      return negative;
    default:
      return false;
  }
}

function scaledResult(
  { format }: TrapTarget,
  negative: boolean,
  { value, inexact, incremented }: Rounded,
  exponent: number,
  scale: number,
  trap: number,
): ScaledResult {
  // The value has the precision of the target already, so this neither rounds nor overflows.
  const exact = roundToFormat(format, negative, value, exponent + scale, TOWARD_ZERO);
  const dxc = trap | (inexact ? INEXACT : 0) | (incremented ? 0x04 : 0);
  return { bits: exact.bits, format, dxc, cc: undefined };
}

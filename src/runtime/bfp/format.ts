/**
 * The three binary-floating-point (BFP) formats and the parts of a number in them.
 * Source: PoP, chapter 9 "Floating-Point Data" and chapter 19.
 *
 * A number is handled as raw bits in a bigint, exactly as it stands in a register or in storage.
 */

/** One BFP format; all bigints are ready-made because building them is most of the slow path. */
export interface BfpFormat {
  readonly name: 'short' | 'long' | 'extended';
  /** Bits in all: 32, 64 or 128. */
  readonly width: number;
  /** Bits of the significand with its implied unit bit: 24, 53 or 113. */
  readonly precision: number;
  readonly bias: number;
  /** Exponent of the smallest normal number, as a power of two with a 1.f significand. */
  readonly minExponent: number;
  readonly maxExponent: number;
  /** log2 of the factor by which a trapped overflow or underflow is scaled (PoP, figure 19-8). */
  readonly scale: number;
  /** The same for LOAD ROUNDED with this source format. */
  readonly loadRoundedScale: number;
  /** Stored bits of the significand: precision - 1. */
  readonly fractionBits: bigint;
  readonly fractionMask: bigint;
  readonly signBit: bigint;
  readonly magnitudeMask: bigint;
  /** Leftmost fraction bit: one in a quiet NaN, zero in a signalling one. */
  readonly quietBit: bigint;
  readonly infinity: bigint;
  readonly maxFinite: bigint;
  /** The NaN that invalid operations make: plus, quiet, payload zero. */
  readonly defaultNan: bigint;
}

function format(
  name: BfpFormat['name'],
  width: number,
  precision: number,
  scale: number,
  loadRoundedScale: number,
): BfpFormat {
  const exponentBits = width - precision;
  const bias = 2 ** (exponentBits - 1) - 1;
  const fractionBits = BigInt(precision - 1);
  const infinity = ((1n << BigInt(exponentBits)) - 1n) << fractionBits;
  const quietBit = 1n << (fractionBits - 1n);
  const signBit = 1n << BigInt(width - 1);
  return {
    name,
    width,
    precision,
    bias,
    minExponent: 1 - bias,
    maxExponent: bias,
    scale,
    loadRoundedScale,
    fractionBits,
    fractionMask: (1n << fractionBits) - 1n,
    signBit,
    magnitudeMask: signBit - 1n,
    quietBit,
    infinity,
    maxFinite: infinity - 1n,
    defaultNan: infinity | quietBit,
  };
}

export const SHORT = format('short', 32, 24, 192, 0);
export const LONG = format('long', 64, 53, 1536, 512);
export const EXTENDED = format('extended', 128, 113, 24576, 8192);

export const ZERO = 0;
/** Normal or subnormal. */
export const FINITE = 1;
export const INFINITY = 2;
export const QNAN = 3;
export const SNAN = 4;
export type BfpKind = typeof ZERO | typeof FINITE | typeof INFINITY | typeof QNAN | typeof SNAN;

/** A BFP datum taken apart; when `kind` is FINITE its magnitude is significand * 2 ** exponent. */
export interface Unpacked {
  readonly kind: BfpKind;
  readonly negative: boolean;
  readonly significand: bigint;
  readonly exponent: number;
}

/** Takes a datum apart. A subnormal number keeps its short significand. */
export function unpack(format: BfpFormat, bits: bigint): Unpacked {
  const negative = (bits & format.signBit) !== 0n;
  const fraction = bits & format.fractionMask;
  const biased = Number((bits & format.infinity) >> format.fractionBits);
  if (biased === 2 * format.bias + 1) {
    const kind = fraction === 0n ? INFINITY : (fraction & format.quietBit) !== 0n ? QNAN : SNAN;
    return { kind, negative, significand: fraction, exponent: 0 };
  }
  if (biased === 0) {
    const exponent = format.minExponent - format.precision + 1;
    return { kind: fraction === 0n ? ZERO : FINITE, negative, significand: fraction, exponent };
  }
  return {
    kind: FINITE,
    negative,
    significand: fraction | (format.fractionMask + 1n),
    exponent: biased - format.bias - format.precision + 1,
  };
}

export function isNan(format: BfpFormat, bits: bigint): boolean {
  return (bits & format.magnitudeMask) > format.infinity;
}

export function isSignallingNan(format: BfpFormat, bits: bigint): boolean {
  return isNan(format, bits) && (bits & format.quietBit) === 0n;
}

/** `bits` with the sign forced, for zeros, infinities and Nmax. */
export function withSign(format: BfpFormat, magnitude: bigint, negative: boolean): bigint {
  return negative ? magnitude | format.signBit : magnitude;
}

const doubleView = new DataView(new ArrayBuffer(8));

/** Number of bits in `value`, which is not negative; 0 for zero. */
export function bitLength(value: bigint): number {
  const approximation = Number(value);
  if (approximation < 2 ** 53) {
    return approximation === 0 ? 0 : exponentOf(approximation) + 1;
  }
  if (approximation === Infinity) {
    const text = value.toString(16);
    return 4 * text.length - Math.clz32(parseInt(text[0], 16)) + 28;
  }
  // The conversion may have rounded up to the next power of two.
  const exponent = exponentOf(approximation);
  return value >> BigInt(exponent) === 0n ? exponent : exponent + 1;
}

function exponentOf(value: number): number {
  doubleView.setFloat64(0, value);
  return ((doubleView.getInt32(0) >>> 20) & 0x7ff) - 1023;
}

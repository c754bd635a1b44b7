/**
 * The quick way for short numbers, kept as host numbers: compute in long, round to short.
 *
 * For + - * / and square root that double rounding is innocuous, because 53 >= 2 * 24 + 2
 * (Figueroa), subnormal results included: no quotient or root comes closer to a midpoint of short
 * numbers than long can tell. The same conditions as in `fast.ts` (nearest-even, masks zero); but
 * since long has room for the precise value, overflow and underflow are answered here too, and -1
 * only means a NaN, an infinite operand or a division by zero.
 *
 * Each `...Flags32` function takes the operands and r, the rounded result.
 */
import { INEXACT, OVERFLOW, UNDERFLOW } from './round.ts';
import { towardOdd } from './scratch.ts';

const NMIN = 2 ** -126;

/** Flags when `precise`, to be rounded, became r and that lost something. */
function inexactFlags(precise: number, r: number): number {
  if (Math.abs(precise) < NMIN) return UNDERFLOW | INEXACT;
  return Math.abs(r) === Infinity ? OVERFLOW | INEXACT : INEXACT;
}

/** Flags of r = Math.fround(a + b); for a difference pass -b. */
export function addFlags32(a: number, b: number, r: number): number {
  const s = a + b;
  if (!(Math.abs(s) < Infinity)) return -1;
  const d = s - a;
  const error = a - (s - d) + (b - d);
  return r === s && error === 0 ? 0 : inexactFlags(s, r);
}

/** Flags of r = Math.fround(a * b); the product in long is exact. */
export function mulFlags32(a: number, b: number, r: number): number {
  const p = a * b;
  if (r === p && Math.abs(p) < Infinity) return 0;
  return Math.abs(p) < Infinity ? inexactFlags(p, r) : -1;
}

/** Flags of r = Math.fround(a / b). */
export function divFlags32(a: number, b: number, r: number): number {
  const q = a / b;
  if (!(Math.abs(q) < Infinity && Math.abs(b) < Infinity)) return -1;
  return r * b === a ? 0 : inexactFlags(q, r);
}

/** Flags of r = Math.fround(Math.sqrt(a)). */
export function sqrtFlags32(a: number, r: number): number {
  if (!(a >= 0 && a < Infinity)) return -1;
  return r * r === a ? 0 : INEXACT;
}

/** Flags of r = Math.fround(a), LOAD ROUNDED from long. */
export function roundFlags32(a: number, r: number): number {
  if (r === a && Math.abs(a) < Infinity) return 0;
  return Math.abs(a) < Infinity ? inexactFlags(a, r) : -1;
}

let fusedFlags = 0;

/** Flags of the last `fma32`; -1 when an operand was not finite. */
export function fma32Flags(): number {
  return fusedFlags;
}

/**
 * a * b + c rounded once to short (MULTIPLY AND ADD; for MULTIPLY AND SUBTRACT pass -c), then see
 * `fma32Flags`. The product is exact in long and the sum is rounded to odd there.
 */
export function fma32(a: number, b: number, c: number): number {
  const p = a * b;
  const s = p + c;
  const d = s - p;
  const lost = p - (s - d) + (c - d);
  if (!(Math.abs(s) < Infinity)) {
    fusedFlags = -1;
    return s;
  }
  const odd = lost === 0 ? s : towardOdd(s, lost);
  const r = Math.fround(odd);
  fusedFlags = lost === 0 && r === s ? 0 : inexactFlags(odd, r);
  return r;
}

/** The 64-bit integer high * 2 ** 32 + low rounded once to short (CEGBR, CELGBR). */
export function shortFromInteger(high: number, low: number): number {
  const a = high * 4294967296;
  const b = low >>> 0;
  const s = a + b;
  const d = s - a;
  const lost = a - (s - d) + (b - d);
  return Math.fround(lost === 0 ? s : towardOdd(s, lost));
}

/** Flags of `shortFromInteger`. */
export function shortFromIntegerFlags(high: number, low: number, r: number): number {
  return addFlags32(high * 4294967296, low >>> 0, r);
}

/**
 * Exact binary floating point in software: the reference, and the slow path behind `fast.ts`.
 *
 * Pure functions of raw bits. Each returns a `BfpResult`, the outcome with every trap disabled;
 * `applyExceptions` then turns it into what the FPC's masks make of it. Usual order of arguments:
 * format, operands as the PoP numbers them, effective rounding mode (from `roundingMode`), XxC.
 */
export type { BfpFormat, BfpKind, Unpacked } from './format.ts';
export { EXTENDED, LONG, SHORT, isNan, isSignallingNan, unpack } from './format.ts';
export type { BfpResult, RoundingMode, ScaledResult } from './round.ts';
export {
  DIVIDE_BY_ZERO,
  INEXACT,
  INVALID,
  OVERFLOW,
  SHORTER_PRECISION,
  TIES_AWAY,
  TIES_EVEN,
  TOWARD_MINUS,
  TOWARD_PLUS,
  TOWARD_ZERO,
  UNDERFLOW,
  roundingMode,
} from './round.ts';
export {
  add,
  divide,
  multiply,
  multiplyAndAdd,
  multiplyAndSubtract,
  multiplyLengthened,
  squareRoot,
  subtract,
} from './arithmetic.ts';
export {
  compare,
  compareAndSignal,
  loadAndTest,
  loadComplement,
  loadNegative,
  loadPositive,
  resultCc,
  testDataClass,
} from './compare.ts';
export {
  convertFromFixed,
  convertToFixed,
  loadFpInteger,
  loadLengthened,
  loadRounded,
} from './convert.ts';
export type { DivideToIntegerResult } from './divide-to-integer.ts';
export { divideToInteger } from './divide-to-integer.ts';
export type { Outcome } from './exceptions.ts';
export { applyExceptions } from './exceptions.ts';

/**
 * Helpers of the conversions that IR ops do not cover. Source: PoP, chapter 19. They return
 * `dxc << 8 | cc`: see ir/helpers.ts.
 */
import { toBigInt, toBigUint } from '../../base/int64.ts';
import type { CpuState } from '../../cpu/state.ts';
import { FPC } from '../../cpu/state.ts';
import type { HelperContext } from '../context.ts';
import { deliver, effectiveMode, FPC_INEXACT, FPC_MASKS } from './deliver.ts';
import { longFromInteger, longFromIntegerFlags } from './fast.ts';
import { shortFromInteger, shortFromIntegerFlags } from './fast-short.ts';
import { finish, formatOf, readFpr, readNumber, writeNumber } from './registers.ts';
import type { BfpFormat, RoundingMode } from './softfloat.ts';
import * as bfp from './softfloat.ts';
import { EXTENDED, LONG, SHORT, TIES_AWAY, TIES_EVEN } from './softfloat.ts';
import { TOWARD_MINUS, TOWARD_PLUS, TOWARD_ZERO } from './softfloat.ts';

/** M4 bit 1: inexact is not recognised. */
const XXC = 4;

export function bfpLengthenShortToExtended(
  { state }: HelperContext,
  r1: number,
  bits: number,
): number {
  return finish(state, EXTENDED, r1, bfp.loadLengthened(SHORT, EXTENDED, BigInt(bits >>> 0)));
}

export function bfpLengthenLongToExtended(
  { state }: HelperContext,
  r1: number,
  high: number,
  low: number,
): number {
  return finish(state, EXTENDED, r1, bfp.loadLengthened(LONG, EXTENDED, toBigUint(high, low)));
}

function loadRounded(
  state: CpuState,
  from: BfpFormat,
  to: BfpFormat,
  r1: number,
  r2: number,
  m3: number,
  m4: number,
): number {
  const second = readFpr(state, from, r2);
  const mode = effectiveMode(state, m3);
  return finish(state, to, r1, bfp.loadRounded(from, to, second, mode, (m4 & XXC) !== 0));
}

export function bfpRoundLongToShort(
  { state }: HelperContext,
  r1: number,
  r2: number,
  m3: number,
  m4: number,
): number {
  return loadRounded(state, LONG, SHORT, r1, r2, m3, m4);
}

export function bfpRoundExtendedToLong(
  { state }: HelperContext,
  r1: number,
  r2: number,
  m3: number,
  m4: number,
): number {
  return loadRounded(state, EXTENDED, LONG, r1, r2, m3, m4);
}

export function bfpRoundExtendedToShort(
  { state }: HelperContext,
  r1: number,
  r2: number,
  m3: number,
  m4: number,
): number {
  return loadRounded(state, EXTENDED, SHORT, r1, r2, m3, m4);
}

const TWO_32 = 2 ** 32;
const TWO_52 = 2 ** 52;
const { abs, ceil, floor, trunc } = Math;

/**
 * The host's number rounded to an integer, a zero with the sign of `x`. NaN: the host cannot tell,
 * because `x` is one or because of the rounding mode.
 */
function toIntegral(x: number, mode: RoundingMode): number {
  switch (mode) {
    case TIES_EVEN: {
      const magnitude = abs(x);
      if (!(magnitude < TWO_52)) return x;
      // From 2 ** 52 on there are no fractions.
      const integer = magnitude + TWO_52 - TWO_52;
      return x < 0 || Object.is(x, -0) ? -integer : integer;
    }
    case TIES_AWAY: {
      const integer = trunc(x);
      if (abs(x - integer) < 0.5) return integer;
      return x < 0 ? integer - 1 : integer + 1;
    }
    case TOWARD_ZERO:
      return trunc(x);
    case TOWARD_PLUS:
      return ceil(x);
    case TOWARD_MINUS:
      return floor(x);
    default:
      return NaN;
  }
}

/** Records an inexact result; false when the softfloat has to, because some exception may trap. */
function noteInexact({ words }: CpuState, m4: number): boolean {
  if ((m4 & XXC) !== 0) return true;
  if ((words[FPC] & FPC_MASKS) !== 0) return false;
  words[FPC] |= FPC_INEXACT;
  return true;
}

export function bfpLoadInteger(
  { state }: HelperContext,
  code: number,
  r1: number,
  r2: number,
  m3: number,
  m4: number,
): number {
  const format = formatOf(code);
  const mode = effectiveMode(state, m3);
  if (format !== EXTENDED) {
    const x = readNumber(state, format, r2);
    const integer = toIntegral(x, mode);
    if (integer === x || (integer === integer && noteInexact(state, m4))) {
      writeNumber(state, format, r1, integer);
      return 0;
    }
  }
  const second = readFpr(state, format, r2);
  return finish(state, format, r1, bfp.loadFpInteger(format, second, mode, (m4 & XXC) !== 0));
}

/**
 * The integer high * 2 ** 32 + low to `r1` in the quick way; false when that will not do.
 * @param high negative for a negative integer
 */
function fromIntegerQuickly(
  state: CpuState,
  format: BfpFormat,
  r1: number,
  m4: number,
  high: number,
  low: number,
): boolean {
  let r: number;
  let flags: number;
  if (format === LONG) {
    r = longFromInteger(high, low);
    flags = longFromIntegerFlags(high, low, r);
  } else {
    r = shortFromInteger(high, low);
    flags = shortFromIntegerFlags(high, low, r);
  }
  if (flags !== 0 && !noteInexact(state, m4)) return false;
  writeNumber(state, format, r1, r);
  return true;
}

function fromInteger(
  state: CpuState,
  code: number,
  r1: number,
  m3: number,
  m4: number,
  high: number,
  low: number,
): number {
  const format = formatOf(code);
  const mode = effectiveMode(state, m3);
  if (format !== EXTENDED && mode === TIES_EVEN) {
    if (fromIntegerQuickly(state, format, r1, m4, high, low)) return 0;
  }
  const value = high < 0 ? toBigInt(high, low) : toBigUint(high, low);
  return finish(state, format, r1, bfp.convertFromFixed(format, value, mode, (m4 & XXC) !== 0));
}

export function bfpFromSigned(
  { state }: HelperContext,
  code: number,
  r1: number,
  m3: number,
  m4: number,
  high: number,
  low: number,
): number {
  return fromInteger(state, code, r1, m3, m4, high, low);
}

export function bfpFromUnsigned(
  { state }: HelperContext,
  code: number,
  r1: number,
  m3: number,
  m4: number,
  high: number,
  low: number,
): number {
  return fromInteger(state, code, r1, m3, m4, high >>> 0, low);
}

interface IntegerType {
  readonly width: 32 | 64;
  readonly isSigned: boolean;
  readonly lowest: number;
  /** The first number that is too large. */
  readonly limit: number;
}

const SIGNED_32: IntegerType = { width: 32, isSigned: true, lowest: -(2 ** 31), limit: 2 ** 31 };
const SIGNED_64: IntegerType = { width: 64, isSigned: true, lowest: -(2 ** 63), limit: 2 ** 63 };
const UNSIGNED_32: IntegerType = { width: 32, isSigned: false, lowest: 0, limit: 2 ** 32 };
const UNSIGNED_64: IntegerType = { width: 64, isSigned: false, lowest: 0, limit: 2 ** 64 };

function toInteger(
  state: CpuState,
  { width, isSigned, lowest, limit }: IntegerType,
  code: number,
  r1: number,
  r2: number,
  m3: number,
  m4: number,
): number {
  const { words } = state;
  const format = formatOf(code);
  const mode = effectiveMode(state, m3);
  if (format !== EXTENDED) {
    const x = readNumber(state, format, r2);
    const integer = toIntegral(x, mode);
    const fits = integer >= lowest && integer < limit;
    if (fits && (integer === x || noteInexact(state, m4))) {
      const high = floor(integer / TWO_32);
      words[2 * r1] = integer - high * TWO_32;
      if (width === 64) words[2 * r1 + 1] = high;
      return x === 0 ? 0 : x < 0 ? 1 : 2;
    }
  }
  const second = readFpr(state, format, r2);
  const isQuiet = (m4 & XXC) !== 0;
  const outcome = deliver(
    state,
    bfp.convertToFixed(format, second, width, isSigned, mode, isQuiet),
  );
  if (width === 64) state.setGr(r1, outcome.bits);
  else words[2 * r1] = Number(outcome.bits);
  return (outcome.dxc << 8) | outcome.cc!;
}

/** Named after their target; the parameters are those of ir/helpers.ts. */
type ToInteger = (
  context: HelperContext,
  code: number,
  r1: number,
  r2: number,
  m3: number,
  m4: number,
) => number;

const toIntegerOf =
  (type: IntegerType): ToInteger =>
  ({ state }, code, r1, r2, m3, m4) =>
    toInteger(state, type, code, r1, r2, m3, m4);

export const bfpToSigned32 = toIntegerOf(SIGNED_32);
export const bfpToSigned64 = toIntegerOf(SIGNED_64);
export const bfpToUnsigned32 = toIntegerOf(UNSIGNED_32);
export const bfpToUnsigned64 = toIntegerOf(UNSIGNED_64);

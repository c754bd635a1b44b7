/**
 * Helpers of the rarer BFP instructions, all of the extended ones among them. Source: PoP, chapter
 * 19. They return `dxc << 8 | cc`: see ir/helpers.ts.
 */
import { toBigUint } from '../../base/int64.ts';
import { PIC_SPECIFICATION, ProgramInterruption } from '../../cpu/interruption.ts';
import type { CpuState } from '../../cpu/state.ts';
import { FPC } from '../../cpu/state.ts';
import type { HelperContext } from '../context.ts';
import { deliver, effectiveMode, isDefault, note, setDxc } from './deliver.ts';
import { fma32, fma32Flags } from './fast-short.ts';
import { finish, formatOf, readFpr, readNumber, writeFpr, writeNumber } from './registers.ts';
import { f32FromBits } from './scratch.ts';
import type { BfpFormat, BfpResult, RoundingMode } from './softfloat.ts';
import * as bfp from './softfloat.ts';
import { EXTENDED, LONG, SHORT } from './softfloat.ts';

type Binary = (format: BfpFormat, a: bigint, b: bigint, mode: RoundingMode) => BfpResult;

function binaryExtended(op: Binary, { state }: HelperContext, r1: number, r2: number): number {
  const first = readFpr(state, EXTENDED, r1);
  const second = readFpr(state, EXTENDED, r2);
  return finish(state, EXTENDED, r1, op(EXTENDED, first, second, effectiveMode(state)));
}

export function bfpAddExtended(context: HelperContext, r1: number, r2: number): number {
  return binaryExtended(bfp.add, context, r1, r2);
}

export function bfpSubtractExtended(context: HelperContext, r1: number, r2: number): number {
  return binaryExtended(bfp.subtract, context, r1, r2);
}

export function bfpMultiplyExtended(context: HelperContext, r1: number, r2: number): number {
  return binaryExtended(bfp.multiply, context, r1, r2);
}

export function bfpDivideExtended(context: HelperContext, r1: number, r2: number): number {
  return binaryExtended(bfp.divide, context, r1, r2);
}

export function bfpSquareRootExtended({ state }: HelperContext, r1: number, r2: number): number {
  const second = readFpr(state, EXTENDED, r2);
  return finish(state, EXTENDED, r1, bfp.squareRoot(EXTENDED, second, effectiveMode(state)));
}

export function bfpLoadAndTestExtended({ state }: HelperContext, r1: number, r2: number): number {
  return finish(state, EXTENDED, r1, bfp.loadAndTest(EXTENDED, readFpr(state, EXTENDED, r2)));
}

export function bfpMultiplyShortToLong({ state }: HelperContext, r1: number, bits: number): number {
  const second = BigInt(bits >>> 0);
  const product = bfp.multiplyLengthened(SHORT, LONG, readFpr(state, SHORT, r1), second);
  return finish(state, LONG, r1, product);
}

export function bfpMultiplyLongToExtended(
  { state }: HelperContext,
  r1: number,
  high: number,
  low: number,
): number {
  const second = toBigUint(high, low);
  const product = bfp.multiplyLengthened(LONG, EXTENDED, readFpr(state, LONG, r1), second);
  return finish(state, EXTENDED, r1, product);
}

/** third * second + first, or minus first, rounded once; the host's way where it can be. */
function fusedShort(
  state: CpuState,
  subtracts: boolean,
  r1: number,
  r3: number,
  bits: number,
): number {
  if (isDefault(state)) {
    const addend = readNumber(state, SHORT, r1);
    const third = readNumber(state, SHORT, r3);
    const r = fma32(third, f32FromBits(bits), subtracts ? -addend : addend);
    if (note(state, fma32Flags())) {
      writeNumber(state, SHORT, r1, r);
      return 0;
    }
  }
  const op = subtracts ? bfp.multiplyAndSubtract : bfp.multiplyAndAdd;
  const first = readFpr(state, SHORT, r1);
  const second = BigInt(bits >>> 0);
  const result = op(SHORT, first, second, readFpr(state, SHORT, r3), effectiveMode(state));
  return finish(state, SHORT, r1, result);
}

export function bfpMultiplyAndAddShort(
  { state }: HelperContext,
  r1: number,
  r3: number,
  bits: number,
): number {
  return fusedShort(state, false, r1, r3, bits);
}

export function bfpMultiplyAndSubtractShort(
  { state }: HelperContext,
  r1: number,
  r3: number,
  bits: number,
): number {
  return fusedShort(state, true, r1, r3, bits);
}

export function bfpDivideToInteger(
  { state }: HelperContext,
  code: number,
  r1: number,
  r2: number,
  r3: number,
  m4: number,
): number {
  const format = formatOf(code);
  const result = bfp.divideToInteger(
    format,
    readFpr(state, format, r1),
    readFpr(state, format, r2),
    effectiveMode(state, m4),
    effectiveMode(state),
  );
  const outcome = finish(state, format, r1, result);
  writeFpr(state, format, r3, result.quotient);
  return outcome;
}

export function bfpCompareExtended({ state }: HelperContext, r1: number, r2: number): number {
  const first = readFpr(state, EXTENDED, r1);
  return deliver(state, bfp.compare(EXTENDED, first, readFpr(state, EXTENDED, r2))).cc!;
}

export function bfpCompareAndSignalExtended(
  { state }: HelperContext,
  r1: number,
  r2: number,
): number {
  const first = readFpr(state, EXTENDED, r1);
  return deliver(state, bfp.compareAndSignal(EXTENDED, first, readFpr(state, EXTENDED, r2))).cc!;
}

/** CC of the extended number in four words: 0 zero, 1 negative, 2 positive, 3 NaN. */
export function bfpSignExtended(
  _context: HelperContext,
  word0: number,
  word1: number,
  word2: number,
  word3: number,
): number {
  const rest = word1 | word2 | word3;
  const magnitude = word0 & 0x7fffffff;
  if ((magnitude | rest) === 0) return 0;
  if (magnitude > 0x7fff0000 || (magnitude === 0x7fff0000 && rest !== 0)) return 3;
  return word0 < 0 ? 1 : 2;
}

/** All ones in the exponent, and the leftmost fraction bit, in the left word; by format. */
const EXPONENT_FIELD = [0x7f800000, 0x7ff00000, 0x7fff0000];
const QUIET_BIT = [0x00400000, 0x00080000, 0x00008000];

/**
 * @param high the operand's left word
 * @param rest its other words ORed together
 * @param mask 12 bits, in pairs of plus and minus: zero, normal, subnormal, infinity, quiet NaN,
 *   signalling NaN
 */
export function bfpTestDataClass(
  _context: HelperContext,
  code: number,
  high: number,
  rest: number,
  mask: number,
): number {
  const exponent = high & EXPONENT_FIELD[code];
  const isFraction = (high & 0x7fffffff & ~EXPONENT_FIELD[code]) !== 0 || rest !== 0;
  let position: number;
  if (exponent === EXPONENT_FIELD[code]) {
    position = !isFraction ? 6 : (high & QUIET_BIT[code]) !== 0 ? 8 : 10;
  } else if (exponent === 0) position = isFraction ? 4 : 0;
  else position = 2;
  return (mask >> (11 - position - (high < 0 ? 1 : 0))) & 1;
}

/** Unassigned bits of the FPC. */
const FPC_UNASSIGNED = 0x03030088;

/** The FPC with the contents `fpc`, checked. */
function requireFpc(fpc: number): void {
  const mode = fpc & 7;
  if ((fpc & FPC_UNASSIGNED) !== 0 || (mode >= 4 && mode <= 6)) {
    throw new ProgramInterruption(PIC_SPECIFICATION);
  }
}

export function bfpSetFpc({ state }: HelperContext, fpc: number): void {
  requireFpc(fpc);
  state.words[FPC] = fpc;
}

export function bfpSetFpcAndSignal({ state }: HelperContext, fpc: number): number {
  requireFpc(fpc);
  const flags = state.words[FPC] & 0x00fc0000;
  state.words[FPC] = fpc | flags;
  const dxc = simulatedDxc((flags >>> 16) & (fpc >>> 24));
  if (dxc !== 0) setDxc(state, dxc);
  return dxc << 8;
}

/** DXC of the leftmost enabled flag (PoP, "SET FPC AND SIGNAL"); 0: none. */
function simulatedDxc(enabled: number): number {
  if ((enabled & bfp.INVALID) !== 0) return 0x83;
  if ((enabled & bfp.DIVIDE_BY_ZERO) !== 0) return 0x43;
  const leftmost = enabled & (bfp.OVERFLOW | bfp.UNDERFLOW);
  if (leftmost !== 0) {
    const which = (leftmost & bfp.OVERFLOW) !== 0 ? bfp.OVERFLOW : bfp.UNDERFLOW;
    return which | (enabled & bfp.INEXACT) | 3;
  }
  if ((enabled & bfp.INEXACT) !== 0) return 0x0b;
  return (enabled & 0x04) !== 0 ? 0x07 : 0;
}

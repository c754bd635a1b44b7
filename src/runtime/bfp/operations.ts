/**
 * The floating-point IR ops on slots of the register file: the host's own arithmetic where it
 * gives what the PoP asks for, else the softfloat.
 *
 * The host rounds to nearest even and reports nothing. So an op may use it when the FPC says round
 * to nearest and traps nothing; and when the inexact flag is not on already, `fast.ts` has to tell
 * whether the result is exact.
 */
import type { CpuState } from '../../cpu/state.ts';
import { FPC, fprWord } from '../../cpu/state.ts';
import { deliver, effectiveMode, FPC_INEXACT, FPC_MASKS, interruptAfter } from './deliver.ts';
import { isDefault, isEasy, note } from './deliver.ts';
import { addFlags, divFlags, fma64, fma64Flags, mulFlags, sqrtFlags } from './fast.ts';
import { longFromInteger, longFromIntegerFlags } from './fast.ts';
import { addFlags32, divFlags32, mulFlags32, roundFlags32, sqrtFlags32 } from './fast-short.ts';
import { floatsOf } from './registers.ts';
import type { BfpFormat, BfpResult, RoundingMode } from './softfloat.ts';
import * as bfp from './softfloat.ts';
import { LONG, SHORT, TOWARD_ZERO } from './softfloat.ts';

/**
 * Runs one op. Arguments are word indices into the register file, see ir/ops.ts: `d` the result,
 * `a`, `b`, `c` the operands, which may be the same words. For roundF64, `b` is a register number.
 */
export type FloatOp = (state: CpuState, d: number, a: number, b: number, c: number) => void;

const MIN_NORMAL = 2 ** -1022;
const MIN_NORMAL_SHORT = 2 ** -126;

const { abs, floor, fround, sqrt, trunc } = Math;

function bits64(state: CpuState, slot: number): bigint {
  return state.u64[slot >> 1];
}

function bits32(state: CpuState, slot: number): bigint {
  return BigInt(state.words[slot] >>> 0);
}

function finish64(state: CpuState, d: number, result: BfpResult): void {
  const outcome = deliver(state, result);
  state.u64[d >> 1] = outcome.bits;
  interruptAfter(outcome);
}

function finish32(state: CpuState, d: number, result: BfpResult): void {
  const outcome = deliver(state, result);
  state.words[d] = Number(outcome.bits);
  interruptAfter(outcome);
}

function finishCc(state: CpuState, d: number, result: BfpResult): void {
  const { cc } = deliver(state, result);
  state.words[d] = cc!;
}

type Binary = (format: BfpFormat, a: bigint, b: bigint, mode: RoundingMode) => BfpResult;

function slow64(op: Binary, state: CpuState, d: number, a: number, b: number): void {
  finish64(state, d, op(LONG, bits64(state, a), bits64(state, b), effectiveMode(state)));
}

function slow32(op: Binary, state: CpuState, d: number, a: number, b: number): void {
  finish32(state, d, op(SHORT, bits32(state, a), bits32(state, b), effectiveMode(state)));
}

/** Neither overflow nor underflow: tininess is judged before rounding, so Nmin itself is suspect. */
function isOrdinary(x: number): boolean {
  const magnitude = abs(x);
  return magnitude > MIN_NORMAL && magnitude < Infinity;
}

function isOrdinaryShort(x: number): boolean {
  const magnitude = abs(x);
  return magnitude > MIN_NORMAL_SHORT && magnitude < Infinity;
}

const addF64: FloatOp = (state, d, a, b) => {
  const { doubles } = state;
  const x = doubles[a >> 1];
  const y = doubles[b >> 1];
  const r = x + y;
  // A sum in the subnormal range is exact, so only infinities and NaNs matter.
  if (isEasy(state) ? r - r === 0 : isDefault(state) && note(state, addFlags(x, y, r))) {
    doubles[d >> 1] = r;
  } else slow64(bfp.add, state, d, a, b);
};

const subF64: FloatOp = (state, d, a, b) => {
  const { doubles } = state;
  const x = doubles[a >> 1];
  const y = doubles[b >> 1];
  const r = x - y;
  if (isEasy(state) ? r - r === 0 : isDefault(state) && note(state, addFlags(x, -y, r))) {
    doubles[d >> 1] = r;
  } else slow64(bfp.subtract, state, d, a, b);
};

const mulF64: FloatOp = (state, d, a, b) => {
  const { doubles } = state;
  const x = doubles[a >> 1];
  const y = doubles[b >> 1];
  const r = x * y;
  if ((isEasy(state) && isOrdinary(r)) || (isDefault(state) && note(state, mulFlags(x, y, r)))) {
    doubles[d >> 1] = r;
  } else slow64(bfp.multiply, state, d, a, b);
};

const divF64: FloatOp = (state, d, a, b) => {
  const { doubles } = state;
  const x = doubles[a >> 1];
  const y = doubles[b >> 1];
  const r = x / y;
  if (
    (isEasy(state) && isOrdinary(r) && abs(x) < Infinity) ||
    (isDefault(state) && note(state, divFlags(x, y, r)))
  ) {
    doubles[d >> 1] = r;
  } else slow64(bfp.divide, state, d, a, b);
};

const sqrtF64: FloatOp = (state, d, a) => {
  const { doubles } = state;
  const x = doubles[a >> 1];
  const r = sqrt(x);
  // A root is never near the limits of its format.
  if (isEasy(state) ? r - r === 0 : isDefault(state) && note(state, sqrtFlags(x, r))) {
    doubles[d >> 1] = r;
  } else finish64(state, d, bfp.squareRoot(LONG, bits64(state, a), effectiveMode(state)));
};

const fmaF64: FloatOp = (state, d, a, b, c) => {
  const { doubles } = state;
  if (isDefault(state)) {
    const r = fma64(doubles[a >> 1], doubles[b >> 1], doubles[c >> 1]);
    if (note(state, fma64Flags())) {
      doubles[d >> 1] = r;
      return;
    }
  }
  const op1 = bits64(state, c);
  const mode = effectiveMode(state);
  finish64(state, d, bfp.multiplyAndAdd(LONG, op1, bits64(state, b), bits64(state, a), mode));
};

const fmsF64: FloatOp = (state, d, a, b, c) => {
  const { doubles } = state;
  if (isDefault(state)) {
    const r = fma64(doubles[a >> 1], doubles[b >> 1], -doubles[c >> 1]);
    if (note(state, fma64Flags())) {
      doubles[d >> 1] = r;
      return;
    }
  }
  const op1 = bits64(state, c);
  const mode = effectiveMode(state);
  finish64(state, d, bfp.multiplyAndSubtract(LONG, op1, bits64(state, b), bits64(state, a), mode));
};

const addF32: FloatOp = (state, d, a, b) => {
  const floats = floatsOf(state);
  const x = floats[a];
  const y = floats[b];
  const r = fround(x + y);
  if (isEasy(state) ? r - r === 0 : isDefault(state) && note(state, addFlags32(x, y, r))) {
    floats[d] = r;
  } else slow32(bfp.add, state, d, a, b);
};

const subF32: FloatOp = (state, d, a, b) => {
  const floats = floatsOf(state);
  const x = floats[a];
  const y = floats[b];
  const r = fround(x - y);
  if (isEasy(state) ? r - r === 0 : isDefault(state) && note(state, addFlags32(x, -y, r))) {
    floats[d] = r;
  } else slow32(bfp.subtract, state, d, a, b);
};

const mulF32: FloatOp = (state, d, a, b) => {
  const floats = floatsOf(state);
  const x = floats[a];
  const y = floats[b];
  const r = fround(x * y);
  if (
    (isEasy(state) && isOrdinaryShort(r)) ||
    (isDefault(state) && note(state, mulFlags32(x, y, r)))
  ) {
    floats[d] = r;
  } else slow32(bfp.multiply, state, d, a, b);
};

const divF32: FloatOp = (state, d, a, b) => {
  const floats = floatsOf(state);
  const x = floats[a];
  const y = floats[b];
  const r = fround(x / y);
  if (
    (isEasy(state) && isOrdinaryShort(r)) ||
    (isDefault(state) && note(state, divFlags32(x, y, r)))
  ) {
    floats[d] = r;
  } else slow32(bfp.divide, state, d, a, b);
};

const sqrtF32: FloatOp = (state, d, a) => {
  const floats = floatsOf(state);
  const x = floats[a];
  const r = fround(sqrt(x));
  if (isEasy(state) ? r - r === 0 : isDefault(state) && note(state, sqrtFlags32(x, r))) {
    floats[d] = r;
  } else finish32(state, d, bfp.squareRoot(SHORT, bits32(state, a), effectiveMode(state)));
};

/** The condition code of an ordered comparison, 3 when a NaN takes part. */
function order(x: number, y: number): number {
  return x === y ? 0 : x < y ? 1 : x > y ? 2 : 3;
}

const compareF64: FloatOp = (state, d, a, b) => {
  const { doubles } = state;
  const cc = order(doubles[a >> 1], doubles[b >> 1]);
  if (cc !== 3) state.words[d] = cc;
  else finishCc(state, d, bfp.compare(LONG, bits64(state, a), bits64(state, b)));
};

const compareF32: FloatOp = (state, d, a, b) => {
  const floats = floatsOf(state);
  const cc = order(floats[a], floats[b]);
  if (cc !== 3) state.words[d] = cc;
  else finishCc(state, d, bfp.compare(SHORT, bits32(state, a), bits32(state, b)));
};

const compareSignalF64: FloatOp = (state, d, a, b) => {
  const { doubles } = state;
  const cc = order(doubles[a >> 1], doubles[b >> 1]);
  if (cc !== 3) state.words[d] = cc;
  else finishCc(state, d, bfp.compareAndSignal(LONG, bits64(state, a), bits64(state, b)));
};

const compareSignalF32: FloatOp = (state, d, a, b) => {
  const floats = floatsOf(state);
  const cc = order(floats[a], floats[b]);
  if (cc !== 3) state.words[d] = cc;
  else finishCc(state, d, bfp.compareAndSignal(SHORT, bits32(state, a), bits32(state, b)));
};

const quietF64: FloatOp = (state, d, a) => {
  const { words, doubles } = state;
  const x = doubles[a >> 1];
  if (x === x) {
    const high = words[a + 1];
    words[d] = words[a];
    words[d + 1] = high;
  } else finish64(state, d, bfp.loadAndTest(LONG, bits64(state, a)));
};

const quietF32: FloatOp = (state, d, a) => {
  const { words } = state;
  const x = floatsOf(state)[a];
  if (x === x) words[d] = words[a];
  else finish32(state, d, bfp.loadAndTest(SHORT, bits32(state, a)));
};

const extendF32: FloatOp = (state, d, a) => {
  const x = floatsOf(state)[a];
  if (x === x) state.doubles[d >> 1] = x;
  else finish64(state, d, bfp.loadLengthened(SHORT, LONG, bits32(state, a)));
};

const roundF64: FloatOp = (state, d, a, register) => {
  const x = state.doubles[a >> 1];
  const r = fround(x);
  if (
    (isEasy(state) && isOrdinaryShort(r)) ||
    (isDefault(state) && note(state, roundFlags32(x, r)))
  ) {
    floatsOf(state)[d] = r;
    return;
  }
  const source = bits64(state, a);
  const outcome = deliver(state, bfp.loadRounded(LONG, SHORT, source, effectiveMode(state)));
  if (outcome.format === LONG) {
    // A trapped overflow or underflow leaves a long number, of which `d` takes the left word.
    state.words[fprWord(register)] = Number(outcome.bits & 0xffffffffn);
    state.words[d] = Number(outcome.bits >> 32n);
  } else {
    state.words[d] = Number(outcome.bits);
  }
  interruptAfter(outcome);
};

const fromI64F64: FloatOp = (state, d, a) => {
  const { words, doubles } = state;
  const low = words[a];
  const high = words[a + 1];
  const r = longFromInteger(high, low);
  // Integers of 53 bits are exact in any rounding mode.
  if (
    (high >= -0x20_0000 && high < 0x20_0000) ||
    isEasy(state) ||
    (isDefault(state) && note(state, longFromIntegerFlags(high, low, r)))
  ) {
    doubles[d >> 1] = r;
  } else {
    const value = BigInt.asIntN(64, bits64(state, a));
    finish64(state, d, bfp.convertFromFixed(LONG, value, effectiveMode(state)));
  }
};

/** Notes that a conversion to an integer lost a fraction; false when that has to trap. */
function noteInexact({ words }: CpuState): boolean {
  if ((words[FPC] & FPC_MASKS) !== 0) return false;
  words[FPC] |= FPC_INEXACT;
  return true;
}

const toI32F64: FloatOp = (state, d, a) => {
  const { words, doubles } = state;
  const x = doubles[a >> 1];
  const integer = trunc(x);
  if (integer >= -0x8000_0000 && integer <= 0x7fff_ffff && (integer === x || noteInexact(state))) {
    words[d] = integer;
  } else {
    finish32(state, d, bfp.convertToFixed(LONG, bits64(state, a), 32, true, TOWARD_ZERO));
  }
};

const toI64F64: FloatOp = (state, d, a) => {
  const { words, doubles } = state;
  const x = doubles[a >> 1];
  const integer = trunc(x);
  if (integer >= -(2 ** 63) && integer < 2 ** 63 && (integer === x || noteInexact(state))) {
    const high = floor(integer / 0x1_0000_0000);
    words[d] = integer - high * 0x1_0000_0000;
    words[d + 1] = high;
  } else {
    finish64(state, d, bfp.convertToFixed(LONG, bits64(state, a), 64, true, TOWARD_ZERO));
  }
};

/** By name in ir/ops.ts. */
export const FLOAT_OPS = {
  addF64,
  subF64,
  mulF64,
  divF64,
  sqrtF64,
  fmaF64,
  fmsF64,
  addF32,
  subF32,
  mulF32,
  divF32,
  sqrtF32,
  compareF64,
  compareF32,
  compareSignalF64,
  compareSignalF32,
  quietF64,
  quietF32,
  extendF32,
  roundF64,
  fromI64F64,
  toI32F64,
  toI64F64,
} as const satisfies Record<string, FloatOp>;

export type FloatOpName = keyof typeof FLOAT_OPS;

/** BFP operands in floating-point registers, and results into them. */
import type { CpuState } from '../../cpu/state.ts';
import { fprWord } from '../../cpu/state.ts';
import type { BfpFormat, BfpResult } from './softfloat.ts';
import { EXTENDED, LONG, SHORT } from './softfloat.ts';
import { deliver } from './deliver.ts';

const FORMATS: readonly BfpFormat[] = [SHORT, LONG, EXTENDED];

/** The format that a helper's `format` parameter stands for. */
export function formatOf(code: number): BfpFormat {
  return FORMATS[code];
}

let floatsState: CpuState | undefined;
let floatsView: Float32Array = new Float32Array(0);

/** The register file as short numbers, by word. */
export function floatsOf(state: CpuState): Float32Array {
  if (state !== floatsState) {
    floatsState = state;
    floatsView = new Float32Array(state.words.buffer);
  }
  return floatsView;
}

/** The short or long number in register `r` as the host's. */
export function readNumber(state: CpuState, format: BfpFormat, r: number): number {
  return format === LONG ? state.doubles[fprWord(r) >> 1] : floatsOf(state)[fprWord(r) + 1];
}

/** @param value not a NaN, and a number of the format */
export function writeNumber(state: CpuState, format: BfpFormat, r: number, value: number): void {
  if (format === LONG) state.doubles[fprWord(r) >> 1] = value;
  else floatsOf(state)[fprWord(r) + 1] = value;
}

/** The number in register `r`, or for an extended one in `r` and `r + 2`. */
export function readFpr(state: CpuState, format: BfpFormat, r: number): bigint {
  switch (format) {
    case SHORT:
      return state.fpr(r) >> 32n;
    case LONG:
      return state.fpr(r);
    default:
      return (state.fpr(r) << 64n) | state.fpr(r + 2);
  }
}

/** A short number leaves the right word of its register alone. */
export function writeFpr(state: CpuState, format: BfpFormat, r: number, bits: bigint): void {
  switch (format) {
    case SHORT:
      state.words[fprWord(r) + 1] = Number(bits);
      break;
    case LONG:
      state.setFpr(r, bits);
      break;
    default:
      state.setFpr(r, bits >> 64n);
      state.setFpr(r + 2, BigInt.asUintN(64, bits));
  }
}

/**
 * Delivers a result to register `r`.
 * @returns `dxc << 8 | cc`, what BFP helpers return
 * @throws ProgramInterruption when the operation is suppressed
 */
export function finish(state: CpuState, format: BfpFormat, r: number, result: BfpResult): number {
  const outcome = deliver(state, result);
  writeFpr(state, outcome.format ?? format, r, outcome.bits);
  return (outcome.dxc << 8) | (outcome.cc ?? 0);
}

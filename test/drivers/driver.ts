import { hex } from '../../src/base/hex.ts';
import type { MachineState } from './state.ts';

/** Code and the state it starts from. The code ends by falling off its end. */
export interface Case {
  /** At most TARGET_AT - 6 bytes: a trailer follows. */
  readonly code: Uint8Array;
  /** An instruction that EXECUTE may name, put TARGET_AT bytes behind `at`. */
  readonly target?: Uint8Array | undefined;
  /** Where the code is put: CODE_AREA plus a multiple of CODE_STRIDE; cases may share it with their code. */
  readonly at: number;
  readonly before: MachineState;
}

/** A program interruption as a Linux process sees it: the oracle can show no more. */
export interface Interruption {
  readonly signal: number;
  readonly siCode: number;
  /** Address of the instruction. */
  readonly ia: number;
  /** Page of the failing address, for SIGSEGV; else 0. */
  readonly page: number;
  /** Program-interruption code and data-exception code; only our drivers know them. */
  readonly pic?: number;
  readonly dxc?: number;
}

export interface Result {
  readonly after: MachineState;
  readonly interruption?: Interruption;
}

/** Something that executes cases: one of our backends, or an oracle. */
export interface Driver {
  readonly name: string;
  /** Results in the order of the cases; undefined for a case that the driver could not finish. */
  run(cases: readonly Case[]): (Result | undefined)[];
}

export const SIGILL = 4;
export const SIGTRAP = 5;
export const SIGFPE = 8;
export const SIGSEGV = 11;

function showInterruption(one: Interruption | undefined): string {
  if (!one) return 'none';
  const page = one.page ? ` page ${hex(one.page)}` : '';
  return `signal ${one.signal} code ${one.siCode} at ${hex(one.ia)}${page}`;
}

/** One line per difference between two results. */
export function resultDifference(a: Result, b: Result): string[] {
  const first = showInterruption(a.interruption);
  const second = showInterruption(b.interruption);
  const lines = first === second ? [] : [`interruption: ${first} != ${second}`];
  return [...lines, ...a.after.difference(b.after)];
}

import { toBigUint } from '../../base/int64.ts';
import {
  PIC_OPERATION,
  PIC_PRIVILEGED_OPERATION,
  ProgramInterruption,
} from '../../cpu/interruption.ts';
import { TOD_EPOCH, TOD_PROGRAMMABLE } from '../../cpu/state.ts';
import type { HelperContext } from '../context.ts';
import { addressHigh, addressLow, specification } from '../operand.ts';
import { isProblemState, systemOf } from './authority.ts';

/** SCKC. */
export function setClockComparator(context: HelperContext, hi: number, lo: number): void {
  const system = systemOf(context);
  system.timing.setClockComparator(toBigUint(hi, lo));
  system.masksChanged();
}

/** SPT. */
export function setCpuTimer(context: HelperContext, hi: number, lo: number): void {
  const system = systemOf(context);
  system.timing.setCpuTimer(toBigUint(hi, lo));
  system.masksChanged();
}

/** STCKC. */
export function storeClockComparator(context: HelperContext, hi: number, lo: number): void {
  const { memory, timing } = systemOf(context);
  memory.view.setBigUint64(memory.writable(hi, lo, 8), timing.clockComparator());
}

/** STPT. */
export function storeCpuTimer(context: HelperContext, hi: number, lo: number): void {
  const { memory, timing } = systemOf(context);
  memory.view.setBigUint64(memory.writable(hi, lo, 8), BigInt.asUintN(64, timing.cpuTimer()));
}

/** SCKPF: the TOD programmable register from bits 48-63 of GR0; 32-47 must be zeros. */
export function setClockProgrammable(context: HelperContext): void {
  const { timing } = systemOf(context);
  const { words } = context.state;
  const value = words[0]!;
  if (value >>> 16) specification();
  words[TOD_PROGRAMMABLE] = value;
  timing.setTodProgrammable(value);
}

/**
 * ECTG: the first operand less the CPU timer to GR0, the second to GR1, and to R3 the doubleword
 * that it designates (`ch:cl`).
 */
export function extractCpuTime(
  context: HelperContext,
  r3: number,
  ...[ah, al, bh, bl, ch, cl]: number[]
): void {
  const { state, system } = context;
  if (!system) throw new ProgramInterruption(PIC_OPERATION);
  const { memory, timing } = system;
  const load = (hi: number, lo: number): bigint =>
    memory.view.getBigUint64(memory.readable(hi, lo, 8));
  const first = load(ah!, al!);
  memory.operand(1);
  const second = load(bh!, bl!);
  memory.operand(2);
  const third = load(ch!, cl!);
  state.setGr(0, first - timing.cpuTimer());
  state.setGr(1, second);
  state.setGr(r3, third);
}

/** Function codes of PTFF, and bytes of the parameter block that each stores. */
const QUERY_AVAILABLE = 0;
const QUERY_TOD_OFFSET = 1;
const QUERY_STEERING = 2;
const BLOCK_SIZE: Readonly<Record<number, number>> = {
  [QUERY_AVAILABLE]: 16,
  [QUERY_TOD_OFFSET]: 32,
  [QUERY_STEERING]: 56,
};

/**
 * PTFF: the queries. Function code in bits 57-63 of GR0, the parameter block at GR1. The physical
 * clock is what the logical one is without its epoch; it is not steered. CC 0, or 3: not available.
 */
export function performTimingFacility(context: HelperContext, amode: number): number {
  const { state } = context;
  const { memory, timing } = systemOf(context);
  const word = state.words[0]!;
  const code = word & 0x7f;
  if (word & 0x80) specification();
  if (code & 0x40 && isProblemState(state)) {
    throw new ProgramInterruption(PIC_PRIVILEGED_OPERATION);
  }
  const size = BLOCK_SIZE[code];
  if (size === undefined) return 3;
  memory.accessRegister = 1;
  const at = memory.writable(addressHigh(state, 1, amode), addressLow(state, 1, amode), size);
  const { bytes, view } = memory;
  const epoch = state.u64[TOD_EPOCH / 2]!;
  bytes.fill(0, at, at + size);
  if (code === QUERY_AVAILABLE) bytes[at] = 0xe0;
  else view.setBigUint64(at, timing.tod() - epoch);
  if (code === QUERY_TOD_OFFSET) {
    view.setBigUint64(at + 8, epoch);
    view.setBigUint64(at + 16, epoch);
  }
  return 0;
}

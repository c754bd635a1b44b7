import { PIC_MONITOR_EVENT, ProgramInterruption } from '../cpu/interruption.ts';
import { toBigUint } from '../base/int64.ts';
import { CR, IA, TOD_PROGRAMMABLE } from '../cpu/state.ts';
import type { HelperContext } from './context.ts';
import { addressHigh, addressLow, specification } from './operand.ts';

/** int32 index of the low word of control register 8, whose right half enables monitor classes. */
const CR8 = CR + 2 * 8;
/** PSW bits 31 (extended addressing) and 32 (basic addressing). */
const ADDRESSING_MODE = 0x0000_0001_8000_0000n;

/** SPM: bits 34-35 of `value` go to the CC by other ways, 36-39 become the program mask. */
export function setProgramMask({ state }: HelperContext, mask: number): void {
  state.programMask = mask & 15;
}

/** EPSW: PSW bits 0-31 into R1, and 32-63 into R2 unless that is zero. */
export function extractPsw({ state }: HelperContext, r1: number, r2: number, cc: number): void {
  const mask = (state.pswMask & ~(3n << 44n)) | (BigInt(cc) << 44n);
  state.words[2 * r1] = Number(BigInt.asIntN(32, mask >> 32n));
  if (r2 !== 0) state.words[2 * r2] = Number(BigInt.asIntN(32, mask));
}

/** SAM24, SAM31, SAM64, BSM, BASSM: `bits` are PSW bits 31-32: 0, 1 or 3. */
export function setAddressingMode({ state }: HelperContext, bits: number): void {
  const mask = state.pswMask & ~ADDRESSING_MODE;
  state.pswMask = mask | (BigInt(bits) << 31n);
}

/**
 * MC: a monitor event for an enabled class; its code `hi:lo` is the address D1(B1). The instruction,
 * of `length` bytes, is completed.
 */
export function monitorCall(
  { state }: HelperContext,
  monitorClass: number,
  length: number,
  hi: number,
  lo: number,
): void {
  if ((state.words[CR8]! >>> (15 - monitorClass)) & 1) {
    state.u64[IA / 2]! += BigInt(length);
    throw new ProgramInterruption(PIC_MONITOR_EVENT, {
      address: toBigUint(hi, lo),
      dxc: monitorClass,
      completed: true,
      length,
    });
  }
}

/**
 * ECAG: of caches there is one level, private, data and instructions apart: 256-byte lines,
 * 128 KiB in 8 ways and 64 KiB in 4 ways, as in a z196. Anything else is "not available", all ones.
 */
export function extractCpuAttribute(
  { state }: HelperContext,
  r1: number,
  hi: number,
  lo: number,
): void {
  // Linux asks for a CPU's speed by bits left of these.
  const isCache = hi === 0 && lo >>> 8 === 0;
  const attribute = (lo >> 4) & 15;
  const level = (lo >> 1) & 7;
  const isInstruction = lo & 1;
  // The summary has a byte for each of eight levels: 04 is "private, separate".
  const summary = 0x0400_0000_0000_0000n;
  const values = isInstruction ? [256n, 0x1_0000n, 4n] : [256n, 0x2_0000n, 8n];
  let value: bigint | undefined;
  if (isCache && attribute === 0) value = summary;
  else if (isCache && level === 0) value = values[attribute - 1];
  state.i64[r1] = value ?? -1n;
}

/**
 * STFLE: stores as many doublewords as bits 56-63 of GR0 say, or as there are, and leaves their
 * number less one there. CC 0: the whole list, 3: there is more.
 */
export function storeFacilityListExtended(
  { state, memory, facilities }: HelperContext,
  hi: number,
  lo: number,
): number {
  if (lo & 7) specification();
  const wanted = ((state.words[0]! & 0xff) + 1) * 8;
  const size = Math.min(wanted, facilities.length);
  const at = memory.writable(hi, lo, size);
  memory.bytes.set(facilities.subarray(0, size), at);
  state.words[0] = (state.words[0]! & ~0xff) | (facilities.length / 8 - 1);
  return wanted >= facilities.length ? 0 : 3;
}

/** STCK, STCKF: TOD-clock bits 0-63. The clock is always set: CC 0. */
export function storeClock({ memory, clock }: HelperContext, hi: number, lo: number): void {
  const at = memory.writable(hi, lo, 8);
  memory.view.setBigUint64(at, clock());
}

/**
 * STCKE: a zero byte (epoch index), TOD-clock bits 0-103, programmable field. The bits right of 63
 * are never all zero, so that the value differs from any that STCK stored.
 */
export function storeClockExtended(
  { state, memory, clock }: HelperContext,
  hi: number,
  lo: number,
): void {
  const at = memory.writable(hi, lo, 16);
  const programmable = BigInt(state.words[TOD_PROGRAMMABLE]! & 0xffff);
  memory.view.setBigUint64(at, clock() >> 8n);
  memory.view.setBigUint64(at + 8, (clock() << 56n) | 0x1_0000n | programmable);
}

/**
 * The functions of the message-security assist: only the query (function code 0) is installed. It
 * stores a status word with bit 0 on at the parameter block, GR1. `noModifier` says that bit 56 of
 * GR0 must be zero.
 */
export function queryCryptography(
  { state, memory }: HelperContext,
  noModifier: number,
  amode: number,
): void {
  const word = state.words[0]!;
  if ((word & 0x7f) !== 0 || (noModifier && word & 0x80)) specification();
  memory.accessRegister = 1;
  const block = memory.writable(addressHigh(state, 1, amode), addressLow(state, 1, amode), 16);
  memory.bytes.fill(0, block, block + 16);
  memory.bytes[block] = 0x80;
}

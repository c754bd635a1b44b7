import {
  CR0_FETCH_PROTECTION_OVERRIDE,
  CR0_LOW_ADDRESS_PROTECTION,
  CR0_STORAGE_PROTECTION_OVERRIDE,
  TEID_FETCH,
  TEID_KEY,
  TEID_LOW_ADDRESS,
  TEID_STORE,
} from '../../arch/dat-format.ts';
import { toBigUint } from '../../base/int64.ts';
import { PIC_PROTECTION, ProgramInterruption } from '../../cpu/interruption.ts';
import { CR, type CpuState } from '../../cpu/state.ts';
import { KEY_FETCH, KEY_REFERENCE } from '../../memory/absolute-storage.ts';
import { PAGE_SHIFT } from '../../memory/page.ts';
import type { SystemStorage } from '../../memory/system-storage.ts';
import { pswKey } from './authority.ts';

/**
 * Operands at real addresses, within a page. They are subject to key-controlled protection with the
 * PSW's key, and stores to low-address protection (PoP, "Protection").
 */

/** Offset at which `size` bytes at a real address may be read. */
export function realReadable(
  state: CpuState,
  memory: SystemStorage,
  hi: number,
  lo: number,
  size: number,
): number {
  const at = memory.real(hi, lo, size);
  const { keys } = memory.storage;
  const storageKey = keys[at >>> PAGE_SHIFT]!;
  const isOverridden =
    (state.words[CR]! & CR0_FETCH_PROTECTION_OVERRIDE) !== 0 && hi === 0 && lo >>> 0 < 2048;
  if (storageKey & KEY_FETCH && !isOverridden && !keyMatches(state, storageKey)) {
    protection(hi, lo, TEID_FETCH | TEID_KEY);
  }
  keys[at >>> PAGE_SHIFT]! |= KEY_REFERENCE;
  return at;
}

/** Offset at which `size` bytes at a real address are about to be written. */
export function realWritable(
  state: CpuState,
  memory: SystemStorage,
  hi: number,
  lo: number,
  size: number,
): number {
  checkLowAddress(state, hi, lo);
  const at = memory.real(hi, lo, size);
  if (!keyMatches(state, memory.storage.keys[at >>> PAGE_SHIFT]!)) {
    protection(hi, lo, TEID_STORE | TEID_KEY);
  }
  memory.storage.changing(at, size);
  return at;
}

/** PoP, "Low-Address Protection": of the first 512 bytes of the first two pages. */
export function checkLowAddress({ words }: CpuState, hi: number, lo: number): void {
  const isProtected = (words[CR]! & CR0_LOW_ADDRESS_PROTECTION) !== 0;
  if (isProtected && hi === 0 && (lo & ~0x11ff) === 0) {
    protection(hi, lo, TEID_STORE | TEID_LOW_ADDRESS);
  }
}

function keyMatches(state: CpuState, storageKey: number): boolean {
  const key = pswKey(state);
  const access = storageKey >>> 4;
  if (key === 0 || key === access) return true;
  return access === 9 && (state.words[CR]! & CR0_STORAGE_PROTECTION_OVERRIDE) !== 0;
}

function protection(hi: number, lo: number, identification: number): never {
  const address = toBigUint(hi, lo & ~0xfff);
  const isStore = (identification & TEID_STORE) !== 0;
  throw new ProgramInterruption(PIC_PROTECTION, { address, isStore, identification });
}

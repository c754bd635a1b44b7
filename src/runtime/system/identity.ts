import { LOWCORE } from '../../arch/lowcore.ts';
import type { HelperContext } from '../context.ts';
import { specification } from '../operand.ts';
import { systemOf } from './authority.ts';

/** STIDP. */
export function storeCpuId(context: HelperContext, hi: number, lo: number): void {
  const { memory, identity } = systemOf(context);
  memory.view.setBigUint64(memory.writable(hi, lo, 8), identity.cpuId());
}

/** STAP. */
export function storeCpuAddress(context: HelperContext, hi: number, lo: number): void {
  const { memory, identity } = systemOf(context);
  memory.view.setUint16(memory.writable(hi, lo, 2), identity.cpuAddress());
}

/** STFL: the first word of the facility list, at real address 200; no protection applies. */
export function storeFacilityList(context: HelperContext): void {
  const { memory } = systemOf(context);
  const at = memory.real(0, LOWCORE.facilityList, 4);
  const word = new Uint8Array(4);
  word.set(context.facilities.subarray(0, 4));
  memory.storage.write(at, word);
}

const HIGHEST_LEVEL = 3;

/**
 * STSI: function code in bits 32-35 of GR0, selectors in bits 56-63 of GR0 and 48-63 of GR1. Code 0
 * puts the current level in bits 32-35 of GR0. CC 0, or 3: no such information.
 */
export function storeSystemInformation(context: HelperContext, hi: number, lo: number): number {
  const { memory, identity } = systemOf(context);
  const { words } = context.state;
  const [word0, word1] = [words[0]!, words[2]!];
  const functionCode = word0 >>> 28;
  if (functionCode > HIGHEST_LEVEL) return 3;
  if (word0 & 0x0fff_ff00 || word1 & 0xffff_0000) specification();
  if (functionCode === 0) {
    words[0] = (word0 & 0x0fff_ffff) | (identity.currentLevel << 28);
    return 0;
  }
  if (lo & 0xfff) specification();
  if (functionCode > identity.currentLevel) return 3;
  const block = identity.systemInformation(functionCode, word0 & 0xff, word1 & 0xffff);
  if (!block) return 3;
  const at = memory.writable(hi, lo, 4096);
  memory.bytes.fill(0, at, at + 4096);
  memory.bytes.set(block.subarray(0, 4096), at);
  return 0;
}

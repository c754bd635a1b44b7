import { PREFIX_SIZE } from '../../arch/lowcore.ts';
import { PIC_ADDRESSING, ProgramInterruption } from '../../cpu/interruption.ts';
import { CR, PREFIX } from '../../cpu/state.ts';
import type { HelperContext } from '../context.ts';
import { systemOf } from './authority.ts';

/** LCTL (`size` 4, right halves), LCTLG (8): control registers R1 to R3, 15 being followed by 0. */
export function loadControl(
  context: HelperContext,
  r1: number,
  r3: number,
  size: number,
  hi: number,
  lo: number,
): void {
  const system = systemOf(context);
  const { words } = context.state;
  const count = ((r3 - r1) & 15) + 1;
  const { memory } = system;
  let at = memory.readable(hi, lo, count * size);
  let loaded = 0;
  for (let i = 0; i < count; i++, at += size) {
    const r = (r1 + i) & 15;
    loaded |= 1 << r;
    if (size === 8) words[CR + 2 * r + 1] = memory.view.getInt32(at);
    words[CR + 2 * r] = memory.view.getInt32(at + size - 4);
  }
  memory.controlLoaded(loaded);
  system.masksChanged();
}

/** STCTL, STCTG. */
export function storeControl(
  context: HelperContext,
  r1: number,
  r3: number,
  size: number,
  hi: number,
  lo: number,
): void {
  const { memory } = systemOf(context);
  const { words } = context.state;
  const count = ((r3 - r1) & 15) + 1;
  let at = memory.writable(hi, lo, count * size);
  for (let i = 0; i < count; i++, at += size) {
    const r = (r1 + i) & 15;
    if (size === 8) memory.view.setInt32(at, words[CR + 2 * r + 1]!);
    memory.view.setInt32(at + size - 4, words[CR + 2 * r]!);
  }
}

/** SPX: bits 1-18 of `value`; the whole prefix area must be in storage. */
export function setPrefix(context: HelperContext, value: number): void {
  const { memory } = systemOf(context);
  const prefix = value & 0x7fff_e000;
  if (!memory.storage.contains(prefix, PREFIX_SIZE)) throw new ProgramInterruption(PIC_ADDRESSING);
  context.state.words[PREFIX] = prefix;
  context.state.words[PREFIX + 1] = 0;
  memory.prefixLoaded();
}

/** STPX. */
export function storePrefix(context: HelperContext, hi: number, lo: number): void {
  const { memory } = systemOf(context);
  const at = memory.writable(hi, lo, 4);
  memory.view.setInt32(at, context.state.words[PREFIX]!);
}

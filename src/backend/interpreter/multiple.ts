import { assert } from '../../base/assert.ts';
import type { Value } from '../../ir/block.ts';
import { DatStorage } from '../../memory/dat-storage.ts';
import { PAGE_SIZE } from '../../memory/page.ts';
import { readAt, writeAt } from './dat-access.ts';
import type { Environment, Step } from './environment.ts';

/** LOAD MULTIPLE or STORE MULTIPLE of whole registers, as the ops of a block have it. */
export interface Multiple {
  readonly isStore: boolean;
  /** Words of the base register and of the others. */
  readonly base: number;
  readonly displacement: number;
  readonly registers: readonly number[];
  /** Index of the last op. */
  readonly last: number;
}

/** A doubleword's address: a register, read just before it, and a displacement. */
function baseOf(values: readonly Value[], i: number, register: number, displacement: number) {
  const read = values[i];
  const address = values[i + 1];
  return (
    read?.op === 'getGr64' &&
    read.imm === register &&
    address?.op === 'address' &&
    address.args.length === 1 &&
    address.args[0] === read &&
    address.imm === displacement
  );
}

/**
 * The LOAD MULTIPLE or STORE MULTIPLE of two registers or more that begins with op `i`. What is
 * loaded goes nowhere but into the registers: `lastUse` says so.
 */
export function multipleAt(
  values: readonly Value[],
  i: number,
  lastUse: (value: Value) => number | undefined,
): Multiple | undefined {
  const base = values[i]!.imm;
  const displacement = values[i + 1]?.imm ?? 0;
  if (!baseOf(values, i, base, displacement)) return undefined;
  const registers: number[] = [];
  const found = (isStore: boolean, last: number): Multiple => {
    return { isStore, base: 2 * base, displacement, registers, last };
  };
  if (values[i + 2]?.op === 'probeStore') {
    const end = displacement + values[i + 2]!.imm;
    let at = i + 3;
    for (let d = displacement; d < end; d += 8, at += 4) {
      const data = values[at + 2];
      const isNext =
        baseOf(values, at, base, d) && data?.op === 'getGr64' && values[at + 3]?.op === 'store64';
      if (!isNext || values[at + 3]!.args[1] !== data) return undefined;
      registers.push(2 * data.imm);
    }
    return registers.length < 2 ? undefined : found(true, at - 1);
  }
  const loads: Value[] = [];
  let at = i;
  for (let d = displacement; baseOf(values, at, base, d); d += 8, at += 3) {
    const load = values[at + 2];
    if (load?.op !== 'load64') break;
    loads.push(load);
  }
  for (const load of loads) {
    const set = values[at];
    if (set?.op !== 'setGr64' || set.args[0] !== load || lastUse(load) !== at) return undefined;
    registers.push(2 * set.imm);
    at++;
  }
  return registers.length < 2 ? undefined : found(false, at - 1);
}

/** One step for all registers, behind DAT: the TLB is asked once when they are on one page. */
export function multipleStep(env: Environment, multiple: Multiple): Step {
  const { words: w, memory } = env;
  assert(memory instanceof DatStorage, 'storage behind DAT');
  const { base, displacement, registers, isStore } = multiple;
  const { view } = memory;
  const length = 8 * registers.length;
  const isOnOnePage = (): boolean =>
    ((w[base]! + displacement) & (PAGE_SIZE - 1)) <= PAGE_SIZE - length;
  if (isStore) {
    return () => {
      let at = writeAt(w, memory, base, displacement, length);
      if (isOnOnePage()) {
        for (const r of registers) {
          view.setInt32(at, w[r + 1]!);
          view.setInt32(at + 4, w[r]!);
          at += 8;
        }
      } else {
        if (memory.open !== 0) memory.settle();
        for (let i = 0; i < registers.length; i++) {
          const r = registers[i]!;
          at = writeAt(w, memory, base, displacement + 8 * i, 8);
          view.setInt32(at, w[r + 1]!);
          view.setInt32(at + 4, w[r]!);
          if (memory.open !== 0) memory.settle();
        }
      }
    };
  }
  return () => {
    if (isOnOnePage()) {
      let at = readAt(w, memory, base, displacement, length);
      for (const r of registers) {
        w[r + 1] = view.getInt32(at);
        w[r] = view.getInt32(at + 4);
        at += 8;
      }
    } else {
      // No register changes before the last access that may fault.
      const loaded = registers.map((_, i) => {
        const at = readAt(w, memory, base, displacement + 8 * i, 8);
        return view.getBigUint64(at);
      });
      registers.forEach((r, i) => {
        w[r + 1] = Number(loaded[i]! >> 32n);
        w[r] = Number(loaded[i]! & 0xffff_ffffn);
      });
    }
  };
}

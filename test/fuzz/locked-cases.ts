import { MEMORY_AT, type MachineState } from '../drivers/state.ts';
import { at, type Generator } from './packed-cases.ts';
import type { Random } from './random.ts';

function view(state: MachineState): DataView {
  return new DataView(state.bytes.buffer, state.bytes.byteOffset + MEMORY_AT);
}

/** A few different bytes only, so that comparisons find equal ones. */
function fill(state: MachineState, values: number, random: Random): void {
  for (let i = 0; i < 512; i++) {
    state.memory[i] = random.oneIn(20) ? random.below(256) : random.below(values);
  }
}

const locked: Generator = (state, random) => {
  fill(state, 1, random);
  const code = random.oneIn(30) ? random.below(256) : random.below(24);
  const test = random.oneIn(15) ? 0x100 : 0;
  const reserved = random.oneIn(30) ? 0x8000 : 0;
  state.setGr(0, (random.next64() & ~0xffff_ffffn) | BigInt(code | test | reserved));
  for (const r of [6, 7, 8, 9]) state.setGr(r, random.oneIn(2) ? 0n : random.next64());
  const skew = (n: number): number => (random.oneIn(n) ? random.below(16) : 0);
  state.setGr(4, at(16 * random.below(8) + skew(20)));
  const list = 256 + 16 * random.below(4) + skew(6);
  state.setGr(5, at(list));
  if (code & 1 || code >= 16) {
    for (const offset of [72, 104, 136]) {
      view(state).setBigUint64(list + offset, at(128 + 16 * random.below(7) + skew(20)));
    }
  }
  return `plo %r${random.oneIn(15) ? 7 : 6},0(%r4),%r${random.oneIn(15) ? 9 : 8},0(%r5)`;
};

const swapAndStore: Generator = (state, random) => {
  fill(state, 256, random);
  const code = random.oneIn(20) ? random.below(256) : random.below(3);
  const characteristic = random.oneIn(20) ? random.below(256) : random.below(5);
  state.setGr(0, BigInt((characteristic << 8) | code));
  state.setGr(1, at(256 + 16 * random.below(8) + random.below(16)));
  const first = 16 * random.below(8);
  state.setGr(4, at(first + (random.oneIn(15) ? 4 : 0)));
  state.setGr(5, at(128 + 16 * random.below(7) + (random.oneIn(15) ? 1 : 0)));
  if (random.oneIn(2)) {
    const old = view(state).getBigUint64(first);
    state.setGr(6, code === 0 ? old >> 32n : old);
    state.setGr(7, view(state).getBigUint64(first + 8));
  }
  return `csst 0(%r4),0(%r5),%r${random.oneIn(15) ? 7 : 6}`;
};

const untilEqual: Generator = (state, random) => {
  fill(state, 2, random);
  state.setGr(0, BigInt(random.below(9)));
  state.setGr(1, BigInt(random.below(4)));
  state.setGr(4, at(random.below(100)));
  state.setGr(5, BigInt.asUintN(64, BigInt(random.below(44) - 4)));
  state.setGr(6, at(200 + random.below(100)));
  state.setGr(7, BigInt(random.below(40)));
  return 'again: cuse %r4,%r6\njo again';
};

function translateAndTest(op: string): Generator {
  return (state, random) => {
    fill(state, 90, random);
    const m3 = 2 * random.below(8);
    // Two-byte arguments must stay below 128 for the table to end with the window.
    if (m3 & 8) for (let i = 0; i < 256; i++) state.memory[i]! &= i & 1 ? 0x7f : 0;
    for (let i = 256; i < 512; i++) state.memory[i] = random.oneIn(60) ? random.below(256) : 0;
    if (!(m3 & 8)) for (let i = 0; i < 256; i++) state.memory[i]! &= 0x7f;
    state.setGr(1, at(256));
    state.setGr(4, at(100));
    state.setGr(5, BigInt(m3 & 8 ? 2 * random.below(20) : random.below(40)));
    return `again: ${op} %r4,%r6,${m3}\njo again`;
  };
}

/** Random cases of what else qemu-s390x lacks or has wrong. */
export const LOCKED_CASES: Readonly<Record<string, Generator>> = {
  plo: locked,
  csst: swapAndStore,
  cuse: untilEqual,
  trte: translateAndTest('trte'),
  trtre: translateAndTest('trtre'),
};

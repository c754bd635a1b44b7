import { type MachineState, WINDOW_A } from '../drivers/state.ts';
import type { Random } from './random.ts';

/** Assembly and the state it starts from. */
export type Generator = (state: MachineState, random: Random) => string;

/** The address of byte `n` of the windows' storage, for `n` below 512. */
export function at(n: number): bigint {
  return BigInt(WINDOW_A + n);
}

/** Puts a packed number, sometimes not quite one, into `size` bytes; often with leading zeros. */
export function putPacked(memory: Uint8Array, start: number, size: number, random: Random): void {
  const digit = (): number => (random.oneIn(5) ? 0 : random.below(10));
  const zeros = random.oneIn(3) ? random.below(size) : 0;
  for (let i = 0; i < size; i++) {
    memory[start + i] = i < zeros ? 0 : (digit() << 4) | digit();
  }
  const sign = random.oneIn(40) ? random.below(16) : 10 + random.below(6);
  memory[start + size - 1] = (memory[start + size - 1]! & 0xf0) | sign;
  if (random.oneIn(40)) memory[start + random.below(size)] = random.below(256);
}

/** First operand at 20, second at 60, or overlapping it with the same rightmost byte. */
function operands(state: MachineState, random: Random, l1: number, l2: number): void {
  putPacked(state.memory, 20, l1, random);
  putPacked(state.memory, 60, l2, random);
  state.setGr(2, at(20));
  state.setGr(3, random.oneIn(8) ? at(20 + l1 - l2) : at(60));
}

function twoLengths(op: string): Generator {
  return (state, random) => {
    const l1 = 1 + random.below(16);
    const l2 = 1 + random.below(16);
    operands(state, random, l1, l2);
    return `${op} 0(${l1},%r2),0(${l2},%r3)`;
  };
}

function product(op: string): Generator {
  return (state, random) => {
    const l1 = 2 + random.below(15);
    const l2 = 1 + random.below(Math.min(l1, 9));
    operands(state, random, l1, l2);
    // Room for the product, or a quotient that is not too large.
    if (!random.oneIn(6)) state.memory.fill(0, 20, 20 + Math.min(l2, l1 - 1));
    return `${op} 0(${l1},%r2),0(${l2},%r3)`;
  };
}

const shift: Generator = (state, random) => {
  const l1 = 1 + random.below(16);
  operands(state, random, l1, 1);
  state.setGr(3, BigInt(random.below(64_000)));
  return `srp 0(${l1},%r2),0(%r3),${random.oneIn(30) ? random.below(16) : random.below(10)}`;
};

const PATTERN = [0x20, 0x20, 0x20, 0x21, 0x22, 0x40, 0x6b];

function edit(op: string): Generator {
  return (state, random) => {
    const length = 1 + random.below(40);
    for (let i = 0; i < length; i++) {
      state.memory[20 + i] = random.oneIn(8) ? random.below(256) : random.pick(PATTERN);
    }
    for (let start = 100; start < 160;) {
      const size = 1 + random.below(6);
      putPacked(state.memory, start, size, random);
      if (random.oneIn(2)) state.memory.fill(0, start, start + size - 1);
      start += size;
    }
    state.setGr(2, at(20));
    state.setGr(3, at(100));
    state.setGr(1, random.next64());
    return `${op} 0(${length},%r2),0(%r3)`;
  };
}

function toBinary(op: string, size: number, limit: bigint): Generator {
  return (state, random) => {
    putPacked(state.memory, 60, size, random);
    if (random.oneIn(4)) {
      const text = `${limit - 2n + BigInt(random.below(5))}${random.pick(['c', 'd'])}`;
      state.memory.set(Buffer.from(text.padStart(2 * size, '0'), 'hex'), 60);
    } else if (random.oneIn(2)) state.memory.fill(0, 60, 60 + size - (size === 8 ? 4 : 9));
    state.setGr(3, at(60));
    state.setGr(4, random.next64());
    return `${op} %r4,0(%r3)`;
  };
}

function toDecimal(op: string): Generator {
  return (state, random) => {
    state.setGr(3, at(60));
    state.setGr(4, random.pick([0n, -1n, 1n << 63n, (1n << 63n) - 1n, 1n << 31n, random.next64()]));
    return `${op} %r4,0(%r3)`;
  };
}

function unpackCharacters(op: string, most: number): Generator {
  return (state, random) => {
    putPacked(state.memory, 200, 16, random);
    state.setGr(2, at(20));
    state.setGr(3, at(200));
    return `${op} 0(${1 + random.below(most)},%r2),0(%r3)`;
  };
}

function packCharacters(op: string, most: number): Generator {
  return (state, random) => {
    state.setGr(2, at(20));
    state.setGr(3, at(60));
    return `${op} 0(%r2),0(${1 + random.below(most)},%r3)`;
  };
}

/** Random cases of the instructions on packed decimal numbers. */
export const PACKED_CASES: Readonly<Record<string, Generator>> = {
  ap: twoLengths('ap'),
  sp: twoLengths('sp'),
  zap: twoLengths('zap'),
  cp: twoLengths('cp'),
  mp: product('mp'),
  dp: product('dp'),
  srp: shift,
  ed: edit('ed'),
  edmk: edit('edmk'),
  cvb: toBinary('cvb', 8, 1n << 31n),
  cvby: toBinary('cvby', 8, 1n << 31n),
  cvbg: toBinary('cvbg', 16, 1n << 63n),
  cvd: toDecimal('cvd'),
  cvdy: toDecimal('cvdy'),
  cvdg: toDecimal('cvdg'),
  pack: twoLengths('pack'),
  unpk: twoLengths('unpk'),
  mvo: twoLengths('mvo'),
  pka: packCharacters('pka', 36),
  pku: packCharacters('pku', 68),
  unpka: unpackCharacters('unpka', 36),
  unpku: unpackCharacters('unpku', 68),
  tp: (state, random) => {
    const length = 1 + random.below(16);
    operands(state, random, length, 1);
    return `tp 0(${length},%r2)`;
  },
};

import { compareBytes, combineBytes, moveBytes } from '../../runtime/storage-bytes.ts';
import type { Environment, StepMaker } from './environment.ts';

/** Offset of `size` bytes to read at the address in slot `a`. */
function readAt({ words: w, memory }: Environment, a: number, size: number): number {
  const lo = w[a]!;
  const hi = w[a + 1]!;
  const { noRead } = memory;
  return (hi | noRead[lo >>> 12]! | noRead[(lo + size - 1) >>> 12]!) === 0
    ? lo
    : memory.readable(hi, lo, size);
}

function writeAt({ words: w, memory }: Environment, a: number, size: number): number {
  const lo = w[a]!;
  const hi = w[a + 1]!;
  const { noWrite } = memory;
  return (hi | noWrite[lo >>> 12]! | noWrite[(lo + size - 1) >>> 12]!) === 0
    ? lo
    : memory.writable(hi, lo, size);
}

const combine =
  (op: 'and' | 'or' | 'xor'): StepMaker =>
  (env, d, a, b, c) => {
    const { words: w, memory } = env;
    return () => {
      w[d] = combineBytes(memory, op, w[a + 1]!, w[a]!, w[b + 1]!, w[b]!, w[c]!);
    };
  };

/** Storage ops of ir/ops.ts, in the same order. */
export const MEMORY_STEPS = {
  address: () => {
    throw new Error('addresses are lowered by lower.ts');
  },
  load8: (env, d, a) => {
    const { words: w } = env;
    const { bytes } = env.memory;
    return () => {
      w[d] = bytes[readAt(env, a, 1)]!;
    };
  },
  load16: (env, d, a) => {
    const { words: w } = env;
    const { view } = env.memory;
    return () => {
      w[d] = view.getUint16(readAt(env, a, 2));
    };
  },
  load32: (env, d, a) => {
    const { words: w } = env;
    const { view } = env.memory;
    return () => {
      w[d] = view.getInt32(readAt(env, a, 4));
    };
  },
  load64: (env, d, a) => {
    const { words: w } = env;
    const { view } = env.memory;
    return () => {
      const at = readAt(env, a, 8);
      w[d + 1] = view.getInt32(at);
      w[d] = view.getInt32(at + 4);
    };
  },
  store8: (env, _d, a, b) => {
    const { words: w } = env;
    const { bytes } = env.memory;
    return () => {
      bytes[writeAt(env, a, 1)] = w[b]!;
    };
  },
  store16: (env, _d, a, b) => {
    const { words: w } = env;
    const { view } = env.memory;
    return () => {
      view.setInt16(writeAt(env, a, 2), w[b]!);
    };
  },
  store32: (env, _d, a, b) => {
    const { words: w } = env;
    const { view } = env.memory;
    return () => {
      view.setInt32(writeAt(env, a, 4), w[b]!);
    };
  },
  store64: (env, _d, a, b) => {
    const { words: w } = env;
    const { view } = env.memory;
    return () => {
      const at = writeAt(env, a, 8);
      view.setInt32(at, w[b + 1]!);
      view.setInt32(at + 4, w[b]!);
    };
  },
  storeIf32: (env, _d, a, b, c) => {
    const { words: w } = env;
    const { view } = env.memory;
    return () => {
      if (w[a]) view.setInt32(writeAt(env, b, 4), w[c]!);
    };
  },
  storeIf64: (env, _d, a, b, c) => {
    const { words: w } = env;
    const { view } = env.memory;
    return () => {
      if (!w[a]) return;
      const at = writeAt(env, b, 8);
      view.setInt32(at, w[c + 1]!);
      view.setInt32(at + 4, w[c]!);
    };
  },
  moveBytes: ({ words: w, memory }, _d, a, b, c) => {
    return () => {
      moveBytes(memory, w[a + 1]!, w[a]!, w[b + 1]!, w[b]!, w[c]!);
    };
  },
  xorBytes: combine('xor'),
  andBytes: combine('and'),
  orBytes: combine('or'),
  compareBytes: ({ words: w, memory }, d, a, b, c) => {
    return () => {
      w[d] = compareBytes(memory, w[a + 1]!, w[a]!, w[b + 1]!, w[b]!, w[c]!);
    };
  },
  probeStore: (env, _d, a, _b, _c, size) => {
    return () => {
      writeAt(env, a, size);
    };
  },
} satisfies Record<string, StepMaker>;

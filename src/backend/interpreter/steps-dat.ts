import { assert } from '../../base/assert.ts';
import { DatStorage } from '../../memory/dat-storage.ts';
import { compareBytes, combineBytes, moveBytes } from '../../runtime/storage-bytes.ts';
import { readAt, writeAt } from './dat-access.ts';
import type { Environment, StepMaker } from './environment.ts';

/** Storage access behind DAT: the same ops as in steps-memory.ts. */
function datOf({ memory }: Environment): DatStorage {
  assert(memory instanceof DatStorage, 'storage behind DAT');
  return memory;
}

const combine =
  (op: 'and' | 'or' | 'xor'): StepMaker =>
  (env, d, a, b, c) => {
    const { words: w, memory } = env;
    return () => {
      w[d] = combineBytes(memory, op, w[a + 1]!, w[a]!, w[b + 1]!, w[b]!, w[c]!);
      if (memory.open !== 0) memory.settle();
    };
  };

/** Loads and stores of ir/ops.ts: `imm` is a displacement that is added to the address. */
export const DAT_ACCESS_STEPS = {
  load8: (env, d, a, _b, _c, disp) => {
    const { words: w } = env;
    const memory = datOf(env);
    const { bytes } = memory;
    return () => {
      w[d] = bytes[readAt(w, memory, a, disp, 1)]!;
    };
  },
  load16: (env, d, a, _b, _c, disp) => {
    const { words: w } = env;
    const memory = datOf(env);
    const { view } = memory;
    return () => {
      w[d] = view.getUint16(readAt(w, memory, a, disp, 2));
    };
  },
  load32: (env, d, a, _b, _c, disp) => {
    const { words: w } = env;
    const memory = datOf(env);
    const { view } = memory;
    return () => {
      w[d] = view.getInt32(readAt(w, memory, a, disp, 4));
    };
  },
  load64: (env, d, a, _b, _c, disp) => {
    const { words: w } = env;
    const memory = datOf(env);
    const { view } = memory;
    return () => {
      const at = readAt(w, memory, a, disp, 8);
      w[d + 1] = view.getInt32(at);
      w[d] = view.getInt32(at + 4);
    };
  },
  store8: (env, _d, a, b, _c, disp) => {
    const { words: w } = env;
    const memory = datOf(env);
    const { bytes } = memory;
    return () => {
      bytes[writeAt(w, memory, a, disp, 1)] = w[b]!;
    };
  },
  store16: (env, _d, a, b, _c, disp) => {
    const { words: w } = env;
    const memory = datOf(env);
    const { view } = memory;
    return () => {
      view.setInt16(writeAt(w, memory, a, disp, 2), w[b]!);
      if (memory.open !== 0) memory.settle();
    };
  },
  store32: (env, _d, a, b, _c, disp) => {
    const { words: w } = env;
    const memory = datOf(env);
    const { view } = memory;
    return () => {
      view.setInt32(writeAt(w, memory, a, disp, 4), w[b]!);
      if (memory.open !== 0) memory.settle();
    };
  },
  store64: (env, _d, a, b, _c, disp) => {
    const { words: w } = env;
    const memory = datOf(env);
    const { view } = memory;
    return () => {
      const at = writeAt(w, memory, a, disp, 8);
      view.setInt32(at, w[b + 1]!);
      view.setInt32(at + 4, w[b]!);
      if (memory.open !== 0) memory.settle();
    };
  },
} satisfies Record<string, StepMaker>;

/** Floating-point numbers in slots are bits, so their storage access is the integers'. */
export const DAT_FLOAT_ACCESS_STEPS = {
  loadF64: DAT_ACCESS_STEPS.load64,
  loadF32: DAT_ACCESS_STEPS.load32,
  storeF64: DAT_ACCESS_STEPS.store64,
  storeF32: DAT_ACCESS_STEPS.store32,
} satisfies Record<string, StepMaker>;

/** The other storage ops of ir/ops.ts, in the same order. */
export const DAT_MEMORY_STEPS = {
  storeIf32: (env, _d, a, b, c) => {
    const { words: w } = env;
    const memory = datOf(env);
    const { view } = memory;
    return () => {
      if (!w[a]) return;
      view.setInt32(writeAt(w, memory, b, 0, 4), w[c]!);
      if (memory.open !== 0) memory.settle();
    };
  },
  storeIf64: (env, _d, a, b, c) => {
    const { words: w } = env;
    const memory = datOf(env);
    const { view } = memory;
    return () => {
      if (!w[a]) return;
      const at = writeAt(w, memory, b, 0, 8);
      view.setInt32(at, w[c + 1]!);
      view.setInt32(at + 4, w[c]!);
      if (memory.open !== 0) memory.settle();
    };
  },
  moveBytes: ({ words: w, memory }, _d, a, b, c) => {
    return () => {
      moveBytes(memory, w[a + 1]!, w[a]!, w[b + 1]!, w[b]!, w[c]!);
      if (memory.open !== 0) memory.settle();
    };
  },
  xorBytes: combine('xor'),
  andBytes: combine('and'),
  orBytes: combine('or'),
  compareBytes: ({ words: w, memory }, d, a, b, c) => {
    return () => {
      w[d] = compareBytes(memory, w[a + 1]!, w[a]!, w[b + 1]!, w[b]!, w[c]!);
      if (memory.open !== 0) memory.settle();
    };
  },
  probeStore: (env, _d, a, _b, _c, size) => {
    const { words: w } = env;
    const memory = datOf(env);
    return () => {
      writeAt(w, memory, a, 0, size);
      if (memory.open !== 0) memory.settle();
    };
  },
} satisfies Record<string, StepMaker>;

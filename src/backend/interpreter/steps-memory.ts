import { compareBytes, combineBytes, moveBytes } from '../../runtime/storage-bytes.ts';
import { assert } from '../../base/assert.ts';
import { AddressSpace } from '../../memory/user-space.ts';
import { readAt, writeAt } from './access.ts';
import type { Environment, StepMaker } from './environment.ts';

function flatOf({ memory }: Environment): AddressSpace {
  assert(memory instanceof AddressSpace, 'flat storage');
  return memory;
}

const combine =
  (op: 'and' | 'or' | 'xor'): StepMaker =>
  (env, d, a, b, c) => {
    const { words: w, memory } = env;
    return () => {
      w[d] = combineBytes(memory, op, w[a + 1]!, w[a]!, w[b + 1]!, w[b]!, w[c]!);
    };
  };

/** Loads and stores of ir/ops.ts: `imm` is a displacement that is added to the address. */
export const ACCESS_STEPS = {
  load8: (env, d, a, _b, _c, disp) => {
    const { words: w } = env;
    const memory = flatOf(env);
    const { bytes, noRead } = memory;
    return () => {
      w[d] = bytes[readAt(w, noRead, memory, a, disp, 1)]!;
    };
  },
  load16: (env, d, a, _b, _c, disp) => {
    const { words: w } = env;
    const memory = flatOf(env);
    const { view, noRead } = memory;
    return () => {
      w[d] = view.getUint16(readAt(w, noRead, memory, a, disp, 2));
    };
  },
  load32: (env, d, a, _b, _c, disp) => {
    const { words: w } = env;
    const memory = flatOf(env);
    const { view, noRead } = memory;
    return () => {
      w[d] = view.getInt32(readAt(w, noRead, memory, a, disp, 4));
    };
  },
  load64: (env, d, a, _b, _c, disp) => {
    const { words: w, doublewords } = env;
    const memory = flatOf(env);
    const { view, noRead } = memory;
    const target = d >> 1;
    return () => {
      doublewords[target] = view.getBigUint64(readAt(w, noRead, memory, a, disp, 8));
    };
  },
  store8: (env, _d, a, b, _c, disp) => {
    const { words: w } = env;
    const memory = flatOf(env);
    const { bytes, noWrite } = memory;
    return () => {
      bytes[writeAt(w, noWrite, memory, a, disp, 1)] = w[b]!;
    };
  },
  store16: (env, _d, a, b, _c, disp) => {
    const { words: w } = env;
    const memory = flatOf(env);
    const { view, noWrite } = memory;
    return () => {
      view.setInt16(writeAt(w, noWrite, memory, a, disp, 2), w[b]!);
    };
  },
  store32: (env, _d, a, b, _c, disp) => {
    const { words: w } = env;
    const memory = flatOf(env);
    const { view, noWrite } = memory;
    return () => {
      view.setInt32(writeAt(w, noWrite, memory, a, disp, 4), w[b]!);
    };
  },
  store64: (env, _d, a, b, _c, disp) => {
    const { words: w, doublewords } = env;
    const memory = flatOf(env);
    const { view, noWrite } = memory;
    const source = b >> 1;
    return () => {
      view.setBigUint64(writeAt(w, noWrite, memory, a, disp, 8), doublewords[source]!);
    };
  },
} satisfies Record<string, StepMaker>;

/** Floating-point numbers in slots are bits, so their storage access is the integers'. */
export const FLOAT_ACCESS_STEPS = {
  loadF64: ACCESS_STEPS.load64,
  loadF32: ACCESS_STEPS.load32,
  storeF64: ACCESS_STEPS.store64,
  storeF32: ACCESS_STEPS.store32,
} satisfies Record<string, StepMaker>;

/** The other storage ops of ir/ops.ts, in the same order. */
export const MEMORY_STEPS = {
  storeIf32: (env, _d, a, b, c) => {
    const { words: w } = env;
    const memory = flatOf(env);
    const { view, noWrite } = memory;
    return () => {
      if (w[a]) view.setInt32(writeAt(w, noWrite, memory, b, 0, 4), w[c]!);
    };
  },
  storeIf64: (env, _d, a, b, c) => {
    const { words: w } = env;
    const memory = flatOf(env);
    const { view, noWrite } = memory;
    return () => {
      if (!w[a]) return;
      const at = writeAt(w, noWrite, memory, b, 0, 8);
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
    const { words: w } = env;
    const memory = flatOf(env);
    const { noWrite } = memory;
    return () => {
      writeAt(w, noWrite, memory, a, 0, size);
    };
  },
} satisfies Record<string, StepMaker>;

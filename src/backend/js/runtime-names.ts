import * as conditionCode from '../../base/condition-code.ts';
import { bswap32, popcountBytes } from '../../base/bits.ts';
import { div64s, div64u, rem64s, rem64u } from '../../base/divide64.ts';
import * as int64 from '../../base/int64.ts';
import * as wideProduct from '../../base/product.ts';
import { assert } from '../../base/assert.ts';
import {
  EXIT_BUDGET,
  EXIT_CHANGED,
  EXIT_GUARD,
  EXIT_INTERPRET,
  EXIT_OVERFLOW,
  FAR,
  LEFT,
} from '../../cpu/exit-reason.ts';
import { EXIT_REASON, IA } from '../../cpu/state.ts';
import { DatStorage } from '../../memory/dat-storage.ts';
import { AddressSpace } from '../../memory/user-space.ts';
import type { HelperContext } from '../../runtime/context.ts';
import { createFloatHelpers } from '../../runtime/bfp/generated-code.ts';
import { RUNTIME } from '../../runtime/index.ts';
import { trapCompleted } from '../../runtime/trap.ts';
import { createStorageHelpers } from '../../runtime/storage-bytes.ts';

/** How generated code reaches storage: flat, or behind DAT. */
function storageNames({ state, memory }: HelperContext): Record<string, unknown> {
  if (memory instanceof AddressSpace) {
    const { noRead, noWrite, noReadSpan, noWriteSpan } = memory;
    /** In lockstep, told of each store before it happens. */
    const logStore = (offset: number, size: number): void => memory.onStore?.(offset, size);
    return { noRead, noWrite, noReadSpan, noWriteSpan, logStore };
  }
  assert(memory instanceof DatStorage, 'storage that generated code knows');
  const { words } = state;
  return {
    tlbWords: memory.tlb.words,
    fills: (hi: number, lo: number, size: number, isStore: number): boolean =>
      memory.fills(hi, lo, size, isStore !== 0),
    fillsLowcore: (lo: number, isStore: number): boolean => memory.fillsLowcore(lo, isStore !== 0),
    settle: (): void => memory.settle(),
    /** Goes to an address in another 4 GiB, by way of callers and the dispatcher. */
    goFar: (hi: number, lo: number): number => {
      words[IA] = lo;
      words[IA + 1] = hi;
      return FAR;
    },
    /** Whether what a call returned means an address in the caller's own 4 GiB. */
    cameBack: (returned: number, hi: number, lo: number): boolean =>
      returned === FAR && words[IA] === lo && words[IA + 1] === hi,
  };
}

/**
 * Everything that generated code can name, for one address space: a closed world. A region's
 * factory gets just those that it uses, as parameters.
 */
export function createNames(
  context: HelperContext,
  jump: (hi: number, lo: number, stack: number, from?: number) => number,
  notNarrow: (entry: number) => void,
  guardFailed: (entry: number) => void,
): Record<string, unknown> {
  const { state, memory } = context;
  const { words } = state;
  /** Leaves for the dispatcher with an address and what to do there. */
  const leave = (address: number, reason: number): number => {
    words[IA] = address | 0;
    words[IA + 1] = Math.floor(address / 0x1_0000_0000);
    words[EXIT_REASON] = reason;
    return LEFT;
  };
  /** Leaves with an address that is not a plain int32. */
  const leaveFar = (hi: number, lo: number): number => {
    words[IA] = lo;
    words[IA + 1] = hi;
    words[EXIT_REASON] = EXIT_INTERPRET;
    return LEFT;
  };
  return {
    state: words,
    doubles: state.doubles,
    registers64: state.u64,
    view: memory.view,
    ...storageNames(context),
    context,
    leave,
    leaveFar,
    /** The same, behind an instruction that changed what may run next. */
    leaveChanged: (hi: number, lo: number): number => {
      leaveFar(hi, lo);
      words[EXIT_REASON] = EXIT_CHANGED;
      return LEFT;
    },
    /** Leaves because the region entered at `entry` took a register to be narrow that is not. */
    leaveNarrow: (address: number, entry: number): number => {
      notNarrow(entry);
      return leave(address, EXIT_INTERPRET);
    },
    /** Leaves by a cold exit. */
    leaveCold: (address: number, why: number, entry: number): number => {
      if (why === EXIT_OVERFLOW) notNarrow(entry);
      else if (why === EXIT_GUARD) guardFailed(entry);
      return leave(address, why === EXIT_BUDGET ? EXIT_BUDGET : EXIT_INTERPRET);
    },
    jump,
    bswap32,
    popcountBytes,
    ...int64,
    BigInt,
    asUintN: BigInt.asUintN,
    ...wideProduct,
    div64s,
    div64u,
    rem64s,
    rem64u,
    ...conditionCode,
    ...createStorageHelpers(memory.bytes),
    ...createFloatHelpers(state),
    trapCompleted,
    ...RUNTIME,
  };
}

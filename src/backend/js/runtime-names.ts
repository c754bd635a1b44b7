import * as conditionCode from '../../base/condition-code.ts';
import { bswap32, popcountBytes } from '../../base/bits.ts';
import { div64s, div64u, rem64s, rem64u } from '../../base/divide64.ts';
import * as int64 from '../../base/int64.ts';
import { EXIT_INTERPRET } from '../../cpu/exit-reason.ts';
import { EXIT_REASON, IA } from '../../cpu/state.ts';
import type { HelperContext } from '../../runtime/context.ts';
import { createFloatHelpers } from '../../runtime/bfp/generated-code.ts';
import { RUNTIME } from '../../runtime/index.ts';
import { trapCompleted } from '../../runtime/trap.ts';
import { createStorageHelpers } from '../../runtime/storage-bytes.ts';

/**
 * Everything that generated code can name, for one address space: a closed world. A region's
 * factory gets just those that it uses, as parameters.
 */
export function createNames(
  context: HelperContext,
  jump: (hi: number, lo: number, stack: number) => number,
): Record<string, unknown> {
  const { state, memory } = context;
  const { words } = state;
  /** Leaves for the dispatcher with an address and what to do there. */
  const leave = (address: number, reason: number): number => {
    words[IA] = address | 0;
    words[IA + 1] = Math.floor(address / 0x1_0000_0000);
    words[EXIT_REASON] = reason;
    return -1;
  };
  /** Leaves with an address that is not a plain int32. */
  const leaveFar = (hi: number, lo: number): number => {
    words[IA] = lo;
    words[IA + 1] = hi;
    words[EXIT_REASON] = EXIT_INTERPRET;
    return -1;
  };
  return {
    state: words,
    doubles: state.doubles,
    view: memory.view,
    noRead: memory.noRead,
    noWrite: memory.noWrite,
    context,
    leave,
    leaveFar,
    jump,
    bswap32,
    popcountBytes,
    ...int64,
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

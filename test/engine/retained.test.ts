import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createEnvironment } from '../../src/backend/interpreter/environment.ts';
import { lowerBlock, type LoweredBlock } from '../../src/backend/interpreter/lower.ts';
import { hostTod } from '../../src/engine/options.ts';
import { translateBlock } from '../../src/frontend/translate-block.ts';
import { USER_MODE } from '../../src/ir/builder.ts';
import { CODE, guestCode, guestState } from './guest-code.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A block with a constant, an access, a helper call and a computed branch, and its first value. */
function lower(): { lowered: LoweredBlock; value: WeakRef<object> } {
  const memory = guestCode('lghi %r1,7\nl %r2,0(%r15)\nmvst %r4,%r6\nbr %r14');
  const context = { state: guestState(), memory, clock: hostTod, facilities: new Uint8Array(32) };
  const { block } = translateBlock(memory, CODE, USER_MODE);
  const value = new WeakRef<object>(block.values[0]!);
  return { lowered: lowerBlock(createEnvironment(context), block, USER_MODE), value };
}

test('a lowered block does not keep the IR that it was made from', async () => {
  const { lowered, value } = lower();
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(value.deref()).toBeUndefined();
  expect(lowered.insns.length).toBeGreaterThan(2);
});

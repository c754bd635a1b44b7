import { expect, test } from 'vitest';
import { HELPERS, type HelperInfo } from '../../src/ir/helpers.ts';
import { RUNTIME } from '../../src/runtime/index.ts';

test('the table of helpers has what is declared and nothing else', () => {
  expect(Object.keys(RUNTIME).sort()).toEqual(Object.keys(HELPERS).sort());
});

test('every helper takes the context, its numbers and its arguments, an i64 as two words', () => {
  for (const [name, { numbers, args }] of Object.entries<HelperInfo>(HELPERS)) {
    const words = args.reduce((sum, type) => sum + (type === 'i64' || type === 'f64' ? 2 : 1), 0);
    const helper = RUNTIME[name as keyof typeof RUNTIME];
    // Those that take their words as a list do not show how many.
    if (/^[^{]*\.\.\./.test(helper.toString())) continue;
    expect(helper.length, name).toBe(1 + numbers.length + words);
  }
});

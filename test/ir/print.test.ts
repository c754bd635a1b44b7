import { expect, test } from 'vitest';
import { Builder } from '../../src/ir/builder.ts';
import { printBlock } from '../../src/ir/print.ts';
import { blockOf } from './guest-code.ts';

test('a block prints its instructions, operations and terminal', () => {
  const block = blockOf('lg %r2,8(%r3)', 'lgr %r4,%r2', 'br %r14');
  expect(printBlock(block)).toMatchInlineSnapshot(`
    "block 101000
    101000  lg %r2,8(%r3)
      v1 = getGr64 %r3
      v2 = address v1, 8
      v3 = load64 v2
      setGr64 %r2, v3
    101006  lgr %r4,%r2
      v6 = getGr64 %r2
      setGr64 %r4, v6
    10100a  br %r14
      v9 = getGr64 %r14
      v10 = address v9
    return v10"
  `);
});

test('constants, helpers and conditions', () => {
  const block = blockOf('llihf %r1,1', 'mvcl %r2,%r4', 'brc 3,0x101000');
  expect(printBlock(block)).toMatchInlineSnapshot(`
    "block 101000
    101000  llihf %r1,1
      v1 = const64 0x0000000100000000
      setGr64 %r1, v1
    101006  mvcl %r2,%r4
      v4 = call moveLong(2, 4, 64) reads %r2 %r3 %r4 %r5 writes %r2 %r3 %r4 %r5
      setCc v4
    101008  jnle 0x101000
      v7 = getCc
      v8 = ccTest v7, mask 3
    branch v8, 101000, else 10100c"
  `);
});

test('the ways in which a block ends', () => {
  const last = (line: string) => printBlock(blockOf(line)).split('\n').at(-1);
  expect(last('lr %r1,%r2')).toBe('link 101002');
  expect(last('svc 4')).toBe('supervisorCall 4, then 101002');
  expect(last('j 0x101010')).toBe('link 101010');
  expect(last('brasl %r14,0x101010')).toBe('call 101010, then 101006');
  expect(last('basr %r14,%r1')).toMatch(/^call v\d+, then 101002$/);
  expect(last('br %r14')).toMatch(/^return v\d+$/);
  expect(last('br %r1')).toMatch(/^jump v\d+$/);
  expect(last('bcr 8,%r14')).toMatch(/^branch v\d+, return v\d+, else 101002$/);
  expect(last('ex %r1,0(%r2)')).toMatch(/^execute v\d+, modifier v\d+, then 101004$/);
  expect(last('sfpc %r1')).toBe('modeChange 101004');
  const ir = new Builder();
  ir.begin({ at: 0x1000, executedAt: 0x1000, length: 4, text: () => 'sigp %r1,%r3,0(%r4)' });
  ir.intercept('SIGP', { r1: 1, r3: 3, b2: 4, d2: 0 });
  ir.end();
  expect(printBlock(ir.finish(0x1000, 0x1004)).split('\n').at(-1)).toBe(
    'intercept SIGP at 1000, then 1004',
  );
});

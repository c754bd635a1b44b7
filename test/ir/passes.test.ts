import { describe, expect, test } from 'vitest';
import type { Block } from '../../src/ir/block.ts';
import { PASS_NAMES, PASSES, runPasses, type PassName } from '../../src/ir/passes/index.ts';
import { printBlock } from '../../src/ir/print.ts';
import { verifyBlock } from '../../src/ir/verify.ts';
import { blockOf } from './guest-code.ts';

/** IR before and after one pass; the passes before it have run. */
function around(name: PassName, block: Block): string {
  const at = PASS_NAMES.indexOf(name);
  runPasses(block, 'js', new Set(PASS_NAMES.slice(at)));
  const before = printBlock(block);
  runPasses(block, 'js', new Set(PASS_NAMES.filter((other) => other !== name)));
  expect(verifyBlock(block)).toEqual([]);
  return `${before}\n=> ${name}\n${printBlock(block)}`;
}

test('every pass has a name of its own and a reason', () => {
  expect(new Set(PASS_NAMES).size).toBe(PASSES.length);
  for (const { reason } of PASSES) expect(reason).toMatch(/^[a-z]/);
});

describe('before and after', () => {
  test('constant-folding: shifting by 0 and XOR with itself compute nothing', () => {
    expect(around('constant-folding', blockOf('sllg %r1,%r2,0', 'xgr %r3,%r3')))
      .toMatchInlineSnapshot(`
      "block 101000
      101000  sllg %r1,%r2,0
        v1 = getGr64 %r2
        v2 = const32 0
        v3 = shl64 v1, v2
        setGr64 %r1, v3
      101006  xgr %r3,%r3
        v6 = getGr64 %r3
        v7 = getGr64 %r3
        v8 = xor64 v6, v7
        v10 = ccZero64 v8
        setGr64 %r3, v8
        setCc v10
      link 10100a
      => constant-folding
      block 101000
      101000  sllg %r1,%r2,0
        v1 = getGr64 %r2
        v2 = const32 0
        setGr64 %r1, v1
      101006  xgr %r3,%r3
        v6 = getGr64 %r3
        v7 = getGr64 %r3
        v8 = xor64 v6, v7
        v10 = ccZero64 v8
        setGr64 %r3, v8
        setCc v10
      link 10100a"
    `);
  });

  test('condition-fusion: a branch on CC 4 of a comparison is "less"', () => {
    expect(around('condition-fusion', blockOf('cgr %r2,%r3', 'jl 0x101000')))
      .toMatchInlineSnapshot(`
        "block 101000
        101000  cgr %r2,%r3
          v1 = getGr64 %r2
          v2 = getGr64 %r3
          v3 = ccCompare64s v1, v2
          setCc v3
        101004  jl 0x101000
          v6 = getCc
          v7 = ccTest v6, mask 4
        branch v7, 101000, else 101008
        => condition-fusion
        block 101000
        101000  cgr %r2,%r3
          v1 = getGr64 %r2
          v2 = getGr64 %r3
          v3 = ccCompare64s v1, v2
          setCc v3
        101004  jl 0x101000
          v8 = getCc
          v9 = lt64s v1, v2
        branch v9, 101000, else 101008"
      `);
  });

  test('dead-cc: of two condition codes only the last can be seen', () => {
    expect(around('dead-cc', blockOf('ar %r2,%r3', 'ar %r2,%r3'))).toMatchInlineSnapshot(`
      "block 101000
      101000  ar %r2,%r3
        v1 = getGr32 %r2
        v2 = getGr32 %r3
        v3 = add32 v1, v2
        v5 = ccAdd32 v1, v2, v3
        setGr32 %r2, v3
        setCc v5
      101002  ar %r2,%r3
        v8 = getGr32 %r2
        v9 = getGr32 %r3
        v10 = add32 v8, v9
        v12 = ccAdd32 v8, v9, v10
        setGr32 %r2, v10
        setCc v12
      link 101004
      => dead-cc
      block 101000
      101000  ar %r2,%r3
        v1 = getGr32 %r2
        v2 = getGr32 %r3
        v3 = add32 v1, v2
        v5 = ccAdd32 v1, v2, v3
        setGr32 %r2, v3
      101002  ar %r2,%r3
        v8 = getGr32 %r2
        v9 = getGr32 %r3
        v10 = add32 v8, v9
        v12 = ccAdd32 v8, v9, v10
        setGr32 %r2, v10
        setCc v12
      link 101004"
    `);
  });

  test('dead-cc: a load may fault and show the first', () => {
    expect(around('dead-cc', blockOf('ar %r2,%r3', 'a %r2,0(%r4)'))).toMatchInlineSnapshot(`
      "block 101000
      101000  ar %r2,%r3
        v1 = getGr32 %r2
        v2 = getGr32 %r3
        v3 = add32 v1, v2
        v5 = ccAdd32 v1, v2, v3
        setGr32 %r2, v3
        setCc v5
      101002  a %r2,0(%r4)
        v8 = getGr32 %r2
        v9 = getGr64 %r4
        v10 = address v9
        v11 = load32 v10
        v12 = add32 v8, v11
        v14 = ccAdd32 v8, v11, v12
        setGr32 %r2, v12
        setCc v14
      link 101006
      => dead-cc
      block 101000
      101000  ar %r2,%r3
        v1 = getGr32 %r2
        v2 = getGr32 %r3
        v3 = add32 v1, v2
        v5 = ccAdd32 v1, v2, v3
        setGr32 %r2, v3
        setCc v5
      101002  a %r2,0(%r4)
        v8 = getGr32 %r2
        v9 = getGr64 %r4
        v10 = address v9
        v11 = load32 v10
        v12 = add32 v8, v11
        v14 = ccAdd32 v8, v11, v12
        setGr32 %r2, v12
        setCc v14
      link 101006"
    `);
  });

  test('dead-halves: the low word that SLDA leaves needs no 64-bit logic', () => {
    expect(around('dead-halves', blockOf('slda %r2,3'))).toMatchInlineSnapshot(`
      "block 101000
      101000  slda %r2,3
        v1 = getGr32 %r2
        v2 = getGr32 %r3
        v3 = make64 v1, v2
        v4 = const32 3
        v5 = shl64 v3, v4
        v6 = const64 0x8000000000000000
        v7 = and64 v3, v6
        v8 = const64 0x7fffffffffffffff
        v9 = and64 v5, v8
        v10 = or64 v9, v7
        v11 = sar64 v5, v4
        v12 = eq64 v11, v3
        v13 = ccSign64 v10
        v14 = const32 3
        v15 = select32 v12, v13, v14
        v16 = high32 v10
        v18 = low32 v10
        setGr32 %r2, v16
        setGr32 %r3, v18
        setCc v15
      link 101004
      => dead-halves
      block 101000
      101000  slda %r2,3
        v1 = getGr32 %r2
        v2 = getGr32 %r3
        v3 = make64 v1, v2
        v4 = const32 3
        v5 = shl64 v3, v4
        v6 = const64 0x8000000000000000
        v7 = and64 v3, v6
        v8 = const64 0x7fffffffffffffff
        v9 = and64 v5, v8
        v10 = or64 v9, v7
        v11 = sar64 v5, v4
        v12 = eq64 v11, v3
        v13 = ccSign64 v10
        v14 = const32 3
        v15 = select32 v12, v13, v14
        v16 = high32 v10
        v21 = low32 v5
        v22 = const32 -1
        v23 = and32 v21, v22
        v24 = const32 0
        v25 = and32 v2, v24
        v26 = or32 v23, v25
        setGr32 %r2, v16
        setGr32 %r3, v26
        setCc v15
      link 101004"
    `);
  });

  test('dead-code: nobody uses the first condition code and the zero', () => {
    expect(around('dead-code', blockOf('ltr %r2,%r2', 'xr %r3,%r3'))).toMatchInlineSnapshot(`
      "block 101000
      101000  ltr %r2,%r2
        v1 = getGr32 %r2
        v3 = ccSign32 v1
        setGr32 %r2, v1
      101002  xr %r3,%r3
        v6 = getGr32 %r3
        v7 = getGr32 %r3
        v8 = xor32 v6, v7
        v10 = ccZero32 v8
        setGr32 %r3, v8
        setCc v10
      link 101004
      => dead-code
      block 101000
      101000  ltr %r2,%r2
        v1 = getGr32 %r2
        setGr32 %r2, v1
      101002  xr %r3,%r3
        v6 = getGr32 %r3
        v7 = getGr32 %r3
        v8 = xor32 v6, v7
        v10 = ccZero32 v8
        setGr32 %r3, v8
        setCc v10
      link 101004"
    `);
  });
});

test('a pass that is off does not run', () => {
  const ran: PassName[] = [];
  runPasses(blockOf('ar %r1,%r2'), 'js', new Set<PassName>(['dead-cc']), (name) => ran.push(name));
  expect(ran).toEqual(PASS_NAMES.filter((name) => name !== 'dead-cc'));
});

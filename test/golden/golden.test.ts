import { describe, expect, test } from 'vitest';
import { generateRegion } from '../../src/backend/js/compile.ts';
import { emitOptions } from '../../src/backend/js/emit-options.ts';
import { growRegion } from '../../src/frontend/region.ts';
import { USER_MODE } from '../../src/ir/builder.ts';
import { runPasses } from '../../src/ir/passes/index.ts';
import { CODE, guestCode } from '../engine/guest-code.ts';

/*
 * The JavaScript that is made of a few small programs, for the eye: a change of the translator shows
 * here as a difference to be read. (`npm test -- -u` accepts it. That code does the right thing is
 * what other tests are for.)
 */

const NARROW = 0xffff;

const PROGRAMS: Record<string, { source: string; narrow?: number }> = {
  'sum-of-words': {
    source: `
loop:   l %r5,0(%r2)
        ar %r4,%r5
        aghi %r2,4
        brctg %r3,loop
        br %r14
    `,
    narrow: NARROW,
  },
  'sum-of-words-wide': {
    source: `
loop:   l %r5,0(%r2)
        ar %r4,%r5
        aghi %r2,4
        brctg %r3,loop
        br %r14
    `,
  },
  'condition-code-across-blocks': {
    source: `
        chi %r2,24
        jl low
        lghi %r4,1
        j join
low:    lghi %r4,2
join:   st %r4,0(%r3)
        je equal
        br %r14
equal:  lghi %r4,3
        br %r14
    `,
    narrow: NARROW,
  },
  'frame-and-call': {
    source: `
        stmg %r11,%r15,88(%r15)
        aghi %r15,-160
        lgr %r11,%r2
        brasl %r14,callee
        agr %r2,%r11
        lmg %r11,%r15,248(%r15)
        br %r14
callee: aghi %r2,1
        br %r14
    `,
    narrow: NARROW,
  },
  'two-loop-entries': {
    source: `
        tmll %r2,1
        jne odd
even:   aghi %r3,2
        brct %r2,odd
        br %r14
odd:    aghi %r3,3
        brct %r2,even
        br %r14
    `,
  },
  'product-of-128-bits': {
    source: `
loop:   xgr %r3,%r2
        mlgr %r2,%r4
        xgr %r2,%r3
        brctg %r5,loop
        br %r14
    `,
  },
  'floating-point': {
    source: `
        ld %f0,0(%r2)
        madbr %f0,%f2,%f4
        cdbr %f0,%f6
        jhe done
        sqdbr %f0,%f0
done:   std %f0,0(%r2)
        br %r14
    `,
  },
};

describe('generated code of', () => {
  for (const [title, { source, narrow = 0 }] of Object.entries(PROGRAMS)) {
    test(title, async () => {
      const graph = growRegion(guestCode(source), CODE, USER_MODE);
      for (const block of graph.blocks.values()) runPasses(block, 'js');
      const { text } = generateRegion(graph, { ...emitOptions(), comments: true, narrow });
      await expect(text).toMatchFileSnapshot(`${title}.js`);
    });
  }
});

import { test } from 'vitest';
import { check, CODE, DATA, type Row, UNMAPPED } from './check.ts';

/** EXECUTE at CODE, and the target behind an SVC at CODE + 8. */
const ex = (target: string): string => `ex %r1,8(%r5)\nsvc 0\n.align 8\n${target}`;
const exrl = (target: string): string => `exrl %r1,target\nsvc 0\ntarget: ${target}`;
const BASE = { r5: CODE };

/** PoP, "EXECUTE", "EXECUTE RELATIVE LONG". */
const ROWS: Row[] = [
  // Bits 56-63 of R1 are ORed into the second byte; register 0 stands for none.
  [ex('lr %r2,%r0'), { ...BASE, r1: 0xffff03, r3: 7 }, { r2: 0x02020202_00000007n }],
  [
    'ex %r0,8(%r5)\nsvc 0\n.align 8\nlr %r2,%r3',
    { ...BASE, r0: 0xff },
    { r2: 0x02020202_03030303n },
  ],
  [exrl('mvi 0(%r2),0'), { r1: 0x5a, r2: DATA }, { data: '5a00' }],
  [exrl('tm 0(%r2),0x80'), { r1: 1, r2: DATA, data: '01' }, { cc: 1 }],
  [
    exrl('mvc 0(1,%r2),8(%r2)'),
    { r1: 3, r2: DATA, data: '00000000000000000102030405' },
    { data: '0102030400' },
  ],
  [exrl('stm %r0,%r3,0(%r2)'), { r1: 0x30, r2: DATA, r3: 9 }, { data: '0000000900' }],
  // The next instruction is the one behind EXECUTE; relative operands count from the target.
  [
    exrl('bras %r2,.+8\nlhi %r3,1\nlhi %r4,2'),
    { r1: 0 },
    { r2: CODE + 6, r4: 0x04040404_00000002n },
  ],
  [exrl('larl %r2,.'), { r1: 0 }, { r2: CODE + 8 }],
  // One target of many: only its run-time address decides.
  [
    'aghi %r5,8\nexrl %r1,one\nex %r1,0(%r5)\nsvc 0\n.align 2\none: lr %r2,%r3\nlgr %r2,%r4',
    { r1: 0, r5: CODE + 10 },
    { r2: 0x04040404_04040404n, r5: CODE + 18, cc: 2 },
  ],
  [ex('ex %r1,8(%r5)'), BASE, { pic: 3 }],
  [exrl('exrl %r1,.'), { r1: 0 }, { pic: 3 }],
  ['ex %r1,1(%r5)', BASE, { pic: 6 }],
  ['ex %r1,0(%r5)', { r5: UNMAPPED }, { pic: 0x11 }],
];

test.each(ROWS)('%s', check);

import { test } from 'vitest';
import { check, DATA, READ_ONLY, type Row, UNMAPPED } from './check.ts';

const A = DATA + 32;
/** Four bytes before the read-only page; eight before the one that is not mapped. */
const EDGE = READ_ONLY - 4;
const END = UNMAPPED - 8;

/** PoP, appendix A, and by hand. MOVE LONG's lengths: 24 bits, padding byte on their left. */
const ROWS: Row[] = [
  ['mvc 0(3,%r1),0(%r2)', { r1: DATA, r2: A, at: { [A]: 'c1c2c3c4' } }, { data: 'c1c2c300' }],
  // Propagation: from left to right, byte by byte.
  ['mvc 1(7,%r1),0(%r1)', { r1: DATA, data: '5c00000000000000' }, { data: '5c5c5c5c5c5c5c5c' }],
  ['mvc 0(8,%r1),0(%r2)', { r1: EDGE, r2: A }, { at: { [EDGE]: '00000000' }, pic: 4 }],
  ['mvcin 0(3,%r1),0(%r2)', { r1: DATA, r2: A + 2, at: { [A]: 'c1c2c3' } }, { data: 'c3c2c1' }],
  ['mvcin 0(3,%r1),0(%r2)', { r1: DATA, r2: UNMAPPED + 1 }, { pic: 0x11 }],
  [
    'mvn 0(4,%r1),0(%r2)',
    { r1: DATA, r2: A, data: 'f1f2f3f4', at: { [A]: 'c5c6c7c8' } },
    { data: 'f5f6f7f8' },
  ],
  [
    'mvz 0(4,%r1),0(%r2)',
    { r1: DATA, r2: A, data: 'f1c2f3c4', at: { [A]: 'abcdef01' } },
    { data: 'a1c2e304' },
  ],
  [
    'mvo 0(4,%r1),0(3,%r2)',
    { r1: DATA, r2: A, data: '7788990c', at: { [A]: '123456' } },
    { data: '0123456c' },
  ],
  ['mvo 0(1,%r1),0(3,%r2)', { r1: DATA, r2: A, data: '0c', at: { [A]: '123456' } }, { data: '6c' }],
  ['mvcrl 1(%r1),0(%r1)', { r0: 2, r1: DATA, data: '01020304' }, { data: '01010203' }],
  ['mvcrl 0(%r1),1(%r1)', { r0: 2, r1: DATA, data: '01020304' }, { data: '04040404' }],
  ['mvcrl 0(%r1),0(%r2)', { r0: 0xff04, r1: EDGE, r2: A }, { pic: 4 }],
  // MVCL: lengths equal, first longer (padded), second longer.
  [
    'mvcl %r2,%r4',
    { r2: DATA, r3: 3, r4: A, r5: 3, at: { [A]: 'c1c2c3c4' }, cc: 3 },
    { r2: DATA + 3, r3: 0, r4: A + 3, r5: 0, data: 'c1c2c300', cc: 0 },
  ],
  [
    'mvcl %r2,%r4',
    { r2: DATA, r3: 0x7f00_0004, r4: A, r5: 0x4000_0001, at: { [A]: 'c1' } },
    { r2: DATA + 4, r3: 0x7f00_0000, r4: A + 1, r5: 0x4000_0000, data: 'c1404040', cc: 2 },
  ],
  [
    'mvcl %r2,%r4',
    { r2: DATA, r3: 1, r4: A, r5: 4, at: { [A]: 'c1c2' } },
    { r2: DATA + 1, r3: 0, r4: A + 1, r5: 3, data: 'c100', cc: 1 },
  ],
  // Destructive overlap moves nothing; the other direction is fine.
  [
    'mvcl %r2,%r4',
    { r2: DATA + 1, r3: 4, r4: DATA, r5: 4, data: '0102030405' },
    { data: '0102030405', cc: 3 },
  ],
  [
    'mvcl %r2,%r4',
    { r2: DATA, r3: 4, r4: DATA + 1, r5: 4, data: '0102030405' },
    { r2: DATA + 4, r3: 0, r4: DATA + 5, r5: 0, data: '0203040505', cc: 0 },
  ],
  // A fault in the second page: the first one's bytes are moved, the registers say so.
  [
    'mvcl %r2,%r4',
    { r2: EDGE, r3: 8, r4: A, r5: 8, at: { [A]: '0102030405060708' } },
    { r2: READ_ONLY, r3: 4, r4: A + 4, r5: 4, at: { [EDGE]: '01020304' }, pic: 4 },
  ],
  [
    'mvcl %r2,%r4',
    { r2: DATA, r3: 12, r4: END, r5: 12 },
    { r2: DATA + 8, r3: 4, r4: UNMAPPED, r5: 4, pic: 0x11 },
  ],
  [
    'mvcl %r2,%r4',
    { r2: EDGE, r3: 8, r4: A, r5: 0xff00_0000n },
    { r2: READ_ONLY, r3: 4, at: { [EDGE]: 'ffffffff' }, pic: 4 },
  ],
  ['mvcl %r2,%r4', { r2: UNMAPPED, r3: 0, r4: UNMAPPED, r5: 0 }, { cc: 0 }],
  ['mvcl %r3,%r4', {}, { pic: 6 }],
  ['mvcl %r2,%r5', {}, { pic: 6 }],
  // MVCLE: lengths of 64 bits.
  [
    'mvcle %r2,%r4,64(%r0)',
    { r2: DATA, r3: 4, r4: A, r5: 2, at: { [A]: 'c1c2' } },
    { r2: DATA + 4, r3: 0, r4: A + 2, r5: 0, data: 'c1c24040', cc: 2 },
  ],
  [
    'mvcle %r2,%r4,0(%r0)',
    { r2: EDGE, r3: 1n << 32n, r4: A, r5: 0 },
    { r2: READ_ONLY, r3: (1n << 32n) - 4n, at: { [EDGE]: '00000000' }, pic: 4 },
  ],
  ['mvcle %r2,%r4,0(%r0)', { r2: -1, r3: 1, r4: A, r5: 0 }, { pic: 0x11 }],
  [
    'mvclu %r2,%r4,64(%r0)',
    { r2: DATA, r3: 4, r4: A, r5: 2, at: { [A]: 'c1c2' } },
    { r2: DATA + 4, r3: 0, r4: A + 2, r5: 0, data: 'c1c20040', cc: 2 },
  ],
  ['mvclu %r2,%r4,0(%r0)', { r2: DATA, r3: 3, r4: A, r5: 2 }, { pic: 6 }],
  // AND, OR, EXCLUSIVE OR.
  [
    'nc 0(2,%r1),0(%r2)',
    { r1: DATA, r2: A, data: '0ff0', at: { [A]: 'f00f' } },
    { data: '0000', cc: 0 },
  ],
  [
    'oc 0(2,%r1),0(%r2)',
    { r1: DATA, r2: A, data: '0ff0', at: { [A]: 'f00f' } },
    { data: 'ffff', cc: 1 },
  ],
  ['xc 0(4,%r1),0(%r1)', { r1: DATA, data: '01020304', cc: 2 }, { data: '00000000', cc: 0 }],
  ['xc 0(2,%r1),0(%r2)', { r1: READ_ONLY, r2: A }, { pic: 4 }],
  // EXECUTE supplies the length.
  [
    'exrl %r3,t\nj e\nt: mvc 0(1,%r1),0(%r2)\ne:',
    { r1: DATA, r2: A, r3: 0x902, at: { [A]: 'c1c2c3c4' } },
    { data: 'c1c2c300' },
  ],
  [
    'exrl %r3,t\nj e\nt: mvcin 0(1,%r1),0(%r2)\ne:',
    { r1: DATA, r2: A + 2, r3: 2, at: { [A]: 'c1c2c3' } },
    { data: 'c3c2c1' },
  ],
];

test.each(ROWS)('%s', check);

import { test } from 'vitest';
import { check, DATA, READ_ONLY, type Row, UNMAPPED } from './check.ts';

const A = DATA + 64;
const EDGE = READ_ONLY - 4;

/** PoP, "SEARCH STRING", "MOVE STRING", "COMPARE LOGICAL STRING" and the long comparisons. */
const ROWS: Row[] = [
  [
    'srst %r2,%r3',
    { r0: 0xc4, r2: DATA + 8, r3: DATA, data: 'c1c2c3c4c5c4' },
    { r2: DATA + 3, cc: 1 },
  ],
  ['srst %r2,%r3', { r0: 0, r2: DATA + 3, r3: DATA, data: 'c1c2c300' }, { cc: 2 }],
  ['srst %r2,%r3', { r0: 0, r2: DATA, r3: DATA, data: '00' }, { cc: 2 }],
  // No end: the search goes on through a page boundary, and up to a page that is not there.
  [
    'srst %r2,%r3',
    { r0: 9, r2: 0, r3: EDGE, at: { [READ_ONLY + 5]: '09' } },
    { r2: READ_ONLY + 5, cc: 1 },
  ],
  ['srst %r2,%r3', { r0: 9, r2: 0, r3: READ_ONLY }, { pic: 0x11 }],
  ['srst %r2,%r3', { r0: 0x100 }, { pic: 6 }],
  [
    'srstu %r2,%r3',
    { r0: 0xc2c3, r2: DATA + 8, r3: DATA, data: 'c1c2c3c4c2c3' },
    { r2: DATA + 4, cc: 1 },
  ],
  ['srstu %r2,%r3', { r0: 9, r2: DATA + 3, r3: DATA, data: 'c1c2c3c4c2c3' }, { cc: 2 }],
  ['srstu %r2,%r3', { r0: 0x10009 }, { pic: 6 }],
  [
    'mvst %r2,%r3',
    { r0: 0, r2: A, r3: DATA, data: 'c1c2c300c4', cc: 0 },
    { r2: A + 3, at: { [A]: 'c1c2c30000' }, cc: 1 },
  ],
  [
    'mvst %r2,%r3',
    { r0: 0, r2: EDGE, r3: DATA, data: '010203040500' },
    { r2: READ_ONLY, r3: DATA + 4, at: { [EDGE]: '01020304' }, pic: 4 },
  ],
  [
    'clst %r2,%r3',
    { r0: 0, r2: DATA, r3: A, data: 'c1c2c3c400', at: { [A]: 'c1c2c3c400' }, cc: 3 },
    { cc: 0 },
  ],
  [
    'clst %r2,%r3',
    { r0: 0, r2: DATA, r3: A, data: 'c1c2c3c4c6', at: { [A]: 'c1c2c3c4c5' } },
    { r2: DATA + 4, r3: A + 4, cc: 2 },
  ],
  // The ending character is low even when it is the highest byte.
  [
    'clst %r2,%r3',
    { r0: 0xff, r2: DATA, r3: A, data: 'c1ff', at: { [A]: 'c1c2' } },
    { r2: DATA + 1, r3: A + 1, cc: 1 },
  ],
  [
    'clst %r2,%r3',
    { r0: 0xff, r2: DATA, r3: A, data: 'c1c2', at: { [A]: 'c1ff' } },
    { r2: DATA + 1, r3: A + 1, cc: 2 },
  ],
  [
    'clst %r2,%r3',
    { r0: 0, r2: UNMAPPED - 1, r3: A, at: { [UNMAPPED - 1]: '01', [A]: '01' } },
    { pic: 0x11 },
  ],
  [
    'cuse %r2,%r4',
    { r0: 2, r1: 0, r2: DATA, r3: 5, r4: A, r5: 5, data: '0102030405', at: { [A]: '0109030409' } },
    { r2: DATA + 2, r3: 3, r4: A + 2, r5: 3, cc: 0 },
  ],
  [
    'cuse %r2,%r4',
    { r0: 3, r1: 0, r2: DATA, r3: 2, r4: A, r5: 1, data: '0100', at: { [A]: '01' } },
    { cc: 1 },
  ],
  [
    'cuse %r2,%r4',
    { r0: 1, r1: 0, r2: DATA, r3: 1, r4: A, r5: 1, data: '01', at: { [A]: '02' } },
    { r2: DATA + 1, r3: 0, r4: A + 1, r5: 0, cc: 2 },
  ],
  // Long comparisons, the shorter operand padded.
  ['clc 0(3,%r1),0(%r2)', { r1: DATA, r2: A, data: 'c1c2c3', at: { [A]: 'c1c2c4' } }, { cc: 1 }],
  ['clc 0(3,%r1),0(%r2)', { r1: UNMAPPED - 2, r2: A }, { pic: 0x11 }],
  [
    'clcl %r2,%r4',
    { r2: DATA, r3: 5, r4: A, r5: 0x4000_0003, data: 'c1c2c34040', at: { [A]: 'c1c2c3' } },
    { r2: DATA + 5, r3: 0, r4: A + 3, r5: 0x4000_0000, cc: 0 },
  ],
  [
    'clcl %r2,%r4',
    { r2: DATA, r3: 5, r4: A, r5: 5, data: 'c1c2c3c4c5', at: { [A]: 'c1c2c3c5c5' } },
    { r2: DATA + 3, r3: 2, r4: A + 3, r5: 2, cc: 1 },
  ],
  [
    'clcl %r2,%r4',
    {
      r2: READ_ONLY - 1,
      r3: 4,
      r4: UNMAPPED - 1,
      r5: 4,
      at: { [READ_ONLY - 1]: '07', [UNMAPPED - 1]: '07' },
    },
    { r2: READ_ONLY, r3: 3, r4: UNMAPPED, r5: 3, pic: 0x11 },
  ],
  [
    'clcle %r2,%r4,5(%r0)',
    { r2: DATA, r3: 1, r4: A, r5: 3, data: 'c1', at: { [A]: 'c10506' } },
    { r2: DATA + 1, r3: 0, r4: A + 2, r5: 1, cc: 1 },
  ],
  [
    'clclu %r2,%r4,5(%r0)',
    { r2: DATA, r3: 4, r4: A, r5: 2, data: 'c1c20006', at: { [A]: 'c1c2' } },
    { r2: DATA + 2, r3: 2, r4: A + 2, r5: 0, cc: 2 },
  ],
  ['clcle %r3,%r4,0(%r0)', {}, { pic: 6 }],
  // The carry of each element comes back on the right; missing bytes are zeros.
  [
    'cksm %r2,%r4',
    { r2: 0xffff_ffffn, r4: DATA, r5: 5, data: '0000000280', cc: 1 },
    { r2: 0x8000_0002n, r4: DATA + 5, r5: 0, cc: 0 },
  ],
  [
    'cksm %r2,%r4',
    { r2: 5, r4: UNMAPPED - 4, r5: 8, at: { [UNMAPPED - 4]: '00000001' } },
    { r2: 6, r4: UNMAPPED, r5: 4, pic: 0x11 },
  ],
  ['cksm %r2,%r5', {}, { pic: 6 }],
];

test.each(ROWS)('%s', check);

import { test } from 'vitest';
import { check, DATA, READ_ONLY, type Row } from './check.ts';

const A = DATA + 0x40;
const LIST = DATA + 0x100;
const FOUR = DATA + 0x200;

/** PoP, "COMPARE AND SWAP", "LOAD AND ADD", "PERFORM LOCKED OPERATION" and relatives. */
const ROWS: Row[] = [
  [
    'cs %r1,%r2,0(%r3)',
    { r1: 0x9_00000005n, r2: 7, r3: DATA, data: '00000005' },
    { data: '00000007', cc: 0 },
  ],
  [
    'cs %r1,%r2,0(%r3)',
    { r1: 0x9_00000006n, r2: 7, r3: DATA, data: '00000005' },
    { r1: 0x9_00000005n, data: '00000005', cc: 1 },
  ],
  ['cs %r1,%r2,2(%r3)', { r3: DATA }, { pic: 6 }],
  // A store is checked for even when nothing is to be stored.
  ['cs %r1,%r2,0(%r3)', { r1: 1, r3: READ_ONLY }, { pic: 4 }],
  [
    'csg %r1,%r2,0(%r3)',
    { r1: -2, r2: 3, r3: DATA, data: 'fffffffffffffffe' },
    { data: '0000000000000003', cc: 0 },
  ],
  [
    'cds %r2,%r4,0(%r6)',
    { r2: 1, r3: 2, r4: 3, r5: 4, r6: DATA, data: '0000000100000002' },
    { data: '0000000300000004', cc: 0 },
  ],
  ['cds %r2,%r4,0(%r6)', { r2: 1, r3: 3, r6: DATA, data: '0000000100000002' }, { r3: 2, cc: 1 }],
  [
    'cdsg %r2,%r4,0(%r6)',
    { r2: 1, r3: 2, r4: 3, r5: 4, r6: DATA, data: '00000000000000010000000000000002' },
    { data: '00000000000000030000000000000004', cc: 0 },
  ],
  [
    'cdsg %r2,%r4,0(%r6)',
    { r2: 1, r3: 9, r6: DATA, data: '00000000000000010000000000000002' },
    { r3: 2, cc: 1 },
  ],
  ['cdsg %r2,%r4,8(%r6)', { r6: DATA }, { pic: 6 }],
  ['cds %r3,%r4,0(%r6)', { r6: DATA }, { pic: 6 }],
  [
    'csst 0(%r2),0(%r3),%r4',
    {
      r0: 0x100,
      r1: LIST,
      r2: DATA,
      r3: A,
      r4: 5,
      data: '00000005',
      at: { [LIST]: '00000006', [LIST + 16]: 'abcd' },
    },
    { data: '00000006', at: { [A]: 'abcd' }, cc: 0 },
  ],
  [
    'csst 0(%r2),0(%r3),%r4',
    { r0: 0, r1: LIST, r2: DATA, r3: A, r4: 0x9_00000004n, data: '00000005' },
    { r4: 0x9_00000005n, cc: 1 },
  ],
  ['csst 0(%r2),0(%r3),%r4', { r0: 3, r1: LIST, r2: DATA, r3: A }, { pic: 6 }],
  ['ts 0(%r2)', { r2: DATA, data: '80' }, { data: 'ff', cc: 1 }],
  ['ts 0(%r2)', { r2: DATA, data: '7f', cc: 3 }, { data: 'ff', cc: 0 }],
  [
    'laa %r1,%r2,0(%r3)',
    { r2: 1, r3: DATA, data: '7fffffff' },
    { r1: 0x01010101_7fffffffn, data: '80000000', cc: 3 },
  ],
  [
    'laa %r1,%r2,0(%r3)',
    { r2: 1, r3: DATA, data: '7fffffff', programMask: 8 },
    { r1: 0x01010101_7fffffffn, data: '80000000', cc: 3, pic: 8 },
  ],
  [
    'laag %r2,%r2,0(%r3)',
    { r2: -1, r3: DATA, data: '0000000000000001', cc: 1 },
    { r2: 1, data: '0000000000000000', cc: 0 },
  ],
  [
    'laal %r1,%r2,0(%r3)',
    { r2: -1, r3: DATA, data: '00000001' },
    { r1: 0x01010101_00000001n, data: '00000000', cc: 2 },
  ],
  [
    'laalg %r1,%r2,0(%r3)',
    { r2: 1, r3: DATA, data: '0000000000000001' },
    { r1: 1, data: '0000000000000002', cc: 1 },
  ],
  [
    'lan %r1,%r2,0(%r3)',
    { r2: 6, r3: DATA, data: '00000003' },
    { r1: 0x01010101_00000003n, data: '00000002', cc: 1 },
  ],
  [
    'laxg %r1,%r2,0(%r3)',
    { r2: 5, r3: DATA, data: '0000000000000005', cc: 1 },
    { r1: 5, data: '0000000000000000', cc: 0 },
  ],
  [
    'lao %r1,%r2,0(%r3)',
    { r2: 5, r3: DATA, data: '00000003' },
    { r1: 0x01010101_00000003n, data: '00000007', cc: 1 },
  ],
  ['laog %r1,%r2,4(%r3)', { r3: DATA }, { pic: 6 }],
  ['laa %r1,%r2,0(%r3)', { r3: READ_ONLY }, { pic: 4 }],
  [
    'lpd %r2,0(%r4),0(%r5)',
    { r4: DATA, r5: A, data: '00000001', at: { [A]: '00000002' }, cc: 3 },
    { r2: 0x02020202_00000001n, r3: 0x03030303_00000002n, cc: 0 },
  ],
  [
    'lpdg %r2,0(%r4),0(%r5)',
    { r4: DATA, r5: A, data: '0000000000000001', at: { [A]: '0000000000000002' } },
    { r2: 1, r3: 2, cc: 0 },
  ],
  ['lpd %r3,0(%r4),0(%r5)', { r4: DATA, r5: A }, { pic: 6 }],
  ['lpd %r2,0(%r4),2(%r5)', { r4: DATA, r5: A }, { pic: 6 }],
  // PLO: compare and load, compare and swap, double, with a store; the test bit.
  [
    'plo %r2,0(%r4),%r3,0(%r5)',
    {
      r0: 0,
      r1: 0,
      r2: 5,
      r3: 0,
      r4: DATA,
      r5: FOUR,
      data: '00000005',
      at: { [FOUR]: '00000009' },
    },
    { r3: 9, cc: 0 },
  ],
  [
    'plo %r2,0(%r4),%r3,0(%r5)',
    { r0: 6, r2: 5, r3: 9, r4: DATA, r5: FOUR, data: '0000000000000005' },
    { data: '0000000000000009', cc: 0 },
  ],
  [
    'plo %r2,0(%r4),%r6,0(%r5)',
    {
      r0: 8,
      r2: 5,
      r3: 9,
      r6: 7,
      r7: 8,
      r4: DATA,
      r5: FOUR,
      data: '00000005',
      at: { [FOUR]: '00000006' },
    },
    { r6: 6, data: '00000005', cc: 2 },
  ],
  [
    'plo %r2,0(%r4),%r6,0(%r5)',
    {
      r0: 12,
      r2: 5,
      r3: 9,
      r6: 7,
      r4: DATA,
      r5: FOUR,
      data: '00000005',
      at: { [FOUR]: '00000006' },
    },
    { data: '00000009', at: { [FOUR]: '00000007' }, cc: 0 },
  ],
  ['plo %r2,0(%r4),%r6,0(%r5)', { r0: 0x117, cc: 1 }, { cc: 0 }],
  ['plo %r2,0(%r4),%r6,0(%r5)', { r0: 0x118 }, { cc: 3 }],
  ['plo %r2,0(%r4),%r6,0(%r5)', { r0: 24 }, { pic: 6 }],
  ['plo %r3,0(%r4),%r6,0(%r5)', { r0: 4, r4: DATA }, { pic: 6 }],
];

test.each(ROWS)('%s', check);

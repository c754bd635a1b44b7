import { test } from 'vitest';
import { check, DATA, type Row } from './check.ts';

/** PoP, "SUBTRACT" and its relatives; differences and borrows by hand. */
const ROWS: Row[] = [
  ['sr %r1,%r2', { r1: 0x80000000n, r2: 1 }, { r1: 0x7fffffff, cc: 3 }],
  ['sr %r1,%r1', { r1: 0xaaaaaaaa_12345678n, cc: 3 }, { r1: 0xaaaaaaaa_00000000n, cc: 0 }],
  ['srk %r1,%r2,%r3', { r2: 1, r3: 2 }, { r1: 0x01010101_ffffffffn, cc: 1 }],
  ['sgr %r1,%r2', { r1: 1n << 63n, r2: 1 }, { r1: (1n << 63n) - 1n, cc: 3 }],
  ['sgfr %r1,%r2', { r1: 0, r2: 0xffffffffn }, { r1: 1, cc: 2 }],
  ['sgh %r1,0(%r2)', { r1: 0, r2: DATA, data: '8000' }, { r1: 0x8000, cc: 2 }],
  ['sh %r1,0(%r2)', { r1: 0, r2: DATA, data: '0001' }, { r1: 0xffffffffn, cc: 1 }],
  // Logical: CC 1 borrow, 2 zero, 3 greater.
  ['slr %r1,%r2', { r1: 1, r2: 2 }, { r1: 0xffffffffn, cc: 1 }],
  ['slr %r1,%r2', { r1: 2, r2: 2 }, { r1: 0, cc: 2 }],
  ['slfi %r1,1', { r1: 0xffffffffn }, { r1: 0xfffffffen, cc: 3 }],
  ['slgfr %r1,%r2', { r1: 0, r2: -1 }, { r1: -0xffffffff, cc: 1 }],
  ['slgfi %r1,4294967295', { r1: 0x1_00000000n }, { r1: 1, cc: 3 }],
  // With borrow: a CC of 0 or 1 takes one more.
  ['slbr %r1,%r2', { r1: 5, r2: 4, cc: 1 }, { r1: 0, cc: 2 }],
  ['slbr %r1,%r2', { r1: 0, r2: 0, cc: 0 }, { r1: 0xffffffffn, cc: 1 }],
  ['slbr %r1,%r2', { r1: 0, r2: 0xffffffffn, cc: 0 }, { r1: 0, cc: 0 }],
  ['slbgr %r1,%r2', { r1: 5, r2: 4, cc: 2 }, { r1: 1, cc: 3 }],
  ['slbgr %r1,%r2', { r1: 0, r2: -1, cc: 1 }, { r1: 0, cc: 0 }],
  // The high words.
  ['shhhr %r1,%r2,%r3', { r2: 1n << 63n, r3: 1n << 32n }, { r1: 0x7fffffff_01010101n, cc: 3 }],
  ['slhhlr %r1,%r2,%r3', { r2: 1n << 32n, r3: 2 }, { r1: 0xffffffff_01010101n, cc: 1 }],
  [
    'sgr %r1,%r2',
    { r1: 1n << 63n, r2: 1, programMask: 8 },
    { r1: (1n << 63n) - 1n, cc: 3, pic: 8 },
  ],
];

test.each(ROWS)('%s', check);

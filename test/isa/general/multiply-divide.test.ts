import { describe, test } from 'vitest';
import { check, DATA, type Row, UNMAPPED } from './check.ts';

const SPECIFICATION = 6;
const DIVIDE = 9;

/** PoP, "MULTIPLY" and its relatives. */
const MULTIPLY: Row[] = [
  ['mr %r2,%r4', { r3: 0xffffffffn, r4: 2 }, { r2: 0x02020202_ffffffffn, r3: 0xfffffffen }],
  ['mlr %r2,%r4', { r3: 0xffffffffn, r4: 0xffffffffn }, { r2: 0x02020202_fffffffen, r3: 1 }],
  [
    'mfy %r2,0(%r4)',
    { r3: 3, r4: DATA, data: '80000000' },
    { r2: 0x02020202_fffffffen, r3: 0x80000000n },
  ],
  ['mr %r3,%r4', {}, { pic: SPECIFICATION }],
  ['m %r3,0(%r4)', { r4: UNMAPPED }, { pic: SPECIFICATION }],
  ['m %r2,0(%r4)', { r4: UNMAPPED }, { pic: 0x11 }],
  ['mlgr %r2,%r4', { r3: -1, r4: -1 }, { r2: -2, r3: 1 }],
  [
    'mlgr %r2,%r4',
    { r3: 0xfedcba9876543210n, r4: 0x123456789abcdefn },
    { r2: 0x121fa00ad77d742n, r3: 0x2236d88fe5618cf0n },
  ],
  ['mgrk %r2,%r4,%r5', { r4: -1, r5: 5 }, { r2: -1, r3: -5 }],
  ['mgrk %r2,%r4,%r5', { r4: 1n << 63n, r5: 1n << 63n }, { r2: 1n << 62n, r3: 0 }],
  ['mgrk %r3,%r4,%r5', {}, { pic: SPECIFICATION }],
  ['mg %r2,0(%r4)', { r3: -1, r4: DATA, data: 'ffffffffffffffff' }, { r2: 0, r3: 1 }],
  ['msr %r1,%r2', { r1: 0x10001, r2: 0x10001 }, { r1: 0x20001 }],
  ['msgr %r1,%r2', { r1: 0x1_0000_0001n, r2: -1 }, { r1: -0x1_0000_0001n }],
  ['msgfr %r1,%r2', { r1: 3, r2: 0xffffffffn }, { r1: -3 }],
  ['mhi %r1,-3', { r1: 5 }, { r1: 0xfffffff1n }],
  ['mghi %r1,-3', { r1: 5 }, { r1: -15 }],
  ['mgh %r1,0(%r2)', { r1: 2, r2: DATA, data: 'fffe' }, { r1: -4 }],
  // With a CC: 3 when the product does not fit.
  ['msrkc %r1,%r2,%r3', { r2: 0x10000, r3: 0x8000 }, { r1: 0x01010101_80000000n, cc: 3 }],
  ['msrkc %r1,%r2,%r3', { r2: 0x10000, r3: 0xffff8000n }, { r1: 0x01010101_80000000n, cc: 1 }],
  ['msgrkc %r1,%r2,%r3', { r2: -1, r3: 1n << 63n }, { r1: 1n << 63n, cc: 3 }],
  ['msgrkc %r1,%r2,%r3', { r2: -1, r3: -7 }, { r1: 7, cc: 2 }],
  ['msgc %r1,0(%r2)', { r1: 9, r2: DATA, cc: 2, data: '0000000000000000' }, { r1: 0, cc: 0 }],
  [
    'msrkc %r1,%r2,%r3',
    { r2: 65536, r3: 65536, programMask: 8 },
    { r1: 0x01010101_00000000n, cc: 3, pic: 8 },
  ],
];

/** PoP, "DIVIDE" and its relatives: remainder in R1 with the dividend's sign, quotient behind it. */
const DIVISION: Row[] = [
  ['dr %r2,%r4', { r2: 0xffffffffn, r3: 0xfffffff9n, r4: 2 }, { r2: 0xffffffffn, r3: 0xfffffffdn }],
  ['dr %r2,%r4', { r2: 0, r3: 0x80000000n, r4: 1 }, { pic: DIVIDE }],
  ['dr %r2,%r4', { r2: 0xffffffffn, r3: 0x80000000n, r4: 1 }, { r2: 0, r3: 0x80000000n }],
  ['dr %r2,%r4', { r2: 0x80000000n, r3: 0, r4: 0xffffffffn }, { pic: DIVIDE }],
  ['dr %r2,%r4', { r2: 0, r3: 1, r4: 0 }, { pic: DIVIDE }],
  ['d %r3,0(%r4)', { r4: UNMAPPED }, { pic: SPECIFICATION }],
  ['dlr %r2,%r4', { r2: 1, r3: 5, r4: 0x10 }, { r2: 5, r3: 0x10000000 }],
  ['dlr %r2,%r4', { r2: 0x10, r3: 0, r4: 0x10 }, { pic: DIVIDE }],
  [
    'dlr %r2,%r4',
    { r2: 0xfffffffen, r3: 0xffffffffn, r4: 0xffffffffn },
    { r2: 0xfffffffen, r3: 0xffffffffn },
  ],
  ['dsgr %r2,%r4', { r3: -7, r4: 2 }, { r2: -1, r3: -3 }],
  ['dsgfr %r2,%r4', { r3: 7, r4: 0xfffffffen }, { r2: 1, r3: -3 }],
  ['dsgr %r2,%r4', { r3: 1n << 63n, r4: -1 }, { pic: DIVIDE }],
  ['dsgr %r2,%r4', { r3: 1n << 63n, r4: 3 }, { r2: -2, r3: -0x2aaaaaaaaaaaaaaan }],
  ['dsg %r2,0(%r4)', { r3: 5, r4: DATA, data: '0000000000000000' }, { pic: DIVIDE }],
  ['dlgr %r2,%r4', { r2: 0, r3: -1, r4: 10 }, { r2: 5, r3: 0x1999999999999999n }],
  ['dlgr %r2,%r4', { r2: 0, r3: -1, r4: 0x1_0000_0000n }, { r2: 0xffffffffn, r3: 0xffffffffn }],
  ['dlgr %r2,%r4', { r2: 0, r3: -2, r4: -1 }, { r2: -2, r3: 0 }],
  ['dlgr %r2,%r4', { r2: 2, r3: 1, r4: 3 }, { r2: 0, r3: 0xaaaaaaaaaaaaaaabn }],
  ['dlgr %r2,%r4', { r2: 3, r3: 0, r4: 3 }, { pic: DIVIDE }],
  ['dlgr %r2,%r4', { r2: 0, r3: 1, r4: 0 }, { pic: DIVIDE }],
  ['dlg %r3,0(%r4)', { r4: UNMAPPED }, { pic: SPECIFICATION }],
];

describe('multiply', () => test.each(MULTIPLY)('%s', check));
describe('divide', () => test.each(DIVISION)('%s', check));

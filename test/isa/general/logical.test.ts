import { describe, test } from 'vitest';
import { check, DATA, READ_ONLY, type Row, UNMAPPED } from './check.ts';

/** PoP, "AND", "OR", "EXCLUSIVE OR" and their complements: CC 0 zero, 1 not zero. */
const LOGICAL: Row[] = [
  [
    'nr %r1,%r2',
    { r1: 0xffffffff_f0f0f0f0n, r2: 0x0f0f0f0f, cc: 3 },
    { r1: 0xffffffff_00000000n, cc: 0 },
  ],
  ['ngr %r1,%r2', { r1: 0xf0_00000000n, r2: -1 }, { r1: 0xf0_00000000n, cc: 1 }],
  ['og %r1,0(%r2)', { r1: 1, r2: DATA, data: '8000000000000000' }, { r1: (1n << 63n) | 1n, cc: 1 }],
  ['xr %r1,%r1', { r1: -1 }, { r1: 0xffffffff_00000000n, cc: 0 }],
  ['xgrk %r1,%r2,%r3', { r2: 5, r3: 6 }, { r1: 3, cc: 1 }],
  // Immediates: the CC is that of the selected bits alone.
  ['nihh %r1,0', { r1: -1 }, { r1: 0x0000ffff_ffffffffn, cc: 0 }],
  ['nihl %r1,1', { r1: -1 }, { r1: 0xffff0001_ffffffffn, cc: 1 }],
  ['nilh %r1,0x8000', { r1: -1 }, { r1: 0xffffffff_8000ffffn, cc: 1 }],
  ['nill %r1,0xff', { r1: 0xffffffff_ffffff00n }, { r1: 0xffffffff_ffff0000n, cc: 0 }],
  ['nihf %r1,0xf', { r1: -1 }, { r1: 0xf_ffffffffn, cc: 1 }],
  ['nilf %r1,0', { r1: -1 }, { r1: 0xffffffff_00000000n, cc: 0 }],
  ['oihh %r1,0', { r1: 0xffff_ffff_ffffn, cc: 1 }, { cc: 0 }],
  ['oihl %r1,0x8000', { r1: 0 }, { r1: 0x00008000_00000000n, cc: 1 }],
  ['oilh %r1,1', { r1: 0 }, { r1: 0x10000, cc: 1 }],
  ['oill %r1,0', { r1: 0xffff0000n, cc: 1 }, { cc: 0 }],
  ['oihf %r1,0xffffffff', { r1: 0 }, { r1: 0xffffffff_00000000n, cc: 1 }],
  ['xihf %r1,0xffffffff', { r1: 0xffffffff_00000001n, cc: 1 }, { r1: 1, cc: 0 }],
  ['xilf %r1,0xffffffff', { r1: 1 }, { r1: 0xfffffffen, cc: 1 }],
  // Storage.
  ['ni 0(%r2),0x0f', { r2: DATA, data: 'f0', cc: 1 }, { data: '00', cc: 0 }],
  ['oiy -1(%r2),0x80', { r2: DATA + 1, data: '01' }, { data: '81', cc: 1 }],
  ['xi 0(%r2),0xff', { r2: READ_ONLY }, { pic: 4 }],
  ['oi 0(%r2),0', { r2: UNMAPPED }, { pic: 0x11 }],
  // Complements.
  ['ncrk %r1,%r2,%r3', { r2: 0xff, r3: 0x0f }, { r1: 0x01010101_000000f0n, cc: 1 }],
  ['ncgrk %r1,%r2,%r3', { r2: 0xff, r3: -1, cc: 1 }, { r1: 0, cc: 0 }],
  ['ocgrk %r1,%r2,%r3', { r2: 1, r3: -1 }, { r1: 1, cc: 1 }],
  ['nngrk %r1,%r2,%r3', { r2: -1, r3: -1, cc: 1 }, { r1: 0, cc: 0 }],
  ['nogrk %r1,%r2,%r3', { r2: 1, r3: 2 }, { r1: -4, cc: 1 }],
  ['nxrk %r1,%r2,%r3', { r2: 5, r3: 5 }, { r1: 0x01010101_ffffffffn, cc: 1 }],
];

/** PoP, "TEST UNDER MASK". */
const TEST_UNDER_MASK: Row[] = [
  ['tm 0(%r2),0', { r2: DATA, data: 'ff', cc: 1 }, { cc: 0 }],
  ['tm 0(%r2),0x81', { r2: DATA, data: '80' }, { cc: 1 }],
  ['tm 0(%r2),0x81', { r2: DATA, data: '81' }, { cc: 3 }],
  ['tmy -1(%r2),0x7e', { r2: DATA + 1, data: '81', cc: 1 }, { cc: 0 }],
  ['tmll %r1,0x8001', { r1: 0x8000 }, { cc: 2 }],
  ['tmll %r1,0x8001', { r1: 0x0001 }, { cc: 1 }],
  ['tmll %r1,0x0180', { r1: 0xfe80 }, { cc: 1 }],
  ['tmlh %r1,0x8001', { r1: 0x80000000n }, { cc: 2 }],
  ['tmlh %r1,0xffff', { r1: 0xffff0000n }, { cc: 3 }],
  ['tmhl %r1,0x0003', { r1: 0x1_00000000n }, { cc: 1 }],
  ['tmhh %r1,0xc000', { r1: 1n << 63n }, { cc: 2 }],
  ['tmhh %r1,0', { r1: -1, cc: 2 }, { cc: 0 }],
];

/** PoP, "FIND LEFTMOST ONE" and "POPULATION COUNT". */
const COUNT: Row[] = [
  ['flogr %r2,%r4', { r4: 0, cc: 2 }, { r2: 64, r3: 0, cc: 0 }],
  ['flogr %r2,%r4', { r4: 1 }, { r2: 63, r3: 0, cc: 2 }],
  ['flogr %r2,%r4', { r4: 1n << 63n }, { r2: 0, r3: 0, cc: 2 }],
  ['flogr %r2,%r4', { r4: 0x1_80000000n }, { r2: 31, r3: 0x80000000n, cc: 2 }],
  ['flogr %r3,%r4', {}, { pic: 6 }],
  ['popcnt %r1,%r2', { r2: 0xff01800300000000n }, { r1: 0x0801010200000000n, cc: 1 }],
  ['popcnt %r1,%r2', { r2: 0, cc: 1 }, { r1: 0, cc: 0 }],
  ['popcnt %r1,%r2,8', { r2: -1 }, { r1: 64, cc: 1 }],
  ['popcnt %r1,%r2,8', { r2: 0, cc: 1 }, { r1: 0, cc: 0 }],
];

describe('logical', () => test.each(LOGICAL)('%s', check));
describe('test under mask', () => test.each(TEST_UNDER_MASK)('%s', check));
describe('counting bits', () => test.each(COUNT)('%s', check));

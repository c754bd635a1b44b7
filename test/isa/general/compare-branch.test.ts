import { describe, test } from 'vitest';
import { check, CODE, DATA, type Row, UNMAPPED } from './check.ts';

/** PoP, "COMPARE", "COMPARE LOGICAL": CC 0 equal, 1 first low, 2 first high. */
const COMPARE: Row[] = [
  ['cr %r1,%r2', { r1: 0xffffffffn, r2: 1 }, { cc: 1 }],
  ['clr %r1,%r2', { r1: 0xffffffffn, r2: 1 }, { cc: 2 }],
  ['cgr %r1,%r2', { r1: -1, r2: 1 }, { cc: 1 }],
  ['clgr %r1,%r2', { r1: -1, r2: 1 }, { cc: 2 }],
  ['cgfr %r1,%r2', { r1: -1, r2: 0xffffffffn, cc: 3 }, { cc: 0 }],
  ['clgfr %r1,%r2', { r1: -1, r2: 0xffffffffn }, { cc: 2 }],
  ['chi %r1,-1', { r1: 0xffffffffn, cc: 3 }, { cc: 0 }],
  ['cghi %r1,-1', { r1: 0xffffffffn }, { cc: 2 }],
  ['cgh %r1,0(%r2)', { r1: -2, r2: DATA, data: 'ffff' }, { cc: 1 }],
  ['clfi %r1,4294967295', { r1: 0xffffffffn, cc: 3 }, { cc: 0 }],
  ['clgfi %r1,4294967295', { r1: -1 }, { cc: 2 }],
  ['cli 0(%r2),0x80', { r2: DATA, data: '7f' }, { cc: 1 }],
  ['cliy -1(%r2),0x7f', { r2: DATA + 1, data: '80' }, { cc: 2 }],
  ['chhsi 0(%r2),-1', { r2: DATA, data: '0000' }, { cc: 2 }],
  ['clhhsi 0(%r2),65535', { r2: DATA, data: '0000' }, { cc: 1 }],
  ['chsi 0(%r2),-1', { r2: DATA, data: 'ffffffff', cc: 1 }, { cc: 0 }],
  ['clfhsi 0(%r2),65535', { r2: DATA, data: 'ffffffff' }, { cc: 2 }],
  ['cghsi 0(%r2),1', { r2: DATA, data: '8000000000000000' }, { cc: 1 }],
  ['clghsi 0(%r2),1', { r2: DATA, data: '8000000000000000' }, { cc: 2 }],
  ['chhr %r1,%r2', { r1: -1, r2: 1n << 32n }, { cc: 1 }],
  ['clhlr %r1,%r2', { r1: -1, r2: 1 }, { cc: 2 }],
  ['cih %r1,-1', { r1: 0xffffffff_00000000n, cc: 1 }, { cc: 0 }],
  ['clih %r1,1', { r1: 0xffffffff_00000000n }, { cc: 2 }],
  ['clm %r1,5,0(%r2)', { r1: 0x11223344, r2: DATA, data: '2244', cc: 1 }, { cc: 0 }],
  ['clm %r1,14,0(%r2)', { r1: 0x11223344, r2: DATA, data: '112234' }, { cc: 1 }],
  ['clmh %r1,8,0(%r2)', { r1: 1n << 63n, r2: DATA, data: '7f' }, { cc: 2 }],
  ['clm %r1,0,0(%r2)', { r2: DATA, cc: 2 }, { cc: 0 }],
  ['clm %r1,0,0(%r2)', { r2: UNMAPPED }, { pic: 0x11 }],
  // Relative operands; of words and doublewords they are on their boundary.
  ['crl %r1,value\nsvc 0\n.align 4\nvalue: .long 5', { r1: 5, cc: 1 }, { cc: 0 }],
  ['cghrl %r1,value\nsvc 0\nvalue: .byte 0xff,0xff', { r1: 0 }, { cc: 2 }],
  ['clhrl %r1,value\nsvc 0\nvalue: .byte 0xff,0xff', { r1: 0 }, { cc: 1 }],
  ['cgrl %r1,.+4', {}, { pic: 6 }],
  ['clgrl %r1,.+12', {}, { pic: 6 }],
  ['cgfrl %r1,.+6', {}, { pic: 6 }],
];

/** A branch over an instruction that marks R15. */
const over = (branch: string): string => `${branch}\nlghi %r15,77\nlghi %r14,88\nover: nopr`;
const taken = {};
const notTaken = { r15: 77, r14: 88 };

/** PoP, "BRANCH ...". */
const BRANCH: Row[] = [
  [over('brc 8,over'), { cc: 0 }, taken],
  [over('brc 7,over'), { cc: 0 }, notTaken],
  [over('brcl 1,over'), { cc: 3 }, taken],
  [over('brc 0,over'), { cc: 2 }, notTaken],
  [over('bcr 15,%r0'), { r0: CODE }, notTaken],
  [over('bcr 0,%r5'), { r5: CODE }, notTaken],
  [over('bcr 2,%r5'), { r5: CODE + 10, cc: 2 }, taken],
  [over('bcr 2,%r5'), { r5: CODE + 10, cc: 1 }, notTaken],
  [over('br %r5'), { r5: CODE + 10 }, taken],
  [over('br %r5'), { r5: CODE + 11 }, { pic: 6 }],
  [over('bc 15,1(%r5,%r6)'), { r5: CODE, r6: 11 }, taken],
  [over('bic 8,0(%r5)'), { r5: DATA, data: '000000000020000e' }, taken],
  [over('bic 4,0(%r5)'), { r5: DATA, data: '000000000020000e' }, notTaken],
  [over('brct %r1,over'), { r1: 0x7_00000000n }, { r1: 0x7_ffffffffn }],
  [over('brct %r1,over'), { r1: 0x7_00000001n }, { r1: 0x7_00000000n, ...notTaken }],
  [over('brctg %r1,over'), { r1: 1 }, { r1: 0, ...notTaken }],
  [over('brctg %r1,over'), { r1: 0 }, { r1: -1 }],
  [over('brcth %r1,over'), { r1: 0x1_00000005n }, { r1: 5, ...notTaken }],
  [over('bctr %r1,%r0'), { r1: 5 }, { r1: 4, ...notTaken }],
  // The branch address is taken before the count changes it.
  [over('bctgr %r1,%r1'), { r1: CODE + 12 }, { r1: CODE + 11 }],
  [over('bct %r1,0(%r1)'), { r1: CODE + 12 }, { r1: CODE + 11 }],
  [over('brxh %r2,%r4,over'), { r2: 5, r4: 1, r5: 5 }, { r2: 6 }],
  [over('brxh %r2,%r4,over'), { r2: 4, r4: 1, r5: 5 }, { r2: 5, ...notTaken }],
  [over('brxle %r2,%r4,over'), { r2: 4, r4: 1, r5: 5 }, { r2: 5 }],
  // An odd R3 is increment and comparand; R1 may be the comparand as it was.
  [over('brxle %r2,%r5,over'), { r2: 0xffffffffn, r5: 5 }, { r2: 4 }],
  [over('brxh %r5,%r4,over'), { r4: 1, r5: 7 }, { r5: 8 }],
  [over('brxhg %r2,%r4,over'), { r2: -1, r4: -1, r5: -3 }, { r2: -2 }],
  [over('bxleg %r2,%r4,0(%r7)'), { r2: 0, r4: 1, r5: 1, r7: CODE + 14 }, { r2: 1 }],
  // Links.
  [over('bras %r1,over'), {}, { r1: CODE + 4 }],
  [over('brasl %r1,over'), {}, { r1: CODE + 6 }],
  [over('basr %r1,%r1'), { r1: CODE + 10 }, { r1: CODE + 2 }],
  [over('basr %r1,%r0'), {}, { r1: CODE + 2, ...notTaken }],
  [over('bal %r1,0(%r1)'), { r1: CODE + 12 }, { r1: CODE + 4 }],
  // Compare and branch: the last bit of the mask does nothing.
  [over('cgrj %r1,%r2,2,over'), { r1: 1, r2: -1 }, taken],
  [over('clgrj %r1,%r2,2,over'), { r1: 1, r2: -1 }, notTaken],
  [over('crj %r1,%r2,9,over'), { r1: 0xffffffff_00000001n, r2: 1 }, taken],
  [over('cij %r1,-1,6,over'), { r1: 0xffffffffn }, notTaken],
  [over('clij %r1,255,4,over'), { r1: 254 }, taken],
  [over('clgij %r1,255,10,over'), { r1: 254 }, notTaken],
  [over('cgij %r1,-128,12,over'), { r1: -128 }, taken],
  [over('cgij %r1,0,15,over'), { r1: 1 }, taken],
  [over('cgij %r1,0,1,over'), { r1: 0 }, notTaken],
  [over('crb %r1,%r2,8,0(%r5)'), { r1: 3, r2: 3, r5: CODE + 14 }, taken],
  [over('clgib %r1,200,2,0(%r5)'), { r1: 200, r5: CODE + 14 }, notTaken],
  // Compare and trap.
  ['crt %r1,%r2,4', { r1: 0xffffffffn, r2: 0 }, { pic: 7, dxc: 0xff }],
  ['clrt %r1,%r2,4', { r1: 0xffffffffn, r2: 0 }, {}],
  ['cgit %r1,-1,8', { r1: -1 }, { pic: 7, dxc: 0xff }],
  ['clfit %r1,65535,2', { r1: 0x10000 }, { pic: 7, dxc: 0xff }],
  ['clgt %r1,8,0(%r2)', { r1: 1, r2: DATA, data: '0000000000000001' }, { pic: 7, dxc: 0xff }],
  ['clgt %r1,6,0(%r2)', { r1: 1, r2: DATA, data: '0000000000000001' }, {}],
];

describe('compare', () => test.each(COMPARE)('%s', check));
describe('branch', () => test.each(BRANCH)('%s', check));

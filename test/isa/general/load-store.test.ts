import { describe, test } from 'vitest';
import { check, CODE, DATA, READ_ONLY, type Row, UNMAPPED } from './check.ts';

const AT_DATA = { r2: DATA };

/** PoP, "LOAD ..." */
const LOAD: Row[] = [
  ['lr %r1,%r2', { r2: -1 }, { r1: 0x01010101_ffffffffn }],
  ['lgr %r1,%r2', { r2: -1 }, { r1: -1 }],
  ['lgfr %r1,%r2', { r2: 0x80000000n }, { r1: -0x80000000 }],
  ['llgfr %r1,%r2', { r2: -1 }, { r1: 0xffffffffn }],
  ['llgtr %r1,%r2', { r2: -1 }, { r1: 0x7fffffff }],
  ['lbr %r1,%r2', { r2: 0x80 }, { r1: 0x01010101_ffffff80n }],
  ['lghr %r1,%r2', { r2: 0x8000 }, { r1: -0x8000 }],
  ['llgcr %r1,%r2', { r2: -1 }, { r1: 0xff }],
  ['llhr %r1,%r2', { r2: -1 }, { r1: 0x01010101_0000ffffn }],
  ['lhi %r1,-1', {}, { r1: 0x01010101_ffffffffn }],
  ['lgfi %r1,-2', {}, { r1: -2 }],
  ['llihh %r1,0x8001', {}, { r1: 0x8001_0000_0000_0000n }],
  ['llilh %r1,0x8001', {}, { r1: 0x8001_0000n }],
  ['llihf %r1,0xfffffffe', {}, { r1: 0xfffffffe_00000000n }],
  ['lgb %r1,0(%r2)', { ...AT_DATA, data: '80' }, { r1: -128 }],
  ['llc %r1,0(%r2)', { ...AT_DATA, data: '80' }, { r1: 0x01010101_00000080n }],
  ['lh %r1,1(%r2)', { ...AT_DATA, data: '00fffe' }, { r1: 0x01010101_fffffffen }],
  ['llgt %r1,0(%r2)', { ...AT_DATA, data: 'ffffffff' }, { r1: 0x7fffffff }],
  ['lzrf %r1,0(%r2)', { ...AT_DATA, data: '12345678' }, { r1: 0x01010101_12345600n }],
  ['lzrg %r1,0(%r2)', { ...AT_DATA, data: 'ffffffffffffffff' }, { r1: -256 }],
  ['llzrgf %r1,0(%r2)', { ...AT_DATA, data: 'ffffffff' }, { r1: 0xffffff00n }],
  ['lrv %r1,0(%r2)', { ...AT_DATA, data: '01020304' }, { r1: 0x01010101_04030201n }],
  ['lrvh %r1,0(%r2)', { ...AT_DATA, data: 'abcd' }, { r1: 0x01010101_0101cdabn }],
  ['lrvgr %r1,%r2', { r2: 0x0102030405060708n }, { r1: 0x0807060504030201n }],
  ['lg %r1,-4(%r2)', { r2: UNMAPPED }, { pic: 0x11 }],
  ['lgrl %r1,.+4', {}, { pic: 6 }],
  ['lrl %r1,.+6', {}, { pic: 6 }],
  ['lgrl %r1,value\nsvc 0\n.align 8\nvalue: .quad -3', {}, { r1: -3 }],
  ['lhrl %r1,value\nsvc 0\n.align 8\nnopr\nvalue: .byte 0x80,0', {}, { r1: 0x01010101_ffff8000n }],
  ['lfh %r1,0(%r2)', { ...AT_DATA, data: '80000001' }, { r1: 0x80000001_01010101n }],
  ['lbh %r1,0(%r2)', { ...AT_DATA, data: '80' }, { r1: 0xffffff80_01010101n }],
  ['llhh %r1,0(%r2)', { ...AT_DATA, data: '8001' }, { r1: 0x00008001_01010101n }],
  // With a CC.
  ['ltr %r1,%r2', { r2: 0xffffffff_00000000n, cc: 1 }, { r1: 0x01010101_00000000n, cc: 0 }],
  ['ltgfr %r1,%r2', { r2: 0x80000000n }, { r1: -0x80000000, cc: 1 }],
  ['ltg %r1,0(%r2)', { ...AT_DATA, data: '0000000100000000' }, { r1: 0x1_00000000n, cc: 2 }],
  ['lcr %r1,%r2', { r2: 0x80000000n }, { r1: 0x01010101_80000000n, cc: 3 }],
  ['lcgfr %r1,%r2', { r2: 0x80000000n }, { r1: 0x80000000n, cc: 2 }],
  ['lpgr %r1,%r2', { r2: 1n << 63n }, { r1: 1n << 63n, cc: 3 }],
  ['lpgfr %r1,%r2', { r2: 0x80000000n }, { r1: 0x80000000n, cc: 2 }],
  ['lpr %r1,%r2', { r2: 0x80000000n, programMask: 8 }, { r1: 0x01010101_80000000n, cc: 3, pic: 8 }],
  ['lnr %r1,%r2', { r2: 5 }, { r1: 0x01010101_fffffffbn, cc: 1 }],
  ['lngr %r1,%r2', { r2: 0, cc: 1 }, { r1: 0, cc: 0 }],
  // Addresses.
  ['la %r1,4095(%r2,%r3)', { r2: -1, r3: 2 }, { r1: 4096 }],
  ['lay %r1,-1', {}, { r1: -1 }],
  ['larl %r1,.+6', {}, { r1: CODE + 6 }],
  ['lae %r1,8(%r2)', { r2: 16, a1: 5 }, { r1: 24, a1: 0 }],
  ['lcbb %r1,63(%r2),0', { r2: DATA, cc: 1 }, { r1: 0x01010101_00000001n, cc: 3 }],
  ['lcbb %r1,48(%r2),0', { r2: DATA, cc: 1 }, { r1: 0x01010101_00000010n, cc: 0 }],
  ['lcbb %r1,0(%r2),7', { r2: DATA }, { pic: 6 }],
  // On condition, and the traps.
  ['locr %r1,%r2,8', { r2: 5, cc: 0 }, { r1: 0x01010101_00000005n }],
  ['locgr %r1,%r2,8', { r2: 5, cc: 1 }, {}],
  ['locg %r1,0(%r2),1', { ...AT_DATA, cc: 3, data: '00000000000000ff' }, { r1: 255 }],
  ['locghi %r1,-1,4', { cc: 1 }, { r1: -1 }],
  ['lochhi %r1,-1,2', { cc: 2 }, { r1: 0xffffffff_01010101n }],
  ['locfhr %r1,%r2,2', { r2: 7n << 32n, cc: 2 }, { r1: 0x00000007_01010101n }],
  ['selgr %r1,%r2,%r3,4', { r2: 5, r3: 6, cc: 1 }, { r1: 5 }],
  ['selr %r1,%r2,%r3,4', { r2: 5, r3: 6, cc: 2 }, { r1: 0x01010101_00000006n }],
  ['selfhr %r1,%r2,%r3,4', { r2: 5n << 32n, r3: 0, cc: 1 }, { r1: 0x00000005_01010101n }],
  ['lgat %r1,0(%r2)', { ...AT_DATA, data: '0000000000000001' }, { r1: 1 }],
  ['lgat %r1,0(%r2)', { ...AT_DATA }, { r1: 0, pic: 7, dxc: 0xff }],
  ['llgtat %r1,0(%r2)', { ...AT_DATA, data: '80000000' }, { r1: 0, pic: 7, dxc: 0xff }],
  ['lfhat %r1,0(%r2)', { ...AT_DATA }, { r1: 0x01010101, pic: 7, dxc: 0xff }],
  ['lat %r1,0(%r2)', { ...AT_DATA }, { r1: 0x01010101_00000000n, pic: 7, dxc: 0xff }],
];

/** PoP, "STORE ..." and "MOVE" of immediates. */
const STORE: Row[] = [
  ['stg %r1,-8(%r2)', { r1: 0x0102030405060708n, r2: DATA + 8 }, { data: '0102030405060708' }],
  ['sty %r1,1(%r2)', { r1: -2, ...AT_DATA }, { data: '00fffffffe00' }],
  ['sth %r1,0(%r2)', { r1: 0x12345678, ...AT_DATA }, { data: '5678' }],
  ['stc %r1,0(%r2)', { r1: 0x12345678, ...AT_DATA }, { data: '7800' }],
  ['strvg %r1,0(%r2)', { r1: 0x0102030405060708n, ...AT_DATA }, { data: '0807060504030201' }],
  ['strv %r1,0(%r2)', { r1: 0x01020304, ...AT_DATA }, { data: '04030201' }],
  ['strvh %r1,0(%r2)', { r1: 0x01020304, ...AT_DATA }, { data: '0403' }],
  ['stfh %r1,0(%r2)', { r1: 0xaabbccdd_00000000n, ...AT_DATA }, { data: 'aabbccdd' }],
  ['sthh %r1,0(%r2)', { r1: 0xaabbccdd_00000000n, ...AT_DATA }, { data: 'ccdd00' }],
  ['stch %r1,0(%r2)', { r1: 0xaabbccdd_00000000n, ...AT_DATA }, { data: 'dd00' }],
  ['mvi 0(%r2),0x5a', AT_DATA, { data: '5a00' }],
  ['mvhhi 0(%r2),-2', AT_DATA, { data: 'fffe00' }],
  ['mvhi 0(%r2),-2', AT_DATA, { data: 'fffffffe00' }],
  ['mvghi 0(%r2),-2', AT_DATA, { data: 'fffffffffffffffe00' }],
  ['st %r1,0(%r2)', { r2: READ_ONLY }, { pic: 4 }],
  ['st %r1,0(%r2)', { r2: READ_ONLY - 2 }, { pic: 4, at: { [READ_ONLY - 2]: '0000' } }],
  ['stgrl %r1,.+4', {}, { pic: 6 }],
  // No access when the condition is false.
  ['stoc %r1,0(%r2),8', { r1: 5, ...AT_DATA, cc: 0 }, { data: '00000005' }],
  ['stocg %r1,0(%r2),8', { r2: UNMAPPED, cc: 1 }, {}],
  ['stocg %r1,0(%r2),4', { r2: UNMAPPED, cc: 1 }, { pic: 0x11 }],
  ['stocfh %r1,0(%r2),4', { r1: 9n << 32n, ...AT_DATA, cc: 1 }, { data: '00000009' }],
];

/** PoP, "INSERT ..." and the instructions under mask. */
const INSERT: Row[] = [
  ['ic %r1,0(%r2)', { ...AT_DATA, data: 'ff' }, { r1: 0x01010101_010101ffn }],
  ['iihh %r1,0xffff', {}, { r1: 0xffff0101_01010101n }],
  ['iihl %r1,0xffff', {}, { r1: 0x0101ffff_01010101n }],
  ['iilh %r1,0xffff', {}, { r1: 0x01010101_ffff0101n }],
  ['iill %r1,0xffff', {}, { r1: 0x01010101_0101ffffn }],
  ['iihf %r1,0xffffffff', {}, { r1: 0xffffffff_01010101n }],
  ['iilf %r1,0xffffffff', {}, { r1: 0x01010101_ffffffffn }],
  ['icm %r1,15,0(%r2)', { ...AT_DATA, data: '80000000' }, { r1: 0x01010101_80000000n, cc: 1 }],
  ['icm %r1,5,0(%r2)', { ...AT_DATA, data: '1122' }, { r1: 0x01010101_01110122n, cc: 2 }],
  ['icm %r1,13,0(%r2)', { ...AT_DATA, data: '912233' }, { r1: 0x01010101_91220133n, cc: 1 }],
  ['icm %r1,7,0(%r2)', { ...AT_DATA, data: '000000', cc: 3 }, { r1: 0x01010101_01000000n, cc: 0 }],
  ['icm %r1,0,0(%r2)', { ...AT_DATA, cc: 3 }, { cc: 0 }],
  ['icm %r1,0,0(%r2)', { r2: UNMAPPED }, { pic: 0x11 }],
  ['icmh %r1,10,0(%r2)', { ...AT_DATA, data: '7fff' }, { r1: 0x7f01ff01_01010101n, cc: 2 }],
  ['stcm %r1,6,0(%r2)', { r1: 0x11223344, ...AT_DATA }, { data: '223300' }],
  ['stcm %r1,13,0(%r2)', { r1: 0x11223344, ...AT_DATA }, { data: '11224400' }],
  ['stcm %r1,8,0(%r2)', { r1: 0x11223344, ...AT_DATA }, { data: '1100' }],
  ['stcmh %r1,9,0(%r2)', { r1: 0x11223344_00000000n, ...AT_DATA }, { data: '114400' }],
  ['stcm %r1,7,0(%r2)', { r2: READ_ONLY - 1, r1: -1 }, { pic: 4, at: { [READ_ONLY - 1]: '00' } }],
];

/** PoP, "LOAD MULTIPLE", "STORE MULTIPLE" and the pairs. qemu-s390x lacks LMD; its STMH stores 0. */
const MULTIPLE: Row[] = [
  [
    'lm %r15,%r1,0(%r2)',
    { ...AT_DATA, data: '000000010000000200000003' },
    { r15: 0x0f0f0f0f_00000001n, r0: 2, r1: 0x01010101_00000003n },
  ],
  // The base is among the registers: all addresses come from its old value.
  [
    'lmg %r2,%r3,0(%r2)',
    { ...AT_DATA, data: '00000000000000010000000000000002' },
    { r2: 1, r3: 2 },
  ],
  ['lmg %r2,%r5,0(%r3)', { r3: UNMAPPED - 16 }, { pic: 0x11 }],
  [
    'lmh %r4,%r5,0(%r2)',
    { ...AT_DATA, data: 'aaaaaaaabbbbbbbb' },
    { r4: 0xaaaaaaaa_04040404n, r5: 0xbbbbbbbb_05050505n },
  ],
  [
    'lmd %r4,%r5,0(%r2),0(%r3)',
    { ...AT_DATA, r3: DATA + 8, data: '11111111222222223333333344444444' },
    { r4: 0x11111111_33333333n, r5: 0x22222222_44444444n },
  ],
  ['stm %r15,%r0,0(%r2)', { r15: -2, r0: 3, ...AT_DATA }, { data: 'fffffffe0000000300' }],
  ['stmg %r3,%r4,4(%r2)', AT_DATA, { data: '000000000303030303030303040404040404040400' }],
  ['stmh %r3,%r4,0(%r2)', { r3: 0x12345678_00000000n, ...AT_DATA }, { data: '123456780404040400' }],
  [
    'stmg %r3,%r4,0(%r2)',
    { r2: READ_ONLY - 8 },
    { pic: 4, at: { [READ_ONLY - 8]: '0000000000000000' } },
  ],
  ['lpq %r4,0(%r2)', { ...AT_DATA, data: '00000000000000010000000000000002' }, { r4: 1, r5: 2 }],
  ['lpq %r4,8(%r2)', AT_DATA, { pic: 6 }],
  ['lpq %r5,0(%r2)', AT_DATA, { pic: 6 }],
  ['stpq %r4,16(%r2)', AT_DATA, { at: { [DATA + 16]: '04040404040404040505050505050505' } }],
  ['stpq %r4,1(%r2)', AT_DATA, { pic: 6 }],
];

describe('load', () => test.each(LOAD)('%s', check));
describe('store', () => test.each(STORE)('%s', check));
describe('insert', () => test.each(INSERT)('%s', check));
describe('multiple', () => test.each(MULTIPLE)('%s', check));

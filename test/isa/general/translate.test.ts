import { test } from 'vitest';
import { check, DATA, READ_ONLY, type Row, UNMAPPED } from './check.ts';

const TABLE = DATA + 0x100;
const TO = DATA + 0x80;
/** Only the first half of a table here is mapped. */
const HALF = UNMAPPED - 0x80;

/** PoP, "TRANSLATE" and its relatives. */
const ROWS: Row[] = [
  [
    'tr 0(3,%r1),0(%r2)',
    { r1: DATA, r2: TABLE, data: '000201ff', at: { [TABLE]: 'a0a1a2' } },
    { data: 'a0a2a1ff' },
  ],
  // Of a table only what is used need be there.
  [
    'tr 0(2,%r1),0(%r2)',
    { r1: DATA, r2: HALF, data: '007f', at: { [HALF]: 'a5' } },
    { data: 'a500' },
  ],
  ['tr 0(2,%r1),0(%r2)', { r1: DATA, r2: HALF, data: '0080' }, { data: '0080', pic: 0x11 }],
  [
    'trt 0(4,%r4),0(%r5)',
    { r4: DATA, r5: TABLE, data: '01020304', at: { [TABLE + 3]: 'e7' } },
    { r1: DATA + 2, r2: 0x02020202_020202e7n, cc: 1 },
  ],
  [
    'trt 0(3,%r4),0(%r5)',
    { r4: DATA, r5: TABLE, data: '010203', at: { [TABLE + 3]: 'e7' } },
    { r1: DATA + 2, r2: 0x02020202_020202e7n, cc: 2 },
  ],
  [
    'trt 0(2,%r4),0(%r5)',
    { r4: DATA, r5: TABLE, data: '010203', at: { [TABLE + 3]: 'e7' }, cc: 3 },
    { cc: 0 },
  ],
  [
    'trtr 0(3,%r4),0(%r5)',
    { r4: DATA + 2, r5: TABLE, data: '030201', at: { [TABLE + 3]: 'e7' } },
    { r1: DATA, r2: 0x02020202_020202e7n, cc: 2 },
  ],
  // In 31-bit mode bit 32 of GR1 becomes zero, in 24-bit mode its left byte stays.
  [
    'sam31\ntrt 0(1,%r4),0(%r5)\nsam64',
    { r1: -1, r4: DATA, r5: TABLE, data: '03', at: { [TABLE + 3]: 'e7' } },
    { r1: 0xffffffff_00300000n, r2: 0x02020202_020202e7n, cc: 2 },
  ],
  [
    'sam24\ntrt 0(1,%r4),0(%r5)\nsam64',
    { r1: -1, r4: DATA, r5: TABLE, data: '03', at: { [TABLE + 3]: 'e7' } },
    { r1: 0xffffffff_ff300000n, r2: 0x02020202_020202e7n, cc: 2 },
  ],
  [
    'tre %r2,%r4',
    { r0: 9, r2: DATA, r3: 3, r4: TABLE, data: '010209', at: { [TABLE]: 'a0a1a2' } },
    { r2: DATA + 2, r3: 1, data: 'a1a209', cc: 1 },
  ],
  [
    'tre %r2,%r4',
    { r0: 9, r2: READ_ONLY - 1, r3: 3, r4: TABLE, at: { [TABLE]: 'a0' } },
    { r2: READ_ONLY, r3: 2, at: { [READ_ONLY - 1]: 'a0' }, pic: 4 },
  ],
  [
    'trte %r4,%r6,0',
    { r1: TABLE, r4: DATA, r5: 3, data: '010203', at: { [TABLE + 2]: '77' } },
    { r4: DATA + 1, r5: 2, r6: 0x77, cc: 1 },
  ],
  [
    'trte %r4,%r6,10',
    { r1: TABLE, r4: DATA, r5: 4, data: '01020002', at: { [TABLE + 2]: '77' } },
    { r4: DATA + 2, r5: 2, r6: 0x77, cc: 1 },
  ],
  [
    'trtre %r4,%r6,4',
    { r1: TABLE, r4: DATA + 2, r5: 3, data: '010203', at: { [TABLE + 2]: '1234' } },
    { r4: DATA, r5: 1, r6: 0x1234, cc: 1 },
  ],
  ['trte %r4,%r6,8', { r1: TABLE, r4: DATA, r5: 3 }, { pic: 6 }],
  [
    'troo %r4,%r6',
    { r0: 0xff, r1: TABLE + 7, r4: TO, r5: 2, r6: DATA, data: '0102', at: { [TABLE]: 'a0a1a2' } },
    { r4: TO + 2, r5: 0, r6: DATA + 2, at: { [TO]: 'a1a2' }, cc: 0 },
  ],
  [
    'trot %r4,%r6',
    { r0: 0xa2a3, r1: TABLE, r4: TO, r5: 2, r6: DATA, data: '0001', at: { [TABLE]: 'a0a1a2a3' } },
    { r4: TO + 2, r5: 1, r6: DATA + 1, at: { [TO]: 'a0a10000' }, cc: 1 },
  ],
  [
    'trto %r4,%r6,1',
    { r0: 0xa1, r1: TABLE, r4: TO, r5: 2, r6: DATA, data: '0001', at: { [TABLE]: 'a0a1' } },
    { r4: TO + 1, r5: 0, r6: DATA + 2, at: { [TO]: 'a1' }, cc: 0 },
  ],
  ['trtt %r4,%r6', { r1: TABLE, r5: 1 }, { pic: 6 }],
  ['trtt %r4,%r6', { r1: UNMAPPED, r4: UNMAPPED, r5: 0, r6: UNMAPPED, cc: 2 }, { cc: 0 }],
  // U+0041 U+00E4 U+20AC U+10348 in the three formats.
  [
    'cu12 %r4,%r6',
    { r4: TO, r5: 10, r6: DATA, r7: 10, data: '41c3a4e282acf0908d88' },
    { r4: TO + 10, r5: 0, r6: DATA + 10, r7: 0, at: { [TO]: '004100e420acd800df48' }, cc: 0 },
  ],
  [
    'cu14 %r4,%r6',
    { r4: TO, r5: 16, r6: DATA, r7: 10, data: '41c3a4e282acf0908d88' },
    {
      r4: TO + 16,
      r5: 0,
      r6: DATA + 10,
      r7: 0,
      at: { [TO]: '00000041000000e4000020ac00010348' },
      cc: 0,
    },
  ],
  [
    'cu21 %r4,%r6',
    { r4: TO, r5: 10, r6: DATA, r7: 10, data: '004100e420acd800df48' },
    { r4: TO + 10, r5: 0, r6: DATA + 10, r7: 0, at: { [TO]: '41c3a4e282acf0908d88' }, cc: 0 },
  ],
  [
    'cu24 %r4,%r6',
    { r4: TO, r5: 4, r6: DATA, r7: 4, data: 'd800df48' },
    { r4: TO + 4, r5: 0, r6: DATA + 4, r7: 0, at: { [TO]: '00010348' }, cc: 0 },
  ],
  [
    'cu41 %r4,%r6',
    { r4: TO, r5: 4, r6: DATA, r7: 4, data: '00010348' },
    { r4: TO + 4, r5: 0, r6: DATA + 4, r7: 0, at: { [TO]: 'f0908d88' }, cc: 0 },
  ],
  [
    'cu42 %r4,%r6',
    { r4: TO, r5: 4, r6: DATA, r7: 4, data: '00010348' },
    { r4: TO + 4, r5: 0, r6: DATA + 4, r7: 0, at: { [TO]: 'd800df48' }, cc: 0 },
  ],
  // U+0800, the first of three bytes, is well-formed; an overlong form is not.
  [
    'cu14 %r4,%r6,1',
    { r4: TO, r5: 4, r6: DATA, r7: 3, data: 'e0a080' },
    { r4: TO + 4, r5: 0, r6: DATA + 3, r7: 0, at: { [TO]: '00000800' }, cc: 0 },
  ],
  ['cu14 %r4,%r6,1', { r4: TO, r5: 4, r6: DATA, r7: 3, data: 'e09fbf' }, { cc: 2 }],
  [
    'cu14 %r4,%r6,0',
    { r4: TO, r5: 4, r6: DATA, r7: 3, data: 'e09fbf' },
    { r4: TO + 4, r5: 0, r6: DATA + 3, r7: 0, at: { [TO]: '000007ff' }, cc: 0 },
  ],
  ['cu12 %r4,%r6,1', { r4: TO, r5: 4, r6: DATA, r7: 3, data: 'eda080' }, { cc: 2 }],
  ['cu21 %r4,%r6,1', { r4: TO, r5: 4, r6: DATA, r7: 4, data: 'd8000041' }, { cc: 2 }],
  ['cu41 %r4,%r6', { r4: TO, r5: 4, r6: DATA, r7: 4, data: '00110000' }, { cc: 2 }],
  // No room; part of a character.
  ['cu12 %r4,%r6', { r4: TO, r5: 1, r6: DATA, r7: 1, data: '41' }, { cc: 1 }],
  ['cu12 %r4,%r6', { r4: TO, r5: 4, r6: DATA, r7: 2, data: 'e282ac', cc: 3 }, { cc: 0 }],
  ['cu12 %r4,%r7', {}, { pic: 6 }],
];

test.each(ROWS)('%s', check);

import { test } from 'vitest';
import { check, CODE, DATA, READ_ONLY, type Row, UNMAPPED } from './check.ts';

/** Access registers, program mask, addressing mode, conversion to and from decimal, the rest. */
const ROWS: Row[] = [
  [
    'lam %a14,%a1,0(%r2)',
    { r2: DATA, data: '0000000a0000000b0000000c0000000d' },
    { a14: 10, a15: 11, a0: 12, a1: 13 },
  ],
  ['lam %a0,%a0,2(%r2)', { r2: DATA }, { pic: 6 }],
  [
    'stam %a15,%a1,0(%r2)',
    { r2: DATA, data: '00'.repeat(16) },
    { data: '0000000f000000000000000100000000' },
  ],
  ['stam %a0,%a1,0(%r2)', { r2: READ_ONLY - 4, at: { [READ_ONLY - 4]: 'ffffffff' } }, { pic: 4 }],
  ['ear %r1,%a5', { a5: 0x8765_4321 }, { r1: 0x01010101_87654321n }],
  ['sar %a5,%r1', { r1: 0x9_87654321n }, { a5: 0x8765_4321 }],
  ['cpya %a5,%a6', { a6: 0x8765_4321 }, { a5: 0x8765_4321 }],
  ['ipm %r1', { r1: -1, cc: 2, programMask: 5 }, { r1: 0xffffffff_25ffffffn }],
  ['spm %r1\nipm %r2\nspm %r3', { r1: 0x1a00_0000, r2: 0, r3: 0 }, { r2: 0x1a00_0000, cc: 0 }],
  [
    'epsw %r1,%r2',
    { cc: 3, programMask: 2 },
    { r1: 0x01010101_07053201n, r2: 0x02020202_80000000n },
  ],
  ['epsw %r1,%r0', { r0: 0 }, { r1: 0x01010101_07050001n }],
  ['tam', {}, { cc: 3 }],
  ['sam31\ntam\nipm %r1\nsam24\ntam\nsam64', { r1: 0 }, { r1: 0x1000_0000, cc: 0 }],
  // BSM keeps the old mode in bit 63 of R1 and takes the new one from R2.
  [
    'bsm %r1,%r2\n.skip 2\ntam\nsam64',
    { r1: 0, r2: 0x8000_0000n + BigInt(CODE + 4) },
    { r1: 1, cc: 1 },
  ],
  ['bsm %r1,%r0', { r1: 0x10 }, { r1: 0x11 }],
  ['bassm %r1,%r2\n.skip 2\nsam64', { r2: BigInt(CODE + 4) }, { r1: CODE + 3 }],
  ['bassm %r1,%r2\n.skip 2', { r2: CODE + 5 }, { r1: CODE + 3 }],
  ['mc 0(%r1),15', {}, {}],
  ['mc 0(%r1),16', {}, { pic: 6 }],
  ['ecag %r1,%r0,0(%r0)', {}, { r1: 0x04n << 56n }],
  ['ecag %r1,%r0,16(%r0)', {}, { r1: 256 }],
  ['ecag %r1,%r0,18(%r0)', {}, { r1: -1 }],
  ['ecag %r1,%r0,256(%r0)', {}, { r1: -1 }],
  ['stfle 4(%r1)', { r1: DATA }, { pic: 6 }],
  // Queries of the message-security assist say that there is only the query.
  [
    'km %r2,%r4',
    { r0: 0, r1: DATA, data: 'ff'.repeat(16), cc: 2 },
    { data: `80${'00'.repeat(15)}`, cc: 0 },
  ],
  ['km %r2,%r4', { r0: 18, r1: DATA }, { pic: 6 }],
  ['km %r2,%r5', { r0: 0, r1: DATA }, { pic: 6 }],
  ['kimd %r2,%r4', { r0: 0x80, r1: DATA }, { pic: 6 }],
  // Decimal: PoP, appendix A, "CONVERT TO BINARY" and "CONVERT TO DECIMAL".
  ['cvb %r1,0(%r2)', { r2: DATA, data: '000000000025594f' }, { r1: 0x01010101_000063fan }],
  ['cvb %r1,0(%r2)', { r2: DATA, data: '000000000025594d' }, { r1: 0x01010101_ffff9c06n }],
  ['cvb %r1,0(%r2)', { r2: DATA, data: '000002147483648d' }, { r1: 0x01010101_80000000n }],
  // Too large: the low bits are placed, then it interrupts; with 64 bits nothing is placed.
  ['cvb %r1,0(%r2)', { r2: DATA, data: '000002147483648c' }, { r1: 0x01010101_80000000n, pic: 9 }],
  [
    'cvbg %r1,0(%r2)',
    { r2: DATA, data: '000000000000'.padEnd(12, '0') + '9223372036854775808c' },
    { pic: 9 },
  ],
  [
    'cvbg %r1,0(%r2)',
    { r2: DATA, data: `${'0'.repeat(12)}9223372036854775808d` },
    { r1: 1n << 63n },
  ],
  ['cvb %r1,0(%r2)', { r2: DATA, data: '00000000002559f4' }, { pic: 7, dxc: 0 }],
  ['cvb %r1,0(%r2)', { r2: UNMAPPED - 4 }, { pic: 0x11 }],
  ['cvd %r1,0(%r2)', { r1: 0x0f0f, r2: DATA }, { data: '000000000003855c' }],
  ['cvd %r1,0(%r2)', { r1: -0x8000_0000, r2: DATA }, { data: '000002147483648d' }],
  [
    'cvdg %r1,0(%r2)',
    { r1: -(1n << 63n), r2: DATA },
    { data: `${'0'.repeat(12)}9223372036854775808d` },
  ],
  ['cvd %r1,0(%r2)', { r2: READ_ONLY }, { pic: 4 }],
  // PoP, appendix A, "PACK" and "UNPACK".
  ['pack 0(5,%r1),0(5,%r1)', { r1: DATA, data: 'f1f2f3f4c5' }, { data: '000012345c' }],
  [
    'unpk 0(5,%r1),0(3,%r2)',
    { r1: DATA, r2: DATA + 8, at: { [DATA + 8]: '12345d' } },
    { data: 'f1f2f3f4d5' },
  ],
  [
    'pka 0(%r1),0(2,%r2)',
    { r1: DATA, r2: DATA + 32, at: { [DATA + 32]: '3738' } },
    { data: `${'0'.repeat(29)}78c` },
  ],
  ['pka 0(%r1),0(33,%r2)', { r1: DATA, r2: DATA }, { pic: 6 }],
  [
    'pku 0(%r1),0(4,%r2)',
    { r1: DATA, r2: DATA + 32, at: { [DATA + 32]: '00370038' } },
    { data: `${'0'.repeat(29)}78c` },
  ],
  ['pku 0(%r1),0(3,%r2)', { r1: DATA, r2: DATA }, { pic: 6 }],
  [
    'unpka 0(3,%r1),0(%r2)',
    { r1: DATA, r2: DATA + 32, at: { [DATA + 46]: '123d' } },
    { data: '313233', cc: 1 },
  ],
  [
    'unpku 0(4,%r1),0(%r2)',
    { r1: DATA, r2: DATA + 32, at: { [DATA + 46]: '1234' } },
    { data: '00320033', cc: 3 },
  ],
];

test.each(ROWS)('%s', check);

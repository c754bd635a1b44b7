import { test } from 'vitest';
import { check, DATA, READ_ONLY, type Row, UNMAPPED } from './check.ts';

/** PoP, "ADD" and its relatives; sums and carries by hand. */
const ROWS: Row[] = [
  // 32 bits: the high word stays, CC 3 on overflow.
  ['ar %r1,%r2', { r1: 0xaaaaaaaa_7fffffffn, r2: 1 }, { r1: 0xaaaaaaaa_80000000n, cc: 3 }],
  ['ar %r1,%r2', { r1: 5, r2: 0xfffffffbn, cc: 2 }, { r1: 0, cc: 0 }],
  ['ahi %r1,-1', { r1: 0, cc: 3 }, { r1: 0xffffffffn, cc: 1 }],
  ['ahik %r1,%r2,-1', { r2: 8 }, { r1: 0x01010101_00000007n, cc: 2 }],
  ['ah %r1,0(%r2)', { r1: 1, r2: DATA, data: 'fffe' }, { r1: 0xffffffffn, cc: 1 }],
  // 64 bits.
  ['agr %r1,%r2', { r1: (1n << 63n) - 1n, r2: 1 }, { r1: 1n << 63n, cc: 3 }],
  ['agfr %r1,%r2', { r1: 1, r2: 0xffffffffn }, { r1: 0, cc: 0 }],
  ['agfi %r1,-2147483648', { r1: 0, cc: 3 }, { r1: -2147483648, cc: 1 }],
  ['agh %r1,0(%r2)', { r1: 1, r2: DATA, data: '8000' }, { r1: -32767, cc: 1 }],
  // To storage.
  ['asi 0(%r2),-1', { r2: DATA, data: '80000000' }, { data: '7fffffff', cc: 3 }],
  ['agsi 0(%r2),1', { r2: DATA, data: '00000000ffffffff' }, { data: '0000000100000000', cc: 2 }],
  ['agsi 0(%r2),1', { r2: READ_ONLY }, { pic: 4 }],
  ['asi 0(%r2),1', { r2: UNMAPPED }, { pic: 0x11 }],
  // Logical: CC 2 zero with carry, 3 not zero with carry.
  ['alr %r1,%r2', { r1: 0xffffffffn, r2: 1 }, { r1: 0, cc: 2 }],
  ['alr %r1,%r2', { r1: 0xffffffffn, r2: 2 }, { r1: 1, cc: 3 }],
  ['algr %r1,%r2', { r1: -1, r2: 0 }, { r1: -1, cc: 1 }],
  ['algfr %r1,%r2', { r1: 1, r2: -1 }, { r1: 0x1_0000_0000n, cc: 1 }],
  ['alfi %r1,4294967295', { r1: 1 }, { r1: 0, cc: 2 }],
  ['algfi %r1,4294967295', { r1: -1 }, { r1: 0xfffffffen, cc: 3 }],
  // Signed immediates added logically: a negative one that does not borrow carries.
  ['alhsik %r1,%r2,-1', { r2: 0 }, { r1: 0x01010101_ffffffffn, cc: 1 }],
  ['alghsik %r1,%r2,-1', { r2: 1 }, { r1: 0, cc: 2 }],
  ['alsi 0(%r2),-1', { r2: DATA, data: '00000002' }, { data: '00000001', cc: 3 }],
  [
    'algsi 0(%r2),-128',
    { r2: DATA, data: '0000000000000000' },
    { data: 'ffffffffffffff80', cc: 1 },
  ],
  // With carry: the left bit of the CC is the carry in.
  ['alcr %r1,%r2', { r1: 0xffffffffn, r2: 0, cc: 2 }, { r1: 0, cc: 2 }],
  ['alcr %r1,%r2', { r1: 0xffffffffn, r2: 0xffffffffn, cc: 3 }, { r1: 0xffffffffn, cc: 3 }],
  ['alcr %r1,%r2', { r1: 1, r2: 1, cc: 1 }, { r1: 2, cc: 1 }],
  ['alcgr %r1,%r2', { r1: -1, r2: 0, cc: 3 }, { r1: 0, cc: 2 }],
  ['alcg %r1,0(%r2)', { r1: 0, r2: DATA, cc: 0, data: '0000000000000000' }, { r1: 0, cc: 0 }],
  // The high words.
  [
    'ahhhr %r1,%r2,%r3',
    { r2: 0x7fffffff_11111111n, r3: 0x1_22222222n },
    { r1: 0x80000000_01010101n, cc: 3 },
  ],
  ['ahhlr %r1,%r2,%r3', { r2: 5n << 32n, r3: 0x9_fffffffbn }, { r1: 0x01010101n, cc: 0 }],
  ['aih %r1,-1', { r1: 7 }, { r1: 0xffffffff_00000007n, cc: 1 }],
  ['alhhhr %r1,%r2,%r3', { r2: -1, r3: 1n << 32n }, { r1: 0x01010101n, cc: 2 }],
  ['alsih %r1,-1', { r1: 0x2_00000003n }, { r1: 0x1_00000003n, cc: 3 }],
  ['alsihn %r1,-1', { r1: 0x2_00000003n, cc: 2 }, { r1: 0x1_00000003n }],
  // Overflow interrupts when the program mask asks for it; the sum stands.
  ['ar %r1,%r2', { r1: 0x7fffffff, r2: 1, programMask: 8 }, { r1: 0x80000000n, cc: 3, pic: 8 }],
  [
    'agsi 0(%r2),1',
    { r2: DATA, data: '7fffffffffffffff', programMask: 8 },
    { data: '8000000000000000', cc: 3, pic: 8 },
  ],
  ['alr %r1,%r2', { r1: 0x7fffffff, r2: 1, programMask: 8 }, { r1: 0x80000000n, cc: 1 }],
];

test.each(ROWS)('%s', check);

import { test } from 'vitest';
import { check, DATA, type Row, UNMAPPED } from '../general/check.ts';

const PATTERN = '4020206b2020214b202040c3d9';
const SOURCE = DATA + 64;
const END = DATA + 0xfff;

/** PoP, appendix A, "EDIT" and "EDIT AND MARK"; b is the blank 40. */
const ROWS: Row[] = [
  // 0257426 with a plus sign: bb2,574.26bbb. The credit symbol only shows for minus.
  [
    'ed 0(13,%r1),0(%r2)',
    { r1: DATA, r2: SOURCE, data: PATTERN, at: { [SOURCE]: '0257426c' } },
    { data: '4040f26bf5f7f44bf2f6404040', cc: 2 },
  ],
  [
    'ed 0(13,%r1),0(%r2)',
    { r1: DATA, r2: SOURCE, data: PATTERN, at: { [SOURCE]: '0000026d' } },
    { data: '404040404040404bf2f640c3d9', cc: 1 },
  ],
  [
    'ed 0(13,%r1),0(%r2)',
    { r1: DATA, r2: SOURCE, data: PATTERN, at: { [SOURCE]: '0000000c' } },
    { data: '404040404040404bf0f0404040', cc: 0 },
  ],
  // Two fields: the CC is the last one's.
  [
    'ed 0(6,%r1),0(%r2)',
    { r1: DATA, r2: SOURCE, data: '402020222020', at: { [SOURCE]: '120000' } },
    { data: '40f1f2404040', cc: 0 },
  ],
  [
    'ed 0(3,%r1),0(%r2)',
    { r1: DATA, r2: SOURCE, data: '5c2022', at: { [SOURCE]: '1c' } },
    { data: '5cf15c', cc: 0 },
  ],
  // A bad digit.
  [
    'ed 0(2,%r1),0(%r2)',
    { r1: DATA, r2: SOURCE, data: '4020', at: { [SOURCE]: 'a0' } },
    { data: '4020', pic: 7 },
  ],
  // Source bytes are fetched only as digits are called for.
  ['ed 0(2,%r1),0(%r2)', { r1: DATA, r2: UNMAPPED, data: '406b' }, { data: '4040', cc: 0 }],
  ['ed 0(2,%r1),0(%r2)', { r1: DATA, r2: UNMAPPED, data: '4020' }, { data: '4020', pic: 0x11 }],
  // EDMK: the address of the first significant digit, unless significance was forced.
  [
    'edmk 0(13,%r4),0(%r2)',
    { r4: DATA, r2: SOURCE, data: PATTERN, at: { [SOURCE]: '0257426c' } },
    { r1: DATA + 2, data: '4040f26bf5f7f44bf2f6404040', cc: 2 },
  ],
  [
    'edmk 0(13,%r4),0(%r2)',
    { r4: DATA, r2: SOURCE, data: PATTERN, at: { [SOURCE]: '0000026d' } },
    { data: '404040404040404bf2f640c3d9', cc: 1 },
  ],
  ['tp 0(3,%r1)', { r1: DATA, data: '12345c', cc: 3 }, { cc: 0 }],
  ['tp 0(3,%r1)', { r1: DATA, data: '123456' }, { cc: 1 }],
  ['tp 0(3,%r1)', { r1: DATA, data: '1a345d' }, { cc: 2 }],
  ['tp 0(3,%r1)', { r1: DATA, data: '1a3456' }, { cc: 3 }],
  ['tp 0(2,%r1)', { r1: END + 0x1000 }, { pic: 0x11 }],
];

test.each(ROWS)('%s', check);

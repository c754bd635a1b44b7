import { test } from 'vitest';
import { check, DATA, READ_ONLY, type Row, UNMAPPED } from '../general/check.ts';

const A = DATA + 32;

/** PoP, appendix A "Decimal Instructions", and by hand. */
const ROWS: Row[] = [
  // The manual's examples.
  [
    'ap 0(2,%r1),0(3,%r2)',
    { r1: DATA, r2: A, data: '460d', at: { [A]: '00112c' } },
    { data: '348d', cc: 1 },
  ],
  [
    'zap 0(5,%r1),0(3,%r2)',
    { r1: DATA, r2: A, data: '1234567890', at: { [A]: '38460d' } },
    { data: '000038460d', cc: 1 },
  ],
  ['cp 0(4,%r1),0(3,%r2)', { r1: DATA, r2: A, data: '1725356d', at: { [A]: '72142d' } }, { cc: 1 }],
  [
    'mp 0(5,%r1),0(2,%r2)',
    { r1: DATA, r2: A, data: '000038460d', at: { [A]: '321d' }, cc: 3 },
    { data: '012345660c' },
  ],
  [
    'dp 0(5,%r1),0(2,%r2)',
    { r1: DATA, r2: A, data: '012345678c', at: { [A]: '321d' }, cc: 1 },
    { data: '38460d018c' },
  ],
  ['srp 0(6,%r1),3(%r0),0', { r1: DATA, data: '00010203040c' }, { data: '10203040000c', cc: 2 }],
  ['srp 0(5,%r1),61(%r0),0', { r1: DATA, data: '001234567c' }, { data: '000001234c', cc: 2 }],
  ['srp 0(6,%r1),60(%r0),5', { r1: DATA, data: '00001239500d' }, { data: '00000000124d', cc: 1 }],
  // Signs: A, C, E and F are plus; the result has the preferred C or D, zero is plus.
  [
    'ap 0(1,%r1),0(1,%r2)',
    { r1: DATA, r2: A, data: '5a', at: { [A]: '5b' } },
    { data: '0c', cc: 0 },
  ],
  [
    'sp 0(1,%r1),0(1,%r2)',
    { r1: DATA, r2: A, data: '1f', at: { [A]: '3e' } },
    { data: '2d', cc: 1 },
  ],
  ['cp 0(1,%r1),0(2,%r2)', { r1: DATA, r2: A, data: '0d', at: { [A]: '000f' }, cc: 3 }, { cc: 0 }],
  [
    'zap 0(1,%r1),0(1,%r2)',
    { r1: DATA, r2: A, data: '00', at: { [A]: '0b' } },
    { data: '0c', cc: 0 },
  ],
  // Overflow: digits are lost, CC 3; a zero that is left keeps the sign of the sum.
  [
    'ap 0(1,%r1),0(1,%r2)',
    { r1: DATA, r2: A, data: '9d', at: { [A]: '1d' } },
    { data: '0d', cc: 3 },
  ],
  [
    'ap 0(1,%r1),0(1,%r2)',
    { r1: DATA, r2: A, data: '9c', at: { [A]: '9c' }, programMask: 4 },
    { data: '8c', cc: 3, pic: 0x0a },
  ],
  ['srp 0(2,%r1),1(%r0),0', { r1: DATA, data: '200d' }, { data: '000d', cc: 3 }],
  ['mp 0(2,%r1),0(1,%r2)', { r1: DATA, r2: A, data: '000c', at: { [A]: '7d' } }, { data: '000d' }],
  // Data exceptions change nothing.
  [
    'ap 0(2,%r1),0(1,%r2)',
    { r1: DATA, r2: A, data: '1234', at: { [A]: '1c' } },
    { data: '1234', pic: 7, dxc: 0 },
  ],
  [
    'ap 0(2,%r1),0(1,%r2)',
    { r1: DATA, r2: A, data: '1a3c', at: { [A]: '1c' } },
    { data: '1a3c', pic: 7 },
  ],
  ['srp 0(1,%r1),0(%r0),10', { r1: DATA, data: '1c' }, { data: '1c', pic: 7 }],
  ['mp 0(2,%r1),0(1,%r2)', { r1: DATA, r2: A, data: '002c', at: { [A]: '2c' } }, { data: '004c' }],
  ['mp 0(2,%r1),0(1,%r2)', { r1: DATA, r2: A, data: '112c', at: { [A]: '2c' } }, { pic: 7 }],
  // Divide: no zero divisor, and the quotient must fit.
  ['dp 0(2,%r1),0(1,%r2)', { r1: DATA, r2: A, data: '007c', at: { [A]: '0c' } }, { pic: 0x0b }],
  ['dp 0(2,%r1),0(1,%r2)', { r1: DATA, r2: A, data: '020c', at: { [A]: '2c' } }, { pic: 0x0b }],
  ['dp 0(2,%r1),0(1,%r2)', { r1: DATA, r2: A, data: '019c', at: { [A]: '2c' } }, { data: '9c1c' }],
  // Lengths: the second operand is shorter and at most 8 bytes.
  ['mp 0(2,%r1),0(2,%r2)', { r1: DATA, r2: A }, { pic: 6 }],
  ['dp 0(16,%r1),0(9,%r2)', { r1: DATA, r2: A }, { pic: 6 }],
  ['ap 0(1,%r1),0(1,%r2)', { r1: READ_ONLY, r2: A, at: { [A]: '1c' } }, { pic: 4 }],
  ['cp 0(1,%r1),0(1,%r2)', { r1: UNMAPPED, r2: A, at: { [A]: '1c' } }, { pic: 0x11 }],
  // EXECUTE supplies both lengths.
  [
    'exrl %r3,t\nj e\nt: ap 0(1,%r1),0(1,%r2)\ne:',
    { r1: DATA, r2: A, r3: 0x10, data: '999c', at: { [A]: '1c' } },
    { data: '000c', cc: 3 },
  ],
];

test.each(ROWS)('%s', check);

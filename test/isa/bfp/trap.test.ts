import { test } from 'vitest';
import { check, DATA, type Row } from '../general/check.ts';

/** FPC masks. */
const INVALID = 0x8000_0000;
const DIVIDE = 0x4000_0000;
const OVERFLOW = 0x2000_0000;
const UNDERFLOW = 0x1000_0000;
const INEXACT = 0x0800_0000;

const ONE = 0x3ff0_0000_0000_0000n;
const THREE = 0x4008_0000_0000_0000n;
const TEN = 0x4024_0000_0000_0000n;
const MAX = 0x7fef_ffff_ffff_ffffn;
const QNAN = 0x7ff8_0000_0000_0000n;
const SNAN = 0x7ff4_0000_0000_0000n;

/** FPC with the mask and the data-exception code, which is also the interruption's. */
function trap(mask: number, dxc: number, flags = 0): { fpc: number; pic: 7; dxc: number } {
  return { fpc: (mask | (flags << 16) | (dxc << 8)) >>> 0, pic: 7, dxc };
}

/** PoP, "IEEE Exceptions" and the scale factors of figure 19-8; values by hand. */
const ROWS: Row[] = [
  // Invalid operation and division by zero suppress: only the DXC is new.
  ['ddbr %f1,%f2', { f1: 0, f2: 0, fpc: INVALID, cc: 2 }, trap(INVALID, 0x80)],
  ['ddbr %f1,%f2', { f1: ONE, f2: 0, fpc: DIVIDE | INVALID }, trap(DIVIDE | INVALID, 0x40)],
  ['debr %f1,%f2', { f1: ONE, f2: 7, fpc: DIVIDE }, trap(DIVIDE, 0x40)],
  ['dxbr %f0,%f1', { f0: ONE, f2: 5, fpc: DIVIDE }, trap(DIVIDE, 0x40)],
  ['sqdbr %f1,%f2', { f2: -1n, fpc: DIVIDE | INEXACT }, { f1: -1n }],
  ['sqdbr %f1,%f2', { f2: ONE | (1n << 63n), fpc: INVALID }, trap(INVALID, 0x80)],
  ['adbr %f1,%f2', { f1: SNAN, f2: ONE, fpc: INVALID, cc: 3 }, trap(INVALID, 0x80)],
  ['cdbr %f1,%f2', { f1: SNAN, f2: ONE, fpc: INVALID, cc: 2 }, trap(INVALID, 0x80)],
  ['cdbr %f1,%f2', { f1: QNAN, f2: ONE, fpc: INVALID, cc: 2 }, { cc: 3 }],
  ['kdbr %f1,%f2', { f1: ONE, f2: QNAN, fpc: INVALID, cc: 2 }, trap(INVALID, 0x80)],
  ['kxbr %f0,%f1', { f0: 0x7fff_8000n << 32n, fpc: INVALID, cc: 1 }, trap(INVALID, 0x80)],
  ['ltdbr %f1,%f2', { f2: SNAN, fpc: INVALID, cc: 1 }, trap(INVALID, 0x80)],
  ['ltxbr %f0,%f1', { f1: 0x7fff_0000n << 32n, f3: 1, fpc: INVALID }, trap(INVALID, 0x80)],
  ['ldebr %f1,%f2', { f2: 0xff80_0001n << 32n, fpc: INVALID }, trap(INVALID, 0x80)],
  ['ledbr %f1,%f2', { f1: 9, f2: SNAN, fpc: INVALID }, trap(INVALID, 0x80)],
  ['cgdbr %r1,5,%f2', { f2: QNAN, fpc: INVALID, cc: 1 }, trap(INVALID, 0x80)],
  ['cfebr %r1,5,%f2', { f2: 0x4f00_0000n << 32n, fpc: INVALID, cc: 1 }, trap(INVALID, 0x80)],
  [
    'clgdbr %r1,5,%f2,0',
    { f2: 0x3fe0n << 48n, fpc: INVALID, cc: 1 },
    { r1: 0, cc: 2, fpc: INVALID | (8 << 16) },
  ],
  ['clgdbr %r1,5,%f2,0', { f2: ONE | (1n << 63n), fpc: INVALID, cc: 1 }, trap(INVALID, 0x80)],
  ['fidbr %f1,5,%f2', { f2: SNAN, fpc: INVALID }, trap(INVALID, 0x80)],
  ['lcdbr %f1,%f2', { f2: SNAN, fpc: INVALID, cc: 0 }, { f1: SNAN | (1n << 63n), cc: 3 }],
  ['madbr %f1,%f2,%f3', { f1: QNAN, f2: 0, f3: 0x7ffn << 52n, fpc: INVALID }, trap(INVALID, 0x80)],

  // Overflow completes with the result times 2 ** -1536 (long), 2 ** -192 (short), 2 ** -24576.
  [
    'adbr %f1,%f2',
    { f1: MAX, f2: MAX, fpc: OVERFLOW },
    { f1: 0x1fff_ffff_ffff_ffffn, cc: 2, ...trap(OVERFLOW, 0x20) },
  ],
  [
    'sdbr %f1,%f2',
    { f1: MAX | (1n << 63n), f2: MAX, fpc: OVERFLOW | INEXACT },
    { f1: 0x9fff_ffff_ffff_ffffn, cc: 1, ...trap(OVERFLOW | INEXACT, 0x20) },
  ],
  [
    // (2 - 2**-52) ** 2 * 2**2046 = 2**2048 - 2**1996 + 2**1942, truncated to 53 bits
    'mdbr %f1,%f2',
    { f1: MAX, f2: MAX, fpc: OVERFLOW | 1 },
    { f1: 0x5fef_ffff_ffff_fffen, ...trap(OVERFLOW | 1, 0x28) },
  ],
  [
    'mdbr %f1,%f2',
    { f1: MAX, f2: MAX, fpc: OVERFLOW | 2 },
    { f1: 0x5fef_ffff_ffff_ffffn, ...trap(OVERFLOW | 2, 0x2c) },
  ],
  [
    'aeb %f1,0(%r2)',
    { f1: 0x7f00_0000_0000_0001n, r2: DATA, data: '7f000000', fpc: OVERFLOW },
    { f1: 0x1f80_0000_0000_0001n, cc: 2, ...trap(OVERFLOW, 0x20) },
  ],
  [
    'axbr %f0,%f1',
    { f0: 0x7ffe_0000n << 32n, f1: 0x7ffe_0000n << 32n, fpc: OVERFLOW, cc: 0 },
    { f0: 0x1fff_0000n << 32n, cc: 2, ...trap(OVERFLOW, 0x20) },
  ],
  [
    'sxbr %f0,%f1',
    { f0: 0xfffe_0000n << 32n, f1: 0x7ffe_0000n << 32n, fpc: OVERFLOW, cc: 0 },
    { f0: 0x9fff_0000n << 32n, cc: 1, ...trap(OVERFLOW, 0x20) },
  ],
  // LOAD ROUNDED leaves the source format, scaled by 2 ** -512 or 2 ** -8192.
  [
    'ledbr %f1,%f2',
    { f1: -1n, f2: 0x4c7e_0000_0000_0000n, fpc: OVERFLOW },
    { f1: 0x2c7e_0000_0000_0000n, ...trap(OVERFLOW, 0x20) },
  ],
  [
    'ledbra %f1,5,%f1,0',
    { f1: 0x4c70_0000_3fff_ffffn, fpc: OVERFLOW },
    { f1: 0x2c70_0000_2000_0000n, ...trap(OVERFLOW, 0x28) },
  ],
  [
    'ldxbr %f0,%f1',
    { f0: 1, f2: 2, f1: 0x5000_0000n << 32n, f3: 0, fpc: OVERFLOW },
    { f0: 0x3000_0000n << 32n, f2: 0, ...trap(OVERFLOW, 0x20) },
  ],
  [
    'lexbr %f0,%f1',
    { f0: 1, f2: 2, f1: 0x5000_0000n << 32n, f3: 0, fpc: 0 },
    { f0: 0x7f80_0000_0000_0001n, fpc: 0x28_0000 },
  ],

  // Underflow likewise upwards; when enabled it needs no inexactness.
  [
    'mdbr %f1,%f2',
    { f1: 0x1a70_0000_0000_0000n, f2: 0x1a70_0000_0000_0000n, fpc: UNDERFLOW },
    { f1: 0x54f0_0000_0000_0000n, ...trap(UNDERFLOW, 0x10) },
  ],
  [
    // Nmin / 2 is exact: 2 ** (-1023 + 1536).
    'ddbr %f1,%f2',
    { f1: 0x0010_0000_0000_0000n, f2: 0x4000_0000_0000_0000n, fpc: UNDERFLOW },
    {
      f1: 0x6000n << 48n,
      ...trap(UNDERFLOW, 0x10),
    },
  ],
  [
    'ddbr %f1,%f2',
    { f1: 0x0010_0000_0000_0000n, f2: 0x4000_0000_0000_0000n, fpc: 0 },
    { f1: 0x0008_0000_0000_0000n },
  ],
  [
    'ledbr %f1,%f2',
    { f1: -1n, f2: 0x3370_0000_0000_0000n, fpc: UNDERFLOW },
    { f1: 0x5370_0000_0000_0000n, ...trap(UNDERFLOW, 0x10) },
  ],
  [
    'adbr %f1,%f2',
    { f1: 1, f2: 1, fpc: UNDERFLOW },
    { f1: 0x5ce0n << 48n, cc: 2, ...trap(UNDERFLOW, 0x10) },
  ],

  // Inexact completes with the usual result; C says that rounding went away from zero.
  [
    'ddbr %f1,%f2',
    { f1: ONE, f2: THREE, fpc: INEXACT },
    { f1: 0x3fd5_5555_5555_5555n, ...trap(INEXACT, 0x08) },
  ],
  [
    'ddbr %f1,%f2',
    { f1: ONE, f2: TEN, fpc: INEXACT },
    { f1: 0x3fb9_9999_9999_999an, ...trap(INEXACT, 0x0c) },
  ],
  ['ddbr %f1,%f2', { f1: TEN, f2: 0x4014n << 48n, fpc: INEXACT }, { f1: 0x4000n << 48n }],
  [
    'adbr %f1,%f2',
    { f1: 0x4340n << 48n, f2: ONE, fpc: INEXACT, cc: 0 },
    { f1: 0x4340n << 48n, cc: 2, ...trap(INEXACT, 0x08) },
  ],
  [
    'axbr %f0,%f1',
    { f0: 0x3fff_0000n << 32n, f1: 0xbf00_0000n << 32n, fpc: INEXACT | 1, cc: 0 },
    { f0: 0x3ffe_ffff_ffff_ffffn, f2: -1n, cc: 2, ...trap(INEXACT | 1, 0x08) },
  ],
  [
    // Overflow is not enabled, so its flag is set beside the trap for inexact.
    'mdbr %f1,%f2',
    { f1: MAX, f2: MAX, fpc: INEXACT },
    { f1: 0x7ff0_0000_0000_0000n, ...trap(INEXACT, 0x0c, 0x20) },
  ],
  [
    'cgdbr %r1,5,%f2',
    { f2: 0xc00c_0000_0000_0000n, fpc: INEXACT, cc: 0 },
    { r1: -3, cc: 1, ...trap(INEXACT, 0x08) },
  ],
  [
    'cgdbr %r1,7,%f2',
    { f2: 0xc00c_0000_0000_0000n, fpc: INEXACT, cc: 0 },
    { r1: -4, cc: 1, ...trap(INEXACT, 0x0c) },
  ],
  [
    'cfdbra %r1,7,%f2,4',
    { f2: 0xc00c_0000_0000_0000n, fpc: INEXACT, cc: 0 },
    { r1: 0x01010101_fffffffcn, cc: 1 },
  ],
  [
    'clfxbr %r1,6,%f1,0',
    { f1: 0x3fff_8000n << 32n, fpc: INEXACT, cc: 0 },
    { r1: 0x01010101_00000002n, cc: 2, ...trap(INEXACT, 0x0c) },
  ],
  [
    'cegbr %f1,%r2',
    { f1: 5, r2: 0x0100_0001, fpc: INEXACT },
    { f1: 0x4b80_0000_0000_0005n, ...trap(INEXACT, 0x08) },
  ],
  ['cegbra %f1,6,%r2,4', { f1: 5, r2: 0x0100_0001, fpc: INEXACT }, { f1: 0x4b80_0001_0000_0005n }],
  [
    'cefbr %f1,%r2',
    { f1: 5, r2: 0x0100_0003, fpc: INEXACT },
    { f1: 0x4b80_0002_0000_0005n, ...trap(INEXACT, 0x0c) },
  ],
  [
    'fidbr %f1,4,%f2',
    { f2: 0x4004_0000_0000_0000n, fpc: INEXACT },
    { f1: 0x4000_0000_0000_0000n, ...trap(INEXACT, 0x08) },
  ],
  ['fidbra %f1,4,%f2,4', { f2: 0x400c_0000_0000_0000n, fpc: INEXACT }, { f1: 0x4010n << 48n }],
  [
    'maeb %f1,%f3,0(%r2)',
    {
      f1: 0x3f80_0000_0000_0009n,
      f3: 0x3f80_0000n << 32n,
      r2: DATA,
      data: '20000000',
      fpc: INEXACT,
    },
    { f1: 0x3f80_0000_0000_0009n, ...trap(INEXACT, 0x08) },
  ],
  [
    'madb %f1,%f3,0(%r2)',
    { f1: ONE, f3: ONE, r2: DATA, data: '3000000000000000', fpc: INEXACT | 2 },
    { f1: ONE + 1n, ...trap(INEXACT | 2, 0x0c) },
  ],

  // Exact: nothing to trap, and execution goes on.
  [
    'ledbr %f1,%f2\nldr %f3,%f1',
    { f2: ONE, fpc: INEXACT },
    { f1: 0x3f80_0000n << 32n, f3: 0x3f80_0000n << 32n },
  ],
];

test.each(ROWS)('%s', check);

import { test } from 'vitest';
import { check, DATA, READ_ONLY, type Row, UNMAPPED } from '../general/check.ts';

const SPECIFICATION = 6;
const INVALID_FLAG = 0x0080_0000;

/** The left word of a register. */
const left = (word: number): bigint => BigInt(word) << 32n;
/** The left halfword of a register, for round long numbers. */
const top = (halfword: number): bigint => BigInt(halfword) << 48n;

/** The Principles of Operation where qemu-s390x is no oracle; values by hand. */
const ROWS: Row[] = [
  // MULTIPLY to a longer format is exact; a signalling NaN goes before a quiet one.
  [
    'mdebr %f1,%f2',
    { f1: left(0x3fc0_0000), f2: left(0x3fc0_0000) + 9n, fpc: 0 },
    { f1: top(0x4002) },
  ],
  [
    'mdeb %f1,0(%r2)',
    { f1: left(0x7f7f_ffff) + 5n, r2: DATA, data: '7f7fffff', fpc: 0 },
    { f1: 0x4fef_ffff_c000_0020n },
  ],
  [
    'mdeb %f1,0(%r2)',
    { f1: left(0x7fc0_0001), r2: DATA, data: '7f800002', fpc: 0 },
    { f1: 0x7ff8_0000_4000_0000n, fpc: INVALID_FLAG },
  ],
  [
    'mxdbr %f0,%f4',
    { f0: 0x3ff0_0000_0000_0001n, f4: 0x3ff0_0000_0000_0001n, fpc: 0 },
    { f0: top(0x3fff), f2: 0x2000_0000_0000_0100n },
  ],
  [
    'mxdb %f1,0(%r2)',
    { f1: 1, r2: DATA, data: 'c000000000000000', fpc: 0 },
    { f1: top(0xbbce), f3: 0 },
  ],

  // DIVIDE TO INTEGER: 7 / 2 in the rounding modes of M4; the remainder is what is left.
  [
    'didbr %f1,%f3,%f2,5',
    { f1: top(0x401c), f2: top(0x4000), fpc: 0, cc: 3 },
    { f1: top(0x3ff0), f3: top(0x4008), cc: 0 },
  ],
  [
    'didbr %f1,%f3,%f2,4',
    { f1: top(0x401c), f2: top(0x4000), fpc: 0, cc: 3 },
    { f1: top(0xbff0), f3: top(0x4010), cc: 0 },
  ],
  [
    'didbr %f1,%f3,%f2,1',
    { f1: top(0x401c), f2: top(0x4000), fpc: 0, cc: 3 },
    { f1: top(0xbff0), f3: top(0x4010), cc: 0 },
  ],
  [
    'didbr %f1,%f3,%f2,0',
    { f1: top(0x401c), f2: top(0x4000), fpc: 3, cc: 3 },
    { f1: top(0x3ff0), f3: top(0x4008), cc: 0 },
  ],
  [
    'didbr %f1,%f3,%f2,6',
    { f1: top(0xc01c), f2: top(0x4000), fpc: 0, cc: 3 },
    { f1: top(0xbff0), f3: top(0xc008), cc: 0 },
  ],
  [
    'didbr %f1,%f3,%f2,5',
    { f1: top(0xc018), f2: top(0x4000), fpc: 0, cc: 3 },
    { f1: 1n << 63n, f3: top(0xc008), cc: 0 },
  ],
  [
    'diebr %f1,%f3,%f2,5',
    { f1: left(0x40e0_0000) + 1n, f2: left(0x4000_0000), f3: 2, fpc: 0 },
    { f1: left(0x3f80_0000) + 1n, f3: left(0x4040_0000) + 2n },
  ],
  [
    // 2 ** 60 / 3: the quotient's first 53 bits, 64 remaining.
    'didbr %f1,%f3,%f2,5',
    { f1: top(0x43b0), f2: top(0x4008), fpc: 0 },
    { f1: top(0x4050), f3: 0x4395_5555_5555_5555n, cc: 2 },
  ],
  [
    'didbr %f1,%f3,%f2,5',
    { f1: top(0x7ff0), f2: top(0x4000), fpc: 0 },
    { f1: top(0x7ff8), f3: top(0x7ff8), cc: 1, fpc: INVALID_FLAG },
  ],
  ['didbr %f1,%f1,%f2,5', { fpc: 0 }, { pic: SPECIFICATION }],
  ['didbr %f1,%f3,%f3,5', { fpc: 0 }, { pic: SPECIFICATION }],
  ['didbr %f1,%f3,%f1,5', { fpc: 0 }, { pic: SPECIFICATION }],
  ['didbr %f1,%f3,%f2,2', { fpc: 0 }, { pic: SPECIFICATION }],

  // LOAD AND TEST makes a signalling NaN quiet; the loads that only touch the sign do not.
  [
    'ltdbr %f1,%f2',
    { f2: 0xfff0_0000_0000_0001n, fpc: 8 << 16 },
    { f1: 0xfff8_0000_0000_0001n, cc: 3, fpc: INVALID_FLAG | (8 << 16) },
  ],
  ['ltdbr %f1,%f1', { f1: 0x7ff8_0000_0000_0001n, fpc: 0 }, { cc: 3 }],
  [
    'ltebr %f1,%f2',
    { f1: 7, f2: left(0x7f80_0001), fpc: 0 },
    { f1: left(0x7fc0_0001) + 7n, cc: 3, fpc: INVALID_FLAG },
  ],
  [
    'ltxbr %f0,%f1',
    { f1: top(0x7fff), f3: 1, fpc: 0 },
    { f0: 0x7fff_8000_0000_0000n, f2: 1, cc: 3, fpc: INVALID_FLAG },
  ],
  [
    'lcebr %f1,%f2',
    { f1: 7, f2: left(0x7f80_0001), fpc: 0 },
    { f1: left(0xff80_0001) + 7n, cc: 3 },
  ],
  ['lnxbr %f0,%f1', { f1: top(0x7fff), f3: 1, fpc: 0 }, { f0: top(0xffff), f2: 1, cc: 3 }],

  // MULTIPLY AND ADD takes a NaN of the third operand first, then of the second; a signalling one
  // anywhere goes before all of them.
  [
    'madbr %f1,%f3,%f2',
    { f1: top(0x7ff9), f2: top(0x7ffa), f3: top(0x7ffb), fpc: 0 },
    { f1: top(0x7ffb) },
  ],
  ['madbr %f1,%f3,%f2', { f1: top(0x7ff9), f2: top(0x7ffa), f3: 0, fpc: 0 }, { f1: top(0x7ffa) }],
  ['msdbr %f1,%f3,%f2', { f1: top(0x7ff9), f2: 0, f3: 0, fpc: 0 }, { f1: top(0x7ff9) }],
  [
    'madbr %f1,%f3,%f2',
    { f1: top(0x7ff1), f2: top(0x7ffa), f3: top(0x7ffb), fpc: 0 },
    { f1: top(0x7ff9), fpc: INVALID_FLAG },
  ],
  [
    'maebr %f1,%f3,%f2',
    { f1: left(0x7f80_0001) + 3n, f2: left(0x7fc0_0002), f3: 0, fpc: 0 },
    { f1: left(0x7fc0_0001) + 3n, fpc: INVALID_FLAG },
  ],

  // A NaN has no integer: invalid and inexact; CC 3 and the lowest integer.
  [
    'cgdbr %r1,5,%f2',
    { f2: top(0x7ff8), fpc: 0 },
    { r1: -1n << 63n, cc: 3, fpc: INVALID_FLAG | (8 << 16) },
  ],
  [
    'cfdbra %r1,5,%f2,4',
    { f2: top(0x7ff8), fpc: 0 },
    { r1: 0x01010101_80000000n, cc: 3, fpc: INVALID_FLAG },
  ],
  [
    'clgebr %r1,0,%f2,0',
    { f2: left(0xffc0_0000), fpc: 0 },
    { r1: 0, cc: 3, fpc: INVALID_FLAG | (8 << 16) },
  ],

  // Register pairs and rounding-mode modifiers that do not exist.
  ...[
    ...['axbr %f2,%f0', 'axbr %f0,%f2', 'lxr %f0,%f3', 'lzxr %f6', 'sqxbr %f0,%f7', 'cxbr %f2,%f0'],
    ...[
      'lcxbr %f0,%f2',
      'ltxbr %f2,%f0',
      'tcxb %f2,0',
      'lxdbr %f2,%f0',
      'lxebr %f3,%f0',
      'mxdbr %f2,%f0',
    ],
    ...['ldxbr %f2,%f0', 'ldxbr %f0,%f2', 'lexbr %f2,%f0', 'cxgbr %f2,%r1', 'cxlfbr %f2,0,%r1,0'],
    ...[
      'cgxbr %r1,5,%f2',
      'fixbr %f2,5,%f0',
      'fixbr %f0,5,%f2',
      'cgdbr %r1,2,%f2',
      'cfebr %r1,8,%f2',
    ],
    ...['clfdbr %r1,15,%f2,0', 'fidbr %f1,2,%f2', 'cdfbra %f1,2,%r1,0', 'cegbra %f1,9,%r1,0'],
    ...['ledbra %f1,2,%f2,0', 'cdlfbr %f1,2,%r1,0', 'celgbr %f1,8,%r1,0'],
  ].map((source): Row => [source, { fpc: 0 }, { pic: SPECIFICATION }]),

  // Storage operands: nothing changes before the access that faults.
  ['ld %f1,0(%r2)', { f1: 5, r2: UNMAPPED }, { pic: 0x11 }],
  ['adb %f1,0(%r2)', { f1: top(0x7ff1), r2: UNMAPPED, fpc: 0, cc: 2 }, { pic: 0x11 }],
  ['ld %f1,0(%r2)', { r2: UNMAPPED - 4 }, { pic: 0x11 }],
  [
    'std %f1,0(%r2)',
    { f1: -1n, r2: READ_ONLY - 4, at: { [READ_ONLY - 4]: '00000000' } },
    { pic: 4 },
  ],
  [
    'stey %f1,-4(%r2)',
    { f1: 0x1234_5678_9abc_def0n, r2: DATA + 4, data: '00000000' },
    { data: '12345678' },
  ],
];

test.each(ROWS)('%s', check);

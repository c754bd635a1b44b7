import { test } from 'vitest';
import { check, DATA, READ_ONLY, type Row, UNMAPPED } from '../general/check.ts';

const SPECIFICATION = 6;
const DATA_EXCEPTION = 7;

/** PoP, "EXTRACT FPC", "SET FPC" and their relatives. */
const ROWS: Row[] = [
  ['efpc %r1', { fpc: 0xf8f8_0003 }, { r1: 0x01010101_f8f80003n }],
  ['stfpc 0(%r2)', { r2: DATA, fpc: 0x1234 << 16, data: '00000000' }, { data: '12340000' }],
  ['stfpc 0(%r2)', { r2: READ_ONLY }, { pic: 4 }],
  ['sfpc %r1', { r1: 0xfcfcff77n, fpc: 0 }, { fpc: 0xfcfcff77 }],
  ['lfpc 0(%r2)', { r2: DATA, fpc: 0, data: '00080002' }, { fpc: 0x0008_0002 }],
  ['lfpc 0(%r2)', { r2: UNMAPPED, fpc: 5 << 16 }, { pic: 0x11 }],
  // Unassigned bits, and rounding modes that do not exist.
  ...[0x0200_0000, 0x0100_0000, 0x0002_0000, 0x0001_0000, 0x80, 0x08, 4, 5, 6].map((bad): Row => [
    'sfpc %r1',
    { r1: bad, fpc: 3 },
    { pic: SPECIFICATION },
  ]),
  ['lfpc 0(%r2)', { r2: DATA, fpc: 1, data: '00000004' }, { pic: SPECIFICATION }],

  // Rounding modes come from the address, which is not accessed.
  ['srnm 2', { fpc: 0x0008_0007 }, { fpc: 0x0008_0002 }],
  ['srnm 7(%r2)', { r2: 0xfff0, fpc: 0 }, { fpc: 3 }],
  ['srnmb 7', { fpc: 0xf800_0000 }, { fpc: 0xf800_0007 }],
  ['srnmb 3(%r2)', { r2: 0x100, fpc: 7 }, { fpc: 3 }],
  ['srnmb 4', { fpc: 1 }, { pic: SPECIFICATION }],
  ['srnmb 8', { fpc: 1 }, { pic: SPECIFICATION }],
  ['srnmb 128', { fpc: 1 }, { pic: SPECIFICATION }],
  ['srnmt 5', { fpc: 0x0008_0073 }, { fpc: 0x0008_0053 }],
  ['srnmt 15', { fpc: 1 }, { fpc: 0x71 }],

  // Flags stay, and one that the new masks enable is signalled: completion.
  ['sfasr %r1', { r1: 3, fpc: 0x0028_0000 }, { fpc: 0x0028_0003 }],
  ['sfasr %r1', { r1: 0x8000_0000n, fpc: 0x0028_0000 }, { fpc: 0x8028_0000 }],
  [
    'sfasr %r1',
    { r1: 0x8000_0001n, fpc: 0x00f8_0000 },
    { fpc: 0x80f8_8301, pic: DATA_EXCEPTION, dxc: 0x83 },
  ],
  [
    'sfasr %r1',
    { r1: 0x7800_0000n, fpc: 0x0078_0000 },
    { fpc: 0x7878_4300, pic: DATA_EXCEPTION, dxc: 0x43 },
  ],
  [
    'sfasr %r1',
    { r1: 0x3800_0000n, fpc: 0x0028_0000 },
    { fpc: 0x3828_2b00, pic: DATA_EXCEPTION, dxc: 0x2b },
  ],
  [
    'sfasr %r1',
    { r1: 0x3800_0000n, fpc: 0x0010_0000 },
    { fpc: 0x3810_1300, pic: DATA_EXCEPTION, dxc: 0x13 },
  ],
  [
    'lfas 0(%r2)',
    { r2: DATA, fpc: 0x0008_0003, data: '08200000' },
    { fpc: 0x0828_0b00, pic: DATA_EXCEPTION, dxc: 0x0b },
  ],
  // The source's flags do not signal.
  ['lfas 0(%r2)', { r2: DATA, fpc: 0, data: '80800000' }, { fpc: 0x8080_0000 }],
  ['lfas 0(%r2)', { r2: DATA, fpc: 0x0080_0000, data: '80000006' }, { pic: SPECIFICATION }],
];

test.each(ROWS)('%s', check);

import { describe, expect, test } from 'vitest';
import {
  accessListOptions,
  alet,
  FETCH_ONLY,
  FRAMES,
  GOOD,
  place,
  PLACE,
  SPACES,
} from './access-lists.ts';
import { BACKENDS, RESULTS, runGuest, SUCCESS } from './guest.ts';

// What is in the spaces: 01..., 02... and 03...; R3 (and R1, R8) has the secondary space's ALET,
// R5 (and R10) the third's, R7 the primary's.
const third = alet(GOOD);
const spaces = `${place(3, 1)} ${place(5, third)} ${place(7, 0)}`;
const pair = (first: number, second: number): string => `
  ${place(8, first)} ${place(10, second)}
  lghi %r9,16
  lghi %r11,8\n`;
const ones = (byte: number, count = 8): bigint =>
  BigInt(`0x${byte.toString(16).padStart(2, '0').repeat(count)}`);

interface Wanted {
  readonly cc?: number;
  readonly r4?: bigint;
  /** Doublewords in frames, by space and offset. */
  readonly at?: readonly (readonly [space: 0 | 1 | 2, offset: number, value: bigint])[];
}

const ROWS: [code: string, wanted: Wanted, before?: string][] = [
  [
    'mvcle %r8,%r10,0xee',
    {
      cc: 2,
      at: [
        [1, 0, ones(3)],
        [1, 8, ones(0xee)],
      ],
    },
    pair(1, third),
  ],
  ['clcle %r8,%r10,0', { cc: 1 }, pair(1, third)],
  ['clcl %r8,%r10', { cc: 1 }, pair(1, third)],
  [
    'mvclu %r8,%r10,0x20',
    {
      cc: 2,
      at: [
        [1, 0, ones(3)],
        [1, 8, 0x0020_0020_0020_0020n],
      ],
    },
    pair(1, third),
  ],
  ['clclu %r8,%r10,0', { cc: 1 }, pair(1, third)],
  ['cuse %r8,%r10', { cc: 2 }, `${pair(1, third)}lghi %r0,1\nlghi %r1,0`],
  ['cksm %r4,%r8', { cc: 0, r4: 0x0c0c_0c0cn }, `${pair(third, 0)}lghi %r4,0`],
  ['srst %r4,%r5', { cc: 1, r4: BigInt(PLACE) }, `la %r4,8(%r5)\nlghi %r0,3`],
  ['mvst %r3,%r5', { cc: 1, at: [[1, 0, 0x0302_0202_0202_0202n]] }, 'lghi %r0,3'],
  ['trt 0(1,%r5),0(%r3)\nlgr %r4,%r2', { cc: 2, r4: 2n }, 'lghi %r2,0'],
  ['trtr 0(1,%r5),0(%r3)\nlgr %r4,%r2', { cc: 2, r4: 2n }, 'lghi %r2,0'],
  [
    'tre %r8,%r10',
    {
      cc: 0,
      at: [
        [1, 0, ones(3)],
        [1, 8, ones(3)],
      ],
    },
    `${pair(1, third)}lghi %r0,0x77`,
  ],
  [
    'troo %r8,%r10,1',
    {
      cc: 0,
      at: [
        [0, 0, ones(2)],
        [0, 8, ones(2)],
      ],
    },
    `${pair(0, third)}${place(1, 1)}`,
  ],
  ['trte %r8,%r4,0', { cc: 1, r4: 2n }, `${pair(third, 0)}${place(1, 1)}`],
  ['cu12 %r8,%r10', { cc: 0, at: [[1, 0, 0x0003_0003_0003_0003n]] }, pair(1, third)],
  ['mvcin 0(8,%r3),7(%r5)', { at: [[1, 0, ones(3)]] }],
  ['mvn 0(8,%r3),0(%r5)', { at: [[1, 0, ones(3)]] }],
  ['mvo 0(2,%r3),0(2,%r5)', { at: [[1, 0, 0x3032_0202_0202_0202n]] }],
  ['pack 0(1,%r3),0(1,%r5)', { at: [[1, 0, 0x3002_0202_0202_0202n]] }],
  ['unpk 0(1,%r3),0(1,%r5)', { at: [[1, 0, 0x3002_0202_0202_0202n]] }],
  [
    'mvc 0(8,%r3),0(%r5)',
    {
      at: [
        [1, 0, ones(3)],
        [0, 0, ones(1)],
        [2, 0, ones(3)],
      ],
    },
  ],
  [
    'xc 0(8,%r5),0(%r3)',
    {
      cc: 1,
      at: [
        [2, 0, ones(1)],
        [1, 0, ones(2)],
      ],
    },
  ],
  ['clc 0(8,%r5),0(%r3)', { cc: 2 }],
  ['clm %r4,15,0(%r5)', { cc: 0 }, 'llilf %r4,0x03030303'],
  ['csg %r4,%r7,0(%r5)', { cc: 1, r4: ones(3) }, 'lghi %r4,0'],
  [
    'cdsg %r8,%r10,0(%r3)',
    {
      cc: 0,
      at: [
        [1, 0, 0n],
        [1, 8, 1n],
      ],
    },
    `lg %r8,0(%r3)\nlgr %r9,%r8\nlghi %r10,0\nlghi %r11,1`,
  ],
  ['agsi 0(%r3),1', { cc: 2, at: [[1, 0, ones(2) + 1n]] }],
  ['ts 0(%r5)', { cc: 0, at: [[2, 0, 0xff03_0303_0303_0303n]] }],
  ['stctg %c1,%c1,0(%r5)', { at: [[2, 0, BigInt(SPACES[0] | 3)]] }],
  ['stam %a3,%a4,0(%r5)', { at: [[2, 0, 0x1_0000_0000n]] }, 'lghi %r0,0\nsar %a4,%r0'],
  ['lra %r4,0(%r5)', { cc: 0, r4: BigInt(FRAMES[2]) }],
  ['tprot 0(%r3),0(%r7)', { cc: 1 }, place(3, alet(FETCH_ONLY))],
  ['mvck 0(%r8,%r3),0(%r5),%r9', { cc: 0, at: [[1, 0, ones(3)]] }, 'lghi %r8,8\nlghi %r9,0'],
  ['mvcdk 0(%r3),0(%r5)', { at: [[1, 0, ones(3)]] }, 'lghi %r0,7\nlghi %r1,0'],
  ['mvcsk 0(%r3),0(%r5)', { at: [[1, 0, ones(3)]] }, 'lghi %r0,7\nlghi %r1,0'],
  ['mvcos 0(%r3),0(%r5),%r8', { cc: 0, at: [[1, 0, ones(3)]] }, 'lghi %r8,8\nlghi %r0,0'],
  ['ectg 0(%r5),0(%r3),%r4\nlgr %r4,%r1', { r4: ones(2) }, place(4, third)],
  ['ectg 0(%r7),0(%r3),%r4', { r4: ones(3) }, place(4, third)],
  [
    'csst 0(%r3),0(%r5),%r8',
    {
      cc: 0,
      at: [
        [1, 0, 0x0101_0101_0202_0202n],
        [2, 0, 0x0103_0303_0303_0303n],
      ],
    },
    `llilf %r8,0x02020202\n${place(1, 0)}lghi %r0,0`,
  ],
  [
    'plo %r2,0(%r3),%r4,0(%r5)',
    { cc: 0, r4: 0x0303_0303n },
    'llilf %r2,0x02020202\nlghi %r4,0\nlghi %r0,0',
  ],
  [
    'plo %r8,0(%r3),%r4,0(%r5)',
    {
      cc: 0,
      at: [
        [1, 0, 0x1234_5678_0202_0202n],
        [2, 0, 0x7654_3210_0303_0303n],
      ],
    },
    'llilf %r8,0x02020202\nllilf %r9,0x12345678\nllilf %r4,0x76543210\nlghi %r0,12',
  ],
  // The operands overlap by their addresses only.
  [
    'mvcl %r8,%r10',
    {
      cc: 2,
      at: [
        [1, 0, 0x0202_0202_0303_0303n],
        [1, 8, 0x0303_0303_0000_0000n],
      ],
    },
    `${pair(1, third)}la %r8,4(%r8)`,
  ],
];

describe.each(BACKENDS)('in the access-register mode on %s', (backend) => {
  const options = accessListOptions(backend);

  test.each(ROWS)('operands of %s', async (code, { cc, r4, at = [] }, before = '') => {
    const { storage } = await runGuest(
      `${spaces}
      ${before}
      ${code}
      ipm %r15
      srl %r15,28
      st %r15,${RESULTS}
      stg %r4,${RESULTS + 8}
      svc 0
      svc_new: lpswe ${SUCCESS}`,
      options,
    );
    if (cc !== undefined) expect(storage.read32(RESULTS)).toBe(cc);
    if (r4 !== undefined) expect(storage.read64(RESULTS + 8)).toBe(r4);
    const found = at.map(([space, offset]) => [
      space,
      offset,
      storage.read64(FRAMES[space] + offset),
    ]);
    expect(found).toEqual(at);
  });
});

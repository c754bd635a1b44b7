import { describe, expect, test } from 'vitest';
import {
  check,
  DAT,
  DATA,
  HOME,
  INVALID_PAGE,
  INVALID_SEGMENT,
  key,
  PRIMARY_ASCE,
  PRIMARY_PAGE_TABLE,
  PROBLEM,
  READ_ONLY_PAGE,
  type Row,
  SECONDARY,
  SECONDARY_ASCE,
  SECONDARY_MODE,
  SUPERVISOR,
} from './check.ts';

const LOW_ADDRESS_PROTECTION = 0x1000_0000;
const SPECIFICATION = 6;
const PRIVILEGED = 2;
const PROTECTION = 4;
const ADDRESSING = 5;
const SPECIAL = 0x13;
const PAGE_TRANSLATION = 0x11;

const hex = (value: bigint): string => value.toString(16).padStart(16, '0');
const entryOf = (address: number): number => PRIMARY_PAGE_TABLE + 8 * (address >>> 12);

describe('LOAD REAL ADDRESS', () => {
  const mask = SUPERVISOR | DAT | SECONDARY_MODE;
  const MODE_31 = DAT | 0x8000_0000n;
  const rows: Row[] = [
    ['lra %r1,4(%r2)', { mask, r2: DATA }, { r1: SECONDARY + 4, cc: 0 }],
    ['lray %r1,-4(%r2)', { mask, r2: DATA + 8 }, { r1: SECONDARY + 4, cc: 0 }],
    ['lrag %r1,4(%r2)', { mask, r2: DATA }, { r1: SECONDARY + 4, cc: 0 }],
    // DAT need not be on.
    ['lra %r1,4(%r2)', { mask: SUPERVISOR, r2: DATA }, { r1: DATA + 4, cc: 0 }],
    // The entry that is invalid.
    ['lra %r1,0(%r2)', { mask, r2: INVALID_SEGMENT }, { r1: SECONDARY_ASCE + 16n, cc: 1 }],
    [
      'lrag %r1,0(%r2)',
      { mask: SUPERVISOR, r2: INVALID_PAGE },
      { r1: entryOf(INVALID_PAGE), cc: 2 },
    ],
    // An address that the table does not reach: ASCE-type exception, 0x38; the left half stays.
    ['lra %r1,0(%r2)', { mask, r1: -1, r2: 1n << 32n }, { r1: 0xffff_ffff_8000_0038n, cc: 3 }],
    // The 31-bit mode: only the right half is loaded.
    ['lra %r1,4(%r2)', { mask: MODE_31, r1: -1, r2: DATA }, { r1: 0xffff_ffff_0003_0004n, cc: 0 }],
    ['lrag %r1,4(%r2)', { mask: MODE_31, r1: -1, r2: DATA }, { r1: DATA + 4, cc: 0 }],
    [
      'lra %r1,0(%r2)',
      { mask: MODE_31, r2: DATA, at: { [entryOf(DATA)]: hex(0x1_0000_0000n) } },
      { pic: SPECIAL },
    ],
    ['lra %r1,0(%r2)', { mask: mask | PROBLEM, r2: DATA }, { pic: PRIVILEGED }],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });
});

describe('real addresses', () => {
  const mask = SUPERVISOR | DAT | SECONDARY_MODE;
  const at = { [DATA]: '0123456789abcdef', [SECONDARY]: 'ff' };
  const rows: Row[] = [
    ['lura %r1,%r2', { mask, r2: DATA + 4, r1: -1, at }, { r1: 0xffff_ffff_89ab_cdefn }],
    ['lurag %r1,%r2', { mask, r2: DATA, at }, { r1: 0x0123_4567_89ab_cdefn }],
    ['lura %r1,%r2', { r2: DATA + 2 }, { pic: SPECIFICATION }],
    ['lurag %r1,%r2', { r2: DATA + 4 }, { pic: SPECIFICATION }],
    ['lura %r1,%r2', { r2: 0x20_0000 }, { pic: ADDRESSING }],
    ['lura %r1,%r2', { r2: DATA, mask: PROBLEM }, { pic: PRIVILEGED }],
    [
      'lura %r1,%r2',
      { r2: DATA, mask: SUPERVISOR | key(3), keys: { [DATA]: 0x48 } },
      { pic: PROTECTION },
    ],
    [
      'lura %r1,%r2',
      { r2: DATA, r1: 0, mask: SUPERVISOR | key(3), at, keys: { [DATA]: 0x40 } },
      { r1: 0x0123_4567, keys: { [DATA]: 0x44 } },
    ],
    // Prefixing.
    [
      'lura %r1,%r2',
      { r2: 16, r1: 0, prefix: 0x3_4000, at: { [0x3_4010]: '00000007' } },
      { r1: 7 },
    ],
    [
      'stura %r1,%r2',
      { mask, r1: 0x1122_3344_5566_7788n, r2: DATA + 4, at },
      { at: { [DATA]: '0123456755667788', [SECONDARY]: 'ff' }, keys: { [DATA]: 6 } },
    ],
    [
      'sturg %r1,%r2',
      { mask, r1: 0x1122_3344_5566_7788n, r2: DATA },
      { at: { [DATA]: '1122334455667788' } },
    ],
    ['stura %r1,%r2', { r2: DATA + 2 }, { pic: SPECIFICATION }],
    ['sturg %r1,%r2', { r2: DATA + 4 }, { pic: SPECIFICATION }],
    ['sturg %r1,%r2', { r2: DATA, mask: PROBLEM }, { pic: PRIVILEGED }],
    // Low-address protection: the first 512 bytes of real pages 0 and 1.
    ['sturg %r1,%r2', { r2: 0x1f8, c0: LOW_ADDRESS_PROTECTION }, { pic: PROTECTION }],
    ['sturg %r1,%r2', { r2: 0x1008, c0: LOW_ADDRESS_PROTECTION }, { pic: PROTECTION }],
    ['sturg %r1,%r2', { r1: 1, r2: 0x200, c0: LOW_ADDRESS_PROTECTION }, { at: { 512: hex(1n) } }],
    [
      'stura %r1,%r2',
      { r2: DATA, mask: SUPERVISOR | key(3), keys: { [DATA]: 0x40 } },
      { pic: PROTECTION },
    ],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });
});

describe('TEST PROTECTION', () => {
  const mask = SUPERVISOR | DAT;
  const rows: Row[] = [
    ['tprot 0(%r1),0', { mask, r1: DATA }, { cc: 0 }],
    ['tprot 0(%r1),0', { mask, r1: READ_ONLY_PAGE }, { cc: 1 }],
    ['tprot 0(%r1),0', { mask, r1: INVALID_PAGE }, { cc: 3 }],
    ['tprot 0(%r1),0x30', { mask, r1: DATA, keys: { [DATA]: 0x40 } }, { cc: 1 }],
    ['tprot 0(%r1),0x30', { mask, r1: DATA, keys: { [DATA]: 0x48 } }, { cc: 2 }],
    ['tprot 0(%r1),0x40', { mask, r1: DATA, keys: { [DATA]: 0x48 } }, { cc: 0 }],
    ['tprot 0(%r1),0', { r1: 0x20_0000 }, { pic: ADDRESSING }],
    ['tprot 0(%r1),0', { r1: DATA, mask: PROBLEM }, { pic: PRIVILEGED }],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });
});

describe('invalidating entries', () => {
  const mask = SUPERVISOR | DAT;
  const entry = entryOf(DATA);
  const invalid = hex(BigInt(DATA) | 0x400n);
  const rows: Row[] = [
    ['ipte %r1,%r2', { r1: PRIMARY_PAGE_TABLE, r2: DATA }, { at: { [entry]: invalid } }],
    // What is right of the table's origin and around the index does not count.
    [
      'ipte %r1,%r2',
      { r1: PRIMARY_PAGE_TABLE + 0x7ff, r2: 0xff0_0fff + DATA },
      { at: { [entry]: invalid } },
    ],
    ['ipte %r1,%r2', { r1: 0x20_0000, r2: DATA }, { pic: ADDRESSING }],
    ['ipte %r1,%r2', { r1: 0, r2: DATA, mask: PROBLEM }, { pic: PRIVILEGED }],
    // A range: as many pages more as bits 56-63 of R3 say.
    [
      'ipte %r1,%r2,%r3',
      { r1: PRIMARY_PAGE_TABLE, r2: DATA, r3: 0xffff_ff01, facilities: [13] },
      {
        at: {
          [entry]: invalid + hex(0x3_1400n) + hex(0x3_2000n),
        },
      },
    ],
    // Without the facility R3 does not count.
    [
      'ipte %r1,%r2,%r3',
      { r1: PRIMARY_PAGE_TABLE, r2: DATA, r3: 1 },
      { at: { [entry]: invalid + hex(0x3_1000n) } },
    ],
    [
      'ipte %r1,%r2,%r3',
      { r1: PRIMARY_PAGE_TABLE, r2: 0xff000, r3: 1, facilities: [13] },
      { pic: SPECIFICATION },
    ],
    // The page was used before, and is looked for anew afterwards.
    [
      'l %r3,0(%r2)\nipte %r1,%r2\nlghi %r4,1\nl %r3,0(%r2)',
      { mask, r1: PRIMARY_PAGE_TABLE, r2: DATA, r3: 0 },
      { r4: 1, at: { [entry]: invalid }, pic: PAGE_TRANSLATION },
    ],
    // IDTE: a segment-table entry, found by bits 33-43 of the address.
    [
      'idte %r1,%r3,%r2',
      { r1: PRIMARY_ASCE, r2: 0x8000_0000, r3: 0 },
      { at: { [Number(PRIMARY_ASCE)]: hex(BigInt(PRIMARY_PAGE_TABLE) | 0x20n) } },
    ],
    [
      'idte %r1,%r3,%r2',
      { r1: DATA + 0xc, r2: 0x0060_0000_0000_0001n, r3: 0, at: { [DATA + 24]: hex(2n) } },
      { at: { [DATA + 24]: hex(0x22n) + hex(0x20n) + hex(0n) } },
    ],
    [
      'idte %r1,%r3,%r2',
      { r1: DATA + 0x8, r2: 0x0000_0c00_0000_0000n, r3: 0 },
      { at: { [DATA + 24]: hex(0x20n) + hex(0n) } },
    ],
    [
      'idte %r1,%r3,%r2',
      { r1: DATA + 0x4, r2: 0x0000_0001_8000_0000n, r3: 0 },
      { at: { [DATA + 24]: hex(0x20n) + hex(0n) } },
    ],
    ['idte %r1,%r3,%r2', { r1: DATA, r2: 0x1000, r3: 0 }, { pic: SPECIFICATION }],
    ['idte %r1,%r3,%r2', { mask: PROBLEM }, { pic: PRIVILEGED }],
    // Clearing by ASCE changes no table.
    [
      'idte %r1,%r3,%r2',
      { r1: PRIMARY_ASCE, r2: 0x800, r3: PRIMARY_ASCE },
      { at: { [Number(PRIMARY_ASCE)]: hex(BigInt(PRIMARY_PAGE_TABLE)) } },
    ],
    // A store into a table counts once the ASCE is cleared: the page is another one now.
    [
      'l %r3,0(%r2)\nsturg %r5,%r4\nidte %r0,%r6,%r7\nl %r3,0(%r2)',
      {
        ...{ mask, r2: DATA, r3: 0, r4: entry, r5: HOME, r6: PRIMARY_ASCE, r7: 0x800 },
        at: { [DATA]: '00000001', [HOME]: '00000002' },
      },
      { r3: 2, at: { [entry]: hex(BigInt(HOME)) } },
    ],
    [
      'l %r3,0(%r2)\nsturg %r5,%r4\nptlb\nl %r3,0(%r2)',
      {
        ...{ mask, r2: DATA, r3: 0, r4: entry, r5: HOME },
        at: { [DATA]: '00000001', [HOME]: '00000002' },
      },
      { r3: 2, at: { [entry]: hex(BigInt(HOME)) } },
    ],
    ['ptlb', { mask: PROBLEM }, { pic: PRIVILEGED }],
    ['palb', {}, {}],
    ['palb', { mask: PROBLEM }, { pic: PRIVILEGED }],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });
});

describe('COMPARE AND SWAP AND PURGE', () => {
  const mask = SUPERVISOR | DAT;
  const entry = entryOf(DATA);
  const rows: Row[] = [
    [
      'csp %r2,%r4',
      { r2: 0x5_1111_1111n, r3: 0x6_2222_2222n, r4: DATA + 3, at: { [DATA]: '11111111' } },
      { cc: 0, at: { [DATA]: '22222222' } },
    ],
    [
      'csp %r2,%r4',
      { r2: 0x5_0000_0000n, r3: 7, r4: DATA + 1, at: { [DATA]: '11111111' } },
      { cc: 1, r2: 0x5_1111_1111n, at: { [DATA]: '11111111' } },
    ],
    ['csp %r3,%r4', { r4: DATA }, { pic: SPECIFICATION }],
    ['csp %r2,%r4', { r4: DATA, mask: PROBLEM }, { pic: PRIVILEGED }],
    ['csp %r2,%r4', { mask, r2: 0, r4: READ_ONLY_PAGE }, { pic: PROTECTION }],
    [
      'cspg %r2,%r4',
      { r2: 1n << 63n, r3: 9, r4: DATA + 7, at: { [DATA]: hex(1n << 63n) } },
      { cc: 0, at: { [DATA]: hex(9n) } },
    ],
    [
      'cspg %r2,%r4',
      { r2: 0, r3: 9, r4: DATA, at: { [DATA]: hex(1n << 63n) } },
      { cc: 1, r2: 1n << 63n, at: { [DATA]: hex(1n << 63n) } },
    ],
    ['cspg %r3,%r4', { r4: DATA }, { pic: SPECIFICATION }],
    // With bit 63 of the address the TLB is purged; the table is mapped one to one.
    [
      'l %r1,0(%r5)\ncspg %r2,%r4\nl %r1,0(%r5)',
      {
        ...{ mask, r1: 0, r2: DATA, r3: HOME, r4: entry + 1, r5: DATA },
        at: { [DATA]: '00000001', [HOME]: '00000002' },
      },
      { cc: 0, r1: 2, at: { [entry]: hex(BigInt(HOME)) } },
    ],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });
});

describe('storage keys', () => {
  const PAGE = DATA + 0x123;
  const EDAT = 8;
  const CONDITIONAL = 10;
  const rows: Row[] = [
    ['sske %r1,%r2', { r1: -1, r2: PAGE, cc: 2 }, { keys: { [DATA]: 0xfe, [DATA + 4096]: 0 } }],
    ['sske %r1,%r2', { r1: 0, r2: 0x20_0000 }, { pic: ADDRESSING }],
    ['sske %r1,%r2', { r1: 0, r2: PAGE, mask: PROBLEM }, { pic: PRIVILEGED }],
    ['sske %r1,%r2', { r1: 0x30, r2: 16, prefix: 0x3_4000 }, { keys: { [0x3_4000]: 0x30, 0: 0 } }],
    // Without the facility M3 does not count.
    [
      'sske %r1,%r2,6',
      { r1: 0x36, r2: PAGE, cc: 2, keys: { [DATA]: 0x30 } },
      { keys: { [DATA]: 0x36 } },
    ],
    // Conditional: neither, one, the other bit compared; the old key goes to bits 48-55.
    [
      'sske %r1,%r2,6',
      { r1: 0x9936, r2: PAGE, facilities: [CONDITIONAL], keys: { [DATA]: 0x30 } },
      { cc: 0, r1: 0x3036, keys: { [DATA]: 0x30 } },
    ],
    [
      'sske %r1,%r2,6',
      { r1: 0x9946, r2: PAGE, facilities: [CONDITIONAL], keys: { [DATA]: 0x32 } },
      { cc: 1, r1: 0x3246, keys: { [DATA]: 0x46 } },
    ],
    [
      'sske %r1,%r2,4',
      { r1: 0x32, r2: PAGE, facilities: [CONDITIONAL], keys: { [DATA]: 0x36 } },
      { cc: 0, r1: 0x3632, keys: { [DATA]: 0x36 } },
    ],
    [
      'sske %r1,%r2,2',
      { r1: 0x32, r2: PAGE, facilities: [CONDITIONAL], keys: { [DATA]: 0x36 } },
      { cc: 1, r1: 0x3632, keys: { [DATA]: 0x32 } },
    ],
    // Several blocks: up to the next megabyte, by absolute addresses.
    [
      'sske %r1,%r2,1',
      { r1: 0x30, r2: 0xf_e123, cc: 2, facilities: [EDAT] },
      {
        r2: 0x10_0123,
        keys: { [0xf_d000]: 0, [0xf_e000]: 0x30, [0xf_f000]: 0x30, [0x10_0000]: 0 },
      },
    ],
    ['iske %r1,%r2', { r1: -1, r2: PAGE, keys: { [DATA]: 0x5a } }, { r1: 0xffff_ffff_ffff_ff5an }],
    ['iske %r1,%r2', { r2: PAGE, mask: PROBLEM }, { pic: PRIVILEGED }],
    ['iske %r1,%r2', { r2: 0x20_0000 }, { pic: ADDRESSING }],
    ...[0, 1, 2, 3].map((bits): Row => [
      'rrbe %r1,%r2',
      { r2: PAGE, keys: { [DATA]: 0x50 | (bits << 1) } },
      { cc: bits, keys: { [DATA]: 0x50 | ((bits & 1) << 1) } },
    ]),
    ['rrbe %r1,%r2', { r2: PAGE, mask: PROBLEM }, { pic: PRIVILEGED }],
    ['rrbm %r1,%r2', { r2: 0x4_0123 }, { pic: 1 }],
    [
      'rrbm %r1,%r2',
      {
        ...{ r2: 0x12_3123, facilities: [66] },
        keys: { [0x10_0000]: 0x06, [0x10_1000]: 0x02, [0x13_f000]: 0x04, [0x14_0000]: 0x04 },
      },
      {
        r1: 0x8000_0000_0000_0001n,
        keys: { [0x10_0000]: 0x02, [0x13_f000]: 0, [0x14_0000]: 0x04 },
      },
    ],
    ['pfmf %r1,%r2', { r1: 0, r2: DATA }, { pic: 1 }],
    // Set key and clear a frame of 4K bytes.
    [
      'pfmf %r1,%r2',
      { r1: 0x3_0050, r2: PAGE, facilities: [EDAT], at: { [DATA]: 'ff', [DATA + 0xfff]: 'ffff' } },
      { at: { [DATA]: '00', [DATA + 0xfff]: '00ff' }, keys: { [DATA]: 0x50 } },
    ],
    [
      'pfmf %r1,%r2',
      { r1: 0x1_1000, r2: 0xf_f123, facilities: [EDAT], at: { [0xf_efff]: 'ffff' } },
      { r2: 0x10_0123, at: { [0xf_efff]: 'ff00' } },
    ],
    ['pfmf %r1,%r2', { r1: 0x8000_0000, r2: 0, facilities: [EDAT] }, { pic: SPECIFICATION }],
    ['pfmf %r1,%r2', { r1: 0x1_3000, r2: 0, facilities: [EDAT] }, { pic: SPECIFICATION }],
    ['pfmf %r1,%r2', { r1: 0x800, r2: 0, facilities: [EDAT] }, { pic: SPECIFICATION }],
    [
      'pfmf %r1,%r2',
      { r1: 0x1_0000, r2: 0, facilities: [EDAT], c0: LOW_ADDRESS_PROTECTION },
      { pic: PROTECTION },
    ],
    ['pfmf %r1,%r2', { mask: PROBLEM, facilities: [EDAT] }, { pic: PRIVILEGED }],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });

  test('a page whose reference bit was reset has it again after an access', () => {
    const found = check(
      'l %r3,0(%r2)\nrrbe %r0,%r2\nl %r3,0(%r2)\niske %r4,%r2',
      { mask: SUPERVISOR | DAT, r2: DATA, r3: 0, r4: 0, keys: { [DATA]: 0x10 } },
      { r4: 0x14, cc: 2 },
    );
    expect(found.masksChanged).toBe(0);
  });

  test('a store sets the change bit again after SSKE has cleared it', () => {
    check(
      'st %r3,0(%r2)\nsske %r4,%r2\nst %r3,0(%r2)\niske %r5,%r2',
      { mask: SUPERVISOR | DAT, r2: DATA, r3: 0, r4: 0x10, r5: 0 },
      { r5: 0x16, keys: { [DATA]: 0x16 } },
    );
  });

  test('a key that SSKE has set protects the page at once', () => {
    check(
      'st %r3,0(%r2)\nspka 0\nsske %r4,%r2\nspka 0x30\nst %r3,0(%r2)',
      { mask: SUPERVISOR | key(3), r2: DATA, r3: 0, r4: 0x40, keys: { [DATA]: 0x30 } },
      { pic: PROTECTION },
    );
  });
});

import { describe, test } from 'vitest';
import {
  ACCESS_REGISTER_MODE,
  check,
  DAT,
  DATA,
  HOME,
  HOME_ASCE,
  HOME_MODE,
  INVALID_PAGE,
  INVALID_SEGMENT,
  PRIMARY_ASCE,
  PROBLEM,
  READ_ONLY_PAGE,
  type Row,
  SECONDARY,
  SECONDARY_MODE,
  SUPERVISOR,
} from './check.ts';

const EXTRACTION_AUTHORITY = 0x0800_0000;
const SECONDARY_SPACE = 0x0400_0000;
const SPECIFICATION = 6;
const PRIVILEGED = 2;
const PROTECTION = 4;
const SPECIAL = 0x13;
const PAGE_TRANSLATION = 0x11;
const SEGMENT_TRANSLATION = 0x10;

describe('address-space control', () => {
  const mask = SUPERVISOR | DAT;
  const c0 = SECONDARY_SPACE;
  const rows: Row[] = [
    ['sac 0', { mask: mask | SECONDARY_MODE, c0 }, { mask }],
    ['sac 0x100', { mask, c0 }, { mask: mask | SECONDARY_MODE }],
    ['sac 0x200', { mask, c0 }, { mask: mask | ACCESS_REGISTER_MODE }],
    ['sacf 0x300', { mask, c0 }, { mask: mask | HOME_MODE }],
    // Only bits 52-55 of the address count.
    ['sacf 0x2ff(%r1)', { mask, c0, r1: 0x7000 }, { mask: mask | ACCESS_REGISTER_MODE }],
    ['sac 0x400', { mask, c0 }, { pic: SPECIFICATION }],
    ['sac 0', { mask, c0: 0 }, { pic: SPECIAL }],
    ['sac 0', { mask: SUPERVISOR, c0 }, { pic: SPECIAL }],
    ['sac 0x300', { mask: mask | PROBLEM, c0 }, { pic: PRIVILEGED }],
    ['sac 0x100', { mask: mask | PROBLEM, c0 }, { mask: mask | PROBLEM | SECONDARY_MODE }],
    // The space-switch event is recognized when all is done.
    ['sac 0x300', { mask, c0, c13: HOME_ASCE | 0x40n }, { mask: mask | HOME_MODE, pic: 0x1c }],
    ['sac 0x200', { mask, c0, c1: PRIMARY_ASCE | 0x40n }, { mask: mask | ACCESS_REGISTER_MODE }],
    ['iac %r1', { mask, r1: -1 }, { r1: 0xffff_ffff_ffff_00ffn, cc: 0 }],
    ['iac %r1', { mask: mask | SECONDARY_MODE, r1: 0 }, { r1: 0x100, cc: 1 }],
    ['iac %r1', { mask: mask | ACCESS_REGISTER_MODE, r1: 0, a1: 0 }, { r1: 0x200, cc: 2 }],
    ['iac %r1', { mask: mask | HOME_MODE, r1: 0 }, { r1: 0x300, cc: 3 }],
    ['iac %r1', {}, { pic: SPECIAL }],
    ['iac %r1', { mask: mask | PROBLEM }, { pic: PRIVILEGED }],
    ['iac %r1', { mask: mask | PROBLEM, c0: EXTRACTION_AUTHORITY, r1: 0 }, { r1: 0, cc: 0 }],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });

  test('what follows SACF accesses the space that it has set', () => {
    check(
      'sacf 0x100\nlg %r2,0(%r1)\nsacf 0\nlg %r3,0(%r1)',
      { mask, c0, r1: DATA, at: { [DATA]: '0000000000000001', [SECONDARY]: '0000000000000002' } },
      { r2: 2, r3: 1 },
    );
  });
});

describe('address-space numbers', () => {
  const mask = SUPERVISOR | DAT;
  const c3 = 0x1234_5678_ffff_abcdn;
  const c4 = 0x8765_4321_ffff_0102n;
  const rows: Row[] = [
    ['epar %r1', { mask, c4, r1: -1 }, { r1: 0xffff_ffff_0000_0102n }],
    ['esar %r1', { mask, c3, r1: -1 }, { r1: 0xffff_ffff_0000_abcdn }],
    ['epair %r1', { mask, c4, facilities: [6] }, { r1: 0x8765_4321_0000_0102n }],
    ['esair %r1', { mask, c3, facilities: [6] }, { r1: 0x1234_5678_0000_abcdn }],
    ['epair %r1', { mask }, { pic: 1 }],
    ['epar %r1', {}, { pic: SPECIAL }],
    ['epar %r1', { mask: mask | PROBLEM }, { pic: PRIVILEGED }],
    ['esar %r1', { mask: mask | PROBLEM, c3, c0: EXTRACTION_AUTHORITY, r1: 0 }, { r1: 0xabcd }],
    // Needs ASN translation, bit 44 of control register 14, even for the primary one.
    ['ssar %r1', { mask, c4, r1: 0x102 }, { pic: SPECIAL }],
    [
      'ssar %r1',
      { mask, c3, c4, c14: 0x8_0000, r1: 0x7777_0102 },
      { c3: 0x1234_5678_ffff_0102n, c7: PRIMARY_ASCE },
    ],
    [
      'ssair %r1',
      { mask, c3, c4, c14: 0x8_0000, r1: 0x8765_4321_0000_0102n, facilities: [6] },
      { c3: 0x8765_4321_ffff_0102n, c7: PRIMARY_ASCE },
    ],
    [
      'ssair %r1',
      { mask, c3, c4, c14: 0x8_0000, r1: 0x8765_4322_0000_0102n, facilities: [6] },
      { pic: 0x2f },
    ],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });

  // ASN 0x0043: entry 1 of the first table, entry 3 of the second; authority index 5.
  const FIRST = 0x8_0000;
  const SECOND = 0x8_1000;
  const AUTHORITY = 0x8_2000;
  const ENTRY = SECOND + 3 * 64;
  const tables = {
    [FIRST + 4]: '00081000',
    [ENTRY]: '00082000' + '00000000' + '00000000' + '00060000',
    // Index 5: byte 1, bits 2 (primary) and 3 (secondary).
    [AUTHORITY]: '00' + '10',
  };
  const before = { mask, c4: 0x0005_0001, c14: 0x8_0000 | (FIRST >>> 12), r1: 0x43 };
  const translated: Row[] = [
    ['ssar %r1', { ...before, at: tables }, { c3: 0x43, c7: HOME_ASCE }],
    ['ssar %r1', { ...before, at: { ...tables, [AUTHORITY]: '00' + '20' } }, { pic: 0x25 }],
    [
      'ssar %r1',
      { ...before, c4: 0x0010_0001, at: { ...tables, [AUTHORITY + 4]: 'ff' } },
      { pic: 0x25 },
    ],
    ['ssar %r1', { ...before, at: { ...tables, [FIRST + 4]: '80081000' } }, { pic: 0x20 }],
    ['ssar %r1', { ...before, at: { ...tables, [ENTRY]: '80082000' } }, { pic: 0x21 }],
  ];
  test.each(translated)('%s, translating the number', (...row) => {
    check(...row);
  });
});

describe('moves between spaces', () => {
  const mask = SUPERVISOR | DAT;
  const c0 = SECONDARY_SPACE;
  const base = { mask, c0, r1: 4, r3: 0, r4: DATA, r5: DATA };
  const at = { [DATA]: '0011223344', [SECONDARY]: '8899aabbcc' };
  const rows: Row[] = [
    [
      'mvcp 0(%r1,%r4),1(%r5),%r3',
      { ...base, at },
      { cc: 0, at: { [DATA]: '99aabbcc44', [SECONDARY]: '8899aabbcc' } },
    ],
    [
      'mvcs 0(%r1,%r4),1(%r5),%r3',
      { ...base, at },
      { cc: 0, at: { [DATA]: '0011223344', [SECONDARY]: '11223344cc' } },
    ],
    ['mvcp 0(%r1,%r4),1(%r5),%r3', { ...base, r1: 0, at }, { cc: 0, at }],
    // No length accesses nothing.
    ['mvcp 0(%r1,%r4),0(%r5),%r3', { ...base, r1: 0, r5: INVALID_PAGE }, { cc: 0 }],
    // CC 3: there is more than 256 bytes.
    [
      'mvcs 0(%r1,%r4),0(%r5),%r3',
      { ...base, r1: 257, at: { [DATA]: '55'.repeat(257), [SECONDARY]: '66'.repeat(257) } },
      { cc: 3, at: { [SECONDARY]: `${'55'.repeat(256)}66` } },
    ],
    [
      'mvcs 0(%r1,%r4),0(%r5),%r3',
      { ...base, r1: 256, at: { [DATA]: '55'.repeat(257), [SECONDARY]: '66'.repeat(257) } },
      { cc: 0, at: { [SECONDARY]: `${'55'.repeat(256)}66` } },
    ],
    // In the 64-bit mode the whole register is the length, else its right half.
    [
      'mvcs 0(%r1,%r4),0(%r5),%r3',
      { ...base, r1: 1n << 32n, at: { [DATA]: '55'.repeat(256) } },
      { cc: 3, at: { [SECONDARY]: '55'.repeat(256) } },
    ],
    [
      'mvcs 0(%r1,%r4),0(%r5),%r3',
      { ...base, r1: 1n << 32n, mask: DAT | 0x8000_0000n, at },
      { cc: 0, at },
    ],
    ['mvcp 0(%r1,%r4),0(%r5),%r3', { ...base, mask: SUPERVISOR }, { pic: SPECIAL }],
    ['mvcp 0(%r1,%r4),0(%r5),%r3', { ...base, c0: 0 }, { pic: SPECIAL }],
    ['mvcp 0(%r1,%r4),0(%r5),%r3', { ...base, mask: mask | HOME_MODE }, { pic: SPECIAL }],
    ['mvcp 0(%r1,%r4),0(%r5),%r3', { ...base, mask: mask | PROBLEM }, { pic: PRIVILEGED }],
    ['mvcp 0(%r1,%r4),0(%r5),%r3', { ...base, r5: INVALID_PAGE }, { pic: PAGE_TRANSLATION }],
    ['mvcs 0(%r1,%r4),0(%r5),%r3', { ...base, r4: READ_ONLY_PAGE }, { pic: PROTECTION }],
    // The secondary operand's key is in R3, the primary one's in the PSW.
    [
      'mvcp 0(%r1,%r4),0(%r5),%r3',
      { ...base, r3: 0x30, keys: { [SECONDARY]: 0x28 } },
      { pic: PROTECTION },
    ],
    [
      'mvcp 0(%r1,%r4),0(%r5),%r3',
      { ...base, r3: 0x30, at, keys: { [SECONDARY]: 0x38, [DATA]: 0x48 } },
      { cc: 0, at: { [DATA]: '8899aabb44' } },
    ],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });
});

describe('moves with keys', () => {
  const base = { r1: 4, r3: 0x30, r4: DATA, r5: SECONDARY };
  const at = { [DATA]: '0011223344', [SECONDARY]: '8899aabbcc' };
  const moved = { [DATA]: '8899aabb44' };
  const rows: Row[] = [
    [
      'mvck 0(%r1,%r4),0(%r5),%r3',
      { ...base, at, keys: { [SECONDARY]: 0x38 } },
      { cc: 0, at: moved },
    ],
    [
      'mvck 0(%r1,%r4),0(%r5),%r3',
      { ...base, at, keys: { [SECONDARY]: 0x48 } },
      { pic: PROTECTION },
    ],
    ['mvck 0(%r1,%r4),0(%r5),%r3', { ...base, mask: PROBLEM }, { pic: PRIVILEGED }],
    [
      'mvck 0(%r1,%r4),0(%r5),%r3',
      { ...base, mask: PROBLEM, c3: 0x1000_0000, at },
      { cc: 0, at: moved },
    ],
    ['mvck 0(%r1,%r4),0(%r5),%r3', { ...base, r1: 0 }, { cc: 0 }],
    ['mvck 0(%r1,%r4),0(%r5),%r3', { ...base, r1: 300 }, { cc: 3 }],
    [
      'mvcsk 0(%r4),0(%r5)',
      { r0: 3, r1: 0x30, r4: DATA, r5: SECONDARY, at, keys: { [SECONDARY]: 0x38 } },
      { at: moved },
    ],
    [
      'mvcsk 0(%r4),0(%r5)',
      { r0: 3, r1: 0x40, r4: DATA, r5: SECONDARY, at, keys: { [SECONDARY]: 0x38 } },
      { pic: PROTECTION },
    ],
    [
      'mvcdk 0(%r4),0(%r5)',
      { r0: 3, r1: 0x30, r4: DATA, r5: SECONDARY, at, keys: { [DATA]: 0x30 } },
      { at: moved },
    ],
    [
      'mvcdk 0(%r4),0(%r5)',
      { r0: 3, r1: 0x40, r4: DATA, r5: SECONDARY, at, keys: { [DATA]: 0x30 } },
      { pic: PROTECTION },
    ],
    ['mvcdk 0(%r4),0(%r5)', { r0: 3, r1: 0x40, mask: PROBLEM }, { pic: PRIVILEGED }],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });
});

describe('MVCOS', () => {
  const mask = SUPERVISOR | DAT | HOME_MODE;
  const c0 = SECONDARY_SPACE;
  const MVCOS = 'mvcos 0(%r4),0(%r5),%r3';
  const base = { mask, c0, r0: 0, r3: 4, r4: DATA, r5: DATA };
  const at = { [DATA]: '0011223344', [SECONDARY]: '8899aabbcc', [HOME]: '0102030405' };
  /** An operand-access control: key, space, and which of them are meant. */
  const control = (space: number, keyBits = 0, meant = 1): number =>
    (keyBits << 12) | (space << 6) | meant;
  const rows: Row[] = [
    // As Linux does: to user space is the secondary, from user space likewise.
    [
      MVCOS,
      { ...base, r0: control(2) * 0x1_0000, at },
      { cc: 0, at: { ...at, [SECONDARY]: '01020304cc' } },
    ],
    [MVCOS, { ...base, r0: control(2), at }, { cc: 0, at: { ...at, [HOME]: '8899aabb05' } }],
    [MVCOS, { ...base, r0: control(0), at }, { cc: 0, at: { ...at, [HOME]: '0011223305' } }],
    // The space is not meant: home, as the PSW says.
    [
      MVCOS,
      { ...base, r0: control(2, 0, 0), r5: DATA + 1, at },
      {
        cc: 0,
        at: { ...at, [HOME]: '0203040505' },
      },
    ],
    [MVCOS, { ...base, r3: 0, r4: INVALID_PAGE, r5: INVALID_PAGE }, { cc: 0 }],
    [MVCOS, { ...base, r0: control(2), r5: INVALID_PAGE }, { pic: PAGE_TRANSLATION }],
    [MVCOS, { ...base, r0: control(2), r5: INVALID_SEGMENT }, { pic: SEGMENT_TRANSLATION }],
    [MVCOS, { ...base, r0: control(2) * 0x1_0000, r4: READ_ONLY_PAGE }, { pic: PROTECTION }],
    // More than 4096 bytes: as many are moved, across pages.
    [
      MVCOS,
      {
        ...{ ...base, r0: control(0), r3: 4097, r4: 0x8_0800, r5: 0x9_0400 },
        at: { [0x9_0400]: '77'.repeat(4097) },
      },
      { cc: 3, at: { [0x8_0800]: `${'77'.repeat(4096)}00` } },
    ],
    [
      MVCOS,
      {
        ...{ ...base, r0: control(0), r3: 4096, r4: 0x8_0800, r5: 0x9_0400 },
        at: { [0x9_0400]: '77'.repeat(4097) },
      },
      { cc: 0, at: { [0x8_0800]: `${'77'.repeat(4096)}00` } },
    ],
    // The second of two pages is not there.
    [MVCOS, { ...base, r0: control(2), r3: 16, r5: INVALID_PAGE - 8 }, { pic: PAGE_TRANSLATION }],
    [MVCOS, { ...base, mask: SUPERVISOR }, { pic: SPECIAL }],
    [MVCOS, { ...base, c0: 0, r0: control(2) }, { pic: SPECIAL }],
    [
      MVCOS,
      { ...base, c0: 0, r0: control(0), at },
      {
        cc: 0,
        at: { ...at, [HOME]: '0011223305' },
      },
    ],
    // In the problem state: the destination may not be said to be home; keys are checked.
    [MVCOS, { ...base, mask: PROBLEM | DAT, r0: control(3) * 0x1_0000 }, { pic: SPECIAL }],
    [MVCOS, { ...base, mask: PROBLEM | DAT, r0: control(0, 5, 3) }, { pic: PRIVILEGED }],
    [MVCOS, { ...base, mask: PROBLEM | DAT, r0: control(0, 5, 3), c3: 0x0400_0000, at }, { cc: 0 }],
    [MVCOS, { ...base, mask: PROBLEM | DAT, r0: control(0, 5, 3) * 0x1_0000 }, { pic: PRIVILEGED }],
    // A key of its own for each operand.
    [MVCOS, { ...base, r0: control(0, 5, 3), keys: { [DATA]: 0x68 } }, { pic: PROTECTION }],
    [
      MVCOS,
      { ...base, r0: control(0, 6, 3), at, keys: { [DATA]: 0x68 } },
      { cc: 0, at: { ...at, [HOME]: '0011223305' } },
    ],
    [
      MVCOS,
      { ...base, r0: control(2, 5, 2) * 0x1_0000, keys: { [HOME]: 0x60 } },
      { pic: PROTECTION },
    ],
    // Access registers: an ALET of 1 is the secondary space.
    [MVCOS, { ...base, r0: control(1), a5: 1, at }, { cc: 0, at: { ...at, [HOME]: '8899aabb05' } }],
    [MVCOS, { ...base, r0: control(1), a5: 0, at }, { cc: 0, at: { ...at, [HOME]: '0011223305' } }],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });

  test('addresses wrap in the 31-bit mode', () => {
    check(
      MVCOS,
      {
        ...{ ...base, mask: DAT | HOME_MODE | 0x8000_0000n, r0: control(2) },
        ...{ r3: 0xffff_ffff_0000_0004n, r4: 0x8003_0000, r5: 0x1_8003_0000 },
        at,
      },
      { cc: 0, at: { ...at, [HOME]: '8899aabb05' } },
    );
  });

  test('what the destination page had is not touched when the source page is missing', () => {
    check(MVCOS, { ...base, r0: control(2), r5: INVALID_PAGE, at }, { pic: PAGE_TRANSLATION, at });
  });
});

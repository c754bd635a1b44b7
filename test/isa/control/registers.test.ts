import { describe, expect, test } from 'vitest';
import { check, CPU_ID, CPU_NUMBER, DATA, PROBLEM, type Row } from './check.ts';

const SPECIFICATION = 6;
const PRIVILEGED = 2;
const ADDRESSING = 5;

const hex = (value: bigint): string => value.toString(16).padStart(16, '0');

describe('control registers', () => {
  const rows: Row[] = [
    // The left halves stay.
    [
      'lctl %c14,%c1,0(%r1)',
      {
        ...{ r1: DATA, c14: -1, c15: -1, c0: 0x1111_1111_0000_0000n, c1: 0 },
        at: { [DATA]: '00000001' + '80000002' + '00000003' + '00000004' },
      },
      {
        ...{ c14: 0xffff_ffff_0000_0001n, c15: 0xffff_ffff_8000_0002n },
        ...{ c0: 0x1111_1111_0000_0003n, c1: 4 },
      },
    ],
    [
      'lctlg %c15,%c0,0(%r1)',
      { r1: DATA, at: { [DATA]: '0123456789abcdef' + 'fedcba9876543210' } },
      { c15: 0x0123_4567_89ab_cdefn, c0: 0xfedc_ba98_7654_3210n },
    ],
    [
      'stctl %c2,%c3,0(%r1)',
      { r1: DATA, c2: -2, c3: 0x1_0000_0003n },
      { at: { [DATA]: 'fffffffe' + '00000003' + '00000000' } },
    ],
    [
      'stctg %c2,%c3,0(%r1)',
      { r1: DATA, c2: -2, c3: 0x1_0000_0003n },
      { at: { [DATA]: 'fffffffffffffffe' + '0000000100000003' + '00' } },
    ],
    // Operands on two pages.
    [
      'lctlg %c2,%c3,0(%r1)',
      { r1: DATA + 0xff8, at: { [DATA + 0xff8]: '0000000000000005' + '0000000000000006' } },
      { c2: 5, c3: 6 },
    ],
    ['lctl %c0,%c0,2(%r1)', { r1: DATA }, { pic: SPECIFICATION }],
    ['lctlg %c0,%c0,4(%r1)', { r1: DATA }, { pic: SPECIFICATION }],
    ['stctg %c0,%c0,4(%r1)', { r1: DATA }, { pic: SPECIFICATION }],
    ['lctl %c0,%c0,0(%r1)', { r1: DATA, mask: PROBLEM }, { pic: PRIVILEGED }],
    ['stctg %c0,%c0,0(%r1)', { r1: DATA, mask: PROBLEM }, { pic: PRIVILEGED }],
    ['lctlg %c0,%c0,0(%r1)', { r1: 0x7fff_0000 }, { pic: ADDRESSING }],
  ];
  test.each(rows)('%s', (...row) => {
    const { masksChanged } = check(...row);
    expect(masksChanged).toBe(row[0].startsWith('lctl') && !row[2].pic ? 1 : 0);
  });
});

describe('prefix and program parameter', () => {
  const rows: Row[] = [
    ['spx 0(%r1)', { r1: DATA, at: { [DATA]: '80035fff' } }, { prefix: 0x3_4000 }],
    // The area must be in storage.
    ['spx 0(%r1)', { r1: DATA, at: { [DATA]: '00200000' } }, { pic: ADDRESSING }],
    ['spx 2(%r1)', { r1: DATA }, { pic: SPECIFICATION }],
    ['spx 0(%r1)', { r1: DATA, mask: PROBLEM }, { pic: PRIVILEGED }],
    ['stpx 0(%r1)', { r1: DATA, prefix: 0x3_4000 }, { at: { [DATA]: '00034000' } }],
    ['stpx 2(%r1)', { r1: DATA }, { pic: SPECIFICATION }],
    [
      'lpp 0(%r1)',
      { r1: DATA, at: { [DATA]: '0123456789abcdef' } },
      { programParameter: 0x0123_4567_89ab_cdefn },
    ],
    ['lpp 0(%r1)', { r1: DATA, mask: PROBLEM }, { pic: PRIVILEGED }],
    // What follows SPX finds the new prefix area at 0.
    [
      'spx 0(%r1)\nl %r2,16',
      { r1: DATA, at: { [DATA]: '00034000', [0x3_4010]: '89abcdef' } },
      { prefix: 0x3_4000, r2: 0x02020202_89abcdefn },
    ],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });
});

describe('who and what', () => {
  const INFORMATION = 'e2'.repeat(64);
  const rows: Row[] = [
    ['stap 0(%r1)', { r1: DATA }, { at: { [DATA]: `000${CPU_NUMBER}` } }],
    ['stap 1(%r1)', { r1: DATA }, { pic: SPECIFICATION }],
    ['stidp 0(%r1)', { r1: DATA }, { at: { [DATA]: hex(CPU_ID) } }],
    ['stidp 4(%r1)', { r1: DATA }, { pic: SPECIFICATION }],
    // Facilities 0-3, 27, 31 at real 200; low-address protection does not apply.
    ['stfl 0', { c0: 0x1000_0000 }, { at: { 200: 'f0000011' + '00000000' } }],
    ['stfl 0', { mask: PROBLEM }, { pic: PRIVILEGED }],
    ['stfl 0', { prefix: 0x3_4000 }, { at: { 200: '00000000', [0x3_4000 + 200]: 'f0000011' } }],
    // Function code 0: the current level, 3, in bits 32-35 of GR0; the address is not looked at.
    ['stsi 3', { r0: 0xff_0000_0000n, r1: 0 }, { r0: 0xff_3000_0000n, cc: 0 }],
    [
      'stsi 0(%r2)',
      { r0: 0x1000_0001, r1: 1, r2: DATA },
      { cc: 0, at: { [DATA]: INFORMATION, [DATA + 4032]: INFORMATION } },
    ],
    ['stsi 0(%r2)', { r0: 0x1000_0002, r1: 1, r2: DATA }, { cc: 3, at: { [DATA]: '00' } }],
    ['stsi 0(%r2)', { r0: 0x4000_0000, r1: -1, r2: 1 }, { cc: 3 }],
    ['stsi 8(%r2)', { r0: 0x1000_0001, r1: 1, r2: DATA }, { pic: SPECIFICATION }],
    ['stsi 0(%r2)', { r0: 0x1000_0101, r1: 1, r2: DATA }, { pic: SPECIFICATION }],
    ['stsi 0(%r2)', { r0: 0x1000_0001, r1: 0x1_0001, r2: DATA }, { pic: SPECIFICATION }],
    ['stsi 0(%r2)', { r0: 0, r1: 0, mask: PROBLEM }, { pic: PRIVILEGED }],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });
});

describe('timers', () => {
  const VALUE = 0x0123_4567_89ab_cdefn;
  const rows: Row[] = [
    ['spt 0(%r1)', { r1: DATA, at: { [DATA]: hex(VALUE) } }, { cpuTimer: VALUE }],
    ['sckc 0(%r1)', { r1: DATA, at: { [DATA]: hex(VALUE) } }, { clockComparator: VALUE }],
    ['stpt 0(%r1)', { r1: DATA, cpuTimer: 1n << 63n }, { at: { [DATA]: hex(1n << 63n) } }],
    ['stckc 0(%r1)', { r1: DATA, clockComparator: VALUE }, { at: { [DATA]: hex(VALUE) } }],
    ...['spt', 'sckc', 'stpt', 'stckc'].flatMap((name): Row[] => [
      [`${name} 4(%r1)`, { r1: DATA }, { pic: SPECIFICATION }],
      [`${name} 0(%r1)`, { r1: DATA, mask: PROBLEM }, { pic: PRIVILEGED }],
    ]),
    ['sckpf', { r0: 0x1_0000 }, { pic: SPECIFICATION }],
    ['sckpf', { r0: 0, mask: PROBLEM }, { pic: PRIVILEGED }],
    // First operand less CPU timer, second operand, and the doubleword at R3.
    [
      'ectg 0(%r1),8(%r1),%r4',
      {
        ...{ mask: PROBLEM, r1: DATA, r4: DATA + 16, cpuTimer: 0x10n },
        at: { [DATA]: hex(5n) + hex(VALUE) + hex(7n) },
      },
      { r0: -11, r1: VALUE, r4: 7 },
    ],
    ['ptff', { r0: 0, r1: DATA }, { pic: 1 }],
    [
      'ptff',
      { r0: 0, r1: DATA, facilities: [28], at: { [DATA]: 'ff'.repeat(16) } },
      { cc: 0, at: { [DATA]: 'e0' + '00'.repeat(15) } },
    ],
    ['ptff', { r0: 5, r1: DATA, facilities: [28] }, { cc: 3 }],
    ['ptff', { r0: 0x80, r1: DATA, facilities: [28] }, { pic: SPECIFICATION }],
    ['ptff', { r0: 0x41, r1: DATA, facilities: [28], mask: PROBLEM }, { pic: PRIVILEGED }],
  ];
  test.each(rows)('%s', (...row) => {
    const { masksChanged } = check(...row);
    expect(masksChanged).toBe(/^(spt|sckc) /.test(row[0]) && !row[2].pic ? 1 : 0);
  });

  test('SCKPF sets the field that STCKE stores', () => {
    check(
      'sckpf\nstcke 0(%r1)',
      { r0: 0xabcd, r1: DATA, cc: 1 },
      { cc: 0, todProgrammable: 0xabcd, at: { [DATA + 14]: 'abcd' } },
    );
  });
});

describe('the machine carries out', () => {
  const rows: Row[] = [
    ...['xsch', 'csch', 'hsch', 'rchp', 'rsch', 'sal', 'schm'].map((name): Row => [
      name,
      {},
      { intercept: name.toUpperCase() },
    ]),
    ...['msch', 'ssch', 'stcps', 'stcrw', 'stsch', 'tpi', 'tsch', 'siga', 'sck'].map(
      (name): Row => [`${name} 8(%r1)`, {}, { intercept: name.toUpperCase() }],
    ),
    ['chsc %r2', {}, { intercept: 'CHSC' }],
    ['servc %r2,%r3', {}, { intercept: 'SERVC' }],
    ['sigp %r2,%r3,5(%r4)', {}, { intercept: 'SIGP' }],
    ['diag %r2,%r3,1280', {}, { intercept: 'DIAG' }],
    ['sic %r2,%r3,0(%r4)', { facilities: [72] }, { intercept: 'SIC' }],
    ['clp %r2,%r3,%r4', { facilities: [69] }, { intercept: 'CLP' }],
    ['sic %r2,%r3,0(%r4)', {}, { pic: 1 }],
    ['clp %r2,%r3,%r4', {}, { pic: 1 }],
    ['diag %r2,%r3,1280', { mask: PROBLEM }, { pic: PRIVILEGED }],
    ['tsch 0(%r1)', { mask: PROBLEM }, { pic: PRIVILEGED }],
    // What came before has happened.
    ['lghi %r3,1\nsigp %r2,%r3,5(%r4)\nlghi %r3,2', {}, { r3: 1, intercept: 'SIGP' }],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });
});

test('PCKMO answers the query and nothing else', () => {
  const facilities = [76];
  check(
    'pckmo',
    { r0: 0, r1: DATA, facilities, at: { [DATA]: 'ff'.repeat(16) } },
    { at: { [DATA]: '80' + '00'.repeat(15) } },
  );
  check('pckmo', { r0: 1, r1: DATA, facilities }, { pic: SPECIFICATION });
  check('pckmo', { r0: 0x80, r1: DATA, facilities }, { pic: SPECIFICATION });
  check('pckmo', { r0: 0, r1: DATA }, { pic: 1 });
});

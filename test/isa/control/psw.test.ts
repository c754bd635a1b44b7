import { describe, expect, test } from 'vitest';
import { check, DAT, DATA, key, PROBLEM, type Row, SUPERVISOR } from './check.ts';

const EXTRACTION_AUTHORITY = 0x0800_0000;
const SSM_SUPPRESSION = 0x4000_0000;
const SPECIFICATION = 6;
const PRIVILEGED = 2;
const SPECIAL = 0x13;

describe('loading the PSW', () => {
  const rows: Row[] = [
    [
      'lpswe 0(%r1)',
      { r1: DATA, at: { [DATA]: '0706300180000000' + '0000000000040000' } },
      { mask: 0x0706_3001_8000_0000n, ia: 0x4_0000n },
    ],
    // Every bit of the address is loaded; whether it is valid is found afterwards.
    [
      'lpswe 0(%r1)',
      { r1: DATA, at: { [DATA]: '0000000000000000' + 'fedcba9876543211' } },
      { mask: 0n, ia: 0xfedc_ba98_7654_3211n },
    ],
    // From 31-bit to 64-bit addressing: the new address is not cut to 31 bits.
    [
      'lpswe 0(%r1)',
      {
        mask: 0x8000_0000n,
        r1: DATA,
        at: { [DATA]: '0000000180000000' + '0000000180040000' },
      },
      { mask: SUPERVISOR, ia: 0x1_8004_0000n },
    ],
    ['lpswe 4(%r1)', { r1: DATA }, { pic: SPECIFICATION }],
    ['lpswe 0(%r1)', { r1: DATA, mask: PROBLEM }, { pic: PRIVILEGED }],
    ['lpswe 0(%r1)', { r1: 0x7fff_0000 }, { pic: 5 }],
    // Bit 12 is inverted, bits 33-63 become the address.
    [
      'lpsw 0(%r1)',
      { r1: DATA, at: { [DATA]: '060a2000' + '80040000' } },
      { mask: 0x0602_2000_8000_0000n, ia: 0x4_0000n },
    ],
    [
      'lpsw 0(%r1)',
      { r1: DATA, at: { [DATA]: '00080001' + '80040000' } },
      { mask: SUPERVISOR, ia: 0x4_0000n },
    ],
    // One without bit 12 is not a PSW of that format: an early exception will say so.
    [
      'lpsw 0(%r1)',
      { r1: DATA, at: { [DATA]: '00000000' + '80040000' } },
      { mask: 0x0008_0000_8000_0000n, ia: 0x4_0000n },
    ],
    ['lpsw 4(%r1)', { r1: DATA }, { pic: SPECIFICATION }],
    ['lpsw 0(%r1)', { r1: DATA, mask: PROBLEM }, { pic: PRIVILEGED }],
  ];
  test.each(rows)('%s', (...row) => {
    const { masksChanged } = check(...row);
    expect(masksChanged).toBe(row[2].pic ? 0 : 1);
  });

  test('an executed LPSWE is done too', () => {
    check(
      'ex 0,16(%r2)\nsvc 1\n',
      {
        r1: DATA,
        r2: DATA,
        at: { [DATA]: '0000000180000000' + '0000000000040000' + 'b2b21000' },
      },
      { ia: 0x4_0000n, mask: SUPERVISOR },
    );
  });
});

describe('the system mask', () => {
  const rows: Row[] = [
    ['ssm 0(%r1)', { r1: DATA, at: { [DATA]: '03' } }, { mask: SUPERVISOR | (3n << 56n) }],
    [
      'ssm 0(%r1)',
      { r1: DATA, mask: SUPERVISOR | (0x43n << 56n), at: { [DATA]: '00' } },
      { mask: SUPERVISOR },
    ],
    ['ssm 0(%r1)', { r1: DATA, c0: SSM_SUPPRESSION }, { pic: SPECIAL }],
    ['ssm 0(%r1)', { r1: DATA, mask: PROBLEM }, { pic: PRIVILEGED }],
    [
      'stnsm 0(%r1),252',
      { r1: DATA, mask: SUPERVISOR | (3n << 56n), at: { [DATA]: 'ff' } },
      { mask: SUPERVISOR, at: { [DATA]: '03' } },
    ],
    [
      'stnsm 0(%r1),0',
      { r1: DATA, mask: SUPERVISOR | (7n << 56n) },
      { mask: SUPERVISOR, at: { [DATA]: '07' } },
    ],
    [
      'stosm 0(%r1),3',
      { r1: DATA, mask: SUPERVISOR | (4n << 56n), at: { [DATA]: 'ff' } },
      { mask: SUPERVISOR | (7n << 56n), at: { [DATA]: '04' } },
    ],
    // An access exception leaves the mask alone.
    ['stosm 0(%r1),3', { r1: 0x7fff_0000 }, { pic: 5 }],
    ['stnsm 0(%r1),0', { r1: DATA, mask: PROBLEM }, { pic: PRIVILEGED }],
    ['stosm 0(%r1),0', { r1: DATA, mask: PROBLEM }, { pic: PRIVILEGED }],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });

  test('what follows SSM runs with DAT as SSM has it', () => {
    // Real storage has DATA at 0x31000 in the secondary space: not used here, but in the primary.
    check(
      'ssm 0(%r1)\nl %r2,0(%r3)',
      { r1: DATA, r3: 0x20_0000, at: { [DATA]: '04' } },
      { mask: SUPERVISOR | DAT, pic: 0x10 },
    );
  });
});

describe('MONITOR CALL', () => {
  // Bits 48-63 of control register 8 enable classes 0-15.
  const rows: Row[] = [
    ['mc 0(%r1),3', { r1: 0x1234 }, {}],
    ['mc 0(%r1),3', { r1: 0x1234, c8: 0x1000 }, { pic: 0x40 }],
    ['mc 0(%r1),3', { r1: 0x1234, c8: 0xefff }, {}],
    ['mc 0(%r1),16', { c8: 0xffff }, { pic: SPECIFICATION }],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });
});

describe('the PSW key', () => {
  const rows: Row[] = [
    ['spka 0x90', {}, { mask: SUPERVISOR | key(9) }],
    ['spka 0xfff(%r1)', { r1: -1, mask: SUPERVISOR | key(3) }, { mask: SUPERVISOR | key(15) }],
    // In the problem state the key mask in bits 32-47 of control register 3 decides.
    ['spka 0x90', { mask: PROBLEM, c3: 0x0040_0000 }, { mask: PROBLEM | key(9) }],
    ['spka 0x90', { mask: PROBLEM, c3: 0xffbf_ffff }, { pic: PRIVILEGED }],
    ['ipk', { mask: SUPERVISOR | key(11), r2: -1 }, { r2: 0xffff_ffff_ffff_ffb0n }],
    ['ipk', { mask: PROBLEM | key(11), r2: 0 }, { pic: PRIVILEGED }],
    ['ipk', { mask: PROBLEM | key(11), r2: 0, c0: EXTRACTION_AUTHORITY }, { r2: 0xb0 }],
  ];
  test.each(rows)('%s', (...row) => {
    check(...row);
  });
});

test('a privileged instruction is refused in the problem state wherever it is', () => {
  check('lghi %r3,1\nssm 0(%r1)', { mask: PROBLEM, r1: DATA }, { r3: 1, pic: PRIVILEGED });
});

import { describe, expect, test } from 'vitest';
import { LOWCORE } from '../../../src/arch/lowcore.ts';
import { PSW_BA } from '../../../src/arch/psw.ts';
import { assembledLength } from '../../../src/isa/assembler.ts';
import { AbsoluteStorage } from '../../../src/memory/absolute-storage.ts';
import {
  PAGE_INVALID,
  REGION_OR_SEGMENT_INVALID,
  REGION_THIRD,
  SEGMENT,
  Tables,
} from './dat-tables.ts';
import { checkFaults, type FaultRow, faults } from './faults.ts';
import { BACKENDS, type GuestOptions, RESULTS, runGuest, SUCCESS, SUPERVISOR } from './guest.ts';

const DAT = 1n << 58n;
const HOME_MODE = 3n << 46n;
const SECONDARY_MODE = 2n << 46n;
const ACCESS_REGISTER_MODE = 1n << 46n;
const KEY_8 = 8n << 52n;

/** Program-interruption codes (PoP, "Program-Interruption Codes"). */
const PROTECTION = 0x04;
const ADDRESSING = 0x05;
const SPECIFICATION = 0x06;
const SEGMENT_TRANSLATION = 0x10;
const PAGE_TRANSLATION = 0x11;
const ASCE_TYPE = 0x38;
const REGION_THIRD_TRANSLATION = 0x3b;

/** Translation-exception identification (PoP, "Translation-Exception Identification"). */
const FETCH = 0x800;
const KEY = 0x08;
const HOME = 3;

const TABLES = 0x10_0000;
const OTHER_TABLES = 0x18_0000;
const MEMORY = 0x40_0000;
const FRAME = 0x8_0000;
/** Pages with what EXECUTE is to execute: one that is invalid, and is so in these tables only. */
const CLOSED = 0x8_8000;
const BEFORE_CLOSED = CLOSED - 0x1000;
const KEYED = 0x8_a000;
const OUTSIDE = 0x8_b000;
const OTHER_SEGMENT = 0x60_0000;
const OTHER_REGION = 0x8765_4000;

function prepareTables(storage: AbsoluteStorage, at = TABLES, flags = PAGE_INVALID): Tables {
  return new Tables(storage, at, REGION_THIRD)
    .map(0, 0, { pages: 128 })
    .map(CLOSED, FRAME, { flags })
    .map(BEFORE_CLOSED, FRAME + 0x1000)
    .map(KEYED, FRAME + 0x2000)
    .map(OUTSIDE, MEMORY);
}

const place = (register: number, va: number): string => `llilf %r${register},${va}`;

/** Forms of EXECUTE: how its target and modifier are found, before it runs or when it does. */
const FORMS: [name: string, code: (target: number) => string[]][] = [
  ['EX of a constant', (target) => [place(1, target), 'ex %r0,0(%r1)']],
  ['EX by index', (target) => [place(3, target - 8), 'lghi %r1,7', 'ex %r0,1(%r1,%r3)']],
  ['EX with a modifier', (target) => [place(3, target), 'lghi %r2,1', 'ex %r2,0(%r3)']],
  ['EXRL', (target) => [`exrl %r0,${target}`]],
  ['EXRL with a modifier', (target) => ['lghi %r2,1', `exrl %r2,${target}`]],
];

type Row = readonly [target: number, code: number, identification?: number];

const text = (form: string, target: number, length: number, offset: number, fault: string) =>
  `${form} of ${target.toString(16)}: ${fault}, length ${length}, at ${offset}`;

/** Executes targets that cannot be fetched, by all forms that reach them. */
async function check(rows: readonly Row[], options: GuestOptions): Promise<void> {
  const cases = rows.flatMap(([target, code, identification]) =>
    // Relative ones reach no odd address.
    FORMS.slice(0, target % 2 === 0 ? FORMS.length : 3).map(([form, make]) => ({
      ...{ form, target, code, identification },
      lines: make(target),
    })),
  );
  const found = await faults(
    cases.map(({ lines }) => lines.join('\n')),
    options,
  );
  const hex = (code: number, identification?: number | bigint): string =>
    `${code.toString(16)} ${identification?.toString(16)}`;
  const seen = found.map(({ code, length, offset, identification }, i) => {
    const { form, target, identification: wanted } = cases[i]!;
    const fault = hex(code, wanted === undefined ? undefined : identification);
    return text(form, target, length, Number(offset), fault);
  });
  const expected = cases.map(({ form, target, code, identification, lines }) => {
    const lengths = lines.map(assembledLength);
    const length = lengths.at(-1)!;
    // PoP, "Types of Instruction Ending": translation exceptions nullify, the others suppress.
    const behind = lengths.reduce((a, b) => a + b, 0);
    const offset = code >= SEGMENT_TRANSLATION ? behind - length : behind;
    return text(form, target, length, offset, hex(code, identification));
  });
  expect(seen).toEqual(expected);
}

describe.each(BACKENDS)('EXECUTE on %s', (backend) => {
  const options: GuestOptions = {
    ...{ backend, memory: MEMORY, mask: SUPERVISOR | DAT },
    control: { 1: BigInt(TABLES | 7), 7: BigInt(OTHER_TABLES | 7), 13: BigInt(TABLES | 7) },
    prepare: (storage) => {
      const tables = prepareTables(storage);
      storage.write64(tables.entry(OTHER_SEGMENT, SEGMENT), REGION_OR_SEGMENT_INVALID);
      prepareTables(storage, OTHER_TABLES, 0n);
      // LA, whose second half is on the page behind.
      storage.write16(FRAME + 0x1ffe, 0x4100);
      storage.keys[(FRAME + 0x2000) >>> 12] = 0x98;
      storage.write16(FRAME + 0x2010, 0x1800);
    },
  };

  // PoP, "EXECUTE": access exceptions for the target are its own, the length EXECUTE's.
  test('a target that is not there is told by its address', async () => {
    await check(
      [
        [CLOSED + 0x10, PAGE_TRANSLATION, CLOSED | FETCH],
        [CLOSED - 2, PAGE_TRANSLATION, CLOSED | FETCH],
        [OTHER_SEGMENT + 0x10, SEGMENT_TRANSLATION, OTHER_SEGMENT | FETCH],
        [OTHER_REGION + 0x10, REGION_THIRD_TRANSLATION, OTHER_REGION + FETCH],
        [OUTSIDE + 0x10, ADDRESSING],
        [CLOSED + 0x11, SPECIFICATION],
      ],
      options,
    );
  });

  test('a target behind key-controlled protection is told by its address', async () => {
    const rows: Row[] = [[KEYED + 0x10, PROTECTION, KEYED | FETCH | KEY]];
    await check(rows, { ...options, mask: SUPERVISOR | DAT | KEY_8 });
  });

  test.each([
    ['secondary', SECONDARY_MODE, 0],
    ['access-register', ACCESS_REGISTER_MODE, 0],
    ['home', HOME_MODE, HOME],
  ])('in the %s-space mode, the target is among instructions', async (_name, mode, space) => {
    await check([[CLOSED + 0x10, PAGE_TRANSLATION, CLOSED | FETCH | space]], {
      ...options,
      mask: SUPERVISOR | DAT | mode,
    });
  });

  // Numbers are exact to 2**53 only; all of an address is told nevertheless.
  test.each(['80000000_00000c10', '00401234_56789f02', 'ffffffff_fffffff0'])(
    'wild addresses are told, of a target and of a branch: %s',
    async (address) => {
      const va = BigInt(`0x${address.replace('_', '')}`);
      const start = [`llihf %r1,${va >> 32n}`, `oilf %r1,${va & 0xffff_ffffn}`].join('\n');
      const identification = (va & ~0xfffn) | BigInt(FETCH);
      const rows: FaultRow[] = ['ex %r0,0(%r1)', 'lghi %r2,1\nex %r2,0(%r1)', 'br %r1'].map(
        (insn) => [`${start}\n${insn}`, ASCE_TYPE, identification],
      );
      await checkFaults(rows, options);
    },
  );

  test('in the 31-bit mode, the leftmost bits of the target’s address are ignored', async () => {
    const at = 0x8001_8000;
    const source = `llilf %r1,${at}
      lghi %r5,0
      ex %r0,0(%r1)
      st %r5,${RESULTS}
      lpswe ${SUCCESS}`;
    const { storage } = await runGuest(source, {
      ...options,
      mask: PSW_BA | DAT,
      prepare: (s) => {
        // LHI %r5,1 where it is, and 2 where it would be in the 64-bit mode.
        prepareTables(s).map(at, FRAME);
        s.write32(at & 0x7fff_ffff, 0xa758_0001);
        s.write32(FRAME, 0xa758_0002);
      },
    });
    expect(storage.read32(RESULTS)).toBe(1);
  });

  // The handler makes the page, and the next round takes it away: in a loop, which gets hot.
  const target = CLOSED + 0x10;
  test.each([
    ['EX of a constant', `${place(1, target)}\nex %r0,0(%r1)`, 4],
    ['EX by index', `${place(1, target - 4)}\nlghi %r2,4\nex %r0,0(%r2,%r1)`, 4],
    ['EX with a modifier', `${place(1, target)}\nlghi %r2,1\nex %r2,0(%r1)`, 4],
    ['EXRL', `exrl %r0,${target}`, 6],
    ['EXRL with a modifier', `lghi %r2,1\nexrl %r2,${target}`, 6],
    ['EXRL of what begins on the page before', `exrl %r0,${CLOSED - 2}`, 6],
  ] as const)('%s goes on when the page is there', async (_name, execute, length) => {
    const rounds = 12;
    const page = prepareTables(new AbsoluteStorage(MEMORY)).page(CLOSED);
    const source = `
      start: lghi %r10,${rounds}
      lghi %r5,0
      lghi %r6,0
      lghi %r8,0
      llilf %r9,${page}
      loop: llilf %r7,${page & ~0x7ff}
      ${place(3, CLOSED)}
      ${execute}
      # Every other round the page is taken away.
      tmll %r10,1
      jz again
      ipte %r7,%r3
      again: brctg %r10,loop
      stg %r5,${RESULTS}
      stg %r6,${RESULTS + 8}
      stg %r8,${RESULTS + 16}
      lpswe ${SUCCESS}
      program_new: aghi %r6,1
      lg %r4,${LOWCORE.translationException}
      xilf %r4,${CLOSED | FETCH}
      ogr %r8,%r4
      llgf %r4,${LOWCORE.programLength}
      xilf %r4,${(length << 16) | PAGE_TRANSLATION}
      ogr %r8,%r4
      # Its frame, of which there are two.
      lgr %r4,%r6
      nilf %r4,1
      sllg %r4,%r4,12
      agfi %r4,${FRAME + 0x4000}
      stg %r4,0(%r9)
      lpswe ${LOWCORE.programOldPsw}`;
    const { storage } = await runGuest(source, {
      ...options,
      prepare: (s) => {
        prepareTables(s);
        // AGHI %r5,1 or 16.
        s.write16(FRAME + 0x1ffe, 0xa75b);
        [16, 1].forEach((n, i) => {
          const frame = FRAME + 0x4000 + 0x1000 * i;
          s.write16(frame, n);
          s.write32(frame + 0x10, 0xa75b_0000 | n);
        });
      },
    });
    expect(storage.read64(RESULTS + 16)).toBe(0n);
    expect(storage.read64(RESULTS + 8)).toBe(BigInt(rounds / 2));
    // Two rounds by each of the frames, which come three times.
    expect(storage.read64(RESULTS)).toBe(BigInt(3 * 2 * (1 + 16)));
  });

  // PoP, "SUPERVISOR CALL": the length stored at real location 138 is that of EXECUTE, and the old
  // PSW is behind it. In a loop, which gets hot.
  test.each([
    ['by itself', 'svc 0x12', 2, 0x12],
    ['by EX of a constant', 'larl %r1,call\nex %r0,0(%r1)', 4, 0x12],
    ['by EX', 'ex %r0,0(%r2)', 4, 0x12],
    ['by EX with a modifier', 'ex %r3,0(%r2)', 4, 0x37],
    ['by EXRL', 'exrl %r0,call', 6, 0x12],
    ['by EXRL with a modifier', 'exrl %r3,call', 6, 0x37],
  ] as const)('a supervisor call %s has its length', async (_name, call, length, number) => {
    const rounds = 8;
    const source = `
      start: lghi %r10,${rounds}
      lghi %r8,0
      lghi %r3,0x25
      larl %r2,call
      loop: ${call}
      behind: brctg %r10,loop
      stg %r8,${RESULTS}
      stg %r9,${RESULTS + 8}
      lpswe ${SUCCESS}
      call: svc 0x12
      svc_new: aghi %r9,1
      llgf %r4,${LOWCORE.svcLength}
      xilf %r4,${(length << 16) | number}
      ogr %r8,%r4
      larl %r4,behind
      xg %r4,${LOWCORE.svcOldPsw + 8}
      ogr %r8,%r4
      lpswe ${LOWCORE.svcOldPsw}`;
    const guest = await runGuest(source, options);
    expect(guest.results(2)).toEqual([0n, BigInt(rounds)]);
  });
});

import { describe, expect, test } from 'vitest';
import { LOWCORE } from '../../../src/arch/lowcore.ts';
import { AbsoluteStorage } from '../../../src/memory/absolute-storage.ts';
import { PAGE_INVALID, SEGMENT, Tables } from './dat-tables.ts';
import { BACKENDS, RESULTS, runGuest, SUCCESS, SUPERVISOR } from './guest.ts';

const DAT = 1n << 58n;
const PAGE_TRANSLATION = 0x11;
/** Translation-exception identification. */
const FETCH = 0x800;

const TABLES = 0x10_0000;
const MEMORY = 0x40_0000;
/** A page that comes and goes, its frames, and the page before. */
const PAGE = 0x8_9000;
const FRAMES = [0x8_2000, 0x8_0000] as const;
const BEFORE = PAGE - 0x1000;
const BEFORE_FRAME = 0x8_5000;
const ROUTINE = PAGE + 0x100;

function prepareTables(storage: AbsoluteStorage): Tables {
  return new Tables(storage, TABLES, SEGMENT)
    .map(0, 0, { pages: 128 })
    .map(BEFORE, BEFORE_FRAME)
    .map(PAGE, 0, { flags: PAGE_INVALID });
}

/** AGHI %r5 by `n` and the way back: at ROUTINE, and with the first half on the page before. */
function prepareFrame(storage: AbsoluteStorage, frame: number, n: number): void {
  storage.write32(frame + 0x100, 0xa75b_0000 | n);
  storage.write16(frame + 0x104, 0x07fe);
  storage.write16(frame, n);
  storage.write16(frame + 2, 0x07fe);
}

/** Ways to the page, with R14 as the way back; R3 has ROUTINE. */
const WAYS: [name: string, code: string, at: number][] = [
  ['an indirect branch', 'larl %r14,back\nbr %r3', ROUTINE],
  ['a call by register', 'basr %r14,%r3\nj back', ROUTINE],
  ['a relative branch', `larl %r14,back\njg ${ROUTINE}`, ROUTINE],
  ['a relative call', `brasl %r14,${ROUTINE}\nj back`, ROUTINE],
  ['a branch on a condition', `larl %r14,back\ncgr %r3,%r3\njge ${ROUTINE}\n.short 0`, ROUTINE],
  ['an instruction that begins before', `brasl %r14,${PAGE - 2}\nj back`, PAGE],
];

describe.each(BACKENDS)('a page of instructions that is not there on %s', (backend) => {
  // The handler lets the way be tried three times before it makes the page, with another frame than
  // the last time; two rounds later it is taken away.
  test.each(WAYS)('is fetched anew behind %s', async (_name, way, at) => {
    const rounds = 16;
    const entry = prepareTables(new AbsoluteStorage(MEMORY)).page(PAGE);
    const source = `
      start: lghi %r10,${rounds}
      lghi %r5,0
      lghi %r6,0
      lghi %r8,0
      llilf %r3,${ROUTINE}
      llilf %r9,${entry}
      loop: ${way}
      .align 2
      back: tmll %r10,1
      jz again
      llilf %r7,${entry & ~0x7ff}
      llilf %r4,${PAGE}
      ipte %r7,%r4
      again: brctg %r10,loop
      stg %r5,${RESULTS}
      stg %r6,${RESULTS + 8}
      stg %r8,${RESULTS + 16}
      lpswe ${SUCCESS}
      program_new: aghi %r6,1
      lg %r4,${LOWCORE.translationException}
      xilf %r4,${PAGE | FETCH}
      ogr %r8,%r4
      llgh %r4,${LOWCORE.programCode}
      xilf %r4,${PAGE_TRANSLATION}
      ogr %r8,%r4
      lg %r4,${LOWCORE.programOldPsw + 8}
      xilf %r4,${at === PAGE ? PAGE - 2 : at}
      ogr %r8,%r4
      # The first time of three, and the second, it tries again.
      lghi %r0,0
      lgr %r1,%r6
      lghi %r4,3
      dlgr %r0,%r4
      ltgr %r0,%r0
      jnz more
      nilf %r1,1
      sllg %r1,%r1,13
      agfi %r1,${FRAMES[1]}
      stg %r1,0(%r9)
      lpswe ${LOWCORE.programOldPsw}
      more: larl %r4,psw
      lpswe 0(%r4)
      .align 8
      psw: .quad ${SUPERVISOR | DAT}, loop`;
    const { storage } = await runGuest(source, {
      ...{ backend, memory: MEMORY, mask: SUPERVISOR | DAT, control: { 1: BigInt(TABLES | 3) } },
      prepare: (s) => {
        prepareTables(s);
        s.write16(BEFORE_FRAME + 0xffe, 0xa75b);
        prepareFrame(s, FRAMES[0], 1);
        prepareFrame(s, FRAMES[1], 16);
      },
    });
    expect(storage.read64(RESULTS + 16)).toBe(0n);
    expect(storage.read64(RESULTS + 8)).toBe(BigInt((rounds / 2) * 3));
    // Two rounds by each of the frames, which come four times.
    expect(storage.read64(RESULTS)).toBe(BigInt(4 * 2 * (1 + 16)));
  });
});

import { describe, expect, test } from 'vitest';
import {
  PAGE_INVALID,
  REGION_OR_SEGMENT_INVALID,
  REGION_THIRD,
  SEGMENT,
  Tables,
} from './dat-tables.ts';
import {
  BACKENDS,
  type GuestOptions,
  prefixOf,
  RESULTS,
  runGuest,
  SUCCESS,
  SUPERVISOR,
} from './guest.ts';

const DAT = 1n << 58n;

const TABLES = 0x10_0000;
const OTHER_TABLES = 0x18_0000;
const ASCE = BigInt(TABLES) | 7n;
const OTHER_ASCE = BigInt(OTHER_TABLES) | 7n;
/** A page, and the frames that it has in turns. */
const PAGE = 0x1_7040_3000;
const FRAMES = [0x8_0000, 0x8_1000] as const;
const ROUNDS = 6;
const loadPage = (register: string): string =>
  `llihf ${register},${Math.floor(PAGE / 2 ** 32)}\noilf ${register},${PAGE % 2 ** 32}`;

/**
 * Tables in which entries for PAGE can be exchanged by the program: `entry` is the real address of
 * the page-table entry, `segment` of the segment-table entry.
 */
function prepareTables(storage: Parameters<NonNullable<GuestOptions['prepare']>>[0]): void {
  for (const [i, at] of [TABLES, OTHER_TABLES].entries()) {
    const tables = new Tables(storage, at, REGION_THIRD);
    // All of storage, one to one; and the page.
    tables.map(0, 0, { pages: 512 }).map(PAGE, FRAMES[i]!);
  }
  FRAMES.forEach((frame, i) => {
    storage.write64(frame, BigInt(i));
    // A routine: LGHI %r2,1 or 2; BR %r14.
    storage.write32(frame + 16, 0xa729_0000 + i);
    storage.write16(frame + 20, 0x07fe);
  });
}
/** Where the tables have their entries: the same for all guests. */
const layout = (() => {
  const words = new Map<number, bigint>();
  const storage = {
    read64: (at: number) => words.get(at) ?? 0n,
    write64: (at: number, value: bigint) => void words.set(at, value),
  };
  const tables = new Tables(storage as never, TABLES, REGION_THIRD);
  tables.map(0, 0, { pages: 512 });
  return {
    page: tables.page(PAGE),
    segment: tables.entry(PAGE, SEGMENT),
    region: tables.entry(PAGE, REGION_THIRD),
  };
})();
const pageTable = layout.page & ~0x7ff;
const segmentTable = layout.segment - 8 * Math.floor((PAGE / 2 ** 20) % 2048);
const regionTable = layout.region - 8 * Math.floor(PAGE / 2 ** 31);

/**
 * Ways to make frame R5 the page's. R6 is the place of its page-table entry, R7 the page's address,
 * R0 and R1 are free.
 */
const STORE_ENTRY = 'stg %r5,0(%r6)';
const WAYS: [name: string, code: string][] = [
  ['PURGE TLB', `${STORE_ENTRY}\nptlb`],
  ['INVALIDATE PAGE TABLE ENTRY', `llilf %r1,${pageTable}\nipte %r1,%r7\n${STORE_ENTRY}`],
  [
    'INVALIDATE PAGE TABLE ENTRY with no more than the page index',
    `llilf %r1,${pageTable}\nlgr %r0,%r7\nllgfr %r0,%r0\nnilf %r0,0xff000\nlgr %r3,%r0\nipte %r1,%r3\n${STORE_ENTRY}`,
  ],
  [
    'INVALIDATE DAT TABLE ENTRY of the segment table',
    `${STORE_ENTRY}
     llilf %r1,${segmentTable}
     lgr %r3,%r7
     nilf %r3,0xfff00000
     idte %r1,%r0,%r3
     lg %r1,0(%r8)
     nill %r1,${0xffff ^ Number(REGION_OR_SEGMENT_INVALID)}
     stg %r1,0(%r8)`,
  ],
  [
    'INVALIDATE DAT TABLE ENTRY of the region table',
    `${STORE_ENTRY}
     llilf %r1,${regionTable | 4}
     lgr %r3,%r7
     nilf %r3,0xfff00000
     idte %r1,%r0,%r3
     llilf %r1,${layout.region}
     ni 7(%r1),${0xff ^ Number(REGION_OR_SEGMENT_INVALID)}`,
  ],
  [
    'INVALIDATE DAT TABLE ENTRY of what belongs to an ASCE',
    `${STORE_ENTRY}\nlghi %r3,0x800\nstctg %c1,%c1,${RESULTS + 64}\nlg %r4,${RESULTS + 64}\nidte %r0,%r4,%r3`,
  ],
  [
    'COMPARE AND SWAP AND PURGE',
    `${STORE_ENTRY}\nlghi %r0,0\nlghi %r1,0\nllilf %r3,${RESULTS + 65}\nst %r0,${RESULTS + 64}\ncsp %r0,%r3`,
  ],
  ['COMPARE AND SWAP AND PURGE (64)', `lg %r0,0(%r6)\nlgr %r1,%r5\nla %r3,1(%r6)\ncspg %r0,%r3`],
  ['SET PREFIX', `${STORE_ENTRY}\nstpx ${RESULTS + 64}\nspx ${RESULTS + 64}`],
];

/** Looks at the page in turns with exchanging its frames; R10 counts down, its last bit tells which. */
const loop = (exchange: string, look: string): string => `
  start: llilf %r6,${layout.page}
  ${loadPage('%r7')}
  llilf %r8,${layout.segment}
  lghi %r10,${ROUNDS}
  loop: lgr %r9,%r10
  nilf %r9,1
  llilf %r5,${FRAMES[0]}
  jz even
  llilf %r5,${FRAMES[1]}
  even: ${exchange}
  ${look}
  cgr %r2,%r9
  jne bad
  ${look}
  cgr %r2,%r9
  jne bad
  brctg %r10,loop
  svc 0
  svc_new: lpswe ${SUCCESS}
  bad: .short 0`;

describe.each(BACKENDS)('the translation-lookaside buffer on %s', (backend) => {
  const options: GuestOptions = {
    ...{ backend, memory: 0x40_0000, mask: SUPERVISOR | DAT, control: { 1: ASCE } },
    prepare: prepareTables,
  };

  test.each(WAYS)('loads follow %s', async (_name, exchange) => {
    await runGuest(loop(exchange, 'lg %r2,0(%r7)'), options);
  });

  test.each(WAYS)('stores follow %s', async (_name, exchange) => {
    const look = `stg %r9,8(%r7)
      llilf %r3,${FRAMES[0]}
      lghi %r2,-1
      cg %r9,8(%r5)
      jne bad
      lg %r2,8(%r3)
      stg %r2,${RESULTS}
      lgr %r2,%r9`;
    const guest = await runGuest(loop(exchange, look), options);
    expect([0, 1].map((i) => guest.storage.read64(FRAMES[i]! + 8))).toEqual([0n, 1n]);
  });

  test.each(WAYS)('instructions follow %s', async (_name, exchange) => {
    await runGuest(
      loop(exchange, 'basr %r14,%r7'.replace('%r7', '%r3')).replaceAll(
        'basr %r14,%r3',
        'la %r3,16(%r7)\nbasr %r14,%r3',
      ),
      options,
    );
  });

  test('loading a control register changes the space, for operands and instructions', async () => {
    const exchange = 'larl %r3,asces\nsllg %r1,%r9,3\nla %r3,0(%r1,%r3)\nlctlg %c1,%c1,0(%r3)';
    const data = `.align 8\nasces: .quad ${ASCE}, ${OTHER_ASCE}`;
    await runGuest(`${loop(exchange, 'lg %r2,0(%r7)')}\n${data}`, options);
    const call = 'la %r3,16(%r7)\nbasr %r14,%r3';
    await runGuest(`${loop(exchange, call)}\n${data}`, options);
  });

  test('a page that IPTE invalidated is not there', async () => {
    const source = `lghi %r10,${ROUNDS}
      ${loadPage('%r7')}
      llilf %r1,${pageTable}
      llilf %r6,${layout.page}
      larl %r9,fault
      loop: lg %r2,0(%r7)
      stg %r2,8(%r7)
      lg %r5,0(%r6)
      ipte %r1,%r7
      fault: lg %r2,0(%r7)
      .short 0
      program_new: clc 0x8e(2),expected_page(%r0)
      jne bad
      stg %r5,0(%r6)
      brctg %r10,again
      lpswe ${SUCCESS}
      again: larl %r3,psw
      lpswe 0(%r3)
      bad: lpswe 0x810
      .align 8
      psw: .quad ${SUPERVISOR | DAT}, loop`.replace('expected_page(%r0)', `${RESULTS}(%r0)`);
    const { storage } = await runGuest(source, {
      ...options,
      prepare: (s) => {
        prepareTables(s);
        s.write16(RESULTS, 0x11);
      },
    });
    expect(storage.read64(layout.page) & PAGE_INVALID).toBe(0n);
  });

  test('IPTE and IDTE set the invalid bit in entries, and nothing else', async () => {
    const source = `llilf %r1,${pageTable}
      ${loadPage('%r3')}
      ipte %r1,%r3
      llilf %r1,${segmentTable}
      idte %r1,%r0,%r3
      svc 0
      svc_new: lpswe ${SUCCESS}`.replace('idte', 'nilf %r3,0xfff00000\nidte');
    const { storage } = await runGuest(source, options);
    expect(storage.read64(layout.page)).toBe(BigInt(FRAMES[0]) | PAGE_INVALID);
    expect(storage.read64(layout.segment)).toBe(BigInt(pageTable) | REGION_OR_SEGMENT_INVALID);
  });

  // PTLB and SPX are for the CPU's own buffer.
  test.each(WAYS.filter(([name]) => name !== 'PURGE TLB' && name !== 'SET PREFIX'))(
    'other CPUs follow %s',
    async (_name, exchange) => {
      // CPU 1 looks at the page when it is told to, by data and instruction, and tells what it saw.
      const look = `stgrl %r10,asked
        wait: lgrl %r2,answered
        cgr %r2,%r10
        jne wait
        lgrl %r2,seen`;
      const once = loop(exchange, look);
      const second = once.lastIndexOf(look);
      const source = `${once.slice(0, second)}${once.slice(second + look.length)}
        cpu1: larl %r3,asce
        lctlg %c1,%c1,0(%r3)
        stosm ${RESULTS},4
        ${loadPage('%r7')}
        la %r8,16(%r7)
        other: lgrl %r4,asked
        cgr %r4,%r3
        je other
        lgr %r3,%r4
        basr %r14,%r8
        lg %r5,0(%r7)
        cgr %r2,%r5
        je same
        lghi %r2,-1
        same: stgrl %r2,seen
        stgrl %r3,answered
        j other
        .align 8
        asce: .quad ${ASCE}
        .align 4096
        asked: .quad 0
        answered: .quad 0
        seen: .quad 0
        .align 4096
        begin: lghi %r1,1
        sigp %r0,%r1,6
        j first`
        .replace('start:', 'first:')
        .replace('begin:', 'start:');
      await runGuest(source, { ...options, cpus: 2 });
    },
  );

  test('SET PREFIX changes real addresses', async () => {
    const other = 0x3_0000;
    const source = `lghi %r10,${ROUNDS}
      larl %r3,prefixes
      mvhi ${RESULTS},0
      loop: lgr %r9,%r10
      nilf %r9,1
      sllg %r1,%r9,2
      la %r4,0(%r1,%r3)
      spx 0(%r4)
      c %r9,${RESULTS}
      jne bad
      stg %r10,${RESULTS + 8}
      # What is at the prefix is then what is absolute 0.
      llilf %r5,${other}
      l %r6,${RESULTS}(%r5)
      lghi %r7,0
      ltgr %r9,%r9
      jnz swapped
      lghi %r7,1
      swapped: cr %r6,%r7
      jne bad
      basr %r14,%r0
      brctg %r10,loop
      spx 0(%r3)
      lpswe ${SUCCESS}
      bad: .short 0
      .align 4
      prefixes: .long 0, ${other}`;
    const { storage } = await runGuest(source, {
      backend,
      prepare: (s) => {
        s.write(other, s.slice(0, 0x2000).slice());
        s.write32(other + RESULTS, 1);
      },
    });
    expect([storage.read64(RESULTS + 8), storage.read64(other + RESULTS + 8)]).toEqual([2n, 1n]);
    expect(prefixOf(1)).toBe(0x4000);
  });
});

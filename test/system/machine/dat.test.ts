import { describe, expect, test } from 'vitest';
import type { AbsoluteStorage } from '../../../src/memory/absolute-storage.ts';
import {
  PAGE_INVALID,
  PAGE_NO_EXECUTE,
  PAGE_PROTECTED,
  REGION_FIRST,
  REGION_SECOND,
  REGION_THIRD,
  SEGMENT,
  SEGMENT_COMMON,
  SEGMENT_LARGE,
  SEGMENT_PROTECTED,
  Tables,
  type TableType,
} from './dat-tables.ts';
import { checkFaults, type FaultRow } from './faults.ts';
import { BACKENDS, type GuestOptions, RESULTS, runGuest, SUCCESS, SUPERVISOR } from './guest.ts';

const DAT = 1n << 58n;
const HOME_MODE = 3n << 46n;
const SECONDARY_MODE = 2n << 46n;

/** Control register 0. */
const ENHANCED_DAT = 0x0080_0000n;
const EXECUTION_PROTECTION = 1n << 43n;

/** Program-interruption codes (PoP, "Program-Interruption Codes"). */
const PROTECTION = 0x04;
const ADDRESSING = 0x05;
const SEGMENT_TRANSLATION = 0x10;
const PAGE_TRANSLATION = 0x11;
const TRANSLATION_SPECIFICATION = 0x12;
const ASCE_TYPE = 0x38;
const REGION_FIRST_TRANSLATION = 0x39;
const REGION_SECOND_TRANSLATION = 0x3a;
const REGION_THIRD_TRANSLATION = 0x3b;

/** Translation-exception identification (PoP, "Translation-Exception Identification"). */
const FETCH = 0x800;
const STORE = 0x400;
const DAT_PROTECTION = 0x04;
const NO_EXECUTE = 0x80;
const SECONDARY = 2;
const HOME = 3;

/** Where tables are: of the primary, the secondary and the home space. */
const PRIMARY_AT = 0x10_0000;
const SECONDARY_AT = 0x18_0000;
const HOME_AT = 0x20_0000;
/** A frame that is mapped in many places. */
const FRAME = 0x8_0000;
const MEMORY = 0x40_0000;

/** `LLIHF`, `OILF` of an address into general register 1. */
const address = (va: bigint): string =>
  `llihf %r1,${va >> 32n}\n${va & 0xffff_ffffn ? `oilf %r1,${va & 0xffff_ffffn}\n` : ''}`;
const load = (va: bigint): string => `${address(va)}lg %r2,0(%r1)`;
const store = (va: bigint): string => `${address(va)}stg %r2,0(%r1)`;

/** The program's own storage, one to one. */
function ownTables(storage: AbsoluteStorage, at = PRIMARY_AT, type: TableType = SEGMENT): Tables {
  return new Tables(storage, at, type).map(0, 0, { pages: 128 });
}

const ASCE = BigInt(PRIMARY_AT) | 3n;
const asceOf = (type: TableType, length = 3): bigint =>
  BigInt(PRIMARY_AT) | (BigInt(type) << 2n) | BigInt(length);

describe.each(BACKENDS)('translation on %s', (backend) => {
  const withDat = { backend, memory: MEMORY, mask: SUPERVISOR | DAT };

  test.each([
    ['segment', SEGMENT, [0x10_0000n, 0x7fff_f000n]],
    ['region-third', REGION_THIRD, [0x8000_0000n, 0x3ff_ffff_f000n]],
    ['region-second', REGION_SECOND, [0x400_0000_0000n, 0x1f_ffff_ffff_f000n]],
    ['region-first', REGION_FIRST, [0x20_0000_0000_0000n, 0xffff_ffff_ffff_f000n]],
  ] as const)('a %s table leads to pages', async (_what, type, places) => {
    const source = places
      .map((va, i) => `${load(va + 8n)}\nstg %r2,${RESULTS + 8 * i}\naghi %r2,1\nstg %r2,8(%r1)`)
      .join('\n');
    const guest = await runGuest(`${source}\nlpswe ${SUCCESS}`, {
      ...withDat,
      control: { 1: asceOf(type) },
      prepare: (storage) => {
        const tables = ownTables(storage, PRIMARY_AT, type);
        places.forEach((va, i) => {
          tables.map(va, FRAME + 0x1000 * i);
          storage.write64(FRAME + 0x1000 * i + 8, 0x1234_5678_0000n + BigInt(i));
        });
      },
    });
    places.forEach((_va, i) => {
      expect(guest.result(i)).toBe(0x1234_5678_0000n + BigInt(i));
      expect(guest.storage.read64(FRAME + 0x1000 * i + 16)).toBe(0x1234_5678_0001n + BigInt(i));
    });
  });

  // PoP, "Translation Process": bits left of those that the first table translates must be zeros.
  test.each([
    ['segment', SEGMENT, 31n],
    ['region-third', REGION_THIRD, 42n],
    ['region-second', REGION_SECOND, 53n],
  ] as const)('addresses beyond a %s table are ASCE-type exceptions', async (_what, type, bits) => {
    const rows = [1n << bits, 1n << 63n, (1n << 64n) - 4096n].flatMap((va): FaultRow[] => [
      [load(va), ASCE_TYPE, va | BigInt(FETCH)],
      [store(va), ASCE_TYPE, va | BigInt(STORE)],
    ]);
    const prepare: GuestOptions['prepare'] = (storage) => void ownTables(storage, PRIMARY_AT, type);
    await checkFaults(rows, { ...withDat, control: { 1: asceOf(type) }, prepare });
  });

  /** Addresses, each of which has an entry of its own in every table. */
  const at = (first: bigint, second: bigint, third: bigint, segment = 0n, page = 0n): bigint =>
    (first << 53n) | (second << 42n) | (third << 31n) | (segment << 20n) | (page << 12n);

  test('each table has its exception for invalid entries', async () => {
    const places = [at(1n, 0n, 0n), at(0n, 1n, 0n), at(0n, 0n, 1n), at(0n, 0n, 0n, 1n)];
    const codes = [
      ...[REGION_FIRST_TRANSLATION, REGION_SECOND_TRANSLATION, REGION_THIRD_TRANSLATION],
      SEGMENT_TRANSLATION,
    ];
    const rows: FaultRow[] = places.flatMap((va, i): FaultRow[] => [
      [load(va + 0x123n), codes[i]!, va | BigInt(FETCH)],
      [store(va + 0xff8n), codes[i]!, va | BigInt(STORE)],
    ]);
    const page = at(0n, 0n, 0n, 0n, 200n);
    rows.push([load(page), PAGE_TRANSLATION, page | BigInt(FETCH)]);
    rows.push([store(page), PAGE_TRANSLATION, page | BigInt(STORE)]);
    await checkFaults(rows, {
      ...withDat,
      control: { 1: asceOf(REGION_FIRST) },
      prepare: (storage) => void ownTables(storage, PRIMARY_AT, REGION_FIRST),
    });
  });

  // Lengths are in units of 512 entries: the ASCE's for the first table, an entry's for the next,
  // which also says where that begins.
  test('each table has its exception for what is left or right of it', async () => {
    const far = 512n;
    const [first, second] = [at(far, 0n, 0n), at(0n, far, 0n)];
    const [third, segment] = [at(0n, 0n, far), at(0n, 0n, 0n, far)];
    const rows: FaultRow[] = [
      [load(first), REGION_FIRST_TRANSLATION, first | BigInt(FETCH)],
      [load(second), REGION_SECOND_TRANSLATION, second | BigInt(FETCH)],
      [load(third), REGION_THIRD_TRANSLATION, third | BigInt(FETCH)],
      [load(segment), SEGMENT_TRANSLATION, segment | BigInt(FETCH)],
      // Here the segment table has no first quarter.
      [load(at(0n, 0n, 1n)), SEGMENT_TRANSLATION, at(0n, 0n, 1n) | BigInt(FETCH)],
      [load(at(0n, 0n, 1n, far))],
    ];
    await checkFaults(rows, {
      ...withDat,
      control: { 1: asceOf(REGION_FIRST, 0) },
      prepare: (storage) => {
        const tables = ownTables(storage, PRIMARY_AT, REGION_FIRST);
        for (const va of [second, third, segment, at(0n, 0n, 1n), at(0n, 0n, 1n, far)]) {
          tables.map(va, FRAME);
        }
        const lengthOf = (va: bigint, type: TableType, bits: bigint): void => {
          const entry = tables.entry(va, type);
          storage.write64(entry, (storage.read64(entry) & ~0xc3n) | bits);
        };
        lengthOf(0n, REGION_FIRST, 0n);
        lengthOf(0n, REGION_SECOND, 0n);
        lengthOf(0n, REGION_THIRD, 0n);
        lengthOf(at(0n, 0n, 1n), REGION_THIRD, 0x40n | 1n);
      },
    });
  });

  test('the length of a segment table is that of the ASCE', async () => {
    const rows: FaultRow[] = [
      [load(0x1ff0_0000n)],
      [load(0x2000_0000n), SEGMENT_TRANSLATION, 0x2000_0000 | FETCH],
    ];
    await checkFaults(rows, {
      ...withDat,
      control: { 1: asceOf(SEGMENT, 0) },
      prepare: (storage) => {
        ownTables(storage).map(0x1ff0_0000, FRAME).map(0x2000_0000, FRAME);
      },
    });
  });

  test('entries of the wrong kind are translation-specification exceptions', async () => {
    const places = [at(1n, 0n, 0n), at(0n, 1n, 0n), at(0n, 0n, 1n), at(0n, 0n, 0n, 1n)];
    const page = at(0n, 0n, 0n, 0n, 200n);
    const rows: FaultRow[] = [...places, page].flatMap((va): FaultRow[] => [
      [load(va), TRANSLATION_SPECIFICATION],
      [store(va), TRANSLATION_SPECIFICATION],
    ]);
    await checkFaults(rows, {
      ...withDat,
      control: { 1: asceOf(REGION_FIRST) },
      prepare: (storage) => {
        const tables = ownTables(storage, PRIMARY_AT, REGION_FIRST);
        places.forEach((va, i) => {
          tables.map(va, FRAME);
          const entry = tables.entry(va, (3 - i) as TableType);
          storage.write64(entry, storage.read64(entry) ^ 4n);
        });
        // Bit 52 of a page-table entry must be zero.
        tables.map(page, FRAME, { flags: 0x800n });
      },
    });
  });

  test('a private space must not have common segments', async () => {
    const rows: FaultRow[] = [[load(0x10_0000n), TRANSLATION_SPECIFICATION]];
    const prepare: GuestOptions['prepare'] = (storage) => {
      const tables = ownTables(storage).map(0x10_0000, FRAME);
      const entry = tables.entry(0x10_0000, SEGMENT);
      storage.write64(entry, storage.read64(entry) | SEGMENT_COMMON);
    };
    await checkFaults(rows, { ...withDat, control: { 1: ASCE | 0x100n }, prepare });
    await checkFaults([[load(0x10_0000n)]], { ...withDat, control: { 1: ASCE }, prepare });
  });

  test('tables and frames outside of storage are addressing exceptions', async () => {
    const rows: FaultRow[] = [
      [load(0x10_0000n), ADDRESSING],
      [load(0x20_0000n), ADDRESSING],
      [store(0x20_0000n), ADDRESSING],
      [load(0x30_0000n), ADDRESSING],
    ];
    await checkFaults(rows, {
      ...withDat,
      control: { 1: ASCE },
      prepare: (storage) => {
        const tables = ownTables(storage);
        storage.write64(tables.entry(0x10_0000, SEGMENT), 0x4000_0000n);
        tables.map(0x20_0000, 0x4000_0000);
        storage.write64(tables.page(0x30_0000), 0xffff_0000_0000_0000n);
      },
    });
  });

  test('the real-space designation leaves addresses as they are', async () => {
    const source = `${load(BigInt(FRAME) + 8n)}\nstg %r2,${RESULTS}\nlpswe ${SUCCESS}`;
    const guest = await runGuest(source, {
      ...withDat,
      control: { 1: 0x20n },
      prepare: (storage) => {
        storage.write64(FRAME + 8, 77n);
      },
    });
    expect(guest.result(0)).toBe(77n);
  });
});

describe.each(BACKENDS)('protection by translation on %s', (backend) => {
  const withDat = { backend, memory: MEMORY, mask: SUPERVISOR | DAT };
  const [page, segment, region, plain] = [0x8_8000n, 0x10_0000n, 1n << 31n, 0x8_9000n];
  const prepare: GuestOptions['prepare'] = (storage) => {
    const tables = ownTables(storage, PRIMARY_AT, REGION_THIRD)
      .map(page, FRAME, { flags: PAGE_PROTECTED })
      .map(plain, FRAME)
      .map(segment, FRAME)
      .map(region, FRAME);
    for (const [va, type] of [
      [segment, SEGMENT],
      [region, REGION_THIRD],
    ] as const) {
      const entry = tables.entry(va, type);
      storage.write64(entry, storage.read64(entry) | SEGMENT_PROTECTED);
    }
  };
  const refused = (va: bigint): FaultRow => [
    store(va),
    PROTECTION,
    va | BigInt(STORE | DAT_PROTECTION),
  ];

  test('pages and segments may be read-only, regions with enhanced DAT', async () => {
    const rows: FaultRow[] = [
      ...[page, segment, region, plain].map((va): FaultRow => [load(va)]),
      ...[refused(page), refused(segment), [store(region)] as FaultRow, [store(plain)] as FaultRow],
      [`${address(page)}mvc 0(8,%r1),8(%r1)`, PROTECTION, page | BigInt(STORE | DAT_PROTECTION)],
      [`${address(page)}oi 5(%r1),0`, PROTECTION, page | BigInt(STORE | DAT_PROTECTION)],
      [`${address(page)}clc 0(8,%r1),8(%r1)`],
    ];
    const options = { ...withDat, prepare };
    await checkFaults(rows, { ...options, control: { 1: asceOf(REGION_THIRD) } });
    const enhanced = { 0: ENHANCED_DAT, 1: asceOf(REGION_THIRD) };
    const all = [...rows.slice(0, 6), refused(region), ...rows.slice(7)];
    await checkFaults(all, { ...options, control: enhanced, facilities: [8] });
    // Without the facility the control bit does nothing.
    await checkFaults(rows, { ...options, control: enhanced });
  });

  test('instructions are not executed on pages that say so, if control register 0 does', async () => {
    const [closed, open] = [0x8_8000n, 0x8_9000n];
    const call = (va: bigint): string => `${address(va)}basr %r14,%r1`;
    const why = BigInt(FETCH | NO_EXECUTE | DAT_PROTECTION);
    const rows: FaultRow[] = [
      [load(closed)],
      [store(closed + 8n)],
      [call(open)],
      [call(closed), PROTECTION, closed | why],
      [`${address(closed)}ex %r0,0(%r1)`, PROTECTION, closed | why],
      // The instruction begins on the open page.
      [call(closed - 2n), PROTECTION, closed | why],
    ];
    const options: GuestOptions = {
      ...withDat,
      prepare: (storage) => {
        ownTables(storage)
          .map(closed, FRAME, { flags: PAGE_NO_EXECUTE })
          .map(open, FRAME)
          .map(closed - 0x1000n, FRAME + 0x1000);
        storage.write16(FRAME, 0x07fe);
        storage.write32(FRAME + 0x1ffe, 0xa718_0000);
      },
    };
    await checkFaults(rows, { ...options, control: { 0: EXECUTION_PROTECTION, 1: ASCE } });
    await checkFaults([[call(closed)]], { ...options, control: { 1: ASCE } });
  });

  test('large pages are for enhanced DAT', async () => {
    // As a page-table origin the segment's frame has entries in it.
    const frame = 0x30_0000;
    const [va, readOnly] = [0x7010_0000n, 0x7020_0000n];
    const options: GuestOptions = {
      ...withDat,
      control: { 0: ENHANCED_DAT, 1: ASCE },
      prepare: (storage) => {
        const tables = ownTables(storage);
        storage.write64(tables.entry(va, SEGMENT), BigInt(frame) | SEGMENT_LARGE);
        const entry = BigInt(frame) | SEGMENT_LARGE | SEGMENT_PROTECTED;
        storage.write64(tables.entry(readOnly, SEGMENT), entry);
        for (let i = 0; i < 256; i++) storage.write64(frame + 0x400 + 8 * i, PAGE_INVALID);
        for (let i = 0; i < 128; i++) storage.write64(frame + 8 * i, PAGE_INVALID);
        storage.write64(frame + 0xf_5678, 0x1111_2222_3333_4444n);
      },
    };
    const rows: FaultRow[] = [
      [`${load(va + 0xf_5678n)}\nstg %r2,${RESULTS}\nstg %r2,8(%r1)`],
      [load(readOnly + 0xf_5678n)],
      [
        store(readOnly + 0xf_5678n),
        PROTECTION,
        readOnly | 0xf_5000n | BigInt(STORE | DAT_PROTECTION),
      ],
    ];
    await checkFaults(rows, { ...options, facilities: [8] });
    const asPageTable: FaultRow[] = [
      [load(va + 0xf_5678n), PAGE_TRANSLATION, va | 0xf_5000n | BigInt(FETCH)],
    ];
    await checkFaults(asPageTable, options);
    await checkFaults(asPageTable, { ...options, facilities: [8], control: { 1: ASCE } });
  });
});

describe.each(BACKENDS)('address spaces on %s', (backend) => {
  const place = 0x8_8000n;
  const missing = 0x8_9000n;
  const control = { 1: ASCE, 7: BigInt(SECONDARY_AT | 3), 13: BigInt(HOME_AT | 3) };
  const prepare: GuestOptions['prepare'] = (storage) => {
    [PRIMARY_AT, SECONDARY_AT, HOME_AT].forEach((tables, i) => {
      ownTables(storage, tables).map(place, FRAME + 0x1000 * i);
      storage.write64(FRAME + 0x1000 * i, BigInt(i + 1));
    });
  };
  test.each([
    ['primary', 0n, 1n, 0],
    ['secondary', SECONDARY_MODE, 2n, SECONDARY],
    ['home', HOME_MODE, 3n, HOME],
  ] as const)('the %s space is the mode’s', async (_what, mode, value, identification) => {
    const options = { backend, memory: MEMORY, mask: SUPERVISOR | DAT | mode, control, prepare };
    const source = `${load(place)}\nstg %r2,${RESULTS}\nlpswe ${SUCCESS}`;
    expect((await runGuest(source, options)).result(0)).toBe(value);
    await checkFaults(
      [
        [load(missing), PAGE_TRANSLATION, missing | BigInt(FETCH | identification)],
        [store(missing), PAGE_TRANSLATION, missing | BigInt(STORE | identification)],
      ],
      options,
    );
  });

  // PoP, "Address Spaces": the secondary-space mode fetches instructions from the primary space.
  test.each([
    ['primary', 0n, 1n, 0],
    ['secondary', SECONDARY_MODE, 1n, 0],
    ['home', HOME_MODE, 3n, HOME],
  ] as const)('instructions in the %s-space mode', async (_what, mode, value, identification) => {
    const options: GuestOptions = {
      ...{ backend, memory: MEMORY, mask: SUPERVISOR | DAT | mode, control },
      prepare: (storage, labels) => {
        prepare(storage, labels);
        // LGHI %r2,1 or 2 or 3; BR %r14.
        [1, 2, 3].forEach((n, i) => {
          storage.write32(FRAME + 0x1000 * i, 0xa729_0000 + n);
          storage.write16(FRAME + 0x1000 * i + 4, 0x07fe);
        });
      },
    };
    const source = `${address(place)}basr %r14,%r1\nstg %r2,${RESULTS}\nlpswe ${SUCCESS}`;
    expect((await runGuest(source, options)).result(0)).toBe(value);
    const fault = missing | BigInt(FETCH | identification);
    await checkFaults([[`${address(missing)}br %r1`, PAGE_TRANSLATION, fault]], options);
  });

  // PoP, "LOAD RELATIVE LONG" and its like: the operand is in the space of instructions.
  test('relative operands are in the space that instructions come from', async () => {
    const source = `lgrl %r2,place
      stg %r2,${RESULTS}
      lpswe ${SUCCESS}
      .align 4096
      place: .quad 0`;
    const options: GuestOptions = {
      ...{ backend, memory: MEMORY, mask: SUPERVISOR | DAT | SECONDARY_MODE, control },
      prepare: (storage, labels) => {
        const at = labels.get('place')!;
        [PRIMARY_AT, SECONDARY_AT].forEach((tables, i) => {
          ownTables(storage, tables).map(at, FRAME + 0x1000 * i);
          storage.write64(FRAME + 0x1000 * i, BigInt(i + 1));
        });
      },
    };
    expect((await runGuest(source, options)).result(0)).toBe(1n);
  });
});

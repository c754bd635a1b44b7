import { describe, test } from 'vitest';
import { Tables } from './dat-tables.ts';
import { checkFaults, type FaultRow } from './faults.ts';
import { BACKENDS, type GuestOptions, RESULTS, runGuest, SUCCESS, SUPERVISOR } from './guest.ts';

const DAT = 1n << 58n;
const PROTECTION = 4;

/** Control register 0. */
const LOW_ADDRESS_PROTECTION = 0x1000_0000n;
const FETCH_OVERRIDE = 0x0200_0000n;
const STORAGE_OVERRIDE = 0x0100_0000n;

/** Bits of a private space's ASCE. */
const PRIVATE = 0x100n;
const TABLES = 0x10_0000;

/** Translation-exception identification: fetch or store, and with the ESOP-2 facility why. */
const FETCH = 0x800;
const STORE = 0x400;
const LOW_ADDRESS = 0x80;
const KEY = 0x08;

/** PSW mask with an access key. */
const withKey = (key: number): bigint => SUPERVISOR | (BigInt(key) << 52n);

/** Pages with keys. */
const OWN = 0x5_0000;
const OPEN = 0x5_1000;
const CLOSED = 0x5_2000;
const OTHER = 0x5_3000;
const KEY_9 = 0x90;
const FETCH_PROTECTED = 0x08;

function setKeys(storage: { readonly keys: Uint8Array }): void {
  storage.keys[OWN >>> 12] = KEY_9 | FETCH_PROTECTED;
  storage.keys[OPEN >>> 12] = 0x50;
  storage.keys[CLOSED >>> 12] = 0x50 | FETCH_PROTECTED;
  storage.keys[OTHER >>> 12] = 0x70 | FETCH_PROTECTED;
}

/** What a piece is to cause: nothing, or a protection exception with an identification. */
type Row = readonly [piece: string, identification?: number];

function check(rows: readonly Row[], options: GuestOptions): Promise<void> {
  const faultRows = rows.map(([piece, identification]): FaultRow =>
    identification === undefined ? [piece] : [piece, PROTECTION, identification],
  );
  return checkFaults(faultRows, options);
}

/** Access to an address, once directly and once through a register. */
const both = (operation: string, address: number): string[] => [
  `${operation},${address & 0xfff}(%r2)`,
  `llilf %r1,${address}\n${operation},0(%r1)`,
];

describe.each(BACKENDS)('protection on %s', (backend) => {
  // PoP, "Low-Address Protection": stores at 0-511 and 4096-4607.
  const places: [number, boolean][] = [
    ...([
      [0, true],
      [16, true],
      [504, true],
      [512, false],
      [0xa00, false],
      [4088, false],
    ] as const),
    ...([
      [4096, true],
      [4600, true],
      [4608, false],
      [8184, false],
      [8192, false],
    ] as const),
  ].map(([at, isProtected]) => [at, isProtected]);
  const lowRows: Row[] = places.flatMap(([at, isProtected]) => {
    const page = at & ~0xfff;
    const before = `llilf %r2,${page}\n`;
    const store = isProtected ? [page | STORE | LOW_ADDRESS] : [];
    return [
      ...both('stg %r0', at).map((piece): Row => [before + piece, ...store] as unknown as Row),
      ...both('lg %r0', at).map((piece): Row => [before + piece]),
    ];
  });
  const spanning: Row[] = [
    ['sth %r0,511', STORE | LOW_ADDRESS],
    ['stg %r0,505', STORE | LOW_ADDRESS],
    ['lghi %r1,4095\nsth %r0,0(%r1)', 4096 | STORE | LOW_ADDRESS],
    ['mvc 500(8),0', STORE | LOW_ADDRESS],
    ['mvc 510(8),0', STORE | LOW_ADDRESS],
    ['xc 4(1),4', STORE | LOW_ADDRESS],
    ['stm %r0,%r1,506', STORE | LOW_ADDRESS],
    ['oi 3,1', STORE | LOW_ADDRESS],
    ['cs %r0,%r1,0', STORE | LOW_ADDRESS],
    ['stosm 5,0', STORE | LOW_ADDRESS],
    ['lghi %r1,8\nlghi %r0,0\nstura %r0,%r1', STORE | LOW_ADDRESS],
    ['llilf %r2,0x1010\nlghi %r3,9\nlghi %r5,0\nmvcl %r2,%r4', 0x1000 | STORE | LOW_ADDRESS],
  ];

  test('low addresses are protected when control register 0 says so', async () => {
    const rows = [...lowRows, ...spanning];
    const control = { 0: LOW_ADDRESS_PROTECTION };
    await check(rows, { backend, control });
    await check(rows.map(([piece]) => [piece] as Row).slice(0, 44), { backend });
  });

  test('low addresses are protected by virtual address, but not in a private space', async () => {
    // The second page is elsewhere in storage; what is there does not matter.
    const prepare: GuestOptions['prepare'] = (storage) => {
      new Tables(storage, TABLES)
        .map(0, 0, { pages: 256 })
        .map(0x1000, 0x6_0000)
        .map(0x6_0000, 0x1000);
    };
    const asce = BigInt(TABLES | 3);
    const rows: Row[] = [...lowRows, ['llilf %r1,0x60000\nstg %r0,8(%r1)']];
    const options = { backend, prepare, mask: SUPERVISOR | DAT };
    await check(rows, { ...options, control: { 0: LOW_ADDRESS_PROTECTION, 1: asce } });
    const open = rows
      .filter(([piece]) => !/,(0|16)\(/.test(piece))
      .map(([piece]) => [piece] as Row);
    await check(open, { ...options, control: { 0: LOW_ADDRESS_PROTECTION, 1: asce | PRIVATE } });
  });

  // PoP, "Key-Controlled Protection".
  const keyRows: Row[] = [
    [`llilf %r1,${OWN}\nlg %r0,8(%r1)`],
    [`llilf %r1,${OWN}\nstg %r0,8(%r1)`],
    [`llilf %r1,${OPEN}\nlg %r0,8(%r1)`],
    [`llilf %r1,${OPEN}\nstg %r0,8(%r1)`, OPEN | STORE | KEY],
    [`llilf %r1,${CLOSED}\nlg %r0,8(%r1)`, CLOSED | FETCH | KEY],
    [`llilf %r1,${CLOSED}\nstg %r0,8(%r1)`, CLOSED | STORE | KEY],
    [`llilf %r1,${CLOSED}\nllilf %r2,${OWN}\nmvc 0(4,%r2),0(%r1)`, CLOSED | FETCH | KEY],
    [`llilf %r1,${OPEN}\nllilf %r2,${OWN}\nmvc 0(4,%r2),0(%r1)`],
    [`llilf %r1,${OPEN}\nllilf %r2,${OWN}\nmvc 0(4,%r1),0(%r2)`, OPEN | STORE | KEY],
    [`llilf %r1,${OWN + 4092}\nlg %r0,0(%r1)`],
    [`llilf %r1,${OWN + 4092}\nstg %r0,0(%r1)`, OPEN | STORE | KEY],
    [`llilf %r1,${OPEN + 4092}\nlg %r0,0(%r1)`, CLOSED | FETCH | KEY],
    [`llilf %r1,${CLOSED}\nlura %r0,%r1`, CLOSED | FETCH | KEY],
    [`llilf %r1,${OPEN}\nstura %r0,%r1`, OPEN | STORE | KEY],
    [`llilf %r1,${CLOSED}\nbr %r1`, CLOSED | FETCH | KEY],
    [`llilf %r1,${CLOSED}\nex %r0,0(%r1)`, CLOSED | FETCH | KEY],
  ];
  const prepare: GuestOptions['prepare'] = (storage) => {
    new Tables(storage, TABLES).map(0, 0, { pages: 256 });
    setKeys(storage);
    for (const page of [OWN, OPEN, CLOSED]) storage.write16(page, 0x07fb);
  };

  test('keys of the PSW and of storage decide, without DAT and with it', async () => {
    await check(keyRows, { backend, mask: withKey(9), prepare });
    const control = { 1: BigInt(TABLES | 3) };
    await check(keyRows, { backend, mask: withKey(9) | DAT, prepare, control });
    await check(
      keyRows.slice(0, -2).map(([piece]) => [piece]),
      { backend, mask: withKey(0), prepare },
    );
  });

  test('fetch-protection override opens the first 2048 bytes', async () => {
    const rows: Row[] = [
      ['lg %r0,0'],
      ['lg %r0,2040'],
      ['lg %r0,2048', FETCH | KEY],
      ['lghi %r1,2047\nlb %r0,0(%r1)'],
      ['lghi %r1,2048\nlb %r0,0(%r1)', FETCH | KEY],
      ['lghi %r1,2047\nlb %r0,0(%r1)'],
      ['stg %r0,0', STORE | KEY],
    ];
    const options: GuestOptions = {
      ...{ backend, mask: withKey(9) },
      prepare: (storage) => (storage.keys[0] = 0x50 | FETCH_PROTECTED),
    };
    await check(rows, { ...options, control: { 0: FETCH_OVERRIDE } });
    await check([['lg %r0,0', FETCH | KEY]], { ...options, control: { 0: 0n } });
  });

  test('storage-protection override opens pages with key 9', async () => {
    const rows: Row[] = [
      [`llilf %r1,${OWN}\nlg %r0,8(%r1)`],
      [`llilf %r1,${OWN}\nstg %r0,8(%r1)`],
      [`llilf %r1,${CLOSED}\nlg %r0,8(%r1)`, CLOSED | FETCH | KEY],
    ];
    const options = { backend, mask: withKey(4), prepare };
    await check(rows, { ...options, control: { 0: STORAGE_OVERRIDE } });
    await check([[rows[0]![0], OWN | FETCH | KEY]], options);
  });

  test('instructions that ran with one key are protected from another', async () => {
    const call = (page: number): string => `llilf %r1,${page}\nbasr %r14,%r1`;
    const source: Row[] = [
      [`spka 0x90\n${call(OWN)}\n${call(OWN)}\n${call(OWN)}`],
      [`spka 0x50\n${call(OWN)}`, OWN | FETCH | KEY],
      [
        `spka 0x90\n${call(OWN)}\nspka 0\nlghi %r0,0x78\nsske %r0,%r1\nspka 0x90\n${call(OWN)}`,
        OWN | FETCH | KEY,
      ],
    ];
    await check(source, {
      backend,
      prepare: (storage) => {
        setKeys(storage);
        storage.write16(OWN, 0x07fe);
      },
    });
  });

  test('a key that is changed is used by the next access', async () => {
    const load = `llilf %r1,${OWN}\nlg %r0,8(%r1)`;
    const store = `llilf %r1,${OWN}\nstg %r0,8(%r1)`;
    const set = (key: number): string =>
      `spka 0\nllilf %r1,${OWN}\nlghi %r0,${key}\nsske %r0,%r1\nspka 0x90`;
    const rows: Row[] = [
      [`${set(0x98)}\n${load}\n${store}`],
      [`${set(0x50)}\n${load}`],
      [`${set(0x98)}\n${load}\n${store}\n${set(0x50)}\n${load}\n${store}`, OWN | STORE | KEY],
      [`${set(0x98)}\n${load}\n${store}\n${set(0x58)}\n${load}`, OWN | FETCH | KEY],
    ];
    await check(rows, { backend, mask: withKey(9), prepare });
  });
});

describe.each(BACKENDS)('reference and change recording on %s', (backend) => {
  // R1 is the page; each access is made many times, so that it is translated code that makes it.
  const page = 0x6_0000;
  const accesses: [name: string, access: string, bits: number][] = [
    ['a load', 'lg %r3,8(%r1)', 4],
    ['a store', 'stg %r3,8(%r1)', 6],
    ['a load of several registers', 'lmg %r3,%r5,8(%r1)', 4],
    ['a store of several registers', 'stmg %r3,%r5,8(%r1)', 6],
    ['a move from there', `mvc ${RESULTS}(8),8(%r1)`, 4],
    ['a move to there', `mvc 8(8,%r1),${RESULTS}`, 6],
    ['a comparison', `clc 8(8,%r1),${RESULTS}`, 4],
    ['a long move to there', 'lgr %r4,%r1\nlghi %r5,8\nlghi %r7,0\nmvcl %r4,%r6', 6],
    ['a swap', 'lghi %r4,0\nlghi %r5,0\ncs %r4,%r5,16(%r1)', 6],
    ['a compare of strings', `lgr %r4,%r1\nla %r5,${RESULTS}\nlghi %r0,0\nclst %r4,%r5`, 4],
    ['using the real address', 'sturg %r3,%r1', 6],
  ];
  test.each(accesses)('%s is recorded again after RRBE', async (_name, access, bits) => {
    const source = `llilf %r1,${page}
      lghi %r10,40
      loop: ${access}
      lghi %r9,0
      iske %r9,%r1
      cghi %r9,${bits}
      jne bad
      rrbe %r0,%r1
      # CC: reference bit, change bit.
      brc ${bits === 4 ? 2 : 1},known
      bad: .short 0
      known: iske %r9,%r1
      cghi %r9,${bits & 2}
      jne bad
      ${access}
      iske %r9,%r1
      cghi %r9,${bits}
      jne bad
      lghi %r9,0
      sske %r9,%r1
      brctg %r10,loop
      lpswe ${SUCCESS}`;
    await runGuest(source, { backend });
  });

  test('a change is recorded again when only the change bit was reset', async () => {
    const source = `llilf %r1,${page}
      lghi %r10,40
      loop: stg %r3,8(%r1)
      lg %r3,8(%r1)
      lghi %r9,4
      sske %r9,%r1
      lg %r3,8(%r1)
      lghi %r9,0
      iske %r9,%r1
      cghi %r9,4
      jne bad
      stg %r3,8(%r1)
      iske %r9,%r1
      cghi %r9,6
      je good
      bad: .short 0
      good: brctg %r10,loop
      lpswe ${SUCCESS}`;
    await runGuest(source, { backend });
  });

  test('what another CPU does is recorded, and what it resets is recorded again', async () => {
    const source = `start: llilf %r1,${page}
      lghi %r8,1
      sigp %r0,%r8,6
      lghi %r10,20
      loop: stg %r3,8(%r1)
      lghi %r9,0
      iske %r9,%r1
      cghi %r9,6
      je good
      .short 0
      good: lgrl %r4,shared
      aghi %r4,1
      stgrl %r4,shared
      # CPU 1 makes it even.
      wait: lgrl %r4,shared
      tmll %r4,1
      jnz wait
      brctg %r10,loop
      lpswe ${SUCCESS}
      cpu1: llilf %r1,${page}
      other: lgrl %r4,shared
      tmll %r4,1
      jz other
      lghi %r9,0
      sske %r9,%r1
      aghi %r4,1
      stgrl %r4,shared
      j other
      .align 4096
      shared: .quad 0`;
    await runGuest(source, { backend, cpus: 2 });
  });
});

import { describe, expect, test } from 'vitest';
import {
  accessListOptions,
  alet,
  BEYOND,
  FETCH_ONLY,
  FRAMES,
  GONE_SPACE,
  GOOD,
  INVALID,
  MISSING,
  place,
  PLACE,
  PRIMARY_SPACE_LIST,
  PRIVATE_AUTHORISED,
  PRIVATE_OTHER,
  PRIVATE_OWN,
  SEQUENCE,
  STALE_SPACE,
} from './access-lists.ts';
import { checkFaults, faults } from './faults.ts';
import { BACKENDS, RESULTS, runGuest, SUCCESS, SUPERVISOR } from './guest.ts';

const ALET_SPECIFICATION = 0x28;
const ALEN_TRANSLATION = 0x29;
const ALE_SEQUENCE = 0x2a;
const ASTE_VALIDITY = 0x2b;
const ASTE_SEQUENCE = 0x2c;
const EXTENDED_AUTHORITY = 0x2d;
const PROTECTION = 4;
const PAGE_TRANSLATION = 0x11;

/** Translation-exception identification. */
const FETCH = 0x800;
const STORE = 0x400;
const ACCESS_REGISTER = 1;
/** Access-list-controlled protection has both bits. */
const ACCESS_LIST = 0x0c;

describe.each(BACKENDS)('the access-register mode on %s', (backend) => {
  const options = accessListOptions(backend);
  const run = (source: string) => runGuest(`${source}\nsvc 0\nsvc_new: lpswe ${SUCCESS}`, options);

  test('the ALET in the base’s access register selects the space', async () => {
    const tokens = [
      0,
      1,
      alet(GOOD),
      alet(FETCH_ONLY),
      alet(PRIVATE_OWN),
      alet(INVALID) | PRIMARY_SPACE_LIST,
    ];
    const source = tokens.map(
      (token, i) => `${place(3, token)}lg %r4,8(%r3)\nstg %r4,${RESULTS + 8 * i}`,
    );
    const guest = await run(source.join('\n'));
    const values = guest.results(tokens.length).map((value) => Number(value & 0xffn));
    expect(values).toEqual([1, 2, 3, 3, 3, 3]);
  });

  test('an index does not; base 0 and relative operands are in the primary space', async () => {
    const guest = await run(`${place(3, 1)} ${place(5, alet(GOOD))}
      lghi %r6,16
      sar %a6,%r0
      lg %r4,0(%r6,%r3)
      stg %r4,${RESULTS}
      llilf %r0,1
      sar %a0,%r0
      lg %r4,0(%r3,%r0)
      stg %r4,${RESULTS + 8}
      lgrl %r4,here
      stg %r4,${RESULTS + 16}
      j behind
      .align 8
      here: .quad 0x1234
      behind: nopr`);
    expect(guest.results(3).map((value) => Number(value & 0xffffn))).toEqual([
      0x202, 0x101, 0x1234,
    ]);
  });

  test('LOAD ADDRESS EXTENDED tells the space of an address', async () => {
    const guest = await run(`${place(3, 0x1234)}
      lae %r4,5(%r3)
      lae %r5,5
      lae %r6,0(%r3,%r0)
      ear %r7,%a4
      ear %r8,%a5
      ear %r9,%a6
      stm %r7,%r9,${RESULTS}`);
    expect([0, 4, 8].map((at) => guest.storage.read32(RESULTS + at))).toEqual([0x1234, 0, 0]);
    const modes = [0n, 2n, 3n].map((mode) => SUPERVISOR | (1n << 58n) | (mode << 46n));
    for (const [i, mask] of modes.entries()) {
      const control = { ...options.control, 13: options.control![1]! };
      const source = `lae %r4,0
ear %r7,%a4
st %r7,${RESULTS}
svc 0
svc_new: lpswe ${SUCCESS}`;
      const other = await runGuest(source, { ...options, mask, control });
      expect(other.storage.read32(RESULTS)).toBe(i);
    }
  });

  test('operands of one instruction are in the spaces of their bases', async () => {
    const other = alet(GOOD);
    const guest = await run(`${place(3, 1)} ${place(5, other, PLACE)} ${place(7, 0)}
      mvc 0(8,%r3),0(%r5)
      mvc 8(8,%r5),0(%r7)
      xc 16(8,%r3),16(%r7)
      clc 24(8,%r3),24(%r5)
      ipm %r8
      st %r8,${RESULTS}
      # Across pages.
      llilf %r3,${PLACE + 0xffc}
      llilf %r5,${PLACE + 0xffc}
      mvghi 0(%r5),0x55
      mvc 0(8,%r3),0(%r5)
      ${place(4, other)} ${place(6, 1)}
      lmg %r8,%r9,40(%r6)
      stmg %r8,%r9,40(%r4)
      # Address and length in registers.
      ${place(8, 1, PLACE + 64)} ${place(10, other, PLACE + 64)}
      lghi %r9,16
      lghi %r11,16
      mvcl %r8,%r10
      ${place(8, 0, PLACE + 96)} ${place(10, 1, PLACE + 96)}
      lghi %r0,2
      clst %r8,%r10
      ipm %r8
      st %r8,${RESULTS + 4}
      # A table in another space.
      ${place(3, 0, PLACE + 128)} ${place(5, other)}
      tr 0(4,%r3),0(%r5)`);
    const { storage } = guest;
    expect(storage.read64(FRAMES[1])).toBe(0x0303_0303_0303_0303n);
    expect(storage.read64(FRAMES[2] + 8)).toBe(0x0101_0101_0101_0101n);
    expect(storage.read64(FRAMES[1] + 16)).toBe(0x0303_0303_0303_0303n);
    expect(storage.read32(RESULTS) >>> 28).toBe(1);
    expect(storage.read32(FRAMES[1] + 0x1000)).toBe(0x55);
    expect(storage.read32(FRAMES[0] + 0x1000)).toBe(0);
    expect(storage.read64(FRAMES[2] + 40)).toBe(0x0202_0202_0202_0202n);
    expect(storage.read64(FRAMES[1] + 72)).toBe(0x0303_0303_0303_0303n);
    // The second string ends at once: it is the shorter one.
    expect(storage.read32(RESULTS + 4) >>> 28).toBe(2);
    expect(storage.read64(FRAMES[0] + 128)).toBe(0x0303_0303_0101_0101n);
  });

  // PoP, "Access-Register Translation"; the register's number is at real location 160.
  test('what is wrong with an access list is told, and the register', async () => {
    const pieces: [code: number, token: number][] = [
      [ALET_SPECIFICATION, 0x0200_0000 | alet(GOOD)],
      [ALEN_TRANSLATION, alet(INVALID)],
      [ALEN_TRANSLATION, alet(BEYOND)],
      [ALE_SEQUENCE, alet(GOOD, SEQUENCE + 1)],
      [ASTE_VALIDITY, alet(GONE_SPACE)],
      [ASTE_SEQUENCE, alet(STALE_SPACE)],
      [EXTENDED_AUTHORITY, alet(PRIVATE_OTHER)],
    ];
    const found = await faults(
      pieces.map(([, token]) => `${place(4, token)}lg %r5,0(%r4)`),
      options,
    );
    // LLILF, SAR, LLILF, then the load: where the nullified ones are.
    const wanted = pieces.map(([code]) => [code, 4, code === ALET_SPECIFICATION ? 22n : 16n]);
    expect(found.map(({ code, accessId, offset }) => [code, accessId, offset])).toEqual(wanted);
  });

  test('the authority table may give access to a private space', async () => {
    const piece = `${place(4, alet(PRIVATE_AUTHORISED))}lg %r5,0(%r4)`;
    const control = { ...options.control, 8: BigInt(17 << 16) };
    expect(await faults([piece], { ...options, control })).toMatchObject([{ code: 0 }]);
    const short = { ...options.control, 8: BigInt(33 << 16) };
    expect(await faults([piece], { ...options, control: short })).toMatchObject([
      { code: EXTENDED_AUTHORITY },
    ]);
  });

  test('faults of translation name the mode and the register', async () => {
    const piece = `${place(9, alet(GOOD), MISSING)}lg %r5,0(%r9)`;
    const [fault] = await faults([piece], options);
    expect(fault).toMatchObject({ code: PAGE_TRANSLATION, accessId: 9 });
    expect(fault!.identification).toBe(BigInt(MISSING | FETCH | ACCESS_REGISTER));
    await checkFaults(
      [
        [`${place(9, alet(FETCH_ONLY))}lg %r5,0(%r9)`],
        [
          `${place(9, alet(FETCH_ONLY))}stg %r5,0(%r9)`,
          PROTECTION,
          PLACE | STORE | ACCESS_REGISTER | ACCESS_LIST,
        ],
        [`${place(9, alet(GOOD))}stg %r5,0(%r9)`],
      ],
      options,
    );
  });
});

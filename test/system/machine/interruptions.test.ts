import { describe, expect, test } from 'vitest';
import { LOWCORE } from '../../../src/arch/lowcore.ts';
import { Tables } from './dat-tables.ts';
import { faults } from './faults.ts';
import { BACKENDS, Guest, RESULTS, runGuest, SCRATCH, SUCCESS, SUPERVISOR } from './guest.ts';

const DAT = 1n << 58n;
const PROBLEM = 1n << 48n;
const FIXED_POINT_OVERFLOW = 8n << 40n;

/** Subclass mask of control register 0. */
const EMERGENCY = 0x4000n;

/** PoP, "Assigned Storage Locations": old PSWs by class. */
const OLD = {
  restart: LOWCORE.restartOldPsw,
  external: LOWCORE.externalOldPsw,
  svc: LOWCORE.svcOldPsw,
  program: LOWCORE.programOldPsw,
};

type Row = readonly [piece: string, code: number, length: number, offset: number];

describe.each(BACKENDS)('interruptions on %s', (backend) => {
  test('each class exchanges PSWs at its own place', async () => {
    const source = `
      larl %r9,psw
      lpswe 0(%r9)
      begin: svc 17
      after_svc: .short 0
      after_program: sigp %r2,%r0,3
      stosm ${SCRATCH},1
      after_external: sigp %r2,%r0,6
      after_restart: stg %r10,${RESULTS}
      lpswe ${SUCCESS}
      svc_new: aghi %r10,1
      lpswe ${OLD.svc}
      program_new: aghi %r10,10
      lpswe ${OLD.program}
      external_new: aghi %r10,100
      ni ${OLD.external},0xfe
      lpswe ${OLD.external}
      restart_new: aghi %r10,1000
      lpswe ${OLD.restart}
      .align 8
      psw: .quad ${SUPERVISOR}, begin`;
    const guest = await runGuest(source, { backend, control: { 0: EMERGENCY } });
    expect(guest.result(0)).toBe(1111n);
    const old = (at: number) => guest.storage.read64(at + 8);
    expect(old(OLD.svc)).toBe(BigInt(guest.label('after_svc')));
    expect(old(OLD.program)).toBe(BigInt(guest.label('after_program')));
    expect(old(OLD.external)).toBe(BigInt(guest.label('after_external')));
    expect(old(OLD.restart)).toBe(BigInt(guest.label('after_restart')));
    expect(guest.storage.read16(LOWCORE.svcCode)).toBe(17);
    expect(guest.storage.read16(LOWCORE.externalCode)).toBe(0x1201);
  });

  // PoP, "Types of Instruction Ending", "Instruction-Length Code": the old PSW is behind an
  // instruction that was suppressed or completed, and at one that was nullified.
  const data = `add: ar %r0,%r1
    nothing: .short 0
    again: ex %r0,0
    divide: dr %r0,%r2
    page: lg %r0,0(%r1)
    .align 8
    one: .long 1
    large: .long 0x7fffffff`;
  const check = async (rows: readonly Row[], mask: bigint): Promise<void> => {
    const found = await faults(
      rows.map(([piece]) => piece),
      {
        ...{ backend, mask, data },
        control: { 1: 0x10_0003n, 8: 0x8000n },
        prepare: (storage) => {
          new Tables(storage, 0x10_0000).map(0, 0, { pages: 64 });
        },
      },
    );
    const wanted = rows.map(([, code, length, offset]) => [code, length, BigInt(offset)]);
    expect(found.map(({ code, length, offset }) => [code, length, offset])).toEqual(wanted);
  };

  test('suppressed instructions are behind the old PSW', async () => {
    const rows: Row[] = [
      ['.short 0', 1, 2, 2],
      ['.long 0xb2ff0000', 1, 4, 4],
      ['.short 0xe300,0,0', 1, 6, 6],
      ['dr %r0,%r2', 9, 2, 2],
      ['lctlg %c1,%c1,4', 6, 6, 6],
      ['spx 2', 6, 4, 4],
      ['ex %r0,1', 6, 4, 4],
      ['larl %r1,again\nex %r0,0(%r1)', 3, 4, 10],
      ['exrl %r0,again', 3, 6, 6],
      ['exrl %r0,nothing', 1, 6, 6],
      ['larl %r1,divide\nex %r0,0(%r1)', 9, 4, 10],
      ['exrl %r0,divide', 9, 6, 6],
      ['llilf %r1,0x40000000\nl %r0,0(%r1)', 5, 4, 10],
      ['llilf %r1,0x40000000\nlg %r0,0(%r1)', 5, 6, 12],
      ['llilf %r1,0x40000000\nmvc 0(4,%r1),0(%r0)', 5, 6, 12],
      ['llilf %r1,0x40000000\nlghi %r2,0\nstura %r2,%r1', 5, 4, 14],
      ['lghi %r1,1\ndiag %r1,%r0,0xfff', 6, 4, 8],
      ['stsch 2', 6, 4, 4],
      ['lghi %r0,0\nstsch 0x400', 0x15, 4, 8],
    ];
    await check(rows, SUPERVISOR);
  });

  test('completed instructions are behind the old PSW, with their own length', async () => {
    const rows: Row[] = [
      ['nopr\nmc 0,0', 0x40, 4, 6],
      ['lghi %r1,0\nmc 0(%r1),0\nlgr %r1,%r1', 0x40, 4, 8],
    ];
    await check(rows, SUPERVISOR);
    const overflows: Row[] = [
      ['lrl %r0,large\nlghi %r1,1\nar %r0,%r1', 8, 2, 12],
      ['lrl %r0,large\nlarl %r1,one\na %r0,0(%r1)', 8, 4, 16],
      ['lrl %r0,large\nlarl %r1,one\nay %r0,0(%r1)', 8, 6, 18],
      ['lrl %r0,large\nlghi %r1,1\nexrl %r0,add', 8, 6, 16],
      ['lrl %r0,large\nlghi %r1,1\nlarl %r3,add\nex %r0,0(%r3)', 8, 4, 20],
    ];
    await check(overflows, SUPERVISOR | FIXED_POINT_OVERFLOW);
  });

  test('the old PSW designates instructions that were nullified', async () => {
    const rows: Row[] = [
      ['llilf %r1,0x40000\nl %r0,0(%r1)', 0x11, 4, 6],
      ['llilf %r1,0x40000\nlg %r0,0(%r1)', 0x11, 6, 6],
      [
        'llilf %r1,0x40000\nlr %r2,%r1\nlghi %r3,5\nlghi %r4,0\nlghi %r5,5\nmvcl %r2,%r4',
        0x11,
        2,
        20,
      ],
      ['llilf %r1,0x40000\nlarl %r2,page\nex %r0,0(%r2)', 0x11, 4, 12],
      ['llilf %r1,0x40000\nexrl %r0,page', 0x11, 6, 6],
      ['llilf %r1,0x40000\nstck 0(%r1)', 0x11, 4, 6],
      ['llilf %r1,0x100000\nlghi %r0,1\nlctlg %c2,%c2,0(%r1)', 0x10, 6, 10],
    ];
    await check(rows, SUPERVISOR | DAT);
  });

  test('privileged instructions are suppressed in the problem state', async () => {
    const rows: Row[] = [
      ['lpswe 0x800', 2, 4, 4],
      ['lpsw 0x800', 2, 4, 4],
      ['ptlb', 2, 4, 4],
      ['lctlg %c1,%c1,0x800', 2, 6, 6],
      ['sigp %r0,%r0,1', 2, 4, 4],
      ['diag %r0,%r0,0x44', 2, 4, 4],
      ['exrl %r0,page', 0, 0, 0],
    ];
    await check(rows.slice(0, -1), SUPERVISOR | PROBLEM);
  });

  test('a supervisor call stores its number and length, that of EXECUTE if it was executed', async () => {
    const source = `
      llilf %r2,${RESULTS}
      svc 5
      larl %r1,call
      ex %r0,0(%r1)
      lghi %r3,0x25
      ex %r3,0(%r1)
      exrl %r0,call
      exrl %r3,call
      lpswe ${SUCCESS}
      call: svc 0x12
      svc_new: mvc 0(4,%r2),${LOWCORE.svcLength}
      la %r2,4(%r2)
      lpswe ${OLD.svc}`;
    const guest = await runGuest(source, { backend });
    const calls = Array.from({ length: 5 }, (_, i) => guest.storage.read32(RESULTS + 4 * i));
    expect(calls).toEqual([0x2_0005, 0x4_0012, 0x4_0037, 0x6_0012, 0x6_0037]);
  });
});

describe.each(BACKENDS)('exceptions of the PSW on %s', (backend) => {
  /** Loads a PSW; the program interruption that follows stores its length and the old PSW. */
  const load = async (instruction: string, psw: string): Promise<(string | number)[]> => {
    const guest = new Guest(
      `larl %r1,psw
      mvi ${LOWCORE.programLength + 1},0xff
      ${instruction}
      lpswe ${SUCCESS}
      .align 8
      psw: ${psw}`,
      { backend },
    );
    await guest.interrupted(LOWCORE.programNewPsw);
    const { storage } = guest;
    return [
      storage.read16(LOWCORE.programCode),
      storage.read16(LOWCORE.programLength),
      storage.read64(OLD.program).toString(16),
      storage.read64(OLD.program + 8).toString(16),
    ];
  };

  // PoP, "Early Exception Recognition": the interruption-length code is 0, and the PSW is stored
  // unmodified.
  test.each([
    ['bit 0', '8000000180000000', '2000'],
    ['bit 2', '2000000180000000', '2000'],
    ['bit 4', '0800000180000000', '2000'],
    ['bit 12', '0008000180000000', '2000'],
    ['bit 24', '0000008180000000', '2000'],
    ['bit 30', '0000000380000000', '2000'],
    ['bit 33', '00000001c0000000', '2000'],
    ['bit 63', '0000000180000001', '2000'],
    ['extended addressing alone', '0000000100000000', '2000'],
    ['an address of 25 bits in the 24-bit mode', '0000000000000000', '1000000'],
    ['an address of 32 bits in the 31-bit mode', '0000000080000000', '80000000'],
    ['an invalid PSW that waits', '8002000180000000', '2000'],
  ])('LOAD PSW EXTENDED: %s', async (_what, mask, address) => {
    expect(await load('lpswe 0(%r1)', `.quad 0x${mask}, 0x${address}`)).toEqual([
      ...[6, 0],
      ...[BigInt(`0x${mask}`).toString(16), address],
    ]);
  });

  test('LOAD PSW: bit 12 must be one, and becomes zero', async () => {
    expect(await load('lpsw 0(%r1)', '.quad 0x0000000080002000')).toEqual([
      ...[6, 0],
      ...['8000080000000', '2000'],
    ]);
    expect(await load('lpsw 0(%r1)', '.quad 0x000a000080002000').catch(String)).toMatch(
      '0002000080000000 0000000000002000',
    );
  });

  // The same section: "the instruction-length code is set to 2" and the address is updated.
  test.each(['ssm 0(%r1)', 'stosm 0(%r1),0x80'])('%s that makes the PSW invalid', async (insn) => {
    const [code, length, mask, address] = await load(insn, '.byte 0x80');
    expect([code, length, mask]).toEqual([6, 4, '8000000180000000']);
    expect(address).toBe((0x1_0000 + 6 + 4 + 4).toString(16));
  });

  // PoP, "ILC on Instruction-Fetching Exceptions": the address, less the length, is what it was.
  test.each([
    ['specification', 6, 0x2001n],
    ['specification', 6, 0x12_3456_789a_bcdfn],
    ['addressing', 5, 0x40_0000n],
    ['addressing', 5, 0xffff_ffff_ffff_fff0n],
  ])('LOAD PSW EXTENDED: %s exception at the address', async (_what, wanted, address) => {
    const psw = `.quad ${SUPERVISOR}, 0x${address.toString(16)}`;
    const [code, length, mask, behind] = await load('lpswe 0(%r1)', psw);
    expect([code, mask]).toEqual([wanted, SUPERVISOR.toString(16)]);
    expect([2, 4, 6]).toContain(length);
    const before = BigInt.asUintN(64, BigInt(`0x${behind}`) - BigInt(length!));
    expect(before).toBe(address);
  });

  test('an invalid new PSW of another class is the old PSW of the program interruption', async () => {
    const guest = new Guest(
      `mvi ${LOWCORE.svcNewPsw},0x80
svc 1
svc_new: nopr`,
      { backend },
    );
    await guest.interrupted(LOWCORE.programNewPsw);
    expect(guest.storage.read32(LOWCORE.programLength)).toBe(6);
    expect(guest.storage.read64(OLD.program)).toBe(SUPERVISOR | (1n << 63n));
    expect(guest.storage.read64(OLD.program + 8)).toBe(BigInt(guest.label('svc_new')));
  });

  test.each([
    ['the new PSW is invalid', `.quad 0x8000000180000000, 0x2000`],
    ['an instruction cannot be fetched', `.quad ${SUPERVISOR}, 0x40000000`],
    ['the address is odd', `.quad ${SUPERVISOR}, 0x2001`],
    ['there is no such instruction', `.quad ${SUPERVISOR}, 0x2000`],
  ])('program interruptions without end are reported: %s', async (_what, psw) => {
    const source = `larl %r1,psw
      mvc ${LOWCORE.programNewPsw}(16),0(%r1)
      .short 0
      .align 8
      psw: ${psw}`;
    const end = await new Guest(source, { backend }).run();
    expect(end).toMatchObject({ kind: 'disabled-wait' });
    expect('reason' in end && end.reason).toMatch('without end');
  });
});

import { describe, expect, test } from 'vitest';
import { LOWCORE } from '../../../src/arch/lowcore.ts';
import { BACKENDS, Guest, type GuestOptions, SCRATCH, SUCCESS, SUPERVISOR } from './guest.ts';

const PER = 1n << 62n;
const EXTERNAL = 1n << 56n;

/** Event masks of control register 9, and the bits of the PER code. */
const BRANCHING = 0x8000_0000n;
const FETCHING = 0x4000_0000n;
const BRANCH_ADDRESS = 0x0080_0000n;
const CODE_BRANCHING = 0x80;
const CODE_FETCHING = 0x40;

/** Records of 32 bytes: interruption code, length, PER code, PER address, old PSW's address. */
const LOG = 0x9000;
const LIMIT = 64;

interface Event {
  readonly code: number;
  readonly length: number;
  readonly per: number;
  readonly address: string;
  readonly next: string;
}

/**
 * Runs code with PER on from the label `begin` to a supervisor call with number 255; the events,
 * with addresses as labels. R12 is the log's.
 */
async function events(
  code: string,
  options: GuestOptions,
  { mask = FETCHING, from = 'begin', to = 'end' } = {},
): Promise<Event[]> {
  const source = `
    start: llilf %r12,${LOG}
    larl %r3,control
    lctlg %c9,%c11,0(%r3)
    larl %r3,psw
    lpswe 0(%r3)
    ${code}
    end: svc 255
    program_new: mvc 0(4,%r12),${LOWCORE.programLength}
    mvc 4(1,%r12),${LOWCORE.perCode}
    mvc 8(8,%r12),${LOWCORE.perAddress}
    mvc 16(8,%r12),${LOWCORE.programOldPsw + 8}
    la %r12,32(%r12)
    clfi %r12,${LOG + 32 * LIMIT}
    jnl done
    lpswe ${LOWCORE.programOldPsw}
    svc_new: cli ${LOWCORE.svcCode + 1},255
    je done
    lpswe ${LOWCORE.svcOldPsw}
    done: lpswe ${SUCCESS}
    .align 8
    control: .quad ${mask}, ${from}, ${to}
    psw: .quad ${(options.mask ?? SUPERVISOR) | PER}, begin`;
  const { mask: _mask, ...others } = options;
  const guest = await new Guest(source, others).succeed();
  const { storage, labels } = guest;
  const names = new Map([...labels].map(([name, at]) => [BigInt(at), name]));
  const show = (address: bigint): string => names.get(address) ?? address.toString(16);
  const found: Event[] = [];
  for (let at = LOG; storage.read32(at) !== 0; at += 32) {
    found.push({
      code: storage.read16(at + 2),
      length: storage.read16(at),
      per: storage.read8(at + 4),
      address: show(storage.read64(at + 8)),
      next: show(storage.read64(at + 16)),
    });
  }
  return found;
}

const fetched = (address: string, length: number, next: string): Event => ({
  ...{ code: 0x80, length, per: CODE_FETCHING, address, next },
});
const branched = (address: string, length: number, next: string): Event => ({
  ...{ code: 0x80, length, per: CODE_BRANCHING, address, next },
});

describe.each(BACKENDS)('program-event recording on %s', (backend) => {
  const options = { backend };

  // PoP, "Program-Event Recording": the interruption is taken when the instruction is completed.
  test('every instruction of a range is an instruction-fetching event', async () => {
    const code = `begin: lghi %r1,2
      a: nopr
      b: brctg %r1,a
      c: st %r1,${SCRATCH}
      d: mvc ${SCRATCH}(8),${SCRATCH + 8}
      e: exrl %r0,a
      f: larl %r3,d
      g: ex %r0,0(%r3)`;
    expect(await events(code, options)).toEqual([
      fetched('begin', 4, 'a'),
      fetched('a', 2, 'b'),
      fetched('b', 4, 'a'),
      fetched('a', 2, 'b'),
      fetched('b', 4, 'c'),
      fetched('c', 4, 'd'),
      fetched('d', 6, 'e'),
      fetched('e', 6, 'f'),
      fetched('f', 6, 'g'),
      fetched('g', 4, 'end'),
      fetched('end', 2, 'svc_new'),
    ]);
  });

  test('only those in the range are; it may wrap around', async () => {
    const code = `begin: nopr
      a: nopr
      b: nopr
      c: nopr
      d: nopr`;
    const inside = await events(code, options, { from: 'a', to: 'b' });
    expect(inside).toEqual([fetched('a', 2, 'b'), fetched('b', 2, 'c')]);
    const outside = await events(code, options, { from: 'c', to: 'begin' });
    const places = outside.map(({ address }) => address);
    expect(places).toEqual(['begin', 'c', 'd', 'end']);
  });

  test('without the event mask, or the bit in the PSW, nothing happens', async () => {
    const code = 'begin: nopr\na: nopr';
    expect(await events(code, options, { mask: 0n })).toEqual([]);
    const off = `begin: stnsm ${SCRATCH},0xbf\na: nopr\nb: nopr`;
    // The instruction that takes the CPU out of it is the last.
    expect(await events(off, options)).toEqual([fetched('begin', 4, 'a')]);
  });

  test('an instruction is recorded as control registers were when it began', async () => {
    const code = `begin: larl %r3,none
      a: lctlg %c9,%c9,0(%r3)
      b: lctlg %c9,%c9,8(%r3)
      c: nopr
      j end
      .align 8
      none: .quad 0, ${FETCHING}`;
    expect(await events(code, options, { to: 'c' })).toEqual([
      fetched('begin', 6, 'a'),
      fetched('a', 6, 'b'),
      { ...fetched('c', 2, ''), next: expect.any(String) },
    ]);
  });

  test('branches that are taken are branching events', async () => {
    const code = `begin: lghi %r1,2
      a: brctg %r1,a
      b: j c
      nopr
      c: jz d
      jnz d
      nopr
      d: larl %r4,e
      f: br %r4
      g: nopr
      e: bras %r4,h
      nopr
      h: nopr`;
    const found = await events(code, options, { mask: BRANCHING });
    expect(found).toEqual([
      branched('a', 4, 'a'),
      branched('b', 4, 'c'),
      // Of the two conditional branches one is taken.
      { ...branched('c', 4, 'd'), address: expect.any(String) },
      branched('f', 2, 'e'),
      branched('e', 4, 'h'),
    ]);
  });

  test('with branch-address control only those into the range count', async () => {
    const code = `begin: j b
      a: j c
      b: j a
      c: nopr`;
    const range = { mask: BRANCHING | BRANCH_ADDRESS, from: 'a', to: 'a' };
    expect(await events(code, options, range)).toEqual([branched('b', 4, 'a')]);
  });

  test('both events of an instruction are one interruption', async () => {
    const code = 'begin: j a\nnopr\na: nopr';
    const [first] = await events(code, options, { mask: BRANCHING | FETCHING });
    expect(first!.per).toBe(CODE_BRANCHING | CODE_FETCHING);
  });

  // PoP, "Priority of Interruptions": the supervisor call first, then the event.
  test('a supervisor call is taken first: the event is at its new PSW', async () => {
    const code = `begin: svc 3
      a: exrl %r0,call
      b: j end
      call: svc 4`;
    expect(await events(code, options)).toEqual([
      fetched('begin', 2, 'svc_new'),
      fetched('a', 6, 'svc_new'),
      fetched('b', 4, 'end'),
      fetched('end', 2, 'svc_new'),
    ]);
  });

  test('an exception and the event are one interruption', async () => {
    const code = `begin: .short 0
      a: lghi %r4,1
      b: lctlg %c1,%c1,0(%r4)
      c: nopr`;
    expect(await events(code, options)).toEqual([
      { code: 0x81, length: 2, per: CODE_FETCHING, address: 'begin', next: 'a' },
      fetched('a', 4, 'b'),
      { code: 0x86, length: 6, per: CODE_FETCHING, address: 'b', next: 'c' },
      fetched('c', 2, 'end'),
      fetched('end', 2, 'svc_new'),
    ]);
  });

  test('what the machine carries out is recorded as well', async () => {
    const code = `begin: lghi %r4,0
      a: sigp %r2,%r4,1
      b: diag %r0,%r0,0x44
      c: diag %r0,%r0,0xfff
      d: nopr`;
    expect(await events(code, options)).toEqual([
      fetched('begin', 4, 'a'),
      fetched('a', 4, 'b'),
      fetched('b', 4, 'c'),
      { code: 0x86, length: 4, per: CODE_FETCHING, address: 'c', next: 'd' },
      fetched('d', 2, 'end'),
      fetched('end', 2, 'svc_new'),
    ]);
  });

  test('other interruptions come behind the event', async () => {
    const code = `begin: lghi %r4,0
      a: sigp %r2,%r4,3
      larl %r3,open
      b: lctlg %c0,%c0,0(%r3)
      c: nopr
      j end
      external_new: mvi 0(%r12),0xee
      mvi 3(%r12),0xee
      mvc 16(8,%r12),${LOWCORE.externalOldPsw + 8}
      la %r12,32(%r12)
      lpswe ${LOWCORE.externalOldPsw}
      .align 8
      open: .quad 0x4000`;
    const mask = SUPERVISOR | EXTERNAL;
    const found = await events(code, { ...options, mask }, { from: 'b', to: 'c' });
    expect(found.map(({ code: what, next }) => [what, next])).toEqual([
      [0x80, 'c'],
      [0xee, 'c'],
      [0x80, expect.any(String)],
    ]);
  });
});

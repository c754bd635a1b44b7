import { describe, test } from 'vitest';
import { COMMAND_DONE } from '../../../src/system/css/device.ts';
import { TestDevice } from '../css-support.ts';
import { Tables } from './dat-tables.ts';
import {
  BACKENDS,
  Guest,
  type GuestOptions,
  runGuest,
  SCRATCH,
  SUCCESS,
  SUPERVISOR,
} from './guest.ts';

const DAT = 1n << 58n;
const ASCE = 0x10_0003n;
/** Where a routine is besides its own place, virtually. */
const ALIAS = 0x8_8000;
const ROUNDS = 12;

/** Sets general register 2 to the number that the program writes into it; called by R14. */
const ROUTINE = `.align 8
  routine: lghi %r2,0
  br %r14`;

/**
 * A loop that writes its count, R10, into the instruction at R8 (its immediate field at R9), calls
 * it, and expects the count in R2.
 */
const loop = (patch: string, call = 'basr %r14,%r8', routine = ROUTINE): string => `
  start: larl %r8,routine
  la %r9,2(%r8)
  lghi %r10,${ROUNDS}
  loop: ${patch}
  ${call}
  cgr %r2,%r10
  jne bad
  brctg %r10,loop
  svc 0
  svc_new: lpswe ${SUCCESS}
  bad: .short 0
  ${routine}
  .align 8
  schib: .skip 56
  irb: .skip 64
  buffer: .skip 64
  zeros: .skip 64`;
const ELSEWHERE = `.align 4096\n${ROUTINE}\n.align 4096`;

// PoP, "Conceptual Sequence": what a program stores is what it then executes.
const STORES: [name: string, code: string][] = [
  ['STORE HALFWORD', 'sth %r10,0(%r9)'],
  ['STORE CHARACTERS UNDER MASK', 'stcm %r10,3,0(%r9)'],
  ['STORE', 'llilf %r3,0xa7290000\nlr %r4,%r10\nor %r4,%r3\nst %r4,0(%r8)'],
  ['MOVE', `sth %r10,${SCRATCH}\nmvc 0(2,%r9),${SCRATCH}`],
  ['MOVE immediate', 'stc %r10,1(%r9)\nmvi 0(%r9),0'],
  [
    'MOVE LONG',
    `sth %r10,${SCRATCH}\nlgr %r4,%r9\nlghi %r5,2\nla %r6,${SCRATCH}\nlghi %r7,2\nmvcl %r4,%r6`,
  ],
  ['EXCLUSIVE OR', `sth %r10,${SCRATCH}\nxc 0(2,%r9),0(%r9)\nxc 0(2,%r9),${SCRATCH}`],
  ['OR', `sth %r10,${SCRATCH}\nmvhhi 0(%r9),0\noc 0(2,%r9),${SCRATCH}`],
  [
    'COMPARE AND SWAP',
    'llilf %r3,0xa7290000\nlr %r4,%r10\nor %r4,%r3\nl %r5,0(%r8)\ncs %r5,%r4,0(%r8)',
  ],
  ['STORE MULTIPLE', 'llilf %r3,0xa7290000\nor %r3,%r10\nllilf %r4,0x07fe0000\nstm %r3,%r4,0(%r8)'],
  ['STORE USING REAL ADDRESS', 'llilf %r3,0xa7290000\nor %r3,%r10\nstura %r3,%r8'],
  [
    'ADD IMMEDIATE',
    `mvghi 0(%r8),0\nagsi 0(%r8),1\nllilf %r3,0xa7290000\nor %r3,%r10\nllilf %r4,0x07fe0000\nstm %r3,%r4,0(%r8)`,
  ],
];

describe.each(BACKENDS)('code that changes on %s', (backend) => {
  test.each(STORES)('by %s, on another page', async (_name, patch) => {
    await runGuest(loop(patch, 'basr %r14,%r8', ELSEWHERE), { backend });
  });

  test.each(STORES.slice(3, 7))('by %s, on its own page', async (_name, patch) => {
    await runGuest(loop(patch), { backend });
  });

  test.each([
    ['by a halfword', 'sth %r10,0(%r9)'],
    ['by a move', `sth %r10,${SCRATCH}\nmvc 0(2,%r9),${SCRATCH}`],
    [
      'by a helper',
      `sth %r10,${SCRATCH}\nlgr %r4,%r9\nlghi %r5,2\nla %r6,${SCRATCH}\nlghi %r7,2\nmvcl %r4,%r6`,
    ],
  ])('just before it is executed, %s', async (_name, patch) => {
    await runGuest(loop(patch, 'routine: lghi %r2,0', ''), { backend });
  });

  test('behind DAT, by another virtual address', async () => {
    const source = loop(
      `llilf %r5,${ALIAS}\nrisbg %r5,%r9,52,63,0\nsth %r10,0(%r5)`,
      'basr %r14,%r8',
      ELSEWHERE,
    );
    const at = (labels: ReadonlyMap<string, number>): number => labels.get('routine')! & ~0xfff;
    const options: GuestOptions = {
      ...{ backend, mask: SUPERVISOR | DAT, control: { 1: ASCE } },
      prepare: (storage, labels) => {
        new Tables(storage, 0x10_0000).map(0, 0, { pages: 128 }).map(ALIAS, at(labels));
      },
    };
    await runGuest(source, options);
    // And the other way round: executed there, written here.
    const called = loop(
      'sth %r10,0(%r9)',
      `llilf %r5,${ALIAS}\nrisbg %r5,%r8,52,63,0\nbasr %r14,%r5`,
      ELSEWHERE,
    );
    await runGuest(called, options);
  });

  test('across a page boundary, with the instruction on both pages', async () => {
    // LGHI with its immediate field on the next page, and that elsewhere in storage.
    const patch = `larl %r3,buffer
      llilf %r4,0xa7290000
      or %r4,%r10
      st %r4,0(%r3)
      mvhhi 4(%r3),0x07fe
      mvc 0(6,%r5),0(%r3)`;
    const first = 0x8_0000;
    const source = loop(`llilf %r5,${ALIAS + 4094}\n${patch}`, 'basr %r14,%r5');
    await runGuest(source, {
      ...{ backend, mask: SUPERVISOR | DAT, control: { 1: ASCE } },
      prepare: (storage) => {
        new Tables(storage, 0x10_0000)
          .map(0, 0, { pages: 128 })
          .map(ALIAS, first)
          .map(ALIAS + 0x1000, first + 0x3000);
      },
    });
  });

  test('that EXECUTE executes', async () => {
    const target = `${ROUTINE}\n.align 4096`;
    await runGuest(loop('sth %r10,0(%r9)', 'ex %r0,0(%r8)', target), { backend });
    await runGuest(loop('sth %r10,0(%r9)', 'exrl %r0,routine', target), { backend });
    await runGuest(loop('sth %r10,0(%r9)', 'exrl %r0,routine', ELSEWHERE), { backend });
    // With a modifier: it is the register that changes.
    const modified = loop(
      'sth %r10,0(%r9)',
      'lghi %r3,0x50\nlghi %r5,0\nex %r3,0(%r8)\nlgr %r2,%r5',
      'routine: lghi %r0,0\nbr %r14\n.align 4096',
    ).replace('sth %r10', 'mvhhi 0(%r8),0xa709-0x10000\nsth %r10');
    await runGuest(modified, { backend });
  });

  test('by what a device reads', async () => {
    const patch = `llilf %r1,0x10000
      larl %r3,orb
      ssch 0(%r3)
      jnz bad
      larl %r3,irb
      tsch 0(%r3)
      jnz bad`;
    const enable = `start: llilf %r1,0x10000
      larl %r3,schib
      stsch 0(%r3)
      oi 5(%r3),0x80
      msch 0(%r3)
      j begin`;
    const data = `.align 8
      ccw: .long 0x02000002, routine+2
      orb: .long 0, 0x0080ff00, ccw`;
    const source = `${loop(patch, 'basr %r14,%r8', ELSEWHERE).replace('start:', 'begin:')}\n${data}\n${enable}`;
    const guest = new Guest(source, { backend });
    const device = new TestDevice();
    let count = ROUNDS;
    device.commands.set(0x02, (channel) => {
      channel.send(Uint8Array.of(0, count--));
      return COMMAND_DONE;
    });
    guest.machine.css.attach(device);
    await guest.succeed();
  });

  test('by another CPU', async () => {
    // CPU 1 writes what it is told, and says so. CPU 0 serializes before it goes there.
    const patch = `stgrl %r10,wanted
      wait: lgrl %r3,done
      cgr %r3,%r10
      jne wait
      bcr 15,%r0`;
    const other = `cpu1: larl %r8,routine
      again: lgrl %r3,wanted
      sth %r3,2(%r8)
      stgrl %r3,done
      j again
      .align 4096
      wanted: .quad 0
      done: .quad 0
      .align 4096
      begin: lghi %r1,1
      sigp %r0,%r1,6
      j loop_start`;
    const source =
      `${loop(patch, 'basr %r14,%r8', ELSEWHERE).replace('start:', 'loop_start:')}\n${other}`.replace(
        'begin:',
        'start:',
      );
    await runGuest(source, { backend, cpus: 2 });
  });

  test('in the prefix area', async () => {
    const at = 0xb00;
    const source = loop('sth %r10,0(%r9)').replace(
      'start: larl %r8,routine',
      `start: lghi %r8,${at}`,
    );
    await runGuest(source, {
      backend,
      prepare: (storage) => {
        storage.write32(at, 0xa729_0000);
        storage.write16(at + 4, 0x07fe);
      },
    });
  });

  test('in the prefix area, called from a loop that is there too', async () => {
    const source = `start: lghi %r8,0xb00
      la %r9,2(%r8)
      lghi %r10,${ROUNDS}
      loop: sth %r10,0(%r9)
      basr %r14,%r8
      cgr %r2,%r10
      jne bad
      brctg %r10,loop
      lpswe ${SUCCESS}
      bad: .short 0`;
    await runGuest(source, {
      ...{ backend, at: 0xc00 },
      prepare: (storage) => {
        storage.write32(0xb00, 0xa729_0000);
        storage.write16(0xb04, 0x07fe);
      },
    });
  });
});

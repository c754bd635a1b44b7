import { describe, expect, test } from 'vitest';
import { LOWCORE } from '../../../src/arch/lowcore.ts';
import { TestDevice } from '../css-support.ts';
import { checkFaults, type FaultRow } from './faults.ts';
import { BACKENDS, Guest, RESULTS, runGuest, SUCCESS } from './guest.ts';

const SPECIFICATION = 6;
const OPERATION = 1;

describe.each(BACKENDS)('DIAGNOSE on %s', (backend) => {
  const options = { backend };

  // Codes as Linux' Documentation/virt/kvm/s390/s390-diag.rst and QEMU have them.
  test('codes that are none are specification exceptions', async () => {
    const rows: FaultRow[] = [
      ...[0x008, 0x00c, 0x260, 0x288, 0x2fc, 0x318, 0x502, 0xfff].map((code): FaultRow => [
        `diag %r1,%r3,${code}`,
        SPECIFICATION,
      ]),
      // Bits 48-63 of the address are the code.
      ['llilf %r4,0x10000\ndiag %r1,%r3,0x44(%r4)'],
      ['llilf %r4,0x40\ndiag %r1,%r3,4(%r4)'],
      ['diag %r1,%r3,0x44'],
      ['lghi %r1,7\ndiag %r1,%r3,0x9c'],
      // No breakpoint is there.
      ['diag %r1,%r3,0x501', OPERATION],
    ];
    await checkFaults(rows, options);
  });

  test.each(['diag %r0,%r0,0x44', 'diag %r7,%r0,0x9c'])(
    '%s lets others run at once',
    async (insn) => {
      // Two CPUs wait for each other; neither waits for the end of the other's time.
      const source = `lghi %r8,1
      sigp %r6,%r8,6
      lghi %r7,1
      lghi %r1,100
      loop: lgrl %r4,shared
      aghi %r4,1
      stgrl %r4,shared
      wait: ${insn}
      lgrl %r4,shared
      tmll %r4,1
      jnz wait
      brctg %r1,loop
      lpswe ${SUCCESS}
      cpu1: ${insn}
      lgrl %r4,shared
      tmll %r4,1
      jz cpu1
      aghi %r4,1
      stgrl %r4,shared
      j cpu1
      .align 4096
      shared: .quad 0
      .align 4096`;
      const guest = await runGuest(source, { ...options, cpus: 2 });
      expect(guest.storage.read64(guest.label('shared'))).toBe(200n);
    },
  );

  test('0x10 makes pages zeros', async () => {
    const source = `llilf %r1,0x60000
      llilf %r3,0x62000
      mvghi 8(%r1),-1
      lg %r2,8(%r1)
      diag %r1,%r3,0x10
      lg %r2,8(%r1)
      stg %r2,${RESULTS}
      stg %r1,0(%r3)
      lpswe ${SUCCESS}`;
    const guest = await runGuest(source, {
      ...options,
      prepare: (storage) => storage.fill(0x5_f000, 0x4000, 0xff),
    });
    const bytes = guest.storage.slice(0x5_f000, 0x4000);
    expect(bytes.subarray(0, 0x1000).every((byte) => byte === 0xff)).toBe(true);
    expect(bytes.subarray(0x1000, 0x3000).every((byte) => byte === 0)).toBe(true);
    expect(bytes.subarray(0x3008).every((byte) => byte === 0xff)).toBe(true);
    expect(guest.result(0)).toBe(0n);
    const ranges: FaultRow[] = [
      [0x6_0001, 0x6_2000],
      [0x6_0000, 0x6_2008],
      [0x6_2000, 0x6_0000],
      [0, 0x2000],
      [0x6_0000, 0x4000_0000],
    ].map(([from, to]) => [`llilf %r1,${from}\nllilf %r3,${to}\ndiag %r1,%r3,0x10`, SPECIFICATION]);
    await checkFaults(ranges, options);
  });

  test('0x258 takes tokens for page faults of the host, and gives none', async () => {
    const block = 0x6_0000;
    const source = `llilf %r1,${block}
      lghi %r3,-1
      diag %r1,%r3,0x258
      stg %r3,${RESULTS}
      mvhhi 4(%r1),1
      diag %r1,%r3,0x258
      stg %r3,${RESULTS + 8}
      lpswe ${SUCCESS}`;
    const prepare = (storage: { write(at: number, bytes: Uint8Array): void }): void => {
      storage.write(block, Buffer.from('0258000500000002', 'hex'));
    };
    const guest = await runGuest(source, { ...options, prepare });
    expect(guest.results(2)).toEqual([0n, 4n]);
    const rows: FaultRow[] = [
      [`llilf %r1,${block + 4}\ndiag %r1,%r3,0x258`, SPECIFICATION],
      [`llilf %r1,${block}\nmvhhi 4(%r1),9\ndiag %r1,%r3,0x258`, SPECIFICATION],
      ['llilf %r1,0x40000000\ndiag %r1,%r3,0x258', 5],
    ];
    await checkFaults(rows, { ...options, prepare });
  });

  test('0x308 keeps IPL parameters', async () => {
    const block = 0x6_0000;
    const source = `llilf %r4,${block + 0x1000}
      lghi %r3,6
      diag %r4,%r3,0x308
      stg %r5,${RESULTS}
      llilf %r4,${block}
      lghi %r3,5
      diag %r4,%r3,0x308
      stg %r5,${RESULTS + 8}
      mvhi 0(%r4),4
      diag %r4,%r3,0x308
      stg %r5,${RESULTS + 16}
      llilf %r4,${block + 0x1000}
      lghi %r3,6
      diag %r4,%r3,0x308
      stg %r5,${RESULTS + 24}
      lpswe ${SUCCESS}`;
    const bytes = Buffer.from(
      '0000001801000010 0011223344556677 8899aabbccddeeff'.replaceAll(' ', ''),
      'hex',
    );
    const guest = await runGuest(source, {
      ...options,
      prepare: (storage) => storage.write(block, bytes),
    });
    // No configuration was set; set; not valid: too short; stored.
    expect(guest.results(4)).toEqual([0x102n, 0x001n, 0x402n, 0x001n]);
    const stored = guest.storage.slice(block + 0x1000, 0x20);
    expect(Buffer.from(stored).toString('hex')).toBe(bytes.toString('hex') + '00'.repeat(8));
    const rows: FaultRow[] = [
      ['llilf %r4,0x60008\nlghi %r3,6\ndiag %r4,%r3,0x308', SPECIFICATION],
      ['llilf %r5,0x60000\nlghi %r3,6\ndiag %r5,%r3,0x308', SPECIFICATION],
      ['llilf %r4,0x40000000\nlghi %r3,6\ndiag %r4,%r3,0x308', 5],
      ['llilf %r4,0x60000\nlghi %r3,7\ndiag %r4,%r3,0x308', SPECIFICATION],
      ['llilf %r4,0x60000\nlghi %r3,2\ndiag %r4,%r3,0x308', SPECIFICATION],
      ['llilf %r4,0x60000\nllihf %r3,1\ndiag %r4,%r3,0x308', SPECIFICATION],
    ];
    await checkFaults(rows, options);
  });

  test('0x500 notifies queues; of functions and devices that are not there it says so', async () => {
    const call = (number: number, where: number): string => `lghi %r1,${number}
      llilf %r2,0x10000
      lghi %r3,0
      lghi %r4,0
      diag %r2,%r4,0x500
      stg %r2,${RESULTS + 8 * where}`;
    const source =
      `${call(0, 0)} ${call(1, 1)} ${call(2, 2)} ${call(3, 3)} ${call(9, 4)} lpswe ${SUCCESS}`.replaceAll(
        / (?=lghi %r1|lpswe)/g,
        '\n',
      );
    const guest = new Guest(source, options);
    guest.machine.css.attach(new TestDevice());
    await guest.succeed();
    // EINVAL, as hypercalls of Linux give it.
    const results = guest.results(5).map((value) => BigInt.asIntN(64, value));
    expect(results).toEqual([-22n, -22n, -22n, -22n, -22n]);
  });

  test('0x501 is a breakpoint where somebody has put one', async () => {
    const source = `lghi %r2,1
      here: diag %r0,%r0,0x501
      lghi %r2,2
      stg %r2,${RESULTS}
      lpswe ${SUCCESS}`;
    const guest = new Guest(source, options);
    const at = guest.label('here');
    guest.machine.breakpoints.add(at);
    expect(await guest.run()).toEqual({ kind: 'breakpoint', cpu: 0, address: at });
    expect(guest.state().gr(2)).toBe(1n);
    expect(guest.state().iaBits).toBe(BigInt(at + 4));
    await guest.succeed();
    expect(guest.result(0)).toBe(2n);
  });

  test('in the problem state it is a privileged operation', async () => {
    const guest = await new Guest('diag %r0,%r0,0x44', {
      ...{ ...options, mask: 0x0001_0001_8000_0000n },
    }).interrupted(LOWCORE.programNewPsw);
    expect(guest.storage.read32(LOWCORE.programLength)).toBe(0x4_0002);
  });
});

import { describe, expect, test } from 'vitest';
import { LOWCORE } from '../../../src/arch/lowcore.ts';
import { BACKENDS, Guest, RESULTS, runGuest, SUCCESS } from './guest.ts';

const OPERATION = 1;

/** Bits that are 1, counted from the left. */
function bitsOf(bytes: Uint8Array): number[] {
  return [...bytes].flatMap((byte, i) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (0x80 >> bit)).map((bit) => 8 * i + bit),
  );
}

describe.each(BACKENDS)('the CPU model on %s', (backend) => {
  test.each([
    ['z10', 0x2097, [26, 27, 31, 32, 35], [40, 45, 49]],
    ['zEC12', 0x2827, [27, 31, 40, 45, 49, 51, 131], [53, 58, 61, 130]],
    ['max', 0x8561, [45, 49, 53, 58, 61, 130, 131], [129]],
  ])('%s says what it is: %i', async (cpu, type, has, hasNot) => {
    const source = `stidp ${RESULTS}
      lghi %r0,3
      stfle ${RESULTS + 0x20}
      stfl 0
      llilf %r0,0x10000001
      lghi %r1,1
      llilf %r4,0x60000
      stsi 0(%r4)
      jnz bad
      llilf %r0,0x10000002
      lghi %r1,2
      aghi %r4,0x1000
      stsi 0(%r4)
      jnz bad
      lpswe ${SUCCESS}
      bad: .short 0`;
    const { storage } = await runGuest(source, { backend, cpu });
    // Version FF; CPU identification 0; type; 0.
    expect(storage.read64(RESULTS)).toBe((0xffn << 56n) | (BigInt(type) << 16n));
    const listed = bitsOf(storage.slice(RESULTS + 0x20, 32));
    expect(listed).toEqual(expect.arrayContaining(has));
    expect(listed.filter((bit) => hasNot.includes(bit))).toEqual([]);
    // STORE FACILITY LIST stores the first word at real 200.
    expect(storage.slice(200, 4)).toEqual(storage.slice(RESULTS + 0x20, 4));
    // The type in EBCDIC.
    const digits = [...type.toString(16)].map((digit) => 0xf0 + Number(digit));
    expect([...storage.slice(0x6_0000 + 48, 4)]).toEqual(digits);
    // A CPU's capability is never 0, and there is one CPU.
    expect(storage.read32(0x6_1000 + 32)).toBeGreaterThan(0);
    expect(storage.read16(0x6_1000 + 36)).toBe(1);
  });

  test.each([
    ['ark %r1,%r2,%r3', 'z10', 'z196'],
    ['lpp 0x900', 'z10', 'z196'],
    ['ectg 0x900,0x908,%r2', 'z9', 'z10'],
    ['risbgn %r1,%r2,0,63,0', 'z196', 'zEC12'],
    ['agh %r1,0x900', 'z13', 'z14'],
  ])('%s is an operation exception on %s, and an instruction on %s', async (insn, old, young) => {
    const source = `${insn}\nlpswe ${SUCCESS}`;
    const guest = new Guest(source, { backend, cpu: old });
    await guest.interrupted(LOWCORE.programNewPsw);
    expect(guest.storage.read16(LOWCORE.programCode)).toBe(OPERATION);
    await runGuest(source, { backend, cpu: young });
  });
});

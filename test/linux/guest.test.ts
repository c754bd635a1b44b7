import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Guest, OptionError, PASSES } from '../../src/index.ts';
import type { GuestRegisters } from '../../src/index.ts';

const HELLO = fileURLToPath(new URL('../../bench/kernels/hello.s390x', import.meta.url));

describe('the library', () => {
  test('runs a program with a hook for its output', async () => {
    const output: string[] = [];
    const guest = Guest.load(HELLO, {
      onOutput: (fd, bytes) => output.push(`${fd}:${Buffer.from(bytes).toString()}`),
    });
    expect(await guest.run()).toEqual({ code: 0, signal: undefined });
    expect(output).toEqual(['1:Hello from s390x!\n', '1:hello 1 0000000000000001\n']);
  });

  test('shows registers and storage before the program and at its end', async () => {
    let atEnd: GuestRegisters | undefined;
    let stack: Uint8Array | undefined;
    const guest = Guest.load(HELLO, {
      onOutput: () => undefined,
      onExit: (ending) => {
        atEnd = ending.registers();
        stack = ending.readMemory(Number(atEnd.gr[15]), 8);
      },
    });
    const start = guest.registers();
    expect(start.psw.mask.toString(16)).toBe('705000180000000');
    expect(start.gr[2]).toBe(0n);
    // argc is where the stack pointer points.
    expect([...guest.readMemory(Number(start.gr[15]), 8)]).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
    await guest.run();
    // exit_group is system call 248, its status in general register 2.
    expect(atEnd!.gr[1]).toBe(248n);
    expect(atEnd!.gr[2]).toBe(0n);
    expect(stack).toHaveLength(8);
    expect(() => guest.registers()).toThrow(OptionError);
  });

  test('counts guest instructions, the same in every run', async () => {
    const counts: number[] = [];
    for (let i = 0; i < 2; i++) {
      const guest = Guest.load(HELLO, { backend: 'interpreter', onOutput: () => undefined });
      await guest.run();
      counts.push(guest.statistics.instructions);
    }
    expect(counts[0]).toBeGreaterThan(100);
    expect(counts[1]).toBe(counts[0]);
  });

  test('runs with any pass switched off', async () => {
    for (const { name } of PASSES) {
      let output = '';
      const guest = Guest.load(HELLO, {
        backend: 'jit',
        disabledPasses: new Set([name]),
        onOutput: (_, bytes) => (output += Buffer.from(bytes).toString()),
      });
      await guest.run();
      expect(output, name).toContain('hello 1 0000000000000001');
    }
  });

  test('shows system calls to a hook, and can end a guest', async () => {
    const lines: string[] = [];
    const sleeper = fileURLToPath(new URL('./programs/sleeper.s390x', import.meta.url));
    const guest = Guest.load(sleeper, {
      onOutput: () => guest.kill(9),
      onSystemCall: (line) => lines.push(line),
    });
    expect(await guest.run()).toEqual({ code: 137, signal: 9 });
    expect(lines[0]).toMatch(/^\d+ write\(1, "sleeping\\n", 9\) = 9$/);
  });
});

import { describe, expect, test } from 'vitest';
import { EAGAIN } from '../../../src/linux/errno.ts';
import { POLLIN } from '../../../src/linux/fs/flags.ts';
import { HostTerminal, terminalStatus } from '../../../src/linux/fs/terminal.ts';
import { ECHO, ICANON, VMIN, VTIME, standardModes } from '../../../src/linux/fs/termios.ts';
import type { HostStream, TerminalModes } from '../../../src/linux/host.ts';

/** A terminal of the host: `arrived` is what a read gets, `calls` what was asked of it. */
function makeHost(exact: boolean) {
  const arrived: Uint8Array[] = [];
  const calls: string[] = [];
  let modes = standardModes();
  const stream: HostStream = {
    isTerminal: true,
    read: (max) => {
      const [first] = arrived;
      if (!first) return undefined;
      if (first.length <= max) return arrived.shift();
      arrived[0] = first.subarray(max);
      return first.subarray(0, max);
    },
    readable: () => arrived.length > 0,
    write: (bytes) => {
      calls.push(`write ${Buffer.from(bytes).toString('latin1')}`);
      return bytes.length;
    },
    size: () => ({ rows: 30, columns: 100 }),
    setRaw: (raw) => calls.push(`raw ${raw}`),
    ...(exact
      ? {
          modes: () => modes,
          setModes: (wanted: TerminalModes) => {
            modes = wanted;
            calls.push(`modes ${wanted.local & ICANON} ${wanted.characters[VMIN]}`);
            return true;
          },
        }
      : {}),
  };
  const signals: string[] = [];
  const terminal = new HostTerminal(
    '/dev/pts/0',
    stream,
    stream,
    () => terminalStatus(0, 0n),
    (group, signal) => signals.push(`${group}:${signal}`),
  );
  const read = (max = 100): string | number => {
    const into = new Uint8Array(max);
    const count = terminal.tryRead(into);
    return count < 0 ? count : Buffer.from(into.subarray(0, count)).toString('latin1');
  };
  const type = (keys: string): void => void arrived.push(Buffer.from(keys, 'latin1'));
  return { terminal, calls, signals, read, type };
}

function changed(flags: number, [least, time] = [1, 0]): TerminalModes {
  const modes = standardModes();
  const characters = modes.characters.slice();
  characters[VMIN] = least!;
  characters[VTIME] = time!;
  return { ...modes, local: modes.local & ~flags, characters };
}

describe('a terminal whose modes the host sets exactly', () => {
  test('is left alone until the guest changes them, and then does all the work', () => {
    const { terminal, calls, read, type } = makeHost(true);
    expect(terminal.modes.local & ICANON).toBe(ICANON);
    expect(read()).toBe(-EAGAIN);
    type('line\n');
    expect(read()).toBe('line\n');
    expect(calls).toEqual([]);
    terminal.setModes(changed(ICANON | ECHO));
    type('\x03');
    expect(read()).toBe('\x03');
    terminal.tryWrite(Buffer.from('a\nb'));
    expect(calls).toEqual(['modes 0 1', 'write a\nb']);
  });

  test('never makes the host wait: VMIN and VTIME are counted by js390', () => {
    const { terminal, calls, read } = makeHost(true);
    terminal.setModes(changed(ICANON, [0, 0]));
    expect(read()).toBe('');
    expect(terminal.readTimeout()).toBeUndefined();
    terminal.setModes(changed(ICANON, [0, 5]));
    expect(read()).toBe(-EAGAIN);
    expect(terminal.readTimeout()).toBe(5e8);
    expect(terminal.modes.characters[VTIME]).toBe(5);
    expect(calls).toEqual(['modes 0 1', 'modes 0 1']);
  });
});

describe('a terminal that is only cooked or raw', () => {
  test('is made raw when the guest asks for it, with a line discipline of js390’s', () => {
    const { terminal, calls, signals, read, type } = makeHost(false);
    terminal.foreground = 77;
    type('line\n');
    expect(read()).toBe('line\n');
    terminal.setModes(changed(ICANON));
    expect(calls).toEqual(['raw true']);
    type('a\x03');
    expect(read()).toBe(-EAGAIN);
    expect(signals).toEqual(['77:2']);
    expect(calls).toEqual(['raw true', 'write a', 'write ^C']);
    type('b');
    expect(terminal.poll() & POLLIN).toBe(POLLIN);
    expect(read()).toBe('b');
    terminal.setModes(standardModes());
    expect(calls.at(-1)).toBe('raw false');
  });

  test('has the window of the host, until the guest says otherwise', () => {
    const { terminal } = makeHost(false);
    expect(terminal.windowSize).toEqual({ rows: 30, columns: 100 });
    terminal.setWindowSize({ rows: 5, columns: 6 });
    expect(terminal.windowSize).toEqual({ rows: 5, columns: 6 });
  });
});

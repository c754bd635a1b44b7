import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { BootTerminal, EscapeKeys } from '../../src/host/node/boot-terminal.ts';
import type { HostStream } from '../../src/linux/host.ts';

const MODULE = new URL('../../src/host/node/boot-terminal.ts', import.meta.url).href;
const [EIO, EPIPE, ENOSPC] = [5, 32, 28];

describe('the keys after Ctrl-A', () => {
  /** Input as text, commands in brackets. */
  const feed = (...pieces: string[]): string => {
    const keys = new EscapeKeys();
    return pieces
      .flatMap((piece) => keys.feed(Buffer.from(piece)))
      .map((key) => (typeof key === 'string' ? `[${key}]` : Buffer.from(key).toString()))
      .join('');
  };

  test.each([
    ['what is typed goes to the guest', ['ls\r', '\x03\x1b[A'], 'ls\r\x03\x1b[A'],
    ['X ends js390', ['\x01x'], '[exit]'],
    ['capital letters and Ctrl held down do the same', ['\x01X', '\x01\x18'], '[exit][exit]'],
    ['H and ? show the keys', ['\x01h\x01?'], '[help][help]'],
    ['P asks the guest to shut down', ['\x01p'], '[power-down]'],
    ['a second Ctrl-A goes to the guest', ['a\x01\x01b'], 'a\x01b'],
    ['three and X are one for the guest, and the end', ['\x01\x01\x01x'], '\x01[exit]'],
    ['keys that mean nothing are left out', ['a\x01qb\x01\rc'], 'abc'],
    ['the key may come later', ['ab\x01', 'x', 'cd\x01', '\x01'], 'ab[exit]cd\x01'],
    ['everything stays in order', ['a\x01hb\x01pc'], 'a[help]b[power-down]c'],
    ['letters of other alphabets are no commands', ['\x01\u00d8x'], '\ufffdx'],
  ])('%s', (_, pieces, found) => {
    expect(feed(...pieces)).toBe(found);
  });
});

/** A stream of the host's that a test feeds and looks at. */
class FakeStream implements HostStream {
  readonly isTerminal: boolean;
  raw = false;
  written = '';
  /** What writing gives, in turn; then everything is written. */
  readonly results: number[] = [];
  readonly #arrived: Uint8Array[] = [];
  wake = (): void => {};

  constructor(isTerminal: boolean) {
    this.isTerminal = isTerminal;
  }

  arrive(...texts: string[]): void {
    this.#arrived.push(...texts.map((text) => Buffer.from(text)));
    this.wake();
  }

  read(max: number): Uint8Array | undefined {
    const bytes = this.#arrived.shift();
    if (bytes && bytes.length > max) this.#arrived.unshift(bytes.subarray(max));
    return bytes?.subarray(0, max);
  }

  readable(): boolean {
    return this.#arrived.length > 0;
  }

  write(bytes: Uint8Array): number {
    const result = this.results.shift() ?? bytes.length;
    if (result > 0) this.written += Buffer.from(bytes.subarray(0, result)).toString();
    return result;
  }

  size(): undefined {
    return undefined;
  }

  setRaw(raw: boolean): void {
    this.raw = raw;
  }
}

function terminal({
  inputIsTerminal = true,
  outputIsTerminal = true,
  busy = (): boolean => false,
} = {}) {
  const [input, output] = [new FakeStream(inputIsTerminal), new FakeStream(outputIsTerminal)];
  const events: string[] = [];
  const terminal = new BootTerminal({
    onExit: () => events.push('exit'),
    onPowerDown: () => events.push('power down'),
    onClosed: (problem) => events.push(problem ?? 'closed'),
    isBusy: busy,
    open: (descriptor, wake) => {
      if (descriptor === 0) input.wake = wake;
      return descriptor === 0 ? input : output;
    },
  });
  let typed = '';
  terminal.onInput((bytes) => (typed += Buffer.from(bytes).toString()));
  return { terminal, input, output, events, typed: () => typed };
}

describe('a terminal', () => {
  test('is raw from start to close', () => {
    const { terminal: it, input } = terminal();
    expect(input.raw).toBe(false);
    it.start();
    expect(input.raw).toBe(true);
    it.close();
    expect(input.raw).toBe(false);
  });

  test('gives the guest what is typed, and js390 its keys', async () => {
    const { terminal: it, input, output, events, typed } = terminal();
    it.start();
    input.arrive('ls\r\x01', 'hecho\x01px\x01x');
    await sleep(20);
    expect(typed()).toBe('ls\rechox');
    expect(events).toEqual(['power down', 'exit']);
    expect(output.written).toContain('Ctrl-A X       end js390\n');
  });

  test('is left at the start of a line', () => {
    const { terminal: it, output } = terminal();
    it.start();
    it.write(Buffer.from('/ # '));
    it.close();
    it.close();
    expect(output.written).toBe('/ # \n');
    const other = terminal();
    other.terminal.write(Buffer.from('done\n'));
    other.terminal.close();
    expect(other.output.written).toBe('done\n');
  });

  test('reads nothing before start and after close', async () => {
    const { terminal: it, input, typed } = terminal();
    input.arrive('early');
    await sleep(5);
    expect(typed()).toBe('');
    it.start();
    await sleep(5);
    expect(typed()).toBe('early');
    it.close();
    input.arrive('late');
    await sleep(5);
    expect(typed()).toBe('early');
  });
});

describe('pipes and files', () => {
  test('go to the guest as they are, and end', async () => {
    const { terminal: it, input, events, typed } = terminal({ inputIsTerminal: false });
    it.start();
    expect(input.raw).toBe(false);
    input.arrive('a\x01x\x03', '', 'behind the end');
    await sleep(20);
    expect(typed()).toBe('a\x01x\x03');
    expect(events).toEqual([]);
  });

  test('are read no faster than the guest reads', async () => {
    let busy = false;
    const piped = terminal({ inputIsTerminal: false, busy: () => busy });
    piped.terminal.start();
    piped.terminal.onInput((bytes) => {
      busy = true;
      expect(bytes.length).toBeLessThanOrEqual(1024);
    });
    piped.input.arrive('x'.repeat(3000));
    await sleep(50);
    let more = '';
    piped.terminal.onInput((bytes) => (more += Buffer.from(bytes).toString()));
    busy = false;
    await sleep(50);
    expect(more.length).toBe(3000 - 1024);
  });

  test('get no line end that the guest did not write', () => {
    const { terminal: it, output } = terminal({ outputIsTerminal: false });
    it.start();
    it.write(Buffer.from('/ # '));
    it.close();
    expect(output.written).toBe('/ # ');
    const lines = terminal({ outputIsTerminal: false });
    lines.terminal.write(Buffer.from('a line'));
    lines.terminal.close({ endLine: true });
    expect(lines.output.written).toBe('a line\n');
  });

  test('that take less than everything get the rest', () => {
    const { terminal: it, output } = terminal();
    output.results.push(3, 1);
    it.write(Buffer.from('0123456789'));
    expect(output.written).toBe('0123456789');
  });

  test.each([
    ['whose reader has gone', -EPIPE, 'closed'],
    ['of a terminal that has gone', -EIO, 'closed'],
    ['on a full disk', -ENOSPC, 'cannot write to standard output: the disk is full'],
  ])('%s are told of once', (_, result, event) => {
    const { terminal: it, output, events } = terminal();
    output.results.push(2, result);
    it.write(Buffer.from('abc'));
    it.write(Buffer.from('def'));
    it.close();
    expect(output.written).toBe('ab');
    expect(events).toEqual([event]);
  });
});

test('a reader that leaves early ends the program quietly, and loses nothing it has read', async () => {
  const program = `
    import { BootTerminal } from '${MODULE}';
    let closed = false;
    const terminal = new BootTerminal({ onExit() {}, onClosed() { closed = true; } });
    terminal.start();
    for (let i = 0; !closed; i++) terminal.write(Buffer.from(i + '\\n'));
    terminal.close();
    process.exit(141);`;
  const child = spawn(process.execPath, ['--input-type=module', '--no-warnings', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stderr.on('data', (bytes) => (errors += bytes));
  child.stdout.on('data', (bytes) => {
    output += bytes;
    if (output.length > 100_000) child.stdout.destroy();
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect([status, errors]).toEqual([141, '']);
  const lines = output.split('\n').slice(0, -1);
  expect(lines).toEqual(lines.map((_, i) => String(i)));
});

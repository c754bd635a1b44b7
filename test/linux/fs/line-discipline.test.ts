import { expect, test } from 'vitest';
import { EAGAIN } from '../../../src/linux/errno.ts';
import { LineDiscipline } from '../../../src/linux/fs/line-discipline.ts';
import { ECHO, ICANON, ISIG, VMIN, standardModes } from '../../../src/linux/fs/termios.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

function makeTerminal() {
  let screen = '';
  const signals: number[] = [];
  const discipline = new LineDiscipline({
    send: (bytes) => {
      screen += text(bytes);
      return bytes.length;
    },
    discard: () => (screen = ''),
    signal: (signal) => signals.push(signal),
  });
  return {
    discipline,
    signals,
    type: (keys: string) => discipline.input(Buffer.from(keys, 'latin1')),
    /** What is on the screen since the last call. */
    screen: () => {
      const shown = screen;
      screen = '';
      return shown;
    },
    read: (max = 100) => {
      const into = new Uint8Array(max);
      const count = discipline.tryRead(into);
      return count < 0 ? count : text(into.subarray(0, count));
    },
  };
}

test('a line can be read when it is finished, edited and echoed', () => {
  const { type, read, screen } = makeTerminal();
  type('abX\x7fc');
  expect(read()).toBe(-EAGAIN);
  expect(screen()).toBe('abX\b \bc');
  type('\r');
  expect(screen()).toBe('\r\n');
  expect(read()).toBe('abc\n');
});

test('one read gets one line, or as much of it as was asked for', () => {
  const { type, read } = makeTerminal();
  type('one\ntwo\n');
  expect(read(2)).toBe('on');
  expect(read()).toBe('e\n');
  expect(read()).toBe('two\n');
});

test('Ctrl-D makes an unfinished line readable, and on an empty one means the end', () => {
  const { type, read } = makeTerminal();
  type('some\x04');
  expect(read()).toBe('some');
  type('\x04');
  expect(read()).toBe('');
  expect(read()).toBe(-EAGAIN);
});

test('Ctrl-U and Ctrl-W take back a line and a word', () => {
  const { type, read } = makeTerminal();
  type('gone\x15two words \x17kept\n');
  expect(read()).toBe('two kept\n');
});

test('Ctrl-C, Ctrl-\\ and Ctrl-Z send signals and forget the line, if ISIG is set', () => {
  const { discipline, type, read, signals } = makeTerminal();
  type('x\x03y\x1cz\x1a\n');
  expect(signals).toEqual([2, 3, 20]);
  expect(read()).toBe('\n');
  const modes = standardModes();
  discipline.setModes({ ...modes, local: modes.local & ~ISIG });
  type('\x03\n');
  expect(read()).toBe('\x03\n');
  expect(signals.length).toBe(3);
});

test('without ICANON bytes are read as they come, VMIN of them at least', () => {
  const { discipline, type, read, screen } = makeTerminal();
  const modes = standardModes();
  const local = modes.local & ~(ICANON | ECHO);
  discipline.setModes({ ...modes, local });
  type('a\x04\x7f');
  expect(read()).toBe('a\x04\x7f');
  expect(screen()).toBe('');
  expect(read()).toBe(-EAGAIN);
  const characters = modes.characters.slice();
  characters[VMIN] = 0;
  discipline.setModes({ ...modes, local, characters });
  expect(read()).toBe('');
  characters[VMIN] = 2;
  discipline.setModes({ ...modes, local, characters });
  type('b');
  expect(discipline.readable()).toBe(false);
  expect(read()).toBe(-EAGAIN);
  type('c');
  expect(read()).toBe('bc');
});

test('an unfinished line is not lost when the program leaves canonical mode', () => {
  const { discipline, type, read } = makeTerminal();
  type('half');
  const modes = standardModes();
  discipline.setModes({ ...modes, local: modes.local & ~ICANON });
  expect(read()).toBe('half');
});

test('line ends are mapped on output unless OPOST is off', () => {
  const { discipline, screen } = makeTerminal();
  expect(discipline.tryWrite(Buffer.from('a\nb\n'))).toBe(4);
  expect(screen()).toBe('a\r\nb\r\n');
  const modes = standardModes();
  discipline.setModes({ ...modes, output: 0 });
  discipline.tryWrite(Buffer.from('a\nb'));
  expect(screen()).toBe('a\nb');
});

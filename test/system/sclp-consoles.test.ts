import { describe, expect, test } from 'vitest';
import { CODE_PAGE_500 } from '../../src/arch/ebcdic.ts';
import { Machine, READ_EVENT_DATA, SCCB, WRITE_EVENT_MASK, ebcdicHex } from './sclp-harness.ts';

/** A message text object, as Linux writes them. */
function messageText(text: string, type = 4): string {
  const hex = ebcdicHex(text);
  return hex16(10 + hex.length / 2) + hex16(type) + '1000' + '00000000' + hex;
}

/** An event of type `type` with a message data block of these objects. */
function message(type: string, ...objects: string[]): string {
  const block = `0001 d4c4c240 00000001 ${objects.join('')}`.replaceAll(' ', '');
  const size = 2 + block.length / 2;
  return `${hex16(6 + size)} ${type} 00 0000 ${hex16(size)} ${block}`;
}

/** The sender, the time and so on, of which nothing is shown. */
const GENERAL_OBJECT = `0038 0001 00000000 ${'00'.repeat(48)}`;

function hex16(value: number): string {
  return value.toString(16).padStart(4, '0');
}

/**
 * Events as Linux' drivers take them apart: operator commands by vector and subvector, with a new
 * line behind each but those that end with `^n`; characters of the terminal as they are.
 */
function readAsLinux(machine: Machine): string[] {
  machine.call(READ_EVENT_DATA, '');
  const sccb = Buffer.from(machine.storage.slice(SCCB, 4096));
  const events: string[] = [];
  for (let at = 8; at < 4096 && sccb.readUInt16BE(at) > 0; at += sccb.readUInt16BE(at)) {
    const event = sccb.subarray(at + 6, at + sccb.readUInt16BE(at));
    const type = sccb[at + 2];
    if (type === 0x01) events.push(commandText(event));
    else if (type === 0x1a && event[0] === 0) events.push(event.subarray(1).toString());
    else events.push(`event ${type}`);
  }
  return events;
}

function commandText(event: Buffer): string {
  const texts = [0x1310, 0x1212, 0x1320]
    .reduce((inside: Buffer[], id) => inside.flatMap((bytes) => vectors(bytes, id)), [event])
    .flatMap((bytes) => subvectors(bytes, 0x31))
    .flatMap((bytes) => subvectors(bytes, 0x30))
    .map((bytes) => [...bytes].map((b) => String.fromCharCode(CODE_PAGE_500.latin1[b])).join(''));
  return texts.map((text) => (text.endsWith('^n') ? text.slice(0, -2) : `${text}\n`)).join('');
}

function vectors(bytes: Buffer, id: number): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt16BE(at)) {
    const vector = bytes.subarray(at, at + bytes.readUInt16BE(at));
    if (vector.readUInt16BE(2) === id) found.push(vector.subarray(4));
  }
  return found;
}

function subvectors(bytes: Buffer, key: number): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += bytes[at]) {
    const subvector = bytes.subarray(at, at + bytes[at]);
    if (subvector[1] === key) found.push(subvector.subarray(2));
  }
  return found;
}

describe('the line-mode console', () => {
  test('shows each message on a line of its own', () => {
    const machine = new Machine();
    const events = [
      message('02', GENERAL_OBJECT, messageText('linux is running [1]')),
      message('02', messageText('one'), messageText('two')),
      message('09', messageText('urgent')),
      message('02', messageText('', 4)),
      message('02', messageText('last')),
    ];
    for (const event of events) expect(machine.write(event).slice(12, 16)).toBe('0020');
    expect(machine.line.output).toBe('linux is running [1]\none\ntwo\nurgent\n\nlast');
    expect(machine.vt220.output).toBe('');
  });

  test('passes objects over that are not text', () => {
    const machine = new Machine();
    machine.write(message('02', messageText('not shown', 5), messageText('shown')));
    expect(machine.line.output).toBe('shown');
  });

  // Responses of QEMU 7.2; the last two would end it.
  test.each([
    ['no message data block', '0006 02 00 0000', '72f0'],
    ['one of 11 bytes', '0012 02 00 0000 000b 0001 d4c4c240 00000001', '72f0'],
    ['one longer than the event', '0012 02 00 0000 0064 0001 d4c4c240 00000001', '72f0'],
    [
      'an object of no length',
      '001a 02 00 0000 0014 0001 d4c4c240 00000001 0000 0004 00000000',
      '72f0',
    ],
    [
      'an object longer than it',
      '001a 02 00 0000 0014 0001 d4c4c240 00000001 0009 0004 00000000',
      '72f0',
    ],
    ['an empty one', '0012 02 00 0000 000c 0007 00000000 00000001', '0020'],
    [
      'an object without its own length',
      '0014 02 00 0000 000e 0001 d4c4c240 00000001 0002',
      '72f0',
    ],
    [
      'text without all of its header',
      '001a 02 00 0000 0014 0001 d4c4c240 00000001 0008 0004 00000000',
      '72f0',
    ],
  ])('answers a message with %s', (_, event, code) => {
    const machine = new Machine();
    expect(machine.write(event).slice(12, 16)).toBe(code);
    expect(machine.line.output).toBe('');
  });

  test('gives each line that was typed as a command, byte by byte', () => {
    const machine = new Machine();
    machine.enableEvents();
    machine.line.type('ls [a]\r');
    expect(machine.signals).toEqual([1]);
    // Lengths and identifiers as in Linux' drivers/s390/char/sclp.h.
    expect(machine.call(READ_EVENT_DATA, '')).toBe(
      '1000000000000020' +
        '001c01800000' +
        '00161310' +
        '00121212' +
        '000e1320' +
        '0a31' +
        '0830' +
        ebcdicHex('ls [a]'),
    );
    expect(machine.signals).toEqual([1, SCCB]);
  });

  test('gives several lines at once, and lines that end in different ways', () => {
    const machine = new Machine();
    machine.enableEvents();
    machine.line.type('one\rtwo\nthree\r\n\r\rlast');
    expect(readAsLinux(machine)).toEqual(['one\n', 'two\n', 'three\n', '\n', '\n']);
    machine.line.type('\n');
    expect(readAsLinux(machine)).toEqual(['last\n']);
  });

  test('gives a long line in parts that Linux puts together', () => {
    const machine = new Machine();
    machine.enableEvents();
    const line = 'abcdefghij'.repeat(70);
    machine.line.type(`${line}\r`);
    const parts = readAsLinux(machine);
    expect(parts.length).toBe(3);
    expect(parts.join('')).toBe(`${line}\n`);
  });

  test.each([250, 251, 252])('gives a line of %i characters whole', (length) => {
    const machine = new Machine();
    machine.enableEvents();
    const line = 'x'.repeat(length);
    machine.line.type(`${line}\r`);
    expect(readAsLinux(machine).join('')).toBe(`${line}\n`);
  });

  test('keeps lines that do not fit into an SCCB for the next', () => {
    const machine = new Machine();
    machine.enableEvents();
    const lines = Array.from({ length: 60 }, (_, i) => `${i} ${'y'.repeat(200)}`);
    machine.line.type(lines.map((line) => `${line}\n`).join(''));
    machine.signals.length = 0;
    const read: string[] = [];
    for (let more = 1; more !== 0; more = machine.signals.at(-1)! & 1) {
      read.push(...readAsLinux(machine));
    }
    expect(machine.signals.length).toBe(4);
    expect(read.join('')).toBe(lines.map((line) => `${line}\n`).join(''));
  });

  test('erases with Backspace, DEL and Ctrl-U before the line is sent', () => {
    const machine = new Machine();
    machine.enableEvents();
    machine.line.type('xä\x7f\x7f\x7fls\b\bcat\r');
    machine.line.type('rm -rf /\x15echo\r');
    expect(readAsLinux(machine)).toEqual(['cat\n', 'echo\n']);
  });

  test('makes of control keys what Linux knows them by', () => {
    const machine = new Machine();
    machine.enableEvents();
    machine.line.type('half a line\x03\x1a\x04');
    expect(readAsLinux(machine)).toEqual(['^c\n', '^z\n', '^d\n']);
    machine.line.type('half\x04');
    expect(readAsLinux(machine)).toEqual(['half']);
  });

  test('shows what is typed only when it is told to', () => {
    const [quiet, echoing] = [new Machine(), new Machine({ echo: true })];
    for (const machine of [quiet, echoing]) machine.line.type('lsä\x7f\x7f\r');
    expect(quiet.line.output).toBe('');
    expect(echoing.line.output).toBe('lsä\b \b\b \b');
  });
});

describe('the VT220 console', () => {
  test('writes bytes as they are', () => {
    const machine = new Machine();
    machine.write('000d 1a 00 0000 1b5b316dc3a40a');
    expect(machine.vt220.output).toBe('\x1b[1mä\n');
  });

  // QEMU's event for `ls [a]` and a new line.
  test('gives what was typed as it is, behind a byte 0', () => {
    const machine = new Machine();
    machine.enableEvents();
    machine.vt220.type('ls [a]\n');
    expect(machine.signals).toEqual([1]);
    expect(machine.call(READ_EVENT_DATA, '')).toBe('1000000000000020000e1a800000006c73205b615d0a');
    expect(machine.signals).toEqual([1, SCCB]);
    expect(machine.call(READ_EVENT_DATA, '')).toBe('10000000000060f0');
  });

  // QEMU: an SCCB's header, an event buffer of 0xff7 bytes.
  test('gives a response of variable length', () => {
    const machine = new Machine();
    machine.enableEvents();
    machine.vt220.type('x'.repeat(4080));
    const response = machine.call(READ_EVENT_DATA, '00 000080');
    expect(response.slice(0, 30)).toBe('0fff00000000002' + '00ff71a80000000');
    expect(machine.storage.read16(SCCB)).toBe(4095);
  });

  test('splits what does not fit, and says that there is more', () => {
    const machine = new Machine();
    machine.enableEvents();
    const text = Array.from({ length: 2000 }, (_, i) => `${i} `).join('');
    machine.vt220.type(text.slice(0, 5));
    machine.vt220.type(text.slice(5));
    machine.signals.length = 0;
    const read = [0, 1, 2].map(() => readAsLinux(machine));
    expect(read.map(([part]) => part!.length)).toEqual([4081, 4081, text.length - 2 * 4081]);
    expect(read.flat().join('')).toBe(text);
    expect(machine.signals).toEqual([SCCB | 1, SCCB | 1, SCCB]);
  });
});

describe('input', () => {
  test('that comes before the guest wants it waits, and is announced then', () => {
    const machine = new Machine();
    machine.vt220.type('early');
    machine.line.type('also early\r');
    expect(machine.signals).toEqual([]);
    expect(machine.sclp.queuedInput).toBe('earlyalso early'.length);
    machine.call(WRITE_EVENT_MASK, '00 000000 0000 0000 0004 00000040 00000040');
    expect(machine.signals).toEqual([SCCB | 1]);
    expect(readAsLinux(machine)).toEqual(['early']);
    machine.call(WRITE_EVENT_MASK, '00 000000 0000 0000 0004 80000000 00000040');
    expect(readAsLinux(machine)).toEqual(['also early\n']);
    expect(machine.sclp.queuedInput).toBe(0);
  });

  test('survives a reset of the machine, after which no events are wanted', () => {
    const machine = new Machine();
    machine.enableEvents();
    machine.sclp.reset();
    machine.vt220.type('typed');
    expect(machine.signals).toEqual([]);
    machine.enableEvents();
    expect(readAsLinux(machine)).toEqual(['typed']);
  });
});

describe('the quiesce signal', () => {
  test('asks a guest that listens to shut down', () => {
    const machine = new Machine();
    expect(machine.sclp.quiesce()).toBe(false);
    machine.sclp.reset();
    machine.enableEvents();
    expect(machine.sclp.quiesce()).toBe(true);
    expect(machine.signals).toEqual([1]);
    // An event of 9 bytes: no time limit.
    machine.storage.fill(SCCB, 4096, 0xff);
    expect(machine.call(READ_EVENT_DATA, '00 000080')).toBe('001100000000002000091d80');
    expect(machine.call(READ_EVENT_DATA, '')).toBe('10000000000060f0');
  });
});

describe('a saved SCLP', () => {
  test('goes on where it was', () => {
    const machine = new Machine();
    machine.enableEvents();
    machine.write(message('02', messageText('one')));
    machine.vt220.type('typed');
    machine.line.type('a line\rhalf of ');
    machine.sclp.quiesce();
    const saved = machine.sclp.save();
    expect(saved).toEqual(machine.sclp.save());

    const other = new Machine();
    other.sclp.load(saved);
    expect(readAsLinux(other)).toEqual(['a line\n', 'typed', 'event 29']);
    other.line.type('another\r');
    expect(readAsLinux(other)).toEqual(['half of another\n']);
    other.write(message('02', messageText('two')));
    expect(other.line.output).toBe('\ntwo');
  });
});

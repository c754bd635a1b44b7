import { describe, expect, test } from 'vitest';
import { LOWCORE } from '../../../src/arch/lowcore.ts';
import { TestConsole } from '../sclp-harness.ts';
import { BACKENDS, Guest, RESULTS, runGuest, SUCCESS, SUPERVISOR } from './guest.ts';

const EXTERNAL = 1n << 56n;
const WAIT = 1n << 49n;
const SERVICE = 0x0200n;

const SCCB = 0x5_0000;
const READ_SCP_INFO = 0x0002_0001;
const WRITE_EVENT_MASK = 0x0078_0005;
const WRITE_EVENT_DATA = 0x0076_0005;
const READ_EVENT_DATA = 0x0077_0005;

/** Calls, waits for the service signal that names the SCCB, and goes on. */
let labels = 0;
const call = (command: number): string => {
  const label = `called_${labels++}`;
  return `llilf %r1,${command}
    llilf %r2,${SCCB}
    servc %r1,%r2
    jnz bad
    larl %r14,${label}
    larl %r3,waiting
    lpswe 0(%r3)
    ${label}:`;
};
const FRAME = `lpswe ${SUCCESS}
  bad: .short 0
  external_new: clc ${LOWCORE.externalCode}(2),0(%r13)
  jne bad
  mvc ${RESULTS}(4),${LOWCORE.externalParameter}
  br %r14
  .align 8
  waiting: .quad ${SUPERVISOR | EXTERNAL | WAIT}, 0
  signal: .short 0x2401`;

/** Puts an SCCB, in hexadecimal, there. */
const put = (storage: { write(at: number, bytes: Uint8Array): void }, hex: string): void => {
  storage.write(SCCB, Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
};

describe.each(BACKENDS)('the service processor on %s', (backend) => {
  const options = { backend, control: { 0: SERVICE } };

  test('tells the guest of its storage and its CPUs', async () => {
    const source = `larl %r13,signal\n${call(READ_SCP_INFO)}\n${FRAME}`;
    const { storage } = await runGuest(source, {
      ...{ ...options, cpus: 2, memory: 0x30_0000 },
      prepare: (s) => put(s, '1000 00 000000 0000'),
    });
    expect(storage.read32(RESULTS)).toBe(SCCB);
    expect(storage.read16(SCCB + 6)).toBe(0x0010);
    // Increments of 1 MiB; CPU entries where their offset says.
    expect([storage.read16(SCCB + 8), storage.read8(SCCB + 10)]).toEqual([3, 1]);
    expect(storage.read16(SCCB + 16)).toBe(2);
    const entries = SCCB + storage.read16(SCCB + 18);
    expect([storage.read8(entries), storage.read8(entries + 16)]).toEqual([0, 1]);
  });

  test('prints a line on its console, and reads one', async () => {
    const lineConsole = new TestConsole();
    const vt220 = new TestConsole();
    // The masks: what the guest receives and sends. Then an ASCII console's event, "hello".
    const receive = '00000040';
    const mask = `001c 00 000000 0000 0000 0004 ${receive} ${receive} 00000000 00000000`;
    const event = '0019 00 000000 0000 0011 1a 00 0000 6865 6c6c 6f20 6775 6573 74';
    const source = `larl %r13,signal
      ${call(WRITE_EVENT_MASK)}
      llilf %r2,${SCCB}
      clc 6(2,%r2),good(%r0)
      jne bad
      mvc 0(25,%r2),event(%r0)
      ${call(WRITE_EVENT_DATA)}
      llilf %r2,${SCCB}
      clc 6(2,%r2),good(%r0)
      jne bad
      # Waits for input.
      larl %r14,typed
      larl %r3,waiting
      lpswe 0(%r3)
      typed: tm ${RESULTS + 3},1
      jz bad
      llilf %r2,${SCCB}
      xc 0(256,%r2),0(%r2)
      mvhhi 0(%r2),4096
      mvi 5(%r2),0x80
      ${call(READ_EVENT_DATA)}
      ${FRAME}`
      .replaceAll('good(%r0)', '0(%r12)')
      .replaceAll('event(%r0)', '8(%r12)')
      .replace('larl %r13,signal', `larl %r13,signal\nllilf %r12,${SCCB + 0x800}`);
    const guest = new Guest(source, {
      ...{ ...options, lineConsole, vt220 },
      prepare: (storage) => {
        put(storage, mask);
        storage.write16(SCCB + 0x800, 0x0020);
        storage.write(SCCB + 0x808, Buffer.from(event.replaceAll(' ', ''), 'hex'));
      },
    });
    // Somebody types when the machine has nothing to do.
    const pause = guest.host.pause.bind(guest.host);
    let typed = false;
    guest.host.pause = (ms) => {
      if (!typed && vt220.output !== '') {
        typed = true;
        vt220.type('yes');
      }
      return pause(ms);
    };
    const { storage } = await guest.succeed();
    expect(vt220.output).toBe('hello guest');
    // An event buffer of the same kind; the text is behind a byte that says what it is.
    expect(storage.read8(SCCB + 8 + 2)).toBe(0x1a);
    const length = storage.read16(SCCB + 8);
    const text = Buffer.from(storage.slice(SCCB + 8 + 6, length - 6)).toString('latin1');
    expect(text).toBe('\u0000yes');
  });

  // PoP knows no SERVICE CALL; as QEMU and KVM have it.
  test.each([
    ['an SCCB outside of storage', 5, 0x4000_0000],
    ['an SCCB off its boundary', 6, SCCB + 4],
    ['an SCCB in the prefix area', 6, 0x1000],
  ])('%s is an exception', async (_name, code, at) => {
    const source = `llilf %r1,${READ_SCP_INFO}\nllilf %r2,${at}\nservc %r1,%r2\nlpswe ${SUCCESS}`;
    const guest = await new Guest(source, options).interrupted(LOWCORE.programNewPsw);
    expect(guest.storage.read32(LOWCORE.programLength)).toBe(0x4_0000 + code);
  });
});

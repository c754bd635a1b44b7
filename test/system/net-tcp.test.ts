import { describe, expect, test } from 'vitest';
import { UserNetwork } from '../../src/system/net/user-network.ts';
import {
  TestClock,
  ascii,
  readEthernet,
  readIpv4,
  readTcp,
  tcpFrame,
  text,
  u16,
  u32,
  type TcpFields,
} from './net-frames.ts';
import { GuestCard, GuestTcp, type GuestTcpOptions } from './net-guest.ts';
import { FakeHost, type FakeStream } from './net-host.ts';

const PORTS = { fromPort: 40_000, toPort: 80 };
const REMOTE = '192.0.2.1';

function setUp({ random = () => 0.5 }: { random?: () => number } = {}) {
  const host = new FakeHost();
  const clock = new TestClock();
  const network = new UserNetwork({ host, clock, random });
  const card = new GuestCard(network);
  const send = (fields: Partial<TcpFields>, to = REMOTE): void => {
    card.send(tcpFrame({ ...PORTS, sequence: 0, flags: 'A', ...fields }, to));
  };
  /** What the guest gets for it at once. */
  const ask = (fields: Partial<TcpFields>, to = REMOTE) => {
    send(fields, to);
    clock.run();
    return card.takeSegments();
  };
  return { host, clock, network, card, send, ask };
}

/** A connection with `sequence` as the guest's first, made by hand. */
function open(options: readonly number[] = [], window = 65_535) {
  const world = setUp();
  world.send({ sequence: 999, flags: 'S', options, window });
  const [stream] = world.host.streams;
  stream.events.connected();
  world.clock.run();
  const [synAck] = world.card.takeSegments();
  const first = (synAck.sequence + 1) >>> 0;
  expect(world.ask({ sequence: 1000, acknowledgment: first, window })).toEqual([]);
  return { ...world, stream, first };
}

/** A connection between a guest that follows the rules and a stream. */
function connect(options: GuestTcpOptions = {}, random = () => 0.5) {
  const world = setUp({ random });
  const guest = new GuestTcp(world.card, world.clock, 40_000, REMOTE, 80, options);
  const [stream] = world.host.streams;
  stream.events.connected();
  world.clock.run();
  expect(guest.state).toBe('open');
  return { ...world, guest, stream };
}

/** The far end sends all it may, and as it is told goes on. */
function pump(stream: FakeStream, bytes: Uint8Array): () => boolean {
  let done = 0;
  return () => {
    while (!stream.paused && done < bytes.length) {
      const piece = bytes.subarray(done, done + 16_384);
      done += piece.length;
      stream.events.data(piece);
      if (done === bytes.length) stream.events.ended();
    }
    return done === bytes.length;
  };
}

function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31) ^ (i >>> 8) ^ (i >>> 16);
  return bytes;
}

/** So that a difference does not print a million lines. */
function same(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  return one.length === other.length && Array.from(one).every((byte, at) => byte === other[at]);
}

/** Loses about one frame in `n`, always the same ones. */
function losing(n: number, seed: number): () => boolean {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000 < 1 / n;
  };
}

describe('opening', () => {
  test('waits for the host, and agrees on segment size and window scale', () => {
    const { host, ask, clock, card } = setUp();
    const options = [2, 4, ...u16(1460), 1, 3, 3, 7];
    expect(ask({ sequence: 999, flags: 'S', options })).toEqual([]);
    // Asking again changes nothing.
    clock.run(1000);
    expect(ask({ sequence: 999, flags: 'S', options })).toEqual([]);
    expect(host.streams.map(({ place }) => place)).toEqual(['192.0.2.1:80']);
    host.streams[0].events.connected();
    clock.run();
    const [segment, ...more] = card.takeSegments();
    expect(more).toEqual([]);
    expect(segment).toMatchObject({
      ...{ from: REMOTE, fromPort: 80, toPort: 40_000, sequence: 0x8000_0000 },
      ...{ acknowledgment: 1000, flags: 'SA', window: 65_535 },
      options: [2, 4, ...u16(1460), 1, 3, 3, 3],
    });
  });

  test('selective acknowledgments are agreed on when the guest wants them', () => {
    const { host, ask, clock, card } = setUp();
    ask({ sequence: 999, flags: 'S', options: [2, 4, ...u16(1460), 4, 2, 1, 1] });
    host.streams[0].events.connected();
    clock.run();
    expect(card.takeSegments()[0].options).toEqual([2, 4, ...u16(1460), 1, 1, 4, 2]);
  });

  test('without options of the guest, uses those that need none', () => {
    const { host, ask, clock, card, send } = setUp();
    ask({ sequence: 999, flags: 'S' });
    host.streams[0].events.connected();
    clock.run();
    const [segment] = card.takeSegments();
    expect(segment.options).toEqual([2, 4, ...u16(1460)]);
    send({ sequence: 1000, acknowledgment: segment.sequence + 1 });
    host.streams[0].events.data(new Uint8Array(2000));
    clock.run();
    // RFC 9293, section 3.7.1: 536 bytes.
    expect(card.takeSegments().map(({ payload }) => payload.length)).toEqual([536, 536, 536, 392]);
  });

  test('to the gateway connects to the host itself', () => {
    const { host, ask } = setUp();
    ask({ sequence: 999, flags: 'S' }, '10.0.2.2');
    expect(host.streams.map(({ place }) => place)).toEqual(['127.0.0.1:80']);
  });

  test("to the DNS server by TCP reaches the host's", () => {
    const { host, ask } = setUp();
    ask({ sequence: 999, flags: 'S', toPort: 53 }, '10.0.2.3');
    expect(host.streams.map(({ place }) => place)).toEqual(['192.0.2.53:5353']);
    expect(ask({ sequence: 999, flags: 'S', toPort: 54 }, '10.0.2.3')).toMatchObject([
      { flags: 'RA', acknowledgment: 1000 },
    ]);
  });

  test('is refused when the host is refused', () => {
    const { host, ask, card, clock } = setUp();
    ask({ sequence: 999, flags: 'S' });
    host.streams[0].events.closed('refused');
    clock.run();
    expect(card.takeSegments()).toMatchObject([{ flags: 'RA', acknowledgment: 1000 }]);
    expect(clock.waiting).toBe(1);
    clock.run(60_000);
    expect(clock.waiting).toBe(0);
  });

  test('tells by ICMP when there is no way', () => {
    const { host, send, card, clock } = setUp();
    const syn = tcpFrame({ ...PORTS, sequence: 999, flags: 'S' }, REMOTE);
    send({ sequence: 999, flags: 'S' });
    host.streams[0].events.closed('unreachable');
    clock.run();
    const [{ payload, protocol }] = card.takePackets();
    expect(protocol).toBe(1);
    expect([...payload.subarray(0, 2)]).toEqual([3, 1]);
    expect([...payload.subarray(8)]).toEqual([...syn.subarray(14, 14 + 28)]);
  });

  test('is tried again when the host gave up', () => {
    const { host, ask, card, clock } = setUp();
    ask({ sequence: 999, flags: 'S' });
    host.streams[0].events.closed('timeout');
    clock.run();
    expect(card.take()).toEqual([]);
    ask({ sequence: 999, flags: 'S' });
    expect(host.streams).toHaveLength(2);
  });

  test('by a guest that thinks better of it leaves nothing behind', () => {
    const { host, ask, clock } = setUp();
    ask({ sequence: 999, flags: 'S' });
    expect(ask({ sequence: 1000, flags: 'R' })).toEqual([]);
    expect(host.streams[0].wasReset).toBe(true);
    clock.run(60_000);
    expect(clock.waiting).toBe(0);
  });

  test('answers again and again when the guest is silent, and then gives up', () => {
    const { host, ask, clock, card } = setUp();
    ask({ sequence: 999, flags: 'S' });
    host.streams[0].events.connected();
    clock.run(300_000);
    const flags = card.takeSegments().map((segment) => segment.flags);
    expect(flags).toEqual([...Array(7).fill('SA'), 'RA']);
    expect(host.streams[0].wasReset).toBe(true);
  });

  test('a lost answer is repeated when the guest asks again', () => {
    const { host, ask, clock, card } = setUp();
    ask({ sequence: 999, flags: 'S' });
    host.streams[0].events.connected();
    clock.run();
    expect(card.takeSegments()).toMatchObject([{ flags: 'SA' }]);
    expect(ask({ sequence: 999, flags: 'S' })).toMatchObject([
      { flags: 'SA', sequence: 0x8000_0000, acknowledgment: 1000 },
    ]);
  });
});

describe('segments that belong to no connection', () => {
  test('are answered with a reset, but for resets', () => {
    const { ask } = setUp();
    expect(ask({ sequence: 5, acknowledgment: 77, flags: 'A' })).toMatchObject([
      { flags: 'R', sequence: 77 },
    ]);
    expect(ask({ sequence: 5, flags: 'F', payload: new Uint8Array(3) })).toMatchObject([
      { flags: 'RA', sequence: 0, acknowledgment: 9 },
    ]);
    expect(ask({ sequence: 5, flags: 'R' })).toEqual([]);
  });

  test('during the handshake are answered with a reset that changes nothing', () => {
    const { host, ask, clock, card } = setUp();
    ask({ sequence: 999, flags: 'S' });
    host.streams[0].events.connected();
    clock.run();
    const [{ sequence }] = card.takeSegments();
    expect(ask({ sequence: 1000, acknowledgment: sequence + 500 })).toMatchObject([
      { flags: 'R', sequence: sequence + 500 },
    ]);
    expect(
      ask({ sequence: 1000, acknowledgment: sequence + 1, payload: pattern(3) }),
    ).toMatchObject([{ flags: 'A', acknowledgment: 1003 }]);
  });
});

describe('from the guest', () => {
  test('bytes reach the host, and one acknowledgment does for many segments', () => {
    const { send, ask, stream, first } = open();
    const head = { acknowledgment: first, flags: 'PA' };
    send({ ...head, sequence: 1000, payload: Uint8Array.from(ascii('one ')) });
    send({ ...head, sequence: 1004, payload: Uint8Array.from(ascii('two ')) });
    const answers = ask({ ...head, sequence: 1008, payload: Uint8Array.from(ascii('three')) });
    expect(text(stream.written)).toBe('one two three');
    expect(answers).toMatchObject([{ flags: 'A', sequence: first, acknowledgment: 1013 }]);
  });

  test('segments in any order, cut in any way, make the same bytes', () => {
    const { send, ask, stream, first } = open();
    const bytes = pattern(100);
    const piece = (from: number, to: number): Partial<TcpFields> => {
      const payload = bytes.subarray(from, to);
      return { sequence: 1000 + from, acknowledgment: first, flags: 'PA', payload };
    };
    send(piece(60, 100));
    send(piece(20, 40));
    send(piece(30, 70));
    send(piece(20, 25));
    expect(ask(piece(10, 20)).map(({ acknowledgment }) => acknowledgment)).toEqual(
      Array(5).fill(1000),
    );
    expect(stream.written).toEqual([]);
    expect(ask(piece(0, 12))).toMatchObject([{ acknowledgment: 1100 }]);
    expect(stream.written).toEqual([...bytes]);
    // What came already is acknowledged again.
    expect(ask(piece(0, 12))).toMatchObject([{ acknowledgment: 1100 }]);
    expect(stream.written).toEqual([...bytes]);
  });

  test('what came behind a gap is told, the latest first, when the guest wants that', () => {
    const { send, ask, first } = open([4, 2, 1, 1]);
    const piece = (from: number, to: number): Partial<TcpFields> => {
      const payload = pattern(to - from);
      return { sequence: 1000 + from, acknowledgment: first, flags: 'PA', payload };
    };
    const range = (from: number, to: number): number[] => [...u32(1000 + from), ...u32(1000 + to)];
    expect(ask(piece(10, 20))[0].options).toEqual([1, 1, 5, 10, ...range(10, 20)]);
    send(piece(50, 60));
    expect(ask(piece(30, 40)).at(-1)!.options).toEqual([
      ...[1, 1, 5, 26],
      ...range(30, 40),
      ...range(10, 20),
      ...range(50, 60),
    ]);
    expect(ask(piece(20, 30)).at(-1)!.options).toEqual([
      ...[1, 1, 5, 18],
      ...range(10, 40),
      ...range(50, 60),
    ]);
    const answers = ask(piece(0, 10));
    expect(answers).toMatchObject([{ acknowledgment: 1040 }]);
    expect(answers[0].options).toEqual([1, 1, 5, 10, ...range(50, 60)]);
    expect(ask(piece(40, 50))).toMatchObject([{ acknowledgment: 1060, options: [] }]);
  });

  test('a FIN that comes early ends the stream when the rest is there', () => {
    const { send, ask, stream, first } = open();
    const head = { acknowledgment: first };
    send({ ...head, sequence: 1003, flags: 'FA', payload: Uint8Array.of(4) });
    expect(stream.ended).toBe(false);
    const answers = ask({ ...head, sequence: 1000, payload: Uint8Array.of(1, 2, 3) });
    expect(stream.written).toEqual([1, 2, 3, 4]);
    expect(stream.ended).toBe(true);
    expect(answers.at(-1)).toMatchObject({ acknowledgment: 1005 });
  });

  test('more than the host takes closes the window, and it opens again', () => {
    const { guest, stream, clock } = connect({ scale: 4 });
    const bytes = pattern(1_000_000);
    stream.stuck = true;
    guest.write(bytes);
    clock.run(10_000);
    expect(stream.written.length).toBeGreaterThan(0x2_0000);
    expect(stream.written.length).toBeLessThanOrEqual(0x4_0000);
    const before = stream.written.length;
    clock.run(10_000);
    expect(stream.written.length).toBe(before);
    stream.stuck = false;
    stream.buffered = 0;
    stream.events.drained();
    clock.run(1);
    expect(stream.written.length).toBeGreaterThan(before);
    clock.run(1000);
    expect(same(stream.written, bytes)).toBe(true);
  });

  test('one byte at a time does not keep a full window open', () => {
    const { ask, stream, first } = open([3, 3, 7, 0]);
    stream.stuck = true;
    stream.buffered = 0x4_0000 - 3;
    let sequence = 1000;
    let taken = 0;
    for (; taken < 600_000; taken += 1000) {
      const payload = new Uint8Array(1000);
      const [answer] = ask({ sequence, acknowledgment: first, payload });
      sequence = answer.acknowledgment;
      if (answer.window === 0) break;
    }
    expect(stream.written.length).toBeLessThanOrEqual(0xffff);
    for (let i = 0; i < 100; i++) {
      ask({ sequence, acknowledgment: first, payload: Uint8Array.of(1) });
    }
    expect(stream.written.length).toBeLessThanOrEqual(0xffff);
  });

  test('a keep-alive is answered', () => {
    const { ask, first } = open();
    expect(ask({ sequence: 999, acknowledgment: first })).toMatchObject([
      { flags: 'A', sequence: first, acknowledgment: 1000 },
    ]);
  });

  test('what is outside of the window is answered, and not taken', () => {
    const { ask, stream, first } = open();
    const payload = Uint8Array.of(1);
    const far = { acknowledgment: first, payload };
    expect(ask({ ...far, sequence: 1000 + 70_000 })).toMatchObject([{ acknowledgment: 1000 }]);
    expect(ask({ ...far, sequence: 900 })).toMatchObject([{ acknowledgment: 1000 }]);
    expect(stream.written).toEqual([]);
  });

  test('only the exact number resets (RFC 5961)', () => {
    const { ask, stream } = open();
    expect(ask({ sequence: 1001, flags: 'R' })).toMatchObject([
      { flags: 'A', acknowledgment: 1000 },
    ]);
    expect(ask({ sequence: 99_999_999, flags: 'R' })).toEqual([]);
    expect(ask({ sequence: 1500, flags: 'S' })).toMatchObject([
      { flags: 'A', acknowledgment: 1000 },
    ]);
    expect(stream.wasReset).toBe(false);
    expect(ask({ sequence: 1000, flags: 'R' })).toEqual([]);
    expect(stream.wasReset).toBe(true);
  });

  test('acknowledgments of what was never sent are answered, and nothing else', () => {
    const { ask, stream, first } = open();
    const payload = Uint8Array.of(1);
    expect(ask({ sequence: 1000, acknowledgment: first + 9, payload })).toMatchObject([
      { flags: 'A', acknowledgment: 1000, sequence: first },
    ]);
    expect(stream.written).toEqual([]);
  });
});

describe('to the guest', () => {
  test('bytes are cut into segments of its size, and no more than its window', () => {
    const { ask, stream, first, card, clock } = open([2, 4, ...u16(1000)], 2500);
    stream.events.data(pattern(10_000));
    clock.run();
    const lengths = card
      .takeSegments()
      .map(({ sequence, payload }) => [sequence - first, payload.length]);
    expect(lengths).toEqual([
      [0, 1000],
      [1000, 1000],
    ]);
    const next = { sequence: 1000, acknowledgment: first + 2000, window: 2500 };
    expect(ask(next).map(({ payload }) => payload.length)).toEqual([1000, 1000]);
  });

  test('a closed window is asked about, more and more rarely, until it opens', () => {
    const { ask, stream, first, card, clock } = open([2, 4, ...u16(1460)], 0);
    stream.events.data(Uint8Array.from(ascii('hello')));
    clock.run(200);
    expect(card.take()).toEqual([]);
    const times: number[] = [];
    for (let i = 0; i < 6; i++) {
      while (card.frames.length === 0) clock.run(50);
      times.push(clock.now());
      expect(card.takeSegments().map(({ payload }) => text(payload))).toEqual(['h']);
      ask({ sequence: 1000, acknowledgment: first, window: 0 });
    }
    const gaps = times.slice(1).map((at, i) => at - times[i]);
    for (const [i, gap] of gaps.slice(1).entries()) expect(gap).toBeGreaterThan(gaps[i] * 1.7);
    const answers = ask({ sequence: 1000, acknowledgment: first, window: 1000 });
    expect(answers.map(({ payload }) => text(payload))).toEqual(['hello']);
  });

  test('a window that stays small is used', () => {
    const { guest, stream, clock } = connect({ window: 20_000 });
    guest.capacity = 500;
    guest.update();
    const more = pump(stream, pattern(3000));
    more();
    clock.run(60_000);
    expect(guest.bytes()).toEqual(pattern(3000));
  });

  test('the far end waits when the guest does not read', () => {
    const { guest, stream, clock } = connect({ window: 0 });
    const bytes = pattern(2_000_000);
    const more = pump(stream, bytes);
    expect(more()).toBe(false);
    clock.run(100);
    expect(more()).toBe(false);
    expect(stream.paused).toBe(true);
    expect(guest.receivedBytes).toBeLessThan(10);
    guest.capacity = 60_000;
    guest.update();
    for (let i = 0; i < 1000 && !guest.farEnded; i++) {
      more();
      clock.run(1);
    }
    expect(same(guest.bytes(), bytes)).toBe(true);
  });

  test('what is not acknowledged is sent again, until the guest counts as gone', () => {
    const { stream, first, card, clock } = open();
    stream.events.data(Uint8Array.of(1, 2, 3));
    clock.run(3_600_000);
    const segments = card.takeSegments();
    expect(segments.slice(0, -1).every(({ sequence }) => sequence === first)).toBe(true);
    expect(segments).toHaveLength(14);
    expect(segments.at(-1)).toMatchObject({ flags: 'RA', sequence: first + 3 });
    expect(stream.wasReset).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  test('all gaps that the guest tells of are filled at once, and nothing else', () => {
    const { ask, stream, first, clock, card } = open([4, 2, 1, 1, 2, 4, ...u16(1000)]);
    stream.events.data(pattern(9500));
    stream.events.ended();
    clock.run();
    expect(card.takeSegments()).toHaveLength(10);
    const range = (from: number, to: number): number[] => [
      ...u32(first + from),
      ...u32(first + to),
    ];
    const options = [1, 1, 5, 18, ...range(6000, 8000), ...range(3000, 4000)];
    const again = ask({ sequence: 1000, acknowledgment: first + 1000, options });
    expect(again.map(({ sequence, payload }) => [sequence - first, payload.length])).toEqual([
      [1000, 1000],
      [2000, 1000],
      [4000, 1000],
      [5000, 1000],
    ]);
    expect(Uint8Array.from(again.flatMap(({ payload }) => [...payload]))).toEqual(
      Uint8Array.from([...pattern(3000).slice(1000), ...pattern(6000).slice(4000)]),
    );
    // The rest is not known to be lost: after the time-out it is sent, with the FIN.
    expect(ask({ sequence: 1000, acknowledgment: first + 8000 })).toEqual([]);
    clock.run(2000);
    expect(card.takeSegments()[0]).toMatchObject({ sequence: first + 8000, flags: 'A' });
    const rest = ask({ sequence: 1000, acknowledgment: first + 9000 });
    expect(rest.at(-1)).toMatchObject({ sequence: first + 9000, flags: 'FPA' });
  });

  test('a gap is filled at the first repeated acknowledgment, as the cable keeps the order', () => {
    const { ask, stream, first, clock, card } = open([2, 4, ...u16(1000)]);
    stream.events.data(pattern(5000));
    clock.run();
    card.take();
    expect(ask({ sequence: 1000, acknowledgment: first + 1000 })).toEqual([]);
    const repeated = { sequence: 1000, acknowledgment: first + 1000 };
    expect(ask(repeated).map(({ sequence }) => sequence - first)).toEqual([1000]);
    expect(ask(repeated)).toEqual([]);
    // An acknowledgment of a part of what was sent tells of the next gap.
    const partial = { sequence: 1000, acknowledgment: first + 3000 };
    expect(ask(partial).map(({ sequence }) => sequence - first)).toEqual([3000]);
  });

  test('a reset of the far end is passed on', () => {
    const { ask, stream, first, card, clock } = open();
    stream.events.data(Uint8Array.of(1, 2, 3));
    clock.run();
    card.take();
    stream.events.closed('reset');
    clock.run();
    expect(card.takeSegments()).toMatchObject([
      { flags: 'RA', sequence: first + 3, acknowledgment: 1000 },
    ]);
    expect(ask({ sequence: 1000, acknowledgment: first + 3 })).toMatchObject([{ flags: 'R' }]);
  });
});

describe('ending', () => {
  test('by the guest first leaves the other half open', () => {
    const { guest, stream, clock } = connect();
    guest.write(Uint8Array.from(ascii('request')));
    guest.end();
    clock.run();
    expect(stream.ended).toBe(true);
    stream.events.data(Uint8Array.from(ascii('answer')));
    clock.run(5000);
    expect(text(guest.bytes())).toBe('answer');
    expect(guest.state).toBe('open');
    stream.events.ended();
    stream.events.closed(undefined);
    clock.run();
    expect(guest.state).toBe('closed');
    clock.run(120_000);
    expect(clock.waiting).toBe(0);
  });

  test('by the far end first, it waits for what the guest may not have heard', () => {
    const { stream, ask, first, card, clock } = open();
    stream.events.ended();
    clock.run();
    expect(card.takeSegments()).toMatchObject([{ flags: 'FA', sequence: first }]);
    expect(
      ask({ sequence: 1000, acknowledgment: first + 1, payload: Uint8Array.of(1) }),
    ).toMatchObject([{ flags: 'A', acknowledgment: 1001 }]);
    const fin = { sequence: 1001, acknowledgment: first + 1, flags: 'FA' };
    expect(ask(fin)).toMatchObject([{ flags: 'A', acknowledgment: 1002, sequence: first + 1 }]);
    expect(stream.ended).toBe(true);
    stream.events.closed(undefined);
    expect(ask(fin)).toMatchObject([{ flags: 'A', acknowledgment: 1002, sequence: first + 1 }]);
    clock.run(15_000);
    expect(ask(fin)).toMatchObject([{ flags: 'R' }]);
  });

  test('by both at once', () => {
    const { stream, send, ask, first, card, clock } = open();
    stream.events.ended();
    clock.run();
    card.take();
    expect(ask({ sequence: 1000, acknowledgment: first, flags: 'FA' })).toMatchObject([
      { flags: 'A', acknowledgment: 1001 },
    ]);
    send({ sequence: 1001, acknowledgment: first + 1 });
    clock.run(20_000);
    expect(card.take()).toEqual([]);
    expect(ask({ sequence: 1001, acknowledgment: first + 1 })).toMatchObject([{ flags: 'R' }]);
  });

  test('a port in TIME-WAIT can be used again at once', () => {
    const { stream, ask, first, host, clock } = open();
    stream.events.ended();
    clock.run();
    ask({ sequence: 1000, acknowledgment: first + 1, flags: 'FA' });
    stream.events.closed(undefined);
    ask({ sequence: 77_000, flags: 'S' });
    expect(host.streams).toHaveLength(2);
  });

  test('a host that cannot get rid of its bytes is given up after two minutes', () => {
    const { stream, ask, first, clock, card } = open();
    stream.stuck = true;
    ask({ sequence: 1000, acknowledgment: first, flags: 'FA', payload: pattern(100) });
    stream.events.ended();
    clock.run();
    ask({ sequence: 1101, acknowledgment: first + 1 });
    expect(stream.wasReset).toBe(false);
    clock.run(240_000);
    expect(stream.wasReset).toBe(true);
    expect(clock.waiting).toBe(0);
    card.take();
  });

  test('a guest that is gone is noticed after hours', () => {
    const { stream, clock, card, first, ask } = open();
    clock.run(7_000_000);
    expect(card.take()).toEqual([]);
    clock.run(260_000);
    expect(card.takeSegments()[0]).toMatchObject({ sequence: first - 1, flags: 'A' });
    ask({ sequence: 1000, acknowledgment: first });
    clock.run(7_000_000);
    expect(stream.wasReset).toBe(false);
    clock.run(1_000_000);
    expect(stream.wasReset).toBe(true);
    expect(card.takeSegments().at(-1)).toMatchObject({ flags: 'RA' });
  });

  test("of the network resets the host's streams", () => {
    const { stream, network, clock, card } = open();
    network.close();
    expect(stream.wasReset).toBe(true);
    clock.run(1000);
    expect(card.take()).toEqual([]);
    expect(clock.waiting).toBe(0);
  });
});

describe('many connections', () => {
  test('have a limit, and those in TIME-WAIT give way', () => {
    const { host, ask, card, clock, send } = setUp();
    for (let port = 1; port <= 600; port++) ask({ fromPort: port, sequence: 1, flags: 'S' });
    expect(host.streams).toHaveLength(512);
    expect(card.take()).toEqual([]);
    const [stream] = host.streams;
    stream.events.connected();
    clock.run();
    const next = card.takeSegments()[0].sequence + 1;
    send({ fromPort: 1, sequence: 2, acknowledgment: next });
    stream.events.ended();
    clock.run();
    send({ fromPort: 1, sequence: 2, acknowledgment: next + 1, flags: 'FA' });
    stream.events.closed(undefined);
    ask({ fromPort: 700, sequence: 1, flags: 'S' });
    expect(host.streams).toHaveLength(513);
  });
});

describe('a forwarded port', () => {
  async function forward() {
    const world = setUp();
    const port = await world.network.forward({ protocol: 'tcp', hostPort: 2222, guestPort: 22 });
    expect(port).toBe(2222);
    const stream = world.host.arrive()!;
    world.clock.run();
    const [syn] = world.card.takeSegments();
    return { ...world, stream, syn, ports: { fromPort: 22, toPort: syn.fromPort } };
  }

  test('connects to the guest, and bytes go both ways', async () => {
    const { stream, syn, ports, ask, card, clock } = await forward();
    expect(syn).toMatchObject({ from: '10.0.2.2', toPort: 22, flags: 'S', acknowledgment: 0 });
    expect(syn.options).toEqual([2, 4, ...u16(1460), 1, 3, 3, 3, 1, 1, 4, 2]);
    const next = syn.sequence + 1;
    const options = [2, 4, ...u16(1460), 1, 3, 3, 7];
    const synAck = { ...ports, sequence: 500, acknowledgment: next, flags: 'SA', options };
    expect(ask(synAck, '10.0.2.2')).toMatchObject([
      { flags: 'A', sequence: next, acknowledgment: 501, window: 0x4_0000 >>> 3 },
    ]);
    stream.events.data(Uint8Array.from(ascii('hello')));
    clock.run();
    expect(card.takeSegments().map(({ payload }) => text(payload))).toEqual(['hello']);
    const payload = Uint8Array.from(ascii('SSH'));
    ask({ ...ports, sequence: 501, acknowledgment: next + 5, payload }, '10.0.2.2');
    expect(text(stream.written)).toBe('SSH');
  });

  test('is reset when the guest refuses', async () => {
    const { stream, syn, ports, ask } = await forward();
    const stale = { ...ports, sequence: 0, acknowledgment: syn.sequence, flags: 'RA' };
    ask(stale, '10.0.2.2');
    expect(stream.wasReset).toBe(false);
    ask({ ...stale, acknowledgment: syn.sequence + 1 }, '10.0.2.2');
    expect(stream.wasReset).toBe(true);
  });

  test('is reset when nobody is there', async () => {
    const { stream, clock, card } = await forward();
    clock.run(300_000);
    expect(stream.wasReset).toBe(true);
    expect(card.takeSegments().filter(({ flags }) => flags === 'S')).toHaveLength(6);
  });

  test('a guest that mixes up connections is told so', async () => {
    const { ports, ask, syn } = await forward();
    const wrong = { ...ports, sequence: 9, acknowledgment: syn.sequence + 99 };
    expect(ask(wrong, '10.0.2.2')).toMatchObject([{ flags: 'R', sequence: syn.sequence + 99 }]);
  });
});

describe('transfers', () => {
  const SIZE = 1_000_000;

  /** Moves bytes both ways at once and ends both halves. */
  function transfer(world: ReturnType<typeof connect>, sent: Uint8Array, got: Uint8Array): void {
    const { guest, stream, clock } = world;
    guest.write(sent);
    guest.end();
    const more = pump(stream, got);
    for (let i = 0; i < 20_000 && guest.state === 'open'; i++) {
      more();
      clock.run(5);
    }
    expect(guest.state).toBe('closed');
    expect(same(stream.written, sent)).toBe(true);
    expect(same(guest.bytes(), got)).toBe(true);
    expect(stream.ended).toBe(true);
  }

  test('are whole, with nothing sent twice', () => {
    const world = connect({ scale: 7, window: 1_000_000 });
    transfer(world, pattern(SIZE), pattern(SIZE).reverse());
    expect(world.guest.repeated).toBe(0);
  });

  test('are whole when sequence numbers wrap, on both sides', () => {
    const world = connect({ sequence: 0xffff_fff0 }, () => 0.999_999_9);
    transfer(world, pattern(SIZE), pattern(SIZE).reverse());
  });

  test.each([
    [3, 1],
    [10, 2],
    [10, 3],
    [50, 4],
    [500, 5],
  ])('are whole when one frame in %i is lost (seed %i)', (n, seed) => {
    const world = connect({ scale: 7, window: 1_000_000 });
    world.card.losesToGuest = losing(n, seed);
    world.card.losesFromGuest = losing(n, seed + 100);
    const size = n < 10 ? SIZE / 20 : SIZE;
    transfer(world, pattern(size), pattern(size).reverse());
  });

  test.each(Array.from({ length: 12 }, (_, i) => i + 1))(
    'are whole while both ends read at random and frames are lost (seed %i)',
    (seed) => {
      const random = losing(1 + (seed % 7), seed);
      const world = connect({ window: 3000 + 40_000 * (seed % 4), scale: seed % 2 ? 5 : 0 });
      const { guest, stream, clock, card } = world;
      card.losesToGuest = losing(10 + 20 * (seed % 5), seed + 200);
      card.losesFromGuest = losing(10 + 20 * (seed % 3), seed + 100);
      const bytes = pattern(300_000);
      guest.holds = true;
      guest.write(bytes);
      guest.end();
      const more = pump(stream, bytes);
      stream.stuck = true;
      for (let i = 0; i < 200_000 && guest.state === 'open'; i++) {
        more();
        if (random()) guest.read(random() ? 100_000 : 700);
        if (random() && stream.buffered > 0) {
          stream.buffered = 0;
          stream.events.drained();
        }
        clock.run(7);
      }
      expect(guest.state).toBe('closed');
      expect(same(stream.written, bytes)).toBe(true);
      expect(same(guest.bytes(), bytes)).toBe(true);
    },
  );

  test('one lost segment is sent again without waiting for a time-out', () => {
    const { guest, stream, clock, card } = connect({ scale: 7, window: 1_000_000 });
    let count = 0;
    card.losesToGuest = (frame) => frame.length > 1000 && ++count === 5;
    pump(stream, pattern(100_000))();
    clock.run(100);
    expect(same(guest.bytes(), pattern(100_000))).toBe(true);
  });

  test('a receive queue that overflows only slows down', () => {
    const { guest, stream, clock, card, network } = connect({ scale: 7, window: 1_000_000 });
    const bytes = pattern(SIZE);
    const queue: Uint8Array[] = [];
    let lost = 0;
    network.onFrame((frame) => {
      if (queue.length < 64) queue.push(frame);
      else lost++;
    });
    const more = pump(stream, bytes);
    let milliseconds = 0;
    for (; guest.receivedBytes < SIZE && milliseconds < 20_000; milliseconds++) {
      more();
      clock.run(1);
      for (const frame of queue.splice(0, 20)) card.receive(frame);
    }
    expect(same(guest.bytes(), bytes)).toBe(true);
    expect(lost).toBeGreaterThan(0);
    // 685 segments, 20 in a millisecond, take 35 of them at best.
    expect(milliseconds).toBeLessThan(1000);
  });

  test('random segments within a connection make no trouble', () => {
    let state = 99;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 0x1_0000_0000) * below);
    };
    for (let round = 0; round < 60; round++) {
      const { host, clock, network, send, stream, first } = open([3, 3, 7, 0]);
      const frames: Uint8Array[] = [];
      network.onFrame((frame) => frames.push(frame));
      stream.stuck = random(2) === 0;
      for (let step = 0; step < 100; step++) {
        const flags = [...'FSRPA'].filter((letter) => letter === 'A' || random(12) === 0).join('');
        const payload = pattern(random(4) === 0 ? random(1400) : 0);
        const options = random(9) === 0 ? u32(random(0xffff_ffff)) : [];
        const sequence = (1000 + random(3000) - 500) >>> 0;
        const acknowledgment = (first + random(3000) - 500) >>> 0;
        send({
          sequence,
          acknowledgment,
          flags,
          payload,
          options,
          window: random(70_000) & 0xffff,
        });
        if (random(3) === 0) clock.run(random(2000));
        if (random(5) === 0 && !stream.paused && !stream.wasReset) {
          stream.events.data(pattern(random(20_000)));
        }
        if (random(40) === 0 && !stream.wasReset) stream.events.ended();
      }
      // Whatever was sent, it was well formed.
      for (const frame of frames) {
        if (readEthernet(frame).type === 0x0800) readTcp(readIpv4(frame));
      }
      expect(host.streams.length).toBeGreaterThan(0);
      network.close();
      expect(clock.waiting).toBe(0);
    }
  });
});

import { describe, expect, test } from 'vitest';
import { UserNetwork } from '../../src/system/net/user-network.ts';
import {
  EVERYBODY,
  GATEWAY_MAC,
  GUEST_MAC,
  ICMP,
  TestClock,
  UDP,
  ascii,
  checksum,
  ethernet,
  ip,
  ipv4,
  readEthernet,
  readIpv4,
  readUdp,
  tcpFrame,
  text,
  u16,
  u32,
  udp,
  udpFrame,
} from './net-frames.ts';
import { GuestCard } from './net-guest.ts';
import { FakeHost } from './net-host.ts';

function setUp() {
  const host = new FakeHost();
  const clock = new TestClock();
  const network = new UserNetwork({ host, clock });
  const card = new GuestCard(network);
  return { host, clock, network, card };
}

/** What the network sends to the guest in answer to `frame`. */
function answers(frame: Uint8Array): Uint8Array[] {
  const { card, clock } = setUp();
  card.send(frame);
  clock.run();
  return card.take();
}

function arp(operation: number, sender: string, target: string): Uint8Array {
  const message = [...u16(1), ...u16(0x0800), 6, 4, ...u16(operation), ...GUEST_MAC, ...ip(sender)];
  return ethernet(0x0806, [...message, 0, 0, 0, 0, 0, 0, ...ip(target)], EVERYBODY);
}

describe('ARP', () => {
  test.each([
    ['10.0.2.2', [0x52, 0x55, 10, 0, 2, 2]],
    ['10.0.2.3', [0x52, 0x55, 10, 0, 2, 3]],
  ])('tells the hardware address of %s', (address, mac) => {
    const [frame, ...more] = answers(arp(1, '10.0.2.15', address));
    expect(more).toEqual([]);
    expect(readEthernet(frame)).toMatchObject({ to: GUEST_MAC, type: 0x0806 });
    const reply = [
      0,
      1,
      8,
      0,
      6,
      4,
      0,
      2,
      ...mac,
      ...ip(address),
      ...GUEST_MAC,
      ...ip('10.0.2.15'),
    ];
    expect([...frame.subarray(14)]).toEqual(reply);
  });

  test('leaves alone who asks for others, or for whether its own address is free', () => {
    expect(answers(arp(1, '10.0.2.15', '10.0.2.77'))).toEqual([]);
    expect(answers(arp(1, '0.0.0.0', '10.0.2.15'))).toEqual([]);
    expect(answers(arp(1, '10.0.2.15', '192.0.2.1'))).toEqual([]);
    expect(answers(arp(2, '10.0.2.15', '10.0.2.2'))).toEqual([]);
  });
});

describe('DHCP', () => {
  const TRANSACTION = 0x1234_5678;

  interface DhcpFields {
    readonly options: readonly number[];
    readonly client?: string;
    readonly flags?: number;
  }

  function message({ options, client = '0.0.0.0', flags = 0 }: DhcpFields): number[] {
    const bytes = [1, 1, 6, 0, ...u32(TRANSACTION), ...u16(7), ...u16(flags), ...ip(client)];
    bytes.push(...Array<number>(12).fill(0), ...GUEST_MAC, ...Array<number>(10 + 192).fill(0));
    return [...bytes, 0x63, 0x82, 0x53, 0x63, ...options, 255];
  }

  function ask(fields: DhcpFields, to = '255.255.255.255') {
    const from = fields.client ?? '0.0.0.0';
    const frames = answers(udpFrame(68, 67, message(fields), { from, to }));
    expect(frames.length).toBeLessThanOrEqual(1);
    return frames.length > 0 ? readReply(frames[0]) : undefined;
  }

  function readReply(frame: Uint8Array) {
    const { payload, ...ends } = readUdp(readIpv4(frame));
    expect([...payload.subarray(0, 4)]).toEqual([2, 1, 6, 0]);
    expect([...payload.subarray(4, 8)]).toEqual(u32(TRANSACTION));
    expect([...payload.subarray(28, 34)]).toEqual(GUEST_MAC);
    expect([...payload.subarray(236, 240)]).toEqual([0x63, 0x82, 0x53, 0x63]);
    expect(payload.length).toBeGreaterThanOrEqual(300);
    const options: Record<number, string> = {};
    for (let at = 240; payload[at] !== 255; at += 2 + payload[at + 1]) {
      options[payload[at]] = payload.subarray(at + 2, at + 2 + payload[at + 1]).join('.');
    }
    const yours = payload.subarray(16, 20).join('.');
    return { ...ends, mac: readEthernet(frame).to, yours, options };
  }

  const LEASE = {
    1: '255.255.255.0',
    3: '10.0.2.2',
    6: '10.0.2.3',
    51: u32(86_400).join('.'),
    54: '10.0.2.2',
  };

  test('offers 10.0.2.15 to who discovers', () => {
    expect(ask({ options: [53, 1, 1, 55, 3, 1, 3, 6] })).toEqual({
      ...{ from: '10.0.2.2', fromPort: 67, to: '10.0.2.15', toPort: 68 },
      ...{ mac: GUEST_MAC, yours: '10.0.2.15', options: { 53: '2', ...LEASE } },
    });
  });

  test('answers to all when the client cannot take anything else', () => {
    const offer = ask({ options: [53, 1, 1], flags: 0x8000 });
    expect(offer).toMatchObject({ to: '255.255.255.255', mac: EVERYBODY, yours: '10.0.2.15' });
  });

  test('acknowledges a request for what it offered', () => {
    const options = [53, 1, 3, 50, 4, ...ip('10.0.2.15'), 54, 4, ...ip('10.0.2.2')];
    expect(ask({ options })).toMatchObject({
      ...{ to: '10.0.2.15', yours: '10.0.2.15', options: { 53: '5', ...LEASE } },
    });
  });

  test('renews the lease of a client that has the address', () => {
    const renewal = ask({ options: [53, 1, 3], client: '10.0.2.15' }, '10.0.2.2');
    expect(renewal).toMatchObject({ to: '10.0.2.15', yours: '10.0.2.15', options: { 53: '5' } });
  });

  test('refuses another address, to all', () => {
    expect(ask({ options: [53, 1, 3, 50, 4, ...ip('192.168.1.7')] })).toEqual({
      ...{ from: '10.0.2.2', fromPort: 67, to: '255.255.255.255', toPort: 68, mac: EVERYBODY },
      ...{ yours: '0.0.0.0', options: { 53: '6', 54: '10.0.2.2' } },
    });
  });

  test('informs a client with an address of its own, without a lease', () => {
    const answer = ask({ options: [53, 1, 8], client: '10.0.2.44' }, '10.0.2.2');
    expect(answer).toMatchObject({ to: '10.0.2.44', yours: '0.0.0.0' });
    expect(answer!.options).toEqual({ 53: '5', ...LEASE, 51: undefined });
  });

  test('is silent about requests to other servers, releases, and what is damaged', () => {
    expect(ask({ options: [53, 1, 3, 54, 4, ...ip('10.0.2.9')] })).toBeUndefined();
    expect(ask({ options: [53, 1, 7] })).toBeUndefined();
    expect(ask({ options: [] })).toBeUndefined();
    expect(ask({ options: [53, 200, 1] })).toBeUndefined();
    const short = message({ options: [53, 1, 1] }).slice(0, 239);
    expect(answers(udpFrame(68, 67, short, { from: '0.0.0.0', to: '255.255.255.255' }))).toEqual(
      [],
    );
  });
});

describe('ICMP', () => {
  function echo(length: number): number[] {
    const bytes = [8, 0, 0, 0, 0x12, 0x34, 0, 1];
    for (let i = 0; i < length; i++) bytes.push(i & 255);
    bytes.splice(2, 2, ...u16(checksum(bytes)));
    return bytes;
  }

  test.each(['10.0.2.2', '10.0.2.3'])('%s answers an echo', (to) => {
    const [frame] = answers(ipv4(ICMP, echo(56), { to }));
    const packet = readIpv4(frame);
    expect(packet).toMatchObject({ protocol: ICMP, from: to, to: '10.0.2.15' });
    expect(checksum(packet.payload)).toBe(0);
    expect(packet.payload[0]).toBe(0);
    expect([...packet.payload.subarray(4)]).toEqual(echo(56).slice(4));
  });

  test('an echo in fragments, in any order, is answered in fragments', () => {
    const { card, clock } = setUp();
    const whole = echo(4000);
    const [first, second, third] = [0, 1480, 2960].map((from) => {
      const more = from < 2960;
      return ipv4(ICMP, whole.slice(from, from + 1480), { to: '10.0.2.2', offset: from / 8, more });
    });
    for (const part of [third, first, second]) card.send(part);
    clock.run();
    const parts = card.takePackets();
    expect(parts.map(({ offset, more }) => [offset, more])).toEqual([
      [0, true],
      [1480, true],
      [2960, false],
    ]);
    const reply = parts.flatMap(({ payload }) => [...payload]);
    expect(checksum(reply)).toBe(0);
    expect(reply.slice(4)).toEqual(whole.slice(4));
  });

  test('an echo from beyond the gateway is refused, with the request quoted', () => {
    const request = ipv4(ICMP, echo(56), { to: '192.0.2.1' });
    const [frame] = answers(request);
    const { payload, from } = readIpv4(frame);
    expect(from).toBe('10.0.2.2');
    expect([...payload.subarray(0, 2)]).toEqual([3, 13]);
    expect(checksum(payload)).toBe(0);
    expect([...payload.subarray(8)]).toEqual([...request.subarray(14, 14 + 28)]);
  });
});

describe('UDP', () => {
  test('goes out through one socket for each port, and answers come back', () => {
    const { card, clock, host } = setUp();
    card.send(udpFrame(4000, 123, ascii('one'), { to: '192.0.2.1' }));
    card.send(udpFrame(4000, 124, ascii('two'), { to: '192.0.2.2' }));
    card.send(udpFrame(4001, 123, ascii('three'), { to: '192.0.2.1' }));
    expect(
      host.datagrams.map(({ sent }) => sent.map((d) => [text(d.bytes), d.address, d.port])),
    ).toEqual([
      [
        ['one', '192.0.2.1', 123],
        ['two', '192.0.2.2', 124],
      ],
      [['three', '192.0.2.1', 123]],
    ]);
    // As TFTP does, from a port of its own choosing.
    host.datagrams[0].received(Uint8Array.from(ascii('yes')), '192.0.2.2', 9999);
    clock.run();
    const [answer] = card.takePackets().map(readUdp);
    expect({ ...answer, payload: text(answer.payload) }).toEqual({
      ...{ from: '192.0.2.2', fromPort: 9999, to: '10.0.2.15', toPort: 4000, payload: 'yes' },
    });
  });

  test('from strangers does not reach the guest', () => {
    const { card, clock, host } = setUp();
    card.send(udpFrame(4000, 123, ascii('one'), { to: '192.0.2.1' }));
    host.datagrams[0].received(Uint8Array.from(ascii('no')), '192.0.2.2', 123);
    clock.run();
    expect(card.take()).toEqual([]);
  });

  test('to the gateway reaches the host itself', () => {
    const { card, clock, host } = setUp();
    card.send(udpFrame(4000, 7, ascii('hi'), { to: '10.0.2.2' }));
    expect(host.datagrams[0].sent[0]).toMatchObject({ address: '127.0.0.1', port: 7 });
    host.datagrams[0].received(Uint8Array.from(ascii('hi')), '127.0.0.1', 7);
    clock.run();
    expect(card.takePackets().map(readUdp)).toMatchObject([{ from: '10.0.2.2', fromPort: 7 }]);
  });

  test('of any length is cut into fragments of the network', () => {
    const { card, clock, host } = setUp();
    card.send(udpFrame(4000, 7, [1], { to: '10.0.2.2' }));
    const long = Uint8Array.from({ length: 65_507 }, (_, i) => i * 7);
    host.datagrams[0].received(long, '127.0.0.1', 7);
    clock.run();
    const parts = card.takePackets();
    expect(parts.every(({ dontFragment }) => !dontFragment)).toBe(true);
    const payload = Uint8Array.from(parts.flatMap((part) => [...part.payload]));
    expect(readUdp({ ...parts[0], payload }).payload).toEqual(long);
  });

  test("to groups, to nobody, or with an address that is not the guest's, goes nowhere", () => {
    const { card, clock, host } = setUp();
    const nowhere = [
      '224.0.0.251',
      '255.255.255.255',
      '127.0.0.1',
      '0.0.0.1',
      '10.0.2.7',
      '10.0.2.255',
    ];
    for (const to of nowhere) card.send(udpFrame(4000, 5353, [1], { to }));
    for (const from of ['10.0.2.2', '10.0.2.255', '10.0.3.1', '0.0.0.0']) {
      card.send(udpFrame(4000, 5353, [1], { from, to: '192.0.2.1' }));
    }
    clock.run();
    expect(host.datagrams).toEqual([]);
    expect(card.take()).toEqual([]);
  });

  test('keeps a socket for three minutes', () => {
    const { card, clock, host, network } = setUp();
    card.send(udpFrame(4000, 7, [1], { to: '10.0.2.2' }));
    clock.run(170_000);
    card.send(udpFrame(4000, 7, [1], { to: '10.0.2.2' }));
    clock.run(170_000);
    expect(host.datagrams.map(({ closed }) => closed)).toEqual([false]);
    clock.run(60_000);
    expect(host.datagrams.map(({ closed }) => closed)).toEqual([true]);
    expect(clock.waiting).toBe(0);
    network.close();
  });

  test('from many ports gives up the sockets that were not used for longest', () => {
    const { card, host } = setUp();
    for (let port = 1; port <= 300; port++) {
      card.send(udpFrame(port, 7, [1], { to: '10.0.2.2' }));
      card.send(udpFrame(1, 7, [1], { to: '10.0.2.2' }));
    }
    expect(host.datagrams.filter(({ closed }) => !closed)).toHaveLength(256);
    expect(host.datagrams[0].closed).toBe(false);
    expect(host.datagrams[1].closed).toBe(true);
  });
});

describe('DNS', () => {
  const A = 1;
  const AAAA = 28;
  const MX = 15;

  function query(name: string, type: number): number[] {
    const labels = name.split('.').flatMap((label) => [label.length, ...ascii(label)]);
    return [0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, ...u16(type), ...u16(1)];
  }

  /** An answer without records. */
  function refusal(asked: Uint8Array, code: number): Uint8Array {
    const answer = asked.slice();
    answer.set([0x81, 0x80 | code], 2);
    return answer;
  }

  async function resolve(bytes: readonly number[], prepare: (host: FakeHost) => void) {
    const { card, clock, host } = setUp();
    prepare(host);
    card.send(udpFrame(3333, 53, bytes, { to: '10.0.2.3' }));
    await new Promise((resolve) => setImmediate(resolve));
    clock.run();
    const [packet] = card.takePackets();
    const datagram = packet && readUdp(packet);
    if (datagram) expect(datagram).toMatchObject({ from: '10.0.2.3', fromPort: 53, toPort: 3333 });
    return { host, answer: datagram && [...datagram.payload] };
  }

  test('queries go to the name server, and its answer comes back as it is', async () => {
    const asked = query('example.org', MX);
    const { host, answer } = await resolve(asked, (fake) => {
      fake.answer = (bytes) => Uint8Array.from([...bytes, 1, 2, 3]);
    });
    expect(host.queries.map((bytes) => [...bytes])).toEqual([asked]);
    expect(answer).toEqual([...asked, 1, 2, 3]);
  });

  test('without an answer, the host says what it knows of the name', async () => {
    const asked = query('printer.local', A);
    const { host, answer } = await resolve(asked, (fake) => {
      fake.addresses = () => ['2001:db8::1', '192.0.2.9', '192.0.2.10'];
    });
    expect(host.names).toEqual(['printer.local']);
    const record = (last: number) => [0xc0, 12, 0, A, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, last];
    expect(answer).toEqual([
      ...[0xab, 0xcd, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0],
      ...asked.slice(12),
      ...record(9),
      ...record(10),
    ]);
  });

  test('a name that the server does not know may be one of the hosts file', async () => {
    const { answer } = await resolve(query('box', AAAA), (fake) => {
      fake.answer = (bytes) => refusal(bytes, 3);
      fake.addresses = () => ['fe80::1:2', '127.0.1.1'];
    });
    expect(answer!.slice(-18)).toEqual([0, 16, 0xfe, 0x80, ...Array(10).fill(0), 0, 1, 0, 2]);
  });

  test('the host itself is at the gateway', async () => {
    const { answer } = await resolve(
      query('box', A),
      (fake) => (fake.addresses = () => ['127.0.1.1']),
    );
    expect(answer!.slice(-4)).toEqual([10, 0, 2, 2]);
  });

  test('a name without addresses of the family has an empty answer', async () => {
    const { answer } = await resolve(
      query('box', AAAA),
      (fake) => (fake.addresses = () => ['192.0.2.1']),
    );
    expect(answer!.slice(2, 12)).toEqual([0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]);
  });

  test("when nobody knows the name, the server's word stands", async () => {
    const asked = query('no.example', A);
    const { answer } = await resolve(asked, (fake) => {
      fake.answer = (bytes) => refusal(bytes, 3);
      fake.addresses = () => [];
    });
    expect(answer).toEqual([...refusal(Uint8Array.from(asked), 3)]);
  });

  test('NXDOMAIN where the host finds no name, SERVFAIL where it cannot look', async () => {
    const none = await resolve(query('no.example', A), (fake) => (fake.addresses = () => []));
    expect(none.answer!.slice(2, 4)).toEqual([0x81, 0x83]);
    const failed = await resolve(query('no.example', A), () => {});
    expect(failed.answer!.slice(2, 4)).toEqual([0x81, 0x82]);
    const other = await resolve(query('no.example', MX), () => {});
    expect(other.answer!.slice(2, 4)).toEqual([0x81, 0x82]);
    expect(other.host.names).toEqual([]);
  });

  test("damaged questions never reach the host's resolver", async () => {
    const label = [0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    const damaged = [
      label,
      [...label, 63, 65],
      [...label, 3, 65, 46, 65, 0, 0, A, 0, 1],
      [...label, 0xc0, 12, 0, A, 0, 1],
      [...label, 1, 65, 0, 0, A],
      [...label, 1, 0, 0, 0, A, 0, 1],
    ];
    for (const bytes of damaged) {
      const { host, answer } = await resolve(
        bytes,
        (fake) => (fake.addresses = () => ['192.0.2.1']),
      );
      expect(host.names).toEqual([]);
      expect(answer!.slice(0, 12)).toEqual([0xab, 0xcd, 0x81, 0x82, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
    expect((await resolve([1, 2, 3], () => {})).host.queries).toEqual([]);
    const answer = query('example.org', A);
    answer[2] |= 0x80;
    expect((await resolve(answer, () => {})).host.queries).toEqual([]);
  });
});

describe('the cable', () => {
  test('frames come after the guest has sent, never while it does', () => {
    const { card, clock } = setUp();
    card.send(arp(1, '10.0.2.15', '10.0.2.2'));
    expect(card.frames).toEqual([]);
    clock.run();
    expect(card.frames).toHaveLength(1);
  });

  test('asks for a guest that it does not know yet', () => {
    const host = new FakeHost();
    const clock = new TestClock();
    const network = new UserNetwork({ host, clock });
    const frames: Uint8Array[] = [];
    network.onFrame((frame) => frames.push(frame));
    return network.forward({ protocol: 'tcp', hostPort: 80, guestPort: 80 }).then(() => {
      host.arrive();
      clock.run();
      const request = [0, 1, 8, 0, 6, 4, 0, 1, ...GATEWAY_MAC, ...ip('10.0.2.2')];
      const expected = ethernet(
        0x0806,
        [...request, 0, 0, 0, 0, 0, 0, ...ip('10.0.2.15')],
        EVERYBODY,
      );
      expected.set(GATEWAY_MAC, 6);
      expect(frames).toEqual([expected]);
    });
  });

  test('damaged and foreign frames are ignored', () => {
    const good = udpFrame(4000, 7, ascii('good'), { to: '192.0.2.1' });
    const { card, clock, host } = setUp();
    // IPv4 header: version, header length, total length, checksum, addresses; then UDP's fields.
    for (const at of [14, 16, 17, 24, 26, 30, 34, 36, 38, 40, 42]) {
      const bad = good.slice();
      bad[at] ^= 0x11;
      card.send(bad);
    }
    for (let length = 0; length < good.length; length++) card.send(good.subarray(0, length));
    const foreign = good.slice();
    foreign[5] = 99;
    card.send(foreign);
    card.send(ethernet(0x86dd, [...good.subarray(14)]));
    clock.run();
    expect(host.datagrams).toEqual([]);
    expect(card.take()).toEqual([]);
    // Padding of short frames does no harm.
    card.send(Uint8Array.from([...good, 0, 0, 0, 0, 0, 0]));
    expect(host.datagrams[0].sent.map(({ bytes }) => text(bytes))).toEqual(['good']);
  });

  test('fragments that contradict each other are given up', () => {
    const bytes = udp(4000, 7, Array<number>(64).fill(1), { to: '10.0.2.2' });
    const part = (from: number, to: number, more: boolean, identification: number): Uint8Array => {
      const options = { to: '10.0.2.2', offset: from / 8, more, identification };
      return ipv4(UDP, bytes.slice(from, to), options);
    };
    const { card, clock, host } = setUp();
    const overlap = [part(0, 40, true, 1), part(32, 72, false, 1)];
    const odd = [part(0, 36, true, 2), part(40, 72, false, 2)];
    const beyond = [part(0, 72, true, 3), part(40, 64, false, 3)];
    const twice = [part(0, 40, true, 4), part(0, 40, true, 4), part(40, 72, false, 4)];
    for (const frame of [...overlap, ...odd, ...beyond, ...twice]) card.send(frame);
    const late = [part(0, 40, true, 5), part(40, 72, false, 5)];
    card.send(late[0]);
    clock.run(40_000);
    card.send(late[1]);
    expect(host.datagrams).toEqual([]);
    for (const frame of [part(40, 72, false, 6), part(0, 40, true, 6)]) card.send(frame);
    expect(host.datagrams[0].sent).toHaveLength(1);
  });

  test('no frame of random bytes makes trouble', async () => {
    let state = 12_345;
    const random = (): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state / 0x1_0000_0000;
    };
    const { card, clock, host, network } = setUp();
    host.onConnect = (stream) => queueMicrotask(() => stream.events.connected());
    let packets = 0;
    network.onFrame((frame) => {
      if (readEthernet(frame).type !== 0x0800) return;
      readIpv4(frame);
      packets++;
    });
    const options = [2, 4, 5, 180, 1, 3, 3, 7];
    const seeds = [
      arp(1, '10.0.2.15', '10.0.2.2'),
      udpFrame(68, 67, Array<number>(260).fill(53), { to: '255.255.255.255', from: '0.0.0.0' }),
      udpFrame(999, 53, [1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 65, 0, 0, 1, 0, 1], {
        to: '10.0.2.3',
      }),
      tcpFrame({ fromPort: 5, toPort: 6, sequence: 7, flags: 'S', options }, '10.0.2.2'),
      tcpFrame({ fromPort: 5, toPort: 6, sequence: 8, flags: 'FA', options }, '10.0.2.2'),
      ipv4(ICMP, [8, 0, 0xf7, 0xff, 0, 0, 0, 0], { to: '10.0.2.2' }),
    ];
    for (let round = 0; round < 20_000; round++) {
      const frame = seeds[round % seeds.length].slice();
      for (let change = random() * 4; change > 0; change--) {
        frame[12 + Math.floor(random() * (frame.length - 12))] = random() * 256;
      }
      // Lies that are signed are believed further in.
      if (round & 1 && frame[12] === 8 && frame[13] === 0) sign(frame);
      card.send(frame.subarray(0, random() < 0.1 ? random() * frame.length : frame.length));
      if (round % 50 === 0) {
        await Promise.resolve();
        clock.run(random() * 5000);
      }
    }
    clock.run(60_000);
    expect(packets).toBeGreaterThan(1000);
  });

  /** Makes the checksums of an IPv4 packet right, if there is room for them. */
  function sign(frame: Uint8Array): void {
    const header = (frame[14] & 15) * 4;
    const protocol = frame[23];
    frame.set([0, 0], 24);
    frame.set(u16(checksum(frame.subarray(14, 14 + header))), 24);
    const at = 14 + header + (protocol === UDP ? 6 : protocol === ICMP ? 2 : 16);
    if (at + 2 > frame.length) return;
    const payload = frame.subarray(14 + header);
    const pseudo = [...frame.subarray(26, 34), 0, protocol, ...u16(payload.length)];
    frame.set([0, 0], at);
    frame.set(u16(checksum(protocol === ICMP ? [] : pseudo, payload)), at);
  }

  test('a closed network is silent', () => {
    const { card, clock, host, network } = setUp();
    card.send(udpFrame(4000, 7, [1], { to: '192.0.2.1' }));
    network.close();
    card.send(arp(1, '10.0.2.15', '10.0.2.2'));
    clock.run(1000);
    expect(card.take()).toEqual([]);
    expect(host.closed).toBe(true);
    expect(host.datagrams[0].closed).toBe(true);
    expect(clock.waiting).toBe(0);
  });
});

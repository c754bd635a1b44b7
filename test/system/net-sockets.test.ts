import { createHash } from 'node:crypto';
import dgram from 'node:dgram';
import net from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { openNetwork, parseNetwork } from '../../src/cli/boot-network.ts';
import { NODE_CLOCK, NodeSockets } from '../../src/host/node/network.ts';
import { NetworkError } from '../../src/system/net/host-sockets.ts';
import { UserNetwork } from '../../src/system/net/user-network.ts';
import { ascii, readUdp, tcpFrame, text, u16, udpFrame, readIpv4, readTcp } from './net-frames.ts';
import { GuestCard, GuestTcp } from './net-guest.ts';

/** With this machine's own sockets and time. */

const SIZE = 10 * 1024 * 1024;
/** What the guest may have received before it reads. */
const GUEST_WINDOW = { scale: 7, window: 1_000_000 };

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function setUp({ nameServers = [] }: { nameServers?: readonly string[] } = {}) {
  const host = new NodeSockets({ nameServers });
  const network = new UserNetwork({ host, clock: NODE_CLOCK });
  const card = new GuestCard(network);
  closers.push(() => network.close());
  return { network, card };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A server on a port of its own. */
async function serve(handle: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    handle(socket);
  });
  closers.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as net.AddressInfo).port;
}

async function datagramServer(
  answer: (bytes: Uint8Array) => Uint8Array | undefined,
): Promise<number> {
  const socket = dgram.createSocket('udp4');
  closers.push(() => socket.close());
  socket.on('message', (bytes, { port, address }) => {
    const reply = answer(bytes);
    if (reply) socket.send(reply, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket.address().port;
}

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0, state = 4711; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('TCP', () => {
  test('10 MiB from the guest to a server arrive whole', async () => {
    const bytes = randomBytes(SIZE);
    const hash = createHash('sha256');
    const port = await serve((socket) => {
      socket.on('data', (piece) => hash.update(piece));
      socket.on('end', () => socket.end(hash.digest('hex')));
    });
    const { card } = setUp();
    const guest = new GuestTcp(card, NODE_CLOCK, 40_000, '10.0.2.2', port, GUEST_WINDOW);
    guest.write(bytes);
    guest.end();
    await until(() => guest.state === 'closed');
    expect(text(guest.bytes())).toBe(sha256(bytes));
  });

  test('10 MiB from a server to the guest arrive whole', async () => {
    const bytes = randomBytes(SIZE);
    const port = await serve((socket) => socket.end(bytes));
    const { card } = setUp();
    const guest = new GuestTcp(card, NODE_CLOCK, 40_000, '10.0.2.2', port, GUEST_WINDOW);
    await until(() => guest.farEnded);
    guest.end();
    await until(() => guest.state === 'closed');
    expect(sha256(guest.bytes())).toBe(sha256(bytes));
  });

  test('10 MiB both ways at once, with losses, arrive whole', async () => {
    const bytes = randomBytes(SIZE);
    const port = await serve((socket) => socket.pipe(socket));
    const { card } = setUp();
    let count = 0;
    card.losesToGuest = () => ++count % 501 === 0;
    card.losesFromGuest = () => ++count % 503 === 0;
    const guest = new GuestTcp(card, NODE_CLOCK, 40_000, '10.0.2.2', port, GUEST_WINDOW);
    guest.write(bytes);
    guest.end();
    await until(() => guest.state === 'closed');
    expect(sha256(guest.bytes())).toBe(sha256(bytes));
  });

  test('a guest that reads slowly holds up the server, not our memory', async () => {
    let sent = 0;
    const port = await serve((socket) => {
      const more = (): void => {
        while (socket.write(new Uint8Array(65_536))) sent += 65_536;
      };
      socket.on('drain', more);
      more();
    });
    const { card } = setUp();
    const guest = new GuestTcp(card, NODE_CLOCK, 40_000, '10.0.2.2', port, { window: 0 });
    await until(() => guest.state === 'open');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = sent;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent).toBe(before);
    expect(guest.receivedBytes).toBeLessThan(10);
    guest.reset();
  });

  test('a server that reads slowly holds up the guest', async () => {
    let socket: net.Socket | undefined;
    const port = await serve((arrived) => (socket = arrived.pause()));
    const { card } = setUp();
    const bytes = randomBytes(2 * SIZE);
    const guest = new GuestTcp(card, NODE_CLOCK, 40_000, '10.0.2.2', port, GUEST_WINDOW);
    guest.write(bytes);
    guest.end();
    let known = -1;
    while (guest.acknowledged !== known) {
      known = guest.acknowledged;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(guest.acknowledged).toBeLessThan(bytes.length);
    const hash = createHash('sha256');
    socket!.on('data', (piece) => hash.update(piece)).resume();
    socket!.on('end', () => socket!.end(hash.digest('hex')));
    await until(() => guest.state === 'closed');
    expect(text(guest.bytes())).toBe(sha256(bytes));
  });

  test('to a port where nobody listens is refused', async () => {
    const port = await serve(() => {});
    for (const close of closers.splice(0)) close();
    const { card } = setUp();
    const guest = new GuestTcp(card, NODE_CLOCK, 40_000, '10.0.2.2', port);
    await until(() => guest.state === 'reset');
  });

  test('a reset of the guest reaches the server, and the other way round', async () => {
    const errors: unknown[] = [];
    const sockets: net.Socket[] = [];
    const port = await serve((socket) => {
      sockets.push(socket);
      socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code));
      socket.write('hello');
    });
    const { card } = setUp();
    const first = new GuestTcp(card, NODE_CLOCK, 40_000, '10.0.2.2', port);
    await until(() => first.receivedBytes === 5);
    first.reset();
    await until(() => errors.length > 0);
    expect(errors).toEqual(['ECONNRESET']);
    const second = new GuestTcp(card, NODE_CLOCK, 40_001, '10.0.2.2', port);
    await until(() => second.receivedBytes === 5);
    sockets[1].resetAndDestroy();
    await until(() => second.state === 'reset');
  });

  test('many connections at once do not disturb each other', async () => {
    const port = await serve((socket) => socket.pipe(socket));
    const { card } = setUp();
    const guests = Array.from({ length: 100 }, (_, i) => {
      const guest = new GuestTcp(card, NODE_CLOCK, 40_000 + i, '10.0.2.2', port);
      guest.write(randomBytes(10_000 + i));
      guest.end();
      return guest;
    });
    await until(() => guests.every(({ state }) => state === 'closed'));
    for (const [i, guest] of guests.entries()) {
      expect(sha256(guest.bytes())).toBe(sha256(randomBytes(10_000 + i)));
    }
  });
});

describe('a forwarded port', () => {
  test('brings connections of the host to the guest', async () => {
    const lines: string[] = [];
    const asked = parseNetwork('user,hostfwd=tcp::0-:22');
    const network = (await openNetwork(asked, (line) => lines.push(line)))!;
    closers.push(() => network.close());
    const card = new GuestCard(network);
    const [, digits] = /^port (\d+) of this host leads to port 22 of the guest$/.exec(lines[0])!;
    const port = Number(digits);
    const socket = net.connect(port, '127.0.0.1');
    await until(() => card.frames.length > 0);
    const [syn] = card.take().map((frame) => readTcp(readIpv4(frame)));
    const options = [2, 4, ...u16(1460)];
    const ports = { fromPort: 22, toPort: syn.fromPort };
    const acknowledgment = syn.sequence + 1;
    const answer = { ...ports, acknowledgment, flags: 'SA', sequence: 1, options };
    card.send(tcpFrame(answer, '10.0.2.2'));
    const payload = Uint8Array.from(ascii('SSH-2.0'));
    card.send(
      tcpFrame({ ...ports, acknowledgment, flags: 'PA', sequence: 2, payload }, '10.0.2.2'),
    );
    const bytes = await new Promise<Uint8Array>((resolve) => socket.once('data', resolve));
    expect(text(bytes)).toBe('SSH-2.0');
    expect(syn.toPort).toBe(22);
    socket.write('hello');
    await until(() => card.frames.length > 0);
    const heard = card.take().map((frame) => readTcp(readIpv4(frame)));
    expect(heard.map(({ payload }) => text(payload)).join('')).toBe('hello');
    socket.destroy();
  });

  test('that is taken already says so in one line', async () => {
    const port = await serve(() => {});
    const { network } = setUp();
    const failed = network.forward({ protocol: 'tcp', hostPort: port, guestPort: 22 });
    await expect(failed).rejects.toThrow(NetworkError);
    await expect(failed).rejects.toThrow(`port ${port} of 127.0.0.1 is used by another program`);
    // Those that were opened before are closed again.
    let opened = 0;
    const both = parseNetwork(`user,hostfwd=tcp::0-:80,hostfwd=tcp::${port}-:22`);
    const say = (line: string): number => (opened = Number(/\d+/.exec(line)));
    await expect(openNetwork(both, say)).rejects.toThrow(NetworkError);
    const again = net.connect(opened, '127.0.0.1');
    const refused = await new Promise<unknown>((resolve) => again.once('error', resolve));
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('UDP', () => {
  test('an echo comes back from the port it was sent to', async () => {
    const port = await datagramServer((bytes) => Uint8Array.from(bytes).reverse());
    const { card } = setUp();
    card.send(udpFrame(4000, port, ascii('abc'), { to: '10.0.2.2' }));
    await until(() => card.frames.length > 0);
    const [answer] = card.takePackets().map(readUdp);
    expect({ ...answer, payload: text(answer.payload) }).toEqual({
      ...{ from: '10.0.2.2', fromPort: port, to: '10.0.2.15', toPort: 4000, payload: 'cba' },
    });
  });
});

describe('DNS', () => {
  const label = (name: string): number[] => [name.length, ...ascii(name)];
  const question = (...names: string[]): number[] => [
    ...[0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0],
    ...names.flatMap(label),
    ...[0, 0, 1, 0, 1],
  ];

  async function resolve(query: readonly number[], nameServers: readonly string[]) {
    const { card } = setUp({ nameServers });
    card.send(udpFrame(4000, 53, query, { to: '10.0.2.3' }));
    await until(() => card.frames.length > 0);
    const [{ payload, ...ends }] = card.takePackets().map(readUdp);
    expect(ends).toEqual({ from: '10.0.2.3', fromPort: 53, to: '10.0.2.15', toPort: 4000 });
    return [...payload];
  }

  test('a query is answered by the name server, whatever else comes', async () => {
    const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 7];
    const asked = question('example', 'org');
    const answer = [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, ...asked.slice(8), ...record];
    const port = await datagramServer(() => Uint8Array.from(answer));
    expect(await resolve(asked, [`127.0.0.1:${port}`])).toEqual(answer);
  });

  test('the next server is asked where the first one is not there or talks of something else', async () => {
    const other = await datagramServer(() =>
      Uint8Array.of(9, 9, 0x81, 0x80, 0, 0, 0, 0, 0, 0, 0, 0),
    );
    const asked = question('example', 'org');
    const answer = [0x12, 0x34, 0x81, 0x80, ...asked.slice(4)];
    const good = await datagramServer(() => Uint8Array.from(answer));
    const servers = ['nonsense', '127.0.0.1:0', `127.0.0.1:${other}`];
    servers.push('[2001:db8::1]:53', `127.0.0.1:${good}`);
    expect(await resolve(asked, servers)).toEqual(answer);
  });

  test('without a name server, names of the hosts file are known', async () => {
    const answer = await resolve(question('localhost'), []);
    expect(answer.slice(2, 8)).toEqual([0x81, 0x80, 0, 1, 0, 1]);
    expect(answer.slice(-4)).toEqual([10, 0, 2, 2]);
  });
});

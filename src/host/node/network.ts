import dgram from 'node:dgram';
import dns from 'node:dns';
import net from 'node:net';
import type { Clock } from '../../system/net/clock.ts';
import {
  NetworkError,
  type HostAddress,
  type HostDatagrams,
  type HostListener,
  type HostSockets,
  type HostStream,
  type HostStreamEvents,
  type StreamFailure,
} from '../../system/net/host-sockets.ts';
import { Resolver } from './resolver.ts';

/** This process's time and event loop. */
export const NODE_CLOCK: Clock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    if (milliseconds <= 0) {
      const immediate = setImmediate(callback);
      return { cancel: () => clearImmediate(immediate) };
    }
    const timeout = setTimeout(callback, milliseconds);
    return { cancel: () => clearTimeout(timeout) };
  },
};

export interface NodeSocketsOptions {
  /** `192.0.2.1`, `192.0.2.1:5353`, `[2001:db8::1]:53`; by default those that the host uses. */
  readonly nameServers?: readonly string[];
}

/** The sockets of this process, for a guest's network. */
export class NodeSockets implements HostSockets {
  readonly #resolver: Resolver;
  readonly #streams = new Set<NodeSocketStream>();
  readonly #sockets = new Set<dgram.Socket>();
  readonly #servers = new Set<net.Server>();
  #closed = false;

  constructor({ nameServers = dns.getServers() }: NodeSocketsOptions = {}) {
    this.#resolver = new Resolver(nameServers);
  }

  get nameServer(): HostAddress | undefined {
    return this.#resolver.servers[0];
  }

  connect(host: string, port: number, events: HostStreamEvents): HostStream {
    return this.#follow(net.connect({ host, port, allowHalfOpen: true }), events);
  }

  listen(
    host: string,
    port: number,
    accept: (open: (events: HostStreamEvents) => HostStream) => boolean,
  ): Promise<HostListener> {
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      const taken = accept((events) => {
        const stream = this.#follow(socket, events);
        stream.resume();
        return stream;
      });
      if (!taken) socket.destroy();
    });
    this.#servers.add(server);
    return new Promise((resolve, reject) => {
      server.on('error', (error) => {
        if (!server.listening) this.#servers.delete(server);
        reject(new NetworkError(cannotListen(host, port, error)));
      });
      server.listen({ host, port }, () => {
        const address = server.address() as net.AddressInfo;
        resolve({ port: address.port, close: () => this.#closeServer(server) });
      });
    });
  }

  openDatagrams(
    received: (bytes: Uint8Array, address: string, port: number) => void,
  ): HostDatagrams {
    // Only addresses come here: nothing is to be looked up.
    const socket = dgram.createSocket({
      type: 'udp4',
      lookup: (address, _options, found) => found(null, address, 4),
    });
    let open = true;
    this.#sockets.add(socket);
    const close = (): void => {
      open = false;
      if (this.#sockets.delete(socket)) socket.close();
    };
    socket.on('message', (bytes, { address, port }) => {
      if (open) received(bytes, address, port);
    });
    // What cannot be sent is lost, as on any network; without a socket, so is all the rest.
    socket.on('error', close);
    return {
      send: (bytes, address, port) => {
        if (open) socket.send(bytes, port, address, () => {});
      },
      close,
    };
  }

  forwardQuery(query: Uint8Array, answered: (answer: Uint8Array | undefined) => void): void {
    this.#resolver.forward(query, (answer) => {
      if (!this.#closed) answered(answer);
    });
  }

  lookup(name: string, found: (addresses: readonly string[] | undefined) => void): void {
    dns.lookup(name, { all: true, order: 'verbatim' }, (error, addresses) => {
      if (this.#closed) return;
      if (error) found(error.code === 'ENOTFOUND' ? [] : undefined);
      else found(addresses.map(({ address }) => address));
    });
  }

  close(): void {
    this.#closed = true;
    this.#resolver.close();
    for (const stream of this.#streams) stream.reset();
    for (const socket of this.#sockets) socket.close();
    this.#sockets.clear();
    for (const server of this.#servers) this.#closeServer(server);
  }

  #closeServer(server: net.Server): void {
    if (this.#servers.delete(server)) server.close();
  }

  #follow(socket: net.Socket, events: HostStreamEvents): NodeSocketStream {
    const stream = new NodeSocketStream(socket, events);
    this.#streams.add(stream);
    socket.once('close', () => this.#streams.delete(stream));
    return stream;
  }
}

class NodeSocketStream implements HostStream {
  readonly #socket: net.Socket;
  /** Missing after {@link reset}. */
  #events: HostStreamEvents | undefined;
  #failure: StreamFailure | undefined;
  #corked = false;

  constructor(socket: net.Socket, events: HostStreamEvents) {
    this.#socket = socket;
    this.#events = events;
    // The guest decides itself how much makes a segment.
    socket.setNoDelay(true);
    socket.on('connect', () => this.#events?.connected());
    socket.on('data', (bytes) => this.#events?.data(bytes));
    socket.on('end', () => this.#events?.ended());
    socket.on('drain', () => this.#events?.drained());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure = failureOf(error.code);
    });
    socket.on('close', () => this.#events?.closed(this.#failure));
  }

  get buffered(): number {
    return this.#socket.writableLength;
  }

  /** What is written in one turn of the event loop goes to the host at once. */
  write(bytes: Uint8Array): void {
    if (!this.#socket.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  reset(): void {
    this.#events = undefined;
    // Node would wait for the connection before it resets it.
    if (this.#socket.connecting) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }
}

function failureOf(code: string | undefined): StreamFailure {
  switch (code) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'ETIMEDOUT':
      return 'timeout';
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
    case 'ENETUNREACH':
    case 'ENETDOWN':
    case 'EADDRNOTAVAIL':
    case 'EACCES':
    case 'EPERM':
    case 'EMFILE':
    case 'ENFILE':
      return 'unreachable';
    default:
      return 'reset';
  }
}

function cannotListen(host: string, port: number, { code }: NodeJS.ErrnoException): string {
  const place = `port ${port} of ${host}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${place} is used by another program; choose another port`;
    case 'EACCES':
      return `${place} needs rights that you do not have; choose one above 1023`;
    case 'EADDRNOTAVAIL':
      return `${host} is not an address of this machine`;
    default:
      return `${place} cannot be had (${code ?? 'unknown error'})`;
  }
}

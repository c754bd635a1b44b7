import dgram from 'node:dgram';
import net from 'node:net';
import type { HostAddress } from '../../system/net/host-sockets.ts';

const DNS_PORT = 53;
/** Milliseconds to wait for a server. */
const PATIENCE = 1500;
/** Programs give up after five seconds, so that more tries would come too late. */
const TRIES = 3;
const LEAST_MESSAGE = 12;
const ANSWER_FLAG = 0x80;

/** Passes DNS messages to name servers by UDP, one after the other until one answers. */
export class Resolver {
  readonly servers: readonly HostAddress[];
  readonly #pending = new Set<() => void>();

  /** What is not a server's address is ignored. */
  constructor(servers: readonly string[]) {
    this.servers = servers.map(parseServer).filter((server) => server !== undefined);
  }

  /** `answered` is called later, with undefined when there was no answer. */
  forward(query: Uint8Array, answered: (answer: Uint8Array | undefined) => void): void {
    this.#try(query, 0, answered);
  }

  /** No answers come any more. */
  close(): void {
    for (const stop of this.#pending) stop();
  }

  #try(query: Uint8Array, tries: number, answered: (answer?: Uint8Array) => void): void {
    if (tries >= TRIES || this.servers.length === 0) {
      setImmediate(answered);
      return;
    }
    const { address, port } = this.servers[tries % this.servers.length];
    // A socket of its own for each query: its port is as hard to guess as its number.
    const socket = dgram.createSocket(net.isIPv6(address) ? 'udp6' : 'udp4');
    const stop = (): void => {
      if (!this.#pending.delete(stop)) return;
      clearTimeout(timer);
      socket.close();
    };
    const next = (): void => {
      if (!this.#pending.has(stop)) return;
      stop();
      this.#try(query, tries + 1, answered);
    };
    const timer = setTimeout(next, PATIENCE);
    this.#pending.add(stop);
    socket.on('error', next);
    socket.on('message', (message) => {
      if (!isAnswer(message, query)) return;
      stop();
      answered(message);
    });
    // Connected, the socket takes messages of the server only, and learns that nobody is there.
    socket.connect(port, address, (error?: Error) => {
      if (error) next();
      else if (this.#pending.has(stop)) socket.send(query, (failure) => failure && next());
    });
  }
}

function isAnswer(message: Uint8Array, query: Uint8Array): boolean {
  return (
    message.length >= LEAST_MESSAGE &&
    message[0] === query[0] &&
    message[1] === query[1] &&
    (message[2] & ANSWER_FLAG) !== 0
  );
}

/** Node writes `192.0.2.1`, `2001:db8::1`, and with other ports `192.0.2.1:5353`, `[...]:5353`. */
function parseServer(text: string): HostAddress | undefined {
  if (net.isIP(text)) return { address: text, port: DNS_PORT };
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  const number = Number(port);
  if (!net.isIP(address ?? '') || !(number > 0 && number < 65_536)) return undefined;
  return { address, port: number };
}

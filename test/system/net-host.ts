import type {
  HostAddress,
  HostDatagrams,
  HostListener,
  HostSockets,
  HostStream,
  HostStreamEvents,
} from '../../src/system/net/host-sockets.ts';

/** A stream of which the test plays the far end. */
export class FakeStream implements HostStream {
  readonly place: string;
  readonly events: HostStreamEvents;
  written: number[] = [];
  /** Bytes that the far end does not take. */
  buffered = 0;
  /** Everything that is written stays in {@link buffered}. */
  stuck = false;
  ended = false;
  paused = false;
  wasReset = false;

  constructor(place: string, events: HostStreamEvents) {
    this.place = place;
    this.events = events;
  }

  write(bytes: Uint8Array): void {
    for (const byte of bytes) this.written.push(byte);
    if (this.stuck) this.buffered += bytes.length;
  }

  end(): void {
    this.ended = true;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  reset(): void {
    this.wasReset = true;
  }
}

export interface FakeDatagrams extends HostDatagrams {
  readonly received: (bytes: Uint8Array, address: string, port: number) => void;
  readonly sent: { readonly bytes: Uint8Array; readonly address: string; readonly port: number }[];
  closed: boolean;
}

/** A host that does what the test says. */
export class FakeHost implements HostSockets {
  nameServer: HostAddress | undefined = { address: '192.0.2.53', port: 5353 };
  readonly streams: FakeStream[] = [];
  readonly datagrams: FakeDatagrams[] = [];
  readonly queries: Uint8Array[] = [];
  readonly names: string[] = [];
  closed = false;
  /** Called for each connection at once. */
  onConnect: (stream: FakeStream) => void = () => {};
  answer: (query: Uint8Array) => Uint8Array | undefined = () => undefined;
  addresses: (name: string) => readonly string[] | undefined = () => undefined;
  #accept: ((open: (events: HostStreamEvents) => HostStream) => boolean) | undefined;

  connect(address: string, port: number, events: HostStreamEvents): HostStream {
    const stream = new FakeStream(`${address}:${port}`, events);
    this.streams.push(stream);
    this.onConnect(stream);
    return stream;
  }

  listen(
    _address: string,
    port: number,
    accept: (open: (events: HostStreamEvents) => HostStream) => boolean,
  ): Promise<HostListener> {
    this.#accept = accept;
    return Promise.resolve({ port, close: () => (this.#accept = undefined) });
  }

  /** Somebody connects to the port that is listened to; undefined when refused. */
  arrive(): FakeStream | undefined {
    let stream: FakeStream | undefined;
    const taken = this.#accept?.((events) => (stream = new FakeStream('incoming', events)));
    if (taken) this.streams.push(stream!);
    return taken ? stream : undefined;
  }

  openDatagrams(
    received: (bytes: Uint8Array, address: string, port: number) => void,
  ): HostDatagrams {
    const datagrams: FakeDatagrams = {
      received,
      sent: [],
      closed: false,
      send: (bytes, address, port) => datagrams.sent.push({ bytes, address, port }),
      close: () => (datagrams.closed = true),
    };
    this.datagrams.push(datagrams);
    return datagrams;
  }

  forwardQuery(query: Uint8Array, answered: (answer: Uint8Array | undefined) => void): void {
    this.queries.push(query);
    queueMicrotask(() => answered(this.answer(query)));
  }

  lookup(name: string, found: (addresses: readonly string[] | undefined) => void): void {
    this.names.push(name);
    queueMicrotask(() => found(this.addresses(name)));
  }

  close(): void {
    this.closed = true;
  }
}

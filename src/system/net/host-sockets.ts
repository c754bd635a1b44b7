/**
 * What the user-mode network needs of the host: sockets, and its resolver. Addresses are text:
 * `192.0.2.1`. Nothing here calls back before the method that was called has returned.
 */
export interface HostSockets {
  /** Where the host sends DNS queries to, for those by TCP; undefined when there is no server. */
  readonly nameServer: HostAddress | undefined;
  /** Connects by TCP. `events` hears of success or failure. */
  connect(address: string, port: number, events: HostStreamEvents): HostStream;
  /**
   * Waits for TCP connections, on any free port when `port` is 0. `accept` calls `open` to take
   * one, or returns false.
   * @throws NetworkError (rejects) when the port cannot be had
   */
  listen(
    address: string,
    port: number,
    accept: (open: (events: HostStreamEvents) => HostStream) => boolean,
  ): Promise<HostListener>;
  /** A UDP socket on any free port; `received` gets every datagram that comes to it. */
  openDatagrams(
    received: (bytes: Uint8Array, address: string, port: number) => void,
  ): HostDatagrams;
  /** Sends a DNS message to the host's name servers; undefined when none answers. */
  forwardQuery(query: Uint8Array, answered: (answer: Uint8Array | undefined) => void): void;
  /**
   * Addresses of both families as the host's own programs find them, by its `hosts` file too. None
   * when the name does not exist; undefined when that cannot be said now.
   */
  lookup(name: string, found: (addresses: readonly string[] | undefined) => void): void;
  /** Closes all that is open; nothing calls back afterwards. */
  close(): void;
}

export interface HostAddress {
  readonly address: string;
  readonly port: number;
}

/** Why a stream ended otherwise than by its ends' own will. */
export type StreamFailure = 'refused' | 'unreachable' | 'timeout' | 'reset';

/** A TCP connection of the host. */
export interface HostStream {
  /** Bytes written that the host has not passed on yet. */
  readonly buffered: number;
  /** The stream keeps `bytes`: they must not change afterwards. */
  write(bytes: Uint8Array): void;
  /** Nothing more will be written; what was written is still sent, and reading goes on. */
  end(): void;
  /** No `data` for now. */
  pause(): void;
  resume(): void;
  /** Ends both directions at once with a reset. No event follows. */
  reset(): void;
}

export interface HostStreamEvents {
  connected(): void;
  data(bytes: Uint8Array): void;
  /** The peer sends nothing more. */
  ended(): void;
  /** {@link HostStream.buffered} is 0 again after it was more than 64 KiB. */
  drained(): void;
  /** The last event: both directions have ended, or the stream failed. */
  closed(failure: StreamFailure | undefined): void;
}

export interface HostListener {
  readonly port: number;
  close(): void;
}

export interface HostDatagrams {
  /** Failures are silent, as on a network. `bytes` must not change afterwards. */
  send(bytes: Uint8Array, address: string, port: number): void;
  /** Nothing is received afterwards. */
  close(): void;
}

/** A network that cannot be set up as asked, with a sentence for the user. */
export class NetworkError extends Error {}

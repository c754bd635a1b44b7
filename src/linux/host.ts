/**
 * What the kernel side of a process needs from the outside world. Files have an interface of their
 * own (fs/). Implemented in host/.
 */
export interface Host {
  /** Nanoseconds since 1970-01-01 UTC. */
  realtime(): bigint;
  /** Monotonic nanoseconds; exact to the resolution of the host's clock. */
  monotonic(): number;
  random(into: Uint8Array): void;
  /** Standard input, output and error, by descriptor number. */
  stream(fd: 0 | 1 | 2): HostStream;
  /**
   * Resolves once something happened (input, a host signal, {@link wake}) or at the latest
   * `milliseconds` from now; 0 lets pending host events be delivered and returns.
   */
  wait(milliseconds: number): Promise<void>;
  /** Ends a pending {@link wait}. */
  wake(): void;
  /** Signals that arrived from outside since the last call, as Linux numbers. */
  takeSignals(): number[];
  /** Stops js390 itself, as Ctrl-Z does with a program; returns when it is continued. */
  suspend?(): void;
  /** Starts or stops listening for outside signals; they would end js390 otherwise. */
  listenForSignals(listen: boolean): void;
}

/** Modes of a terminal, as struct termios has them: four words of flags, control characters. */
export interface TerminalModes {
  readonly input: number;
  readonly output: number;
  readonly control: number;
  readonly local: number;
  readonly line: number;
  /** VINTR, VQUIT...: 19 bytes. */
  readonly characters: Uint8Array;
}

/** One of the host's standard streams. */
export interface HostStream {
  readonly isTerminal: boolean;
  /** The host's descriptor, for fstat and seeking; undefined where there is none behind it. */
  readonly descriptor?: number;
  /** Path of the terminal or file behind it, where the host knows. */
  readonly name?: string;
  /**
   * Up to `max` bytes that have arrived; empty at end of input; undefined when nothing is there yet,
   * in which case the host is woken as soon as there is. The first call starts reading ahead.
   */
  read(max: number): Uint8Array | undefined;
  /** Whether {@link read} would return something now. The first call starts reading ahead. */
  readable(): boolean;
  /** Writes everything; returns the number of bytes or `-errno`. */
  write(bytes: Uint8Array): number;
  /** Terminal size in characters, for terminals. */
  size(): { readonly rows: number; readonly columns: number } | undefined;
  /** Terminals only: raw means bytes arrive unedited, without echo, and Ctrl-C is a byte. */
  setRaw(raw: boolean): void;
  /** Terminals whose modes can be had and set exactly; undefined or false where that fails. */
  modes?(): TerminalModes | undefined;
  setModes?(modes: TerminalModes): boolean;
}

/**
 * What devices need of the machine, and what the machine needs of the outside world. Devices are
 * called between instructions only, so nothing here runs at once with the guest.
 */

/** A pending I/O interruption (PoP, "I/O Interruption"). One for each subchannel. */
export interface IoInterruption {
  /** Subsystem-identification word: 0x0001_0000 + subchannel number, for subchannel set 0. */
  readonly subsystemId: number;
  /** Interruption parameter: what MODIFY SUBCHANNEL stored. */
  readonly parameter: number;
  /** Interruption subclass, 0-7. */
  readonly isc: number;
  /** An adapter interruption: no subchannel; then only `isc` counts. */
  readonly adapter?: boolean;
}

/** Floating interruptions: any CPU that is enabled takes them. */
export interface InterruptionSink {
  /** Makes an I/O interruption pending; a second for the same subchannel replaces the first. */
  raiseIo(interruption: IoInterruption): void;
  /** Withdraws the one of a subchannel; false when there is none (any longer). */
  clearIo(subsystemId: number): boolean;
  /** TEST PENDING INTERRUPTION: takes the most urgent whose ISC's bit (0x80 >> isc) is in `mask`. */
  takeIo(mask: number): IoInterruption | undefined;
  /** Service signal (external 0x2401): parameters that are pending at once are ORed. */
  raiseService(parameter: number): void;
  /** Channel report pending: a machine-check condition. */
  raiseChannelReport(): void;
}

/** State as it goes into a snapshot: plain data. */
export type Saved =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Saved[]
  | { readonly [name: string]: Saved };

/** A part of the machine whose state a snapshot keeps. */
export interface Snapshotable {
  /** Unique in the machine and the same in the next run: `sclp`, `css`, `virtio-blk.0`. */
  readonly snapshotId: string;
  save(): Saved;
  /** @throws SnapshotError when what was saved does not fit this machine. */
  load(saved: Saved): void;
}

/** A place for bytes to come from and go to: a terminal, a log, a test. */
export interface ConsoleDevice {
  write(bytes: Uint8Array): void;
  /** Input that arrives from now on goes to `listener`. */
  onInput(listener: (bytes: Uint8Array) => void): void;
}

/** A block device: size in bytes, a multiple of 512. Offsets and lengths are multiples of 512. */
export interface Drive {
  readonly size: number;
  readonly readOnly: boolean;
  /** @throws DriveError the guest sees an I/O error */
  read(offset: number, target: Uint8Array): void;
  write(offset: number, bytes: Uint8Array): void;
  /** What was written is safe when it returns. */
  flush(): void;
  /** For snapshots: what was written over the base (overlay), or null when it is in the file. */
  save(): Saved;
  load(saved: Saved): void;
}

/** An input or output error of the host, with a sentence for the user. */
export class DriveError extends Error {}

/** A snapshot that cannot be used, with a sentence for the user. */
export class SnapshotError extends Error {}

/** A network: Ethernet frames without checksum, at most 1514 bytes. */
export interface Network {
  /** The guest sends a frame. */
  send(frame: Uint8Array): void;
  /** Frames for the guest go to `listener` from now on. */
  onFrame(listener: (frame: Uint8Array) => void): void;
  close(): void;
}

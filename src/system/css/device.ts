import { DEVICE_CHANNEL_END, DEVICE_END, DEVICE_UNIT_CHECK } from './layout.ts';

/** How a command ended, as the device says. */
export interface CommandResult {
  /** Device status: DEVICE_ bits. */
  readonly status: number;
  /** With unit check: the first sense byte. */
  readonly sense?: number;
}

/** The command was carried out. */
export const COMMAND_DONE: CommandResult = { status: DEVICE_CHANNEL_END | DEVICE_END };

/** The command was not begun: unit check, and the first sense byte says why. */
export function refuseCommand(sense: number): CommandResult {
  return { status: DEVICE_UNIT_CHECK, sense };
}

/** The command was begun, then failed. */
export function failCommand(sense: number): CommandResult {
  return { status: DEVICE_CHANNEL_END | DEVICE_END | DEVICE_UNIT_CHECK, sense };
}

/**
 * The data of one command, as the device sees it. Each method may end the command by throwing what
 * the channel found wrong with the channel program; devices let that pass.
 */
export interface CommandData {
  /**
   * Takes the next `length` bytes from the program. Fewer come when the program has fewer; that is
   * an incorrect length.
   */
  receive(length: number): Uint8Array;
  /** As {@link receive}, where fewer are as good. */
  receiveUpTo(length: number): Uint8Array;
  /** Gives bytes to the program. False when it wants fewer; that is an incorrect length. */
  send(bytes: Uint8Array): boolean;
  /** As {@link send}, where the program may want fewer. */
  sendUpTo(bytes: Uint8Array): void;
  /**
   * What lies in the program's data area now, at most `length` bytes, without transferring it:
   * virtio-ccw has commands that read and write the same area.
   */
  peek(length: number): Uint8Array;
}

/** What a device can do to its subchannel. */
export interface SubchannelLink {
  /** Makes the subchannel status pending with alert status, if no status is pending. */
  alert(): void;
}

/** What SENSE ID tells. */
export interface DeviceIdentity {
  readonly controlUnitType: number;
  readonly controlUnitModel: number;
  readonly deviceType: number;
  readonly deviceModel: number;
}

/** A device behind a subchannel. Commands are carried out at once. */
export interface ChannelDevice {
  readonly identity: DeviceIdentity;
  /** Called once. */
  attached(link: SubchannelLink): void;
  /** Carries out a command other than NO-OPERATION, BASIC SENSE, SENSE ID, TRANSFER IN CHANNEL. */
  execute(command: number, data: CommandData): CommandResult;
  /** The guest disabled the subchannel. */
  disabled(): void;
  /** Subsystem reset. */
  reset(): void;
}

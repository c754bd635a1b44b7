import { nextCcw, type Ccw } from './ccw.ts';
import { ChannelData } from './channel-data.ts';
import { ChannelCheck, programCheck, type ChannelStorage } from './channel-storage.ts';
import type { CommandData, CommandResult } from './device.ts';
import {
  CCW_CHAIN_COMMAND,
  CCW_CHAIN_DATA,
  CCW_INTERRUPT,
  CCW_SUPPRESS_LENGTH,
  CCW_SUSPEND,
  CHANNEL_INCORRECT_LENGTH,
  CHANNEL_PROGRAM_CONTROLLED,
  DEVICE_CHANNEL_END,
  DEVICE_END,
  DEVICE_STATUS_MODIFIER,
  ORB_SUSPEND_CONTROL,
} from './layout.ts';
import type { Orb } from './orb.ts';

/**
 * CCWs that one start function carries out at most. Here it is over before the guest goes on, so a
 * program that loops by transfer in channel would never end; it gets a program check.
 */
const MOST_CCWS = 0x1_0000;

/** How a channel program ended, or where it stopped. */
export interface ProgramEnd {
  /** Suspended at this CCW; otherwise it is over. */
  readonly suspendedAt?: number;
  /** Behind the last CCW: for the SCSW. */
  readonly programAddress: number;
  readonly deviceStatus: number;
  readonly channelStatus: number;
  /** Residual count of the last CCW. */
  readonly count: number;
  /** A command was begun that was not over at once: the zero condition code of the SCSW. */
  readonly begun: boolean;
}

/** What executes the commands: the device, or the subchannel for those that all devices have. */
export type Execute = (command: number, data: CommandData) => CommandResult;

/**
 * Carries out a channel program (PoP, "Execution of I/O Operations") from the CCW at `from`.
 * `resumed`: that CCW was fetched before, and suspended the program.
 */
export function runChannelProgram(
  storage: ChannelStorage,
  orb: Orb,
  from: number,
  resumed: boolean,
  execute: Execute,
): ProgramEnd {
  let at = from;
  let channelStatus = 0;
  let begun = false;
  let data: ChannelData | undefined;

  const end = (ccw: Ccw, deviceStatus: number, suspended = false): ProgramEnd => ({
    suspendedAt: suspended ? ccw.at : undefined,
    programAddress: (ccw.at + 8) & 0x7fff_ffff,
    deviceStatus,
    channelStatus,
    count: data?.ccw === ccw ? data.left : ccw.count,
    begun,
  });

  try {
    for (let carriedOut = 0; ; carriedOut++) {
      data = undefined;
      const first = carriedOut === 0 && !resumed;
      const ccw = nextCcw(storage, orb, at, { first });
      if (carriedOut === MOST_CCWS) programCheck();
      if (ccw.flags & CCW_SUSPEND) {
        if (!(orb.flags & ORB_SUSPEND_CONTROL)) programCheck();
        if (ccw.flags & CCW_INTERRUPT) channelStatus |= CHANNEL_PROGRAM_CONTROLLED;
        return end(ccw, 0, true);
      }
      data = new ChannelData(storage, orb, ccw);
      const { status } = execute(ccw.command, data);
      if (data.interruptionWanted) channelStatus |= CHANNEL_PROGRAM_CONTROLLED;
      if (first && data.used) begun = true;
      if (status & DEVICE_CHANNEL_END && hasIncorrectLength(orb, data)) {
        channelStatus |= CHANNEL_INCORRECT_LENGTH;
      }
      const last = data.ccw;
      const ended = (status & ~DEVICE_STATUS_MODIFIER) === (DEVICE_CHANNEL_END | DEVICE_END);
      const chained = (last.flags & (CCW_CHAIN_DATA | CCW_CHAIN_COMMAND)) === CCW_CHAIN_COMMAND;
      if (!chained || !ended || channelStatus & ~CHANNEL_PROGRAM_CONTROLLED) {
        return end(last, status);
      }
      at = last.at + (status & DEVICE_STATUS_MODIFIER ? 16 : 8);
    }
  } catch (error) {
    if (!(error instanceof ChannelCheck)) throw error;
    channelStatus |= error.status;
    if (data?.interruptionWanted) channelStatus |= CHANNEL_PROGRAM_CONTROLLED;
    // A command that was being carried out is ended by the device when the channel wants no more.
    const status = data ? DEVICE_CHANNEL_END | DEVICE_END : 0;
    const place = error.ccwAddress ?? data?.ccw.at ?? at;
    return {
      programAddress: (place + 8) & 0x7fff_ffff,
      deviceStatus: status,
      channelStatus,
      count: data?.left ?? 0,
      begun,
    };
  }
}

/** PoP, "Incorrect Length" and "CCW flags and their effects". */
function hasIncorrectLength(orb: Orb, data: ChannelData): boolean {
  const { ccw, left } = data;
  const chaining = (ccw.flags & CCW_CHAIN_DATA) !== 0;
  const suppressed = (ccw.flags & CCW_SUPPRESS_LENGTH) !== 0 && !chaining;
  if (suppressed) return false;
  if (data.used) return left > 0 || data.exceeded || chaining;
  // Immediate operations: checked in format 1 only, if the ORB does not suppress it.
  return orb.format1 && !orb.lengthSuppressed && ccw.count > 0;
}

/** Whether the status tells of more than a normal end: alert status. */
export function isUnusual({ deviceStatus, channelStatus }: ProgramEnd): boolean {
  return (
    (deviceStatus & ~(DEVICE_CHANNEL_END | DEVICE_END)) !== 0 ||
    (channelStatus & ~CHANNEL_PROGRAM_CONTROLLED) !== 0
  );
}

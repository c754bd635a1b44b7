import { ChannelCheck, programCheck, type ChannelStorage } from './channel-storage.ts';
import { CCW_CHAIN_DATA, CCW_MODIFIED_INDIRECT, COMMAND_TRANSFER } from './layout.ts';
import type { Orb } from './orb.ts';

/** A channel-command word (PoP, "Channel-Command Word"). */
export interface Ccw {
  readonly at: number;
  readonly command: number;
  readonly flags: number;
  readonly count: number;
  readonly address: number;
}

/** Highest address of a CCW or its data, by format. */
function addressLimit(orb: Orb): number {
  return orb.format1 ? 0x7fff_ffff : 0xff_ffff;
}

/**
 * Fetches the CCW at `at`; it may be a transfer in channel.
 * @throws ChannelCheck for a wrong CCW address, and for a CCW that no format allows
 */
function fetchCcw(storage: ChannelStorage, orb: Orb, at: number): Ccw {
  if (at % 8 !== 0 || at > addressLimit(orb)) programCheck();
  const first = storage.word(at);
  const second = storage.word(at + 4);
  const ccw = orb.format1
    ? {
        at,
        command: first >>> 24,
        flags: (first >>> 16) & 0xff,
        count: first & 0xffff,
        address: second,
      }
    : {
        at,
        command: first >>> 24,
        flags: second >>> 24,
        count: second & 0xffff,
        address: first & 0xff_ffff,
      };
  if (ccw.address > addressLimit(orb)) programCheck();
  if (isTransfer(orb, ccw)) {
    // PoP, "Transfer in Channel": the rest of a format-1 CCW must be zero, of format 0 is ignored.
    if (orb.format1 && (ccw.flags || ccw.count)) programCheck();
  } else if (ccw.flags & CCW_MODIFIED_INDIRECT) {
    programCheck();
  }
  return ccw;
}

function isTransfer(orb: Orb, ccw: Ccw): boolean {
  return orb.format1 ? ccw.command === COMMAND_TRANSFER : (ccw.command & 0xf) === COMMAND_TRANSFER;
}

/**
 * The CCW that is to be carried out at `at`, through at most one transfer in channel.
 * @throws ChannelCheck with the address of the wrong CCW
 */
export function nextCcw(
  storage: ChannelStorage,
  orb: Orb,
  at: number,
  { first = false, dataChained = false } = {},
): Ccw {
  let place = at;
  try {
    let ccw = fetchCcw(storage, orb, place);
    if (isTransfer(orb, ccw)) {
      // Neither may the ORB designate one, nor may one lead to another.
      if (first) programCheck();
      place = ccw.address;
      ccw = fetchCcw(storage, orb, place);
      if (isTransfer(orb, ccw)) programCheck();
    }
    // The command code counts in the first CCW of a data chain only.
    const invalid = (ccw.command & 0xf) === 0 || (ccw.command & 0xf) === COMMAND_TRANSFER;
    if (!dataChained && invalid) programCheck();
    // PoP, "Count": zero only in format 1, and only where no data is chained to or from.
    const mayBeEmpty = orb.format1 && !dataChained && !(ccw.flags & CCW_CHAIN_DATA);
    if (ccw.count === 0 && !mayBeEmpty) programCheck();
    return ccw;
  } catch (error) {
    if (error instanceof ChannelCheck) error.ccwAddress = place;
    throw error;
  }
}

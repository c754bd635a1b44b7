import type { AbsoluteStorage } from '../../memory/absolute-storage.ts';
import type { Saved } from '../services.ts';
import { isUnusual, runChannelProgram, type ProgramEnd } from './channel-program.ts';
import { ChannelStorage } from './channel-storage.ts';
import {
  COMMAND_DONE,
  type ChannelDevice,
  type CommandData,
  type CommandResult,
} from './device.ts';
import * as css from './layout.ts';
import { readOrb, type Orb } from './orb.ts';
import { SavedRecord } from './saved-record.ts';

/** The only path of a subchannel: the first of eight. */
const ONLY_PATH = 0x80;

/**
 * One subchannel and the device behind it: path-management control word, status, and what the start,
 * halt, clear and resume functions do to them. Which instruction may do what is decided by
 * `ChannelSubsystem`.
 */
export class Subchannel {
  readonly number: number;
  readonly deviceNumber: number;
  readonly device: ChannelDevice;
  readonly #storage: AbsoluteStorage;

  // PMCW.
  parameter = 0;
  /** The halfword at byte 4, without PMCW_DEVICE_NUMBER_VALID, which is always one. */
  #flags = 0;
  #logicalPaths = ONLY_PATH;
  #lastPath = 0;
  #operationalPaths = 0xff;
  #measurementIndex = 0;
  #characteristics = 0;
  #measurementAddress = 0n;

  // SCSW.
  #statusFlags = 0;
  /** Function, activity and status control: the halfword at byte 2. */
  control = 0;
  #programAddress = 0;
  #deviceStatus = 0;
  #channelStatus = 0;
  #count = 0;

  readonly #sense = new Uint8Array(css.SENSE_SIZE);
  /** While a channel program is suspended: its ORB, and the CCW at which it goes on. */
  #orb: Uint8Array | undefined;
  #suspendedAt = 0;

  constructor(
    number: number,
    deviceNumber: number,
    device: ChannelDevice,
    storage: AbsoluteStorage,
  ) {
    this.number = number;
    this.deviceNumber = deviceNumber;
    this.device = device;
    this.#storage = storage;
  }

  get enabled(): boolean {
    return (this.#flags & css.PMCW_ENABLED) !== 0;
  }

  /** Interruption subclass. */
  get isc(): number {
    return (this.#flags & css.PMCW_ISC) >>> css.PMCW_ISC_SHIFT;
  }

  get statusPending(): boolean {
    return (this.control & css.STATUS_PENDING) !== 0;
  }

  /** Which functions are in progress: FUNCTION_ bits. */
  get functions(): number {
    return this.control & css.FUNCTION_CONTROL;
  }

  get suspended(): boolean {
    return (this.control & css.ACTIVITY_SUSPENDED) !== 0;
  }

  /** PoP, "Subchannel-Information Block". */
  schib(): Uint8Array {
    const bytes = new Uint8Array(css.SCHIB_SIZE);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, this.parameter);
    view.setUint16(4, this.#flags | css.PMCW_DEVICE_NUMBER_VALID);
    view.setUint16(6, this.deviceNumber);
    view.setUint8(8, this.#logicalPaths);
    view.setUint8(10, this.#lastPath);
    view.setUint8(11, ONLY_PATH);
    view.setUint16(12, this.#measurementIndex);
    view.setUint8(14, this.#operationalPaths);
    view.setUint8(15, ONLY_PATH);
    // Words 4 and 5: the channel paths' identifiers, 0 for the only one.
    view.setUint32(24, this.#characteristics);
    this.#storeStatus(view, 28, this.#statusFlags);
    view.setBigUint64(40, this.#measurementAddress);
    return bytes;
  }

  /** Takes over what MODIFY SUBCHANNEL may change. */
  modify(schib: Uint8Array): void {
    const view = new DataView(schib.buffer, schib.byteOffset, schib.byteLength);
    const wasEnabled = this.enabled;
    this.parameter = view.getUint32(0);
    this.#flags =
      view.getUint16(4) &
      (css.PMCW_ISC |
        css.PMCW_ENABLED |
        css.PMCW_LIMIT_MODE |
        css.PMCW_MEASUREMENT_MODE |
        css.PMCW_MULTIPATH);
    this.#logicalPaths = view.getUint8(8);
    this.#measurementIndex = view.getUint16(12);
    this.#operationalPaths = view.getUint8(14);
    this.#characteristics =
      view.getUint32(24) & (css.PMCW_MEASUREMENT_FORMAT | css.PMCW_CONCURRENT_SENSE);
    this.#measurementAddress = view.getBigUint64(40);
    if (wasEnabled && !this.enabled) this.device.disabled();
  }

  /** The start function: carries out the channel program at once. `block`: the ORB. */
  start(orb: Orb, block: Uint8Array): void {
    this.parameter = orb.parameter;
    this.#statusFlags = orb.flags & css.ORB_IN_SCSW;
    this.control = css.FUNCTION_START;
    this.#programAddress = orb.programAddress;
    this.#deviceStatus = 0;
    this.#channelStatus = 0;
    this.#count = 0;
    if (!(orb.pathMask & this.#logicalPaths & ONLY_PATH)) {
      // PoP, "Deferred Condition Code": 3, there is no path to the device.
      this.#statusFlags |= css.SCSW_DEFERRED_CC | css.SCSW_PATH_NOT_OPERATIONAL;
      this.control |= css.STATUS_ALERT | css.STATUS_PENDING;
      return;
    }
    this.#lastPath = ONLY_PATH;
    this.#orb = block.slice(0, css.ORB_SIZE);
    this.#run(orb, orb.programAddress, false);
  }

  /** The resume function, of a suspended channel program. */
  resume(): void {
    if (!this.#orb) return;
    this.control &= ~css.ACTIVITY_SUSPENDED;
    this.#run(readOrb(this.#orb), this.#suspendedAt, true);
  }

  /** The halt function. No command is ever in progress: there is only a suspended one to end. */
  halt(): void {
    this.control |= css.FUNCTION_HALT | css.STATUS_PENDING;
    if (!(this.control & css.FUNCTION_START)) this.#clearStatus();
    this.#orb = undefined;
  }

  /** The clear function (PoP, "Clear Function"): what is left of the SCSW says that it was done. */
  clear(): void {
    this.#clearStatus();
    this.#statusFlags = 0;
    this.control = css.FUNCTION_CLEAR | css.STATUS_PENDING;
    this.#lastPath = 0;
    this.#operationalPaths = 0xff;
    this.#orb = undefined;
  }

  /** CANCEL SUBCHANNEL, of a suspended channel program. */
  cancel(): void {
    this.control = 0;
    this.#clearStatus();
    this.#orb = undefined;
  }

  /** Alert status that no function asked for; false if there is no way to present it now. */
  alert(): boolean {
    if (!this.enabled || this.statusPending) return false;
    if (!this.functions) {
      this.#clearStatus();
      this.#statusFlags = 0;
    }
    this.control |= css.STATUS_ALERT | css.STATUS_PENDING;
    return true;
  }

  /** The IRB for TEST SUBCHANNEL, which takes pending status away. */
  takeStatus(): Uint8Array {
    const bytes = new Uint8Array(css.IRB_SIZE);
    const view = new DataView(bytes.buffer);
    let flags = this.#statusFlags;
    if (this.statusPending) {
      // Extended status, format 1: the path that was used.
      view.setUint8(13, this.#lastPath);
      if (this.#concurrentSense && this.#deviceStatus & css.DEVICE_UNIT_CHECK) {
        flags |= css.SCSW_EXTENDED_CONTROL;
        view.setUint32(16, css.ERW_CONCURRENT_SENSE | (css.SENSE_SIZE << 16));
        bytes.set(this.#sense, 32);
      }
    }
    this.#storeStatus(view, 0, flags);
    if (this.statusPending) this.#takenAway();
    return bytes;
  }

  reset(): void {
    this.parameter = 0;
    this.#flags = 0;
    this.#logicalPaths = ONLY_PATH;
    this.#lastPath = 0;
    this.#operationalPaths = 0xff;
    this.#measurementIndex = 0;
    this.#characteristics = 0;
    this.#measurementAddress = 0n;
    this.#statusFlags = 0;
    this.control = 0;
    this.#clearStatus();
    this.#sense.fill(0);
    this.#orb = undefined;
    this.device.reset();
  }

  save(): Saved {
    return {
      deviceNumber: this.deviceNumber,
      controlUnit: `${this.device.identity.controlUnitType}/${this.device.identity.controlUnitModel}`,
      parameter: this.parameter,
      flags: this.#flags,
      logicalPaths: this.#logicalPaths,
      lastPath: this.#lastPath,
      operationalPaths: this.#operationalPaths,
      measurementIndex: this.#measurementIndex,
      characteristics: this.#characteristics,
      measurementAddress: this.#measurementAddress,
      statusFlags: this.#statusFlags,
      control: this.control,
      programAddress: this.#programAddress,
      deviceStatus: this.#deviceStatus,
      channelStatus: this.#channelStatus,
      count: this.#count,
      sense: this.#sense.slice(),
      orb: this.#orb ?? null,
      suspendedAt: this.#suspendedAt,
    };
  }

  /** Whether `saved` is the state of a subchannel with such a device. */
  fits(saved: Saved): boolean {
    const record = new SavedRecord(saved, `subchannel ${this.number}`);
    const { controlUnitType, controlUnitModel } = this.device.identity;
    return (
      record.field('deviceNumber') === this.deviceNumber &&
      record.field('controlUnit') === `${controlUnitType}/${controlUnitModel}`
    );
  }

  load(saved: Saved): void {
    const record = new SavedRecord(saved, `subchannel ${this.number}`);
    this.parameter = record.number('parameter');
    this.#flags = record.number('flags');
    this.#logicalPaths = record.number('logicalPaths');
    this.#lastPath = record.number('lastPath');
    this.#operationalPaths = record.number('operationalPaths');
    this.#measurementIndex = record.number('measurementIndex');
    this.#characteristics = record.number('characteristics');
    this.#measurementAddress = record.bigint('measurementAddress');
    this.#statusFlags = record.number('statusFlags');
    this.control = record.number('control');
    this.#programAddress = record.number('programAddress');
    this.#deviceStatus = record.number('deviceStatus');
    this.#channelStatus = record.number('channelStatus');
    this.#count = record.number('count');
    this.#sense.set(record.bytes('sense').subarray(0, css.SENSE_SIZE));
    this.#orb = record.field('orb') === null ? undefined : record.bytes('orb').slice();
    this.#suspendedAt = record.number('suspendedAt');
  }

  get #concurrentSense(): boolean {
    return (this.#characteristics & css.PMCW_CONCURRENT_SENSE) !== 0;
  }

  #run(orb: Orb, from: number, resumed: boolean): void {
    const storage = new ChannelStorage(this.#storage, orb.key);
    const end = runChannelProgram(storage, orb, from, resumed, this.#execute);
    this.#programAddress = end.programAddress;
    this.#deviceStatus = end.deviceStatus;
    this.#channelStatus |= end.channelStatus;
    this.#count = end.count;
    let status = 0;
    if (end.begun && orb.flags & css.ORB_INITIAL_STATUS) {
      this.#statusFlags |= css.SCSW_ZERO_CC;
      status |= css.STATUS_INTERMEDIATE;
    }
    if (this.#channelStatus & css.CHANNEL_PROGRAM_CONTROLLED) status |= css.STATUS_INTERMEDIATE;
    if (end.suspendedAt !== undefined) {
      this.#suspendedAt = end.suspendedAt;
      this.control |= css.ACTIVITY_SUSPENDED;
      if (!(orb.flags & css.ORB_SUPPRESS_SUSPENDED)) status |= css.STATUS_INTERMEDIATE;
    } else {
      status |= css.STATUS_PRIMARY | css.STATUS_SECONDARY | this.#alertStatus(end);
      this.#orb = undefined;
    }
    if (status) this.control |= status | css.STATUS_PENDING;
  }

  #alertStatus(end: ProgramEnd): number {
    return isUnusual(end) ? css.STATUS_ALERT : 0;
  }

  readonly #execute = (command: number, data: CommandData): CommandResult => {
    if (command === css.COMMAND_SENSE) {
      data.send(this.#sense);
      this.#sense.fill(0);
      return COMMAND_DONE;
    }
    if (command === css.COMMAND_NO_OPERATION) return COMMAND_DONE;
    // Sense data that no BASIC SENSE took is lost with the next command.
    this.#sense.fill(0);
    if (command === css.COMMAND_SENSE_ID) {
      data.send(this.#senseId());
      return COMMAND_DONE;
    }
    const result = this.device.execute(command, data);
    if (result.sense !== undefined) this.#sense[0] = result.sense;
    return result;
  };

  #senseId(): Uint8Array {
    const { controlUnitType, controlUnitModel, deviceType, deviceModel } = this.device.identity;
    return Uint8Array.of(
      ...[0xff, controlUnitType >>> 8, controlUnitType & 0xff, controlUnitModel],
      ...[deviceType >>> 8, deviceType & 0xff, deviceModel],
    );
  }

  #storeStatus(view: DataView, at: number, flags: number): void {
    view.setUint16(at, flags);
    view.setUint16(at + 2, this.control);
    view.setUint32(at + 4, this.#programAddress);
    view.setUint8(at + 8, this.#deviceStatus);
    view.setUint8(at + 9, this.#channelStatus);
    view.setUint16(at + 10, this.#count);
  }

  #clearStatus(): void {
    this.#programAddress = 0;
    this.#deviceStatus = 0;
    this.#channelStatus = 0;
    this.#count = 0;
  }

  /** What TEST SUBCHANNEL clears (PoP, "TEST SUBCHANNEL"). */
  #takenAway(): void {
    const intermediate =
      (this.control & css.STATUS_CONTROL) === (css.STATUS_INTERMEDIATE | css.STATUS_PENDING);
    const goesOn = intermediate && !(this.control & css.FUNCTION_HALT);
    // Intermediate status alone: the suspended program is still there.
    this.control &= goesOn ? ~(css.STATUS_CONTROL | css.ACTIVITY_RESUME_PENDING) : 0;
    this.#statusFlags &= ~(css.SCSW_PATH_NOT_OPERATIONAL | css.SCSW_ZERO_CC);
    if (this.#concurrentSense && this.#deviceStatus & css.DEVICE_UNIT_CHECK) this.#sense.fill(0);
    if (goesOn) this.#channelStatus = 0;
  }
}

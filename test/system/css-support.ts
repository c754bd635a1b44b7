import { AbsoluteStorage } from '../../src/memory/absolute-storage.ts';
import { ChannelSubsystem } from '../../src/system/css/channel-subsystem.ts';
import type {
  ChannelDevice,
  CommandData,
  CommandResult,
  SubchannelLink,
} from '../../src/system/css/device.ts';
import type { InterruptionSink, IoInterruption } from '../../src/system/services.ts';

/** Keeps interruptions as the machine would, and counts what came. */
export class TestSink implements InterruptionSink {
  readonly pending = new Map<number, IoInterruption>();
  readonly adapters: IoInterruption[] = [];
  raised = 0;
  reports = 0;

  raiseIo(interruption: IoInterruption): void {
    this.raised++;
    if (interruption.adapter) this.adapters.push(interruption);
    else this.pending.set(interruption.subsystemId, interruption);
  }

  clearIo(subsystemId: number): boolean {
    return this.pending.delete(subsystemId);
  }

  takeIo(): IoInterruption | undefined {
    return undefined;
  }

  raiseService(): void {}

  raiseChannelReport(): void {
    this.reports++;
  }
}

/** A device whose commands are given as functions. */
export class TestDevice implements ChannelDevice {
  readonly identity = {
    controlUnitType: 0x3990,
    controlUnitModel: 0xe9,
    deviceType: 0x3390,
    deviceModel: 0x0a,
  };
  readonly commands = new Map<number, (data: CommandData) => CommandResult>();
  readonly executed: number[] = [];
  link: SubchannelLink | undefined;
  disabledTimes = 0;
  resets = 0;

  attached(link: SubchannelLink): void {
    this.link = link;
  }

  execute(command: number, data: CommandData): CommandResult {
    this.executed.push(command);
    const run = this.commands.get(command);
    return run ? run(data) : { status: 0x02, sense: 0x80 };
  }

  disabled(): void {
    this.disabledTimes++;
  }

  reset(): void {
    this.resets++;
  }
}

/** Of the flags halfword of an ORB: format-1 CCWs. */
export const FORMAT_1 = 0x0080;

/** The subchannel-identification word of a subchannel. */
export function sidOf(number: number): number {
  return 0x0001_0000 | number;
}

export function makeOrb(
  program: number,
  { parameter = 0xcafe_f00d, flags = FORMAT_1, last = 0, paths = 0xff } = {},
): Uint8Array {
  const orb = new Uint8Array(12);
  const view = new DataView(orb.buffer);
  view.setUint32(0, parameter);
  view.setUint16(4, flags);
  view.setUint8(6, paths);
  view.setUint8(7, last);
  view.setUint32(8, program);
  return orb;
}

/** A status word and what belongs to it, out of an IRB. */
export interface Status {
  readonly flags: number;
  readonly control: number;
  readonly address: number;
  readonly device: number;
  readonly channel: number;
  readonly count: number;
  readonly irb: Uint8Array;
}

export function statusOf(irb: Uint8Array): Status {
  const view = new DataView(irb.buffer, irb.byteOffset);
  return {
    flags: view.getUint16(0),
    control: view.getUint16(2),
    address: view.getUint32(4),
    device: view.getUint8(8),
    channel: view.getUint8(9),
    count: view.getUint16(10),
    irb,
  };
}

/** Storage of 1 MiB, a channel subsystem, and ways to drive it as a program would. */
export class Bench {
  readonly storage = new AbsoluteStorage(0x10_0000);
  readonly sink = new TestSink();
  readonly css = new ChannelSubsystem(this.storage, this.sink);

  /** Writes format-1 CCWs; each is command, flags, count, address. */
  ccws(at: number, ...ccws: (readonly [number, number, number, number])[]): void {
    ccws.forEach(([command, flags, count, address], i) => {
      this.storage.write32(at + 8 * i, ((command << 24) | (flags << 16) | count) >>> 0);
      this.storage.write32(at + 8 * i + 4, address);
    });
  }

  /** The same in format 0. */
  ccws0(at: number, ...ccws: (readonly [number, number, number, number])[]): void {
    ccws.forEach(([command, flags, count, address], i) => {
      this.storage.write32(at + 8 * i, ((command << 24) | address) >>> 0);
      this.storage.write32(at + 8 * i + 4, ((flags << 24) | count) >>> 0);
    });
  }

  /** MODIFY SUBCHANNEL: enables the subchannel, with an ISC; concurrent sense if wanted. */
  enable(number: number, { isc = 3, sense = false, enabled = true } = {}): number {
    const schib = this.css.storeSubchannel(sidOf(number)).schib!;
    const view = new DataView(schib.buffer);
    view.setUint16(4, (isc << 11) | (enabled ? 0x80 : 0) | 1);
    view.setUint32(24, sense ? 1 : 0);
    return this.css.modifySubchannel(sidOf(number), schib);
  }

  start(number: number, program: number, options: Parameters<typeof makeOrb>[1] = {}): number {
    return this.css.startSubchannel(sidOf(number), makeOrb(program, options));
  }

  test(number: number): Status {
    const { irb } = this.css.testSubchannel(sidOf(number));
    return statusOf(irb!);
  }

  /** Starts a channel program that ends, and takes the status. */
  run(number: number, program: number, options: Parameters<typeof makeOrb>[1] = {}): Status {
    const cc = this.start(number, program, options);
    if (cc !== 0) throw new Error(`START SUBCHANNEL set condition code ${cc}`);
    return this.test(number);
  }

  bytes(at: number, length: number): number[] {
    return [...this.storage.slice(at, length)];
  }
}

import { assert } from '../../base/assert.ts';
import { PIC_OPERAND, ProgramInterruption } from '../../cpu/interruption.ts';
import type { AbsoluteStorage } from '../../memory/absolute-storage.ts';
import {
  SnapshotError,
  type InterruptionSink,
  type Saved,
  type Snapshotable,
} from '../services.ts';
import {
  ChannelReports,
  CRW_INITIALIZED,
  CRW_SOLICITED,
  CRW_SOURCE_CHANNEL_PATH,
} from './channel-reports.ts';
import { executeChsc, type ChscTarget } from './chsc.ts';
import type { ChannelDevice } from './device.ts';
import * as css from './layout.ts';
import { readOrb } from './orb.ts';
import { SavedRecord } from './saved-record.ts';
import { Subchannel } from './subchannel.ts';

/**
 * The image that all devices are in, as with QEMU. A program that never asks for more than one
 * image sees it as image 0.
 */
const IMAGE = 0xfe;

/** Subsystem-identification word, in general register 1. */
const SID_IMAGE_SHIFT = 24;
const SID_RESERVED = 0x00f0_0000;
const SID_IMAGE_GIVEN = 0x0008_0000;
const SID_SET = 0x0006_0000;
const SID_ONE = 0x0001_0000;

/**
 * The channel subsystem: its subchannels and what the I/O instructions do (PoP, "I/O
 * Instructions"). Operands are given as bytes, `sid` is general register 1. The results are
 * condition codes; operand exceptions are thrown as `ProgramInterruption`. Access and
 * specification exceptions on operands are up to the caller, before it calls.
 */
export class ChannelSubsystem implements Snapshotable {
  readonly snapshotId = 'css';
  readonly #storage: AbsoluteStorage;
  readonly #sink: InterruptionSink;
  readonly #subchannels: Subchannel[] = [];
  readonly #reports: ChannelReports;
  /** The program enabled more than one image: subchannel identifications tell theirs. */
  #images = false;
  readonly #chsc: ChscTarget = {
    image: IMAGE,
    enableImages: () => {
      this.#images = true;
    },
  };

  constructor(storage: AbsoluteStorage, sink: InterruptionSink) {
    this.#storage = storage;
    this.#sink = sink;
    this.#reports = new ChannelReports(sink);
  }

  /** Adds a device behind the next subchannel; without a device number, the next free one. */
  attach(device: ChannelDevice, options: { deviceNumber?: number } = {}): Subchannel {
    const deviceNumber = options.deviceNumber ?? this.#freeDeviceNumber();
    assert(
      deviceNumber <= 0xffff && !this.#hasDeviceNumber(deviceNumber),
      `device number ${deviceNumber.toString(16)} is in use`,
    );
    const subchannel = new Subchannel(
      this.#subchannels.length,
      deviceNumber,
      device,
      this.#storage,
    );
    this.#subchannels.push(subchannel);
    device.attached({
      alert: () => {
        if (subchannel.alert()) this.#raise(subchannel);
      },
    });
    return subchannel;
  }

  /**
   * The subchannel that `sid` designates, if there is one.
   * @throws ProgramInterruption operand
   */
  find(sid: number): Subchannel | undefined {
    const image = sid >>> SID_IMAGE_SHIFT;
    const given = (sid & SID_IMAGE_GIVEN) !== 0;
    if (!(sid & SID_ONE) || sid & SID_RESERVED || (!given && image !== 0)) {
      throw new ProgramInterruption(PIC_OPERAND);
    }
    if ((given && image !== IMAGE) || sid & SID_SET) return undefined;
    return this.#subchannels[sid & 0xffff];
  }

  /** START SUBCHANNEL; `orb`: at least 12 bytes. */
  startSubchannel(sid: number, orb: Uint8Array): number {
    const request = readOrb(orb);
    const subchannel = this.find(sid);
    if (!subchannel?.enabled) return 3;
    if (subchannel.statusPending) return 1;
    if (subchannel.functions) return 2;
    subchannel.start(request, orb);
    this.#raise(subchannel);
    return 0;
  }

  /** MODIFY SUBCHANNEL; `schib`: 52 bytes. */
  modifySubchannel(sid: number, schib: Uint8Array): number {
    const view = new DataView(schib.buffer, schib.byteOffset, schib.byteLength);
    const flags = view.getUint16(4);
    const characteristics = view.getUint32(24);
    const block = view.getUint32(44);
    if (
      flags & css.PMCW_RESERVED ||
      (flags & css.PMCW_LIMIT_MODE) === css.PMCW_LIMIT_MODE ||
      characteristics & (css.PMCW_CHARACTERISTICS_RESERVED | css.PMCW_EXTENDED_MEASUREMENT) ||
      (characteristics & css.PMCW_MEASUREMENT_FORMAT && block % 64 !== 0)
    ) {
      throw new ProgramInterruption(PIC_OPERAND);
    }
    const subchannel = this.find(sid);
    if (!subchannel) return 3;
    if (subchannel.statusPending) return 1;
    if (subchannel.functions) return 2;
    subchannel.modify(schib);
    return 0;
  }

  /** STORE SUBCHANNEL: with condition code 0, the 52 bytes of the SCHIB. */
  storeSubchannel(sid: number): { cc: number; schib?: Uint8Array } {
    const subchannel = this.find(sid);
    return subchannel ? { cc: 0, schib: subchannel.schib() } : { cc: 3 };
  }

  /** TEST SUBCHANNEL: with condition codes 0 and 1, the 64 bytes of the IRB. Clears the status. */
  testSubchannel(sid: number): { cc: number; irb?: Uint8Array } {
    const subchannel = this.find(sid);
    if (!subchannel?.enabled) return { cc: 3 };
    const cc = subchannel.statusPending ? 0 : 1;
    const irb = subchannel.takeStatus();
    if (cc === 0) this.#sink.clearIo(this.#identification(subchannel));
    return { cc, irb };
  }

  /** HALT SUBCHANNEL. */
  haltSubchannel(sid: number): number {
    const subchannel = this.find(sid);
    if (!subchannel?.enabled) return 3;
    const status = subchannel.control & css.STATUS_CONTROL;
    const intermediate = css.STATUS_PENDING | css.STATUS_INTERMEDIATE;
    if (subchannel.statusPending && status !== intermediate) return 1;
    if (subchannel.functions & (css.FUNCTION_HALT | css.FUNCTION_CLEAR)) return 2;
    subchannel.halt();
    this.#raise(subchannel);
    return 0;
  }

  /** CLEAR SUBCHANNEL. */
  clearSubchannel(sid: number): number {
    const subchannel = this.find(sid);
    if (!subchannel?.enabled) return 3;
    subchannel.clear();
    this.#raise(subchannel);
    return 0;
  }

  /** RESUME SUBCHANNEL. */
  resumeSubchannel(sid: number): number {
    const subchannel = this.find(sid);
    if (!subchannel?.enabled) return 3;
    if (subchannel.statusPending) return 1;
    if (subchannel.functions !== css.FUNCTION_START || !subchannel.suspended) return 2;
    subchannel.resume();
    this.#raise(subchannel);
    return 0;
  }

  /** CANCEL SUBCHANNEL. */
  cancelSubchannel(sid: number): number {
    const subchannel = this.find(sid);
    if (!subchannel?.enabled) return 3;
    if (subchannel.statusPending) return 1;
    if (subchannel.functions !== css.FUNCTION_START || !subchannel.suspended) return 2;
    subchannel.cancel();
    return 0;
  }

  /** STORE CHANNEL REPORT WORD. */
  storeChannelReportWord(): { cc: number; crw: number } {
    return this.#reports.take();
  }

  /** SET CHANNEL MONITOR: nothing is measured. General registers 1 and 2, low words. */
  setChannelMonitor(control: number, origin: number): void {
    const update = (control & 2) !== 0;
    if (control & 0x0fff_fffc || (update && origin % 32 !== 0)) {
      throw new ProgramInterruption(PIC_OPERAND);
    }
  }

  /** RESET CHANNEL PATH: general register 1, low word. */
  resetChannelPath(path: number): number {
    const image = (path >>> 16) & 0xff;
    if (path & 0xff00_ff00 || image !== (this.#images ? IMAGE : 0)) {
      throw new ProgramInterruption(PIC_OPERAND);
    }
    if ((path & 0xff) !== 0 || this.#subchannels.length === 0) return 3;
    this.#reports.report(CRW_SOLICITED | CRW_SOURCE_CHANNEL_PATH | CRW_INITIALIZED);
    return 0;
  }

  /** STORE CHANNEL PATH STATUS: 32 bytes, a bit for each path that is in use; none ever is. */
  storeChannelPathStatus(): Uint8Array {
    return new Uint8Array(32);
  }

  /** SET ADDRESS LIMIT: nothing is limited. General register 1, low word. */
  setAddressLimit(limit: number): void {
    if (limit & 0x8000_ffff) throw new ProgramInterruption(PIC_OPERAND);
  }

  /** CHANNEL SUBSYSTEM CALL: writes the response into the 4096-byte block. */
  channelSubsystemCall(block: Uint8Array): number {
    executeChsc(this.#chsc, block);
    return 0;
  }

  /** Subsystem reset. */
  reset(): void {
    for (const subchannel of this.#subchannels) {
      this.#sink.clearIo(this.#identification(subchannel));
      subchannel.reset();
    }
    this.#reports.reset();
    this.#images = false;
  }

  save(): Saved {
    return {
      subchannels: this.#subchannels.map((subchannel) => subchannel.save()),
      reports: this.#reports.save(),
      images: this.#images,
    };
  }

  load(saved: Saved): void {
    const record = new SavedRecord(saved, 'the channel subsystem');
    const subchannels = record.list('subchannels');
    const same = this.#subchannels;
    if (subchannels.length !== same.length || !same.every((s, i) => s.fits(subchannels[i]))) {
      throw new SnapshotError('the snapshot is of a machine with other channel devices');
    }
    same.forEach((subchannel, i) => subchannel.load(subchannels[i]));
    this.#reports.load(record.record('reports'));
    this.#images = record.boolean('images');
  }

  /** Makes the interruption pending if the subchannel has status. */
  #raise(subchannel: Subchannel): void {
    if (!subchannel.statusPending) return;
    this.#sink.raiseIo({
      subsystemId: this.#identification(subchannel),
      parameter: subchannel.parameter,
      isc: subchannel.isc,
    });
  }

  #identification({ number }: Subchannel): number {
    const image = this.#images ? (IMAGE << SID_IMAGE_SHIFT) | SID_IMAGE_GIVEN : 0;
    return (image | SID_ONE | number) >>> 0;
  }

  #freeDeviceNumber(): number {
    let number = 0;
    while (this.#hasDeviceNumber(number)) number++;
    return number;
  }

  #hasDeviceNumber(number: number): boolean {
    return this.#subchannels.some(({ deviceNumber }) => deviceNumber === number);
  }
}

import { PIC_ADDRESSING, PIC_SPECIFICATION, ProgramInterruption } from '../../cpu/interruption.ts';
import { PREFIX_SIZE } from '../../arch/lowcore.ts';
import type { AbsoluteStorage } from '../../memory/absolute-storage.ts';
import type { ConsoleDevice, InterruptionSink, Saved, Snapshotable } from '../services.ts';
import { readCpuInfo, readScpInfo, type Configuration } from './configuration.ts';
import { EventFacility, type EventSource } from './event-facility.ts';
import { LineConsole } from './line-console.ts';
import { QuiesceSignal } from './quiesce.ts';
import * as sccb from './sccb.ts';
import { Sccb } from './sccb.ts';
import { Vt220Console } from './vt220-console.ts';

/** What {@link Sclp} needs of the machine. */
export interface SclpOptions extends Configuration {
  readonly storage: AbsoluteStorage;
  readonly sink: InterruptionSink;
  /**
   * The consoles that the machine has; input goes to the one whose device it came from. With a
   * VT220 terminal only, Linux writes and reads there whatever `console=` says. With both, Linux
   * may write each message to both; they should then be two devices.
   */
  readonly lineMode?: ConsoleDevice;
  readonly vt220?: ConsoleDevice;
  /** The line-mode console shows what is typed; for terminals that do not. */
  readonly echo?: boolean;
}

/** An SCCB's address: on a doubleword boundary, below 2 GiB. */
const ADDRESS_MASK = 0x7fff_fff8;
/** In the interruption parameter: there is an event that the guest has not read. */
const EVENT_PENDING = 1;
/** A condition code: the command was accepted, and an interruption tells of its end. */
const INITIATED = 0;

/**
 * The service-call logical processor: SERVICE CALL's other side. Commands are carried out at once,
 * and a service-signal interruption says so.
 */
export class Sclp implements Snapshotable {
  readonly snapshotId = 'sclp';
  readonly #storage: AbsoluteStorage;
  readonly #sink: InterruptionSink;
  readonly #configuration: Configuration;
  readonly #quiesce = new QuiesceSignal();
  readonly #consoles: (LineConsole | Vt220Console)[] = [];
  readonly #events: EventFacility;

  constructor(options: SclpOptions) {
    const { storage, sink, lineMode, vt220, echo = false } = options;
    this.#storage = storage;
    this.#sink = sink;
    this.#configuration = options;
    if (lineMode) {
      const announce = (): void => this.#announce(line);
      const line: LineConsole = new LineConsole(lineMode, announce, echo);
      this.#consoles.push(line);
    }
    if (vt220) {
      const announce = (): void => this.#announce(terminal);
      const terminal: Vt220Console = new Vt220Console(vt220, announce);
      this.#consoles.push(terminal);
    }
    this.#events = new EventFacility([...this.#consoles, this.#quiesce]);
  }

  /**
   * SERVICE CALL in supervisor state.
   * @param block absolute address of the SCCB, unsigned
   * @param prefix of the CPU: its prefix area cannot hold an SCCB, nor can absolute 0-8191
   * @returns the condition code
   * @throws ProgramInterruption addressing, specification
   */
  serviceCall(command: number, block: number, prefix = 0): number {
    const storage = this.#storage;
    if (!storage.contains(block & ~7, sccb.SCCB_HEADER) || block < 0) {
      throw new ProgramInterruption(PIC_ADDRESSING);
    }
    const area = block - (block % PREFIX_SIZE);
    if ((block & ~ADDRESS_MASK) !== 0 || area === 0 || area === prefix) {
      throw new ProgramInterruption(PIC_SPECIFICATION);
    }
    const length = storage.read16(block);
    if (length < sccb.SCCB_HEADER) throw new ProgramInterruption(PIC_SPECIFICATION);
    // Extended-length SCCBs, which may go on into the next page, are not offered.
    const fits = (block % sccb.SCCB_SIZE) + length <= sccb.SCCB_SIZE;
    const copy = new Sccb(storage.slice(block, fits ? length : sccb.SCCB_HEADER).slice());
    this.#carryOut(command, copy, fits);
    storage.write(block, copy.response);
    this.#interrupt(block);
    return INITIATED;
  }

  #carryOut(command: number, block: Sccb, fits: boolean): void {
    const action = this.#action(command);
    if (!action) block.responseCode = sccb.INVALID_COMMAND;
    else if (!fits) block.responseCode = sccb.BOUNDARY_VIOLATION;
    else action(block);
  }

  #action(command: number): ((block: Sccb) => void) | undefined {
    switch (command & sccb.COMMAND_MASK) {
      case sccb.READ_SCP_INFO:
      case sccb.READ_SCP_INFO_FORCED:
        return (block) => readScpInfo(block, this.#configuration);
      case sccb.READ_CPU_INFO:
        return (block) => readCpuInfo(block, this.#configuration);
      case sccb.WRITE_EVENT_MASK:
        return (block) => this.#events.writeMask(block);
      case sccb.READ_EVENT_DATA:
        return (block) => this.#events.read(block);
      case sccb.WRITE_EVENT_DATA:
        return (block) => this.#events.write(block);
      default:
        return undefined;
    }
  }

  #announce(source: EventSource): void {
    if (this.#events.wants(source)) this.#interrupt(0);
  }

  #interrupt(block: number): void {
    const parameter = block | (this.#events.pending ? EVENT_PENDING : 0);
    if (parameter !== 0) this.#sink.raiseService(parameter);
  }

  /**
   * Asks the guest to shut down.
   * @returns false when the guest does not listen to that (yet)
   */
  quiesce(): boolean {
    this.#quiesce.signal();
    this.#announce(this.#quiesce);
    return this.#events.wants(this.#quiesce);
  }

  /** Bytes that were typed and that the guest has not read; a large paste can wait outside. */
  get queuedInput(): number {
    return this.#consoles.reduce((sum, { queued }) => sum + queued, 0);
  }

  /** System reset: no events are wanted any more. */
  reset(): void {
    this.#events.reset();
  }

  save(): Saved {
    return this.#events.save();
  }

  load(saved: Saved): void {
    this.#events.load(saved);
  }
}

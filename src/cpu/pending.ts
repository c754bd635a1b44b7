import { HIGH_EXTERNAL, HIGH_IO, HIGH_MACHINE_CHECK } from '../arch/psw.ts';
import { CR, PSW_MASK, type CpuState } from './state.ts';
import type { CpuTimers } from './timing.ts';

/** External-interruption codes (PoP, "External Interruption"). */
export const EXT_EMERGENCY_SIGNAL = 0x1201;
export const EXT_EXTERNAL_CALL = 0x1202;
export const EXT_CLOCK_COMPARATOR = 0x1004;
export const EXT_CPU_TIMER = 0x1005;
export const EXT_SERVICE_SIGNAL = 0x2401;
/** Of the s390-virtio bus of 2010. */
export const EXT_VIRTIO = 0x2603;

/** Subclass masks of control register 0, low word. */
const CR0_EMERGENCY = 0x4000;
const CR0_EXTERNAL_CALL = 0x2000;
const CR0_COMPARATOR = 0x0800;
const CR0_TIMER = 0x0400;
const CR0_SERVICE = 0x0200;
/** Control register 14: channel-report-pending subclass. */
const CR14_CHANNEL_REPORT = 0x1000_0000;

/** An interruption that is about to be taken. */
export type Interruption =
  | {
      readonly kind: 'external';
      readonly code: number;
      readonly cpuAddress?: number;
      readonly parameter?: number;
      readonly parameter2?: bigint;
    }
  | {
      readonly kind: 'io';
      readonly subsystemId: number;
      readonly parameter: number;
      readonly identification: number;
    }
  | { readonly kind: 'machineCheck'; readonly code: bigint }
  | { readonly kind: 'restart' };

/** Of the s390-virtio bus: what happened (parameter of 32 bits), and the queue's token (of 64). */
export interface PendingVirtio {
  readonly parameter: number;
  readonly token: bigint;
}

/** CPU address of the bus's interruptions: their subcode. */
const VIRTIO_SUBCODE = 0x0d00;

interface PendingIo {
  readonly subsystemId: number;
  readonly parameter: number;
  readonly isc: number;
  readonly adapter?: boolean;
}

/** Interruptions that any CPU takes which is enabled for them. */
export class FloatingInterruptions {
  /** By interruption subclass, oldest first. */
  readonly #io: PendingIo[][] = [[], [], [], [], [], [], [], []];
  #ioMask = 0;
  #service: number | undefined;
  #channelReport = false;
  readonly #virtio: PendingVirtio[] = [];
  /** Told when something becomes pending. */
  readonly #wake: () => void;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  raiseIo(io: PendingIo): void {
    if (!io.adapter) this.clearIo(io.subsystemId);
    else if (this.#io[io.isc]!.some(({ adapter }) => adapter)) return;
    this.#io[io.isc]!.push(io);
    this.#ioMask |= 0x80 >> io.isc;
    this.#wake();
  }

  clearIo(subsystemId: number): boolean {
    for (let isc = 0; isc < 8; isc++) {
      const queue = this.#io[isc]!;
      const at = queue.findIndex((io) => !io.adapter && io.subsystemId === subsystemId);
      if (at < 0) continue;
      queue.splice(at, 1);
      if (queue.length === 0) this.#ioMask &= ~(0x80 >> isc);
      return true;
    }
    return false;
  }

  takeIo(mask: number): PendingIo | undefined {
    const isc = Math.clz32(mask & this.#ioMask) - 24;
    if (isc > 7) return undefined;
    const io = this.#io[isc]!.shift();
    if (this.#io[isc]!.length === 0) this.#ioMask &= ~(0x80 >> isc);
    return io;
  }

  raiseService(parameter: number): void {
    this.#service = (this.#service ?? 0) | parameter;
    this.#wake();
  }

  raiseChannelReport(): void {
    this.#channelReport = true;
    this.#wake();
  }

  /** External interruption 0x2603; the same twice is one. */
  raiseVirtio(parameter: number, token: bigint): void {
    const isPending = this.#virtio.some(
      (one) => one.parameter === parameter && one.token === token,
    );
    if (!isPending) this.#virtio.push({ parameter, token });
    this.#wake();
  }

  /** Whether anything is pending at all. */
  get any(): boolean {
    return (
      this.#ioMask !== 0 ||
      this.#service !== undefined ||
      this.#channelReport ||
      this.#virtio.length > 0
    );
  }

  clear(): void {
    for (const queue of this.#io) queue.length = 0;
    this.#ioMask = 0;
    this.#service = undefined;
    this.#channelReport = false;
    this.#virtio.length = 0;
  }

  /** The most urgent that a CPU is enabled for, taken out; with `peek` it stays. */
  machineCheck(high: number, cr14: number, peek: boolean): Interruption | undefined {
    if (!this.#channelReport || !(high & HIGH_MACHINE_CHECK) || !(cr14 & CR14_CHANNEL_REPORT)) {
      return undefined;
    }
    if (!peek) this.#channelReport = false;
    return { kind: 'machineCheck', code: 0x0040_0f1d_4033_0000n };
  }

  external(high: number, cr0: number, peek: boolean): Interruption | undefined {
    if (!(high & HIGH_EXTERNAL) || !(cr0 & CR0_SERVICE)) return undefined;
    if (this.#service !== undefined) {
      const parameter = this.#service;
      if (!peek) this.#service = undefined;
      return { kind: 'external', code: EXT_SERVICE_SIGNAL, parameter };
    }
    const virtio = peek ? this.#virtio[0] : this.#virtio.shift();
    if (!virtio) return undefined;
    const { parameter, token: parameter2 } = virtio;
    return {
      kind: 'external',
      code: EXT_VIRTIO,
      cpuAddress: VIRTIO_SUBCODE,
      parameter,
      parameter2,
    };
  }

  io(high: number, cr6: number, peek: boolean): Interruption | undefined {
    if (!(high & HIGH_IO)) return undefined;
    const mask = cr6 >>> 24;
    if (peek && (mask & this.#ioMask) === 0) return undefined;
    const io = peek ? this.#io[Math.clz32(mask & this.#ioMask) - 24]![0] : this.takeIo(mask);
    if (!io) return undefined;
    const { subsystemId, parameter, isc, adapter = false } = io;
    const identification = ((adapter ? 0x8000_0000 : 0) | (isc << 27)) >>> 0;
    return { kind: 'io', subsystemId: adapter ? 0 : subsystemId, parameter, identification };
  }

  save(): FloatingState {
    return {
      io: this.#io.flat(),
      service: this.#service ?? -1,
      channelReport: this.#channelReport,
      virtio: [...this.#virtio],
    };
  }

  load({ io, service, channelReport, virtio }: FloatingState): void {
    this.clear();
    for (const one of io) this.raiseIo(one);
    if (service >= 0) this.raiseService(service);
    this.#channelReport = channelReport;
    this.#virtio.push(...virtio);
  }
}

export interface FloatingState {
  readonly io: readonly PendingIo[];
  readonly service: number;
  readonly channelReport: boolean;
  readonly virtio: readonly PendingVirtio[];
}

/** Interruptions of one CPU. */
export class LocalInterruptions {
  /** Addresses of CPUs whose emergency signal is pending. */
  readonly emergency = new Set<number>();
  /** The CPU whose external call is pending, or -1. */
  externalCall = -1;
  restart = false;
  /** SIGP stop, or stop and store status, is to be done between instructions. */
  stop: 'none' | 'stop' | 'storeStatus' = 'none';

  get any(): boolean {
    return (
      this.emergency.size > 0 || this.externalCall >= 0 || this.restart || this.stop !== 'none'
    );
  }

  clear(): void {
    this.emergency.clear();
    this.externalCall = -1;
    this.restart = false;
    this.stop = 'none';
  }
}

/**
 * The interruption that a CPU takes next, by the priorities of PoP, "Priority of Interruptions";
 * undefined when it is enabled for none that is pending. `peek`: it stays pending.
 */
export function nextInterruption(
  state: CpuState,
  floating: FloatingInterruptions,
  local: LocalInterruptions,
  timers: CpuTimers,
  peek = false,
): Interruption | undefined {
  const { words } = state;
  const high = words[PSW_MASK + 1]!;
  const cr0 = words[CR]!;
  if (floating.any) {
    const found = floating.machineCheck(high, words[CR + 28]!, peek);
    if (found) return found;
  }
  if (high & HIGH_EXTERNAL) {
    const found = localExternal(cr0, local, timers, peek);
    if (found) return found;
  }
  if (floating.any) {
    const found = floating.external(high, cr0, peek) ?? floating.io(high, words[CR + 12]!, peek);
    if (found) return found;
  }
  if (local.restart) {
    if (!peek) local.restart = false;
    return { kind: 'restart' };
  }
  return undefined;
}

function localExternal(
  cr0: number,
  local: LocalInterruptions,
  timers: CpuTimers,
  peek: boolean,
): Interruption | undefined {
  if (cr0 & CR0_EMERGENCY && local.emergency.size > 0) {
    const [cpuAddress] = local.emergency as Set<number> & Iterable<number>;
    if (!peek) local.emergency.delete(cpuAddress!);
    return { kind: 'external', code: EXT_EMERGENCY_SIGNAL, cpuAddress: cpuAddress! };
  }
  if (cr0 & CR0_EXTERNAL_CALL && local.externalCall >= 0) {
    const cpuAddress = local.externalCall;
    if (!peek) local.externalCall = -1;
    return { kind: 'external', code: EXT_EXTERNAL_CALL, cpuAddress };
  }
  const now = timers.clock.ms();
  if (cr0 & CR0_COMPARATOR && now >= timers.comparatorDue) {
    return { kind: 'external', code: EXT_CLOCK_COMPARATOR };
  }
  if (cr0 & CR0_TIMER && now >= timers.timerDue) return { kind: 'external', code: EXT_CPU_TIMER };
  return undefined;
}

/** Host milliseconds at which a timer that the CPU is enabled for will interrupt it. */
export function timerDue(state: CpuState, timers: CpuTimers): number {
  const { words } = state;
  if (!(words[PSW_MASK + 1]! & HIGH_EXTERNAL)) return Infinity;
  const cr0 = words[CR]!;
  return Math.min(
    cr0 & CR0_COMPARATOR ? timers.comparatorDue : Infinity,
    cr0 & CR0_TIMER ? timers.timerDue : Infinity,
  );
}

import type { FloatingInterruptions, LocalInterruptions } from '../cpu/pending.ts';
import { PREFIX } from '../cpu/state.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import type { Writeback } from '../cpu/writeback.ts';
import type { AbsoluteStorage } from '../memory/absolute-storage.ts';
import type { DatStorage } from '../memory/dat-storage.ts';
import type { CallHandler } from './call.ts';
import { channelCalls } from './channel-calls.ts';
import { diagnose } from './diagnose.ts';
import type { MachineDevices } from './machine-devices.ts';
import type { Scheduler } from './scheduler.ts';
import type { Sclp } from './sclp/sclp.ts';
import { signalProcessor } from './sigp.ts';
import { notifyVirtioCcw } from './virtio/virtio-ccw.ts';

/** What the instructions need that the machine carries out. */
export interface MachineCallParts {
  readonly storage: AbsoluteStorage;
  readonly floating: FloatingInterruptions;
  readonly local: readonly LocalInterruptions[];
  readonly vcpus: readonly Vcpu[];
  readonly writeback: Writeback;
  readonly scheduler: Scheduler;
  readonly devices: MachineDevices;
  readonly sclp: Sclp;
  /** Storage as the VCPU of the call addresses it. */
  memory(): DatStorage;
  /** DIAGNOSE 0x308: resets the machine; `vcpu` goes on. */
  reset(vcpu: Vcpu, kind: 'clear' | 'normal' | 'ipl'): void;
  /** DIAGNOSE 0x501: whether the machine ends here. */
  breakpoint(vcpu: Vcpu): boolean;
}

/** The instructions that the machine carries out, by mnemonic. */
export function machineCalls(parts: MachineCallParts): Readonly<Record<string, CallHandler>> {
  const { storage, scheduler, devices, sclp, writeback } = parts;
  const { css, bus } = devices;
  const absolute = (real: bigint, size: number): number =>
    parts
      .memory()
      .real(Number(BigInt.asIntN(32, real >> 32n)), Number(BigInt.asIntN(32, real)), size);
  const sigpParts = {
    vcpus: parts.vcpus,
    local: parts.local,
    storage,
    isStopped: (vcpu: Vcpu) => scheduler.isStopped(vcpu),
    isRunning: (vcpu: Vcpu) => !scheduler.isStopped(vcpu) && !scheduler.isWaiting(vcpu),
    synchronizeState: (vcpu: Vcpu) => {
      writeback.synchronizeState(vcpu);
    },
    synchronizePostReset: (vcpu: Vcpu) => {
      scheduler.endWait(vcpu);
      writeback.synchronizePostReset(vcpu);
    },
  };
  const diagnoseParts = {
    storage,
    absolute,
    reset: parts.reset,
    iplParameters: { bytes: undefined },
    notify: (id: number, queue: bigint) => notifyVirtioCcw(css, id, queue),
    bus,
    yield: () => {
      scheduler.yield();
    },
    breakpoint: parts.breakpoint,
  };
  return {
    ...channelCalls({
      css,
      sink: parts.floating,
      storeReal: (at, bytes) => {
        storage.write(absolute(BigInt(at), bytes.length), bytes);
      },
    }),
    SIGP: (call) => {
      signalProcessor(call, sigpParts);
    },
    SERVC: (call) => {
      const { r1 = 0, r2 = 0 } = call.fields;
      const { state } = call;
      const command = state.gr32(r1) >>> 0;
      const block = state.gr32(r2) >>> 0;
      call.setCc(sclp.serviceCall(command, block, state.words[PREFIX]));
    },
    DIAG: (call) => {
      diagnose(call, diagnoseParts);
    },
    SCK: (call) => {
      call.read(8, 8);
      // The clock is the host's: it cannot be set.
      call.setCc(2);
    },
    SIC: () => undefined,
    CLP: (call) => {
      call.setCc(3);
    },
  };
}

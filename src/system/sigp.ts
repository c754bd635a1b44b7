import { cpuReset, initialCpuReset, STATE_OPERATING } from '../cpu/reset.ts';
import type { LocalInterruptions } from '../cpu/pending.ts';
import { OPERATING_STATE, PREFIX, type CpuState } from '../cpu/state.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { storeStatus } from '../engine/interruptions.ts';
import type { AbsoluteStorage } from '../memory/absolute-storage.ts';
import type { Call } from './call.ts';

/** What SIGNAL PROCESSOR needs of the machine. */
export interface SigpParts {
  readonly vcpus: readonly Vcpu[];
  readonly local: readonly LocalInterruptions[];
  readonly storage: AbsoluteStorage;
  isStopped(vcpu: Vcpu): boolean;
  /** Whether the VCPU waits or is stopped: others need not wait for it. */
  isRunning(vcpu: Vcpu): boolean;
  /** See `Writeback`; a VCPU that was reset does not wait any more. */
  synchronizeState(vcpu: Vcpu): void;
  synchronizePostReset(vcpu: Vcpu): void;
}

/** Orders (PoP, "Signal-Processor Orders"). */
const SENSE = 0x01;
const EXTERNAL_CALL = 0x02;
const EMERGENCY_SIGNAL = 0x03;
const START = 0x04;
const STOP = 0x05;
const RESTART = 0x06;
const STOP_AND_STORE_STATUS = 0x09;
const INITIAL_CPU_RESET = 0x0b;
const CPU_RESET = 0x0c;
const SET_PREFIX = 0x0d;
const STORE_STATUS_AT_ADDRESS = 0x0e;
const SET_ARCHITECTURE = 0x12;
const CONDITIONAL_EMERGENCY_SIGNAL = 0x13;
const SENSE_RUNNING_STATUS = 0x15;

/** Status bits. */
const STATUS_NOT_RUNNING = 0x400;
const STATUS_INCORRECT_STATE = 0x200;
const STATUS_INVALID_PARAMETER = 0x100;
const STATUS_EXTERNAL_CALL_PENDING = 0x80;
const STATUS_STOPPED = 0x40;
const STATUS_INVALID_ORDER = 0x02;

const ACCEPTED = 0;
const STATUS_STORED = 1;
const BUSY = 2;
const NOT_OPERATIONAL = 3;

/** Bytes of the store-status save area, from its 512-byte boundary. */
const SAVE_AREA = 512;
/** The save area's place in the prefix area. */
const SAVE_AREA_AT = 0x1200;

/** SIGNAL PROCESSOR. */
export function signalProcessor(call: Call, parts: SigpParts): void {
  const { r1 = 0, r3 = 0 } = call.fields;
  const order = Number(call.address & 0xffn);
  const parameter = call.state.gr32(r1 | 1) >>> 0;
  const address = call.state.gr32(r3) & 0xffff;
  if (order === SET_ARCHITECTURE) {
    // z/Architecture is all that there is: there is nothing to set.
    call.setCc(STATUS_STORED);
    call.setGr32(r1, STATUS_INVALID_PARAMETER);
    return;
  }
  const target = parts.vcpus[address];
  if (!target) {
    call.setCc(NOT_OPERATIONAL);
    return;
  }
  if (order === INITIAL_CPU_RESET || order === CPU_RESET) {
    // Before, for a CPU that resets itself.
    call.setCc(ACCEPTED);
    reset(target, order, parts);
    return;
  }
  // Otherwise an order could overtake the one to stop.
  if (parts.local[address]!.stop !== 'none') {
    call.setCc(BUSY);
    return;
  }
  const status = carryOut(call.vcpu, target, order, parameter, parts);
  call.setCc(status === 0 ? ACCEPTED : STATUS_STORED);
  if (status !== 0) call.setGr32(r1, status);
}

function reset(target: Vcpu, order: number, parts: SigpParts): void {
  parts.synchronizeState(target);
  if (order === CPU_RESET) cpuReset(target.state);
  else initialCpuReset(target.state);
  parts.local[target.index]!.clear();
  parts.synchronizePostReset(target);
}

/** Returns the status to store, 0 when the order was accepted. */
function carryOut(
  sender: Vcpu,
  target: Vcpu,
  order: number,
  parameter: number,
  parts: SigpParts,
): number {
  const local = parts.local[target.index]!;
  const stopped = parts.isStopped(target);
  const stateOf = (): CpuState => {
    parts.synchronizeState(target);
    return target.state;
  };
  switch (order) {
    case SENSE:
      return (
        (stopped ? STATUS_STOPPED : 0) |
        (local.externalCall >= 0 ? STATUS_EXTERNAL_CALL_PENDING : 0)
      );
    case EXTERNAL_CALL:
      if (local.externalCall >= 0) return STATUS_EXTERNAL_CALL_PENDING;
      local.externalCall = sender.index;
      return 0;
    case EMERGENCY_SIGNAL:
    case CONDITIONAL_EMERGENCY_SIGNAL:
      local.emergency.add(sender.index);
      return 0;
    case START:
      stateOf().words[OPERATING_STATE] = STATE_OPERATING;
      return 0;
    case STOP:
      if (!stopped) local.stop = 'stop';
      return 0;
    case STOP_AND_STORE_STATUS:
      if (stopped) storeStatus(parts.storage, stateOf(), stateOf().words[PREFIX]!, true);
      else local.stop = 'storeStatus';
      return 0;
    case RESTART:
      local.restart = true;
      stateOf().words[OPERATING_STATE] = STATE_OPERATING;
      return 0;
    case SET_PREFIX: {
      const prefix = parameter & 0x7fff_e000;
      if (!parts.storage.contains(prefix, 0x2000)) return STATUS_INVALID_PARAMETER;
      if (!stopped) return STATUS_INCORRECT_STATE;
      stateOf().words[PREFIX] = prefix;
      return 0;
    }
    case STORE_STATUS_AT_ADDRESS: {
      const at = parameter & 0x7fff_fe00;
      if (!parts.storage.contains(at, SAVE_AREA)) return STATUS_INVALID_PARAMETER;
      if (!stopped) return STATUS_INCORRECT_STATE;
      storeStatus(parts.storage, stateOf(), at - SAVE_AREA_AT, true);
      return 0;
    }
    case SENSE_RUNNING_STATUS:
      return parts.isRunning(target) ? 0 : STATUS_NOT_RUNNING;
    default:
      return STATUS_INVALID_ORDER;
  }
}

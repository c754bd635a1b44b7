import { LOWCORE } from '../arch/lowcore.ts';
import { PSW_BA, PSW_EA, PSW_UNASSIGNED } from '../arch/psw.ts';
import {
  PIC_ADDRESSING,
  PIC_AFX_TRANSLATION,
  PIC_ALET_SPECIFICATION,
  PIC_ASCE_TYPE,
  PIC_ASTE_INSTANCE,
  PIC_DATA,
  PIC_EXTENDED_AUTHORITY,
  PIC_MONITOR_EVENT,
  PIC_PAGE_TRANSLATION,
  PIC_PER_EVENT,
  PIC_PROTECTION,
  PIC_REGION_THIRD_TRANSLATION,
  PIC_SECONDARY_AUTHORITY,
  PIC_SEGMENT_TRANSLATION,
  PIC_SPECIFICATION,
  ProgramInterruption,
} from '../cpu/interruption.ts';
import type { Interruption } from '../cpu/pending.ts';
import {
  AR,
  BREAKING_EVENT,
  CLOCK_COMPARATOR,
  CPU_TIMER,
  CR,
  FPC,
  IA,
  PREFIX,
  PSW_MASK,
  TOD_PROGRAMMABLE,
  VR,
  type CpuState,
} from '../cpu/state.ts';
import type { AbsoluteStorage } from '../memory/absolute-storage.ts';

/** A PER event: its code (PoP, "Program-Event Recording") and the instruction's address. */
export interface PerEvent {
  readonly code: number;
  readonly address: bigint;
}

/** Exceptions of access-register translation. */
function isAccessRegisterException(code: number): boolean {
  return code >= PIC_ALET_SPECIFICATION && code <= PIC_EXTENDED_AUTHORITY;
}

/** Exceptions of ASN translation and authorization, which store the ASN. */
function isAsnException(code: number): boolean {
  return code >= PIC_AFX_TRANSLATION && code <= PIC_SECONDARY_AUTHORITY;
}

/** Codes whose interruptions nullify: the old PSW designates the instruction itself. */
export function nullifies(code: number): boolean {
  return (
    code === PIC_SEGMENT_TRANSLATION ||
    code === PIC_PAGE_TRANSLATION ||
    isAsnException(code) ||
    (isAccessRegisterException(code) && code !== PIC_ALET_SPECIFICATION) ||
    code === PIC_ASTE_INSTANCE ||
    (code >= PIC_ASCE_TYPE && code <= PIC_REGION_THIRD_TRANSLATION)
  );
}

/**
 * Takes interruptions of the CPU in `state`: stores the old PSW and what belongs to the class into
 * the prefix area, and loads the new PSW (PoP, "Interruption Action").
 */
export class InterruptionAction {
  readonly #storage: AbsoluteStorage;
  readonly #state: CpuState;

  constructor(storage: AbsoluteStorage, state: CpuState) {
    this.#storage = storage;
    this.#state = state;
  }

  get #lowcore(): number {
    return this.#state.words[PREFIX]!;
  }

  #swap(oldPsw: number, newPsw: number): void {
    const state = this.#state;
    const storage = this.#storage;
    const at = this.#lowcore;
    storage.write64(at + oldPsw, state.pswMask);
    storage.write64(at + oldPsw + 8, state.iaBits);
    this.#load(at + newPsw);
  }

  #load(at: number): void {
    const state = this.#state;
    state.pswMask = this.#storage.read64(at);
    state.u64[IA / 2] = this.#storage.read64(at + 8);
  }

  /** SUPERVISOR CALL; the instruction address is behind it already. `length`: 2, or EXECUTE's. */
  supervisorCall(number: number, length: number): void {
    const at = this.#lowcore;
    this.#storage.write16(at + LOWCORE.svcLength, length);
    this.#storage.write16(at + LOWCORE.svcCode, number);
    this.#swap(LOWCORE.svcOldPsw, LOWCORE.svcNewPsw);
  }

  /**
   * A program interruption. The instruction address is that of the instruction, or behind it when
   * it was completed; `length` is the instruction's (0 for an early exception).
   */
  program(interruption: ProgramInterruption, length: number, per?: PerEvent): void {
    const state = this.#state;
    const storage = this.#storage;
    const at = this.#lowcore;
    const { code, dxc, address, identification, accessRegister, completed } = interruption;
    if (!completed && !nullifies(code)) {
      state.u64[IA / 2] = BigInt.asUintN(64, state.iaBits + BigInt(length));
    }
    storage.write16(at + LOWCORE.programLength, length);
    storage.write16(at + LOWCORE.programCode, per ? code | PIC_PER_EVENT : code);
    if (code === PIC_DATA) storage.write32(at + LOWCORE.dataExceptionCode, dxc);
    if (code === PIC_MONITOR_EVENT) {
      storage.write16(at + LOWCORE.monitorClass, dxc);
      storage.write64(at + LOWCORE.monitorCode, address);
    }
    if (identification !== undefined) {
      storage.write64(
        at + LOWCORE.translationException,
        (address & ~0xfffn) | BigInt(identification),
      );
      storage.write8(at + LOWCORE.exceptionAccessId, accessRegister);
    } else if (isAccessRegisterException(code)) {
      storage.write8(at + LOWCORE.exceptionAccessId, accessRegister);
    } else if (isAsnException(code)) {
      storage.write64(at + LOWCORE.translationException, address);
    } else if (code === PIC_PROTECTION || code === PIC_ADDRESSING) {
      storage.write64(at + LOWCORE.translationException, 0n);
    }
    if (per) this.#storePer(per);
    storage.write64(at + LOWCORE.breakingEventAddress, state.u64[BREAKING_EVENT / 2]!);
    this.#swap(LOWCORE.programOldPsw, LOWCORE.programNewPsw);
  }

  /** A PER event alone; the instruction was completed. */
  perEvent(per: PerEvent, length: number): void {
    const at = this.#lowcore;
    this.#storage.write16(at + LOWCORE.programLength, length);
    this.#storage.write16(at + LOWCORE.programCode, PIC_PER_EVENT);
    this.#storePer(per);
    this.#swap(LOWCORE.programOldPsw, LOWCORE.programNewPsw);
  }

  #storePer({ code, address }: PerEvent): void {
    const at = this.#lowcore;
    this.#storage.write8(at + LOWCORE.perCode, code);
    this.#storage.write8(at + LOWCORE.perAtmid, 0);
    this.#storage.write64(at + LOWCORE.perAddress, address);
  }

  /** An interruption from outside of the program. */
  take(interruption: Interruption): void {
    const storage = this.#storage;
    const at = this.#lowcore;
    switch (interruption.kind) {
      case 'external': {
        const { code, cpuAddress = 0, parameter = 0, parameter2 } = interruption;
        storage.write16(at + LOWCORE.externalCode, code);
        storage.write16(at + LOWCORE.externalCpuAddress, cpuAddress);
        storage.write32(at + LOWCORE.externalParameter, parameter);
        if (parameter2 !== undefined) storage.write64(at + LOWCORE.externalParameter2, parameter2);
        this.#swap(LOWCORE.externalOldPsw, LOWCORE.externalNewPsw);
        return;
      }
      case 'io':
        storage.write32(at + LOWCORE.subsystemId, interruption.subsystemId);
        storage.write32(at + LOWCORE.ioParameter, interruption.parameter);
        storage.write32(at + LOWCORE.ioInterruptionId, interruption.identification);
        this.#swap(LOWCORE.ioOldPsw, LOWCORE.ioNewPsw);
        return;
      case 'machineCheck':
        this.storeStatus(at, false);
        storage.write64(at + LOWCORE.machineCheckCode, interruption.code);
        storage.write32(at + LOWCORE.externalDamageCode, 0);
        this.#swap(LOWCORE.machineCheckOldPsw, LOWCORE.machineCheckNewPsw);
        return;
      case 'restart':
        this.#swap(LOWCORE.restartOldPsw, LOWCORE.restartNewPsw);
    }
  }

  /** PoP, "Store Status": registers into an area at an absolute address; with PSW and prefix too. */
  storeStatus(area: number, withPsw: boolean): void {
    storeStatus(this.#storage, this.#state, area, withPsw);
  }
}

/** PoP, "Store Status". `area` is laid out as the prefix area, which it usually is. */
export function storeStatus(
  storage: AbsoluteStorage,
  state: CpuState,
  area: number,
  withPsw: boolean,
): void {
  const { words, u64 } = state;
  for (let r = 0; r < 16; r++) {
    storage.write64(area + LOWCORE.floatingPointRegisters + 8 * r, u64[VR / 2 + 2 * r]!);
    storage.write64(area + LOWCORE.generalRegisters + 8 * r, u64[r]!);
    storage.write32(area + LOWCORE.accessRegisters + 4 * r, words[AR + r]!);
    storage.write64(area + LOWCORE.controlRegisters + 8 * r, u64[CR / 2 + r]!);
  }
  if (withPsw) {
    storage.write64(area + LOWCORE.statusPsw, state.pswMask);
    storage.write64(area + LOWCORE.statusPsw + 8, state.iaBits);
    storage.write32(area + LOWCORE.statusPrefix, words[PREFIX]!);
  }
  storage.write32(area + LOWCORE.floatingPointControl, words[FPC]!);
  storage.write32(area + LOWCORE.todProgrammable, words[TOD_PROGRAMMABLE]!);
  storage.write64(area + LOWCORE.cpuTimer, u64[CPU_TIMER / 2]!);
  // Bits 0-55 of the comparator, behind a byte of zeros.
  storage.write64(area + LOWCORE.clockComparator, u64[CLOCK_COMPARATOR / 2]! >> 8n);
}

/**
 * The early exception that a PSW which was just loaded causes, if any (PoP, "Early Exception
 * Recognition").
 */
export function earlyException(state: CpuState): ProgramInterruption | undefined {
  const high = state.words[PSW_MASK + 1]!;
  const low = state.words[PSW_MASK]!;
  // Quick for what nearly all PSWs are: 64-bit addressing.
  const is64 = (high & 1) !== 0 && low < 0;
  if ((high & HIGH_UNASSIGNED) === 0 && (low & 0x7fff_ffff) === 0 && is64) return undefined;
  const mask = state.pswMask;
  const address = state.iaBits;
  const addressing = mask & (PSW_EA | PSW_BA);
  const limit = addressing === 0n ? 24n : addressing === PSW_BA ? 31n : 64n;
  if ((mask & PSW_UNASSIGNED) !== 0n || addressing === PSW_EA || address >> limit !== 0n) {
    return new ProgramInterruption(PIC_SPECIFICATION, { completed: true });
  }
  return undefined;
}

const HIGH_UNASSIGNED = Number(BigInt.asIntN(32, PSW_UNASSIGNED >> 32n));

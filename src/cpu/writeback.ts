import { FULL, RESET, RUNTIME, STATE_FIELDS, type CpuState, type WritebackLevel } from './state.ts';
import type { StateOwner } from './accelerator.ts';
import type { Vcpu } from './vcpu.ts';
import type { WritebackAuditor } from './writeback-auditor.ts';

/**
 * The VCPU state writeback API of QEMU ea375f9ab8, "KVM: Rework VCPU state writeback API".
 *
 * An accelerator owns a VCPU's state while it runs. The rest of the program synchronises before it
 * reads or writes that state, and never writes it back: that happens here, at four places, each
 * with a level that says which fields go (see `STATE_FIELDS`). So no function that resets, saves or
 * loads has to think about it.
 */
export class Writeback {
  /** The accelerator; exchanged by {@link exchange} only. */
  #owner: StateOwner;
  readonly #vcpus: readonly Vcpu[];
  readonly #auditor: WritebackAuditor | undefined;

  constructor(owner: StateOwner, vcpus: readonly Vcpu[], auditor?: WritebackAuditor) {
    this.#owner = owner;
    this.#vcpus = vcpus;
    this.#auditor = auditor;
    for (const vcpu of vcpus) vcpu.auditor = auditor;
  }

  /**
   * Needed before a VCPU's state is read or written: fetches it if the accelerator's copy is
   * current. It is written back when the VCPU next runs.
   */
  synchronizeState(vcpu: Vcpu): void {
    if (vcpu.dirty) return;
    vcpu.dirty = true;
    this.#owner.getRegisters(vcpu.index, vcpu.state);
    this.#auditor?.fetched(vcpu);
  }

  /** Before a snapshot is saved. */
  synchronizeAllStates(): void {
    for (const vcpu of this.#vcpus) this.synchronizeState(vcpu);
  }

  /** Before a VCPU enters the accelerator; the others go on. */
  enter(vcpu: Vcpu): void {
    if (vcpu.dirty) this.#put(vcpu, RUNTIME);
  }

  /** After a system reset: all VCPUs are stopped. */
  synchronizeAllPostReset(): void {
    for (const vcpu of this.#vcpus) this.#put(vcpu, RESET);
  }

  /** The same for a VCPU that another one has reset: it is stopped. */
  synchronizePostReset(vcpu: Vcpu): void {
    this.#put(vcpu, RESET);
  }

  /** After the machine was made, and after a snapshot was loaded: all VCPUs are stopped. */
  synchronizeAllPostInit(): void {
    for (const vcpu of this.#vcpus) this.#put(vcpu, FULL);
  }

  /** Hands all VCPUs to another accelerator: all are stopped. */
  exchange(owner: StateOwner): void {
    this.synchronizeAllStates();
    this.#owner = owner;
    this.synchronizeAllPostInit();
  }

  #put(vcpu: Vcpu, level: WritebackLevel): void {
    // A reset or load that touched this VCPU has synchronised; for one that it left alone, the
    // accelerator's copy is current and stays.
    if (!vcpu.dirty) return;
    this.#owner.putRegisters(vcpu.index, vcpu.state, level);
    this.#auditor?.written(vcpu, level, this.#owner);
    vcpu.dirty = false;
  }
}

/** Copies the fields of a level and those below. */
export function copyFields(from: CpuState, to: CpuState, level: WritebackLevel): void {
  for (const field of STATE_FIELDS) {
    if (field.level > level) continue;
    const end = field.at + field.words * field.count;
    for (let i = field.at; i < end; i++) to.words[i] = from.words[i]!;
  }
}

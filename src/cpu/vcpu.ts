import { CpuState } from './state.ts';

/** Is told when a state is used that is not current. */
export interface StateWatcher {
  staleRead(vcpu: Vcpu): void;
}

/**
 * A virtual CPU as the machine sees it. Its state is in `state`, or in the accelerator that runs it:
 * exactly one of the two is current (see writeback.ts).
 */
export class Vcpu {
  readonly index: number;
  readonly #state = new CpuState();
  /** `state` is current, and the accelerator has to get it before the CPU runs. */
  dirty = true;
  /** Watches whether the state is used only when it is current. */
  auditor: StateWatcher | undefined;

  constructor(index: number) {
    this.index = index;
  }

  /** To be used only after `synchronizeState`. */
  get state(): CpuState {
    if (this.auditor && !this.dirty) this.auditor.staleRead(this);
    return this.#state;
  }
}

import type { CpuState, WritebackLevel } from './state.ts';

/** What has VCPUs' state while they run: see writeback.ts. */
export interface StateOwner {
  /** Fetches every field of a VCPU. */
  getRegisters(index: number, state: CpuState): void;
  /** Takes over the fields of a level and those below. */
  putRegisters(index: number, state: CpuState, level: WritebackLevel): void;
}

/** Why a VCPU came back from its accelerator. Its state is then as the architecture says. */
export type CpuExit =
  /** The time is over. */
  | { readonly kind: 'time' }
  /** The wait state; the CPU is enabled for something, but nothing is pending. */
  | { readonly kind: 'wait' }
  /** The wait state without being enabled for interruptions: nobody but SIGP ends it. */
  | { readonly kind: 'disabledWait' }
  /** Somebody has asked for the CPU to stop between instructions (SIGP stop). */
  | { readonly kind: 'stop' }
  /** New PSWs cause program interruptions without end. */
  | { readonly kind: 'interruptionLoop' }
  /** The machine has to carry out the instruction at `at`; the state is behind it. */
  | {
      readonly kind: 'intercept';
      readonly mnemonic: string;
      readonly fields: Readonly<Record<string, number>>;
      readonly at: number;
    };

/** Runs VCPUs: the interpreter, or generated code with it. */
export interface Accelerator extends StateOwner {
  readonly name: string;
  /** Runs a VCPU until something happens or the host's clock (milliseconds) reaches `until`. */
  run(index: number, until: number): CpuExit;
}

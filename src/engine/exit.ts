import type { ProgramInterruption } from '../cpu/interruption.ts';

/**
 * Why the engine stopped. The register file then holds exactly the architected state:
 * - supervisorCall: the instruction address is behind the SVC (or the EXECUTE of it);
 * - interruption: at the instruction when it was suppressed or nullified, behind it when completed;
 * - budget, event: at the next instruction to execute.
 */
export type EngineExit =
  | { readonly kind: 'supervisorCall'; readonly number: number }
  /** `length`: the instruction's, where it is known. */
  | {
      readonly kind: 'interruption';
      readonly interruption: ProgramInterruption;
      readonly length?: number;
    }
  | { readonly kind: 'budget' }
  /** The machine has to carry out the instruction at `at`; the instruction address is behind it. */
  | {
      readonly kind: 'intercept';
      readonly mnemonic: string;
      readonly fields: Readonly<Record<string, number>>;
      readonly at: number;
    }
  /** A machine's CPU shall not run on for now: see `SystemHooks`. */
  | { readonly kind: 'event' };

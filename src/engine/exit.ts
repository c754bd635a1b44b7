import type { ProgramInterruption } from '../cpu/interruption.ts';

/**
 * Why the engine stopped. The register file then holds exactly the architected state:
 * - supervisorCall: the instruction address is behind the SVC (or the EXECUTE of it);
 * - interruption: at the instruction when it was suppressed or nullified, behind it when completed;
 * - budget: at the next instruction to execute.
 */
export type EngineExit =
  | { readonly kind: 'supervisorCall'; readonly number: number }
  | { readonly kind: 'interruption'; readonly interruption: ProgramInterruption }
  | { readonly kind: 'budget' };

import type { CpuState } from '../cpu/state.ts';
import type { EngineExit } from '../engine/exit.ts';
import type { AddressSpace } from '../memory/user-space.ts';

/** What the scheduler needs of an engine: it runs guest code of one address space. */
export interface GuestEngine {
  /** The live register file; a thread is loaded by copying its registers into it. */
  readonly state: CpuState;
  /** Runs until something needs the kernel, or for about `budget` guest instructions. */
  run(budget: number): EngineExit;
  /** An engine for a copy of this one's address space, as fork needs. */
  fork(memory: AddressSpace): GuestEngine;
}

/** Makes the engine of a new address space (execve). */
export type EngineFactory = (memory: AddressSpace) => GuestEngine;

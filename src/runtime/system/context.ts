import type { SystemStorage } from '../../memory/system-storage.ts';

/** The machine around a CPU, as far as helpers of control instructions need it. */
export interface SystemContext {
  /** The same object as the context's `memory`. */
  readonly memory: SystemStorage;
  readonly timing: Timing;
  readonly identity: Identity;
  /**
   * Called when the PSW's mask, control registers or timers changed, so that an interruption that
   * is pending may be taken now: whether there is one.
   */
  masksChanged(): boolean;
}

/** Clocks of the current CPU, in TOD-clock units: bit 51 is a microsecond. */
export interface Timing {
  tod(): bigint;
  cpuTimer(): bigint;
  setCpuTimer(value: bigint): void;
  clockComparator(): bigint;
  setClockComparator(value: bigint): void;
  setTodProgrammable(value: number): void;
}

/** What a CPU and its configuration are called. */
export interface Identity {
  /** STIDP's doubleword. */
  cpuId(): bigint;
  /** STAP's halfword. */
  cpuAddress(): number;
  /** STSI: level of the machine that runs the program: 1 basic, 2 logical partition, 3 virtual. */
  readonly currentLevel: number;
  /** STSI: the 4096 bytes of a system-information block, or undefined when there is none: CC 3. */
  systemInformation(
    functionCode: number,
    selector1: number,
    selector2: number,
  ): Uint8Array | undefined;
}

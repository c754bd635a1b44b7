import { CLOCK_COMPARATOR, CPU_TIMER, TOD_EPOCH, type CpuState } from './state.ts';

/** TOD units in a millisecond: bit 51 is a microsecond. */
export const TOD_PER_MS = 4_096_000;

/**
 * The TOD clock of a machine: TOD bits 0-63 as a function of the host's time in milliseconds,
 * which only goes forward (`performance.now`).
 */
export class TodClock {
  readonly #now: () => number;
  /** TOD value at `#origin` ms. */
  #base: bigint;
  #origin: number;

  constructor(now: () => number, base: bigint) {
    this.#now = now;
    this.#base = base;
    this.#origin = now();
  }

  /** Sets the clock: no CPU runs, and timers are put anew afterwards. */
  set(tod: bigint): void {
    this.#base = tod;
    this.#origin = this.#now();
  }

  /** The host's time in milliseconds. */
  ms(): number {
    return this.#now();
  }

  /** TOD without any CPU's epoch. */
  read(): bigint {
    return BigInt.asUintN(
      64,
      this.#base + BigInt(Math.floor((this.#now() - this.#origin) * TOD_PER_MS)),
    );
  }

  /** Host milliseconds at which the clock passes `tod`. */
  msAt(tod: bigint): number {
    return this.#origin + Number(tod - this.#base) / TOD_PER_MS;
  }
}

/**
 * The timers of one CPU while an accelerator has its state: clock comparator and CPU timer are kept
 * as times of the host at which they are due (PoP, "Timing").
 */
export class CpuTimers {
  readonly clock: TodClock;
  #epoch = 0n;
  #comparator = 0n;
  /** Host milliseconds at which the comparator is passed, and the CPU timer is negative. */
  comparatorDue = Infinity;
  timerDue = 0;

  constructor(clock: TodClock) {
    this.clock = clock;
  }

  tod(): bigint {
    return BigInt.asUintN(64, this.clock.read() + this.#epoch);
  }

  /** As the signed 64-bit value that counts down. */
  cpuTimer(): bigint {
    return BigInt(Math.floor((this.timerDue - this.clock.ms()) * TOD_PER_MS)) - 1n;
  }

  setCpuTimer(value: bigint): void {
    this.timerDue = this.clock.ms() + (Number(BigInt.asIntN(64, value)) + 1) / TOD_PER_MS;
  }

  clockComparator(): bigint {
    return this.#comparator;
  }

  setClockComparator(value: bigint): void {
    this.#comparator = value;
    const at = BigInt.asUintN(64, value) - this.#epoch;
    this.comparatorDue = this.clock.msAt(at + 1n);
  }

  /** Takes over the values of a state whose fields of the level are to be written back. */
  put(state: CpuState, withEpoch: boolean): void {
    if (withEpoch) this.#epoch = BigInt.asIntN(64, state.u64[TOD_EPOCH / 2]!);
    this.setCpuTimer(state.u64[CPU_TIMER / 2]!);
    this.setClockComparator(state.u64[CLOCK_COMPARATOR / 2]!);
  }

  get(state: CpuState): void {
    state.u64[TOD_EPOCH / 2] = BigInt.asUintN(64, this.#epoch);
    state.u64[CPU_TIMER / 2] = BigInt.asUintN(64, this.cpuTimer());
    state.u64[CLOCK_COMPARATOR / 2] = this.#comparator;
  }
}

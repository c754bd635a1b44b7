import {
  AR,
  BREAKING_EVENT,
  CLOCK_COMPARATOR,
  CPU_TIMER,
  CR,
  FPC,
  GR,
  IA,
  OPERATING_STATE,
  PREFIX,
  PROGRAM_PARAMETER,
  PSW_MASK,
  TOD_PROGRAMMABLE,
  VR,
  type CpuState,
} from './state.ts';

/** Values of the state's `operatingState` (PoP, "Stopped, Operating, Load, Check-Stop States"). */
export const STATE_OPERATING = 0;
export const STATE_STOPPED = 1;
export const STATE_CHECK_STOP = 2;

/** PoP, "CPU Reset": registers stay; the CPU is stopped. Pending interruptions are the machine's. */
export function cpuReset(state: CpuState): void {
  state.words[OPERATING_STATE] = STATE_STOPPED;
}

/** PoP, "Initial CPU Reset". */
export function initialCpuReset(state: CpuState): void {
  cpuReset(state);
  const { words, u64 } = state;
  const zero = (at: number, count: number): void => {
    words.fill(0, at, at + count);
  };
  zero(PSW_MASK, 2);
  zero(IA, 2);
  state.cc = 0;
  zero(PREFIX, 2);
  zero(CPU_TIMER, 2);
  zero(CLOCK_COMPARATOR, 2);
  zero(TOD_PROGRAMMABLE, 1);
  zero(PROGRAM_PARAMETER, 2);
  zero(FPC, 1);
  zero(CR, 32);
  u64[CR / 2] = 0xe0n;
  u64[CR / 2 + 14] = 0xc200_0000n;
  u64[BREAKING_EVENT / 2] = 1n;
}

/** PoP, "Clear Reset", the CPU's part: registers become zeros too. */
export function clearReset(state: CpuState): void {
  initialCpuReset(state);
  state.words.fill(0, GR, GR + 32);
  state.words.fill(0, VR, VR + 128);
  state.words.fill(0, AR, AR + 16);
}

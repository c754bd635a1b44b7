import type { CpuState } from '../cpu/state.ts';
import type { GuestStorage } from '../memory/guest-storage.ts';
import type { SystemContext } from './system/context.ts';

/**
 * What run-time helpers work on. A helper is a function
 * `(context, ...numbers, ...args)`: first the constant parameters of its declaration in
 * `ir/helpers.ts`, then the IR values, an i64 as two int32 (high word, low word). It returns the
 * `i32` result, if it has one. A program interruption is thrown as `ProgramInterruption`.
 */
export interface HelperContext {
  readonly state: CpuState;
  readonly memory: GuestStorage;
  /** TOD clock bits 0-63; bit 51 is a microsecond. Injected, so that a run can be repeated. */
  readonly clock: () => bigint;
  /** The facility list as STORE FACILITY LIST EXTENDED stores it; a multiple of 8 bytes. */
  readonly facilities: Uint8Array;
  /** The machine that the CPU belongs to; undefined for a process. */
  readonly system?: SystemContext | undefined;
}

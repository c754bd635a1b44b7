import { EINVAL, SyscallError } from './errno.ts';
import type { UserMemory } from './user-memory.ts';

const SECOND = 1e9;

/** Nanoseconds of a struct timespec. @throws SyscallError EINVAL */
export function readTimespec(memory: UserMemory, at: number): number {
  const seconds = memory.i64(at);
  const nanoseconds = memory.i64(at + 8);
  if (seconds < 0 || nanoseconds < 0 || nanoseconds >= SECOND) throw new SyscallError(EINVAL);
  return seconds * SECOND + nanoseconds;
}

export function writeTimespec(memory: UserMemory, at: number, nanoseconds: number): void {
  memory.set64(at, Math.floor(nanoseconds / SECOND));
  memory.set64(at + 8, Math.floor(nanoseconds % SECOND));
}

/** As {@link writeTimespec} for times whose nanoseconds a number does not hold exactly. */
export function writeExactTimespec(memory: UserMemory, at: number, nanoseconds: bigint): void {
  memory.set64(at, nanoseconds / 1_000_000_000n);
  memory.set64(at + 8, nanoseconds % 1_000_000_000n);
}

/** Nanoseconds of a struct timeval. @throws SyscallError EINVAL */
export function readTimeval(memory: UserMemory, at: number): number {
  const seconds = memory.i64(at);
  const microseconds = memory.i64(at + 8);
  if (seconds < 0 || microseconds < 0 || microseconds >= 1e6) throw new SyscallError(EINVAL);
  return seconds * SECOND + microseconds * 1000;
}

export function writeTimeval(memory: UserMemory, at: number, nanoseconds: number): void {
  memory.set64(at, Math.floor(nanoseconds / SECOND));
  memory.set64(at + 8, Math.floor((nanoseconds % SECOND) / 1000));
}

/** Writes a struct rusage (144 bytes) that knows CPU time and peak storage in KiB. */
export function writeRusage(
  memory: UserMemory,
  at: number,
  cpuTime: number,
  peakKib: number,
): void {
  memory.writable(at, 144).fill(0);
  writeTimeval(memory, at, cpuTime);
  memory.set64(at + 32, peakKib);
}

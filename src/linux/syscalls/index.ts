import type { Syscall } from '../syscall-table.ts';
import { FUTEX_SYSCALLS } from './futex.ts';
import { IDENTITY_SYSCALLS } from './identity.ts';
import { MEMORY_SYSCALLS } from './memory.ts';
import { PROCESS_SYSCALLS } from './process.ts';
import { SIGNAL_SYSCALLS } from './signals.ts';
import { ABSENT_SYSCALLS, SYSTEM_SYSCALLS } from './system.ts';
import { TIME_SYSCALLS } from './time.ts';
import { TIMER_SYSCALLS } from './timers.ts';
import { WAIT_SYSCALLS } from './wait.ts';

/** Every system call that is not about files. */
export const TASK_SYSCALLS: readonly Syscall[] = [
  ...PROCESS_SYSCALLS,
  ...WAIT_SYSCALLS,
  ...MEMORY_SYSCALLS,
  ...SIGNAL_SYSCALLS,
  ...FUTEX_SYSCALLS,
  ...TIME_SYSCALLS,
  ...TIMER_SYSCALLS,
  ...IDENTITY_SYSCALLS,
  ...SYSTEM_SYSCALLS,
  ...ABSENT_SYSCALLS,
];

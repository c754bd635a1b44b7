/** The library: load a Linux s390x program, run it with hooks, read its registers and storage. */
export { Guest, OptionError } from './host/node/guest.ts';
export type { GuestOptions, GuestRegisters, GuestStatus } from './host/node/guest.ts';
export { ElfError } from './linux/elf.ts';
export { SyscallError } from './linux/errno.ts';
export { CPU_MODELS } from './arch/cpu-model.ts';
export type { CpuModel } from './arch/cpu-model.ts';
export { PASSES } from './ir/passes/index.ts';
export type { PassName } from './ir/passes/index.ts';
export { OPTIMISATIONS } from './backend/js/optimisations.ts';
export type { Backend, SwitchName } from './engine/options.ts';
export type { Statistics } from './engine/statistics.ts';

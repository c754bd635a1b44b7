import type { Command } from 'commander';
import { failBoot } from './boot-failure.ts';
import type { BootConfig } from './boot-images.ts';
import {
  addMachineOptions,
  addSessionOptions,
  machineConfig,
  type MachineFlags,
  type SessionFlags,
} from './boot-options.ts';
import { Session } from './boot-session.ts';

interface BootFlags extends MachineFlags, SessionFlags {
  readonly kernel: string;
  readonly initrd?: string;
  readonly append: string;
}

const NOTES = `
On a terminal, Ctrl-A X ends the machine, and Ctrl-A H shows the other keys.
Exit status: 0 the guest powered off, 2 it stopped with a panic, 1 it could not be started.`;

/** `js390 boot`. */
export function define(command: Command): void {
  command
    .requiredOption('--kernel <file>', 'the Linux kernel: vmlinuz, bzImage or vmlinux for s390x')
    .option('--initrd <file>', 'its initial RAM disk')
    .option('--append <text>', "the kernel's command line", '');
  addSessionOptions(addMachineOptions(command)).addHelpText('after', NOTES).action(boot);
}

async function boot(flags: BootFlags): Promise<void> {
  let session: Session | undefined;
  try {
    session = await Session.open(machineConfig(flags, bootConfig(flags)), flags);
    session.machine.ipl();
    process.exit(await session.run());
  } catch (error) {
    session?.close();
    failBoot(error);
  }
}

function bootConfig({ kernel, initrd, append }: BootFlags): BootConfig {
  return { kernel, ...(initrd === undefined ? {} : { initrd }), append };
}

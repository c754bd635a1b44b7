import type { Command } from 'commander';

/** A subcommand: what `js390 --help` says of it, and the module with the rest, loaded when used. */
export interface Subcommand {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<SubcommandModule>;
}

/** What the module of a subcommand exports. */
export interface SubcommandModule {
  /** Adds arguments, options and an action to `command`, whose name and description are set. */
  define(command: Command): void;
}

/** Every subcommand, in the order of `js390 --help`. */
export const COMMANDS: readonly Subcommand[] = [
  {
    name: 'run',
    description: 'run a Linux s390x program',
    load: () => import('./run.ts'),
  },
  {
    name: 'boot',
    description: 'boot a Linux s390x kernel in a whole machine',
    load: () => import('./boot.ts'),
  },
  {
    name: 'resume',
    description: 'go on with a machine that js390 boot saved',
    load: () => import('./resume.ts'),
  },
  {
    name: 'inspect',
    description: 'show one piece of a program in full: bytes, disassembly, IR, JavaScript',
    load: () => import('./inspect.ts'),
  },
  {
    name: 'lockstep',
    description: 'run a program in generated code and the interpreter at once, comparing them',
    load: () => import('./lockstep.ts'),
  },
];

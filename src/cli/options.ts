import fs from 'node:fs';
import { Option } from 'commander';
import type { Command } from 'commander';
import { SWITCH_NAMES } from '../engine/options.ts';
import type { Backend, SwitchName } from '../engine/options.ts';
import type { GuestOptions } from '../host/node/guest.ts';
import { UsageError } from './failure.ts';

/** Options of every command that runs a guest program. */
export interface GuestFlags {
  readonly backend?: Backend;
  readonly sysroot?: string;
  readonly cpu?: string;
  readonly env?: readonly string[];
  readonly passes?: string;
  readonly seed?: string;
}

const BACKENDS: readonly Backend[] = ['tiered', 'jit', 'interpreter'];

/** What `--cpu` does. */
export const CPU_HELP = 'CPU model the guest sees, such as z196; default the newest';

/** What `--passes` does. */
export const PASSES_HELP = 'switch passes and optimisations: +name,-name or -all';

/** Declares the options in {@link GuestFlags}. */
export function addGuestOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--backend <name>', 'how guest code is run')
        .choices([...BACKENDS])
        .default('tiered'),
    )
    .option('-L, --sysroot <dir>', 'look guest paths up in this directory first')
    .option('--cpu <model>', CPU_HELP)
    .option(
      '-E, --env <name=value>',
      "set a variable in the guest's environment, which is otherwise js390's own",
      (value: string, before: string[] = []) => [...before, value],
    )
    .option('--passes <list>', PASSES_HELP)
    .option('--seed <text>', 'make the random numbers that the guest gets repeatable');
}

/** @throws UsageError for values that make no sense */
export function guestOptions(flags: GuestFlags): GuestOptions {
  const { backend, sysroot, cpu, env, passes, seed } = flags;
  return {
    ...(backend ? { backend } : {}),
    ...(sysroot === undefined ? {} : { sysroot: checkSysroot(sysroot) }),
    ...(cpu === undefined ? {} : { cpu }),
    ...(env ? { environment: environment(env) } : {}),
    ...(passes === undefined ? {} : { disabledPasses: disabledPasses(passes) }),
    ...(seed === undefined ? {} : { seed }),
  };
}

function checkSysroot(sysroot: string): string {
  const status = fs.statSync(sysroot, { throwIfNoEntry: false });
  if (!status?.isDirectory()) {
    throw new UsageError(`the sysroot ${sysroot} is not a directory; npm run sysroot makes one`);
  }
  return fs.realpathSync(sysroot);
}

function environment(settings: readonly string[]): Record<string, string | undefined> {
  const all: Record<string, string | undefined> = { ...process.env };
  for (const setting of settings) {
    const at = setting.indexOf('=');
    if (at <= 0) throw new UsageError(`--env ${setting} has no value; write NAME=VALUE`);
    all[setting.slice(0, at)] = setting.slice(at + 1);
  }
  return all;
}

/**
 * `+a,-b`: every pass and optimisation is on at first; `-all` switches all off.
 * @throws UsageError for a name that there is not
 */
export function disabledPasses(list: string): Set<SwitchName> {
  const disabled = new Set<SwitchName>();
  for (const item of list.split(',')) {
    const [, sign, name] = /^([+-])(.+)$/.exec(item.trim()) ?? [];
    const names = name === 'all' ? SWITCH_NAMES : SWITCH_NAMES.filter((pass) => pass === name);
    if (!sign || names.length === 0) {
      const known = SWITCH_NAMES.join(', ');
      throw new UsageError(`--passes ${item}: write +name or -name of ${known}, or all`);
    }
    for (const pass of names) {
      if (sign === '-') disabled.add(pass);
      else disabled.delete(pass);
    }
  }
  return disabled;
}

import fs from 'node:fs';
import type { Command } from 'commander';
import { LockstepDifference, lockstepOptions, type LockstepCounts } from '../engine/lockstep.ts';
import { Guest } from '../host/node/guest.ts';
import { UsageError, fail } from './failure.ts';
import { addGuestOptions, guestOptions } from './options.ts';
import type { GuestFlags } from './options.ts';
import { findProgram } from './program-path.ts';

interface LockstepFlags extends GuestFlags {
  readonly sample?: string;
  readonly threshold: string;
}

/** `js390 lockstep`. */
export function define(command: Command): void {
  addGuestOptions(command)
    .argument('<program>', 'path of the s390x program')
    .argument('[args...]', 'its arguments')
    .option('--sample <n>', 'compare only every n-th execution of generated code')
    .option('--threshold <n>', 'translate what was executed n times; takes memory', '200')
    .passThroughOptions()
    .action(lockstep);
}

async function lockstep(program: string, args: string[], flags: LockstepFlags): Promise<void> {
  const counts: LockstepCounts = { executions: 0, compared: 0, instructions: 0, storedBytes: 0 };
  try {
    const options = guestOptions(flags);
    const found = findProgram(program, options.sysroot, options.environment ?? process.env);
    const guest = Guest.load(found, {
      ...options,
      name: program,
      arguments: args,
      engine: {
        ...lockstepOptions(count('--sample', flags.sample ?? '1'), counts),
        threshold: count('--threshold', flags.threshold),
      },
    });
    const { code } = await guest.run();
    write(summary(counts));
    process.exit(code);
  } catch (error) {
    if (!(error instanceof LockstepDifference)) fail(error, program);
    write(error.message);
    write(summary(counts));
    process.exit(1);
  }
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new UsageError(`${option} ${text} is no count; write a whole number from 1`);
  }
  return value;
}

function summary({ executions, compared, instructions, storedBytes }: LockstepCounts): string {
  const [ran, checked, insns, bytes] = [executions, compared, instructions, storedBytes].map((n) =>
    n.toLocaleString('en-US'),
  );
  return (
    `js390 lockstep: ${ran} executions of generated code, ${checked} compared: ` +
    `${insns} instructions, ${bytes} bytes of stores`
  );
}

function write(text: string): void {
  fs.writeSync(2, `${text}\n`);
}

import fs from 'node:fs';
import type { Command } from 'commander';
import { Guest } from '../host/node/guest.ts';
import { signalName } from '../linux/signal.ts';
import { UsageError, fail } from './failure.ts';
import { addGuestOptions, guestOptions } from './options.ts';
import type { GuestFlags } from './options.ts';
import { findProgram } from './program-path.ts';

interface RunFlags extends GuestFlags {
  readonly strace?: boolean;
  readonly stats?: boolean;
  readonly statsJson?: string;
}

/** Signals that a shell tells its user of: the program did not mean to end like this. */
const TOLD = new Set([3, 4, 5, 6, 7, 8, 11, 24, 25, 31]);

/** `js390 run`. */
export function define(command: Command): void {
  addGuestOptions(command)
    .argument('<program>', 'path of the s390x program')
    .argument('[args...]', 'its arguments')
    .option('--strace', 'show every system call on standard error')
    .option('--stats', 'print what was executed and translated on standard error')
    .option('--stats-json <file>', 'write the same as JSON')
    .passThroughOptions()
    .action(run);
}

async function run(program: string, args: string[], flags: RunFlags): Promise<void> {
  const started = performance.now();
  try {
    checkWritable(flags.statsJson);
    const wantsStatistics = flags.stats === true || flags.statsJson !== undefined;
    const options = guestOptions(flags);
    const found = findProgram(program, options.sysroot, options.environment ?? process.env);
    const guest = Guest.load(found, {
      ...options,
      name: program,
      arguments: args,
      forwardSignals: true,
      ...(wantsStatistics ? { countInstructions: true } : {}),
      ...(flags.strace ? { onSystemCall: writeError } : {}),
    });
    const loaded = performance.now();
    const { code, signal } = await guest.run();
    const ended = performance.now();
    if (signal !== undefined && TOLD.has(signal)) {
      writeError(`js390: ${program} was ended by ${signalName(signal)}`);
    }
    if (wantsStatistics) {
      const report = await import('./stats.ts');
      const times = { load: (loaded - started) / 1000, run: (ended - loaded) / 1000 };
      const figures = report.figures(guest.statistics, flags.backend ?? 'tiered', times);
      if (flags.stats) process.stderr.write(`${report.table(figures)}\n`);
      if (flags.statsJson !== undefined) {
        fs.writeFileSync(flags.statsJson, `${JSON.stringify(figures, undefined, 2)}\n`);
      }
    }
    process.exit(code);
  } catch (error) {
    fail(error, program);
  }
}

function writeError(line: string): void {
  fs.writeSync(2, `${line}\n`, null, 'latin1');
}

/** Better known before the program has run. */
function checkWritable(file: string | undefined): void {
  if (file === undefined) return;
  try {
    fs.closeSync(fs.openSync(file, 'a'));
  } catch {
    throw new UsageError(
      `--stats-json ${file} cannot be written; name a file in a directory of yours`,
    );
  }
}

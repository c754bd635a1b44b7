import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { hex } from '../base/hex.ts';
import type { Engine } from '../engine/engine.ts';
import { inspectRegion, type Inspection } from '../engine/inspect.ts';
import { Guest, type GuestOptions } from '../host/node/guest.ts';
import { parseElf, type ReadAt } from '../linux/elf.ts';
import { PIE_BASE } from '../linux/program.ts';
import { elfSymbols } from '../linux/symbols.ts';
import { UsageError, fail } from './failure.ts';
import { addGuestOptions, guestOptions } from './options.ts';
import type { GuestFlags } from './options.ts';
import { findProgram } from './program-path.ts';

interface InspectFlags extends GuestFlags {
  readonly at?: string;
  readonly json?: boolean;
  readonly run?: boolean | readonly string[];
}

/** What a run adds: how often the region at the address was executed. */
interface Counters {
  /** Executions of the first block by the interpreter since it was last translated. */
  readonly interpreted: number;
  /** Entries of the translated regions that the first block is in: itself, or a loop around it. */
  readonly regions: readonly string[];
  /** Times that the dispatcher entered one of them; chained calls come on top. */
  readonly entered: number;
  /** Guest instructions that the program executed in all, in JavaScript and interpreted. */
  readonly compiled_instructions: number;
  readonly interpreted_instructions: number;
}

type Report = Inspection & { readonly symbol?: string; readonly counters?: Counters };

/** `js390 inspect`. */
export function define(command: Command): void {
  addGuestOptions(command)
    .argument('<program>', 'path of the s390x program')
    .option('--at <address|symbol>', 'where, in hexadecimal or by name; default the entry point')
    .option('--json', 'print everything as JSON')
    .option('--run [args...]', 'run the program first, with these arguments; adds counters')
    .option('--no-run', 'only load it (the default)')
    .action(inspect);
}

async function inspect(program: string, flags: InspectFlags): Promise<void> {
  try {
    const report = await describe(program, flags);
    process.stdout.write(flags.json ? `${JSON.stringify(report, undefined, 2)}\n` : text(report));
  } catch (error) {
    fail(error, program);
  }
}

async function describe(program: string, flags: InspectFlags): Promise<Report> {
  const options = guestOptions(flags);
  const found = findProgram(program, options.sysroot, options.environment ?? process.env);
  const runs = flags.run !== undefined && flags.run !== false;
  const entered = new Map<number, number>();
  const engines: Engine[] = [];
  let report: Report | undefined;
  const loaded: GuestOptions = {
    ...options,
    name: program,
    arguments: Array.isArray(flags.run) ? (flags.run as string[]) : [],
    // Standard output is for the report.
    onOutput: (_fd, bytes) => fs.writeSync(2, bytes),
    onEngine: (engine) => engines.push(engine),
    onExit: (guest) => {
      report = look(guest);
    },
    engine: {
      comments: true,
      ...(runs ? { countInstructions: true } : {}),
      watchRegions: () => ({
        run: (entry, run) => {
          entered.set(entry, (entered.get(entry) ?? 0) + 1);
          return run();
        },
      }),
    },
  };
  const guest = Guest.load(found, loaded);
  const engine = engines[0]!;
  const place = resolve(hostPath(found, options.sysroot), flags.at);
  if (!runs) {
    checkCode(engine, place.address);
    return { ...inspectRegion(engine, place.address), ...symbolOf(place) };
  }
  const look = (ended: Guest): Report | undefined => {
    const { address } = place;
    // The program may have replaced itself; then there is nothing to see.
    if (!engine.memory.isExecutable(address, 2)) return undefined;
    const { statistics } = ended;
    const regions = [...engine.regions.all()]
      .filter(({ blocks }) => blocks.has(address))
      .map(({ entry }) => entry);
    return {
      ...inspectRegion(engine, address),
      ...symbolOf(place),
      counters: {
        interpreted: Math.max(0, engine.block(address)?.hits ?? 0),
        regions: regions.map((entry) => hex(entry)),
        entered: regions.reduce((sum, entry) => sum + (entered.get(entry) ?? 0), 0),
        compiled_instructions: statistics.compiled,
        interpreted_instructions: statistics.interpreted,
      },
    };
  };
  await guest.run();
  if (!report) checkCode(engine, place.address);
  return report!;
}

interface Place {
  readonly address: number;
  readonly symbol: string | undefined;
}

const symbolOf = ({ symbol }: Place): { symbol?: string } => (symbol ? { symbol } : {});

/** The address that `at` means in the program: its entry point by default. */
function resolve(file: string, at: string | undefined): Place {
  const bytes = fs.readFileSync(file);
  const read: ReadAt = (offset, length) => bytes.subarray(offset, offset + length);
  const { entry, relocatable } = parseElf(read, bytes.length);
  const bias = relocatable ? PIE_BASE : 0;
  if (at === undefined) return { address: bias + entry, symbol: undefined };
  for (const { name, address } of elfSymbols(read, bytes.length)) {
    if (name === at) return { address: bias + address, symbol: name };
  }
  if (/^(0x)?[0-9a-f]+$/i.test(at)) return { address: parseInt(at, 16), symbol: undefined };
  throw new UsageError(`${at} is no symbol of ${file}; give an address in hexadecimal`);
}

function hostPath(program: string, sysroot: string | undefined): string {
  const inSysroot = sysroot === undefined ? undefined : path.join(sysroot, program);
  return inSysroot !== undefined && fs.existsSync(inSysroot) ? inSysroot : program;
}

function checkCode({ memory }: Engine, address: number): void {
  if (address % 2 === 0 && memory.isExecutable(address, 2)) return;
  throw new UsageError(
    `there is no code at ${hex(address)}; give the address of an instruction, ` +
      'or --run when it is loaded only while the program runs',
  );
}

function text(report: Report): string {
  const { address, symbol, counters } = report;
  const parts: [heading: string, body: string][] = [
    ['bytes', report.bytes.join('\n')],
    ['disassembly', report.disassembly.join('\n')],
    ['IR', report.ir],
    ...report.passes.map(({ name, reason, on, changed }): [string, string] => [
      `${name}: ${reason}`,
      on ? changed || '(nothing to do)' : '(off)',
    ]),
    ['JavaScript', report.javascript.trimEnd()],
    ['exits', report.exits.join('\n')],
    ['links', report.links.join('\n') || '(none)'],
  ];
  if (counters) {
    parts.push([
      'counters',
      Object.entries(counters)
        .map(([k, v]) => `${k}: ${v}`)
        .join('\n'),
    ]);
  }
  const title = `region ${address}${symbol ? ` (${symbol})` : ''}`;
  return `${title}\n${parts.map(([h, body]) => `\n== ${h}\n${body}\n`).join('')}`;
}

import Table from 'cli-table3';
import type { Statistics } from '../engine/statistics.ts';

/** What `--stats` and `--stats-json` say of a run. */
export interface Figures {
  readonly backend: string;
  /** Guest instructions executed, by all processes. */
  readonly instructions: number;
  readonly interpreted_instructions: number;
  readonly compiled_instructions: number;
  /** Wall-clock time from the first guest instruction to the last. */
  readonly run_seconds: number;
  /** Starting js390 and loading the program. */
  readonly load_seconds: number;
  /** Million guest instructions a second of `run_seconds`. */
  readonly mips: number;
  readonly blocks: number;
  readonly regions: number;
  readonly restored_regions: number;
  readonly region_instructions: number;
  readonly translation_seconds: number;
  /** Characters of generated JavaScript. */
  readonly cache_characters: number;
  readonly invalidations: number;
  /** How often the engine stopped, by reason. */
  readonly exits: Readonly<Record<string, number>>;
  /** Resident set of js390, in bytes, at its highest. */
  readonly host_memory_bytes: number;
}

export function figures(
  statistics: Statistics,
  backend: string,
  times: { readonly load: number; readonly run: number },
): Figures {
  const { instructions } = statistics;
  return {
    backend,
    instructions,
    interpreted_instructions: statistics.interpreted,
    compiled_instructions: statistics.compiled,
    run_seconds: times.run,
    load_seconds: times.load,
    mips: instructions / times.run / 1e6,
    blocks: statistics.blocks,
    regions: statistics.regions,
    restored_regions: statistics.restored,
    region_instructions: statistics.regionInsns,
    translation_seconds: statistics.translationTime / 1000,
    cache_characters: statistics.sourceSize,
    invalidations: statistics.invalidations,
    exits: statistics.exits,
    host_memory_bytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** The figures as a table for people. */
export function table(values: Figures): string {
  const rows = new Table({ style: { head: [], border: [] }, colAligns: ['left', 'right'] });
  const share = values.instructions === 0 ? 0 : values.compiled_instructions / values.instructions;
  rows.push(
    ['backend', values.backend],
    ['guest instructions', count(values.instructions)],
    ['  in generated code', `${(100 * share).toFixed(1)} %`],
    ['time', `${values.run_seconds.toFixed(3)} s`],
    ['  loading', `${values.load_seconds.toFixed(3)} s`],
    ['  translating', `${values.translation_seconds.toFixed(3)} s`],
    ['speed', `${values.mips.toFixed(1)} MIPS`],
    ['blocks translated', count(values.blocks)],
    ['regions translated', count(values.regions)],
    ['regions kept from before', count(values.restored_regions)],
    ['  guest instructions in them', count(values.region_instructions)],
    ['generated JavaScript', `${count(Math.ceil(values.cache_characters / 1024))} KiB`],
    ['invalidations', count(values.invalidations)],
    ['host memory', `${count(Math.round(values.host_memory_bytes / 1048576))} MiB`],
  );
  for (const [reason, times] of Object.entries(values.exits)) {
    rows.push([`exits: ${reason}`, count(times)]);
  }
  return rows.toString();
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

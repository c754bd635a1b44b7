/** What QEMU's console showed for a kernel, kept for machines without QEMU. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootAssets } from '../../tools/guest.ts';
import { normalise } from './normalise.ts';
import type { Scenario } from './scenarios.ts';

const RECORDS = fileURLToPath(new URL('records/', import.meta.url));

/** `records/6.1.0-50-s390x/1-cpu.txt`; undefined for scenarios without one. */
function recordFile({ recorded }: Scenario): string | undefined {
  const assets = bootAssets();
  if (recorded === undefined || 'skipped' in assets) return undefined;
  return path.join(RECORDS, assets.release, `${recorded}.txt`);
}

/** The console's text as it was recorded for the kernel in the cache, or undefined. */
export function readRecord(scenario: Scenario): string | undefined {
  const file = recordFile(scenario);
  return file !== undefined && fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
}

export function writeRecord(scenario: Scenario, console: string): void {
  const file = recordFile(scenario);
  if (file === undefined) return;
  const { lines, moving } = normalise(console);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  // Normalising again changes nothing, so a record is compared like any console.
  fs.writeFileSync(file, `${[...lines, ...moving].join('\n')}\n`);
}

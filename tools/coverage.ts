/**
 * Prints which opcodes are declared, by tier of what real guests use (test/isa/tiers.json), and
 * which of the declared ones the edge cases of the tests complete.
 *
 *     node tools/coverage.ts [--json]
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { findMnemonic, INSTRUCTIONS } from '../src/isa/table.ts';
import { executeAll } from '../test/isa/execution.ts';

interface Tier {
  readonly from: string;
  readonly mnemonics: string;
}

interface Row {
  readonly tier: string;
  readonly from: string;
  readonly opcodes: number;
  readonly declared: number;
  /** Not declared, by why. */
  readonly vector: number;
  readonly control: number;
  readonly missing: readonly string[];
}

function readTiers(): Record<string, Tier> {
  const file = path.join(import.meta.dirname, '../test/isa/tiers.json');
  return JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, Tier>;
}

function rowOf(tier: string, { from, mnemonics }: Tier, control: ReadonlySet<string>): Row {
  const all = mnemonics.split(' ');
  const absent = all.filter((mnemonic) => !findMnemonic(mnemonic));
  const vector = absent.filter((mnemonic) => mnemonic.startsWith('V'));
  const privileged = absent.filter((mnemonic) => control.has(mnemonic));
  return {
    tier,
    from,
    opcodes: all.length,
    declared: all.length - absent.length,
    vector: vector.length,
    control: privileged.length,
    missing: absent.filter((mnemonic) => !vector.includes(mnemonic) && !control.has(mnemonic)),
  };
}

function main(): void {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const { control, ...tiers } = readTiers();
  const controls = new Set(control!.mnemonics.split(' '));
  const rows = Object.entries(tiers).map(([name, tier]) => rowOf(name, tier, controls));
  const execution = executeAll();
  const completing = [...execution].filter(([, { completed }]) => completed > 0);
  const never = [...execution].filter(([, { completed }]) => completed === 0).map(([m]) => m);
  if (values.json) {
    const executed = Object.fromEntries(execution);
    console.log(JSON.stringify({ declared: INSTRUCTIONS.length, tiers: rows, executed }));
    return;
  }
  const table = new Table({
    head: ['tier', 'used by', 'opcodes', 'declared', 'vector', 'control', 'missing'],
    style: { head: [], border: [] },
    colWidths: [6, 48, 9, 10, 8, 9, 30],
    wordWrap: true,
  });
  for (const { tier, from, opcodes, declared, vector, control: c, missing } of rows) {
    table.push([tier, from, opcodes, declared, vector, c, missing.join(' ')]);
  }
  console.log(table.toString());
  console.log(
    `${INSTRUCTIONS.length} opcodes declared, ${execution.size} executed on edge values, ` +
      `${completing.length} of them to completion${never.length ? `; never: ${never.join(' ')}` : ''}`,
  );
}

if (import.meta.main) main();

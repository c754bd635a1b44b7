import type { Block } from '../block.ts';
import { OPS } from '../ops.ts';
import { terminalArguments } from '../terminal.ts';

/** Removes pure ops and state reads without users. Loads stay: they may fault. */
export function deadCode(block: Block): void {
  const used = new Set(terminalArguments(block.terminal));
  const kept = [];
  for (let i = block.values.length - 1; i >= 0; i--) {
    const value = block.values[i]!;
    const { effect } = OPS[value.op];
    if ((effect === 'pure' || effect === 'read') && !used.has(value)) continue;
    for (const arg of value.args) used.add(arg);
    kept.push(value);
  }
  block.values = kept.reverse();
}
